"""The throwaway node's view of the file system: all of the host's files, and none that can be changed."""

from __future__ import annotations

import ctypes
import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cnictl.errors import CNIError
from cnictl.invoke.enclosure import why_forbidden

if TYPE_CHECKING:
    from collections.abc import Iterable

_RDONLY, _NOSUID, _NODEV, _NOEXEC, _BIND, _REC, _PRIVATE = 0x1, 0x2, 0x4, 0x8, 0x1000, 0x4000, 0x40000
_SYS_MOUNT_SETATTR = 442
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000

STATE = Path("/var/lib/cni")
"""Where plugins and runtimes keep what they know."""

_RESOLVERS = (
    "/run/systemd/resolve/resolv.conf",
    "/run/systemd/resolve/stub-resolv.conf",
    "/run/resolvconf/resolv.conf",
)
"""What /etc/resolv.conf may be a link to, and what ``resolvConf`` in a config may name."""


def make_view(state_dirs: Iterable[str] = ()) -> None:
    """Makes the file system of this mount namespace that of a node on its own.

    Everything is read-only, but for empty file systems in memory over ``/run``, over ``/var/lib/cni``, and over
    directories that the config names; and of the kernel's settings only those of the network can be written.

    Args:
        state_dirs: Directories that plugins are to write to.

    Raises:
        CNIError: This kernel, or the container that this runs in, does not allow it.
    """
    try:
        _mount("none", "/", "", _REC | _PRIVATE)
        resolvers = {path: Path(path).read_bytes() for path in _RESOLVERS if Path(path).is_file()}
        _read_only("/", recursive=True)
        _kernel_files()
        _own_run(resolvers)
        for directory in sorted({str(STATE), *state_dirs}):
            _writable(Path(directory))
    except OSError as error:
        message, hint = _why(error)
        raise CNIError(message, hint=hint) from error


def _why(error: OSError) -> tuple[str, str]:
    """Why the view could not be made, and the way out."""
    if error.filename == "/" and error.errno in (errno.EPERM, errno.EACCES):
        # AppArmor lets an ordinary user make namespaces, and then do nothing in them.
        return why_forbidden(error, user=_in_user_namespace())
    hint = "in a container, its /proc must not be masked: --privileged, or --security-opt unmask=ALL"
    return f"no throwaway node can be made: {error.filename or 'a mount'}: {(error.strerror or '').lower()}", hint


def _in_user_namespace() -> bool:
    """Whether root is root in a user namespace only."""
    return Path("/proc/self/uid_map").read_text(encoding="ascii").split()[:2] != ["0", "0"]


def _kernel_files() -> None:
    """The kernel's view of the new process and network namespaces, in which only the network can be set."""
    _mount("proc", "/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    with suppress(PermissionError):  # a container's /sys is masked; it stays as it is, read-only
        _mount("sysfs", "/sys", "sysfs", _NOSUID | _NODEV | _NOEXEC | _RDONLY)
    _mount("/proc/sys", "/proc/sys", "", _BIND)
    _mount("/proc/sys/net", "/proc/sys/net", "", _BIND)
    _read_only("/proc/sys")
    if Path("/proc/sysrq-trigger").exists():
        _mount("/proc/sysrq-trigger", "/proc/sysrq-trigger", "", _BIND)
        _read_only("/proc/sysrq-trigger")


def _own_run(resolvers: dict[str, bytes]) -> None:
    _mount("tmpfs", "/run", "tmpfs", _NOSUID | _NODEV, "mode=755")
    for name in ("netns", "lock", "tmp"):
        Path("/run", name).mkdir()
    Path("/run/xtables.lock").touch()
    for name, data in resolvers.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(data)
    os.environ["TMPDIR"] = "/run/tmp"


def _writable(directory: Path) -> None:
    """An empty directory in place of one, or of one that does not exist."""
    if not directory.is_dir():
        ancestor = next(parent for parent in directory.parents if parent.is_dir())
        if not os.access(ancestor, os.W_OK):
            _see_through(ancestor)
        directory.mkdir(parents=True)
    _mount("tmpfs", str(directory), "tmpfs", _NOSUID | _NODEV, "mode=755")


def _see_through(directory: Path) -> None:
    """A file system in memory over a directory, in which all that is there is still there."""
    if directory == Path("/"):
        raise OSError(errno.EROFS, "a directory right below / cannot be made", "/")
    entries = sorted(directory.iterdir())
    links = {entry.name: entry.readlink() for entry in entries if entry.is_symlink()}
    below = {entry.name: os.open(entry, os.O_PATH) for entry in entries if not entry.is_symlink()}
    kinds = {entry.name: entry.is_dir() for entry in entries}
    _mount("tmpfs", str(directory), "tmpfs", _NOSUID | _NODEV, "mode=755")
    for name, target in links.items():
        (directory / name).symlink_to(target)
    for name, descriptor in below.items():
        place = directory / name
        if kinds[name]:
            place.mkdir()
        else:
            place.touch()
        _mount(f"/proc/self/fd/{descriptor}", str(place), "", _BIND | _REC)
        os.close(descriptor)


def _mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    words = (text.encode() if text else None for text in (source, target, kind))
    if libc.mount(*words, ctypes.c_ulong(flags), data.encode() or None) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), target)


def _read_only(path: str, *, recursive: bool = False) -> None:
    """Forbids to write through a mount, and through those below it."""
    libc = ctypes.CDLL(None, use_errno=True)
    attributes = (ctypes.c_uint64 * 4)(_RDONLY, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    if libc.syscall(_SYS_MOUNT_SETATTR, _AT_FDCWD, path.encode(), flags, attributes, size) != 0:
        number = ctypes.get_errno()
        reason = "mount_setattr is missing, it needs Linux 5.12" if number == errno.ENOSYS else os.strerror(number)
        raise OSError(number, reason, path)
