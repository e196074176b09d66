"""A disk that is full, or that may only be read: nothing is left behind, and it is said."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.netns


@pytest.fixture
def small(node):
    """A node whose cache has a file system of its own, with room for a few blocks."""
    node.run("mkdir", "-p", "/var/lib/cni")
    node.run("mount", "-t", "tmpfs", "-o", "size=32k", "small", "/var/lib/cni")
    return node


def fill(node) -> None:
    node.run("sh", "-c", "cat /dev/zero > /var/lib/cni/full", check=False)


def test_a_full_disk_is_found_out_before_the_first_plugin_runs(small):
    assert small.exec("add", "one", "--create-netns").status == 0
    fill(small)
    ended = small.exec("add", "two", "--create-netns")
    assert (ended.status, "no space left on device" in ended.err) == (2, True)
    assert small.leases() == ["10.88.0.2"]
    assert "two" not in small.run("ip", "netns").stdout
    assert small.exec("del", "one").status == 0
    assert small.is_clean()


def test_a_disk_that_is_full_when_the_result_is_to_be_kept_undoes_the_add(node):
    """host-local keeps its leases elsewhere here, so all goes well until the result is to be kept."""
    node.run("mkdir", "-p", "/var/lib/cni/results")
    node.run("mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=1", "none", "/var/lib/cni/results")
    ended = node.exec("add", "web", "--create-netns")
    assert (ended.status, "no space left" in ended.err or "cross-device" in ended.err) == (2, True)
    assert "everything was undone: DEL succeeded for every plugin of the chain" in ended.err
    assert node.is_clean()


def test_a_cache_that_may_only_be_read(node):
    assert node.exec("add", "one", "--create-netns").status == 0
    node.run("mount", "--bind", "/var/lib/cni/results", "/var/lib/cni/results")
    node.run("mount", "-o", "remount,bind,ro", "/var/lib/cni/results")
    ended = node.exec("add", "two", "--create-netns")
    assert ended.status == 2
    assert "cannot be written" in ended.err
    assert node.leases() == ["10.88.0.2"]
    assert node.exec("check", "one").status == 0
    ended = node.exec("del", "one")
    assert (ended.status, "read-only file system" in ended.err) == (2, True)
    assert node.leases() == []
    node.run("umount", "/var/lib/cni/results")
    assert node.exec("del", "one").status == 0
    assert node.is_clean()
