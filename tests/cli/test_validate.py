"""``cnictl validate``: what it judges, what it says, and how it ends."""

from __future__ import annotations

import json

import pytest

from tests.support.command import PROJECT, run_process

EXAMPLES = PROJECT / "docs" / "examples"
BROKEN = EXAMPLES / "90-broken.conflist"

WARNED = '{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "loopback", "colour": "red"}]}'


@pytest.fixture
def warned(tmp_path):
    """A config with a warning and no error."""
    path = tmp_path / "20-warned.conflist"
    path.write_text(WARNED)
    return path


def test_a_good_file(cnictl, good):
    assert cnictl("validate", good) == (0, "1 file: no problems\n", "")


def test_an_error_makes_the_answer_no(cnictl):
    ended = cnictl("validate", BROKEN)
    assert ended.status == 1
    assert ended.out.endswith("1 file: 5 errors, 2 warnings\n")
    assert ended.err == "`cnictl explain CODE` tells more about a code.\n"


def test_a_warning_does_so_only_with_strict(cnictl, warned):
    assert cnictl("validate", warned).status == 0
    assert cnictl("validate", "--strict", warned).status == 1


def test_the_examples_of_kubernetes_have_no_error(cnictl):
    ended = cnictl("validate", *EXAMPLES.glob("[12]0-*.conflist"))
    assert ended.status == 0
    assert ended.out.endswith("2 files: 1 warning\n")


def test_a_directory_is_read_as_runtimes_read_it(cnictl, tmp_path, good):
    (tmp_path / "05-first.conf").write_text('{"cniVersion": "1.0.0", "name": "one", "type": "loopback"}')
    (tmp_path / "README.md").write_text("no config")
    (tmp_path / "99-sub.conflist").mkdir()
    files = [file["file"] for file in cnictl("validate", "-f", "json", tmp_path).data["files"]]
    assert files == [f"{tmp_path}/05-first.conf", str(good)]


def test_the_directory_of_the_environment_is_the_default(cnictl, good, monkeypatch):
    monkeypatch.setenv("NETCONFPATH", str(good.parent))
    assert cnictl("validate").out == "1 file: no problems\n"


def test_standard_input():
    ended = run_process("validate", "-", stdin="{")
    assert ended.status == 1
    assert "--> <stdin>:1:2" in ended.out


def test_select_and_ignore(cnictl):
    def codes(*options):
        files = cnictl("validate", "-f", "json", *options, BROKEN).data["files"]
        return [finding["code"] for finding in files[0]["findings"]]

    everything = codes()
    assert codes("--select", "CNI3") == ["CNI305", "CNI301"]
    assert codes("--select", "CNI508,CNI005") == ["CNI508", "CNI005"]
    assert codes("--select", "trailing-comma") == ["CNI005"]
    assert codes("--ignore", "CNI3", "--ignore", "cni005") == [
        code for code in everything if not code.startswith("CNI3") and code != "CNI005"
    ]
    assert codes("--select", "CNI3", "--ignore", "CNI305") == ["CNI301"]


def test_what_is_ignored_does_not_count_but_is_counted(cnictl, tmp_path):
    path = tmp_path / "net.conflist"
    path.write_text(WARNED)
    assert cnictl("validate", "--strict", "--ignore", "CNI401", path) == (0, "1 file: no problems (1 not shown)\n", "")


def test_quiet_and_verbose_are_about_stderr(cnictl, good):
    assert cnictl("validate", "-q", BROKEN).err == ""
    assert cnictl("validate", "-v", good).err == f"{good}: network pods, cniVersion 1.0.0, bridge\n"
    assert cnictl("validate", "-v", good).out == cnictl("validate", good).out


def test_the_reason_is_given_once_for_each_code(cnictl, tmp_path):
    path = tmp_path / "net.conflist"
    path.write_text(WARNED.replace('"colour": "red"', '"colour": "red", "size": 1'))
    out = cnictl("validate", path).out
    assert out.count("[CNI401]") == 2
    assert out.count("= why: ") == 1


def test_json_is_one_document_that_holds_everything(cnictl, good):
    data = cnictl("validate", "-f", "json", good, BROKEN).data
    assert next(iter(data)) == "schema"
    assert data["schema"] == "cnictl.report/1"
    assert data["tool"] == {"name": "cnictl", "version": "0.1.0"}
    assert data["summary"] == {"files": 2, "error": 5, "warning": 2, "note": 0, "suppressed": 0}
    first, second = data["files"]
    assert (first["network"], first["cniVersion"], first["plugins"], first["findings"]) == (
        "pods",
        "1.0.0",
        ["bridge"],
        [],
    )
    finding = next(finding for finding in second["findings"] if finding["code"] == "CNI305")
    assert finding["location"] == {
        "file": str(BROKEN),
        "line": 5,
        "column": 5,
        "endLine": 8,
        "endColumn": 6,
        "pointer": "/plugins/0",
    }
    assert finding["fix"] == {
        "description": 'add "capabilities": {"portMappings": true}',
        "applicable": "safe",
        "edits": [
            {
                "startLine": 7,
                "startColumn": 21,
                "endLine": 7,
                "endColumn": 21,
                "replacement": ',\n      "capabilities": {"portMappings": true}',
            }
        ],
    }


def test_json_names_what_could_not_be_read(cnictl, tmp_path):
    ended = cnictl("validate", "-f", "json", tmp_path / "missing.conf")
    assert ended.status == 2
    assert ended.data["errors"] == [{"message": f"{tmp_path}/missing.conf: no such file or directory", "hint": None}]
    assert ended.err == ""


def test_what_validate_generates_nothing_against(cnictl, tmp_path):
    """A config of ours passes its own judgement."""
    path = tmp_path / "net.conflist"
    for more in ([], ["--portmap"], ["--bandwidth"], ["--portmap", "--bandwidth", "--subnet", "fd00::/64"]):
        cnictl("generate", "bridge", "--name", "pods", "--subnet", "10.1.0.0/16", *more, "-o", path)
        assert cnictl("validate", "--strict", path) == (0, "1 file: no problems\n", "")


def test_positions_count_characters(cnictl, tmp_path):
    path = tmp_path / "net.conflist"
    text = '{"x": "\N{GRINNING FACE}\N{CJK UNIFIED IDEOGRAPH-4E2D}", "cniVersion": 1, "plugins": []}'
    path.write_text(text, encoding="utf-8")
    found = cnictl("validate", "-f", "json", path).data["files"][0]["findings"]
    place = next(finding["location"] for finding in found if finding["location"].get("pointer") == "/cniVersion")
    assert (place["line"], place["column"]) == (1, text.index("1, ") + 1)


def test_a_document_of_json_is_never_mixed_with_words():
    ended = run_process("validate", "-f", "json", "-v", str(BROKEN))
    assert json.loads(ended.out)["summary"]["error"] == 5
    assert ended.err.startswith(str(BROKEN))
