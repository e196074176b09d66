"""How a setting of the kernel is made, or a module loaded, now and at every boot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.facts.kernel import Presence
from cnictl.foreign.sysctl_d import path_of
from cnictl.report.action import LoadModule, SetSysctl, WriteFile
from cnictl.report.finding import Applicable, Fix, Location

if TYPE_CHECKING:
    from cnictl.doctor.node import Node
    from cnictl.foreign.sysctl_d import Setting

BR_NETFILTER = "br_netfilter"
MORE_MODULES = "the package with its further modules: linux-modules-extra-$(uname -r), or kernel-modules-extra"
"""What to install where a kernel lacks a module: so it is called on Ubuntu, and on Fedora and Red Hat."""
_BY_THEMSELVES = ("/usr/bin/dockerd", "/usr/sbin/dockerd", "/var/snap/microk8s/current", "/var/lib/k0s")
"""Programs that set up forwarding and bridges whenever they start; k3s is another one."""
_ENABLES_FORWARDING = frozenset({"ptp", "flannel", "calico", "cilium-cni"})
_DIRECTORY = "/etc/sysctl.d/"


def live_place(name: str) -> Location:
    """Where the kernel shows a setting."""
    return Location(path_of(name))


def drop_in(name: str) -> str:
    """The file in which cnictl keeps a setting."""
    words = name.removeprefix("net.").replace("/", "-").replace("*", "all")
    return f"{_DIRECTORY}99-cnictl-{words.replace('.', '-')}.conf"


def set_and_keep(node: Node, name: str, value: str, *, safe: bool = True) -> Fix:
    """How to give a setting a value, now and at every boot.

    Args:
        node: The node.
        name: The setting.
        value: Its value.
        safe: Whether a program may do it.
    """
    applicable = Applicable.SAFE if safe else Applicable.UNSAFE
    set_now = SetSysctl(name, value)
    if node.boot.value_of(name) == value:
        return Fix(f"`sysctl -w {name}={_quoted(value)}`", applicable, actions=(set_now,))
    rival = _rival(node, name)
    if rival is not None:
        place = f"{rival.location.file}, line {rival.location.line},"
        return Fix(f"in {place} write {name} = {value}, then run `sysctl -w {name}={_quoted(value)}`")
    path, content = drop_in(name), f"{name} = {value}"
    command = f"`sysctl -w {name}={_quoted(value)} && echo '{content}' > {path}`"
    return Fix(command, applicable, actions=(set_now, WriteFile(path, f"{content}\n")))


def _quoted(value: str) -> str:
    return f"'{value}'" if " " in value else value


def _rival(node: Node, name: str) -> Setting | None:
    """The line that would still decide if cnictl's own file were there."""
    setting = node.boot.setting_of(name)
    if setting is None or setting.is_glob:  # a line that names the setting counts more than one with wildcards
        return None
    directory, _, file = setting.location.file.rpartition("/")
    later = file > drop_in(name).rpartition("/")[2]
    return setting if later or not directory.endswith("/sysctl.d") else None


def load_and_keep(node: Node, module: str, option: str) -> Fix:
    """How to load a module now and at every boot.

    Args:
        node: The node.
        module: The module.
        option: The option of the kernel that it is built with.
    """
    presence = node.kernel.has(module, option)
    if presence is Presence.LOST or node.kernel.lost_modules:
        return Fix(
            f"drain and restart the node: the modules of its kernel {node.kernel.release} are not on the disk any more"
        )
    if presence is Presence.ABSENT:
        return Fix(f"install a kernel with {option}, or {MORE_MODULES}")
    path = f"/etc/modules-load.d/cnictl-{module}.conf"
    actions = (LoadModule(module), WriteFile(path, f"{module}\n"))
    return Fix(f"`modprobe {module} && echo {module} > {path}`", Applicable.SAFE, actions=actions)


def sets_up_itself(node: Node) -> bool:
    """Whether a product on the node sets the kernel up whenever it starts, so that no file has to."""
    return bool({"k3s", "RKE2"} & set(node.runtimes)) or any(map(node.host.status, _BY_THEMSELVES))


def enables_forwarding(node: Node) -> bool:
    """Whether the node forwards from the first pod on, because a plugin or its agent sees to it.

    The bridge plugin does when the bridge is a gateway, and so does ptp, each time that a pod is added.
    """
    if sets_up_itself(node) or node.placements.uses(*_ENABLES_FORWARDING):
        return True
    return any(use.gateways for use in node.promised.bridges)
