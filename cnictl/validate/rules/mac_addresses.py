"""CNI420, CNI421 and CNI449: MAC addresses."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from cnictl.model.view import given, string_at, value_at
from cnictl.report.finding import Severity
from cnictl.validate.registry import Hit, manual, plugin_rule, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView

_BYTE = "[0-9a-fA-F]{2}"


def _of_bytes(count: int) -> str:
    """How an address of so many bytes is written: by twos with colons or hyphens, or by fours with dots."""
    more = count - 1
    twos = f"{_BYTE}(?::{_BYTE}){{{more}}}|{_BYTE}(?:-{_BYTE}){{{more}}}"
    return f"{twos}|{_BYTE * 2}(?:[.]{_BYTE * 2}){{{more // 2}}}"


_SIX_BYTES = re.compile(_of_bytes(6))
_LONGER = re.compile(f"{_of_bytes(8)}|{_of_bytes(20)}")
_FOR_IP = re.compile("[0-9a-fA-F]{1,2}(?::[0-9a-fA-F]{1,2}){5}")


_GROUP_BIT = 1
"""The bit of the first byte that makes an address one of many receivers."""


def _is_of_a_group(text: str) -> bool:
    first = re.match("[0-9a-fA-F]{1,2}", text)
    return first is not None and bool(int(first[0], 16) & _GROUP_BIT)


def _is_zero(text: str) -> bool:
    return not text.strip("0:.-")


def _is_mac(plugin: PluginView, text: str) -> bool:
    """Whether a plugin takes a text for a MAC address."""
    if plugin.type == "tap" and not _passed_over(plugin):
        return _FOR_IP.fullmatch(text) is not None  # tap hands it to the program ip
    if plugin.type != "macvlan" and _LONGER.fullmatch(text):
        return True  # only the first six bytes count
    return _SIX_BYTES.fullmatch(text) is not None


def _passed_over(plugin: PluginView) -> bool:
    """Whether tap does not use the address, which CNI421 says."""
    owned = all(given(plugin.node, key) for key in ("owner", "group"))
    return plugin.type == "tap" and owned and not string_at(plugin.node, "selinuxContext")


def sets_mac(plugin: PluginView, text: str) -> bool:
    """Whether a plugin gives its interface this address, and can: it is neither that of a group nor zeros."""
    usable = _SIX_BYTES.fullmatch(text) is not None and not _is_of_a_group(text) and not _is_zero(text)
    return usable and _is_mac(plugin, text) and not _passed_over(plugin)


@plugin_rule("CNI420", "mac-multicast", Severity.ERROR, "macvlan", "tap", "tuning", "sriov")
def mac_multicast(plugin: PluginView) -> Iterator[Hit]:
    """The MAC address is that of a group, not of an interface.

    Why:
        The kernel refuses it and every pod fails: "cannot assign requested address".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "mac": "01:00:5e:00:00:01", "ipam": {"type": "dhcp"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "mac": "02:00:5e:00:00:01", "ipam": {"type": "dhcp"}}]}
    Fix:
        Choose an address whose second digit is 2, 6, a or e: it is for your own use.
    Reference:
        RFC 7042, section 2.1 "48-Bit MAC Identifiers"
    """
    text = string_at(plugin.node, "mac") or ""
    if _is_mac(plugin, text) and _is_of_a_group(text) and not _passed_over(plugin):
        message = f"{text} is the address of a group, and the kernel refuses it for an interface"
        yield Hit(value_at(plugin.node, "mac").label, message, manual("choose one whose second digit is 2, 6, a or e"))


@plugin_rule("CNI421", "mac-ignored", Severity.WARNING, "tap")
def mac_ignored(plugin: PluginView) -> Iterator[Hit]:
    """tap is given a MAC address that it does not use.

    Why:
        With both an owner and a group the device is made in another way, which passes over the address.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "vms", "plugins": [
          {"type": "tap", "mac": "02:00:00:00:00:01", "owner": 107, "group": 107}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "vms", "plugins": [
          {"type": "tap", "mac": "02:00:00:00:00:01", "owner": 107}]}
    Fix:
        Leave out the owner or the group, or set the address with tuning.
    Reference:
        containernetworking/plugins, tap, function createTap
    """
    mac = plugin.value_of("mac")
    if mac and mac.value and _passed_over(plugin):
        message = 'tap does not use "mac" when "owner" and "group" are both set'
        yield Hit(mac.label, message, manual("leave out the owner or the group"))


_REFUSE_ZEROS = ("macvlan", "tap", "tuning")
"""To a virtual function of sriov zeros mean that it has no address of its own, and a device of the host may have it."""


@plugin_rule("CNI449", "mac-invalid", Severity.ERROR, "macvlan", "tap", "tuning", "sriov", "host-device")
def mac_invalid(plugin: PluginView) -> Iterator[Hit]:
    """Something that must be a MAC address is none.

    Why:
        Every pod fails: "invalid MAC address", "Invalid address length" from tap, "invalid argument" when
        it is too long, or "cannot assign requested address" when it is all zeros.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "mac": "020000000001", "ipam": {"type": "dhcp"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "mac": "02:00:00:00:00:01", "ipam": {"type": "dhcp"}}]}
    Fix:
        Write six bytes with colons between them: 02:00:00:00:00:01.
    Reference:
        Go documentation, package net, function ParseMAC
    """
    key = "hwaddr" if plugin.type == "host-device" else "mac"
    node, text = plugin.value_of(key), string_at(plugin.node, key)
    if node is None or not text:
        return
    if not _is_mac(plugin, text):
        message = f"{json.dumps(text)} is no MAC address that {plugin.type} reads"
        yield Hit(node.label, message, manual("write it like 02:00:00:00:00:01"))
    elif _is_zero(text) and plugin.type in _REFUSE_ZEROS and not _passed_over(plugin):
        yield Hit(node.label, "no interface can have a MAC address of zeros", safe("leave the key out"))
