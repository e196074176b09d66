from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cnictl.errors import SourceError, SourceNotFound
from cnictl.foreign import settings as module
from cnictl.foreign.settings import PerFileIgnore, Settings, find_settings, read_settings
from tests.support.command import PROJECT

SCHEMA = json.loads((PROJECT / "schemas" / "settings.schema.json").read_text())
EVERYTHING = """\
select = ["CNI0", "CNI3"]
ignore = [" private-mark-chain "]
strict = true
schema-dirs = ["schemas", "/usr/share/cni-schemas"]
baseline = "ci/baseline.json"

[per-file-ignores]
"old/*.conf" = ["CNI2", "CNI3"]
'new.conflist' = []
"""


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.fixture
def own(tmp_path):
    return lambda text: write(tmp_path / ".cnictl.toml", text)


def refused(path: Path) -> tuple[str, str | None]:
    with pytest.raises(SourceError) as caught:
        read_settings(path)
    assert caught.value.path == str(path)
    return caught.value.reason, caught.value.hint


class TestFind:
    def test_the_own_file(self, own, tmp_path):
        path = own("")
        assert find_settings(tmp_path) == path

    def test_the_shared_file_if_it_has_the_table(self, tmp_path):
        path = write(tmp_path / "pyproject.toml", "[tool.cnictl]\n")
        assert find_settings(tmp_path) == path

    @pytest.mark.parametrize(
        "text",
        [
            "[tool.cnictl]",
            "[ tool . cnictl ]",
            '["tool"."cnictl"]',
            "[tool]\ncnictl = {strict = true}",
            "tool.cnictl.strict = true",
            "[tool.cnictl.per-file-ignores]",
            "[tool]\n[tool.cnictl]",
            "\ufeff[tool.cnictl]",
            "[tool.ruff]\nselect = []\n[tool.cnictl]",
        ],
    )
    def test_every_spelling_of_the_table(self, tmp_path, text):
        path = write(tmp_path / "pyproject.toml", text)
        assert find_settings(tmp_path) == path
        assert read_settings(path).path == str(path)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[tool.ruff]",
            '[project]\nname = "cnictl"',
            '[project]\nname = "mine"\ndependencies = ["cnictl"]',
            "# [tool.cnictl]",
            "[tool.cnictl-helper]",
            'tool = "tool.cnictl"',
            'broken = \n[project]\ndependencies = ["cnictl"]',
            b"\xff",
        ],
    )
    def test_a_shared_file_without_the_table_is_passed_over(self, tmp_path, text):
        write(tmp_path / "a" / "pyproject.toml", text)
        path = write(tmp_path / ".cnictl.toml", "")
        assert find_settings(tmp_path / "a") == path

    def test_a_broken_shared_file_that_looks_as_if_is_not(self, tmp_path):
        path = write(tmp_path / "pyproject.toml", "[tool.cnictl]\nselect = [")
        assert find_settings(tmp_path) == path
        assert refused(path)[0].startswith("no valid TOML: ")

    def test_the_nearest_directory_wins(self, own, tmp_path):
        own("")
        deep = tmp_path / "a" / "b" / "c"
        deep.mkdir(parents=True)
        assert find_settings(deep) == tmp_path / ".cnictl.toml"
        path = write(tmp_path / "a" / "pyproject.toml", "[tool.cnictl]")
        assert find_settings(deep) == path

    def test_the_own_file_wins_in_one_directory(self, own, tmp_path):
        write(tmp_path / "pyproject.toml", "[tool.cnictl]")
        path = own("")
        assert find_settings(tmp_path) == path

    def test_none(self, tmp_path, monkeypatch):
        seen: list[Path] = []
        monkeypatch.setattr(module, "_is_there", seen.append)
        assert find_settings(tmp_path) is None
        assert len(seen) == 2 * len(tmp_path.parts)

    def test_a_directory_is_no_file(self, tmp_path):
        path = write(tmp_path / ".cnictl.toml", "")
        (tmp_path / "a" / ".cnictl.toml").mkdir(parents=True)
        (tmp_path / "a" / "pyproject.toml").mkdir()
        assert find_settings(tmp_path / "a") == path

    def test_from_where_the_user_stands(self, own, tmp_path, monkeypatch):
        path = own("")
        monkeypatch.chdir(tmp_path)
        assert find_settings(Path()) == path

    def test_a_current_directory_that_is_gone(self, tmp_path, monkeypatch):
        gone = tmp_path / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        assert find_settings(Path()) is None

    def test_directories_that_cannot_be_looked_into(self, own, tmp_path, monkeypatch):
        path = own("")

        def deny(place):
            if place.parent != tmp_path:
                raise PermissionError
            return place == path

        monkeypatch.setattr(Path, "exists", deny)
        assert find_settings(tmp_path / "secret") == path

    def test_a_pipe_is_not_waited_for(self, tmp_path):
        os.mkfifo(tmp_path / "pyproject.toml")
        os.mkfifo(tmp_path / ".cnictl.toml")
        assert find_settings(tmp_path) == tmp_path / ".cnictl.toml"
        assert refused(tmp_path / ".cnictl.toml")[0] == "is a named pipe, not a file"
        assert not module._has_table(tmp_path / "pyproject.toml")


