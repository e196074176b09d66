"""Applies the fixes that a program may apply, and nothing else in the file changes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cnictl.model.files import suffix_of
from cnictl.report.finding import Severity
from cnictl.text.edit import Apart, apply_edits
from cnictl.text.node import ObjectNode, walk
from cnictl.text.parser import parse
from cnictl.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cnictl.report.finding import Finding
    from cnictl.report.report import FileReport
    from cnictl.text.document import Document
    from cnictl.text.edit import Edit
    from cnictl.text.node import Node

    Judge = Callable[[Source], Sequence[FileReport]]

_ROUNDS = 20
"""One fix can make room for another: a config is readable once its comma is gone. Real files need three rounds."""

_JUDGEMENTS = 200
"""How often a file is judged at most to find out which of its fixes bring an error to light."""


@dataclass(frozen=True)
class Fixed:
    """A file after its fixes.

    Attributes:
        text: What it holds now.
        count: How many findings were mended.
        suffix: What its name must end in; ``None`` when it stays.
        taken: The path that it was to have and another file has already; ``None`` when there is none.
    """

    text: str
    count: int
    suffix: str | None
    taken: str | None = None


def fix(source: Source, judge: Judge, is_taken: Callable[[str], bool] = lambda _: False) -> Fixed:
    """Mends a file as far as a program may.

    Args:
        source: The file.
        judge: What judges it, and leaves out what the user does not want to hear of.
        is_taken: Whether there is something under a path already, so that the file cannot be called so.

    Returns:
        Its new text, which is the old one when there is nothing to do. It has no error that was not there before.
    """
    fixer = _Fixer(judge, is_taken)
    state, count, suffix = _State(source, judge(source)), 0, None
    for _ in range(_ROUNDS):
        done = fixer.round(state)
        if done is None:
            break
        state, mends = done
        count += len(mends)
        suffix = _suffix(mends) or suffix
    return Fixed(state.source.text, count, suffix, fixer.taken)


class _State(NamedTuple):
    """A file at some time, and what is wrong with it."""

    source: Source
    reports: Sequence[FileReport]


class _Mend(NamedTuple):
    """What mends one finding."""

    edits: list[Edit]
    suffix: str | None
    key: tuple[str, str | None]
    """The finding's code and pointer."""


_Chosen: TypeAlias = "tuple[list[_Mend], _State]"
"""Fixes, and the file after them."""


class _Fixer:
    """Chooses the fixes that bring no error to light.

    Args:
        judge: What judges the file.
        is_taken: Whether there is something under a path already.
    """

    def __init__(self, judge: Judge, is_taken: Callable[[str], bool]) -> None:
        self.judge = judge
        self.is_taken = is_taken
        self.refused: set[tuple[str, str | None]] = set()
        self.taken: str | None = None
        self.left = _JUDGEMENTS

    def round(self, state: _State) -> tuple[_State, list[_Mend]] | None:
        """The file after the fixes that can be applied at once; ``None`` when there is none."""
        while mends := _mends(state.reports, self._may_apply):
            chosen, after = self._grow(state, ([], state), mends)
            if chosen:
                return after, chosen
            if self.left <= 0:
                break
        return None

    def _may_apply(self, finding: Finding, source: Source) -> bool:
        """Whether a fix was not found to do harm, and its new name for the file is free."""
        suffix = finding.fix.suffix if finding.fix else None
        path = renamed_path(source.outermost.path, suffix)
        if suffix is not None and self.is_taken(path):
            self.taken = path
            return False
        return _key(finding) not in self.refused

    def _grow(self, state: _State, chosen: _Chosen, more: list[_Mend]) -> _Chosen:
        """The chosen fixes and those of some more that bring no error together with them."""
        if not more or self.left <= 0:
            return chosen
        mends = [*chosen[0], *more]
        after = self._after(state, mends)
        if not _errors(after.reports) - _errors(state.reports):
            return mends, after
        if len(more) == 1:
            self.refused.add(more[0].key)
            return chosen
        half = len(more) // 2
        return self._grow(state, self._grow(state, chosen, more[:half]), more[half:])

    def _after(self, state: _State, mends: list[_Mend]) -> _State:
        self.left -= 1
        text = apply_edits(state.source.text, [edit for mend in mends for edit in mend.edits])
        source = Source(renamed_path(state.source.path, _suffix(mends)), text.encode())
        return _State(source, self.judge(source))


def _suffix(mends: Sequence[_Mend]) -> str | None:
    return next((mend.suffix for mend in mends if mend.suffix), None)


def _key(finding: Finding) -> tuple[str, str | None]:
    return finding.code, finding.location.pointer


def _mends(reports: Sequence[FileReport], may_apply: Callable[[Finding, Source], bool]) -> list[_Mend]:
    """The fixes of as many findings as do not get into each other's way."""
    mends: list[_Mend] = []
    apart = Apart()
    for report in (report for report in reports if report.facts.get("template") or _is_clear(parse(report.source))):
        for finding in report.findings:
            edits = _edits(finding, report.source) if may_apply(finding, report.source) else None
            if edits is not None and apart.admits(edits):
                mends.append(_Mend(edits, finding.fix.suffix if finding.fix else None, _key(finding)))
                apart.add(edits)
    return mends


def _is_clear(document: Document) -> bool:
    """Whether what is wrong with a text as JSON is not the consequence of quotes that are missing.

    They turn strings inside out: what separates two strings becomes one, and the words between become keys.
    """
    if not document.complete or document.root is None:
        return False
    return document.refused is None or not any(map(_SEPARATOR.search, _strings(document.root)))


_SEPARATOR = re.compile(r"^\s*[:,]|[:,]\s*$")


def _strings(root: Node) -> Iterator[str]:
    for node in walk(root):
        if isinstance(node, ObjectNode):
            yield from (member.name for member in node)
        elif node.kind == "string":
            yield node.value


def renamed_path(path: str, suffix: str | None) -> str:
    """What a file is called when its name must end in something else.

    Args:
        path: The file.
        suffix: The new ending; ``None`` when the name stays.
    """
    return path if suffix is None else path.removesuffix(suffix_of(path)) + suffix


def _edits(finding: Finding, source: Source) -> list[Edit] | None:
    """What a finding's fix changes in the file; ``None`` when no program may or can apply it."""
    if finding.fix is None or not finding.fix.automatic:
        return None
    edits = [source.outer_edit(edit) for edit in finding.fix.edits]
    known = [edit for edit in edits if edit is not None]
    text = source.outermost.text
    changes = finding.fix.suffix or any(text[slice(*edit.span)] != edit.text for edit in known)
    return known if changes and len(known) == len(edits) else None


def _errors(reports: Sequence[FileReport]) -> Counter[tuple[str, str, str]]:
    """The errors, each by what it says and the last part of its place: an edit moves lines and puts keys right.

    Letter case does not count, for a key in another case has the same errors under its right name.
    """
    findings = (finding for report in reports for finding in report.findings)
    return Counter(_identity(finding) for finding in findings if finding.severity is Severity.ERROR)


def _identity(finding: Finding) -> tuple[str, str, str]:
    place = (finding.location.pointer or "").rpartition("/")[2]
    return finding.code, _LINE.sub("line", finding.message).casefold(), place.casefold()


_LINE = re.compile(r"line [0-9]+")
