"""Settings of the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.model.view import object_at, string_at
from cnictl.report.finding import Applicable, Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.model.view import PluginView

_BRIDGE_NF = "net.bridge.bridge-nf-call-iptables"
_IP_FORWARD = "net.ipv4.ip_forward"


def _on_a_bridge(plugin: PluginView) -> bool:
    """Whether a plugin puts pods on a Linux bridge; flannel hands over to the bridge plugin unless told otherwise."""
    if plugin.type == "bridge":
        return True
    delegate = object_at(plugin.node, "delegate")
    return plugin.type == "flannel" and (string_at(delegate, "type") if delegate else "bridge") in ("bridge", None)


@check(
    "CNI809",
    "bridge-netfilter-off",
    Severity.ERROR,
    "kernel",
    reads=f"every config, and {_BRIDGE_NF}",
    well="traffic on the bridge passes through iptables",
)
def bridge_netfilter_off(node: Node) -> Iterator[Hit]:
    """Pods are on a Linux bridge, and traffic on it does not pass through iptables.

    Why:
        kube-proxy's rules never see packets between two pods on the same node: a Service works from other nodes and
        fails from this one, DNS first of all. Before Kubernetes 1.24 the kubelet's own network code set this for you.
    Bad:
        a config with the plugin "bridge", and net.bridge.bridge-nf-call-iptables = 0 or br_netfilter not loaded
    Good:
        net.bridge.bridge-nf-call-iptables = 1
    Fix:
        Load br_netfilter, set it to 1, and keep both for the next boot.
    Reference:
        Kubernetes documentation, "Network Plugins", section "Network Plugin Requirements"
    """
    users = (config for config, plugin in node.plugins() if _on_a_bridge(plugin))
    user = next((config for config in users if node.milder_for(config) is None), None)
    if user is None:
        message = "no config that is in use puts pods on a Linux bridge"
        raise Skip(message)
    if node.runtimes == ["podman"] and not node.has_kubelet:
        message = "there is no kubelet, and podman does not need it"
        raise Skip(message)
    value = node.sysctl(_BRIDGE_NF)
    if value == "1":
        return
    if value is None:
        message = f"{_BRIDGE_NF} does not exist: the module br_netfilter is not loaded"
        fix = Fix("modprobe br_netfilter && echo br_netfilter > /etc/modules-load.d/br_netfilter.conf", Applicable.SAFE)
    else:
        message = f"{_BRIDGE_NF} is {value}, and the network {user.title} uses a bridge"
        fix = _set_sysctl(_BRIDGE_NF)
    yield Hit(_sysctl_file(_BRIDGE_NF), message, fix, {"value": value})


@check(
    "CNI810",
    "ip-forward-off",
    Severity.ERROR,
    "kernel",
    reads=_IP_FORWARD,
    well="the node forwards packets",
)
def ip_forward_off(node: Node) -> Iterator[Hit]:
    """The node does not forward packets.

    Why:
        Pods reach their own node and nothing else. kubeadm refuses such a node with "[ERROR
        FileContent--proc-sys-net-ipv4-ip_forward]".
    Bad:
        net.ipv4.ip_forward = 0
    Good:
        net.ipv4.ip_forward = 1
    Fix:
        Set it to 1, and keep it for the next boot.
    Reference:
        Kubernetes documentation, "Container Runtimes", section "Enable IPv4 packet forwarding"
    """
    if not node.has_kubelet and not node.configs:
        message = "there is neither a kubelet nor a network config, so nothing needs the node to forward packets"
        raise Skip(message)
    value = node.sysctl(_IP_FORWARD)
    if value is None:
        message = f"{_IP_FORWARD} does not exist here, so it cannot be known"
        raise Skip(message)
    if value == "0":
        message = f"{_IP_FORWARD} is 0, so pods reach nothing beyond this node"
        yield Hit(_sysctl_file(_IP_FORWARD), message, _set_sysctl(_IP_FORWARD), {"value": value})


def _sysctl_file(name: str) -> Location:
    return Location(f"/proc/sys/{name.replace('.', '/')}")


def _set_sysctl(name: str) -> Fix:
    command = f"sysctl -w {name}=1 && echo '{name} = 1' > /etc/sysctl.d/99-{name.rsplit('.', 1)[-1]}.conf"
    return Fix(command, Applicable.SAFE)
