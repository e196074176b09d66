"""Which links a file of systemd (``.network``, ``.link``) or NetworkManager's ``unmanaged-devices`` means."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cnictl.foreign.systemd import Unit
    from cnictl.text.source import Source

_SECTION = re.compile(r"^\s*\[([^\]]*)\]")
_UNMANAGED = re.compile(r"^\s*unmanaged-devices\s*(\+?)=(.*)$")


class LinkLook(NamedTuple):
    """What a link looks like from outside.

    Attributes:
        name: Its name.
        kind: Its kind, such as ``veth``.
        type: What systemd calls its type, such as ``ether``.
    """

    name: str
    kind: str
    type: str = "ether"


def network_file_matches(unit: Unit, link: LinkLook) -> bool:
    """Whether the ``[Match]`` of a file means a link.

    A file that asks for more than names, kinds and types, such as a hardware address, means no link of a pod.

    Args:
        unit: The file with its drop-ins.
        link: The link.
    """
    asked = [each for each in unit.assignments if each.section == "Match" and each.value]
    values = {"Name": link.name, "OriginalName": link.name, "Kind": link.kind, "Driver": link.kind, "Type": link.type}
    return bool(asked) and all(each.key in values and _one_of(each.value.split(), values[each.key]) for each in asked)


def _one_of(patterns: list[str], value: str) -> bool:
    """Whether a value is in a list of patterns; a list that begins with ``!`` means all others."""
    negated = bool(patterns) and patterns[0].startswith("!")
    plain = [pattern.removeprefix("!") if negated and not index else pattern for index, pattern in enumerate(patterns)]
    return any(fnmatchcase(value, pattern) for pattern in plain) is not negated


def unmanaged_devices(sources: Iterable[Source]) -> list[str]:
    """What NetworkManager leaves alone, as its files say in their order: a later one replaces, ``+=`` adds.

    Args:
        sources: Its files.
    """
    found: list[str] = []
    for source in sources:
        for adds, value in _unmanaged_lines(source.text):
            specs = [spec for spec in re.split(r"[;,]", value) if spec.strip()]
            found = [*found, *specs] if adds else specs
    return [spec.strip() for spec in found]


def _unmanaged_lines(text: str) -> Iterator[tuple[bool, str]]:
    section = ""
    for line in text.splitlines():
        heading = _SECTION.match(line)
        section = heading[1].strip() if heading else section
        match = _UNMANAGED.match(line)
        if match and section == "keyfile":
            yield bool(match[1]), match[2]


def is_unmanaged(specs: Iterable[str], link: LinkLook) -> bool:
    """Whether NetworkManager leaves a link alone.

    Args:
        specs: What it leaves alone, such as ``interface-name:cali*`` and ``except:interface-name:eth0``.
        link: The link.
    """
    specs = list(specs)
    if any(spec.startswith("except:") and _meets(spec.removeprefix("except:"), link) for spec in specs):
        return False
    return any(_meets(spec, link) for spec in specs if not spec.startswith("except:"))


def _meets(spec: str, link: LinkLook) -> bool:
    key, colon, pattern = spec.partition(":")
    if not colon:
        return spec == "*"
    if key == "interface-name":
        return link.name == pattern[1:] if pattern.startswith("=") else fnmatchcase(link.name, pattern.lstrip("~"))
    return key in ("driver", "type") and fnmatchcase(link.kind, pattern)
