from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cnictl.foreign.mountinfo import mounts_in

TABLE = r"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
24 22 0:22 / /run rw,nosuid,nodev - tmpfs tmpfs rw,mode=755
65 24 0:4 net:[4026532247] /run/netns/my\040pod rw shared:3 master:2 - nsfs nsfs rw
"""


def test_the_mounts_of_a_node():
    root, run, netns = mounts_in(TABLE)
    assert (root.target, root.kind, root.source, root.tags) == ("/", "ext4", "/dev/sda1", ("shared:1",))
    assert root.super_options == {"rw", "errors=remount-ro"}
    assert not run.tags
    assert run.options == {"rw", "nosuid", "nodev"}
    assert (netns.root, netns.target, netns.kind) == ("net:[4026532247]", "/run/netns/my pod", "nsfs")
    assert netns.tags == ("shared:3", "master:2")


def test_lines_that_are_none_are_left_out():
    assert list(mounts_in("\n1 2\n22 1 8:1 / / rw -\n22 1 8:1 / /x rw shared:1 ext4 a rw\n")) == []


@given(st.text())
def test_any_text(text):
    for mount in mounts_in(text):
        assert mount.target is not None
