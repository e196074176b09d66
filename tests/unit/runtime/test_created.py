from __future__ import annotations

import os
from pathlib import Path

import pytest

from cnictl.errors import CacheError, NamespaceError
from cnictl.runtime import created as created_module
from cnictl.runtime.created import CreatedNamespaces


@pytest.fixture(autouse=True)
def files_for_namespaces(monkeypatch):
    """Making namespaces needs root, and is tested with real ones elsewhere; here files stand for them."""

    def create(path: Path) -> None:
        try:
            path.touch(exist_ok=False)
        except FileExistsError as error:
            message = f"{path} is there already"
            raise NamespaceError(message) from error

    monkeypatch.setattr(created_module, "create_netns", create)
    monkeypatch.setattr(created_module, "remove_netns", Path.unlink)


@pytest.fixture
def created(tmp_path):
    return CreatedNamespaces(tmp_path / "cache")


def test_what_was_made_is_removed_once(created, tmp_path):
    created.create(tmp_path / "blue")
    assert (tmp_path / "blue").exists()
    assert created.remove(tmp_path / "blue") is True
    assert not (tmp_path / "blue").exists()
    assert list(created.directory.iterdir()) == []
    assert created.remove(tmp_path / "blue") is False


def test_another_process_with_the_same_cache_directory_removes_it_too(created, tmp_path):
    created.create(tmp_path / "blue")
    assert CreatedNamespaces(tmp_path / "cache").remove(tmp_path / "blue") is True


def test_a_namespace_that_somebody_else_made_stays(created, tmp_path):
    (tmp_path / "blue").touch()
    assert created.remove(tmp_path / "blue") is False
    assert (tmp_path / "blue").exists()


def test_a_namespace_that_has_taken_over_the_name_stays_and_the_old_one_is_forgotten(created, tmp_path):
    created.create(tmp_path / "blue")
    (tmp_path / "other").touch()
    (tmp_path / "other").replace(tmp_path / "blue")
    assert created.remove(tmp_path / "blue") is False
    assert (tmp_path / "blue").exists()
    assert list(created.directory.iterdir()) == []


def test_one_that_is_gone_already_is_forgotten(created, tmp_path):
    created.create(tmp_path / "blue")
    (tmp_path / "blue").unlink()
    assert created.remove(tmp_path / "blue") is False
    assert list(created.directory.iterdir()) == []


def test_a_second_attempt_to_make_it_does_not_make_it_forgotten(created, tmp_path):
    created.create(tmp_path / "blue")
    with pytest.raises(NamespaceError, match="is there already"):
        created.create(tmp_path / "blue")
    assert created.remove(tmp_path / "blue") is True


def test_one_that_could_not_be_made_is_not_taken_for_ours(created, tmp_path):
    (tmp_path / "blue").touch()
    with pytest.raises(NamespaceError):
        created.create(tmp_path / "blue")
    assert created.remove(tmp_path / "blue") is False
    assert (tmp_path / "blue").exists()


@pytest.mark.parametrize(
    "name", ["with space", "100%", "b\N{LATIN SMALL LETTER U WITH DIAERESIS}", os.fsdecode(b"\xff")]
)
def test_any_file_name_will_do(created, tmp_path, name):
    created.create(tmp_path / name)
    assert created.remove(tmp_path / name) is True


def test_paths_that_differ_in_a_slash_are_not_confused(created, tmp_path):
    (tmp_path / "a").mkdir()
    created.create(tmp_path / "a" / "b")
    (tmp_path / "a%2Fb").touch()
    assert created.remove(tmp_path / "a%2Fb") is False


def test_what_cannot_be_remembered_is_not_made(created, tmp_path):
    (tmp_path / "cache").write_text("a file where the directory should be")
    with pytest.raises(CacheError) as caught:
        created.create(tmp_path / "blue")
    assert str(caught.value) == f"{created.directory} cannot be written: not a directory"
    assert caught.value.hint == "run as root, or choose another --cache-dir"
    assert not (tmp_path / "blue").exists()
