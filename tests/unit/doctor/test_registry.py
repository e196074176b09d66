"""The registry: a decorated function is the whole definition of a check."""

from __future__ import annotations

import re

import pytest

from cnictl.doctor.registry import all_checks, check
from cnictl.report.finding import Severity


def test_checks_are_in_the_order_of_their_codes_and_each_is_there_once():
    codes = [check.code for check in all_checks()]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"CNI8\d\d", code) for code in codes)
    assert len({check.name for check in all_checks()}) == len(codes)


@pytest.mark.parametrize(("code", "name"), [("CNI801", "a-new-name"), ("CNI899", "no-network-config")])
def test_a_code_or_name_that_is_taken_is_refused(code, name):
    decorate = check(code, name, Severity.NOTE, "tests", reads="nothing", well="fine")
    before = all_checks()
    with pytest.raises(ValueError, match=rf"^{code} {name}: the code or the name is taken$"):
        decorate(lambda _node: iter(()))
    all_checks.cache_clear()
    assert all_checks() == before


def test_a_tag_is_a_category():
    decorate = check("CNI899", "a-new-name", Severity.NOTE, "dns", reads="nothing", well="fine", tags=("tests",))
    with pytest.raises(ValueError, match=r"^CNI899 a-new-name: its category or an effect is unknown$"):
        decorate(lambda _node: iter(()))
