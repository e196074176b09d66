"""firewalld's zones, as its files describe them."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import ParseError, XMLParser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element


class Zone(NamedTuple):
    """A zone.

    Attributes:
        name: Its name.
        accepts: Whether it lets everything pass.
        interfaces: The links in it.
        sources: The networks in it.
        ipsets: The sets of addresses in it.
    """

    name: str
    accepts: bool
    interfaces: frozenset[str]
    sources: tuple[IPv4Network | IPv6Network, ...]
    ipsets: frozenset[str]


def read_zone(name: str, text: str) -> Zone | None:
    """Reads the file of a zone; ``None`` when it is none.

    Args:
        name: The zone's name, which is the file's without the suffix.
        text: The file's content.
    """
    if "<!DOCTYPE" in text.upper():
        return None
    parser = XMLParser()  # noqa: S314  # documents with a type, in which entities could be, have been turned away
    try:
        parser.feed(text)
        root: Element = parser.close()
    except (ParseError, ValueError):
        return None
    if root.tag != "zone":
        return None
    return Zone(
        name,
        root.get("target") == "ACCEPT",
        frozenset(_values(root, "interface", "name")),
        tuple(network for text in _values(root, "source", "address") for network in _network(text)),
        frozenset(_values(root, "source", "ipset")),
    )


def _values(root: Element, tag: str, attribute: str) -> Iterator[str]:
    yield from (value for element in root.findall(tag) if (value := element.get(attribute)))


def _network(text: str) -> Iterator[IPv4Network | IPv6Network]:
    try:
        yield ip_network(text, strict=False)
    except ValueError:
        return
