"""Files that give settings of the kernel their values at boot, as ``sysctl.d(5)`` describes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cnictl.report.finding import Location
from cnictl.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.text.source import Source

_LINE = re.compile(r"^[ \t]*(?![#;])(-?)[ \t]*([^\s=]+)[ \t]*(=?)[ \t]*(.*?)[ \t\r]*$", re.MULTILINE)
_SWAP = str.maketrans("./", "/.")


class Setting(NamedTuple):
    """A line that sets something.

    Attributes:
        name: What, such as ``net.ipv4.ip_forward``; it may hold wildcards. A dot in an interface's name is a slash.
        value: To what; ``None`` for a line that keeps wildcards from it.
        location: Where the line is.
    """

    name: str
    value: str | None
    location: Location

    @property
    def is_glob(self) -> bool:
        """Whether it is for every setting that matches."""
        return any(mark in self.name for mark in "*?[")


def settings_in(source: Source) -> Iterator[Setting]:
    """The settings in a file, in its order; what is no setting is left out, as it is at boot."""
    for match in _LINE.finditer(source.text):
        minus, name, equals, value = match.groups()
        if equals or minus:
            location = Location.in_text(source, Span(match.start(2), match.end()))
            yield Setting(plain_name(name), value if equals else None, location)


def plain_name(name: str) -> str:
    """The name of a setting with dots between its parts, whichever of the two ways it is written in.

    >>> plain_name("net/ipv4/conf/eth0.5/forwarding")
    'net.ipv4.conf.eth0/5.forwarding'
    """
    dot, slash = name.find("."), name.find("/")
    return name.translate(_SWAP) if slash >= 0 and (dot < 0 or slash < dot) else name


def path_of(name: str) -> str:
    """Where the kernel shows a setting.

    >>> path_of("net.ipv4.conf.eth0/5.forwarding")
    '/proc/sys/net/ipv4/conf/eth0.5/forwarding'
    """
    return f"/proc/sys/{name.translate(_SWAP)}"


def of_link(family: int, link: str, what: str) -> str:
    """The name of a setting of an interface.

    >>> of_link(4, "eth0.5", "forwarding")
    'net.ipv4.conf.eth0/5.forwarding'
    """
    return f"net.ipv{family}.conf.{link.replace('.', '/')}.{what}"
