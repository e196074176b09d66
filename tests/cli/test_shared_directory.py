"""A directory that configs and manifests share with the files of other programs, such as a repository's."""

from __future__ import annotations

import json

import pytest

BRIDGE = {"cniVersion": "1.0.0", "name": "a", "type": "bridge", "isGateway": True}
OTHERS = {
    "package.json": '{"name": "app", "version": "1.0.0", "type": "module", "scripts": {"test": "true"}}',
    "tsconfig.json": '{\n  // strict\n  "compilerOptions": {"plugins": [{"name": "x"}]},\n}',
    "composer.json": '{"name": "vendor/app", "type": "library", "require": {}}',
    ".eslintrc.json": '{"plugins": ["import"], "rules": {}}',
    "babel.config.json": '{"plugins": [["transform", {"loose": true}]], "presets": []}',
    "net.schema.json": '{"$schema": "x", "type": "object", "properties": {"cniVersion": {}}}',
    "list.json": '[{"name": "a"}, 1, null]',
    "empty.json": "",
    "false.json": "false",
    "nginx.conf": "server {\n  listen 80;\n}\n",
    "99-sysctl.conf": "net.ipv4.ip_forward = 1\n",
    "my.conf": "[mysqld]\nport = 1\n",
}
"""What is no config for anybody."""
MEANT = {
    "broken.conf": "{",
    "5.json": "{",
    "10-net.json": "",
    "10-a.json": '{"name": "a"}',
    "a.json": '{"name": "a", "type": "bridge"}',
    "b.json": '{"CNIVERSION": "1.0.0"}',
    "c.json": '{"plugins": [{"typ": "bridge"}]}',
    "d.json": '{"name": "x", "ipam": {}}',
    "e.json": '[{"cniVersion": "1.0.0"}]',
    "f.json": "cniVersion: 1.0.0\n",
    "g.conf": '{"name": "x"}',
    "h.conflist": "net.ipv4.ip_forward = 1\n",
}
"""What was to be a config, and is none yet."""


def judged(cnictl, *arguments):
    """The files that something is said of, by their names."""
    ended = cnictl("validate", "-f", "json", *arguments)
    return {file["file"].rpartition("/")[2]: file["findings"] for file in ended.data["files"]}, ended


@pytest.fixture
def shared(tmp_path):
    directory = tmp_path / "deploy"
    directory.mkdir()
    for name, text in OTHERS.items():
        (directory / name).write_text(text)
    (directory / "10-net.conflist").write_text(json.dumps({"name": "b", "cniVersion": "1.0.0", "plugins": [BRIDGE]}))
    return directory


def test_files_of_other_programs_are_no_configs(cnictl, shared):
    files, ended = judged(cnictl, shared)
    assert set(files) == {"10-net.conflist"}
    assert ended.status == 0


@pytest.mark.parametrize("name", MEANT)
def test_what_was_to_be_a_config_is_judged(cnictl, shared, name):
    (shared / name).write_text(MEANT[name])
    assert judged(cnictl, shared)[0][name]


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_that_is_named_is_judged(cnictl, shared, name):
    assert judged(cnictl, shared / name)[0][name]


@pytest.mark.parametrize("runtime", ["containerd", "cri-o", "libcni", "multus"])
def test_a_runtime_reads_them(cnictl, shared, runtime):
    files, _ = judged(cnictl, "--runtime", runtime, shared)
    assert {"package.json", "nginx.conf"} <= set(files)


@pytest.mark.parametrize("path", ["net.d", "net.d/", "net.d/../net.d/.", "link"])
def test_a_config_directory_is_known_by_its_name(cnictl, shared, tmp_path, path):
    shared.rename(tmp_path / "net.d")
    (tmp_path / "link").symlink_to("net.d")
    files, _ = judged(cnictl, f"{tmp_path}/{path}")
    assert {"package.json", "nginx.conf"} <= set(files)


def test_the_directory_of_the_environment_is_a_config_directory(cnictl, shared, monkeypatch):
    monkeypatch.setenv("NETCONFPATH", str(shared))
    assert "package.json" in judged(cnictl)[0]


@pytest.mark.parametrize("name", ["package-lock.json", "dump.conf"])
def test_what_is_too_long_for_a_config_is_none(cnictl, shared, name):
    (shared / name).write_text(json.dumps({"packages": "x" * 3_000_000}))
    _, ended = judged(cnictl, shared)
    assert (ended.status, ended.data["errors"]) == (0, [])


def test_a_config_that_is_too_long_is_told(cnictl, shared):
    (shared / "a.json").write_text(json.dumps({"cniVersion": "x" * 3_000_000}))
    _, ended = judged(cnictl, shared)
    assert ended.status == 2
    assert "the limit is 2 MiB" in ended.data["errors"][0]["message"]


def test_rules_about_directories_pass_over_them(cnictl, shared):
    (shared / "package.json").chmod(0o666)
    (shared / ".prettierrc.json").write_text("{}")
    assert set(judged(cnictl, shared)[0]) == {"10-net.conflist"}


def test_a_directory_with_nothing_else_holds_no_config(cnictl, tmp_path):
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / ".git").mkdir()
    (tmp_path / "sub").mkdir()
    ended = cnictl("validate", tmp_path)
    assert ended.status == 2
    assert "holds no config: package.json has no key of one" in ended.err
    assert f"name them, such as {tmp_path}/sub\n" in ended.err
