"""Network products: by which plugins a node shows that one is meant, and by which links that one was there."""

from __future__ import annotations

import re
from typing import NamedTuple


class Links(NamedTuple):
    """Links that a product makes.

    Attributes:
        name: What they are called.
        kind: Their kind; of another kind they are somebody else's.
    """

    name: re.Pattern[str]
    kind: str


class Product(NamedTuple):
    """A network product.

    Attributes:
        name: Its name.
        types: The plugin types that it puts into its config.
        links: The links that it makes.
        remove: How to remove what it has left behind, as a command.
    """

    name: str
    types: frozenset[str]
    links: tuple[Links, ...]
    remove: str


def _links(**names: str) -> tuple[Links, ...]:
    return tuple(Links(re.compile(name), kind) for kind, name in names.items())


PRODUCTS = (
    Product(
        "flannel",
        frozenset({"flannel"}),
        _links(vxlan=r"flannel\.\d+|flannel-v6\.\d+", wireguard=r"flannel-wg(?:-v6)?", ipip=r"flannel\.ipip"),
        "`ip link del flannel.1; rm -rf /run/flannel`",
    ),
    Product(
        "Calico",
        frozenset({"calico"}),
        _links(veth=r"cali[0-9a-f]{11}", vxlan=r"vxlan(?:-v6)?\.calico", wireguard=r"wg-v6\.cali|wireguard\.cali"),
        "`for l in $(ls /sys/class/net | grep -E '^(cali|vxlan.*calico)'); do ip link del $l; done`",
    ),
    Product(
        "Cilium",
        frozenset({"cilium-cni"}),
        _links(veth=r"cilium_(?:host|net)|lxc_health|lxc[0-9a-f]{12}", vxlan="cilium_vxlan", geneve="cilium_geneve"),
        "`cilium-dbg post-uninstall-cleanup -f`, or: `ip link del cilium_host; ip link del cilium_vxlan`",
    ),
    Product(
        "Weave Net",
        frozenset({"weave-net"}),
        _links(bridge="weave", veth=r"vethwe-.*|vethwepl.*", vxlan=r"vxlan-6784"),
        "`weave reset`, or: `ip link del weave`",
    ),
    Product(
        "kube-router",
        frozenset({"kube-router"}),
        _links(bridge="kube-bridge", ipip=r"tun-.*"),
        "`ip link del kube-bridge`",
    ),
    Product("kubenet", frozenset(), _links(bridge="cbr0"), "`ip link del cbr0`"),
    Product(
        "Antrea",
        frozenset({"antrea"}),
        _links(openvswitch=r"antrea-gw0|antrea-tun0"),
        "`ovs-vsctl del-br br-int`",
    ),
    Product(
        "OVN-Kubernetes",
        frozenset({"ovn-k8s-cni-overlay"}),
        _links(openvswitch=r"ovn-k8s-mp0"),
        "`ovs-vsctl del-br br-int`",
    ),
    Product(
        "the AWS VPC CNI",
        frozenset({"aws-cni"}),
        _links(veth=r"eni[0-9a-f]{11}"),
        "`for l in $(ls /sys/class/net | grep -E '^eni[0-9a-f]{11}$'); do ip link del $l; done`",
    ),
    Product(
        "Azure CNI",
        frozenset({"azure-vnet"}),
        _links(bridge="azure0", veth=r"azv[0-9a-f]+"),
        "`ip link del azure0`",
    ),
    Product("the bridge plugin", frozenset({"bridge", "flannel"}), _links(bridge="cni0"), "`ip link del cni0`"),
)
"""Those whose links can be told from all others."""

META = frozenset({"multus", "multus-shim", "multi-nic", "danm", "genie", "knitter", "nuage", "terway"})
"""Plugins that hand over to others, which need not stand in the config directory."""
