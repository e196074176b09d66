"""A finding: one thing that is wrong, where, why it matters, and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnictl.report.action import Action
    from cnictl.text.edit import Edit
    from cnictl.text.node import Label
    from cnictl.text.source import Source, Span


class Severity(StrEnum):
    """How bad a finding is, the worst first."""

    ERROR = "error"
    """A runtime or a plugin will refuse this, or pods will lack what the config promises."""
    WARNING = "warning"
    """Works today and bites later, or works by accident."""
    NOTE = "note"
    """Worth knowing."""


class Status(StrEnum):
    """What became of a check of the doctor."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    """It could not be looked at here; the summary says why."""
    ERROR = "error"
    """The check itself broke; the node may be well or not."""


class Applicable(StrEnum):
    """Who may apply a fix."""

    SAFE = "safe"
    """A program may: it changes nothing that works."""
    UNSAFE = "unsafe"
    """A program may when told so: the meaning could change."""
    MANUAL = "manual"
    """Only a person can: something has to be decided or looked up."""


@dataclass(frozen=True, slots=True)
class Fix:
    """What to do about a finding.

    Attributes:
        description: An instruction, as one sentence without a full stop.
        applicable: Who may apply it.
        edits: What a program has to change in the text; empty when it cannot.
        suffix: What the file's name must end in afterwards, such as ``.conflist``; ``None`` when it stays.
        actions: What a program has to do to the machine, in this order; empty when it cannot.
    """

    description: str
    applicable: Applicable = Applicable.MANUAL
    edits: tuple[Edit, ...] = ()
    suffix: str | None = None
    actions: tuple[Action, ...] = ()

    @property
    def automatic(self) -> bool:
        """Whether a program can apply it, and may."""
        return self.applicable is Applicable.SAFE and bool(self.edits or self.suffix)


@dataclass(frozen=True, slots=True)
class Location:
    """Where a finding is: 1-based lines and columns in characters, the end not included.

    Attributes:
        file: The file, as the user named it.
        line: First line; ``None`` when the finding is about the file as a whole.
        column: First column.
        end_line: Line of the first character behind it.
        end_column: Column of the first character behind it.
        pointer: RFC 6901 pointer of the value; ``None`` where there is no JSON value.
    """

    file: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    pointer: str | None = None

    @classmethod
    def of(cls, source: Source, label: Label) -> Location:
        """The location of a labelled value of a JSON text."""
        return replace(cls.in_text(source, label.span), pointer=label.pointer)

    @classmethod
    def in_text(cls, source: Source, span: Span) -> Location:
        """The location of a stretch of any text."""
        start, end = source.position(span.start), source.position(span.end)
        return cls(source.name, start.line, start.column, end.line, end.column)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        code: Its stable code, such as ``CNI305``.
        name: Its stable name, such as ``portmap-without-capability``.
        severity: How bad it is.
        message: One sentence that says what is wrong with this very value.
        location: Where.
        why: What goes wrong at run time.
        fix: What to do; ``None`` when the message says it all.
        evidence: What was seen, for machines.
        reference: A public document's title and section, or an issue number.
        masked: Whether the value is a secret, which must not be printed.
    """

    code: str
    name: str
    severity: Severity
    message: str
    location: Location
    why: str = ""
    fix: Fix | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)
    reference: str = ""
    masked: bool = False

    def with_evidence(self, key: str, value: object) -> Finding:
        """The same finding with one more thing that was seen."""
        return replace(self, evidence={**self.evidence, key: value})
