"""``cnictl doctor`` mends a node, keeps what it has read, and finds the checks behind an error message."""

from __future__ import annotations

import json
import os
import stat

import pytest

from cnictl.doctor.registry import Check, Hit, all_checks
from cnictl.report.action import Detach, WriteFile
from cnictl.report.finding import Applicable, Fix, Location, Severity
from cnictl.testing import ScriptedPlugin
from tests.support.caches import CacheTree
from tests.support.nodes import plant

LIST = '{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}'
EXPLANATION = """Something is missing.

    Why:
        Nothing works.
    Bad:
        a
    Good:
        b
    Fix:
        Write it.
    Reference:
        A book, section 1
    """


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file that a check misses, and that its fix writes; there is no other check."""
    path = tmp_path / "etc" / "wanted.conf"
    monkeypatch.setenv("CNI_CACHE_DIR", str(tmp_path / "cni"))

    def run(node):
        if node.text(str(path)) is None:
            fix = Fix(f"write {path}", Applicable.SAFE, actions=(WriteFile(str(path), "wanted = yes\n"),))
            yield Hit(Location(str(path)), f"{path} is missing", fix)

    check = Check("CNI899", "wanted", Severity.ERROR, "disk", "a file", "it is there", run, EXPLANATION)
    monkeypatch.setattr("cnictl.cli.examination.all_checks", lambda: (check,))
    return path


def test_a_dry_run_shows_each_step_and_does_nothing(cnictl, file):
    ended = cnictl("doctor", "--dry-run")
    assert (ended.status, file.exists()) == (1, False)
    assert ended.out.splitlines()[:3] == [
        f"would  CNI899: {file} is missing",
        f"       step: write {file}",
        "             +wanted = yes",
    ]


def test_fix_mends_and_looks_again_and_undo_takes_it_back(cnictl, file):
    ended = cnictl("doctor", "--fix")
    assert (ended.status, file.read_text()) == (0, "wanted = yes\n")
    assert ended.out.startswith(f"done   CNI899: {file} is missing\n")
    assert "everything that could be looked at is well" in ended.out
    undone = cnictl("doctor", "--undo")
    assert (undone.status, undone.out, file.exists()) == (0, f"undone CNI899: write {file}\n", False)
    again = cnictl("doctor", "--undo")
    assert again.status == 2
    assert "there is no repair to undo" in again.err


def test_what_was_changed_since_is_told_and_stays(cnictl, file):
    cnictl("doctor", "--fix")
    file.write_text("mine")
    undone = cnictl("doctor", "--undo", "-f", "json")
    assert (undone.status, file.read_text()) == (1, "mine")
    assert undone.data["repairs"] == [
        {
            "code": "CNI899",
            "message": "",
            "status": "stays",
            "steps": [f"write {file}"],
            "trouble": f"{file} has been changed since",
        }
    ]


def test_json_holds_what_was_done(cnictl, file):
    data = cnictl("doctor", "--fix", "-f", "json").data
    assert data["summary"]["fail"] == 0
    assert [(each["code"], each["status"], each["steps"]) for each in data["repairs"]] == [
        ("CNI899", "done", [f"write {file}"])
    ]


def test_a_fix_that_fails_is_told_and_the_answer_is_no(cnictl, file):
    file.parent.parent.mkdir(exist_ok=True)
    file.parent.write_text("no directory")
    ended = cnictl("doctor", "--fix")
    assert ended.status == 1
    assert "failed CNI899" in ended.out


def test_nothing_to_mend_is_told(cnictl, file):
    plant(file.parent, {"wanted.conf": "x"})
    ended = cnictl("doctor", "--fix")
    assert ended.status == 0
    assert "there is nothing that could be mended without a decision of yours" in ended.err


def test_what_is_kept_is_the_node_before_it_was_mended(cnictl, file, tmp_path):
    assert cnictl("doctor", "--fix", "--save", tmp_path / "dump.json").status == 0
    assert file.exists()
    data = cnictl("doctor", "--from", tmp_path / "dump.json", "-f", "json").data
    assert [check["status"] for check in data["checks"]] == ["fail"]


def only_leak(monkeypatch, entry):
    """Makes one check the only one: an attachment that was left behind."""

    def run(_node):
        if entry.exists():
            fix = Fix("run DEL", Applicable.SAFE, actions=(Detach("pods", "web", "eth0"),))
            yield Hit(Location(str(entry)), "left", fix)

    check = Check("CNI899", "left", Severity.ERROR, "leftovers", "a file", "it is gone", run, EXPLANATION)
    monkeypatch.setattr("cnictl.cli.examination.all_checks", lambda: (check,))


def test_del_is_run_with_the_plugins_that_the_node_has(cnictl, monkeypatch, tmp_path):
    tree = CacheTree(tmp_path)
    monkeypatch.setenv("CNI_CACHE_DIR", str(tree.cache_dir))
    only_leak(monkeypatch, tree.add())
    bridge = ScriptedPlugin(tmp_path / "plugins", "bridge")
    ended = cnictl("doctor", "--fix", "--bin-dir", tmp_path / "plugins", "--conf-dir", tmp_path)
    assert (ended.status, [run.verb for run in bridge.runs]) == (0, ["DEL"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--root", "/", "--fix"], "--fix works on the node itself, and --root names another one"),
        (["--from", "x", "--undo"], "--undo works on the node itself, and --from names another one"),
        (["--root", "/", "--from", "x"], "--root and --from name two nodes"),
        (["--undo", "--fix"], "--undo undoes, and --fix and --dry-run do not"),
        (["--undo", "-f", "html"], "--undo has the formats text and json"),
        (["--symptom", "all is well"], "no check explains this message"),
        (["--log", "/no/such/log"], "/no/such/log: no such file or directory"),
        (["--from", "/no/such/dump"], "/no/such/dump: no such file or directory"),
    ],
)
def test_what_makes_no_sense_is_refused(cnictl, options, message):
    ended = cnictl("doctor", *options)
    assert (ended.status, ended.out) == (2, "")
    assert message in ended.err


def test_a_dump_is_judged_elsewhere(cnictl, tmp_path):
    root = plant(tmp_path / "node", {"etc/cni/net.d/10-pods.conflist": LIST, "opt/cni/bin/loopback": "x"})
    here = cnictl("doctor", "--root", root, "--select", "CNI803", "--save", tmp_path / "dump.json", "-f", "json").data
    there = cnictl("doctor", "--select", "CNI803", "--from", tmp_path / "dump.json", "-f", "json").data
    for data in (here, there):
        del data["began"], data["seconds"]
        for check in data["checks"]:
            del check["milliseconds"]
    assert there == here
    assert [check["status"] for check in there["checks"]] == ["fail"]


def test_a_dump_is_for_its_owner_alone_and_may_tell_of_names_that_are_no_text(cnictl, tmp_path):
    root = plant(
        tmp_path / "node", {"etc/cni/net.d/10-pods.conflist": LIST, os.fsdecode(b"etc/cni/net.d/\xff.conf"): ""}
    )
    here = cnictl("doctor", "--root", root, "--select", "CNI802", "--save", tmp_path / "dump.json", "-f", "json").data
    there = cnictl("doctor", "--select", "CNI802", "--from", tmp_path / "dump.json", "-f", "json").data
    assert [check["summary"] for check in there["checks"]] == [check["summary"] for check in here["checks"]]
    assert stat.S_IMODE((tmp_path / "dump.json").stat().st_mode) == 0o600


def test_what_is_no_dump_is_refused(cnictl, tmp_path):
    (tmp_path / "x.json").write_text("{}")
    ended = cnictl("doctor", "--from", tmp_path / "x.json")
    assert ended.status == 2
    assert 'is no dump of a node: its "schema" is not "cnictl.dump/1"' in ended.err


@pytest.fixture
def root(tmp_path):
    return plant(
        tmp_path / "node", {"etc/cni/net.d/10-pods.conflist": LIST, "usr/bin/containerd": "", "opt/cni/bin/x": ""}
    )


LINE = 'plugin type="loopback" failed (add): failed to find plugin "loopback" in path [/opt/cni/bin]'


def test_an_error_message_leads_to_the_checks_that_explain_it(cnictl, root):
    data = cnictl("doctor", "--root", root, "--symptom", LINE, "-f", "json").data
    assert "CNI804" in [check["code"] for check in data["checks"]]
    assert len(data["checks"]) < len(all_checks()) / 4
    assert data["symptoms"][0]["line"] == LINE
    text = cnictl("doctor", "--root", root, "--symptom", LINE).out
    assert "loopback" in text.splitlines()[0]
    assert "said     " in text


def test_a_log_leads_to_the_checks_that_explain_it(cnictl, root, tmp_path):
    log = tmp_path / "kubelet.log"
    log.write_bytes(b"\xff junk\n" + f"Nov 29 kubelet: {LINE}\n".encode() * 3)
    data = cnictl("doctor", "--root", root, "--log", log, "-f", "json").data
    assert {symptom["times"] for symptom in data["symptoms"]} == {3}
    assert "CNI804" in {symptom["code"] for symptom in data["symptoms"]}


def test_the_json_of_a_dump_is_one_document_with_its_schema_first(cnictl, root, tmp_path):
    cnictl("doctor", "--root", root, "--save", tmp_path / "d.json")
    dump = json.loads((tmp_path / "d.json").read_bytes())
    assert next(iter(dump)) == "schema"
    assert dump["tool"]["name"] == "cnictl"
