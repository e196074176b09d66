"""What plugins need of the node besides themselves: programs, links, settings of the kernel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.errors import CNIError
from cnictl.model.version import SpecVersion
from cnictl.model.view import child_of, is_true, object_at, string_at
from cnictl.report.finding import Fix, Severity
from cnictl.validate.pools import families

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.uses import Use
    from cnictl.doctor.node import Node
    from cnictl.report.finding import Location

_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""The directories that systemd gives services to find programs in."""
_OF_PRODUCTS = ("/var/lib/rancher/rke2/bin", "/var/lib/k0s/bin")
"""Where products have programs of their own."""
_WITH_TOOLS = ("k3s", "microk8s")
"""Products that have iptables and the like inside themselves."""
_PACKAGES = {"iptables": "iptables", "ip6tables": "iptables", "nft": "nftables", "ip": "iproute2"}
_DBUS = ("/run/dbus/system_bus_socket", "/var/run/dbus/system_bus_socket")
_IPV6 = 6
_ALLOWLIST = "/etc/cni/tuning/allowlist.conf"


class _Need(NamedTuple):
    """A program that a plugin runs.

    Attributes:
        program: Its name.
        why: What the plugin needs it for.
        instead: A program that newer plugins take when it is not there.
    """

    program: str
    why: str
    instead: str = ""


@check(
    "CNI851",
    "tool-missing",
    Severity.ERROR,
    "plugins",
    reads="every config, and the directories in which services find programs",
    well="the programs that the plugins run are installed",
    leads_to=("add-fails", "del-fails"),
    symptoms=(
        r"failed to locate ip6?tables",
        r'exec: "(?:ip6?tables|nft|ip)": executable file not found in \$PATH',
        r"dial unix /(?:var/)?run/dbus/system_bus_socket",
    ),
)
def tool_missing(node: Node) -> Iterator[Hit]:
    """A program that plugins run is not installed on the node.

    Why:
        bridge and ptp with "ipMasq", portmap and firewall change rules with iptables or nft, and tap makes its device
        with ip. Minimal images have none of them: every pod fails with 'failed to locate iptables: exec: "iptables":
        executable file not found in $PATH'. With "backend": "firewalld" firewall asks for it over D-Bus.
    Bad:
        a config with portmap, and neither iptables nor nft on the node
    Good:
        /usr/sbin/iptables
    Fix:
        Install the package that brings it.
    Reference:
        containernetworking/plugins, pkg/ip/ipmasq_linux.go and plugins/meta/portmap/main.go
    """
    if node.runtime is not None and node.runtime.kind.product in _WITH_TOOLS:
        message = f"{node.runtime.kind.product} brings these programs itself"
        raise Skip(message)
    seen: set[tuple[str, str]] = set()
    for use in node.uses.all:
        for need in _needs(use):
            lacks = not _is_there(node, need.program) and not _has_instead(node, use, need)
            if lacks and (need.program, use.config.path) not in seen:
                seen.add((need.program, use.config.path))
                message = (
                    f"{use.type} of the network {use.config.title} needs {need.program} {need.why}, and it is not "
                    f"installed"
                )
                fix = Fix(
                    "install the package {0}: `apt install {0}`, or `dnf install {0}`".format(_PACKAGES[need.program])
                )
                yield Hit(_place(use), message, fix, {"path": list(_PATH)}, use.severity)
        yield from _without_dbus(node, use)


def _place(use: Use) -> Location:
    return use.config.location(use.place.label)


def _needs(use: Use) -> Iterator[_Need]:
    node = use.plugin.node
    if use.type == "tap":
        yield _Need("ip", "to make its device")
    if use.type != use.plugin.type:
        return
    six = _IPV6 in families(use.plugin)
    if use.type in ("bridge", "ptp") and is_true(node, "ipMasq"):
        yield from _filter(string_at(node, "ipMasqBackend"), "for ipMasq", six=six)
    elif use.type == "portmap":
        yield from _filter(string_at(node, "backend"), "to open hostPorts", six=False)
    elif use.type == "firewall" and string_at(node, "backend") == "iptables":
        yield _Need("iptables", "to let packets through")


def _filter(backend: str | None, why: str, *, six: bool) -> Iterator[_Need]:
    if backend == "nftables":
        yield _Need("nft", why)
        return
    instead = "" if backend == "iptables" else "nft"
    yield _Need("iptables", why, instead)
    if six:
        yield _Need("ip6tables", why, instead)


def _is_there(node: Node, program: str) -> bool:
    return any(node.host.status(f"{directory}/{program}") for directory in (*_PATH, *_OF_PRODUCTS))


def _has_instead(node: Node, use: Use, need: _Need) -> bool:
    """Whether the plugin takes another program: those from v1.6.0 on do, which speak 1.1.0."""
    if not need.instead or not _is_there(node, need.instead):
        return False
    try:
        spoken = node.spoken.of(use.type)
    except Skip:
        return True
    return spoken is None or isinstance(spoken, CNIError) or str(SpecVersion.V1_1_0) in spoken


def _without_dbus(node: Node, use: Use) -> Iterator[Hit]:
    asks = use.type == "firewall" and string_at(use.plugin.node, "backend") == "firewalld"
    if asks and not any(node.host.status(path) for path in _DBUS):
        message = f"firewall of the network {use.config.title} is told to ask firewalld, and there is no {_DBUS[0]}"
        fix = Fix(f'write "backend": "iptables" into {use.config.path}, or install and start dbus and firewalld')
        yield Hit(_place(use), message, fix, severity=use.severity)


