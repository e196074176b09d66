"""Configs in which one thing was broken: each is found out, at the right place, and not drowned in errors."""

from __future__ import annotations

import pytest

from cnictl.report.finding import Severity
from cnictl.schema import is_reference, known_types
from cnictl.text.source import Source
from cnictl.validate.engine import judge
from tests.mutation.configs import own_configs, real_configs
from tests.mutation.registry import Kind, all_kinds, outcomes
from tests.mutation.report import crowded, missed, report, score, total

REMAINDER: dict[str, str] = {}
"""Kinds of which less than `ENOUGH` can be found out, each with the reason."""

ENOUGH = 0.8
OVERALL = 0.95
CROWDED = 0.1


@pytest.fixture(params=all_kinds(), ids=lambda which: which.name)
def which(request) -> Kind:
    kind: Kind = request.param
    return kind


@pytest.mark.parametrize("good", [*own_configs(), *real_configs()], ids=lambda good: good.name)
def test_what_is_broken_was_good(good):
    found = judge(Source(good.name, good.text.encode())).findings
    assert [one for one in found if one.severity is not Severity.NOTE] == []


def test_the_own_configs_use_every_reference_plugin_and_ten_of_vendors():
    used = {plugin["type"] for good in own_configs() for _, plugin in good.plugins()}
    used |= {ipam["type"] for good in own_configs() for _, ipam in good.ipams()}
    assert {name for name in known_types() if is_reference(name)} <= used
    assert len({name for name in used if not is_reference(name)}) >= 10


def test_a_kind_breaks_something(which):
    assert outcomes(which)
    for outcome in outcomes(which):
        assert outcome.change.data not in {
            good.text.encode() for good in own_configs() if good.name == outcome.change.name
        }


def test_a_kind_is_found_out(which):
    if which.name in REMAINDER:
        pytest.skip(REMAINDER[which.name])
    assert score(which).recall >= ENOUGH, "\n  ".join(map(str, missed(which)))


def test_one_cause_gives_one_error(which):
    few = crowded(which)
    assert len(few) <= CROWDED * len(outcomes(which)), "\n  ".join(map(str, few))


def test_nearly_all_is_found_out_and_little_is_found_beside():
    every = total([score(which) for which in all_kinds() if which.name not in REMAINDER])
    assert every.recall >= OVERALL, report()
    assert every.precision >= OVERALL, report()


def test_the_same_is_broken_in_every_run(which):
    assert [change for _, change in which.changes()] == [outcome.change for outcome in outcomes(which)]
