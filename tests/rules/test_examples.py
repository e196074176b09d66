"""The examples in the rules' docstrings are what `cnictl explain` and the documentation show, so they must be true."""

from __future__ import annotations

import pytest

from cnictl.report.finding import Severity
from cnictl.text.source import Source
from cnictl.validate.engine import How, judge
from cnictl.validate.installed import InstalledPlugin, InstalledPlugins
from cnictl.validate.paths import judge_file
from cnictl.validate.registry import all_rules
from tests.rules.cases import LIVE

_BYTES = {
    "CNI126": b'{"cniVersion": "1.0.0", "name": "pods", "plugins": [' + b",".join([b'{"type": "a"}'] * 100) + b"]}",
    "CNI002": b" \n\t\n",
    "CNI003": b'{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "bridge": "caf\xe9"}]}',
    "CNI004": b'\xef\xbb\xbf{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}',
}
"""Examples that a docstring can only describe: white space, a wrong byte, an invisible mark, a long list."""

_RULES = {rule.code: rule for rule in all_rules() if not rule.on_directory}
"""Those whose examples are files; what a directory shows is in tests/directories."""


class _Installed(InstalledPlugins):
    """A node with plugins that are older than the newest spec."""

    def __init__(self):
        pass

    def of(self, plugin):
        if plugin == "no-plugin-at-all":
            return InstalledPlugin(silent="it printed nothing")
        return (
            InstalledPlugin(versions=("1.0.0",)) if plugin == "bridge" else InstalledPlugin(missing="it is not there")
        )


def _found(name: str, data: bytes, rule=None):
    if name.endswith(".yaml"):
        return [finding for report in judge_file(Source(name, data)) for finding in report.findings]
    live = rule is not None and rule.code in LIVE
    how = How(installed=_Installed() if rule is not None and rule.on_use else None, templates=not live)
    return judge(Source(name, data), how).findings


def _bad(rule) -> bytes:
    return _BYTES.get(rule.code) or rule.explanation.bad.encode()


@pytest.mark.parametrize("code", _RULES)
def test_the_bad_example_is_reported(code):
    rule = _RULES[code]
    found = _found(rule.explanation.bad_file, _bad(rule), rule)
    own = [finding for finding in found if finding.code == code]
    assert own
    assert {(finding.name, finding.severity) for finding in own} == {(rule.name, rule.severity)}


@pytest.mark.parametrize("code", _RULES)
def test_the_bad_example_shows_one_error_alone(code):
    rule = _RULES[code]
    found = _found(rule.explanation.bad_file, _bad(rule), rule)
    assert {finding.code for finding in found if finding.severity is Severity.ERROR} <= {code}


@pytest.mark.parametrize("code", _RULES)
def test_the_good_example_is_good(code):
    rule = _RULES[code]
    found = _found(rule.explanation.good_file, rule.explanation.good.encode(), rule)
    assert [finding for finding in found if finding.code == code or finding.severity is Severity.ERROR] == []


@pytest.mark.parametrize("code", _RULES)
def test_the_good_example_is_accepted_with_strict(code):
    rule = _RULES[code]
    found = _found(rule.explanation.good_file, rule.explanation.good.encode(), rule)
    assert [(finding.code, finding.message) for finding in found] == []


@pytest.mark.parametrize("code", _RULES)
def test_the_examples_differ_and_have_the_names_of_configs(code):
    text = _RULES[code].explanation
    assert (text.bad_file, text.bad) != (text.good_file, text.good)
    suffixes = (".yaml",) if text.bad_file.endswith(".yaml") else (".conflist", ".conf", ".json")
    assert text.bad_file.endswith(suffixes)
    assert text.good_file.endswith(suffixes)
