from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from cnictl.errors import InvalidConfig, NetworkNotFound, SourceError, SourceNotFound
from cnictl.runtime.load import find_network, load_network
from tests.support.users import ordinary_user


def listed(name: str, *types: str) -> str:
    return json.dumps({"cniVersion": "1.0.0", "name": name, "plugins": [{"type": kind} for kind in types]})


def single(name: str, kind: str) -> str:
    return json.dumps({"cniVersion": "0.4.0", "name": name, "type": kind})


def config_dir(directory: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (directory / name).write_text(text)
    return directory


def not_found(name: str, directory: Path) -> NetworkNotFound:
    with pytest.raises(NetworkNotFound) as caught:
        find_network(name, directory)
    return caught.value


@pytest.mark.parametrize(
    ("files", "winner"),
    [
        ({"20-b.conflist": listed("net", "b"), "10-a.conflist": listed("net", "a")}, "10-a.conflist"),
        ({"5-b.conflist": listed("net", "b"), "10-a.conflist": listed("net", "a")}, "10-a.conflist"),
        ({"a.conflist": listed("net", "a"), "B.conflist": listed("net", "b")}, "B.conflist"),
        ({"10-a.conf": single("net", "a"), "20-b.conflist": listed("net", "b")}, "20-b.conflist"),
        ({"10-a.json": single("net", "a"), "20-b.conf": single("net", "b")}, "10-a.json"),
        ({"10-a.conflist": listed("other", "a"), "20-b.conflist": listed("net", "b")}, "20-b.conflist"),
        ({"10-a.conflist.bak": listed("net", "a"), "20-b.conflist": listed("net", "b")}, "20-b.conflist"),
        ({"10-a.CONFLIST": listed("net", "a"), "20-b.conflist": listed("net", "b")}, "20-b.conflist"),
        ({".hidden.conflist": listed("net", "a"), "20-b.conflist": listed("net", "b")}, ".hidden.conflist"),
        ({"10-a.conflist": "{broken", "20-b.conflist": listed("net", "b")}, "20-b.conflist"),
    ],
    ids=[
        "first-by-name",
        "by-bytes-not-by-number",
        "capitals-first",
        "lists-before-singles",
        "conf-and-json-together",
        "name-not-file-name",
        "backup",
        "suffix-in-capitals",
        "hidden",
        "broken-neighbour",
    ],
)
def test_the_file_that_wins(tmp_path, files, winner):
    assert find_network("net", config_dir(tmp_path, files)).path == str(tmp_path / winner)


def test_a_single_plugin_becomes_a_list_of_one(tmp_path):
    config_dir(tmp_path, {"10-a.conf": single("net", "bridge")})
    network = find_network("net", tmp_path)
    assert (network.name, str(network.version)) == ("net", "0.4.0")
    assert [plugin.type for plugin in network.plugins] == ["bridge"]
    assert json.loads(network.source) == {
        "cniVersion": "0.4.0",
        "name": "net",
        "plugins": [{"cniVersion": "0.4.0", "name": "net", "type": "bridge"}],
    }


def test_a_list_keeps_the_bytes_of_its_file(tmp_path):
    text = listed("net", "a").replace("{", "{ ", 1)
    assert find_network("net", config_dir(tmp_path, {"a.conflist": text})).source == text.encode()


def test_a_network_that_is_not_there_is_reported_with_those_that_are(tmp_path):
    config_dir(tmp_path, {"10-a.conflist": listed("blue", "a"), "20-b.conf": single("red", "b"), "readme": "net"})
    error = not_found("net", tmp_path)
    assert str(error) == f'no network named "net" in {tmp_path}'
    assert error.hint == "the networks there are: blue, red"
    assert (error.directory, error.name) == (str(tmp_path), "net")
    assert (error.present, error.refused) == (("blue", "red"), ())


def test_files_that_could_not_be_read_are_named_when_nothing_else_has_the_name(tmp_path):
    config_dir(tmp_path, {"10-broken.conflist": "{", "20-array.conf": "[]", "30-nameless.json": '{"type":"bridge"}'})
    (tmp_path / "40-dir.conflist").mkdir()
    (tmp_path / "50-gone.conflist").symlink_to("nowhere")
    os.mkfifo(tmp_path / "60-pipe.conf")
    error = not_found("net", tmp_path)
    assert error.present == ()
    assert error.hint == "the directory holds no usable .conflist, .conf or .json file"
    assert error.refused == (
        f"{tmp_path}/10-broken.conflist: it has no network name that can be read",
        f"{tmp_path}/40-dir.conflist: is a directory, not a file",
        f"{tmp_path}/50-gone.conflist: no such file or directory",
        f"{tmp_path}/20-array.conf: it has no network name that can be read",
        f"{tmp_path}/30-nameless.json: it has no network name that can be read",
        f"{tmp_path}/60-pipe.conf: is a named pipe, not a file",
    )


def test_a_file_that_may_not_be_read_does_not_hide_the_others(tmp_path, monkeypatch):
    config_dir(tmp_path, {"10-secret.conflist": listed("net", "a"), "20-b.conflist": listed("net", "b")})
    (tmp_path / "10-secret.conflist").chmod(0)
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)  # the way to it may be closed to others
    with ordinary_user():
        assert find_network("net", Path()).path == "20-b.conflist"
        error = not_found("other", Path())
    assert error.refused == ("10-secret.conflist: permission denied",)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("a.conf", listed("net", "bridge"), "1:1: runtimes read a list only from a file that ends in .conflist"),
        ("a.conflist", single("net", "bridge"), '1:1: a .conflist file needs the key "plugins"'),
        ("a.conflist", '{"name":"net","plugins":[{}],}', "1:29: "),
    ],
    ids=["list-in-conf", "single-in-conflist", "no-json"],
)
def test_the_wanted_network_must_be_fit_to_run(tmp_path, file, text, message):
    config_dir(tmp_path, {file: text, "z.json": single("net", "later")})
    with pytest.raises(InvalidConfig) as caught:
        find_network("net", tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}/{file}:{message}")
    assert caught.value.hint == f"`cnictl validate {tmp_path}/{file}` shows every problem in it"


