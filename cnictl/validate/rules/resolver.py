"""CNI531 to CNI533: the resolver settings that a result carries."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from cnictl.model.address import parse_ip
from cnictl.model.view import items_at, object_at, string_at, value_at
from cnictl.report.finding import Severity
from cnictl.text.node import ObjectNode
from cnictl.validate.registry import Hit, manual, plugin_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.text.node import Member, Node

_DROPPERS = ("macvlan", "ipvlan", "vlan", "host-device", "tap")
"""Plugins whose result has the resolver settings of their own ``dns`` and no others."""

_SOURCES = {"host-local": "resolvConf", "static": "dns", "whereabouts": "dns"}
"""Where IPAM plugins take resolver settings from."""


@plugin_rule("CNI531", "ipam-dns-dropped", Severity.WARNING, *_DROPPERS)
def ipam_dns_dropped(plugin: PluginView) -> Iterator[Hit]:
    """The IPAM plugin is given resolver settings, and the plugin that calls it drops them.

    bridge and ptp hand them on. What host-local itself passes over is for CNI516.

    Why:
        macvlan, ipvlan, vlan, host-device and tap copy their own "dns" into the result, also when there is none: the
        result has no name servers.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "macvlan", "master": "eth0", "ipam": {
          "type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]], "resolvConf": "/etc/resolv.conf"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "macvlan", "master": "eth0", "ipam": {
          "type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}, "dns": {"nameservers": ["10.96.0.10"]}}]}
    Fix:
        Write "dns" beside "ipam".
    Reference:
        containernetworking/plugins, macvlan, function cmdAdd
    """
    member = _settings(plugin)
    if member is not None:
        message = f'{plugin.type} drops the resolver settings that {plugin.ipam_type} takes from "{member.name}"'
        yield Hit(member.label, message, manual('write "dns" beside "ipam" instead'))


def _settings(plugin: PluginView) -> Member | None:
    """The key that the IPAM plugin takes resolver settings from, when there is something in it."""
    key = _SOURCES.get(plugin.ipam_type or "")
    member = plugin.ipam.folded(key) if plugin.ipam and key else None
    if member is None:
        return None
    wanted = str if key == "resolvConf" else dict
    return member if isinstance(member.node.value, wanted) and member.node.value else None


def _dns(plugin: PluginView) -> Iterator[ObjectNode]:
    """The resolver settings of a plugin that can get into its result."""
    own = object_at(plugin.node, "dns")
    if own is not None:
        yield own
    member = None if plugin.type in _DROPPERS else _settings(plugin)
    if member is not None and isinstance(member.node, ObjectNode):
        yield member.node


_STUBS = (
    "/run/systemd/resolve/stub-resolv.conf",
    "/var/run/systemd/resolve/stub-resolv.conf",
    "/usr/lib/systemd/resolv.conf",
    "/lib/systemd/resolv.conf",
)
"""Files of systemd-resolved that name 127.0.0.53 and nothing else."""


@plugin_rule("CNI532", "stub-resolver", Severity.WARNING)
def stub_resolver(plugin: PluginView) -> Iterator[Hit]:
    """Pods are told to ask a name server on the loopback interface.

    Why:
        A pod has a loopback interface of its own, on which no name server listens: no name can be resolved.
        systemd-resolved listens on 127.0.0.53 of the node alone.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "dns": {"nameservers": ["127.0.0.53"]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "dns": {"nameservers": ["10.96.0.10"]}}]}
    Fix:
        Name a server that pods can reach; systemd-resolved lists its own in /run/systemd/resolve/resolv.conf.
    Reference:
        man 8 systemd-resolved, section "/etc/resolv.conf"
    """
    for dns in _dns(plugin):
        for node in items_at(dns, "nameservers"):
            if _is_loopback(node):
                message = f"in a pod {node.value} is the pod itself, and no name server listens there"
                yield Hit(node.label, message, manual("name a server that pods can reach"))
    path = string_at(plugin.ipam, "resolvConf") if plugin.ipam and plugin.ipam_type == "host-local" else None
    if plugin.ipam and path and posixpath.normpath(path) in _STUBS and plugin.type not in _DROPPERS:
        message = f"{path} names 127.0.0.53, which in a pod is the pod itself"
        yield Hit(value_at(plugin.ipam, "resolvConf").label, message, manual("write /run/systemd/resolve/resolv.conf"))


def _is_loopback(node: Node) -> bool:
    try:
        return node.kind == "string" and parse_ip(node.value).is_loopback
    except ValueError:
        return False


_MOST_DOMAINS = 6
_LONGEST_LIST = 247
"""musl passes over lines that have more than 255 characters with the word "search", the blank and the line's end."""


@plugin_rule("CNI533", "search-list-too-long", Severity.WARNING)
def search_list_too_long(plugin: PluginView) -> Iterator[Hit]:
    """The list of search domains is longer than some resolvers read, or has an empty domain in it.

    glibc 2.26 and newer has no limit.

    Why:
        The list becomes one line of resolv.conf. musl, which Alpine images have, passes over the whole line when it is
        too long; glibc before 2.26 reads six domains and 256 characters. Names are then found in some images and not in
        others. An empty domain is lost.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "dns": {"search": [
          "a.example", "b.example", "c.example", "d.example", "e.example", "f.example", "g.example"]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "dns": {"search": [
          "a.example", "b.example", "c.example", "d.example", "e.example", "f.example"]}}]}
    Fix:
        Keep the domains that are needed; each of them costs a query for every short name.
    Reference:
        man 5 resolv.conf, "search"
    """
    for dns in _dns(plugin):
        member = dns.folded("search")
        domains = [node for node in items_at(dns, "search") if node.kind == "string"]
        for node in domains:
            if not node.value.strip():
                yield Hit(node.label, "the search domain is empty", manual("remove it"))
        if member is not None:
            yield from _too_long(member, domains)


def _too_long(member: Member, domains: list[Node]) -> Iterator[Hit]:
    length = len(" ".join(node.value for node in domains))
    if length > _LONGEST_LIST:
        message = f"the search list has {length} characters, and musl passes over one of more than {_LONGEST_LIST}"
        yield Hit(member.label, message, manual("keep the domains that are needed"))
    elif len(domains) > _MOST_DOMAINS:
        message = f"there are {len(domains)} search domains, and glibc before 2.26 reads the first {_MOST_DOMAINS} only"
        yield Hit(domains[_MOST_DOMAINS].label, message, manual("keep the domains that are needed"))
