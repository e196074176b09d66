from __future__ import annotations

import json

import pytest

from cnictl.text.source import Source
from cnictl.validate.context import ConfigFile
from cnictl.validate.engine import judge
from cnictl.validate.ignores import ignores_of, malformed_ignores
from tests.support.documents import document


def text(ignore: str, plugins: str = '[{"type": "bridge", "isGateway": true, "colour": 1, "size": 2}]') -> str:
    return f'{{"cniVersion": "1.0.0", "name": "pods", "cnictl/ignore": {ignore}, "plugins": {plugins}}}'


def config(ignore: str) -> ConfigFile:
    return ConfigFile(document(text(ignore)))


def test_a_reason_is_enough():
    (ignore,) = ignores_of(config('{"CNI401": "ours"}'))
    assert (ignore.pattern, ignore.pointers, ignore.label.pointer) == ("CNI401", (), "/cnictl~1ignore/CNI401")


def test_it_may_name_values():
    (ignore,) = ignores_of(config('{"CNI401": {"at": ["/plugins/0", "/plugins/1"], "reason": "ours"}}'))
    assert ignore.pointers == ("/plugins/0", "/plugins/1")


@pytest.mark.parametrize(
    ("ignore", "pointer"),
    [
        ('"CNI401"', ""),
        ("null", ""),
        ('["CNI401"]', ""),
        ('{"CNI401": ""}', "/CNI401"),
        ('{"CNI401": " "}', "/CNI401"),
        ('{"CNI401": null}', "/CNI401"),
        ('{"CNI401": true}', "/CNI401"),
        ('{"CNI401": {}}', "/CNI401"),
        ('{"CNI401": {"at": ["/plugins/0"]}}', "/CNI401"),
        ('{"CNI401": {"reason": "x", "at": []}}', "/CNI401"),
        ('{"CNI401": {"reason": "x", "at": "/plugins/0"}}', "/CNI401"),
        ('{"CNI401": {"reason": "x", "at": [0]}}', "/CNI401"),
        ('{"CNI401": {"reason": "x", "where": []}}', "/CNI401"),
        ('{"CNI401": {"reason": 5}}', "/CNI401"),
        ('{"": "everything"}', "/"),
        ('{" ": "everything"}', "/ "),
    ],
)
def test_what_is_not_understood_silences_nothing(ignore, pointer):
    file = config(ignore)
    assert ignores_of(file) == []
    (fault,) = malformed_ignores(file)
    assert fault[0].pointer == f"/cnictl~1ignore{pointer}"
    found = judge(Source("n.conflist", text(ignore).encode()))
    assert [finding.code for finding in found.findings].count("CNI025") == 1
    assert not any(map(found.silences, found.findings))


def test_only_the_entry_that_is_not_understood_is_passed_over():
    file = config('{"CNI401": "ours", "CNI402": 5}')
    assert [ignore.pattern for ignore in ignores_of(file)] == ["CNI401"]
    assert len(list(malformed_ignores(file))) == 1


def test_it_is_read_in_lists_only():
    file = ConfigFile(document('{"name": "x", "type": "bridge", "cnictl/ignore": {"CNI401": "x"}}'))
    assert ignores_of(file) == []
    assert [label.pointer for label, _ in malformed_ignores(file)] == ["/cnictl~1ignore"]


@pytest.mark.parametrize("broken", ["", "{", "[]", "5", '{"plugins": 5}', '{"cnictl/ignore": 5}'])
def test_whatever_a_file_holds(broken):
    file = ConfigFile(document(broken))
    assert ignores_of(file) == []
    list(malformed_ignores(file))


def test_what_is_silenced_is_silenced_and_an_unused_entry_is_told():
    ignore = {"CNI401": {"at": ["/plugins/0/colour"], "reason": "ours"}, "CNI305": "gone"}
    report = judge(Source("n.conflist", text(json.dumps(ignore)).encode()))
    shown = [(finding.code, finding.location.pointer) for finding in report.findings if not report.silences(finding)]
    assert shown == [("CNI021", "/cnictl~1ignore/CNI305"), ("CNI401", "/plugins/0/size")]
