"""What has been done to a node, so that it can be undone.

Each run has a file, which is on the disk before anything is done and is written anew before every action. A run that is
killed has noted at most one action that it did not do, and undoing that one changes nothing.
"""

from __future__ import annotations

import errno
import json
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from cnictl.errors import RepairFailed
from cnictl.report.action import Action
from cnictl.runtime.durable import write_durably

if TYPE_CHECKING:
    from pathlib import Path

    from cnictl.doctor.repair.steps import Before

KIND = "cnictlRepairV1"
_UNDONE = ".undone"
_KINDS: dict[str, Any] = {kind.__name__: kind for kind in get_args(Action)}


@dataclass
class Entry:
    """An action of a run.

    Attributes:
        code: The code of the finding that it mends.
        action: The action.
        before: How it was before.
    """

    code: str
    action: Action
    before: Before


@dataclass
class Run:
    """What was done at once.

    Attributes:
        path: Its file.
        entries: The actions, in the order in which they were done.
    """

    path: Path
    entries: list[Entry] = field(default_factory=list)

    def note(self, entry: Entry) -> None:
        """Notes an action that is about to be done.

        Raises:
            RepairFailed: It cannot be noted; then it must not be done.
        """
        self.entries.append(entry)
        try:
            self._write()
        except RepairFailed:
            self.entries.pop()
            raise

    def _write(self) -> None:
        content = {
            "kind": KIND,
            "entries": [
                {"code": entry.code, "action": _kind_of(entry.action), **entry.action._asdict(), "before": entry.before}
                for entry in self.entries
            ],
        }
        try:
            write_durably(self.path, json.dumps(content, indent=1).encode(), staging=self.path.parent.parent)
        except OSError as error:
            raise _unwritable(error) from error

    def close(self, left: list[Entry]) -> None:
        """Remembers that a run was undone, but for some of its actions.

        Raises:
            RepairFailed: It cannot be written.
        """
        self.entries = left
        self._write()
        try:
            self.path.rename(self.path.with_name(self.path.name + _UNDONE))
        except OSError as error:
            raise _unwritable(error) from error


class Journal:
    """The runs on a node.

    Args:
        cache_dir: Base directory of the result cache, beside which the journal lies.
    """

    def __init__(self, cache_dir: Path) -> None:
        self.directory = cache_dir / "cnictl" / "repairs"

    def begin(self) -> Run:
        """A new run; its file is made with its first action.

        Raises:
            RepairFailed: The journal cannot be written, so nothing may be done.
        """
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(error) from error
        if not os.access(self.directory, os.W_OK | os.X_OK):
            raise _unwritable(PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self.directory)))
        return Run(self.directory / f"{time.time_ns():020}-{os.getpid()}.json")

    def newest(self) -> Run | None:
        """The newest run that was not undone; ``None`` when there is none.

        Raises:
            RepairFailed: Its file cannot be read.
        """
        try:
            paths = sorted(path for path in self.directory.iterdir() if path.suffix == ".json")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(self.directory, str(error.strerror or error).lower()) from error
        return _read(paths[-1]) if paths else None


def _read(path: Path) -> Run:
    try:
        content: Any = json.loads(path.read_bytes())
        entries = [_entry(each) for each in content["entries"]]
    except OSError as error:
        raise _unreadable(path, str(error.strerror or error).lower()) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unreadable(path, "it holds no run of cnictl") from error
    return Run(path, entries)


def _entry(data: dict[str, Any]) -> Entry:
    kind = _KINDS[data["action"]]
    return Entry(data["code"], kind(**{name: data[name] for name in kind._fields if name in data}), data["before"])


def _kind_of(action: Action) -> str:
    return type(action).__name__


def _unwritable(error: OSError) -> RepairFailed:
    message = (
        f"the journal of repairs cannot be written: {error.filename or ''}: {(error.strerror or str(error)).lower()}"
    )
    return RepairFailed(message, hint="run as root, or set CNI_CACHE_DIR to a directory of yours")


def _unreadable(path: Path, reason: str) -> RepairFailed:
    return RepairFailed(f"the journal of repairs cannot be read: {path}: {reason}")
