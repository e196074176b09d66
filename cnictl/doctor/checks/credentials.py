"""What network products show to the API server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.facts.uses import delegates_of
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.report.finding import Fix, Location, Severity
from cnictl.text.node import ObjectNode, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.node import Node
    from cnictl.text.node import Member

_KEY = "kubeconfig"
_HOST = "/host/"
"""Where pods of products have the node's root; multus' daemon sees paths from there."""


@check(
    "CNI846",
    "kubeconfig-unusable",
    Severity.ERROR,
    "config files",
    reads="the kubeconfigs that configs name, and when their tokens and certificates end",
    well="every kubeconfig that a config names is there, and its token and certificate are valid",
    leads_to=("add-fails", "del-fails"),
    symptoms=(
        r"error getting ClusterInformation: connection is unauthorized",
        r"stat \S*kubeconfig: no such file or directory",
        r"x509: certificate has expired",
    ),
)
def kubeconfig_unusable(node: Node) -> Iterator[Hit]:
    """The kubeconfig that a plugin is told to use is missing, or no longer valid.

    Why:
        calico, multus, whereabouts and others ask the API server for each pod. Without a valid token they fail with
        "error getting ClusterInformation: connection is unauthorized: Unauthorized", for new pods and for those that
        are to be removed. The product's own pod writes the file again before its token expires; when that pod hangs,
        or watches the wrong file, the token expires.
    Bad:
        "kubeconfig": "/etc/cni/net.d/calico-kubeconfig", and the token in it ended an hour ago
    Good:
        "kubeconfig": "/etc/cni/net.d/calico-kubeconfig", with a token that is valid for hours
    Fix:
        Restart the product's pod on this node, which writes it again; then see why it did not do so by itself.
    Reference:
        projectcalico/calico issues 5712, 8379 and 9428
    """
    seen: set[str] = set()
    for config in _with_networks(node):
        for member in _members(config):
            path = str(member.node.value)
            if path not in seen:
                seen.add(path)
                yield from _hits(node, config, member, path)
    if not seen:
        message = "no config names a kubeconfig"
        raise Skip(message)


def _with_networks(node: Node) -> list[NodeConfig]:
    return [config for config, _ in node.networks()]


def _members(config: NodeConfig) -> Iterator[Member]:
    network = config.network
    for each in (network, *delegates_of(network)) if network else ():
        for value in walk(each.node):
            for member in value if isinstance(value, ObjectNode) else ():
                if member.name.lower() == _KEY and isinstance(member.node.value, str) and member.node.value[:1] == "/":
                    yield member


def _hits(node: Node, config: NodeConfig, member: Member, path: str) -> Iterator[Hit]:
    place, severity = config.location(member.node.label), node.milder_for(config)
    source = node.source(path)
    if source is None:
        status = node.host.status(path) or node.host.status(path.replace(_HOST, "/", 1))
        if status is None:
            message = f"the network {config.title} names the kubeconfig {path}, which is not there"
            fix = Fix(
                "see why the pod of the network product, which writes it, does not run here: `kubectl get pods -A -o "
                "wide`"
            )
            yield Hit(place, message, fix, severity=severity)
        return
    from cnictl.foreign.kubeconfig import date_of, read_kubeconfig

    kubeconfig = read_kubeconfig(source)
    if kubeconfig.trouble:
        message = f"the kubeconfig {path} cannot be used: {kubeconfig.trouble}"
        yield Hit(Location(path), message, _restart(), severity=severity)
    for credential in kubeconfig.credentials:
        if credential.expires is not None and credential.expires <= node.host.now():
            message = f"the {credential.kind} in {path} expired at {date_of(credential.expires)}"
            yield Hit(Location(path), message, _restart(), {"expired": credential.expires}, severity)
        elif credential.file.startswith("/") and node.host.status(credential.file) is None:
            message = f"{path} names a {credential.kind} in {credential.file}, which is not there"
            yield Hit(Location(path), message, _restart(), severity=severity)


def _restart() -> Fix:
    return Fix(
        "delete the network product's pod on this node, such as calico-node (`kubectl get pods -A -o wide` shows it), "
        "so that it writes the file again, and read its log if it does not"
    )
