"""Programs to look at, made byte by byte: only as much of them as is looked at."""

from __future__ import annotations

import struct

X86_64, AARCH64, ARM, PPC64, S390X = 62, 183, 40, 21, 22

_BASE = 0x400000
_HEADER, _SEGMENT = 64, 56


def elf(
    machine: int = X86_64,
    *,
    interpreter: str = "",
    needed: tuple[str, ...] = (),
    run_path: str = "",
    go: str = "",
    module: str = "",
    big_endian: bool = False,
    room: int = 0,
) -> bytes:
    """A program of 64 bits.

    Args:
        machine: The number of the kind of machine.
        interpreter: Its loader; without one it stands on its own.
        needed: The libraries that it needs.
        run_path: Where it wants them looked for.
        go: The version of Go that made it; without one it is not Go's.
        module: What Go wrote about its modules and settings.
        big_endian: Whether its numbers have the highest byte in front.
        room: How many bytes more it has, so that there is something to cut off.
    """
    order = ">" if big_endian else "<"
    count = 1 + bool(interpreter) + bool(needed)
    body = bytearray(_HEADER + count * _SEGMENT)
    segments: list[tuple[int, int, int, int]] = []
    if interpreter:
        segments.append((3, 4, len(body), len(interpreter) + 1))
        body += interpreter.encode() + b"\0"
    if needed:
        segments.append((2, 6, *_dynamic(body, needed, run_path, order)))
    if go:
        body += bytes(-len(body) % 16) + _build_info(go, module)
    body += bytes(room)
    segments.append((1, 6, 0, len(body)))
    ident = b"\x7fELF\x02" + (b"\x02" if big_endian else b"\x01") + b"\x01" + bytes(9)
    numbers = (2, machine, 1, _BASE, _HEADER, 0, 0, _HEADER, _SEGMENT, count, 64, 0, 0)
    body[:_HEADER] = ident + struct.pack(f"{order}HHIQQQIHHHHHH", *numbers)
    for index, (kind, flags, offset, size) in enumerate(segments):
        entry = struct.pack(f"{order}IIQQQQQQ", kind, flags, offset, _BASE + offset, 0, size, size, 16)
        body[_HEADER + index * _SEGMENT : _HEADER + (index + 1) * _SEGMENT] = entry
    return bytes(body)


def _dynamic(body: bytearray, needed: tuple[str, ...], run_path: str, order: str) -> tuple[int, int]:
    """Adds a table of what the loader is told; where it is, and how long."""
    names, entries = bytearray(b"\0"), []
    for tag, text in [*((1, name) for name in needed), *([(29, run_path)] if run_path else [])]:
        entries.append((tag, len(names)))
        names += text.encode() + b"\0"
    entries += [(5, _BASE + len(body)), (0, 0)]
    body += names
    start = len(body)
    body += b"".join(struct.pack(f"{order}qQ", *entry) for entry in entries)
    return start, len(body) - start


def _build_info(go: str, module: str) -> bytes:
    framed = b"0" * 16 + module.encode() + b"\n" + b"1" * 16 if module else b""
    return b"\xff Go buildinf:\x08\x02" + bytes(16) + _counted(go.encode()) + _counted(framed)


def _counted(data: bytes) -> bytes:
    size, head = len(data), bytearray()
    while size >= 0x80:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*head, size]) + data


def reference_plugin(plugin: str, version: str, *, go: str = "go1.23.2", group: str = "main") -> bytes:
    """A plugin of containernetworking/plugins as its releases have it."""
    path = f"github.com/containernetworking/plugins/plugins/{group}/{plugin}"
    flags = (
        f"-extldflags -static -X github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion={version}"
    )
    lines = [f"path\t{path}", "mod\tgithub.com/containernetworking/plugins\t(devel)\t", f'build\t-ldflags="{flags}"']
    return elf(go=go, module="\n".join(lines))
