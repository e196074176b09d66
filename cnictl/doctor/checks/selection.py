"""Which config the pods get, where that surprises."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.doctor.facts.directory import directory_of
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.model.files import config_names
from cnictl.report.finding import Fix, Location, Severity
from cnictl.runtime.selection import Runtime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.node import Node

_NUMBER = re.compile(r"\d+")
_NERDCTL = "nerdctl-"
"""Networks that nerdctl makes for its own containers, by their files' names; podman's have a check of their own."""
_PODMAN = "87-podman"
_SAMPLE = re.compile(r"\d+-crio-")
"""Networks that CRI-O's packages bring so that there is one."""
_NIX = "/nix/store/"


@check(
    "CNI842",
    "unexpected-winner",
    Severity.WARNING,
    "config files",
    reads="the names and contents of the configs, as the node's runtime chooses among them",
    well="the config that pods get is the one that its name promises",
    leads_to=("wrong-network",),
)
def unexpected_winner(node: Node) -> Iterator[Hit]:
    """Pods get their network from a config that hardly is the one that is meant.

    containerd takes the first file by name and no other; CRI-O and cri-dockerd take the first that can be used. Names
    are compared byte by byte, so 10-b comes before 9-a, capital letters before small ones, and hidden files before all
    others. Why each of the other configs is not taken is told as a note.

    Why:
        Nothing fails: NetworkReady is true, and pods get addresses of another network than those on other nodes. Often
        it is a copy that an editor or a person has left behind, or the network of nerdctl because the network product
        has not written its config yet. `kubectl get pods -A -o wide` shows the addresses.
    Bad:
        /etc/cni/net.d/10-old.conflist
        /etc/cni/net.d/9-pods.conflist     comes second
    Good:
        /etc/cni/net.d/09-pods.conflist
    Fix:
        Rename the file that is meant so that it comes first, and move the others away.
    Reference:
        containerd/go-cni, function loadFromConfDir; cri-o/ocicni, function loadNetworks; kubernetes/minikube issue 8480
    """
    if not node.has_kubelet:
        message = "there is no kubelet, so each container asks for its network by name"
        raise Skip(message)
    winner = node.choice.taken
    if winner is None or _name(winner).startswith(_PODMAN):  # which podman-network-wins tells
        return
    found = [*_leftover(node, winner), *_not_by_number(node, winner), *_of_another_program(node, winner)]
    yield from found[:1]
    for verdict in node.choice.verdicts if not found else ():
        config = next((each for each in node.configs if each.path.endswith(f"/{verdict.name}")), None)
        passed = verdict.status == "passed-over" and config is not None and config is not node.choice.wrapped
        if passed and config is not None:
            fix = Fix(f"if it is not needed: `mv {config.path} {config.path}.disabled`")
            yield Hit(
                config.location(),
                f"pods do not get the network {config.title}: {verdict.reason}",
                fix,
                severity=Severity.NOTE,
            )


def _others(node: Node, winner: NodeConfig) -> list[NodeConfig]:
    """The other configs that could be taken."""
    loadable = {each.name for each in node.choice.candidates if not each.fault}
    return [each for each in node.configs if each is not winner and _name(each) in loadable]


def _name(config: NodeConfig) -> str:
    return config.path.rpartition("/")[2]


def _leftover(node: Node, winner: NodeConfig) -> Iterator[Hit]:
    name, others = _name(winner), _others(node, winner)
    severity = Severity.ERROR if others else Severity.WARNING
    instead = f", before {_name(others[0])}" if others else ""
    fix = Fix(f"if it is not the one that is meant: `mv {winner.path} /root/`, and run `cnictl doctor` again")
    if name.startswith("."):
        message = f"{node.choice.called} takes the hidden file {name}{instead}: names that begin with a dot come first"
        yield Hit(winner.location(), message, fix, severity=severity)
        return
    reason = _copy(node, name)
    if reason is not None:
        message = f"{node.choice.called} takes {name}{instead}, and {reason}"
        yield Hit(winner.location(), message, fix, severity=severity)


def _copy(node: Node, name: str) -> str | None:
    """Why a config that runtimes read looks like what an editor or a person has left behind."""
    from cnictl.validate.registry import all_rules

    rule = next(rule for rule in all_rules() if rule.code == "CNI604")
    hits = rule.on_directory(directory_of(node)) if rule.on_directory else iter(())
    return next((hit.message.partition(", and ")[2] for hit in hits if hit.file == name), None)


def _not_by_number(node: Node, winner: NodeConfig) -> Iterator[Hit]:
    """A config with a lower number comes after the one that is taken."""
    mine = _NUMBER.match(_name(winner))
    for other in _others(node, winner) if mine else ():
        theirs = _NUMBER.match(_name(other))
        if mine and theirs and int(theirs[0]) < int(mine[0]):
            padded = theirs[0].zfill(len(mine[0]))
            right = f"{padded}{_name(other)[theirs.end() :]}"
            if config_names([right, _name(winner)])[0] != right:
                right = f"0{right}"
            message = (
                f"{_name(other)} comes after {_name(winner)}, so pods get the network {winner.title}: names are "
                f"compared letter by "
                f"letter, not as numbers"
            )
            yield Hit(other.location(), message, Fix(f"`mv {other.path} {node.conf_dir.rstrip('/')}/{right}`"))


