"""An explanation for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.explanation import Explanation


def render(explanation: Explanation, paper: Paper) -> None:
    """Writes what a code means, why it matters, an example and its mended form, and what to do."""
    paper.line((explanation.code, "bold"), f" {explanation.name} (", (explanation.severity, explanation.severity), ")")
    paper.blank()
    paper.paragraph("", explanation.summary)
    for paragraph in filter(None, explanation.details.split("\n\n")):
        paper.blank()
        paper.paragraph("", " ".join(paragraph.split()))
    _section(paper, "Why it matters", explanation.why)
    _example(paper, "Bad", explanation.bad_file, explanation.bad)
    _example(paper, "Good", explanation.good_file, explanation.good)
    _section(paper, "What to do", explanation.fix)
    _section(paper, "Silence it", _way_to_silence(explanation.code))
    _section(paper, "Source", explanation.reference)


def _way_to_silence(code: str) -> str:
    """How not to hear of it: what is found in a config that can be read may be silenced there."""
    option = f"--ignore {code}"
    in_config = "CNI1" <= code < "CNI6"
    return f'{option}, or "cnictl/ignore": {{"{code}": "the reason"}} at the top of a list' if in_config else option


def _section(paper: Paper, title: str, text: str) -> None:
    paper.blank()
    paper.line((title, "bold"))
    paper.paragraph("", text, indent=2)


def _example(paper: Paper, title: str, file: str, text: str) -> None:
    paper.blank()
    paper.line((title, "bold"), f" ({file})" if file else "")
    for line in text.splitlines():
        # A line that is too long is folded between two words, where JSON allows it too.
        paper.line(f"  {line}")
