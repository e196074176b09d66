"""Dumps: a node that was saved is judged as it was, and no secret is in it."""

from __future__ import annotations

import json

import pytest

from cnictl.doctor.dump import RecordingExecutor, read_dump, write_dump
from cnictl.doctor.engine import examine
from cnictl.doctor.node import Node
from cnictl.doctor.registry import all_checks
from cnictl.errors import SourceError
from cnictl.host.dump import RecordingHost
from cnictl.render.shape import finding_shape
from tests.checks.cases import cases, node_of

CASES = cases()


def outcome(node, root=""):
    """What the checks say; where the tree lies on this machine is left out."""
    checkup = examine(node, all_checks())
    return {
        result.code: (
            result.status,
            result.summary,
            json.dumps(list(map(finding_shape, result.findings))).replace(root, ""),
        )
        for result in checkup.checks
    }


@pytest.mark.parametrize("case", CASES)
def test_a_dump_is_judged_as_the_node_was(case, tmp_path):
    original = node_of(case, tmp_path / "node")
    host = RecordingHost(original.host)
    executor = RecordingExecutor(original.executor) if original.executor else None
    before = outcome(Node(host, executor), str(tmp_path / "node"))
    text = write_dump(host, executor, {})
    dump = read_dump("dump.json", text.encode())
    assert outcome(Node(dump.host, dump.executor)) == before
    assert json.loads(text)["schema"] == "cnictl.dump/1"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b"[]", 'its "schema" is not "cnictl.dump/1"'),
        (b'{"schema": "cnictl.doctor/1"}', 'its "schema" is not "cnictl.dump/1"'),
        (b'{"schema": "cnictl.dump/1"}', "something of it is missing"),
        (b'{"schema": "cnictl.dump/1", "answers": {}, "settings": {}, "versions": 7}', "something of it is missing"),
    ],
)
def test_what_is_no_dump_is_refused(text, reason):
    with pytest.raises(SourceError, match="is no dump of a node") as error:
        read_dump("x.json", text)
    assert reason in str(error.value)


def test_what_a_dump_does_not_hold_is_skipped_with_the_reason():
    dump = read_dump("x", b'{"schema": "cnictl.dump/1", "answers": {}, "settings": {}, "versions": null, "live": true}')
    for result in examine(Node(dump.host, dump.executor), all_checks()).checks:
        assert result.status.value in ("skip", "ok", "fail", "warn"), result
