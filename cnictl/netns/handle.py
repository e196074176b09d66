"""Turns what a user types into a network namespace, and makes and removes named ones."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

from cnictl.errors import NamespaceDenied, NamespaceError, NamespaceNotFound, UsageError

RUN_DIR = Path("/run/netns")
"""Where ``ip netns`` keeps the named ones."""

_NS_GET_NSTYPE = 0xB703
_CLONE_NEWNET = 0x40000000


def netns_path(text: str) -> Path:
    """The path of a network namespace that a user named.

    Args:
        text: A path (it has a ``/``), ``pid:1234``, or a name under ``/run/netns``.

    Raises:
        UsageError: It is none of these.
    """
    if text.startswith("pid:"):
        number = text.removeprefix("pid:")
        if not (number.isascii() and number.isdigit()):
            message = f'"{text}" is no process: pid: must be followed by a number'
            raise UsageError(message, hint="an example is pid:1234")
        return Path(f"/proc/{number}/ns/net")
    if "/" in text and "\x00" not in text:
        return Path(os.path.abspath(text))  # noqa: PTH100  # as cnitool, which makes the container ID of it
    if text in ("", ".", "..") or "\x00" in text:
        message = f'"{text}" cannot be the name of a network namespace'
        raise UsageError(message, hint="give a name under /run/netns, a path, or pid:NUMBER")
    return RUN_DIR / text


def require_netns(path: Path) -> None:
    """Does nothing when the path is a network namespace.

    Raises:
        NamespaceNotFound: Nothing is there.
        NamespaceDenied: This user may not open it.
        NamespaceError: Something else is there.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _namespace_error(path, error) from error
    try:
        if fcntl.ioctl(descriptor, _NS_GET_NSTYPE) == _CLONE_NEWNET:
            return
    except OSError:
        pass  # no namespace file at all
    finally:
        os.close(descriptor)
    raise _no_netns(path)


def _no_netns(path: Path) -> NamespaceError:
    message = f"{path} is not a network namespace"
    return NamespaceError(message, hint="`ip netns add NAME` makes one, and `ip netns list` shows what there is")


def _namespace_error(path: Path, error: OSError) -> NamespaceError:
    if error.errno == errno.ENXIO:  # a socket
        return _no_netns(path)
    if error.errno in (errno.EACCES, errno.EPERM):
        return NamespaceDenied(f"no permission for the network namespace {path}", hint="run as root")
    if path.parent == RUN_DIR:
        name = path.name
        hint = f"`ip netns add {name}` makes it, and so does --create-netns with add"
        return NamespaceNotFound(f'there is no network namespace "{name}" in {RUN_DIR}', hint=hint)
    return NamespaceNotFound(f"there is no network namespace {path}", hint="is the process or container gone?")


def create_netns(path: Path) -> None:
    """Makes a new network namespace that is held by a file, as ``ip netns add`` does.

    Args:
        path: The file; its directory is made when it is missing.

    Raises:
        NamespaceDenied: This user may not.
        NamespaceError: It cannot be done for another reason.
    """
    from pyroute2 import netns

    try:
        netns.create(str(path))
    except FileExistsError as error:
        message = f"{path} is there already"
        raise NamespaceError(message) from error
    except (OSError, UnicodeEncodeError) as error:
        _remove_stub(path)
        number = getattr(error, "errno", None)
        if number in (errno.EPERM, errno.EACCES):
            message = f"no permission to make the network namespace {path}"
            raise NamespaceDenied(message, hint="run as root") from error
        message = f"the network namespace {path} cannot be made: {error}"
        raise NamespaceError(message) from error


def _remove_stub(path: Path) -> None:
    """Removes the empty file of a namespace that could not be made."""
    try:
        if path.is_file() and not os.path.ismount(path):
            path.unlink()
    except OSError:
        return  # it could not be made for the same reason that it cannot be removed


def remove_netns(path: Path) -> None:
    """Removes a network namespace that is held by a file.

    Raises:
        NamespaceDenied: This user may not.
        NamespaceError: It cannot be done for another reason.
    """
    from pyroute2 import netns

    try:
        netns.remove(str(path))
    except FileNotFoundError:
        return
    except OSError as error:
        kind = NamespaceDenied if error.errno in (errno.EPERM, errno.EACCES) else NamespaceError
        message = f"the network namespace {path} cannot be removed: {error.strerror}"
        raise kind(message) from error


def identity(path: Path) -> str | None:
    """What tells this namespace from every other that is alive; ``None`` when there is none.

    It is the device and inode of the namespace file, and when the kernel made that: the next namespace is given the
    inode of one that is gone, and after a reboot they are counted from the start again.
    """
    try:
        status = path.stat()
    except OSError:
        return None
    return f"{status.st_dev}:{status.st_ino}:{status.st_ctime_ns}"
