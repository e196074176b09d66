"""The machine that cnictl runs on."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnictl.errors import SourceError, SourceNotFound
from cnictl.host.api import RULE_TOOLS, FileStatus, Process, Space, Unanswered, Watcher
from cnictl.invoke.tools import show
from cnictl.text.source import open_regular, read_regular, source_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cnictl.netns.survey import Survey

_PATIENCE = 2.0
"""Seconds that somebody who listens has to take a connection."""


class LocalHost:
    """The live machine; see `cnictl.host.api.Host`."""

    live = True

    def where(self, path: str) -> Path:
        """Where a file of the node lies on this machine: where it says."""
        return Path(path)

    def read_bytes(self, path: str) -> bytes:
        """The content of a regular file; see `cnictl.host.api.Host`."""
        return read_regular(self.where(path), name=path)

    def read_part(self, path: str, offset: int, size: int) -> bytes:
        """A part of a regular file; see `cnictl.host.api.Host`."""
        descriptor = open_regular(self.where(path), path)
        try:
            return os.pread(descriptor, size, offset)
        except OSError as error:
            raise source_error(path, error) from error
        finally:
            os.close(descriptor)

    def list_dir(self, path: str) -> list[str]:
        """The names in a directory; see `cnictl.host.api.Host`."""
        try:
            return sorted(os.listdir(self.where(path)), key=os.fsencode)  # noqa: PTH208  # names, not paths
        except ValueError:
            raise SourceNotFound(repr(path), "no directory can have this name") from None
        except OSError as error:
            raise source_error(path, error) from error

    def status(self, path: str) -> FileStatus | None:
        """What is there; see `cnictl.host.api.Host`."""
        try:
            found = self.where(path).stat()
        except (OSError, ValueError, SourceError):
            return None
        return FileStatus(
            found.st_mode, found.st_uid, found.st_gid, found.st_size, found.st_mtime, found.st_dev, found.st_ino
        )

    def link_target(self, path: str) -> str | None:
        """What a symbolic link says; see `cnictl.host.api.Host`."""
        parent, _, name = path.rstrip("/").rpartition("/")
        try:
            return os.readlink(self.where(parent or "/") / name)  # noqa: PTH115  # the text, not resolved
        except (OSError, ValueError, SourceError):
            return None

    def same_netns(self) -> bool:
        """Whether this process and the machine's first one share a network namespace.

        Ordinary users may not look at the first process; they are taken to be on the node itself.
        """
        return netns_of(self.where("/proc/1/ns/net")) in (None, netns_of(Path("/proc/self/ns/net")))

    def now(self) -> float:
        """The time; see `cnictl.host.api.Host`."""
        return time.time()

    def space(self, path: str) -> Space:
        """How much a file system has; see `cnictl.host.api.Host`."""
        try:
            found = os.statvfs(self.where(path))
        except (OSError, ValueError) as error:
            raise Unanswered(_reason(path, error)) from error
        return Space(
            found.f_blocks * found.f_frsize,
            found.f_bavail * found.f_frsize,
            found.f_files,
            found.f_favail,
            bool(found.f_flag & os.ST_RDONLY),
        )

    def processes(self, names: Iterable[str]) -> list[Process]:
        """The running programs with one of these names; see `cnictl.host.api.Host`."""
        wanted = frozenset(names)
        return [process for process in _processes(self.where("/proc")) if process.name in wanted]

    def watchers(self) -> list[Watcher]:
        """The running programs that are told of changes to files; see `cnictl.host.api.Host`."""
        if os.geteuid() != 0:
            message = "only root may see which programs are told of changes to files"
            raise Unanswered(message)
        return [found for found in _watchers(self.where("/proc")) if found.instances]

    def survey(self) -> Survey:
        """The links, addresses and routes; see `cnictl.host.api.Host`."""
        from cnictl.netns.survey import take_survey

        self._require_own_netns()
        try:
            return take_survey()
        except OSError as error:
            message = f"the kernel cannot be asked for links and routes: {error}"
            raise Unanswered(message) from error

    def rulesets(self) -> dict[str, str]:
        """The rules of the packet filter; see `cnictl.host.api.Host`."""
        self._require_own_netns()
        if os.geteuid() != 0:
            message = "only root may read the rules of the packet filter"
            raise Unanswered(message)
        return dict(_rulesets())

    def connect(self, address: str) -> str | None:
        """Whether somebody listens; see `cnictl.host.api.Host`."""
        kind, _, place = address.partition(":")
        try:
            if kind == "unix":
                with socket.socket(socket.AF_UNIX) as connection:
                    connection.settimeout(_PATIENCE)
                    connection.connect(place)
            else:
                self._require_own_netns()
                name, _, port = place.rpartition(":")
                socket.create_connection((name, int(port)), _PATIENCE).close()
        except OSError as error:
            return (error.strerror or str(error)).lower()
        except (ValueError, OverflowError):  # no name, no port, or no path
            return "there can be no such address"
        return None

    def cri(self, socket: str, question: str, argument: str = "") -> Any:  # noqa: ANN401  # a JSON value
        """What a container runtime answers; see `cnictl.host.api.Host`."""
        from cnictl.host.cri import ask

        return ask(socket, question, argument)

    def _require_own_netns(self) -> None:
        if not self.same_netns():
            message = "this process is in another network namespace than the node; run with the host's"
            raise Unanswered(message)


def _reason(path: str, error: OSError | ValueError) -> str:
    return f"{path}: {(getattr(error, 'strerror', None) or str(error)).lower()}"


def _rulesets() -> Iterator[tuple[str, str]]:
    for tool, (program, *arguments) in RULE_TOOLS.items():
        shown = show(program, *arguments)
        if shown.text is not None:
            yield tool, shown.text
        elif shown.trouble is not None:
            yield f"{tool}!", shown.trouble


def _processes(proc: Path) -> Iterator[Process]:
    boot, tick = _boot_time(proc), os.sysconf("SC_CLK_TCK")
    with suppress(OSError):
        for pid in sorted(int(name) for name in os.listdir(proc) if name.isdecimal()):  # noqa: PTH208  # names, not paths
            with suppress(OSError, ValueError, IndexError):  # it has just ended
                words = (proc / str(pid) / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
                since_boot = int((proc / str(pid) / "stat").read_text().rpartition(")")[2].split()[19]) / tick
                yield Process(pid, tuple(word.decode(errors="replace") for word in words), boot + since_boot)


def _watchers(proc: Path) -> Iterator[Watcher]:
    for pid in sorted(int(name) for name in os.listdir(proc) if name.isdecimal()):  # noqa: PTH208  # names, not paths
        with suppress(OSError):  # it has just ended
            directory = proc / str(pid)
            instances = [name for name in os.listdir(directory / "fd") if _is_watching(directory / "fd" / name)]  # noqa: PTH208
            watched = [found for name in instances for found in _watched((directory / "fdinfo" / name).read_text())]
            yield Watcher(pid, directory.stat().st_uid, len(instances), tuple(watched))


def _is_watching(descriptor: Path) -> bool:
    try:
        return os.readlink(descriptor) == "anon_inode:inotify"  # noqa: PTH115  # the text is what it is
    except OSError:
        return False


def _watched(info: str) -> Iterator[tuple[int, int]]:
    for line in info.splitlines():
        fields = dict(word.split(":", 1) for word in line.split() if ":" in word)
        if line.startswith("inotify ") and {"ino", "sdev"} <= fields.keys():
            with suppress(ValueError):
                device = int(fields["sdev"], 16)  # the kernel's own way: 12 bits of the major number before 20 others
                yield os.makedev(device >> 20, device & 0xFFFFF), int(fields["ino"], 16)


def _boot_time(proc: Path) -> float:
    with suppress(OSError, ValueError, IndexError):
        lines = (proc / "stat").read_text().splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith("btime ")))
    return 0.0


def netns_of(path: Path) -> str | None:
    """The identity of a process's network namespace; ``None`` when it may not be looked at."""
    try:
        return os.readlink(path)  # noqa: PTH115  # the link's text is the identity
    except OSError:
        return None
