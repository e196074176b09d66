"""GitLab's Code Quality report, kept in a file; ``UPDATE_GOLDEN=1`` writes it anew."""

from __future__ import annotations

from tests.golden.test_golden import BROKEN, compare
from tests.support.command import run_process


def test_a_code_quality_report():
    compare("report.gitlab.json", run_process("validate", BROKEN, "no-such-file.conflist", "-f", "gitlab").out)
