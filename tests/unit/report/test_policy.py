from __future__ import annotations

import pytest

from cnictl.report.finding import Finding, Location, Severity
from cnictl.report.policy import Policy, matches

PORTMAP = Finding("CNI305", "portmap-without-capability", Severity.ERROR, "no", Location("f"))
COMMA = Finding("CNI003", "trailing-comma", Severity.WARNING, "no", Location("f"))


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("CNI305", True),
        ("CNI30", True),
        ("CNI3", True),
        ("CNI", True),
        ("cni305", True),
        ("CNI3055", False),
        ("CNI0", False),
        ("305", False),
        ("portmap-without-capability", True),
        ("PortMap-Without-Capability", True),
        ("portmap", False),
        ("portmap-without-capability ", False),
    ],
)
def test_a_pattern_is_the_beginning_of_a_code_or_a_whole_name(pattern, matched):
    assert matches(pattern, PORTMAP) is matched


@pytest.mark.parametrize(
    ("policy", "portmap", "comma"),
    [
        (Policy(), True, True),
        (Policy(select=("CNI3",)), True, False),
        (Policy(select=("CNI3", "trailing-comma")), True, True),
        (Policy(ignore=("CNI3",)), False, True),
        (Policy(select=("CNI",), ignore=("CNI0",)), True, False),
        (Policy(select=("CNI305",), ignore=("CNI3",)), False, False),
        (Policy(select=("CNI9",)), False, False),
    ],
)
def test_what_is_ignored_is_not_wanted_even_when_it_is_selected(policy, portmap, comma):
    assert (policy.wants(PORTMAP), policy.wants(COMMA)) == (portmap, comma)


@pytest.mark.parametrize(
    ("strict", "refused"),
    [(False, {Severity.ERROR}), (True, {Severity.ERROR, Severity.WARNING})],
)
def test_strictness_makes_warnings_count_as_errors_do_and_notes_never(strict, refused):
    policy = Policy(strict=strict)
    assert {severity for severity in Severity if policy.refuses(severity)} == refused


def test_patterns_that_match_nothing_there_is_are_found_in_the_order_they_were_given():
    policy = Policy(select=("CNI3", "CNI9", "trailing-coma"), ignore=("trailing-comma", "CNO3"))
    assert policy.unmatched(iter([PORTMAP, COMMA])) == ["CNI9", "trailing-coma", "CNO3"]
    assert Policy().unmatched([PORTMAP]) == []
