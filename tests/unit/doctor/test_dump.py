"""Dumps: a node that was saved is judged as it was, and no secret is in it."""

from __future__ import annotations

import json

import pytest

from cnictl.doctor.dump import RecordingExecutor, read_dump, write_dump
from cnictl.doctor.engine import examine
from cnictl.doctor.node import Node
from cnictl.doctor.registry import all_checks
from cnictl.errors import SourceError
from cnictl.host.answers import CODECS
from cnictl.host.dump import RecordingHost
from cnictl.host.kinds import KINDS
from cnictl.host.rooted import RootedHost
from cnictl.render.shape import finding_shape
from tests.checks.cases import cases, node_of
from tests.nodes.kinds import KINDS as NODES

CASES = cases()
RUN = {"stdout": "", "stderr": "", "status": 0, "signal": None, "seconds": 0.1, "limit": 5.0} | dict.fromkeys(
    ("timed_out", "truncated"), False
)


def outcome(node, root="", checks=None):
    """What the checks say; where the tree lies on this machine is left out."""
    checkup = examine(node, all_checks() if checks is None else checks)
    return {
        result.code: (
            result.status,
            result.summary,
            json.dumps(list(map(finding_shape, result.findings))).replace(root, ""),
        )
        for result in checkup.checks
    }


def saved(node, root, checks=None):
    """What the checks say of a node, and of its dump."""
    host = RecordingHost(node.host)
    executor = RecordingExecutor(node.executor) if node.executor else None
    before = outcome(Node(host, executor), root, checks)
    dump = read_dump("dump.json", write_dump(host, executor, {}).encode())
    return before, outcome(Node(dump.host, dump.executor), checks=checks)


@pytest.mark.parametrize("case", CASES)
def test_a_check_judges_a_dump_as_it_judged_the_node(case, tmp_path):
    checks = [check for check in all_checks() if check.code == case.partition("/")[0]]
    before, after = saved(node_of(case, tmp_path / "node"), str(tmp_path / "node"), checks)
    assert after == before


@pytest.mark.parametrize("kind", NODES)
def test_a_whole_dump_is_judged_as_the_node_was(kind, tmp_path):
    before, after = saved(NODES[kind]().node(tmp_path / "node"), str(tmp_path / "node"))
    assert after == before


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


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"answers": {'["read_bytes", "/x"]': {"answer": 5}}}, 'its answer to ["read_bytes", "/x"] is none'),
        ({"answers": {'["read_bytes", "/x"]': {"answer": {"base64": "é"}}}}, "is none"),
        ({"answers": {'["read_bytes", "/x"]': {"refused": {"error": "x"}}}}, "is none"),
        ({"answers": {'["read_bytes", "/x"]': {"refused": {"error": 5, "path": "x"}}}}, "is none"),
        ({"answers": {'["read_bytes", "/x"]': 5}}, "is none"),
        ({"answers": {'["list_dir", "/x"]': {"answer": ["a", 5]}}}, "is none"),
        ({"answers": {'["status", "/x"]': {"answer": [-1]}}}, "is none"),
        ({"answers": {'["status", "/x"]': {"answer": [1 << 70]}}}, "is none"),
        ({"answers": {'["now"]': {"answer": 1e999}}}, "is none"),
        ({"answers": {'["survey"]': {"answer": {"links": [{"ifindex": 1, "name": 5}]}}}}, "is none"),
        ({"answers": {'["survey"]': {"answer": {"links": [{"evil": 1}]}}}}, "is none"),
        ({"answers": {'["watchers"]': {"answer": [[1, 0, 1, [["a", 2]]]]}}}, "is none"),
        ({"answers": {'["rulesets"]': {"answer": {"nft": []}}}}, "is none"),
        ({"answers": {'["evil"]': {"answer": 1}}}, "is none"),
        ({"answers": {"garbage": {"answer": 1}}}, "is none"),
        ({"settings": {"evil": 1}}, "its settings cannot be used: evil"),
        ({"settings": {"bin_dirs": "/opt"}}, "its settings cannot be used: bin_dirs"),
        ({"settings": {"runtime": "lxc"}}, "its settings cannot be used: runtime"),
        ({"versions": {"bridge": {}}}, "what bridge has answered is incomplete"),
        ({"versions": {"bridge": RUN | {"status": "0"}}}, "what bridge has answered is of the wrong kind"),
    ],
)
def test_what_no_node_would_answer_is_refused(change, reason):
    content = {"schema": "cnictl.dump/1", "answers": {}, "settings": {}, "versions": None} | change
    with pytest.raises(SourceError, match="is no dump of a node") as error:
        read_dump("x.json", json.dumps(content).encode())
    assert reason in str(error.value)


def test_every_question_has_a_kind_of_answer():
    assert KINDS.keys() == CODECS.keys()


def test_checks_that_go_on_do_not_keep_a_dump_from_being_written():
    class Growing(dict[str, object]):
        """Answers that grow while they are written."""

        def items(self):
            for each in list(super().items()):
                self[f"more {len(self)}"] = {}
                yield each

    host = RecordingHost(RootedHost("/"))
    host.answers = Growing({'["now"]': {"answer": 1.0}})
    assert json.loads(write_dump(host, None, {}))["answers"] == {'["now"]': {"answer": 1.0}}


def test_what_a_dump_does_not_hold_is_skipped_with_the_reason():
    dump = read_dump("x", b'{"schema": "cnictl.dump/1", "answers": {}, "settings": {}, "versions": null, "live": true}')
    for result in examine(Node(dump.host, dump.executor), all_checks()).checks:
        assert result.status.value in ("skip", "ok", "fail", "warn"), result
