"""Configs that are looked for in a directory, and read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cnictl import InvalidConfig, NetworkConfigList, NetworkNotFound, SourceNotFound
from cnictl.runtime.load import find_network
from tests.libcni.scene import BOTH, CHAIN, SINGLE, Shape

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = {SINGLE: ".conf", CHAIN: ".conflist"}
A_LIST = Shape("ab")


def write(path: Path, document: dict[str, Any]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=2))
    return path


def types(network: NetworkConfigList) -> str:
    return "".join(plugin.type for plugin in network.plugins)


# Looking for a network


@pytest.mark.libcni(89, 91)
@pytest.mark.parametrize("suffix", [".conf", ".json"])
def test_a_single_plugin_is_found_by_the_name_of_its_network(tmp_path, suffix):
    write(tmp_path / f"10-other{suffix}", SINGLE.document(name="other"))
    path = write(tmp_path / f"50-whatever{suffix}", SINGLE.document(mtu=1400))
    network = find_network("net", tmp_path)
    assert (network.path, types(network)) == (str(path), "a")
    assert network.plugins[0].data == json.loads(path.read_bytes())


@pytest.mark.libcni(99)
def test_a_list_is_found_with_all_that_it_says(tmp_path):
    path = write(tmp_path / "50-whatever.conflist", CHAIN.document("0.3.1"))
    network = find_network("net", tmp_path)
    assert (network.name, str(network.version), types(network)) == ("net", "0.3.1", "abc")
    assert network.source == path.read_bytes()


@pytest.mark.libcni(100)
def test_a_list_comes_before_a_single_plugin(tmp_path):
    write(tmp_path / "10-whatever.conf", SINGLE.document())
    write(tmp_path / "50-whatever.conflist", CHAIN.document())
    assert types(find_network("net", tmp_path)) == "abc"


@pytest.mark.libcni(101)
def test_without_a_list_a_single_plugin_becomes_one(tmp_path):
    write(tmp_path / "10-whatever.conf", SINGLE.document())
    write(tmp_path / "50-whatever.conflist", CHAIN.document(name="other"))
    network = find_network("net", tmp_path)
    assert types(network) == "a"
    assert [plugin["type"] for plugin in json.loads(network.source)["plugins"]] == ["a"]


@pytest.mark.libcni(90, 102)
def test_a_directory_that_is_missing_is_named(tmp_path):
    with pytest.raises(SourceNotFound) as caught:
        find_network("net", tmp_path / "missing")
    assert caught.value.path == str(tmp_path / "missing")


@BOTH
@pytest.mark.libcni(92, 103)
def test_a_network_that_is_not_there_is_named_with_the_directory(tmp_path, shape):
    write(tmp_path / f"10-net{SUFFIXES[shape]}", shape.document(name="other"))
    with pytest.raises(NetworkNotFound) as caught:
        find_network("net", tmp_path)
    assert (caught.value.directory, caught.value.name) == (str(tmp_path), "net")


@BOTH
@pytest.mark.libcni(93, 104)
def test_a_malformed_file_is_an_error_for_who_wants_its_network(tmp_path, shape):
    # libcni gives up at such a file, also for a network of another file.
    bad = write(tmp_path / f"00-bad{SUFFIXES[shape]}", shape.document())
    write(tmp_path / f"10-good{SUFFIXES[shape]}", shape.document(name="good"))
    bad.write_text(bad.read_text().replace("\n}", ",\n}"))
    with pytest.raises(InvalidConfig, match=f"^{bad}:.* a comma stands before the closing }}"):
        find_network("net", tmp_path)
    bad.write_text('{"name": "net')
    with pytest.raises(NetworkNotFound) as caught:
        find_network("net", tmp_path)
    assert caught.value.refused == (f"{bad}: it has no network name that can be read",)
    assert find_network("good", tmp_path).name == "good"


@BOTH
@pytest.mark.libcni(94, 105)
def test_a_file_in_a_directory_below_is_not_found(tmp_path, shape):
    write(tmp_path / "below" / f"10-net{SUFFIXES[shape]}", shape.document())
    with pytest.raises(NetworkNotFound):
        find_network("net", tmp_path)


# Reading a config


@pytest.mark.libcni(95)
def test_capabilities_are_read_whether_they_are_on_or_off():
    (plugin,) = SINGLE.network(capabilities={"portMappings": True, "somethingElse": False}).plugins
    assert plugin.capabilities == {"portMappings"}
    assert plugin.data["capabilities"] == {"portMappings": True, "somethingElse": False}


@pytest.mark.libcni(96)
def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(SourceNotFound, match=f"^{tmp_path}/10-net.conf: no such file or directory$"):
        NetworkConfigList.from_file(tmp_path / "10-net.conf")


@pytest.mark.libcni(97, 98)
@pytest.mark.parametrize(("text", "what"), [('{"name": "net"}', "neither"), ('{"name": "net", "type": null}', "no")])
def test_a_config_without_a_type_is_refused(tmp_path, text, what):
    path = tmp_path / "10-net.conf"
    path.write_text(text)
    with pytest.raises(InvalidConfig, match=f'^{path}:1:1: .*{what} .*"type"'):
        NetworkConfigList.from_file(path)
    with pytest.raises(InvalidConfig, match=f'^<stdin>:1:1: .*{what} .*"type"'):
        NetworkConfigList.from_bytes(text.encode())


@pytest.mark.libcni(132)
def test_a_single_plugin_becomes_a_list_that_reads_back_as_the_same():
    network = SINGLE.network("0.3.1", mtu=1400)
    assert (network.name, str(network.version), types(network)) == ("net", "0.3.1", "a")
    assert NetworkConfigList.from_bytes(network.source) == network


# Flags


@pytest.mark.libcni(106, 107)
@pytest.mark.parametrize(("text", "read"), [("true", True), ("false", False)])
def test_check_is_disabled_by_a_string_too(text, read):
    assert CHAIN.network(disableCheck=text).disable_check is read


@pytest.mark.libcni(108, 111)
@pytest.mark.parametrize("flag", ["disableCheck", "loadOnlyInlinedPlugins"])
def test_a_string_that_is_no_boolean_is_an_error_at_its_place(flag):
    # libcni quotes it; here line and column lead to it.
    text = json.dumps(CHAIN.document(**{flag: "adsfasdfasf"}))
    with pytest.raises(InvalidConfig, match=f'"{flag}" must be true or false, and this is a string') as caught:
        NetworkConfigList.from_bytes(text.encode())
    assert text[caught.value.column - 1 :].startswith('"adsfasdfasf"')


# Plugins that lie beside the list


@pytest.fixture
def load(tmp_path):
    """Loads a list with a number of plugins beside it; with ``None`` there is no place for them."""

    def loaded(beside: str | None, **top: Any) -> str:
        document = A_LIST.document() | top
        write(tmp_path / "10-net.conflist", {key: value for key, value in document.items() if value is not None})
        if beside is not None:
            (tmp_path / "net").mkdir()
            for kind in beside:
                write(tmp_path / "net" / f"10-{kind}.conf", {"type": kind})
        return types(find_network("net", tmp_path))

    return loaded


@pytest.mark.libcni(109, 118)
def test_with_the_flag_they_are_passed_over(load):
    assert load("c", loadOnlyInlinedPlugins=True) == "ab"


@pytest.mark.libcni(110, 117)
def test_without_the_flag_they_come_after_those_of_the_list(load):
    assert load("c") == "abc"


@pytest.mark.libcni(112)
def test_with_the_flag_a_list_needs_plugins_of_its_own(load):
    with pytest.raises(InvalidConfig, match='needs the key "plugins"'):
        load("c", plugins=None, loadOnlyInlinedPlugins=True)


@pytest.mark.libcni(113)
def test_without_the_flag_they_may_be_all_that_there_is(load):
    assert load("c", plugins=None, loadOnlyInlinedPlugins=False) == "c"


@pytest.mark.libcni(114)
def test_there_must_be_some_plugin(load):
    with pytest.raises(InvalidConfig, match='needs the key "plugins"'):
        load(None, plugins=None)


@pytest.mark.libcni(115, 116)
@pytest.mark.parametrize("beside", [None, ""], ids=["no directory", "empty"])
def test_there_need_be_none(load, beside):
    assert load(beside) == "ab"
