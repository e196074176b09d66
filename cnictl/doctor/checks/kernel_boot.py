"""What works now and will not after the next boot."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.doctor.checks.sysctl import bridge_user
from cnictl.doctor.facts.keeping import (
    BR_NETFILTER,
    drop_in,
    enables_forwarding,
    live_place,
    set_and_keep,
    sets_up_itself,
)
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.report.action import WriteFile
from cnictl.report.finding import Applicable, Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.foreign.sysctl_d import Setting


_ALSO = {"net.ipv4.ip_forward": "net.ipv4.conf.all.forwarding"}
"""The second names of settings."""


class Need(NamedTuple):
    """A setting that the node needs.

    Attributes:
        name: The setting.
        without: What happens without it, as a sentence.
        by_itself: Whether it has this value without a file.
    """

    name: str
    without: str
    by_itself: bool


@check(
    "CNI862",
    "not-kept-for-boot",
    Severity.WARNING,
    "kernel",
    reads="sysctl.d, sysctl.conf and modules-load.d in the order of boot, and what they decide as it is now",
    well="what the kernel is set to now, it is set to after the next boot",
    leads_to=("lost-at-boot",),
)
def not_kept_for_boot(node: Node) -> Iterator[Hit]:
    """A setting or a module that pods need is there now, and will not be after the next boot.

    Why:
        It has been made by hand, or a file that is read later takes it back: of /etc/sysctl.d, /run/sysctl.d and
        /usr/lib/sysctl.d the last name counts, whichever directory it is in, and 00-system.conf loses to all. The node
        works until it is restarted, and nobody remembers why. `systemd-analyze cat-config sysctl.d` shows the files.
    Bad:
        /etc/sysctl.d/99-hardening.conf with the line net.ipv4.ip_forward = 0
    Good:
        /etc/sysctl.d/99-hardening.conf with the line net.ipv4.ip_forward = 1
    Fix:
        Correct the line, or delete it and write the setting into a file of its own.
    Reference:
        sysctl.d(5), section "Configuration Directories and Precedence"; modules-load.d(5)
    """
    needs = list(_needs(node))
    if not needs:
        message = "nothing on this node needs settings of the kernel"
        raise Skip(message)
    for need in needs:
        yield from _of_setting(node, need)
    if _on_a_bridge(node):
        yield from _of_module(node)


def _needs(node: Node) -> Iterator[Need]:
    if not node.has_kubelet and not node.configs:
        return
    by_itself = enables_forwarding(node) or not node.has_kubelet
    yield Need("net.ipv4.ip_forward", "pods reach nothing beyond this node", by_itself)
    if 6 in node.placements.families:  # noqa: PLR2004  # IPv6
        yield Need("net.ipv6.conf.all.forwarding", "pods reach nothing beyond this node by IPv6", by_itself)
    if _on_a_bridge(node):  # what the kernel begins with is right for these
        yield Need("net.bridge.bridge-nf-call-iptables", "services do not answer pods of the same node", True)  # noqa: FBT003


def _on_a_bridge(node: Node) -> bool:
    try:
        return bridge_user(node) is not None
    except Skip:
        return False


def _of_setting(node: Node, need: Need) -> Iterator[Hit]:
    setting = _setting(node, need.name)
    live = _live(node, need.name)
    if setting is not None and setting.value == "0" and live != "0":
        message = f"{need.name} is set to 0 at boot, and then {need.without}"
        yield Hit(setting.location, message, _correct(node, need.name, setting), {"setting": need.name, "live": live})
    elif setting is None and live == "1" and not need.by_itself:
        message = f"{need.name} is 1 now, and no file sets it: after the next boot {need.without}"
        path, content = drop_in(need.name), f"{need.name} = 1"
        fix = Fix(f"`echo '{content}' > {path}`", Applicable.SAFE, actions=(WriteFile(path, f"{content}\n"),))
        yield Hit(live_place(need.name), message, fix, {"setting": need.name, "live": live})


def _setting(node: Node, name: str) -> Setting | None:
    """The line that decides; forwarding has a second name, under which files set it as well."""
    own, other = node.boot.setting_of(name), node.boot.setting_of(_ALSO[name]) if name in _ALSO else None
    return other if own is None and other is not None and other.value == "1" else own


def _live(node: Node, name: str) -> str | None:
    """The value now; ``None`` where it cannot be seen."""
    try:
        return node.sysctl(name)
    except Skip:
        return None


def _correct(node: Node, name: str, setting: Setting) -> Fix:
    fix = set_and_keep(node, name, "1")
    if fix.actions:
        return fix
    return Fix(f"in {setting.location.file}, line {setting.location.line}, write {name} = 1")


def _of_module(node: Node) -> Iterator[Hit]:
    """br_netfilter, which nothing loads on demand."""
    if BR_NETFILTER in node.kernel.loaded and BR_NETFILTER not in node.boot.modules and not sets_up_itself(node):
        message = f"the module {BR_NETFILTER} is loaded now, and no file has it loaded at boot"
        path = f"/etc/modules-load.d/cnictl-{BR_NETFILTER}.conf"
        action = WriteFile(path, f"{BR_NETFILTER}\n")
        fix = Fix(f"`echo {BR_NETFILTER} > {path}`", Applicable.SAFE, actions=(action,))
        yield Hit(Location("/etc/modules-load.d"), message, fix, {"module": BR_NETFILTER})
