"""``cnictl schema``, and what other programs say with what it has written."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.parse
from fnmatch import fnmatch
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cnictl.schema.standalone import read_schema, schema_names, standalone
from tests.support.command import PROJECT

EXAMPLES = PROJECT / "docs" / "examples"
GOOD = [EXAMPLES / f"{name}.conflist" for name in ("10-calico-portmap", "20-calico-bandwidth", "30-bridge")]
NOT_WHOLE = ("istio", "microk8s-flannel-nocniversion", "multus-macvlan-pod-tuning")
"""What is refused in the wild; `tests/schemas/test_configs_in_editors.py` says why."""
WILD = [path for path in sorted(PROJECT.glob("tests/corpus/valid/*.conflist")) if not path.name.startswith(NOT_WHOLE)]


@pytest.fixture
def written(cnictl, tmp_path):
    """What editors are given, by name."""
    assert cnictl("schema", "--write", str(tmp_path / "for editors")).status == 0
    catalogue = json.loads((tmp_path / "for editors" / "catalog.json").read_text())
    return {entry["name"]: entry for entry in catalogue["schemas"]}


def file_of(entry):
    """The file that the address in an entry of the catalogue leads to."""
    address = urllib.parse.urlsplit(entry["url"])
    assert address.scheme == "file"
    return Path(urllib.parse.unquote(address.path))


def check(entry, *paths):
    """What a checker that knows nothing of cnictl says to files, with the schema of an entry."""
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(file_of(entry)), "-o", "json"]
    done = subprocess.run(
        [*command, "--default-filetype", "json", *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "HTTPS_PROXY": "http://127.0.0.1:9"},  # nothing is fetched
    )
    return json.loads(done.stdout)


def test_the_list(cnictl):
    lines = cnictl("schema").out.splitlines()
    assert lines[0].split(None, 1) == ["conflist", "CNI network config: a list of plugins (**/*.conflist)"]
    assert sorted(line.split()[0] for line in lines) == schema_names()
    data = cnictl("schema", "-f", "json").data
    assert data["schema"] == "cnictl.schemas/1"
    Draft202012Validator(read_schema("output/schemas")).validate(data)
    assert [schema["name"] for schema in data["schemas"]] == [line.split()[0] for line in lines]
    assert data["schemas"][2] == {
        "name": "settings",
        "id": "https://cnictl.invalid/schemas/settings.schema.json",
        "title": "Settings of cnictl",
        "fileMatch": ["**/.cnictl.toml"],
    }


@pytest.mark.parametrize("name", ["conflist", "plugins/bridge", "output/report"])
def test_one_of_them(cnictl, name):
    ended = cnictl("schema", name)
    assert (ended.status, ended.err) == (0, "")
    assert json.loads(ended.out) == standalone(name)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("bridge", "did you mean plugins/bridge?"),
        ("conflits", "did you mean conflist?"),
        ("../pyproject", "`cnictl schema` lists them"),
    ],
)
def test_one_that_is_not_there(cnictl, name, hint):
    ended = cnictl("schema", name)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == f'cnictl: there is no schema "{name}"\n  hint: {hint}\n'


def test_what_editors_are_given(cnictl, written, tmp_path):
    directory = tmp_path / "for editors"
    assert sorted(path.name for path in directory.iterdir()) == [
        "baseline.schema.json",
        "catalog.json",
        "conf.schema.json",
        "conflist.schema.json",
        "settings.schema.json",
    ]
    for name, entry in written.items():
        assert json.loads(file_of(entry).read_text()) == standalone(name)
    again = cnictl("schema", "--write", str(directory))
    assert again.err == f"{directory} has 4 schemas and catalog.json\n"


def test_it_writes_all_or_prints_one(cnictl, tmp_path):
    ended = cnictl("schema", "conflist", "--write", str(tmp_path))
    assert (ended.status, list(tmp_path.iterdir())) == (2, [])


def test_where_nothing_can_be_written(cnictl, good):
    ended = cnictl("schema", "--write", str(good))
    hint = "--write takes a directory"
    assert (ended.status, ended.err) == (2, f"cnictl: {good}: is not a directory\n  hint: {hint}\n")


def test_an_unset_variable_is_not_the_current_directory(cnictl, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = cnictl("schema", "--write", "")
    assert (ended.status, ended.err.splitlines()[0]) == (2, "cnictl: --write takes a directory")
    assert list(tmp_path.iterdir()) == []


def test_the_catalogue_of_the_project_is_in_the_form_of_schemastores():
    catalogue = json.loads((PROJECT / "schemas/catalog.json").read_text())
    assert list(catalogue) == ["$schema", "version", "schemas"]
    assert catalogue["$schema"] == "https://json.schemastore.org/schema-catalog.json"
    for entry in catalogue["schemas"]:
        assert list(entry) == ["name", "description", "fileMatch", "url"]
        assert entry["url"] == read_schema(entry["name"])["$id"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        *((str(path), "conflist") for path in sorted(EXAMPLES.glob("*.conflist"))),
        ("/etc/cni/net.d/10-pods.conflist", "conflist"),
        ("/etc/cni/net.d/10-pods.conf", "conf"),
        ("/home/me/node/etc/cni/net.d/10-pods.json", "conf"),
        ("/home/me/.cnictl.toml", "settings"),
        ("/home/me/cnictl-baseline.json", "output/baseline"),
        ("/etc/nginx/nginx.conf", None),
        ("/home/me/package.json", None),
    ],
)
def test_an_editor_knows_by_a_files_name_what_it_is(written, path, name):
    found = [entry["name"] for entry in written.values() if any(fnmatch(path, glob) for glob in entry["fileMatch"])]
    assert found == ([name] if name else [])


def test_another_checker_accepts_what_is_good(written):
    assert len(WILD) > 30
    assert check(written["conflist"], *GOOD, *WILD)["status"] == "ok"


def test_another_checker_refuses_the_broken_example(written, tmp_path):
    broken = EXAMPLES / "90-broken.conflist"
    assert [error["filename"] for error in check(written["conflist"], broken)["parse_errors"]] == [str(broken)]
    readable = tmp_path / "90-broken.conflist"
    readable.write_text(broken.read_text().replace("],\n}", "]\n}"))
    found = check(written["conflist"], readable)
    assert found["status"] == "fail"
    assert [error["path"] for error in found["errors"]] == ["$.cniVersion", "$.plugins[0].snat", "$.plugins[1]"]


def test_another_checker_knows_settings(written, tmp_path):
    settings = tmp_path / ".cnictl.toml"
    settings.write_text('select = "CNI3"\nstrikt = true\n')
    found = check(written["settings"], settings)
    assert {error["path"] for error in found["errors"]} == {"$", "$.select"}
    settings.write_text('select = ["CNI3"]\nstrict = true\n')
    assert check(written["settings"], settings)["status"] == "ok"