class TestRead:
    def test_everything(self, own, tmp_path):
        path = own(EVERYTHING)
        assert read_settings(path) == Settings(
            str(path),
            ("CNI0", "CNI3"),
            ("private-mark-chain",),
            strict=True,
            per_file_ignores=(PerFileIgnore("old/*.conf", ("CNI2", "CNI3"), 8), PerFileIgnore("new.conflist", (), 9)),
            schema_dirs=(tmp_path / "schemas", Path("/usr/share/cni-schemas")),
            baseline=tmp_path / "ci" / "baseline.json",
        )

    def test_everything_in_the_shared_file(self, own, tmp_path):
        table = EVERYTHING.replace("[per", "[tool.cnictl.per")
        shared = write(
            tmp_path / "pyproject.toml", f'[project]\nname = "a"\n[tool.cnictl]\n{table}[tool.other]\nselect = 1\n'
        )
        read, expected = read_settings(shared), read_settings(own(EVERYTHING))
        assert [ignore.line for ignore in read.per_file_ignores] == [11, 12]
        assert read.per_file_ignores[0][:2] == expected.per_file_ignores[0][:2]
        assert (read.select, read.schema_dirs, read.baseline) == (
            expected.select,
            expected.schema_dirs,
            expected.baseline,
        )

    def test_nothing(self, own):
        path = own("# nothing yet\n")
        assert read_settings(path) == Settings(str(path))
        assert Settings().path is None

    def test_paths_begin_at_the_file(self, tmp_path, monkeypatch):
        write(tmp_path / "a" / "mine.toml", 'schema-dirs = ["../s"]\nbaseline = "b.json"')
        monkeypatch.chdir(tmp_path)
        read = read_settings(Path("a/mine.toml"))
        assert read == Settings(
            "a/mine.toml", schema_dirs=(tmp_path / "a" / "../s",), baseline=tmp_path / "a" / "b.json"
        )

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ('per-file-ignores = {"a.conf" = ["CNI3"]}', 1),
            ('\nper-file-ignores."a.conf" = ["CNI3"]', 2),
            ("[per-file-ignores]\n\n'a.conf'=['CNI3']", 3),
            ('[per-file-ignores]\n# "a.conf" = []\n"a.conf" = ["CNI3"]', None),
            ('[per-file-ignores]\n"\\u0061.conf" = ["CNI3"]', None),
        ],
    )
    def test_a_line_is_given_where_it_is_certain(self, own, text, line):
        assert read_settings(own(text)).per_file_ignores == (PerFileIgnore("a.conf", ("CNI3",), line),)


