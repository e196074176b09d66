from __future__ import annotations

import pytest

from cnictl.report.finding import Finding, Location, Severity
from cnictl.report.policy import Policy
from cnictl.report.report import FileReport
from cnictl.report.silence import InlineIgnore
from cnictl.text.node import Label
from cnictl.text.source import Source, Span

HERE = Label(Span(0, 1), "/cnictl~1ignore/CNI305")


def finding(pointer: str | None = "/plugins/1", code: str = "CNI305") -> Finding:
    return Finding(code, "portmap-without-capability", Severity.ERROR, "no", Location("f", pointer=pointer))


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [("CNI305", True), ("cni3", True), ("portmap-without-capability", True), ("CNI306", False), ("portmap", False)],
)
def test_it_is_about_a_code_or_a_name(pattern, covered):
    assert InlineIgnore(pattern, (), HERE).covers(finding()) is covered


@pytest.mark.parametrize(
    ("pointers", "pointer", "covered"),
    [
        ((), None, True),
        ((), "/plugins/1", True),
        (("",), "/plugins/1", True),
        (("",), None, True),
        (("/plugins/1",), "/plugins/1", True),
        (("/plugins/1",), "/plugins/1/ipam/type", True),
        (("/plugins/1",), "/plugins/10", False),
        (("/plugins/1",), "/plugins", False),
        (("/plugins/1",), None, False),
        (("/plugins/0", "/plugins/1"), "/plugins/1", True),
    ],
)
def test_it_is_about_a_value_and_all_below(pointers, pointer, covered):
    assert InlineIgnore("CNI305", pointers, HERE).covers(finding(pointer)) is covered


def test_a_report_leaves_out_what_its_text_silences():
    ignores = (InlineIgnore("CNI3", ("/plugins/1",), HERE), InlineIgnore("CNI4", (), HERE))
    findings = (finding(), finding("/plugins/0"), finding("/x", "CNI401"), finding("/x", "CNI501"))
    report = FileReport(Source("f", b""), {}, findings, ignores).without(Policy(), None, None)
    assert report.findings == (findings[1], findings[3])
