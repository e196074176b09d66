"""How each action is done, and how it is undone."""

from __future__ import annotations

import base64
import os
import stat
from contextlib import suppress
from functools import singledispatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnictl.errors import CNIError, RepairFailed
from cnictl.invoke.tools import show
from cnictl.report.action import Action, ChangeMode, DeleteFile, Detach, LoadModule, SetSysctl, WriteFile
from cnictl.text.edit import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable

Before = dict[str, Any]
"""How it was before an action, as JSON values; what `undo` needs."""


@singledispatch
def look(action: Action) -> Before:
    """How it is before an action.

    Raises:
        OSError: It cannot be seen.
    """
    del action
    return {}


@look.register(WriteFile)
@look.register(DeleteFile)
@look.register(ChangeMode)
def _(action: WriteFile | DeleteFile | ChangeMode) -> Before:
    path = Path(action.path)
    try:
        found = path.stat()
    except FileNotFoundError:
        return {"there": False}
    before: Before = {"there": True, "mode": stat.S_IMODE(found.st_mode), "uid": found.st_uid, "gid": found.st_gid}
    if stat.S_ISREG(found.st_mode) and not isinstance(action, ChangeMode):
        before["content"] = base64.b64encode(path.read_bytes()).decode()
    return before


@look.register(SetSysctl)
def _(action: SetSysctl) -> Before:
    return {"value": _sysctl(action.name).read_text().strip()}


@singledispatch
def do(action: Action, detach: Callable[[Detach], None]) -> None:
    """Does an action.

    Args:
        action: What to do.
        detach: Runs DEL for an attachment.

    Raises:
        CNIError: It cannot be done.
        OSError: It cannot be done.
    """
    raise TypeError(action, detach)


@do.register(WriteFile)
def _(action: WriteFile, detach: object) -> None:
    del detach
    path = Path(action.path)
    new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, action.content)
    if new:
        path.chmod(action.mode)


@do.register(DeleteFile)
def _(action: DeleteFile, detach: object) -> None:
    del detach
    path = Path(action.path)
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
        return
    if action.holding is not None and path.exists() and path.read_text(errors="replace") != action.holding:
        message = f"{path} holds something else by now"
        raise RepairFailed(message)
    path.unlink(missing_ok=True)


@do.register(ChangeMode)
def _(action: ChangeMode, detach: object) -> None:
    del detach
    Path(action.path).chmod(action.mode)


@do.register(SetSysctl)
def _(action: SetSysctl, detach: object) -> None:
    del detach
    _sysctl(action.name).write_text(action.value)


@do.register(LoadModule)
def _(action: LoadModule, detach: object) -> None:
    del detach
    shown = show("modprobe", action.name)
    if shown.text is None:
        message = f"the module {action.name} cannot be loaded: {shown.trouble or 'modprobe is not installed'}"
        raise RepairFailed(message)


@do.register(Detach)
def _(action: Detach, detach: Callable[[Detach], None]) -> None:
    detach(action)


@singledispatch
def undo(action: Action, before: Before) -> str | None:
    """Makes it as it was before an action.

    Args:
        action: What was done.
        before: What `look` had seen.

    Returns:
        Why it stays as it is; ``None`` when it is as it was.

    Raises:
        CNIError: It cannot be undone.
        OSError: It cannot be undone.
    """
    del before
    raise TypeError(action)


@undo.register(WriteFile)
def _(action: WriteFile, before: Before) -> str | None:
    path = Path(action.path)
    present = path.read_bytes() if path.exists() else None
    if present == _content(before):
        return None  # it was noted, and never done
    if present != action.content.encode():
        return f"{path} has been changed since"
    _restore(path, before)
    return None


@undo.register(DeleteFile)
def _(action: DeleteFile, before: Before) -> str | None:
    path = Path(action.path)
    if not before["there"]:
        return None
    if path.exists():
        return f"{path} is there again"
    _restore(path, before)
    return None


@undo.register(ChangeMode)
def _(action: ChangeMode, before: Before) -> str | None:
    path = Path(action.path)
    if not path.exists() or stat.S_IMODE(path.stat().st_mode) != action.mode:
        return f"{path} has been changed since"
    path.chmod(before["mode"])
    return None


@undo.register(SetSysctl)
def _(action: SetSysctl, before: Before) -> str | None:
    setting = _sysctl(action.name)
    if setting.read_text().strip() != action.value:
        return f"{action.name} has been changed since"
    setting.write_text(before["value"])
    return None


@undo.register(LoadModule)
def _(action: LoadModule, before: Before) -> str:
    del before
    return f"the module {action.name} stays loaded until the next boot, because others may use it by now"


@undo.register(Detach)
def _(action: Detach, before: Before) -> str:
    del before
    return f"{action.container_id} stays detached from {action.network}: its container is gone"


def _content(before: Before) -> bytes | None:
    """What a file held; ``None`` when there was none."""
    return base64.b64decode(before["content"]) if "content" in before else None


def _restore(path: Path, before: Before) -> None:
    """Gives a file back what it was; one that was not there is removed."""
    if not before["there"]:
        path.unlink(missing_ok=True)
        return
    if "content" not in before:
        path.mkdir(exist_ok=True)
    else:
        path.write_bytes(_content(before) or b"")
    path.chmod(before["mode"])
    with suppress(PermissionError):
        os.chown(path, before["uid"], before["gid"])


def _sysctl(name: str) -> Path:
    """Where a setting is. As for ``sysctl``, the first separator is the one that counts, and the other is a letter."""
    with_slashes = name.find("/") != -1 and ("." not in name or name.index("/") < name.index("."))
    return Path("/proc/sys", name if with_slashes else name.translate(str.maketrans("./", "/.")))


def reason(error: CNIError | OSError) -> str:
    """An error in words."""
    if isinstance(error, CNIError):
        return error.message
    return f"{error.filename or ''}: {(error.strerror or str(error)).lower()}".removeprefix(": ")
