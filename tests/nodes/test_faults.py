"""Faults are found, one by one and three at a time, and the deepest one is named first."""

from __future__ import annotations

from itertools import combinations

import pytest

from cnictl.doctor.engine import examine
from cnictl.doctor.registry import all_checks
from cnictl.report.finding import Status
from tests.nodes.faults import FAULTS, first_of, sick

TOGETHER = 3


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_alone_is_the_only_root_cause_of_what_fails(fault, tmp_path):
    checkup = examine(sick([fault]).node(tmp_path), all_checks())
    failed = {result.code for result in checkup.checks if result.status is Status.FAIL}
    assert FAULTS[fault][0] in failed
    roots = [cause.code for cause in checkup.causes if cause.code in failed]
    assert roots == [FAULTS[fault][0]]
    assert not [result for result in checkup.checks if result.status is Status.ERROR]


@pytest.mark.parametrize("faults", list(combinations(FAULTS, TOGETHER)), ids=" + ".join)
def test_of_three_faults_the_deepest_comes_first(faults, tmp_path):
    checkup = examine(sick(faults).node(tmp_path), all_checks())
    assert checkup.causes[0].code == first_of(faults), [(cause.code, cause.explains) for cause in checkup.causes]
    assert checkup.causes[0].command
