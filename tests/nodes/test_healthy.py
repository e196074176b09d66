"""A healthy node of any kind gives no warning and no failure."""

from __future__ import annotations

import pytest

from cnictl.doctor.engine import examine
from cnictl.doctor.registry import all_checks
from cnictl.report.finding import Status
from tests.nodes.kinds import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_healthy_node(kind, tmp_path):
    checkup = examine(KINDS[kind]().node(tmp_path), all_checks())
    wrong = {
        f"{result.code} {finding.message}"
        for result in checkup.checks
        for finding in result.findings
        if result.status not in (Status.OK, Status.SKIP)
    }
    wrong |= {f"{result.code} {result.summary}" for result in checkup.checks if result.status is Status.ERROR}
    assert wrong == set()
    assert checkup.causes == ()


@pytest.mark.parametrize("kind", KINDS)
def test_most_of_a_healthy_node_can_be_looked_at(kind, tmp_path):
    checkup = examine(KINDS[kind]().node(tmp_path), all_checks())
    assert checkup.counts()["ok"] > 20
