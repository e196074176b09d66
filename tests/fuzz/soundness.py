"""What must hold for every text there is."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

from cnictl.text.source import Source
from cnictl.validate.engine import judge
from tests.mutation.configs import OWN

if TYPE_CHECKING:
    from cnictl.report.report import FileReport

QUICK = settings(max_examples=100, deadline=2000, suppress_health_check=[HealthCheck.too_slow])
"""A judgement that takes two seconds hangs, on whatever machine."""

FILES = ("10-net.conflist", "10-net.conf", "10-net.json", "-")


def sound(name: str, data: bytes) -> FileReport:
    """Judges a text; every finding has what a reader needs and lies inside the text."""
    source = Source(name, data)
    report = judge(source)
    lines = source.text.split("\n")
    for finding in report.findings:
        where = finding.location
        assert where.line is not None
        assert where.column is not None
        assert where.end_line is not None
        assert where.end_column is not None
        assert (1, 1) <= (where.line, where.column) <= (where.end_line, where.end_column), finding
        assert where.end_line <= len(lines), finding
        assert where.column <= len(lines[where.line - 1]) + 1, finding
        assert where.end_column <= len(lines[where.end_line - 1]) + 1, finding
        assert finding.message.encode(), finding
        assert json.dumps(dict(finding.evidence)), finding
    return report


@cache
def good_texts() -> list[str]:
    """Configs in which nothing is wrong."""
    return [path.read_text() for path in sorted(OWN.iterdir())]
