"""Tables of the kernel that are full, and network devices that it cannot let go."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.doctor.facts.keeping import live_place, set_and_keep
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.errors import SourceError
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node

_MOST_DIGITS = 20
_FULL, _NEARLY = 0.9, 0.7
_CONNTRACK = "net.netfilter.nf_conntrack_max"
_NETNS = "user.max_net_namespaces"
_DROPPED_OF_ALL = 0.001
"""Which part of all packets may have been dropped since boot because none took them in time."""


class Fill(NamedTuple):
    """How full a table is.

    Attributes:
        what: What it holds.
        used: How many.
        setting: The setting that says how many there may be.
        most: How many there may be.
        then: What happens when it is full.
    """

    what: str
    used: int
    setting: str
    most: int
    then: str


@check(
    "CNI865",
    "kernel-table-full",
    Severity.ERROR,
    "kernel",
    reads="how many connections, neighbours and network namespaces there are and may be, and dropped packets",
    well="the kernel's tables have room",
    leads_to=("unreachable", "service-unreachable", "add-fails"),
    symptoms=(
        r"nf_conntrack: (?:nf_conntrack: )?table full, dropping packet",
        r"neighbou?r: \w+_cache: neighbor table overflow",
        r"neighbour table overflow",
        r"failed to create network namespace.*: no space left on device",
    ),
)
def kernel_table_full(node: Node) -> Iterator[Hit]:
    """A table of the kernel is full, or will be soon.

    Why:
        New connections fail at random while old ones go on, and the kernel's log says "nf_conntrack: table full,
        dropping packet" or "neighbour: arp_cache: neighbor table overflow!". Without room for network namespaces no
        pod starts: "no space left on device".
    Bad:
        net.netfilter.nf_conntrack_count = 65400 and net.netfilter.nf_conntrack_max = 65536
    Good:
        net.netfilter.nf_conntrack_count = 5012 and net.netfilter.nf_conntrack_max = 262144
    Fix:
        Raise the limit, such as with `sysctl -w net.netfilter.nf_conntrack_max=262144`, and look for what opens so many
        connections (`conntrack -S`, `ss -s`).
    Reference:
        Linux kernel documentation, "Netfilter Conntrack Sysfs variables" and "IP Sysctl", gc_thresh3; node-problem-
        detector, config/plugin/network_problem.sh
    """
    fills = list(_fills(node))
    if not fills:
        message = "the kernel does not show how full its tables are"
        raise Skip(message)
    for fill in fills:
        part = fill.used / fill.most if fill.most else 0
        if part >= _NEARLY:
            message = f"{fill.used} of at most {fill.most} {fill.what} are in use ({fill.setting}): {fill.then}"
            fix = set_and_keep(node, fill.setting, str(2 * fill.most), safe=False)
            severity = None if part >= _FULL else Severity.WARNING
            yield Hit(live_place(fill.setting), message, fix, {"used": fill.used, "most": fill.most}, severity)
    yield from _dropped(node)


def _fills(node: Node) -> Iterator[Fill]:
    count, most = _number(node, "net.netfilter.nf_conntrack_count"), _number(node, _CONNTRACK)
    if count is not None and most is not None:
        yield Fill("connections", count, _CONNTRACK, most, "when it is full, packets of new ones are dropped")
    for family, what in ((4, "neighbours"), (6, "IPv6 neighbours")):
        setting = f"net.ipv{family}.neigh.default.gc_thresh3"
        entries, most = _neighbours(node, family), _number(node, setting)
        if entries is not None and most is not None:
            yield Fill(what, entries, setting, most, "when it is full, some pods are not reached")
    most, spaces = _number(node, _NETNS), node.pods.netns_mounts
    if most is not None and spaces is not None:
        yield Fill("network namespaces", len(spaces), _NETNS, most, "when it is full, no pod starts")


def _number(node: Node, name: str) -> int | None:
    text = node.sysctl(name)
    return int(text) if text is not None and text.isdecimal() and len(text) < _MOST_DIGITS else None


def _neighbours(node: Node, family: int) -> int | None:
    """How many entries the table of neighbours has; ``None`` when the kernel does not show it.

    The first line names the columns, and each further one is a processor's; all say the same number, in base 16.
    """
    lines = (node.text(f"/proc/1/net/stat/{'arp' if family == 4 else 'ndisc'}_cache") or "").splitlines()  # noqa: PLR2004
    words = lines[1].split() if len(lines) > 1 else []
    try:
        return int(words[0], 16) if words else None
    except ValueError:
        return None


def _dropped(node: Node) -> Iterator[Hit]:
    """Packets that were dropped because the queue before a processor was full."""
    rows = [line.split()[:2] for line in (node.text("/proc/1/net/softnet_stat") or "").splitlines()]
    try:
        taken, dropped = (sum(int(row[column], 16) for row in rows) for column in (0, 1))
    except (ValueError, IndexError):
        return
    if dropped and dropped > _DROPPED_OF_ALL * (taken + dropped):
        setting = "net.core.netdev_max_backlog"
        message = f"{dropped} of {taken + dropped} packets since boot were dropped because too many waited ({setting})"
        most = _number(node, setting) or 1000
        fix = set_and_keep(node, setting, str(2 * most), safe=False)
        yield Hit(live_place(setting), message, fix, {"dropped": dropped, "taken": taken}, Severity.WARNING)


_LOGS = ("/var/log/kern.log", "/var/log/messages", "/var/log/syslog")
_TAIL = 256 * 1024
_STUCK = "unregister_netdevice: waiting for "


@check(
    "CNI867",
    "network-device-stuck",
    Severity.WARNING,
    "kernel",
    reads="the end of kern.log, messages and syslog in /var/log",
    well="the kernel's log tells of no network device that it cannot let go",
    leads_to=("add-fails", "del-fails"),
    symptoms=(r"unregister_netdevice: waiting for \S+ to become free",),
)
def network_device_stuck(node: Node) -> Iterator[Hit]:
    """The kernel waits for a network device of a container that is gone, for ever.

    Why:
        The kernel's log says "unregister_netdevice: waiting for eth0 to become free. Usage count = 1" every ten
        seconds. While it does so, no network namespace can be made or removed on older kernels: pods hang in
        ContainerCreating and Terminating.
    Bad: kern.log
        kernel: unregister_netdevice: waiting for eth0 to become free. Usage count = 1
    Good: kern.log
        kernel: cni0: port 1(veth12345678) entered forwarding state
    Fix:
        Restart the node, and upgrade its kernel: nothing else lets the device go.
    Reference:
        moby/moby issue 5618; node-problem-detector, config/kernel-monitor.json, reason UnregisterNetDevice
    """
    logs = [(path, text) for path in _LOGS if (text := _tail(node, path)) is not None]
    if not logs:
        message = "there is no kernel log in /var/log; see journalctl -k"
        raise Skip(message)
    booted = node.state.booted
    for path, text in logs:
        lines = [line for line in text.splitlines() if _STUCK in line]
        status = node.host.status(path)
        if lines and not (booted and status and status.modified < booted):
            device = lines[-1].partition(_STUCK)[2].split(" ", 1)[0]
            message = f"the kernel waits for the network device {device} to become free, says {path}"
            evidence: dict[str, object] = {"line": lines[-1][:500], "count": len(lines)}
            yield Hit(Location(path), message, Fix("drain and restart the node, then upgrade its kernel"), evidence)
            return


def _tail(node: Node, path: str) -> str | None:
    status = node.host.status(path)
    if status is None or not status.is_file:
        return None
    try:
        return node.host.read_part(path, max(status.size - _TAIL, 0), _TAIL).decode(errors="replace")
    except SourceError:
        return None
