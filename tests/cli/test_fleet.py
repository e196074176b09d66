"""``cnictl doctor merge``: the reports of many nodes as one view."""

from __future__ import annotations

import io
import json
import random
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.support.checkups import BEGAN, HOSTILE, report, sick, well
from tests.support.command import CNICTL


@pytest.fixture
def reports(tmp_path):
    """Writes reports into a directory, each under the name of its node."""
    directory = tmp_path / "reports"
    directory.mkdir()

    def write(**documents):
        for name, document in documents.items():
            text = document if isinstance(document, str) else json.dumps(document)
            (directory / f"{name}.json").write_text(text)
        return directory

    return write


def merged(cnictl, *arguments):
    return cnictl("doctor", "merge", *arguments, "-f", "json").data


def test_causes_are_counted_over_the_nodes(cnictl, reports):
    place = reports(a=report(sick(), "a"), b=report(sick(), "b"), c=report(well(), "c"))
    ended = cnictl("doctor", "merge", place, "-f", "json")
    assert ended.status == 1
    loopback, config = ended.data["causes"]
    assert (loopback["code"], loopback["nodes"], loopback["first"]) == ("CNI804", ["a", "b"], 2)
    assert loopback["explains"] == ["CNI845"]
    assert (config["code"], config["first"]) == ("CNI821", 0)
    assert ended.data["summary"] == {"nodes": 3, "fail": 2, "error": 0, "warn": 0, "ok": 1, "older": 0, "unread": 0}
    checks = {check["code"]: check["nodes"] for check in ended.data["checks"]}
    assert checks["CNI850"] == {"warn": ["a", "b"]}
    assert checks["CNI840"] == {"error": ["a", "b"]}
    assert "CNI801" not in checks


def test_the_exit_code_says_whether_a_node_failed(cnictl, reports):
    place = reports(a=report(well(), "a"), b="{")
    assert cnictl("doctor", "merge", place).status == 0
    assert cnictl("doctor", "merge", reports(c=report(sick(), "c"))).status == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        ("{", "it is no JSON"),
        ("[" * 100_000, "it is nested too deep"),
        ('{"kind": "List"}', "it is no report of `cnictl doctor -f json`"),
        ("5", "it is no report of `cnictl doctor -f json`"),
        ('{"schema": "cnictl.report/1"}', "it is cnictl.report/1, not cnictl.doctor/1"),
        ('{"schema": "cnictl.doctor/9"}', "it is cnictl.doctor/9, which this version of cnictl does not know"),
        ('{"schema": "cnictl.doctor/1"}', "is not what cnictl writes"),
        ('{"schema": "cnictl.doctor/1", "node": [], "checks": []}', "is not what cnictl writes"),
        ('{"schema": "cnictl.doctor/1", "node": {}, "checks": [{"status": ["ok"]}]}', "is not what cnictl writes"),
        ('{"schema": "cnictl.doctor/1", "node": {}, "checks": {"status": "ok"}}', "is not what cnictl writes"),
    ],
)
def test_what_is_no_report_is_named_and_counted(cnictl, reports, text, reason):
    place = reports(bad=text, good=report(well(), "good"))
    ended = cnictl("doctor", "merge", place, "-f", "json")
    (unread,) = ended.data["unread"]
    assert unread["file"] == f"{place}/bad.json"
    assert reason in unread["reason"]
    assert (ended.status, ended.data["summary"]["unread"], ended.data["summary"]["nodes"]) == (0, 1, 1)
    alone = cnictl("doctor", "merge", f"{place}/bad.json")
    assert alone.status == 2
    assert alone.out.startswith("no report could be read\n")
    assert reason in alone.out


def test_places_that_cannot_be_read_are_named(cnictl, tmp_path):
    ended = cnictl("doctor", "merge", tmp_path / "none", tmp_path)
    assert ended.status == 2
    assert f"{tmp_path}/none: no such file or directory" in ended.out
    assert f"{tmp_path}: it holds no *.json" in ended.out


def test_a_node_is_called_by_its_host_name_or_by_its_file(cnictl, reports):
    place = reports(one=report(well(), "worker-1"), two=report(well(), None), three=report(well(), "localhost"))
    assert {node["name"] for node in merged(cnictl, place)["nodes"]} == {"worker-1", "two", "three"}


def test_of_two_reports_of_a_node_the_newer_counts(cnictl, reports):
    old, new = report(sick(), "a"), report(replace(well(), began=BEGAN + 60), "a")
    data = merged(cnictl, reports(x=new, y=old))
    assert (data["summary"]["fail"], data["summary"]["ok"], data["summary"]["older"]) == (0, 1, 1)


def test_nodes_that_differ_from_most_are_named(cnictl, reports):
    documents = {f"n{number}": report(well(), f"n{number}", kernel=f"6.1.{number}") for number in range(9)}
    documents["n3"]["node"]["confDir"] = "/etc/other"
    documents["n4"]["node"]["versions"] = {"runc": "1.0"}
    differences = {entry["fact"]: entry for entry in merged(cnictl, reports(**documents))["differences"]}
    assert differences["confDir"]["usual"]["value"] == "/etc/cni/net.d"
    assert differences["confDir"]["others"] == [{"value": "/etc/other", "nodes": ["n3"]}]
    assert differences["versions.runc"]["usual"]["value"] is None
    assert differences["versions.runc"]["others"] == [{"value": "1.0", "nodes": ["n4"]}]
    assert set(differences) == {"confDir", "versions.runc"}  # each node has a kernel of its own


