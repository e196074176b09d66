"""Plugins that are added to a list in a directory of its name (CNI spec 1.1.0, libcni since 1.3.0)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cnictl.errors import InvalidConfig, NetworkNotFound, SourceError
from cnictl.model.network import NetworkConfigList
from cnictl.runtime.load import load_network

LIST = {"cniVersion": "1.1.0", "name": "net", "plugins": [{"type": "bridge", "big": 2**60}]}


def write(directory, dropped: dict[str, Any], **changes: Any):
    listed = {key: value for key, value in (LIST | changes).items() if value is not None}
    (directory / "net.conflist").write_text(json.dumps(listed))
    (directory / "net").mkdir()
    for name, content in dropped.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (directory / "net" / name).write_text(text)
    return directory / "net.conflist"


def types(path) -> list[str]:
    return [plugin.type for plugin in NetworkConfigList.from_file(path).plugins]


def test_they_come_after_the_lists_own_in_the_order_of_their_names(tmp_path):
    path = write(tmp_path, {"10-b.conf": {"type": "tuning"}, "05-a.conf": {"type": "portmap"}})
    assert types(path) == ["bridge", "portmap", "tuning"]


def test_only_files_that_end_in_conf_count(tmp_path):
    path = write(tmp_path, {"a.json": {"type": "x"}, "b.conflist": LIST, "c.conf.bak": "", "d": ""})
    (tmp_path / "net" / "e.conf").mkdir()
    assert types(path) == ["bridge"]


def test_a_list_without_plugins_may_have_them_all_added(tmp_path):
    path = write(tmp_path, {"a.conf": {"type": "portmap"}}, plugins=None)
    assert types(path) == ["portmap"]
    assert [plugin.type for plugin in load_network("net", tmp_path).plugins] == ["portmap"]


def test_a_list_without_plugins_to_which_none_is_added_is_refused(tmp_path):
    with pytest.raises(InvalidConfig, match="neither"):
        types(write(tmp_path, {}, plugins=None))


def test_an_empty_list_is_refused_also_when_plugins_are_added(tmp_path):
    with pytest.raises(InvalidConfig, match='"plugins" is empty'):
        types(write(tmp_path, {"a.conf": {"type": "portmap"}}, plugins=[]))


@pytest.mark.parametrize("flag", [True, "true", "True"])
def test_load_only_inlined_plugins(tmp_path, flag):
    path = write(tmp_path, {"a.conf": {"type": "portmap"}}, loadOnlyInlinedPlugins=flag)
    assert types(path) == ["bridge"]


@pytest.mark.parametrize(("content", "line"), [('{\n  "kind": 1\n}', 1), ('{"type": "a"\n\n', 1), ("[]", 1)])
def test_a_bad_one_is_refused_at_its_own_place(tmp_path, content, line):
    path = write(tmp_path, {"a.conf": content})
    with pytest.raises(InvalidConfig) as caught:
        types(path)
    assert (caught.value.path, caught.value.line) == (str(tmp_path / "net" / "a.conf"), line)


def test_one_that_cannot_be_read_is_named(tmp_path):
    path = write(tmp_path, {})
    (tmp_path / "net" / "a.conf").symlink_to("nowhere")
    with pytest.raises(SourceError, match=r"net/a\.conf"):
        types(path)


@pytest.mark.parametrize("name", ["..", "../net", "a/b"])
def test_a_name_that_is_a_path_leads_nowhere(tmp_path, name):
    (tmp_path / "evil.conf").write_text('{"type": "evil"}')
    path = tmp_path / "net" / "x.conflist"
    path.parent.mkdir()
    path.write_text(json.dumps(LIST | {"name": name}))
    with pytest.raises(InvalidConfig, match="network name"):
        types(path)


def test_a_single_plugins_config_has_none(tmp_path):
    write(tmp_path, {"a.conf": {"type": "portmap"}})
    path = tmp_path / "net.conf"
    path.write_text('{"cniVersion": "1.0.0", "name": "net", "type": "bridge"}')
    assert types(path) == ["bridge"]


def test_what_is_kept_in_the_cache_is_the_whole_list_that_needs_no_directory(tmp_path):
    path = write(tmp_path, {"a.conf": {"type": "portmap"}}, disableCheck=True)
    network = NetworkConfigList.from_file(path)
    again = NetworkConfigList.from_bytes(network.source)
    assert [plugin.type for plugin in again.plugins] == ["bridge", "portmap"]
    assert again.plugins[0].data["big"] == 2**60
    assert again.disable_check
    assert json.loads(network.source)["loadOnlyInlinedPlugins"] is True


def test_a_text_without_a_place_has_none(tmp_path):
    write(tmp_path, {"a.conf": {"type": "portmap"}})
    assert len(NetworkConfigList.from_dict(LIST).plugins) == 1


def test_a_directory_search_finds_the_list_with_what_is_added(tmp_path):
    write(tmp_path, {"a.conf": {"type": "portmap"}})
    assert len(load_network("net", tmp_path).plugins) == 2
    with pytest.raises(NetworkNotFound):
        load_network("other", tmp_path)
