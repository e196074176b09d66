from __future__ import annotations

import os
from pathlib import Path

import pytest

from cnictl.errors import PluginNotFound
from cnictl.invoke import find
from cnictl.invoke.find import find_plugin
from tests.support.plugins import write_plugin


@pytest.fixture(autouse=True)
def no_installed_plugins(monkeypatch, tmp_path):
    """What this machine has installed must not decide what is advised."""
    monkeypatch.setattr(find, "WELL_KNOWN_DIRS", (tmp_path / "well-known",))


def failure(plugin: str, *bin_dirs: Path) -> PluginNotFound:
    with pytest.raises(PluginNotFound) as caught:
        find_plugin(plugin, bin_dirs)
    assert (caught.value.plugin, caught.value.searched) == (plugin, tuple(map(str, bin_dirs)))
    return caught.value


@pytest.mark.libcni(152)
def test_the_first_directory_that_has_the_plugin_wins(tmp_path):
    write_plugin(tmp_path / "c", "", name="bridge")
    second = write_plugin(tmp_path / "b", "", name="bridge")
    (tmp_path / "a").mkdir()
    assert find_plugin("bridge", [tmp_path / "missing", tmp_path / "a", tmp_path / "b", tmp_path / "c"]) == second


def test_a_symbolic_link_to_a_plugin_is_one(tmp_path):
    write_plugin(tmp_path / "busybox", "", name="cni")
    (tmp_path / "bridge").symlink_to(tmp_path / "busybox" / "cni")
    assert find_plugin("bridge", [tmp_path]) == tmp_path / "bridge"


def test_a_directory_or_device_of_that_name_does_not_hide_the_plugin_behind_it(tmp_path):
    (tmp_path / "a" / "bridge").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    os.mkfifo(tmp_path / "b" / "bridge")
    plugin = write_plugin(tmp_path / "c", "", name="bridge")
    assert find_plugin("bridge", [tmp_path / "a", tmp_path / "b", tmp_path / "c"]) == plugin


@pytest.mark.libcni(156)
def test_a_missing_plugin_is_reported_with_the_places_searched(tmp_path):
    error = failure("bridge", tmp_path / "a", tmp_path / "b")
    assert str(error) == f'plugin "bridge" is not in {tmp_path}/a, {tmp_path}/b'
    assert error.hint == "it comes with the CNI reference plugins: apt install containernetworking-plugins"


@pytest.mark.libcni(154)
def test_an_empty_list_of_directories_is_named_as_such():
    assert str(failure("bridge")) == 'plugin "bridge" is not in an empty list of directories'


def test_a_plugin_of_another_project_is_not_promised_to_come_with_the_reference_plugins(tmp_path):
    hint = failure("calico", tmp_path).hint
    assert hint == "install the product that brings calico, or take it out of the config"


def test_a_plugin_that_lies_in_a_well_known_directory_is_pointed_out(tmp_path):
    write_plugin(tmp_path / "well-known", "", name="bridge")
    assert failure("bridge", tmp_path).hint == f"it is in {tmp_path}/well-known: add --bin-dir {tmp_path}/well-known"


def test_the_first_file_counts_even_when_it_cannot_be_executed(tmp_path):
    path = write_plugin(tmp_path / "a", "", name="bridge")
    path.chmod(0o644)
    write_plugin(tmp_path / "b", "", name="bridge")
    error = failure("bridge", tmp_path / "a", tmp_path / "b")
    assert str(error) == f"{path} is not executable"
    assert error.hint == f"chmod 755 {path}"


def test_a_directory_where_the_plugin_should_be_is_named(tmp_path):
    (tmp_path / "bridge").mkdir()
    assert str(failure("bridge", tmp_path)) == f"{tmp_path}/bridge is a directory, not a plugin"


def test_a_named_pipe_where_the_plugin_should_be_is_named(tmp_path):
    os.mkfifo(tmp_path / "bridge")
    assert str(failure("bridge", tmp_path)) == f"{tmp_path}/bridge is no regular file, not a plugin"


def test_a_dangling_link_is_as_good_as_nothing(tmp_path):
    (tmp_path / "bridge").symlink_to("gone")
    assert str(failure("bridge", tmp_path)) == f'plugin "bridge" is not in {tmp_path}'


@pytest.mark.parametrize("directory", ["bin", "", "./bin"])
def test_relative_directories_are_passed_over_and_that_is_said(tmp_path, monkeypatch, directory):
    monkeypatch.chdir(tmp_path)
    relative = Path(directory)
    write_plugin(relative, "", name="bridge")
    error = failure("bridge", relative)
    path = relative / "bridge"
    assert str(error) == f"{path} is passed over, because the plugin directory is not an absolute path"

    absolute = write_plugin(tmp_path / "absolute", "", name="bridge")
    assert find_plugin("bridge", [relative, tmp_path / "absolute"]) == absolute


@pytest.mark.libcni(155, 157)
@pytest.mark.parametrize(
    ("plugin", "message"),
    [
        ("", "the plugin type is empty"),
        ("..", 'the plugin type cannot be ".."'),
        (".", 'the plugin type cannot be "."'),
        ("../bridge", 'the plugin type "../bridge" is a path; it must be the bare name of the executable'),
        ("/bin/sh", 'the plugin type "/bin/sh" is a path; it must be the bare name of the executable'),
        ("a\\b", 'the plugin type "a\\b" is a path; it must be the bare name of the executable'),
        ("a\0b", 'the plugin type "a\0b" is a path; it must be the bare name of the executable'),
    ],
)
def test_types_that_lead_out_of_the_directory_are_refused_even_when_something_is_there(tmp_path, plugin, message):
    write_plugin(tmp_path, "", name="bridge")
    (tmp_path / "bin").mkdir()
    assert str(failure(plugin, tmp_path / "bin")) == message
