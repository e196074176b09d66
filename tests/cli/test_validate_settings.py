"""Settings, baselines, schemas of one's own, and options that do not go together."""

from __future__ import annotations

import json

import pytest

from tests.support.users import let_in, ordinary_user

WARNED = '{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "loopback", "colour": "red"}]}'
MINE = '{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "mine", "size": "5", "shape": "round"}]}'
SCHEMA = {
    "type": "object",
    "x-cnictl": {"role": "interface"},
    "properties": {"type": {}, "size": {"type": "integer"}, "name": {}},
    "additionalProperties": False,
}


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(text: object, name: str = "net.conflist"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if isinstance(text, str) else json.dumps(text))
        return path

    return call


def codes(ended) -> list[str]:
    return [finding["code"] for file in ended.data["files"] for finding in file["findings"]]


def test_the_nearest_settings_count(cnictl, write, monkeypatch, tmp_path):
    path = write(WARNED, "a/b/net.conflist")
    assert codes(cnictl("validate", "-f", "json", path)) == ["CNI401"]
    write('[tool.cnictl]\nignore = ["CNI401"]', "pyproject.toml")
    assert codes(cnictl("validate", "-f", "json", path)) == []
    write("strict = true", "a/.cnictl.toml")
    assert cnictl("validate", path).status == 0
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert cnictl("validate", path).status == 1
    assert cnictl("validate", "--config", "../../pyproject.toml", path).status == 0
    assert cnictl("validate", "--no-config", path).status == 0


def test_options_win_over_settings(cnictl, write):
    path = write(WARNED)
    write('select = ["CNI3"]', ".cnictl.toml")
    assert codes(cnictl("validate", "-f", "json", path)) == []
    assert codes(cnictl("validate", "-f", "json", "--select", "CNI4", path)) == ["CNI401"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('ignore = ["CNI999"]', ".cnictl.toml: no rule has a code that begins with CNI999, or this name"),
        ('per-file-ignores = {"*" = ["CNI999"]}', ".cnictl.toml: no rule has a code that begins with CNI999"),
        ("ignor = []", '.cnictl.toml: line 1: there is no key "ignor"; did you mean "ignore"?'),
        ("ignore = 5", '.cnictl.toml: line 1: "ignore" must be a list of texts'),
        ("ignore =", ".cnictl.toml: no valid TOML: "),
        ('baseline = "none.json"', "none.json: no such file or directory"),
        ('schema-dirs = ["none"]', "none: no such file or directory"),
    ],
)
def test_settings_that_are_wrong(cnictl, write, text, message):
    write(text, ".cnictl.toml")
    ended = cnictl("validate", write(WARNED))
    assert (ended.status, ended.out) == (2, "")
    assert message in ended.err.splitlines()[0]
    assert len(ended.err.splitlines()) <= 2
    assert cnictl("validate", "--no-config", "net.conflist").status == 0


def test_files_have_their_own_ignores(cnictl, write):
    write('[per-file-ignores]\n"old/**" = ["CNI401"]\n"other/*" = ["CNI3"]', ".cnictl.toml")
    old, new = write(WARNED, "old/a/net.conflist"), write(WARNED)
    ended = cnictl("validate", "-f", "json", old, new)
    assert [(file["file"], len(file["findings"])) for file in ended.data["files"]] == [(str(old), 0), (str(new), 1)]


def test_an_ignore_that_silences_nothing_is_told(cnictl, write):
    settings = write('strict = false\n[per-file-ignores]\n"*.conflist" = ["CNI3"]', ".cnictl.toml")
    ended = cnictl("validate", "-f", "json", write(WARNED))
    assert codes(ended) == ["CNI401", "CNI021"]
    place = ended.data["files"][1]["findings"][0]["location"]
    assert (place["file"], place["line"]) == (str(settings), 3)
    assert codes(cnictl("validate", "-f", "json", "--select", "CNI4", "net.conflist")) == ["CNI401"]


def test_a_baseline_silences_what_is_known_and_nothing_else(cnictl, write):
    path = write(WARNED)
    ended = cnictl("validate", "--write-baseline", "known.json", path)
    assert (ended.status, ended.out, ended.err) == (
        0,
        "",
        "known.json knows 1 finding; give it with --baseline known.json\n",
    )
    ended = cnictl("validate", "--strict", "--baseline", "known.json", path)
    assert (ended.status, ended.out) == (0, "1 file: no problems (1 not shown)\n")
    write("\n\n" + WARNED.replace('"red"', '"red", "size": 1'))
    assert codes(cnictl("validate", "-f", "json", "--baseline", "known.json", path)) == ["CNI401"]
    write('baseline = "known.json"', ".cnictl.toml")
    assert codes(cnictl("validate", "-f", "json", path)) == ["CNI401"]
    assert codes(cnictl("validate", "-f", "json", "--no-config", path)) == ["CNI401", "CNI401"]


