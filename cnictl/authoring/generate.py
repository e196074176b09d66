"""Makes network configs that a node can run in production."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnictl.errors import UsageError
from cnictl.model.address import parse_cidr
from cnictl.model.names import ifname_fault, network_name_fault
from cnictl.model.special import special_use
from cnictl.model.version import SpecVersion, names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_IFNAME_MAX = 15
_BRIDGE_PREFIX = "cni-"
_LEAST_BITS = 4
"""Bits that a subnet leaves for addresses, at least: 13 pods in IPv4."""
_DEFAULT_ROUTES = {4: "0.0.0.0/0", 6: "::/0"}


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a config is to be.

    Attributes:
        name: The network's name.
        subnets: Networks to give addresses from, with prefix lengths; one, or one of each family.
        portmap: Whether to forward the ports that pods ask for with ``hostPort``.
        bandwidth: Whether to limit the bandwidth of pods that ask for it.
        cni_version: The spec version.
        bridge: Name of the bridge; made from the network's name when ``None``.
        mtu: MTU in bytes; the kernel's choice when ``None``.
    """

    name: str
    subnets: Sequence[str]
    portmap: bool = False
    bandwidth: bool = False
    cni_version: str = str(SpecVersion.V1_0_0)
    bridge: str | None = None
    mtu: int | None = None


def generate_bridge(recipe: Recipe) -> dict[str, Any]:
    """A network of pods on a Linux bridge, with a route to the outside.

    The bridge is the pods' gateway and traffic that leaves the subnet is masqueraded. Hairpin mode lets a pod reach
    itself through its own service or host port.

    Args:
        recipe: What the config is to be.

    Returns:
        The config as JSON data, its keys in the order in which people read them.

    Raises:
        UsageError: The recipe cannot be followed.
    """
    version = _version(recipe)
    fault = network_name_fault(recipe.name)
    if fault:
        raise UsageError(fault)
    subnets = _subnets(recipe.subnets)
    interface: dict[str, Any] = {
        "type": "bridge",
        "bridge": _bridge_name(recipe),
        "isGateway": True,
        "ipMasq": True,
        "hairpinMode": True,
    }
    if recipe.mtu is not None:
        interface["mtu"] = _mtu(recipe.mtu)
    interface["ipam"] = {
        "type": "host-local",
        "ranges": [[{"subnet": subnet}] for subnet in subnets.values()],
        "routes": [{"dst": _DEFAULT_ROUTES[family]} for family in subnets],
    }
    plugins = [interface]
    if recipe.portmap:
        plugins.append({"type": "portmap", "capabilities": {"portMappings": True}})
    if recipe.bandwidth:
        plugins.append({"type": "bandwidth", "capabilities": {"bandwidth": True}})
    return {"cniVersion": str(version), "name": recipe.name, "plugins": plugins}


KINDS: dict[str, Callable[[Recipe], dict[str, Any]]] = {"bridge": generate_bridge}
"""The kinds of networks, by the type of the plugin that makes the interface."""


def to_text(config: dict[str, Any]) -> str:
    """A config as the text of a file."""
    return json.dumps(config, indent=2) + "\n"


def _version(recipe: Recipe) -> SpecVersion:
    version = SpecVersion.of(recipe.cni_version)
    if version is None:
        message = f"there is no CNI spec {recipe.cni_version}; the versions are {names()}"
        raise UsageError(message)
    if version < SpecVersion.V0_3_0:
        message = f"cniVersion {version} is from before lists of plugins"
        raise UsageError(message, hint="choose 0.3.1 or newer; Kubernetes recommends 1.0.0")
    return version


def _subnets(texts: Sequence[str]) -> dict[int, str]:
    """The subnets by family, checked as host-local will check them."""
    subnets: dict[int, str] = {}
    for text in texts:
        try:
            interface = parse_cidr(text)
        except ValueError as error:
            raise UsageError(f"the subnet {error}", hint="an example is 10.88.0.0/16") from None
        network = interface.network
        if interface.ip != network.network_address:
            message = f"the subnet {text} has host bits set"
            raise UsageError(message, hint=f"the network is {network}")
        if network.prefixlen > network.max_prefixlen - _LEAST_BITS:
            message = f"the subnet {text} is too small for pods"
            raise UsageError(message, hint="a node with 110 pods needs /25 or larger for IPv4")
        if special := special_use(network):
            message = f"the subnet {text} has {special} in it, which pods cannot use"
            raise UsageError(
                message, hint="private networks are 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and fd00::/8"
            )
        if network.version in subnets:
            message = f"two IPv{network.version} subnets, {subnets[network.version]} and {text}"
            raise UsageError(message, hint="a bridge can be the gateway of one subnet of each family")
        subnets[network.version] = str(network)
    if not subnets:
        message = "no subnet to give addresses from"
        raise UsageError(message, hint="add --subnet, for example --subnet 10.88.0.0/16")
    return subnets


def _bridge_name(recipe: Recipe) -> str:
    if recipe.bridge is not None:
        if ifname_fault(recipe.bridge):
            message = f'"{recipe.bridge}" cannot be the name of a bridge'
            raise UsageError(message, hint=f"it has 1 to {_IFNAME_MAX} bytes, none of them / : % or white space")
        return recipe.bridge
    name = _BRIDGE_PREFIX + recipe.name
    if len(name) <= _IFNAME_MAX:
        return name
    # Two long names may begin alike, and two networks on one bridge would fight for its address.
    digest = hashlib.sha256(recipe.name.encode()).hexdigest()
    return _BRIDGE_PREFIX + digest[: _IFNAME_MAX - len(_BRIDGE_PREFIX)]


_MTU_RANGE = (1280, 65535)


def _mtu(mtu: int) -> int:
    low, high = _MTU_RANGE
    if not low <= mtu <= high:
        message = f"the MTU {mtu} is not between {low} and {high}"
        raise UsageError(message, hint="1450 suits an overlay on a network with 1500")
    return mtu
