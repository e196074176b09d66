"""Runs a function in namespaces of its own: whatever it does there, and all that it has started, ends with it."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cnictl.errors import CNIError, NamespaceDenied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from typing import NoReturn

_NEW_NS, _NEW_UTS, _NEW_IPC = 0x20000, 0x4000000, 0x8000000
_NEW_USER, _NEW_PID, _NEW_NET = 0x10000000, 0x20000000, 0x40000000
_PR_SET_PDEATHSIG = 1


class _Failure(NamedTuple):
    """What the enclosed function raised, as text: not every exception can be sent."""

    message: str
    hint: str | None
    denied: bool = False


def enclosed(work: Callable[[Callable[[object], None]], None]) -> Iterator[object]:
    """Runs a function as the first process of new mount, network, IPC, host name and process namespaces.

    For an ordinary user there is a new user namespace too, in which the function is root. When the iteration ends, for
    whatever reason, or this process does, the kernel ends every process in there and removes what they have made.

    Args:
        work: The function. It is given another one that hands values to the caller: what can be pickled.

    Yields:
        What the function hands out.

    Raises:
        NamespaceDenied: This user may not make such namespaces; the message names the setting that forbids it.
        CNIError: The function failed.
    """
    answers, said = Pipe(duplex=False)
    kept, lifeline = os.pipe()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()  # or else both processes write what is in the buffer
    guard = os.fork()
    if guard == 0:
        _leave(lambda: _guard(work, said, kept, (lifeline, answers.fileno())))
    said.close()
    os.close(kept)
    try:
        yield from _received(answers)
    finally:
        os.close(lifeline)  # the guard ends everything when it is closed, also by the death of this process
        answers.close()
        os.waitpid(guard, 0)


def _received(answers: Connection) -> Iterator[object]:
    while True:
        try:
            value = answers.recv()
        except EOFError:
            return
        if isinstance(value, _Failure):
            raise (NamespaceDenied if value.denied else CNIError)(value.message, hint=value.hint)
        yield value


def _leave(work: Callable[[], None]) -> NoReturn:
    """Does something in a forked process and ends that, without what the other process has to do at its end."""
    try:
        work()
    except BaseException:  # noqa: BLE001  # it has been told already, or nobody listens any more
        os._exit(1)
    os._exit(0)


def _guard(
    work: Callable[[Callable[[object], None]], None], said: Connection, kept: int, foreign: tuple[int, ...]
) -> None:
    """Makes the namespaces, begins the work in them, and ends it when the caller is gone."""
    for descriptor in foreign:
        os.close(descriptor)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Ctrl-C reaches all processes of the terminal; what it means is for the caller to decide. A handler, unlike
        # deafness, is not inherited by programs that are started.
        signal.signal(number, lambda *_: None)
    try:
        _unshare()
    except OSError as error:
        said.send(_Failure(*why_forbidden(error), denied=True))
        return
    first = os.fork()
    if first == 0:
        _leave(lambda: _begin(work, said, kept))
    said.close()
    _wait(first, kept)


def _begin(work: Callable[[Callable[[object], None]], None], said: Connection, kept: int) -> None:
    _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.close(kept)
    try:
        work(said.send)
    except CNIError as error:
        said.send(_Failure(error.message, error.hint))
    except Exception as error:  # noqa: BLE001  # the caller is to hear of it
        said.send(_Failure(f"the throwaway node broke: {type(error).__name__}: {error}", _place(error)))


def _place(error: BaseException) -> str | None:
    """Where a bug is."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"please report it: {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else None


def _wait(first: int, kept: int) -> None:
    """Waits for the end of the work, and brings it about when the caller closes the lifeline.

    The kernel ends all other processes of a process namespace before the first one counts as ended.
    """
    ending = os.pidfd_open(first)
    ready, _, _ = select.select([ending, kept], [], [])
    if ending not in ready:
        with suppress(ProcessLookupError):
            os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _unshare() -> None:
    """Makes the namespaces; the next child is the first process in them.

    Raises:
        OSError: The kernel does not allow it.
    """
    user, group = os.geteuid(), os.getegid()
    flags = _NEW_NS | _NEW_UTS | _NEW_IPC | _NEW_PID | _NEW_NET | (_NEW_USER if user else 0)
    if _libc().unshare(flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    if user:
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1", encoding="ascii")


_SWITCHES = (
    ("kernel.unprivileged_userns_clone", "0", "sudo sysctl kernel.unprivileged_userns_clone=1"),
    ("user.max_user_namespaces", "0", "sudo sysctl user.max_user_namespaces=10000"),
    (
        "kernel.apparmor_restrict_unprivileged_userns",
        "1",
        "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile with userns for Python",
    ),
)
"""Settings that forbid an ordinary user a namespace: the name, the value that does, and what allows it."""


_SETTINGS = Path("/proc/sys")


def why_forbidden(error: OSError, root: Path = _SETTINGS, *, user: bool | None = None) -> tuple[str, str]:
    """Why no namespaces can be made, or nothing be done in them, and the way out.

    Args:
        error: What the kernel said.
        root: Where the kernel's settings are.
        user: Whether an ordinary user is meant; whoever runs this process when ``None``.
    """
    said = (error.strerror or str(error)).lower()
    ordinary = os.geteuid() != 0 if user is None else user
    for name, forbidding, remedy in _SWITCHES if ordinary else ():
        if _value(root / name.replace(".", "/")) == forbidding:
            return f"no throwaway node can be made: {name} is {forbidding} ({said})", f"{remedy}, or run as root"
    way = "run as root" if ordinary else "run the container with --privileged, or outside of one"
    reason = f"the kernel refuses new namespaces ({said}), as it does under a container's seccomp or AppArmor profile"
    return f"no throwaway node can be made: {reason}", way


def _value(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return None