@check(
    "CNI854",
    "master-missing",
    Severity.ERROR,
    "plugins",
    reads="the masters that macvlan, ipvlan and vlan name, and the links and routes of the node",
    well="every link that pods are to be put on is there",
    leads_to=("add-fails", "del-fails"),
    symptoms=(r"\(add\): Link not found", r"no default route interface found", r'failed to lookup master "'),
)
def master_missing(node: Node) -> Iterator[Hit]:
    """The link that pods are to be put on does not exist.

    Why:
        macvlan, ipvlan and vlan put the pod's interface on a link of the node, the master: every pod fails with "Link
        not found". Names differ between machines, eth0 here and ens3 there, and change with new hardware. Without
        "master" the link of the default route is taken, and without a default route pods fail with "no default route
        interface found".
    Bad:
        {"type": "macvlan", "master": "eth1"} on a node that has no eth1
    Good:
        {"type": "macvlan", "master": "eth0"} on a node that has eth0
    Fix:
        Write the name of a link that is there; `ip -br link` shows them.
    Reference:
        cni.dev, "macvlan plugin", "ipvlan plugin" and "vlan plugin"
    """
    uses = [use for use in node.uses.all if use.type == use.plugin.type and use.type in ("macvlan", "ipvlan", "vlan")]
    uses = [use for use in uses if not is_true(use.plugin.node, "linkInContainer")]
    if not uses:
        message = "no config puts pods on a link of the node"
        raise Skip(message)
    names = {link.name for link in node.survey.links}
    usual = next((route for route in node.survey.routes if route.target in ("0.0.0.0/0", "::/0")), None)
    for use in uses:
        master = child_of(use.plugin.node, "master")
        name = string_at(use.plugin.node, "master")
        place = use.config.location((master or use.place).label)
        if name and name not in names:
            message = (
                f"{use.type} of the network {use.config.title} is told to put pods on {name}, and there is no such link"
            )
            shown = ", ".join(sorted(names - {"lo"})[:8]) or "none"
            yield Hit(
                place,
                message,
                Fix(f'write one that is there as "master" into {use.config.path}: {shown}'),
                severity=use.severity,
            )
        elif not name and use.type != "vlan" and usual is None:
            message = (
                f"{use.type} of the network {use.config.title} names no master, and there is no default route to "
                f"take its link"
            )
            yield Hit(
                place,
                message,
                Fix(f'add "master" with the name of a link (`ip -br link`) to {use.config.path}'),
                severity=use.severity,
            )


@check(
    "CNI855",
    "setting-missing",
    Severity.ERROR,
    "plugins",
    reads=f"the settings that tuning is to write, the kernel's settings, and {_ALLOWLIST}",
    well="every setting that tuning is to write exists and is allowed",
    leads_to=("add-fails",),
    symptoms=(r"\(add\): open /proc/sys/net/\S+: no such file or directory", r"Sysctl \S+ is not allowed"),
)
def setting_missing(node: Node) -> Iterator[Hit]:
    """A setting of the kernel that tuning is to write does not exist, or is not on the node's list.

    Why:
        tuning opens the file of each setting in /proc/sys and fails when it is not there: "open
        /proc/sys/net/ipv4/no_such: no such file or directory". Where there is a list of allowed settings, all others
        are refused: "Sysctl ... is not allowed".
    Bad:
        {"type": "tuning", "sysctl": {"net.ipv4.no_such": "1"}}
    Good:
        {"type": "tuning", "sysctl": {"net.ipv4.conf.IFNAME.arp_notify": "1"}}
    Fix:
        Correct the name, load the module that brings the setting, or add it to the list.
    Reference:
        cni.dev, "tuning plugin"; containernetworking/plugins, plugins/meta/tuning/tuning.go
    """
    uses = [use for use in node.uses.all if use.type == "tuning" and object_at(use.plugin.node, "sysctl")]
    if not uses:
        message = "no config has tuning write a setting"
        raise Skip(message)
    allowed = _allowed(node)
    for use in uses:
        for member in object_at(use.plugin.node, "sysctl") or ():
            place = use.config.location(member.label)
            if allowed is not None and not any(_matches(pattern, member.name) for pattern in allowed):
                message = (
                    f"tuning of the network {use.config.title} is told to write {member.name}, which is not in "
                    f"{_ALLOWLIST}"
                )
                yield Hit(
                    place, message, Fix(f"`echo '^{re.escape(member.name)}$' >> {_ALLOWLIST}`"), severity=use.severity
                )
            elif not _exists(node, member.name):
                message = (
                    f"tuning of the network {use.config.title} is told to write {member.name}, which this kernel "
                    f"does not have"
                )
                yield Hit(
                    place,
                    message,
                    Fix(f"correct the name in {use.config.path}, or load the module that brings the setting"),
                    severity=use.severity,
                )


def _allowed(node: Node) -> list[str] | None:
    """The patterns of the node's list; ``None`` when there is no list, so that all is allowed."""
    text = node.text(_ALLOWLIST)
    return None if text is None else [line.strip() for line in text.split("\n") if line.strip()]


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return True  # Go's expressions are others


def _exists(node: Node, name: str) -> bool:
    """Whether the kernel has a setting; the pod's interface has those that ``lo`` has."""
    path = name.replace(".", "/").replace("IFNAME", "lo", 1)
    return not path.startswith("net/") or ".." in path or node.sysctl(path.replace("/", ".")) is not None
