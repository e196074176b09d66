"""Programs in the ELF format: for what machine they are, what they need, and whether all of them is there.

Nothing but headers is read, each part with a bound, so that a file of any size and of any content is looked at in no
time.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Reader: TypeAlias = "Callable[[int, int], bytes]"
"""Reads a part of a file: from where, and how many bytes; shorter where the file ends."""

MAGIC = b"\x7fELF"

_MACHINES = {
    3: "i386",
    8: "mips",
    20: "powerpc",
    21: "ppc64",
    22: "s390x",
    40: "arm",
    62: "x86-64",
    183: "aarch64",
    243: "riscv64",
    258: "loongarch64",
}
_MOST_HEADERS = 512
_MOST_NAME = 4096
_MOST_ENTRIES = 512
_HEADER_32, _HEADER_64 = 52, 64
_CLASS_32, _CLASS_64 = 1, 2
_ORDERS = {1: "<", 2: ">"}
_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3
_WRITABLE = 2
_NO_BITS = 8
_NEEDED, _STRING_TABLE, _RPATH, _RUNPATH = 1, 5, 15, 29


class Segment(NamedTuple):
    """A part of the file that is mapped into memory, or tells something about the program.

    Attributes:
        kind: The number of its kind.
        flags: Whether it may be read, written and executed.
        offset: Where it begins in the file.
        address: Where it is in memory.
        size: How long it is in the file.
    """

    kind: int
    flags: int
    offset: int
    address: int
    size: int

    @property
    def is_data(self) -> bool:
        """Whether it is mapped and may be written."""
        return self.kind == _LOAD and bool(self.flags & _WRITABLE)


class Section(NamedTuple):
    """A named part of the file.

    Attributes:
        name: The offset of its name among the names.
        kind: The number of its kind.
        offset: Where it begins in the file.
        size: How long it is.
    """

    name: int
    kind: int
    offset: int
    size: int


@dataclass(frozen=True)
class Elf:
    """A program.

    Attributes:
        read: What reads the file.
        wide: Whether it is for machines of 64 bits, not of 32.
        big_endian: Whether its numbers are written with the highest byte in front.
        machine: The number of the kind of machine.
        segments: Its segments.
        headers_end: Where the table of segments ends.
        sections_at: Where the table of sections begins; 0 when there is none.
        section_count: How many sections it has.
        section_names: Which of them holds the names.
    """

    read: Reader
    wide: bool
    big_endian: bool
    machine: int
    segments: tuple[Segment, ...]
    headers_end: int
    sections_at: int
    section_count: int
    section_names: int

    @property
    def machine_name(self) -> str:
        """What the kind of machine is called."""
        name = _MACHINES.get(self.machine, f"machine {self.machine}")
        if name == "mips" and self.wide:
            name = "mips64"
        both_orders = name in ("ppc64", "mips", "mips64")
        return f"{name}le" if both_orders and not self.big_endian else name

    @property
    def image_end(self) -> int:
        """Where what the kernel maps ends in the file."""
        return max([self.headers_end, *(each.offset + each.size for each in self.segments if each.kind == _LOAD)])

    @property
    def file_end(self) -> int:
        """Where all that its headers speak of ends, as far as it is certain."""
        table = self.sections_at + self.section_count * self._section_size if self.sections_at else 0
        return max(self.image_end, table)

    @cached_property
    def interpreter(self) -> str | None:
        """The loader that the kernel starts in its place; ``None`` for a program that stands on its own."""
        segment = next((each for each in self.segments if each.kind == _INTERPRETER), None)
        return _text(self.read(segment.offset, min(segment.size, _MOST_NAME))) if segment else None

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """The names of the libraries that it needs itself."""
        return tuple(self._strings(_NEEDED))

    @cached_property
    def library_dirs(self) -> tuple[str, ...]:
        """The directories that it wants its libraries looked for in."""
        return tuple(path for text in (*self._strings(_RUNPATH), *self._strings(_RPATH)) for path in text.split(":"))

    def offset_of(self, address: int) -> int | None:
        """Where in the file a place in memory is; ``None`` when it is not there."""
        for each in self.segments:
            if each.kind == _LOAD and each.address <= address < each.address + each.size:
                return each.offset + address - each.address
        return None

    def _strings(self, tag: int) -> Iterator[str]:
        table = next((value for key, value in self._dynamic if key == _STRING_TABLE), None)
        start = self.offset_of(table) if table is not None else None
        if start is not None:
            yield from (_text(self.read(start + value, _MOST_NAME)) for key, value in self._dynamic if key == tag)

    @cached_property
    def _dynamic(self) -> list[tuple[int, int]]:
        segment = next((each for each in self.segments if each.kind == _DYNAMIC), None)
        if segment is None:
            return []
        entry = struct.Struct(f"{self._order}{'qQ' if self.wide else 'iI'}")
        data = self.read(segment.offset, min(segment.size, _MOST_ENTRIES * entry.size))
        return list(entry.iter_unpack(data[: len(data) // entry.size * entry.size]))

    def section(self, name: bytes) -> Section | None:
        """A section by its name; ``None`` when there is none."""
        names = self._sections[self.section_names] if self.section_names < len(self._sections) else None
        if names is None:
            return None
        text = self.read(names.offset, min(names.size, _MOST_NAME * 16))
        for each in self._sections:
            if text[each.name : each.name + len(name) + 1] == name + b"\0" and each.kind != _NO_BITS:
                return each
        return None

    @cached_property
    def _sections(self) -> list[Section]:
        entry = struct.Struct(f"{self._order}{'II8xQQQ' if self.wide else 'II4xIII'}")
        size = self._section_size
        count = min(self.section_count, _MOST_HEADERS)
        data = self.read(self.sections_at, count * size) if self.sections_at else b""
        fields = (entry.unpack_from(data, at) for at in range(0, len(data) - size + 1, size))
        return [Section(name, kind, offset, length) for name, kind, _, offset, length in fields]

    @property
    def _section_size(self) -> int:
        return 64 if self.wide else 40

    @property
    def _order(self) -> str:
        return ">" if self.big_endian else "<"


def read_elf(read: Reader) -> Elf | None:
    """The headers of a program; ``None`` when it is none, or ends inside its headers.

    Args:
        read: What reads the file.
    """
    head = read(0, _HEADER_64)
    if head[:4] != MAGIC or len(head) < _HEADER_32 or head[4] not in (_CLASS_32, _CLASS_64) or head[5] not in _ORDERS:
        return None
    wide, order = head[4] == _CLASS_64, _ORDERS[head[5]]
    if wide and len(head) < _HEADER_64:
        return None
    numbers = struct.unpack_from(f"{order}HHI{'QQQ' if wide else 'III'}IHHHHHH", head, 16)
    _, machine, _, _, segments_at, sections_at, _, _, entry_size, count, _, section_count, names = numbers
    size = min(count, _MOST_HEADERS) * entry_size
    data = read(segments_at, size)
    if len(data) < size or entry_size < (56 if wide else 32):
        return None
    segments = tuple(_segment(data[at : at + entry_size], order, wide=wide) for at in range(0, size, entry_size))
    end = segments_at + size
    return Elf(read, wide, order == ">", machine, segments, end, sections_at, section_count, names)


def _segment(data: bytes, order: str, *, wide: bool) -> Segment:
    if wide:
        kind, flags, offset, address, _, size = struct.unpack_from(f"{order}IIQQQQ", data)
    else:
        kind, offset, address, _, size, _, flags = struct.unpack_from(f"{order}IIIIIII", data)
    return Segment(kind, flags, offset, address, size)


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode(errors="replace")
