"""What lies in the plugin directories, looked at without running it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cnictl.errors import SourceError
from cnictl.foreign.elf import MAGIC, Elf, read_elf
from cnictl.foreign.gobuild import read_go_build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.foreign.gobuild import GoBuild

_NATIVE = ("/bin/sh", "/usr/bin/env", "/usr/bin/containerd", "/usr/bin/kubelet", "/usr/bin/crio", "/usr/bin/podman")
"""Programs that certainly run on the node, so that they tell what machine it is."""

_ALSO_RUN = {"x86-64": ("i386",), "aarch64": ("arm",)}
"""What else such machines usually run."""
_WIDER = {"i386": "x86-64", "arm": "aarch64", "powerpc": "ppc64"}
"""What the kernel may be of although the programs are not."""

_TARBALL, _ZIP, _HTML, _XML = "a gzip archive", "a zip archive", "a web page", "an XML document"
_KINDS = (
    (b"\x1f\x8b", _TARBALL),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"PK\x03\x04", _ZIP),
    (b"MZ", "a program for Windows"),
    (b"\xcf\xfa\xed\xfe", "a program for macOS"),
    (b"\xce\xfa\xed\xfe", "a program for macOS"),
    (b"\xca\xfe\xba\xbe", "a program for macOS"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file itself"),
    (b"!<arch>", "a Debian package or a library"),
    (b"\xed\xab\xee\xdb", "an RPM package"),
)
_TAR_MAGIC_AT = 257
_HEAD = 512


@dataclass(frozen=True)
class Program:
    """A file that is to be run.

    Attributes:
        path: Where it lies on the node.
        size: Its size in bytes.
        head: Its first bytes.
        elf: Its headers, when it is a program that is there as far as its headers.
    """

    path: str
    size: int
    head: bytes
    elf: Elf | None

    @property
    def is_elf(self) -> bool:
        """Whether it begins as a program."""
        return self.head[: len(MAGIC)] == MAGIC

    @property
    def is_script(self) -> bool:
        """Whether it says what interprets it."""
        return self.head[:2] == b"#!"

    @property
    def interpreter(self) -> str | None:
        """What the kernel starts in its place: a script's interpreter, or a program's loader."""
        if self.is_script:
            words = self.head[2:].partition(b"\n")[0].strip(b" \t").replace(b"\t", b" ").partition(b" ")
            return words[0].decode(errors="replace")
        return self.elf.interpreter if self.elf else None

    @cached_property
    def build(self) -> GoBuild | None:
        """How it was built, when it is Go's."""
        return read_go_build(self.elf) if self.elf else None

    @property
    def missing_bytes(self) -> int:
        """How many bytes it lacks of what it maps into memory."""
        return max(0, self.elf.image_end - self.size) if self.elf else 0

    @property
    def disguise(self) -> str | None:
        """What it is instead of a program; ``None`` for programs and scripts."""
        if self.is_script or self.is_elf:
            return None if self.is_script or self.elf else "only the beginning of a program"
        if not self.size:
            return "an empty file"
        found = next((what for magic, what in _KINDS if self.head.startswith(magic)), None)
        if found is None and self.head[_TAR_MAGIC_AT : _TAR_MAGIC_AT + 5] == b"ustar":
            found = "a tar archive"
        return found or _as_text(self.head)


def _as_text(head: bytes) -> str:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return _HTML
    if text.startswith((b"<?xml", b"<error")):
        return _XML
    if text.startswith(b"{"):
        return "a JSON text"
    printable = not any(byte < ord(" ") and byte not in b"\t\r\n" for byte in head)
    return "a text without a #! line" if printable else "neither a program nor a script"


