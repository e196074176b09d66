"""Which programs are told of changes to files: the kernel's own tables are read for it."""

from __future__ import annotations

import ctypes
import os

import pytest

from cnictl.host.answers import CODECS
from cnictl.host.api import Unanswered, Watcher
from cnictl.host.local import LocalHost
from cnictl.host.rooted import RootedHost

IN_MODIFY = 2


@pytest.fixture
def watched(tmp_path):
    """A directory that this process watches."""
    libc = ctypes.CDLL(None)
    descriptor = libc.inotify_init()
    assert libc.inotify_add_watch(descriptor, os.fsencode(tmp_path), IN_MODIFY) > 0
    yield tmp_path
    os.close(descriptor)


def own(host):
    return next((each for each in host.watchers() if each.pid == os.getpid()), None)


def test_what_this_process_watches(watched, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)  # anybody may see what is their own
    status = watched.stat()
    found = own(LocalHost())
    assert found is not None
    assert (found.uid, found.instances) == (os.getuid(), 1)
    assert status.st_ino in {inode for _, inode in found.watched}
    assert RootedHost("/").watchers()


def test_a_node_that_is_only_mounted(tmp_path):
    with pytest.raises(Unanswered, match=r"^the node is only mounted here, so which programs are told of changes"):
        RootedHost(tmp_path).watchers()


def test_others_may_not_see_it(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Unanswered, match=r"^only root may see which programs"):
        LocalHost().watchers()


def test_the_answer_can_be_kept():
    write, read = CODECS["watchers"]
    answer = [Watcher(7, 0, 2, ((65024, 19), (65024, 20))), Watcher(8, 1000, 1)]
    assert read(write(answer)) == answer
