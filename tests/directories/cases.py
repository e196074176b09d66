"""The cases of the rules about directories: a folder for each code, with a folder for each config directory.

``net.d`` holds the files. ``case.json`` says what git cannot keep, in ``entries``: links, named pipes, sockets and
modes, by the path in the directory, the empty one for the directory itself; and the ``runtime`` that is asked about.
``expected.json`` has the findings in each of the bad ones.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from cnictl.runtime.selection import Runtime
from cnictl.validate.paths import judge_directory

if TYPE_CHECKING:
    from cnictl.report.finding import Finding

ROOT = Path(__file__).parent
EXPECTED = "expected.json"
ABOUT = "case.json"
FILES = "net.d"

Row: TypeAlias = list[Any]
"""A finding as ``expected.json`` has it: code, file, line, column, end line, end column, pointer, message."""


def folders() -> list[Path]:
    """The folders, one for each code."""
    return sorted(path for path in ROOT.iterdir() if path.is_dir() and path.name != "__pycache__")


def cases(kind: str = "") -> list[str]:
    """All ``good`` or ``bad`` directories, as ``CODE/name``."""
    return [f"{folder.name}/{path.name}" for folder in folders() for path in sorted(folder.glob(f"{kind}*/"))]


def expected(code: str) -> dict[str, list[Row]]:
    """What is expected of the bad directories of a code."""
    rows: dict[str, list[Row]] = json.loads((ROOT / code / EXPECTED).read_bytes())
    return rows


def about(case: str) -> dict[str, Any]:
    """What ``case.json`` says."""
    path = ROOT / case / ABOUT
    said: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {}
    return said


def build(case: str, directory: Path) -> Path:
    """Makes the directory of a case, with modes that do not depend on who runs the tests."""
    shutil.copytree(ROOT / case / FILES, directory)
    for path in (directory, *directory.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    for name, entry in about(case).get("entries", {}).items():
        _make(directory / name if name else directory, entry)
    return directory


def _make(path: Path, entry: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    if "link" in entry:
        path.symlink_to(entry["link"])
    elif "pipe" in entry:
        os.mkfifo(path)
    elif "socket" in entry:
        _bind(path)
    else:
        path.chmod(int(entry["mode"], 8))


def _bind(path: Path) -> None:
    """Makes a socket; bound by its short name, for a long path does not fit into its address."""
    before = Path.cwd()
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path.name)
    os.chdir(before)


def findings(case: str, directory: Path) -> list[Finding]:
    """Everything that is found in a directory that is not there yet, the files in the order of their names."""
    runtime = about(case).get("runtime")
    judgement = judge_directory(str(build(case, directory)), runtime=Runtime(runtime) if runtime else None)
    return [finding for file in judgement.files for finding in file.findings]


def row(finding: Finding, directory: Path) -> Row:
    """A finding as ``expected.json`` has it."""
    where = finding.location
    file = where.file.removeprefix(str(directory)).lstrip("/")
    return [
        finding.code,
        file,
        where.line,
        where.column,
        where.end_line,
        where.end_column,
        where.pointer,
        finding.message,
    ]
