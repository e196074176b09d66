"""CNI422 to CNI429: values of one plugin that its schema cannot judge."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.model.view import child_of, given, string_at, value_at
from cnictl.report.finding import Severity
from cnictl.validate.registry import Hit, manual, plugin_rule, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView

_DEVICE_KEYS = ("device", "hwaddr", "kernelpath", "pciBusID")


@plugin_rule("CNI422", "device-missing", Severity.ERROR, "host-device")
def device_missing(plugin: PluginView) -> Iterator[Hit]:
    """host-device is not told which device to move.

    Why:
        The plugin fails for every pod: 'specify either "device", "hwaddr", "kernelpath" or "pciBusID"'.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "fast", "plugins": [{"type": "host-device"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "fast", "plugins": [{"type": "host-device", "device": "eth1"}]}
    Fix:
        Name the device, or declare the capability "deviceID" where the runtime brings it.
    Reference:
        cni.dev, "host-device plugin"
    """
    # What is no string is reported as such.
    told = [node for key in _DEVICE_KEYS if (node := child_of(plugin.node, key)) and node.value not in (None, "")]
    if not told and not given(plugin.node, "runtimeConfig") and "deviceID" not in plugin.capabilities:
        message = "host-device needs one of device, hwaddr, kernelpath and pciBusID"
        yield Hit(plugin.node.label, message, manual('add "device": "..."'))


@plugin_rule("CNI423", "kernel-path-outside-devices", Severity.ERROR, "host-device")
def kernel_path_outside_devices(plugin: PluginView) -> Iterator[Hit]:
    """The kernel path of a device is not one below /sys/devices.

    Why:
        The plugin fails for every pod: "kernel device path ... must be absolute and begin with /sys/devices/". Paths
        below /sys/class are links to it.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "fast", "plugins": [
          {"type": "host-device", "kernelpath": "/sys/class/net/eth1"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "fast", "plugins": [
          {"type": "host-device", "kernelpath": "/sys/devices/pci0000:00/0000:00:1f.6/net/eth1"}]}
    Fix:
        Write what `realpath /sys/class/net/NAME` prints.
    Reference:
        cni.dev, "host-device plugin"
    """
    path = string_at(plugin.node, "kernelpath")
    # The plugin looks at it only when neither of these is there.
    if string_at(plugin.node, "device") or string_at(plugin.node, "hwaddr"):
        return
    if path and not path.startswith("/sys/devices/"):
        message = f'"kernelpath" must begin with /sys/devices/, and this is {path}'
        yield Hit(value_at(plugin.node, "kernelpath").label, message, manual(f"write what `realpath {path}` prints"))


@plugin_rule("CNI424", "dhcp-shares-mac", Severity.WARNING, "ipvlan")
def dhcp_shares_mac(plugin: PluginView) -> Iterator[Hit]:
    """Addresses come from DHCP for interfaces that all have the same MAC address.

    Why:
        ipvlan interfaces have their master's MAC address. A DHCP server that goes by it gives all pods of the node the
        same address.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "ipvlan", "master": "eth0", "ipam": {"type": "dhcp"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "ipam": {"type": "dhcp"}}]}
    Fix:
        Use macvlan, or have host-local give out addresses that the DHCP server leaves alone.
    Reference:
        Linux kernel documentation, "IPVLAN Driver HOWTO", section 6
    """
    node = child_of(plugin.ipam, "type") if plugin.ipam else None
    if node is not None and plugin.ipam_type == "dhcp":
        message = "all ipvlan interfaces share one MAC address, by which DHCP servers tell their clients apart"
        yield Hit(node.label, message, manual("use macvlan, or another IPAM plugin"))


@plugin_rule("CNI425", "interface-name-too-long", Severity.ERROR, "bridge")
def interface_name_too_long(plugin: PluginView) -> Iterator[Hit]:
    """The interface that the bridge makes for its VLAN has a name that is too long.

    Why:
        A bridge that is a gateway in a VLAN gets an interface named after both. Names have 15 bytes at most, so the
        kernel refuses it and every pod fails: "numerical result out of range".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "bridge": "cni-production", "isGateway": true, "vlan": 100}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "bridge": "cni-prod", "isGateway": true, "vlan": 100}]}
    Fix:
        Shorten the bridge's name.
    Reference:
        containernetworking/plugins, bridge, function ensureVlanInterface
    """
    bridge, vlan = string_at(plugin.node, "bridge"), value_at(plugin.node, "vlan").value
    gateway = any(value_at(plugin.node, key).value is True for key in ("isGateway", "isDefaultGateway"))
    if not bridge or not gateway or type(vlan) is not int or vlan <= 0:
        return
    name = f"{bridge}.{vlan}"
    if len(bridge.encode()) <= _IFNAME_MAX < len(name.encode()):
        message = f"the interface {name} would have {len(name.encode())} bytes, and {_IFNAME_MAX} is the most"
        yield Hit(value_at(plugin.node, "bridge").label, message, manual("shorten the bridge's name"))


_IFNAME_MAX = 15


@plugin_rule("CNI426", "bridge-of-another-product", Severity.WARNING, "bridge")
def bridge_of_another_product(plugin: PluginView) -> Iterator[Hit]:
    """The bridge has the name of one that another product makes.

    Why:
        Both give it an address and rules. The plugin then fails with "already has an IP address different from ...", or
        the other product's containers lose their network.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "bridge": "docker0"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "bridge": "cni-pods"}]}
    Fix:
        Choose a name of your own.
    Reference:
        Docker documentation, "Bridge network driver"
    """
    product = _PRODUCTS.get(string_at(plugin.node, "bridge") or "")
    if product:
        name = value_at(plugin.node, "bridge")
        yield Hit(name.label, f"{name.value} is the bridge of {product}", manual("choose a name of your own"))


_PRODUCTS = {"docker0": "Docker", "virbr0": "libvirt", "lxcbr0": "LXC", "lxdbr0": "LXD", "podman0": "Podman"}


@plugin_rule("CNI427", "sysctl-outside-net", Severity.ERROR, "tuning")
def sysctl_outside_net(plugin: PluginView) -> Iterator[Hit]:
    """tuning is to set a kernel setting that does not belong to a network namespace.

    Why:
        The plugin fails for every pod: "invalid net sysctl key".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "tuning", "sysctl": {"kernel.shmmax": "68719476736"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "tuning", "sysctl": {"net.core.somaxconn": "500"}}]}
    Fix:
        Set it on the node, or in the Pod's securityContext.sysctls.
    Reference:
        cni.dev, "tuning plugin", section "System Controls Operation"
    """
    node = plugin.node.folded("sysctl")
    for member in getattr(node.node, "members", ()) if node else ():
        if not re.match(r"/*net[./]", member.name):
            message = f"tuning sets only what begins with net., and this is {member.name}"
            yield Hit(member.label, message, manual("remove it here, and set it on the node or in the Pod"))


@plugin_rule("CNI428", "firewall-backend-unknown", Severity.WARNING, "firewall")
def firewall_backend_unknown(plugin: PluginView) -> Iterator[Hit]:
    """firewall does not know the backend, and chooses one itself.

    Why:
        Any other word than iptables and firewalld means "choose": rules are written with iptables, or with firewalld
        where it runs, and nothing says so.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "firewall", "backend": "nftables"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "firewall", "backend": "iptables"}]}
    Fix:
        Write "iptables" or "firewalld", or leave the key out.
    Reference:
        containernetworking/plugins, firewall, function getBackend
    """
    backend = string_at(plugin.node, "backend")
    if backend and backend not in ("iptables", "firewalld"):
        message = f'firewall has no backend "{backend}" and chooses iptables or firewalld itself'
        yield Hit(value_at(plugin.node, "backend").label, message, safe("leave the key out"))


@plugin_rule("CNI429", "mark-bit-taken", Severity.WARNING, "portmap")
def mark_bit_taken(plugin: PluginView) -> Iterator[Hit]:
    """portmap marks packets with a bit that Kubernetes or Calico uses.

    Why:
        kube-proxy masquerades packets with bit 14 and drops those with bit 15; Calico takes bits 20 to 31 for its own
        verdicts. Forwarded packets meet the fate of the other's.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "portmap", "capabilities": {"portMappings": true}, "markMasqBit": 14}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "portmap", "capabilities": {"portMappings": true}, "markMasqBit": 13}]}
    Fix:
        Leave the key out: 13 is nobody else's.
    Reference:
        Kubernetes documentation, kube-proxy, option --iptables-masquerade-bit
    """
    bit = value_at(plugin.node, "markMasqBit")
    if type(bit.value) is int and bit.value in (*_KUBERNETES_BITS, *_CALICO_BITS):
        owner = "Calico" if bit.value in _CALICO_BITS else "Kubernetes"
        yield Hit(bit.label, f"bit {bit.value} belongs to {owner}", safe("leave the key out: then it is bit 13"))


_KUBERNETES_BITS = (14, 15)
_CALICO_BITS = range(20, 32)