def test_what_is_found_no_more_is_told(cnictl, write):
    path = write(WARNED)
    cnictl("validate", "--write-baseline", "known.json", path)
    write(WARNED.replace(', "colour": "red"', ""))
    ended = cnictl("validate", "-f", "json", "--baseline", "known.json", path)
    assert codes(ended) == ["CNI021"]
    assert ended.data["files"][-1]["file"] == "known.json"
    assert codes(cnictl("validate", "-f", "json", "--baseline", "known.json", write(WARNED, "other.conflist"))) == [
        "CNI401"
    ]


def test_a_new_baseline_holds_what_is_found_in_configs_only(cnictl, write):
    write('[per-file-ignores]\n"*.conflist" = ["CNI3"]', ".cnictl.toml")
    cnictl("validate", "--write-baseline", "known.json", write(WARNED))
    assert [entry["code"] for entry in json.loads((write("x", "x").parent / "known.json").read_text())["findings"]] == [
        "CNI401"
    ]


def test_a_baseline_that_cannot_be_written_or_read(cnictl, write, tmp_path):
    path = write(WARNED)
    ended = cnictl("validate", "--write-baseline", "no/known.json", path)
    assert (ended.status, ended.err) == (2, "cnictl: no/known.json: no such file or directory\n")
    let_in(tmp_path)
    with ordinary_user():
        ended = cnictl("validate", "--write-baseline", "known.json", path)
    assert (ended.status, ended.err.splitlines()[0]) == (2, "cnictl: known.json: permission denied")
    write("{}", "known.json")
    assert cnictl("validate", "--baseline", "known.json", path).status == 2
    assert cnictl("validate", "--baseline", "missing.json", path).status == 2


def test_a_schema_of_ones_own_is_used(cnictl, write, tmp_path):
    path = write(MINE)
    write(SCHEMA, "schemas/mine.schema.json")
    assert codes(cnictl("validate", "-f", "json", path)) == []
    assert codes(cnictl("validate", "-f", "json", "--schema-dir", "schemas", path)) == ["CNI402", "CNI401"]
    write('schema-dirs = ["schemas"]', ".cnictl.toml")
    assert codes(cnictl("validate", "-f", "json", path)) == ["CNI402", "CNI401"]
    assert codes(cnictl("validate", "-f", "json", "--no-config", path)) == []


def test_it_wins_over_the_one_that_is_built_in(cnictl, write):
    path = write(WARNED)
    write({**SCHEMA, "properties": {"type": {}, "colour": {"enum": ["blue"]}}}, "own/loopback.schema.json")
    assert codes(cnictl("validate", "-f", "json", "--schema-dir", "own", path)) == ["CNI403"]
    assert codes(cnictl("validate", "-f", "json", path)) == ["CNI401"]
    write({**SCHEMA, "properties": {"type": {}, "colour": {}}}, "first/loopback.schema.json")
    options = ("--schema-dir", "first", "--schema-dir", "own")
    assert codes(cnictl("validate", "-f", "json", *options, path)) == []


def test_what_leaves_no_doubt_by_it_is_mended(cnictl, write):
    path = write(MINE)
    write(SCHEMA, "schemas/mine.schema.json")
    cnictl("validate", "--fix", "--schema-dir", "schemas", path)
    assert '"size": 5' in path.read_text()


@pytest.mark.parametrize(
    "schema",
    [
        "{,}",
        "[1]",
        "true",
        "",
        '{"type": "objet"}',
        '{"x-cnictl": {}}',
        '{"x-cnictl": []}',
        '{"properties": []}',
    ],
)
def test_a_schema_that_is_none(cnictl, write, schema):
    write(schema, "schemas/mine.schema.json")
    ended = cnictl("validate", "--schema-dir", "schemas", write(MINE))
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("cnictl: schemas/mine.schema.json: ")
    assert len(ended.err.splitlines()) <= 2


def test_a_directory_of_schemas_that_is_none(cnictl, write, tmp_path):
    path = write(MINE)
    (tmp_path / "empty").mkdir()
    for name in ("none", "empty", "net.conflist"):
        ended = cnictl("validate", "--schema-dir", name, path)
        assert (ended.status, ended.out) == (2, "")
        assert ended.err.startswith(f"cnictl: {name}: ")


@pytest.mark.parametrize(
    "options",
    [
        ["--fix", "--diff"],
        ["--matrix", "--fix"],
        ["--matrix", "--diff"],
        ["--spec-version", "1.0.0", "--fix"],
        ["--spec-version", "1.0.0", "--diff"],
        ["--diff", "-f", "json"],
        ["--matrix", "-f", "sarif"],
        ["--config", "x.toml", "--no-config"],
        ["--spec-version", "1.2.0"],
        ["--spec-version", ""],
        ["--runtime", "docker"],
        ["-f", "yaml"],
        ["--select", "CNI999"],
        ["--ignore", "no-such-name"],
        ["--config", "missing.toml"],
    ],
)
def test_options_that_cannot_be_meant(cnictl, write, options):
    path = write(WARNED + "//")
    ended = cnictl("validate", *options, path)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("cnictl: ")
    assert len(ended.err.splitlines()) <= 2
    assert path.read_text() == WARNED + "//"