class TestRefuse:
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("selct = []", 'line 1: there is no key "selct"; did you mean "select"?'),
            (
                "\n\nper_file_ignores = {}",
                'line 3: there is no key "per_file_ignores"; did you mean "per-file-ignores"?',
            ),
            ("[per-file-ignore]", 'there is no key "per-file-ignore"; did you mean "per-file-ignores"?'),
            ("schema-dir = []", 'line 1: there is no key "schema-dir"; did you mean "schema-dirs"?'),
            ("STRICT = true", 'line 1: there is no key "STRICT"; did you mean "strict"?'),
            ("colour = true", 'line 1: there is no key "colour"'),
            ('"" = 1', 'line 1: there is no key ""'),
        ],
    )
    def test_unknown_keys(self, own, text, reason):
        said, hint = refused(own(text))
        assert said == reason
        assert hint == "the keys there are: select, ignore, strict, per-file-ignores, schema-dirs, baseline"

    def test_the_table_of_the_other_file(self, own):
        reason, hint = refused(own("[tool.cnictl]\nstrict = true"))
        assert reason == 'there is no key "tool"'
        assert hint == "outside pyproject.toml the keys stand at the top level, without [tool.cnictl]"

    @pytest.mark.parametrize(
        ("text", "reason", "hint"),
        [
            ('select = "CNI3"', '"select" must be a list of texts', 'write select = ["CNI3"]'),
            ("select = [3]", '"select" must be a list of texts', 'write select = ["CNI3"]'),
            ("select = {}", '"select" must be a list of texts', 'write select = ["CNI3"]'),
            ("ignore = '\"'", '"ignore" must be a list of texts', 'write ignore = ["CNI3"]'),
            ('ignore = [""]', '"ignore" holds an empty text, which every code begins with', "take it out"),
            ('ignore = ["CNI3", " "]', '"ignore" holds an empty text, which every code begins with', "take it out"),
            ('strict = "true"', '"strict" must be true or false', "write strict = true, without quotes"),
            ("strict = 1", '"strict" must be true or false', "write strict = true, without quotes"),
            ('schema-dirs = "s"', '"schema-dirs" must be a list of texts', 'write schema-dirs = ["s"]'),
            ("schema-dirs = 1", '"schema-dirs" must be a list of texts', 'write schema-dirs = ["schemas"]'),
            (
                'schema-dirs = [""]',
                '"schema-dirs" must be a path',
                "write it as seen from the settings file's directory",
            ),
            ("baseline = true", '"baseline" must be a path', "write it as seen from the settings file's directory"),
            ('baseline = ""', '"baseline" must be a path', "write it as seen from the settings file's directory"),
            (
                'baseline = "\\u0000"',
                '"baseline" must be a path',
                "write it as seen from the settings file's directory",
            ),
            (
                'per-file-ignores = ["CNI3"]',
                '"per-file-ignores" must be a table of globs',
                'write per-file-ignores = {"old/*.conf" = ["CNI3"]}',
            ),
            (
                'per-file-ignores = {"" = ["CNI3"]}',
                '"per-file-ignores" holds an empty glob, which matches no file',
                "name files, as in old/*.conf",
            ),
            ('per-file-ignores = {"a*" = "CNI3"}', '"a*" must be a list of texts', 'write "a*" = ["CNI3"]'),
            (
                'per-file-ignores = {"a*" = [""]}',
                '"a*" holds an empty text, which every code begins with',
                "take it out",
            ),
        ],
    )
    def test_wrong_values(self, own, text, reason, hint):
        assert refused(own(f"\n{text}")) == (f"line 2: {reason}", hint)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("select = [\n", "no valid TOML: invalid value (at end of document)"),
            ("strict = true\nselect = CNI3", "no valid TOML: invalid value (at line 2, column 10)"),
            ("strict = true\nstrict = true\n", "no valid TOML: cannot overwrite a value (at line 2, column 14)"),
            (f"strict = {'1' * 10_000}", "no valid TOML: it holds a value that cannot be read"),
        ],
    )
    def test_bad_toml(self, own, text, reason):
        said, hint = refused(own(text))
        assert said == reason
        assert hint == "texts stand in quotes, lists in [ ]"

    def test_bad_toml_of_endless_depth(self, own):
        assert refused(own(f"select = {'[' * 100_000}"))[0].startswith("no valid TOML: ")

    def test_bad_bytes(self, own):
        assert refused(own(b"strict = true\n# gr\xfc\xdfe")) == ("line 2: byte 0xfc is not UTF-8", "save it as UTF-8")
        assert refused(own("strict = true".encode("utf-16")))[0] == "line 1: the file is UTF-16, not UTF-8"

    @pytest.mark.parametrize("text", ["", "[tool]", "tool = 1", "[tool]\ncnictl = true"])
    def test_a_shared_file_without_the_table(self, tmp_path, text):
        reason, hint = refused(write(tmp_path / "pyproject.toml", text))
        assert reason == "has no table [tool.cnictl]"
        assert hint == "write [tool.cnictl] above the keys for cnictl"

    def test_no_file(self, tmp_path):
        with pytest.raises(SourceNotFound):
            read_settings(tmp_path / ".cnictl.toml")
        assert refused(tmp_path)[0] == "is a directory, not a file"


def test_the_schema_says_the_same(own):
    Draft202012Validator.check_schema(SCHEMA)
    assert list(SCHEMA["properties"]) == list(module._READERS)
    judged = Draft202012Validator(SCHEMA)
    assert judged.is_valid(tomllib.loads(EVERYTHING))
    for text in (
        "selct = []",
        'select = "CNI3"',
        'ignore = [" "]',
        "strict = 1",
        'baseline = ""',
        'schema-dirs = [""]',
    ):
        assert not judged.is_valid(tomllib.loads(text))
        refused(own(text))


def test_every_key_of_the_schema_has_an_example_that_is_read(own):
    def toml(value: object) -> str:
        if isinstance(value, dict):
            return f"{{{', '.join(f'{json.dumps(key)} = {json.dumps(item)}' for key, item in value.items())}}}"
        return json.dumps(value)

    for key, about in SCHEMA["properties"].items():
        assert about["title"]
        assert about["description"]
        for example in about["examples"]:
            assert Draft202012Validator(SCHEMA).is_valid({key: example})
            assert read_settings(own(f"{key} = {toml(example)}")) != Settings(str(own("")))


def test_nothing_heavy_is_loaded(tmp_path):
    write(tmp_path / "pyproject.toml", "[project]\nname = 'mine'\n")
    code = (
        "import sys; from pathlib import Path; from cnictl.foreign.settings import find_settings; "
        "find_settings(Path()); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert not {"pydantic", "yaml", "tomllib", "jsonschema"} & set(done.stdout.split())