def _of_another_program(node: Node, winner: NodeConfig) -> Iterator[Hit]:
    name, others = _name(winner), _others(node, winner)
    if name.startswith(_NERDCTL):
        alone = "there is no other" if not others else f"it comes before {_name(others[0])}"
        message = f"pods get the network {winner.title} of nerdctl ({name}), because {alone}"
        fix = Fix(
            f"see why the pods' network product has written no config, or `mv {winner.path} {winner.path}.disabled`"
        )
        if others:
            fix = Fix(f"`mv {winner.path} {winner.path}.disabled`, or rename it so that it comes last")
        yield Hit(winner.location(), message, fix)
    elif _SAMPLE.match(name) and others:
        message = (
            f"pods get the network {winner.title}, which CRI-O's package brings, as its config comes before "
            f"{_name(others[0])}"
        )
        yield Hit(winner.location(), message, Fix(f"`mv {winner.path} {winner.path}.disabled`"))


@check(
    "CNI843",
    "config-not-followed",
    Severity.WARNING,
    "config files",
    reads="what lies in the config directory: files, links, directories",
    well="every config is a file of its own",
    leads_to=("wrong-network",),
)
def config_not_followed(node: Node) -> Iterator[Hit]:
    """The name of a config belongs to a link or a directory.

    Why:
        Runtimes watch the directory and not what links in it lead to: when that changes, or the link is made to lead
        elsewhere, pods go on with the old network until the runtime is started again. A directory is passed over,
        whatever its name.
    Bad:
        /etc/cni/net.d/10-pods.conflist -> /opt/product/pods.conflist
    Good:
        /etc/cni/net.d/10-pods.conflist    a copy of it
    Fix:
        Put a copy in the place of the link, and write it again when the original changes.
    Reference:
        containerd/go-cni and cri-o/ocicni watch the directory with inotify(7), which does not follow links in it
    """
    for config in node.configs:
        target = node.host.link_target(config.path)
        if target is not None and config.document is not None:
            message = f"{config.path} is a link to {target}: when that changes, runtimes do not notice"
            fix = Fix(f"`cp --remove-destination $(readlink -f {config.path}) {config.path}`")
            milder = node.milder_for(config) is not None or target.startswith(_NIX)
            yield Hit(config.location(), message, fix, severity=Severity.NOTE if milder else None)
    directory = node.conf_dir.rstrip("/")
    for name in config_names(node.names_in(node.conf_dir)):
        status = node.host.status(f"{directory}/{name}")
        if status is not None and status.is_dir and node.host.link_target(f"{directory}/{name}") is None:
            message = f"{directory}/{name} is a directory, and runtimes pass over it"
            fix = Fix(f"`mv {directory}/{name} /root/`, and put its config into {directory} itself")
            yield Hit(Location(f"{directory}/{name}"), message, fix)


@check(
    "CNI844",
    "config-skipped",
    Severity.WARNING,
    "config files",
    reads="the configs, and whether CRI-O can use their plugins",
    well="CRI-O passes over no config because of its plugins",
    leads_to=("wrong-network",),
    follows=("wrong-network",),
    symptoms=(r"Error validating CNI config (?:list )?file",),
)
def config_skipped(node: Node) -> Iterator[Hit]:
    """The runtime passes over a config because of a plugin, and takes the next one.

    Why:
        CRI-O and cri-dockerd ask each plugin for its versions before they take a config, and pass over it when one is
        missing or does not speak the config's version. Nothing fails: pods land in the network of the next file, with
        addresses that other nodes do not know.
    Bad:
        /etc/cni/net.d/10-calico.conflist        calico is not installed
        /etc/cni/net.d/100-crio-bridge.conflist  is taken
    Good:
        /etc/cni/net.d/10-calico.conflist        with /opt/cni/bin/calico
    Fix:
        Install the plugin, or take the config away.
    Reference:
        cri-o/ocicni, function loadNetworks; cri-o/cri-o issue 2411; kubernetes/kubernetes issue 91695
    """
    if node.choice.runtime is not Runtime.CRIO:
        message = "no runtime of this node asks plugins before it takes a config"
        raise Skip(message)
    taken = node.choice.taken
    for config, candidate in zip(node.configs, node.choice.candidates, strict=True):
        if config is taken:
            return
        if taken is not None and candidate.unusable and not candidate.fault:
            message = (
                f"{node.choice.called} passes over the network {config.title}, because {candidate.unusable}, and takes "
            )
            fix = Fix(
                f"install that plugin, or a newer one; if the network is not wanted, `mv {config.path} "
                f"{config.path}.disabled`"
            )
            yield Hit(config.location(), f"{message}the network {taken.title}", fix)