def test_where_no_value_is_usual_all_are_shown(cnictl, reports):
    documents = {f"n{number}": report(well(), f"n{number}", zone="ab"[number % 2]) for number in range(4)}
    (difference,) = merged(cnictl, reports(**documents))["differences"]
    assert difference["usual"] is None
    assert [share["value"] for share in difference["others"]] == ["a", "b"]


def test_reports_from_before_there_were_causes(cnictl, reports):
    old = report(sick(), "a")
    for key in ("causes", "began", "seconds"):
        del old[key]
    data = merged(cnictl, reports(a=old))
    assert [cause["code"] for cause in data["causes"]] == ["CNI804", "CNI821", "CNI845"]
    assert data["causes"][0]["wordings"][0]["command"] == "apt install containernetworking-plugins"
    assert data["nodes"][0]["began"] is None


def test_a_stream_of_documents_with_noise_between_them(cnictl, monkeypatch):
    parts = [
        "warning: a line of the log\n",
        json.dumps(report(sick(), "a"), indent=2),
        "\n" + json.dumps(report(well(), "b")) + json.dumps(report(well(), "c")),
        '\n{"schema": "cnictl.doctor/1", "node": {"cut off\n',
        json.dumps(report(well(), "d")) + "\n",
        json.dumps(report(well(), None)) + "\n",
    ]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("".join(parts).encode())))
    data = merged(cnictl, "-")
    assert [node["name"] for node in data["nodes"]] == ["a", "b", "c", "d", "<stdin>:7"]
    assert {unread["file"] for unread in data["unread"]} == {"<stdin>"}
    assert len(data["unread"]) == 2


def test_a_file_may_hold_an_array(cnictl, reports):
    data = merged(cnictl, reports(all=json.dumps([report(well(), "a"), report(well(), "b")])))
    assert [node["name"] for node in data["nodes"]] == ["a", "b"]


def test_long_lists_are_cut_short(cnictl, reports):
    place = reports(**{f"n{number:03}": report(sick(), f"n{number:03}") for number in range(40)})
    assert "on:   n000, n001, n002, n003, n004, n005, n006, n007 and 32 more" in cnictl("doctor", "merge", place).out
    assert "n039" in cnictl("doctor", "merge", place, "-v").out


def test_a_hostile_report_is_shown_and_never_obeyed(cnictl, reports):
    document = report(sick(), HOSTILE)
    document["causes"][0] |= {"message": HOSTILE, "command": HOSTILE, "code": HOSTILE, "explains": [HOSTILE]}
    document["node"][HOSTILE] = HOSTILE
    place = reports(a=document, b=report(well(), "b"), c=report(well(), "c"))
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", cnictl("doctor", "merge", place).out)
    page = cnictl("doctor", "merge", place, "-f", "html").out
    assert "<script" not in page
    assert not re.search(r"https?://|src=|href=", page)


def test_a_page_is_written_whole(cnictl, reports, tmp_path):
    place = reports(a=report(sick(), "a"))
    ended = cnictl("doctor", "merge", place, "-f", "html", "-o", tmp_path / "fleet.html")
    assert (ended.status, ended.out) == (1, "")
    assert (tmp_path / "fleet.html").read_text().endswith("</html>\n")


@pytest.mark.parametrize("seed", range(20))
def test_damaged_reports_never_break_it(cnictl, reports, seed):
    choose = random.Random(seed)
    text = list(json.dumps(report(sick(), "a")))
    for _ in range(choose.randint(1, 40)):
        text[choose.randrange(len(text))] = choose.choice('{}[]",:0n\\')
    ended = cnictl("doctor", "merge", reports(a="".join(text)), "-f", "json")
    assert ended.status in (0, 1, 2)
    assert ended.data["schema"] == "cnictl.fleet/1"


class TestBothAreThere:
    def test_options_of_the_doctor_do_not_stand_before_merge(self, cnictl, reports):
        ended = cnictl("doctor", "-f", "json", "merge", reports(a=report(well(), "a")))
        assert ended.status == 2
        assert "--format stands before merge, where it means nothing: write it behind" in ended.err

    def test_another_word_is_no_command(self, cnictl):
        ended = cnictl("doctor", "mrege")
        assert ended.status == 2
        assert "did you mean 'merge'" in ended.err.lower()

    def test_help_shows_both(self, cnictl):
        shown = cnictl("doctor", "--help").out
        assert "--root DIR" in shown
        assert "merge" in shown

    def test_merge_examines_nothing(self, cnictl, reports, monkeypatch):
        monkeypatch.setattr("cnictl.cli.examination.examine", None)
        assert cnictl("doctor", "merge", reports(a=report(well(), "a"))).status == 0


def test_it_loads_neither_checks_nor_anything_heavy(reports):
    code = "import sys; from cnictl.cli.entry import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    arguments = ["doctor", "merge", str(reports(a=report(well(), "a")))]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    modules = set(done.stderr.split())
    assert not modules & {"pydantic", "pyroute2", "rich.console", "yaml", "jsonschema", "h2", "cnictl.doctor.checks"}


def test_a_reader_that_goes_away_is_no_error(reports):
    place = reports(**{f"n{number}": report(sick(), f"n{number}") for number in range(30)})
    done = subprocess.run(
        ["sh", "-c", '"$@" | head -c 10', "sh", *CNICTL, "doctor", "merge", str(place), "-f", "html"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
