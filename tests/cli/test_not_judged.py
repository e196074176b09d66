"""What is said of files and directories that are not judged."""

from __future__ import annotations

import pytest

from tests.cli.conftest import GOOD


@pytest.fixture
def deploy(tmp_path):
    directory = tmp_path / "deploy"
    for name in ("a", "b", ".git", "pods"):
        (directory / name).mkdir(parents=True)
    (directory / "10-pods.conflist").write_text(GOOD)
    for name in ("a.json", "b.json"):
        (directory / name).write_text("{}")
    return directory


@pytest.mark.parametrize("options", [(), ("-f", "json"), ("--fix",)])
def test_it_is_told_once(cnictl, deploy, options):
    ended = cnictl("validate", *options, deploy)
    assert ended.err.count(f"left out, with no key of a network config: {deploy}/a.json and 1 other\n") == 1
    folders = f"subdirectories are not searched; name them, or use a glob: {deploy}/a and 1 other\n"
    assert ended.err.count(folders) == 1


def test_the_quiet_are_told_nothing_and_the_curious_all(cnictl, deploy):
    assert cnictl("validate", "-q", deploy).err == ""
    told = cnictl("validate", "-v", deploy).err
    assert all(f"{deploy}/{name}: not judged\n" in told for name in ("a.json", "b.json", "a", "b"))


def test_directories_that_are_named_too_are_no_news(cnictl, deploy):
    (deploy / "a" / "x.conflist").write_text(GOOD)
    (deploy / "b" / "x.conflist").write_text(GOOD)
    assert "not searched" not in cnictl("validate", deploy, f"{deploy}/a/", deploy / "b").err


def test_of_a_config_directory_nothing_is_told(cnictl, deploy):
    assert "not searched" not in cnictl("validate", "--runtime", "cri-o", deploy).err