class Programs:
    """The programs of a node, each looked at once.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node
        self._known: dict[str, Program | None] = {}

    def at(self, path: str) -> Program | None:
        """What lies at a path; ``None`` when there is no file that can be read."""
        if path not in self._known:
            self._known[path] = self._look(path)
        return self._known[path]

    def _look(self, path: str) -> Program | None:
        status = self.node.host.status(path)
        if status is None or not status.is_file:
            return None

        def read(offset: int, size: int) -> bytes:
            return self.node.host.read_part(path, offset, size) if 0 <= offset < status.size and size > 0 else b""

        try:
            return Program(path, status.size, read(0, _HEAD), read_elf(read))
        except SourceError:
            return None

    @cached_property
    def native(self) -> Program | None:
        """A program that certainly runs on the node; ``None`` when none can be read."""
        found = (self.at(path) for path in _NATIVE)
        return next((program for program in found if program and program.elf), None)

    def is_foreign(self, program: Program) -> bool:
        """Whether a program is certainly for another kind of machine."""
        native = self.native.elf if self.native else None
        if program.elf is None or native is None:
            return False
        mine, other = native.machine_name, program.elf.machine_name
        runs = mine == other or other in _ALSO_RUN.get(mine, ()) or _WIDER.get(mine) == other
        return not runs and not self._is_emulated(other)

    def _is_emulated(self, machine: str) -> bool:
        names = self.node.names_in("/proc/sys/fs/binfmt_misc")
        return f"qemu-{machine.replace('-', '_')}" in names

    def no_exec_mount(self, path: str) -> str | None:
        """The mount point that keeps a file from being run; ``None`` when nothing does, or it cannot be told."""
        inside = [each for each in self._mounts if _is_below(path, each[0])]
        where, options = max(inside, key=lambda each: len(each[0].rstrip("/")), default=("", frozenset[str]()))
        return where if "noexec" in options else None

    @cached_property
    def _mounts(self) -> list[tuple[str, frozenset[str]]]:
        """Where something is mounted, and how; the last one at a place counts, so it is first."""
        table = self.node.mounts.table
        if table is not None:
            return [(mount.target, mount.options) for mount in reversed(table)]
        return list(_fstab(self.node.text("/etc/fstab") or ""))

    def missing_libraries(self, program: Program) -> list[str]:
        """The libraries that a program needs and that are in no directory that its loader searches.

        None are reported where the same search misses libraries of a program that certainly runs.
        """
        if self.native is None or self._missing(self.native):
            return []
        return self._missing(program)

    def _missing(self, program: Program) -> list[str]:
        if program.elf is None or program.elf.interpreter is None:
            return []
        origin = posixpath.dirname(program.path)
        own = [path.replace("$ORIGIN", origin).replace("${ORIGIN}", origin) for path in program.elf.library_dirs]
        dirs = [*own, *self._library_dirs]
        wanted = [name for name in program.elf.needed if name and "/" not in name]
        return [name for name in wanted if not any(self.node.host.status(f"{path}/{name}") for path in dirs)]

    @cached_property
    def _library_dirs(self) -> list[str]:
        """The directories of the loader: the usual ones, those of the architecture, and the configured ones."""
        usual = [f"{top}/{name}" for top in ("", "/usr", "/usr/local") for name in ("lib", "lib64", "lib32")]
        native = [
            f"{directory}/{name}"
            for directory in ("/lib", "/usr/lib")
            for name in self.node.names_in(directory)
            if name.count("-") >= 2  # noqa: PLR2004  # the parts of a triplet, such as x86_64-linux-gnu
        ]
        files = ["/etc/ld.so.conf", *(f"/etc/ld.so.conf.d/{name}" for name in self.node.names_in("/etc/ld.so.conf.d"))]
        lines = (line.strip() for path in files for line in (self.node.text(path) or "").splitlines())
        return [*usual, *native, *(line for line in lines if line.startswith("/"))]


def _is_below(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory.rstrip('/')}/")


def _fstab(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    for line in text.splitlines():
        fields = line.split()
        if len(fields) > 3 and not fields[0].startswith("#") and fields[1].startswith("/"):  # noqa: PLR2004  # its fields
            yield fields[1], frozenset(fields[3].split(","))
