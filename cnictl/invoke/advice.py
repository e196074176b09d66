"""What to do about the errors that plugins are known for."""

from __future__ import annotations

import re

_BY_MESSAGE = (
    (
        r"operation not permitted|permission denied",
        "plugins change the host's network, so run as root",
    ),
    (
        r"no IP addresses available in range set",
        "the pool is used up: look for addresses of containers that are gone in /var/lib/cni/networks/NETWORK",
    ),
    (
        r"has been allocated to .*duplicate allocation is not allowed",
        "this container has an address already: delete it first with `cnictl exec del`",
    ),
    (
        r"already has an IP address different from",
        "the bridge has another network's address: choose another bridge name, or remove the old bridge",
    ),
    (
        r'container veth name .* already exists|"[^"]*" already exists',
        "the interface is there already: delete it first with `cnictl exec del`, or choose another --ifname",
    ),
    (
        r"failed to find plugin",
        "a plugin calls another one, usually its IPAM plugin, which is not in the plugin directories",
    ),
    (
        r"error dialing DHCP daemon",
        "the dhcp plugin needs its daemon: run `dhcp daemon` from the plugin directory",
    ),
    (
        r"failed to locate iptables|executable file not found in \$PATH",
        "install iptables, or nftables where the plugin can use it",
    ),
    (
        r"operation not supported|not supported by protocol",
        "this kernel lacks a feature that the plugin needs: load or build the module",
    ),
    (
        r"must be called as chained plugin",
        "the plugin needs the result of one before it: `cnictl validate` shows the order",
    ),
)
_BY_CODE = {
    1: "plugin and config share no version: write a cniVersion that the plugin speaks",
    2: "take the key that is named in the message out of the config",
    3: "the plugin does not know this container: there is nothing to clean up",
    4: "an argument is not as the plugin wants it; see the names in the message",
    7: "`cnictl validate` shows what is wrong with the config",
    8: "the namespace is the one that plugins run in: give the container's own",
    11: "try again in a moment",
}


def advice(code: int, message: str) -> str | None:
    """What a user can do about a plugin's error; ``None`` when nothing is known about it.

    Args:
        code: The error's code.
        message: Its text.
    """
    for pattern, text in _BY_MESSAGE:
        if re.search(pattern, message, re.IGNORECASE):
            return text
    return _BY_CODE.get(code)
