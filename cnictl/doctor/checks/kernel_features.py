"""What the kernel must have been built with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.doctor.facts.keeping import MORE_MODULES
from cnictl.doctor.facts.kernel import Presence
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.model.view import is_true
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.model.view import PluginView


class Feature(NamedTuple):
    """Something that a kernel may have.

    Attributes:
        module: The name of its module.
        option: What it is built with.
        what: What it is, in words.
    """

    module: str
    option: str
    what: str


_VETH = Feature("veth", "CONFIG_VETH", "pairs of virtual links")
_BRIDGE = Feature("bridge", "CONFIG_BRIDGE", "bridges")
_OF_TYPES = {
    "bridge": (_BRIDGE, _VETH),
    "ptp": (_VETH,),
    "flannel": (_VETH,),
    "calico": (_VETH,),
    "macvlan": (Feature("macvlan", "CONFIG_MACVLAN", "links of the kind macvlan"),),
    "ipvlan": (Feature("ipvlan", "CONFIG_IPVLAN", "links of the kind ipvlan"),),
    "vlan": (Feature("8021q", "CONFIG_VLAN_8021Q", "VLANs"),),
    "vrf": (Feature("vrf", "CONFIG_NET_VRF", "links of the kind vrf"),),
    "dummy": (Feature("dummy", "CONFIG_DUMMY", "links of the kind dummy"),),
    "tap": (Feature("tun", "CONFIG_TUN", "links of the kind tap"),),
    "bandwidth": (
        Feature("sch_tbf", "CONFIG_NET_SCH_TBF", "the queue tbf, which limits bandwidth"),
        Feature("sch_ingress", "CONFIG_NET_SCH_INGRESS", "the queue ingress, which limits bandwidth"),
        Feature("ifb", "CONFIG_IFB", "links of the kind ifb, which limit bandwidth"),
        Feature("act_mirred", "CONFIG_NET_ACT_MIRRED", "the action mirred, which limits bandwidth"),
    ),
}
_NAT = Feature("nf_nat", "CONFIG_NF_NAT", "translation of addresses")
_BPF = "/sys/fs/bpf"


@check(
    "CNI863",
    "kernel-feature-missing",
    Severity.ERROR,
    "kernel",
    reads="the plugins in use, /proc/modules, /sys/module, the kernel's configuration and the lists of its modules",
    well="the kernel has what the plugins need",
    leads_to=("add-fails",),
    symptoms=(
        r"failed to create (?:ipvlan|macvlan|vlan|vrf|dummy)\S*: operation not supported",
        r"could not add VRF \S+: operation not supported",
        r"failed to make veth pair: operation not supported",
        r"[Cc]ouldn't load (?:match|target) `?\w+'?",
        r"Warning: Extension \w+ (?:revision \d+ )?not supported, missing kernel module",
        r"modprobe: FATAL: Module \S+ not found in directory",
    ),
)
def kernel_feature_missing(node: Node) -> Iterator[Hit]:
    """The kernel lacks something that a plugin needs, or cannot load it.

    Why:
        Pods do not start: "failed to create ipvlan: operation not supported", or iptables says "Couldn't load match
        `comment'" or "Extension MASQUERADE revision 0 not supported, missing kernel module?". When the kernel has been
        upgraded and the node not restarted, modprobe says "Module ... not found in directory /lib/modules/...".
    Bad:
        the plugin "ipvlan", and a kernel with "# CONFIG_IPVLAN is not set"
    Good:
        CONFIG_IPVLAN=m, and ipvlan.ko in /lib/modules/$(uname -r)
    Fix:
        Restart the node after an upgrade of its kernel; else install a kernel, or the package of modules, that has it.
    Reference:
        calicoctl, "calicoctl node checksystem"; moby/moby, contrib/check-config.sh
    """
    if node.kernel.release is None:
        message = "no kernel runs on what is mounted here, so it is not known which one will"
        raise Skip(message)
    used = node.placements.plugins
    if not used:
        message = "there is no network config in use, so it is not known what the kernel must have"
        raise Skip(message)
    wanted = {feature: plugin for _, plugin in used for feature in _features(plugin)}
    missing = [hit for feature, plugin in wanted.items() for hit in _missing(node, feature, plugin)]
    yield from missing
    if node.kernel.lost_modules and not missing:
        yield _lost(node)
    if node.placements.uses("cilium-cni"):
        yield from _bpf(node)


def _features(plugin: PluginView) -> Iterator[Feature]:
    yield from _OF_TYPES.get(plugin.type or "", ())
    if plugin.type == "portmap" or is_true(plugin.node, "ipMasq"):
        yield _NAT


def _missing(node: Node, feature: Feature, plugin: PluginView) -> Iterator[Hit]:
    presence = node.kernel.has(feature.module, feature.option)
    needs = f"the plugin {plugin.type} needs {feature.what}"
    place = Location(f"/lib/modules/{node.kernel.release}")
    evidence = {"module": feature.module, "option": feature.option, "presence": presence.value}
    if presence is Presence.ABSENT:
        message = f"{needs}, and the kernel {node.kernel.release} has been built without ({feature.option})"
        if node.kernel.options.get(feature.option) == "m":
            message = f"{needs}, and the module {feature.module} is not among those of the kernel {node.kernel.release}"
        fix = Fix(f"install a kernel that has it, or {MORE_MODULES}")
        yield Hit(place, message, fix, evidence)
    elif presence is Presence.LOST:
        message = f"{needs}, and the module {feature.module} cannot be loaded: {place.file} is not there"
        yield Hit(
            place, message, Fix("drain the node and restart it, so that it runs the kernel that is installed"), evidence
        )
    elif presence is Presence.LOADABLE and not node.kernel.may_load:
        message = f"{needs}, and the module {feature.module} cannot be loaded: kernel.modules_disabled is 1"
        fix = Fix(
            f"`echo {feature.module} > /etc/modules-load.d/cnictl-{feature.module}.conf`, then drain the node and "
            f"restart it"
        )
        yield Hit(place, message, fix, evidence)


def _lost(node: Node) -> Hit:
    """What is not loaded yet cannot be any more; whether something still has to be is not known."""
    place = f"/lib/modules/{node.kernel.release}"
    message = (
        f"{place} is not there: the kernel has been upgraded, and what is not loaded yet cannot be until a restart"
    )
    return Hit(Location(place), message, Fix("drain the node and restart it"), severity=Severity.WARNING)


def _bpf(node: Node) -> Iterator[Hit]:
    if node.mounts.all and not any(mount.kind == "bpf" and mount.target == _BPF for mount in node.mounts.all):
        message = (
            f"no file system of the kind bpf is mounted at {_BPF}, so Cilium's state is lost when its agent restarts"
        )
        fix = Fix(f"`mount -t bpf bpffs {_BPF} && echo 'bpffs {_BPF} bpf defaults 0 0' >> /etc/fstab`")
        yield Hit(Location(_BPF), message, fix, severity=Severity.WARNING)
