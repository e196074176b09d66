"""What Go's linker writes into a program: from what it was built, and with what.

The format is that of the package ``debug/buildinfo`` of Go's library: inline since Go 1.18, behind pointers before.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnictl.foreign.elf import Elf

_MAGIC = b"\xff Go buildinf:"
_SECTION = b".go.buildinfo"
_HEADER = 32
_ALIGNED = 16
_SEARCHED = 64 * 1024
"""How much of the data is searched in a program without sections, as Go itself does."""
_LONGEST = 256 * 1024
_BIG_ENDIAN, _INLINE = 1, 2
_FRAME = 16
"""The module text stands between two marks of this length."""
_VERSION = re.compile(r"v\d+\.\d+\.\d+[-+.\w]*")
_FROM_LINKER = re.compile(r"\bBuildVersion=(v?\d+\.\d+\.\d+[-+.\w]*)")


class GoBuild(NamedTuple):
    """How a Go program was built.

    Attributes:
        go: The version of Go, such as ``go1.19.8``.
        path: The package that it was built from.
        module: The module of that, with its version as Go has it, such as ``(devel)``.
        dependencies: The versions of the modules in it, by their paths; empty where they were not noted.
        settings: How it was built, such as ``GOARCH`` and ``vcs.revision``.
    """

    go: str
    path: str = ""
    module: tuple[str, str] = ("", "")
    dependencies: Mapping[str, str] = {}  # never changed
    settings: Mapping[str, str] = {}  # never changed

    @property
    def version(self) -> str | None:
        """The release, as ``v1.6.0``; ``None`` when it is not told.

        It is that of the module, or what the linker was told to write into the variable ``BuildVersion``.
        """
        if _VERSION.fullmatch(self.module[1]):
            return self.module[1]
        told = _FROM_LINKER.search(self.settings.get("-ldflags", ""))
        return f"v{told[1].removeprefix('v')}" if told else None

    @property
    def revision(self) -> str:
        """What tells builds of different sources apart; empty when nothing does."""
        return self.settings.get("vcs.revision", "") or self.version or ""


def read_go_build(elf: Elf) -> GoBuild | None:
    """How a program was built; ``None`` when it is not Go's, or does not tell.

    Args:
        elf: The program.
    """
    start = _start(elf)
    if start is None:
        return None
    header = elf.read(start, _HEADER)
    if len(header) < _HEADER:
        return None
    flags = header[15]
    texts = _inline(elf, start + _HEADER) if flags & _INLINE else _behind_pointers(elf, header)
    go, module = (text.decode(errors="replace") for text in texts)
    return _parsed(go, module) if go.startswith(("go", "devel")) else None


def _start(elf: Elf) -> int | None:
    section = elf.section(_SECTION)
    if section is not None:
        return section.offset if elf.read(section.offset, len(_MAGIC)) == _MAGIC else None
    data = next((each for each in elf.segments if each.is_data), None)
    found = elf.read(data.offset, min(data.size, _SEARCHED)).find(_MAGIC) if data else -1
    return data.offset + found if data and found >= 0 and found % _ALIGNED == 0 else None


def _inline(elf: Elf, at: int) -> tuple[bytes, bytes]:
    go, at = _string(elf, at)
    module, _ = _string(elf, at)
    return go, _unframed(module)


def _string(elf: Elf, at: int) -> tuple[bytes, int]:
    """A string with its length in front, seven bits a byte; and where it ends."""
    size, shift, head = 0, 0, elf.read(at, 10)
    for index, byte in enumerate(head):
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004  # the highest bit says that there is more
            end = at + index + 1 + size
            return elf.read(at + index + 1, size) if size <= _LONGEST else b"", end
    return b"", at


def _behind_pointers(elf: Elf, header: bytes) -> tuple[bytes, bytes]:
    size, order = header[14], "big" if header[15] & _BIG_ENDIAN else "little"
    if size not in (4, 8):
        return b"", b""
    first, second = (int.from_bytes(header[at : at + size], order) for at in (16, 16 + size))  # type: ignore[arg-type]
    return _string_at(elf, first, size, order), _unframed(_string_at(elf, second, size, order))


def _string_at(elf: Elf, address: int, size: int, order: str) -> bytes:
    """A string of Go's: a pointer and a length."""
    place = elf.offset_of(address)
    words = elf.read(place, 2 * size) if place is not None else b""
    if len(words) < 2 * size:
        return b""
    start, length = (int.from_bytes(words[at : at + size], order) for at in (0, size))  # type: ignore[arg-type]
    place = elf.offset_of(start)
    return elf.read(place, length) if place is not None and length <= _LONGEST else b""


def _unframed(module: bytes) -> bytes:
    return module[_FRAME:-_FRAME] if len(module) > 2 * _FRAME and module[-_FRAME - 1] == ord("\n") else b""


def _parsed(go: str, text: str) -> GoBuild:
    path, module = "", ("", "")
    dependencies: dict[str, str] = {}
    settings: dict[str, str] = {}
    for kind, *words in (line.split("\t") for line in text.splitlines()):
        first, second = (*words, "", "")[:2]
        if kind == "path":
            path = first
        elif kind == "mod":
            module = (first, second)
        elif kind == "dep":
            dependencies[first] = second
        elif kind == "build":
            name, _, value = first.partition("=")
            settings[name] = value.strip('"')
    return GoBuild(go, path, module, dependencies, settings)
