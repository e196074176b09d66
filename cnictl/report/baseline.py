"""Findings that are known already, kept in a file, so that only new ones count."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from cnictl.errors import SourceError
from cnictl.report.overrides import relative_name
from cnictl.text.source import Source, read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnictl.report.finding import Finding

SCHEMA: Final = "cnictl.baseline/1"
_KIND: Final = SCHEMA.rpartition("/")[0]

_LINE = re.compile(r"\bline [0-9]+\b")
_SURROGATE = re.compile("[\ud800-\udfff]")
_HINT: Final = "write the baseline anew, or take it from version control"


@dataclass(frozen=True, slots=True)
class Known:
    """A finding that is known, and how often it may be found.

    Attributes:
        file: The file, as seen from the baseline's directory.
        code: The finding's code.
        pointer: Where in the file; ``None`` where there is no JSON value.
        message: What it says, without the numbers of lines, which change when something else does.
        count: How many findings are known that are alike in all this.
    """

    file: str
    code: str
    pointer: str | None
    message: str
    count: int = 1


_Key = tuple[str, str, str | None, str]


class Baseline:
    """Findings that are known already.

    Args:
        entries: What is known. Entries that differ in nothing but their counts are added up.
        root: The directory of the baseline's file, where the names of files begin.
    """

    def __init__(self, entries: Iterable[Known], root: str | os.PathLike[str] = "") -> None:
        self._root = os.fspath(root)
        self._known: Counter[_Key] = Counter()
        for entry in entries:
            self._known[entry.file, entry.code, entry.pointer, _without_lines(entry.message)] += entry.count
        self._left = self._known.copy()

    @classmethod
    def of(cls, findings: Iterable[Finding], root: str | os.PathLike[str] = "") -> Baseline:
        """The baseline that knows exactly these findings.

        Args:
            findings: What is to be known.
            root: The directory that the baseline's file will lie in.
        """
        return cls((Known(*identity(finding, os.fspath(root))) for finding in findings), root)

    def split(self, findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
        """Parts new findings from known ones. What is known once is known once: a second finding like it is new.

        It may be called for one file after another: each call goes on where the last one ended.

        Returns:
            The new findings and the known ones, each in the order given.
        """
        new: list[Finding] = []
        known: list[Finding] = []
        for finding in findings:
            key = identity(finding, self._root)
            is_known = self._left[key] > 0
            self._left[key] -= is_known
            (known if is_known else new).append(finding)
        return new, known

    @property
    def stale(self) -> list[Known]:
        """What no finding has matched so far, with the counts that are left over: it has been put right."""
        return _sorted(self._left)

    def stale_in(self, files: Iterable[str]) -> list[Known]:
        """What is stale in these files alone, for runs that judge only a part of what the baseline knows.

        Args:
            files: The files that were judged, as the user named them.
        """
        judged = {relative_name(file, self._root) for file in files}
        return [entry for entry in self.stale if entry.file in judged]

    def text(self) -> str:
        """The text of the baseline's file: sorted, one line for each value, the same for the same findings."""
        entries = [asdict(entry) for entry in _sorted(self._known)]
        document = json.dumps({"schema": SCHEMA, "findings": entries}, indent=2, ensure_ascii=False)
        # Names of files and keys of configs may hold halves of characters, which no file in UTF-8 can.
        return _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", document) + "\n"


def read_baseline(path: str | os.PathLike[str]) -> Baseline:
    """Reads a baseline's file.

    Raises:
        SourceNotFound: There is no such file.
        SourceError: It cannot be read, or it is no baseline.
    """
    name = os.fspath(path)
    source = Source(name, read_regular(path))
    if source.bad_bytes:
        raise _bad(name, source.bad_bytes.reason)
    return Baseline(_entries(name, _parse(name, source.text)), os.path.dirname(os.path.abspath(path)))  # noqa: PTH100, PTH120


def identity(finding: Finding, root: str = "") -> tuple[str, str, str | None, str]:
    """What a finding is known by, whatever lines are put before it: file, code, JSON pointer and message.

    Args:
        finding: The finding.
        root: The directory where the file's name begins; empty for the current one.
    """
    file = relative_name(finding.location.file, root)
    return file, finding.code, finding.location.pointer, _without_lines(finding.message)


def _without_lines(message: str) -> str:
    return _LINE.sub("line N", message)


def _sorted(counted: Counter[_Key]) -> list[Known]:
    entries = [Known(*key, count) for key, count in counted.items() if count > 0]
    return sorted(
        entries,
        key=lambda entry: (entry.file, entry.code, entry.pointer is not None, entry.pointer or "", entry.message),
    )


def _parse(name: str, text: str) -> object:
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise _bad(name, f"line {error.lineno}, column {error.colno}: no valid JSON") from error
    except (ValueError, RecursionError) as error:  # an endless number, or an endless row of brackets
        raise _bad(name, "no valid JSON") from error


def _entries(name: str, document: object) -> list[Known]:
    schema = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(schema, str) or schema.rpartition("/")[0] != _KIND:
        raise SourceError(name, f'is no baseline: it has no "schema": "{SCHEMA}"', hint="is this the right file?")
    if schema != SCHEMA:
        reason = f"is a baseline of another kind, {schema}; this cnictl reads {SCHEMA}"
        raise SourceError(name, reason, hint="write it anew with this version of cnictl, or use the other one")
    findings = document.get("findings")
    if not isinstance(findings, list):
        raise _bad(name, '"findings" must be a list')
    return [_entry(name, f"/findings/{index}", entry) for index, entry in enumerate(findings)]


def _entry(name: str, place: str, entry: object) -> Known:
    if not isinstance(entry, dict):
        raise _bad(name, f"{place} must be an object")
    for key in ("file", "code", "message"):
        if not isinstance(entry.get(key), str):
            raise _bad(name, f'{place} needs a "{key}", which is a string')
    pointer, count = entry.get("pointer"), entry.get("count", 1)
    if not (pointer is None or isinstance(pointer, str)):
        raise _bad(name, f'{place}: "pointer" must be a string or null')
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise _bad(name, f'{place}: "count" must be a whole number from 1 on')
    return Known(entry["file"], entry["code"], pointer, entry["message"], count)


def _bad(name: str, reason: str) -> SourceError:
    return SourceError(name, reason, hint=_HINT)
