"""How each action is done, and how it is undone."""

from __future__ import annotations

import os
import stat
from functools import singledispatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnictl.doctor.repair.files import (
    content_in,
    content_of,
    give_back,
    locked,
    require_file,
    require_no_link,
    state_of,
)
from cnictl.errors import CNIError, RepairFailed
from cnictl.foreign.sysctl_d import path_of, plain_name
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
        CNIError: It is not as the action needs it, so that nothing must be done.
        OSError: It cannot be seen.
    """
    del action
    return {}


@look.register(WriteFile)
def _(action: WriteFile) -> Before:
    path = Path(action.path)
    require_file(path)
    return state_of(path)


@look.register(DeleteFile)
def _(action: DeleteFile) -> Before:
    path = Path(action.path)
    require_no_link(path)
    return state_of(path)


@look.register(ChangeMode)
def _(action: ChangeMode) -> Before:
    return state_of(Path(action.path), with_content=False)


@look.register(LoadModule)
def _(action: LoadModule) -> Before:
    return {"loaded": _is_loaded(action.name)}


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
    present = content_of(path)
    if action.replacing is not None and present not in (None, action.replacing.encode()):
        raise _changed(path)
    new = present is None
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, action.content)
    if new:
        path.chmod(action.mode)


@do.register(DeleteFile)
def _(action: DeleteFile, detach: object) -> None:
    del detach
    path = Path(action.path)
    with locked(action.lock):
        require_no_link(path)
        if path.is_dir():
            path.rmdir()
            return
        present = content_of(path)
        if action.holding is not None and present is not None and not _same_words(action.holding, present):
            raise _changed(path)
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
    present = content_of(path)
    if present == content_in(before):
        return None  # it was noted, and never done
    if present != action.content.encode():
        return f"{path} has been changed since"
    give_back(path, before)
    return None


@undo.register(DeleteFile)
def _(action: DeleteFile, before: Before) -> str | None:
    path = Path(action.path)
    if not before["there"]:
        return None
    with locked(action.lock):
        if os.path.lexists(path):
            is_same = not path.is_symlink() and content_of(path) == content_in(before)
            return None if is_same else f"{path} is there again"
        give_back(path, before)
    return None


@undo.register(ChangeMode)
def _(action: ChangeMode, before: Before) -> str | None:
    path = Path(action.path)
    present = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
    if present == before.get("mode"):
        return None
    if present != action.mode:
        return f"{path} has been changed since"
    path.chmod(before["mode"])
    return None


@undo.register(SetSysctl)
def _(action: SetSysctl, before: Before) -> str | None:
    setting = _sysctl(action.name)
    present = setting.read_text().split()  # the kernel writes tabs between numbers
    if present == before["value"].split():
        return None
    if present != action.value.split():
        return f"{action.name} has been changed since"
    setting.write_text(before["value"])
    return None


@undo.register(LoadModule)
def _(action: LoadModule, before: Before) -> str | None:
    if before.get("loaded") or not _is_loaded(action.name):
        return None
    return f"the module {action.name} stays loaded until the next boot, because others may use it by now"


@undo.register(Detach)
def _(action: Detach, before: Before) -> str:
    del before
    return f"{action.container_id} stays detached from {action.network}: its container is gone"


def _same_words(holding: str, present: bytes) -> bool:
    return holding.split() == present.decode(errors="replace").split()


def _changed(path: Path) -> RepairFailed:
    return RepairFailed(f"{path} holds something else by now")


def _is_loaded(module: str) -> bool:
    return Path("/sys/module", module.replace("-", "_")).exists()


def _sysctl(name: str) -> Path:
    """Where a setting is. As for ``sysctl``, the first separator is the one that counts, and the other is a letter."""
    path = Path(path_of(plain_name(name)))
    if ".." in path.parts:
        message = f"{name} is no setting of the kernel"
        raise RepairFailed(message)
    return path


def reason(error: CNIError | OSError) -> str:
    """An error in words."""
    if isinstance(error, CNIError):
        return error.message
    return f"{error.filename or ''}: {(error.strerror or str(error)).lower()}".removeprefix(": ")
