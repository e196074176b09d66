from __future__ import annotations

import threading

import pytest

from cnictl.netns.visit import Visit


def test_work_is_done_in_a_thread_of_its_own():
    assert Visit(None, threading.get_ident).result() != threading.get_ident()


def test_errors_reach_whoever_asked():
    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Visit(None, fail).result()


def test_a_namespace_that_is_none_is_an_error(tmp_path):
    path = tmp_path / "netns"
    with pytest.raises(FileNotFoundError):
        Visit(path, lambda: 1).result()
    path.touch()
    with pytest.raises(OSError, match="netns"):
        Visit(path, lambda: 1).result()
