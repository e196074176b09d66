"""Findings that count in some files only: a file's own codes to ignore, chosen by a glob over its path."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Protocol

from cnictl.report.policy import matches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnictl.report.finding import Finding

STDIN_NAMES = ("-", "<stdin>")
"""What standard input is called; it lies in no directory."""

_ANY_DEPTH = re.compile(r"(^|/)\*\*/")


class FileIgnore(Protocol):
    """What is not to be reported for the files that a glob matches."""

    @property
    def glob(self) -> str: ...  # noqa: D102
    @property
    def codes(self) -> tuple[str, ...]: ...  # noqa: D102


class FileIgnores:
    """All that is not to be reported for some files, and what of it was of use in a run.

    Args:
        pairs: Globs with beginnings of codes, or whole names, in the order of the settings.
        root: The directory that the globs begin at; that of the settings file.
    """

    def __init__(self, pairs: Iterable[FileIgnore], root: str | os.PathLike[str] = "") -> None:
        self.pairs = tuple(pairs)
        self._root = os.fspath(root)
        self._used: set[int] = set()

    def silences(self, finding: Finding) -> bool:
        """Whether a finding is not to be reported. Remembers every pair that says so."""
        said = {
            index
            for index, pair in self._pairs_for(finding.location.file)
            if any(matches(code, finding) for code in pair.codes)
        }
        self._used |= said
        return bool(said)

    def unused(self, files: Iterable[str] | None = None) -> list[FileIgnore]:
        """The pairs that have silenced nothing so far: they can go, most likely.

        Args:
            files: The files that were judged, as the user named them. With it, pairs for other files are left out,
                since nobody knows about those; so it is when only changed files are judged.
        """
        judged = None if files is None else {index for file in files for index, _ in self._pairs_for(file)}
        return [
            pair
            for index, pair in enumerate(self.pairs)
            if index not in self._used and (judged is None or index in judged)
        ]

    def _pairs_for(self, path: str) -> list[tuple[int, FileIgnore]]:
        if not self.pairs:
            return []
        names = _names(path, self._root)
        return [(index, pair) for index, pair in enumerate(self.pairs) if _fits(pair.glob, names)]


def relative_name(path: str, root: str | os.PathLike[str]) -> str:
    """A file's path as seen from a directory, so that it is the same wherever the user stands.

    Links are not followed: the answer depends on names alone.

    Args:
        path: The file, as the user named it.
        root: The directory; empty for the current one.
    """
    if path in STDIN_NAMES:
        return "<stdin>"
    try:
        return os.path.relpath(path, root or os.curdir)
    except (OSError, ValueError):  # an empty path, or a current directory that is no longer there
        return path


def _names(path: str, root: str) -> tuple[str, str, str]:
    """What a glob may match: the path from the root, the base name, and the whole path."""
    relative = relative_name(path, root)
    whole = relative if relative == "<stdin>" else os.path.normpath(os.path.join(root, relative))  # noqa: PTH118  # text
    return relative, relative.rpartition("/")[2], whole


def _fits(glob: str, names: tuple[str, str, str]) -> bool:
    relative, base, whole = names
    pattern = glob.removeprefix("./")
    # As it stands, `a/**/b` would need a directory between the two.
    forms = {pattern, _ANY_DEPTH.sub(r"\1", pattern)}
    candidates = (whole,) if pattern.startswith("/") else (relative, base)
    return any(fnmatchcase(name, form) for form in forms for name in candidates)
