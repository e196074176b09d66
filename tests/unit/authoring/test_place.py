"""The name of a new file in a config directory: the runtime loads it, and nothing is shadowed unless it is to be."""

from __future__ import annotations

import pytest

from cnictl.authoring.place import choose_path
from cnictl.errors import SourceError, UsageError
from cnictl.runtime.selection import Runtime
from cnictl.text.source import MAX_BYTES

ANOTHER = '{"cniVersion": "1.0.0", "name": "other", "plugins": [{"type": "loopback"}]}'


@pytest.mark.parametrize("runtime", list(Runtime))
def test_an_empty_directory(tmp_path, runtime):
    assert choose_path(tmp_path, "pods", runtime) == tmp_path / "10-pods.conflist"


@pytest.mark.parametrize("runtime", [Runtime.CONTAINERD, Runtime.CRIO, Runtime.MULTUS])
def test_the_network_of_all_pods_is_not_shadowed_unless_told_to(tmp_path, runtime):
    (tmp_path / "05-other.conflist").write_text(ANOTHER)
    with pytest.raises(UsageError, match=r"gives all pods the network of .*05-other\.conflist") as caught:
        choose_path(tmp_path, "pods", runtime)
    assert caught.value.hint == "say --shadow to put the new network before it"
    assert choose_path(tmp_path, "pods", runtime, shadow=True).name == "04-pods.conflist"


def test_libcni_finds_it_by_name_beside_others(tmp_path):
    (tmp_path / "05-other.conflist").write_text(ANOTHER)
    assert choose_path(tmp_path, "pods", Runtime.LIBCNI).name == "10-pods.conflist"


def test_a_name_that_comes_before_everything(tmp_path):
    (tmp_path / "00-other.conflist").write_text(ANOTHER)
    assert choose_path(tmp_path, "zebra", Runtime.CONTAINERD, shadow=True).name == "00-0-zebra.conflist"
    (tmp_path / "!.conflist").write_text(ANOTHER.replace("other", "third"))
    with pytest.raises(UsageError, match="under no name"):
        choose_path(tmp_path, "zebra", Runtime.CONTAINERD, shadow=True)


def test_the_same_network_twice(tmp_path):
    (tmp_path / "10-a.conflist").write_text(ANOTHER.replace("other", "pods"))
    with pytest.raises(UsageError, match='has the network "pods" already'):
        choose_path(tmp_path, "pods", Runtime.LIBCNI, shadow=True)


def test_a_broken_file_before_which_it_must_stand(tmp_path):
    (tmp_path / "05-broken.conflist").write_text("{")
    assert choose_path(tmp_path, "pods", Runtime.CONTAINERD).name == "04-pods.conflist"
    (tmp_path / "05-broken.conflist").rename(tmp_path / "50-broken.conflist")
    assert choose_path(tmp_path, "pods", Runtime.CONTAINERD).name == "10-pods.conflist"


def test_a_directory_that_is_not_there(tmp_path):
    with pytest.raises(SourceError):
        choose_path(tmp_path / "none", "pods", Runtime.CONTAINERD)


def test_a_file_that_cannot_be_read_could_be_the_first(tmp_path):
    (tmp_path / "05-large.conflist").write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(UsageError, match="is the first is not known"):
        choose_path(tmp_path, "pods", Runtime.CONTAINERD)
