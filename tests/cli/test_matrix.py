"""``cnictl validate --matrix`` and ``--spec-version``."""

from __future__ import annotations

import pytest

from tests.cli.test_validate_json import require_documented
from tests.support.command import run_process

VERSIONS = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]
OLD = '{"cniVersion": "%s", "name": "old", "plugins": [{"type": "bridge"}, {"type": "firewall"}]}'


@pytest.fixture
def write(tmp_path):
    def call(text: str, name: str = "net.conflist"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return call


def answers(ended) -> list[list[bool]]:
    return [[answer["ok"] for answer in file["versions"].values()] for file in ended.data["files"]]


def test_a_config_that_goes_with_all(cnictl, good):
    ended = cnictl("validate", "--matrix", good)
    head, row, foot = ended.out.splitlines()
    assert (ended.status, ended.err, head.split()) == (0, "", VERSIONS)
    assert row.split() == ["yes"] * 5 + ["yes*", "yes", str(good), "(pods)"]
    assert foot == "* the version that the file declares"


@pytest.mark.parametrize(("declared", "status"), [("1.0.0", 0), ("0.4.0", 0), ("0.2.0", 1), ("0.1.0", 1), ("9.9.9", 1)])
def test_it_must_go_with_the_version_that_it_declares(cnictl, write, declared, status):
    ended = cnictl("validate", "--matrix", "-f", "json", write(OLD % declared))
    assert ended.status == status
    assert answers(ended) == [[False] * 4 + [True] * 3]
    no = ended.data["files"][0]["versions"]["0.1.0"]
    assert no["code"] == "CNI206"
    assert "firewall speaks spec" in no["reason"]


@pytest.mark.parametrize("top", ['"name": "old",', '"cniVersion": "", "name": "old",'])
def test_no_version_counts_as_the_first(cnictl, write, top):
    path = write(f'{{{top} "plugins": [{{"type": "bridge"}}, {{"type": "firewall"}}]}}')
    assert cnictl("validate", "--matrix", path).status == 1
    path = write(f'{{{top} "plugins": [{{"type": "bridge", "isGateway": true}}]}}')
    assert cnictl("validate", "--matrix", path).status == 0


def test_it_must_go_with_all_that_are_named(cnictl, write):
    path = write(OLD % "0.1.0")
    ended = cnictl("validate", "--matrix", "--spec-version", "1.0.0", "--spec-version", "1.1.0", path)
    assert ended.status == 0
    assert ended.out.splitlines()[0].split() == ["1.0.0", "1.1.0"]
    assert cnictl("validate", "--matrix", "--spec-version", "1.0.0", "--spec-version", "0.1.0", path).status == 1


def test_reasons_are_given_once_with_their_versions(cnictl, write):
    lines = cnictl("validate", "--matrix", write('{"cniVersion": "1.0.0", "name": "pods", "plugins": []}')).out
    assert '  all: "plugins" is empty (CNI108)' in lines.splitlines()
    lines = cnictl("validate", "--matrix", write(OLD % "1.0.0")).out
    assert "  0.1.0" in lines
    assert "(CNI206)" in lines


def test_standard_input_is_read_once(good):
    ended = run_process("validate", "--matrix", "-", stdin=good.read_text())
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[1].split() == ["yes"] * 5 + ["yes*", "yes", "<stdin>", "(pods)"]


def test_what_cannot_be_read_is_told_once(cnictl, good):
    ended = cnictl("validate", "--matrix", good, "/no/such.conf")
    assert (ended.status, ended.err) == (2, "cnictl: /no/such.conf: no such file or directory\n")
    assert str(good) in ended.out
    ended = cnictl("validate", "--matrix", "-f", "json", good, "/no/such.conf")
    assert ended.status == 2
    assert ended.data["errors"] == [{"message": "/no/such.conf: no such file or directory", "hint": None}]


def test_what_is_ignored_is_no_obstacle(cnictl, write):
    path = write(OLD % "0.1.0")
    assert cnictl("validate", "--matrix", "--ignore", "CNI206", path).status == 0
    path = write('{"cniVersion": "1.0.0", "name": "pods", "cnictl/ignore": {"CNI108": "x"}, "plugins": []}')
    assert cnictl("validate", "--matrix", path).status == 0


def test_a_directory_and_a_manifest(cnictl, write, good):
    write(OLD % "1.0.0", "20-old.conflist")
    write("kind: ConfigMap\ndata:\n  cni.conflist: '" + OLD % "1.0.0" + "'\n", "30.yaml")
    ended = cnictl("validate", "--matrix", "-f", "json", good.parent)
    names = [file["file"].rpartition("/")[2] for file in ended.data["files"]]
    assert names == [good.name, "20-old.conflist", "30.yaml"]


def test_each_document_is_as_its_schema_says(cnictl, write, good):
    paths = (good, write(OLD % "0.1.0"), write("{", "b.conf"), "/no/such.conf")
    data = cnictl("validate", "--matrix", "-f", "json", *paths).data
    assert next(iter(data)) == "schema"
    require_documented("matrix", data)
    assert [file["file"] for file in data["files"]] == [str(path) for path in paths[:3]]
    broken = data["files"][2]
    assert (broken["network"], broken["cniVersion"], set(broken["versions"])) == (None, None, set(VERSIONS))
    assert [set(answer) for answer in broken["versions"].values()] == [{"ok", "code", "reason"}] * len(VERSIONS)


def test_findings_say_which_of_several_versions_have_them(cnictl, write):
    path = write(OLD % "1.0.0")
    options = ("--spec-version", "0.2.0", "--spec-version", "1.0.0", "-f", "json")
    ended = cnictl("validate", *options, path)
    assert ended.status == 1
    require_documented("report", ended.data)
    (file,) = ended.data["files"]
    assert (file["cniVersion"], file["judgedAs"]) == ("1.0.0", ["0.2.0", "1.0.0"])
    finding = next(finding for finding in file["findings"] if finding["code"] == "CNI206")
    assert finding["evidence"]["specVersions"] == ["0.2.0"]
    assert finding["fix"]["applicable"] != "safe"
    assert cnictl("validate", "--spec-version", "1.0.0", write(OLD % "9.9.9")).status == 0