def test_a_missing_directory_is_an_error_of_its_own(tmp_path):
    with pytest.raises(SourceNotFound, match=r"/missing: no such file or directory$"):
        find_network("net", tmp_path / "missing")


def test_a_file_is_no_config_directory(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SourceError, match=r"/file: no such file or directory$"):
        find_network("net", tmp_path / "file")


# What the user typed


def test_a_name_is_looked_up_in_the_directory(tmp_path):
    config_dir(tmp_path, {"a.conflist": listed("net", "bridge")})
    assert load_network("net", tmp_path).name == "net"


@pytest.mark.parametrize("text", ["./net", "net.conflist", "net.conf", "net.json", "sub/net"])
def test_a_path_is_read_whatever_the_directory_holds(tmp_path, monkeypatch, text):
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    Path(text).write_text(listed("other-name", "bridge"))
    network = load_network(text, tmp_path / "missing")
    assert (network.name, network.path) == ("other-name", text)


def test_a_name_with_another_ending_is_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(listed("net", "bridge"))
    with pytest.raises(NetworkNotFound):
        load_network("net.yaml", tmp_path)


def test_a_path_that_is_missing_is_no_missing_network(tmp_path):
    with pytest.raises(SourceNotFound) as caught:
        load_network("/nowhere/net.conflist", tmp_path)
    assert str(caught.value) == "/nowhere/net.conflist: no such file or directory"


def test_a_dash_is_standard_input(tmp_path, monkeypatch):
    text = listed("net", "bridge").encode()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    network = load_network("-", tmp_path)
    assert (network.name, network.path, network.source) == ("net", "-", text)
