"""A finding that a text itself wants not to be reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.report.policy import matches

if TYPE_CHECKING:
    from cnictl.report.finding import Finding
    from cnictl.text.node import Label


class InlineIgnore(NamedTuple):
    """An entry in a text that silences findings about it."""

    pattern: str
    """The beginning of a code, or a name."""
    pointers: tuple[str, ...]
    """The values that it is about, all below them included; empty for the whole text."""
    label: Label
    """Where it stands."""

    def covers(self, finding: Finding) -> bool:
        """Whether it silences a finding."""
        if not matches(self.pattern, finding):
            return False
        pointer = finding.location.pointer or ""
        return not self.pointers or any(f"{pointer}/".startswith(f"{above}/") for above in self.pointers)
