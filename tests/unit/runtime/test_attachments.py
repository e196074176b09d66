from __future__ import annotations

import os

import pytest

from cnictl.errors import CacheError
from cnictl.runtime.attachments import State, addresses_of, take_inventory
from cnictl.runtime.locks import Locks
from tests.support.caches import CacheTree
from tests.support.users import let_in, ordinary_user


@pytest.fixture
def tree(tmp_path):
    return CacheTree(tmp_path)


def states(tree):
    return {each.entry.container_id: each.state for each in take_inventory(tree.cache_dir).attachments}


def unclear(tree):
    return [
        (file.path.rpartition("/")[2], file.reason, file.is_legacy) for file in take_inventory(tree.cache_dir).unclear
    ]


def test_a_cache_that_is_not_there_is_empty(tree):
    inventory = take_inventory(tree.cache_dir)
    assert (inventory.attachments, inventory.unclear, inventory.leases, inventory.unread) == ([], [], [], [])


def test_nothing_is_changed(tree):
    tree.add()
    tree.lease("10.1.0.5", "lost\r\neth0")
    before = sorted(os.walk(tree.cache_dir.parent))
    take_inventory(tree.cache_dir)
    assert sorted(os.walk(tree.cache_dir.parent)) == before


def test_the_state_is_that_of_the_network_namespace(tree, tmp_path):
    (tmp_path / "file").touch()
    tree.add("there")
    tree.add("gone", netns="/run/netns/there-is-none")
    tree.add("beside", netns=f"{tmp_path}/file/below")
    tree.add("replaced", netns=str(tmp_path / "file"))
    tree.add("nameless", netns="")
    tree.add("relative", netns="netns/web")
    tree.add("odd", netns="/run/\0")
    assert states(tree) == {
        "there": State.ATTACHED,
        "gone": State.GONE,
        "beside": State.GONE,
        "replaced": State.GONE,
        "nameless": State.UNKNOWN,
        "relative": State.UNKNOWN,
        "odd": State.UNKNOWN,
    }


def test_a_namespace_that_may_not_be_looked_at_is_unknown(tree, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    tree.add("web", netns=str(closed / "web"))
    let_in(tmp_path)
    closed.chmod(0)
    with ordinary_user():
        assert states(tree) == {"web": State.UNKNOWN}


def test_attachments_come_in_the_order_of_their_files(tree):
    for container_id in ("b", "a", "ä", "Z"):
        tree.add(container_id)
    assert list(states(tree)) == ["Z", "a", "b", "ä"]


def test_the_file_and_when_it_was_written_are_told(tree):
    path = tree.add()
    os.utime(path, (1000, 1000))
    (attachment,) = take_inventory(tree.cache_dir).attachments
    assert (attachment.entry.path, attachment.modified) == (str(path), 1000)


def test_an_entry_in_a_file_of_another_name_is_no_attachment(tree):
    tree.add()
    tree.put("pods-web-eth0.bak", tree.entry().encode())
    assert states(tree) == {"web": State.ATTACHED}
    assert unclear(tree) == [("pods-web-eth0.bak", "it is not called pods-web-eth0, as what it holds must be", False)]


def test_keys_are_found_in_any_letter_case(tree):
    tree.put("pods-web-eth0", {"kind": "cniCacheV1", "containerID": "web", "ifName": "eth0", "networkName": "pods"})
    assert states(tree) == {"web": State.UNKNOWN}


# What was interrupted


def test_an_interrupted_add_is_shown_although_the_cache_does_not_know_it(tree):
    tree.add("web")
    path = tree.begin("half")
    attachment = take_inventory(tree.cache_dir).attachments[-1]
    assert (attachment.entry.container_id, attachment.state, attachment.verb) == ("half", State.INTERRUPTED, "ADD")
    assert attachment.entry.path == str(path)
    assert attachment.is_stale


def test_an_interrupted_del_and_its_cache_entry_are_one_attachment(tree):
    tree.add("web", result={"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/24"}]})
    tree.begin("web", "DEL")
    (attachment,) = take_inventory(tree.cache_dir).attachments
    assert (attachment.state, attachment.verb) == (State.INTERRUPTED, "DEL")
    assert addresses_of(attachment.entry.result) == ("10.1.0.5/24",)


def test_what_is_under_way_is_not_stale(tree):
    tree.begin("web")
    with Locks(tree.cache_dir).container("web"):
        (attachment,) = take_inventory(tree.cache_dir).attachments
    assert attachment.state is State.UNDER_WAY
    assert not attachment.is_stale
    assert states(tree) == {"web": State.INTERRUPTED}


def test_a_container_id_that_is_a_path_locks_nothing(tree):
    tree.begin("web").write_bytes(tree.entry("../../web").encode("cnictlIntentV1", verb="ADD"))
    assert states(tree) == {"../../web": State.INTERRUPTED}
    assert not (tree.cache_dir / "web").exists()


# What is damaged


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b'{"kind":"cniCa', "it is no JSON object"),
        (b"\x00" * 512, "it is no JSON object"),
        (b"[" * 100_000, "it is no JSON object"),
        (b"{}", "it is no cache entry"),
        (b'{"kind": "cniCacheV2", "networkName": "pods"}', "it is no cache entry"),
        (b'{"kind": "cniCacheV1", "containerId": "c"}', "it does not name network, container and interface"),
        (b'{"kind": "cniCacheV1", "containerId": 7}', "it does not name network, container and interface"),
    ],
    ids=["empty", "cut-off", "zeros", "deep", "nothing", "newer", "nameless", "wrong"],
)
def test_a_damaged_file_is_shown_and_hides_no_other(tree, content, reason):
    tree.put("pods-web-eth0", content)
    tree.add("other")
    assert unclear(tree) == [("pods-web-eth0", reason, False)]
    assert states(tree) == {"other": State.ATTACHED}


def test_a_directory_in_the_cache_is_no_crash(tree):
    tree.add()
    (tree.cache_dir / "results" / "folder").mkdir()
    assert [name for name, _, _ in unclear(tree)] == ["folder"]


def test_a_bare_result_is_legacy_and_not_stale(tree):
    tree.put("pods-web", {"cniVersion": "0.2.0", "ip4": {"ip": "10.1.0.9/24"}})
    inventory = take_inventory(tree.cache_dir)
    (file,) = inventory.unclear
    assert (file.is_legacy, file.addresses) == (True, ("10.1.0.9/24",))
    assert inventory.only_stale().unclear == []


def test_a_cache_that_cannot_be_read_is_an_error(tree):
    tree.cache_dir.mkdir()
    (tree.cache_dir / "results").touch()
    with pytest.raises(CacheError, match="cannot be read"):
        take_inventory(tree.cache_dir)


# Addresses


@pytest.mark.parametrize(
    ("result", "addresses"),
    [
        (None, ()),
        ({}, ()),
        ({"ips": [{"address": "10.1.0.5/24"}, {"address": "fd00::5/64"}]}, ("10.1.0.5/24", "fd00::5/64")),
        ({"ip4": {"ip": "10.1.0.5/24"}, "ip6": {"ip": "fd00::5/64"}}, ("10.1.0.5/24", "fd00::5/64")),
        ({"ips": "10.1.0.5", "ip4": []}, ()),
        ({"ips": [7, {"address": None}, {"address": "<nil>"}]}, ("<nil>",)),
    ],
    ids=str,
)
def test_addresses_are_read_from_a_result_of_any_version(result, addresses):
    assert addresses_of(result) == addresses


# Choosing


def test_what_concerns_a_network_or_a_container(tree):
    tree.add("a")
    tree.add("b")
    tree.add("a", network="storage")
    tree.put("pods-cut-eth0", b"")
    tree.put("storage-a-eth1", b"")
    inventory = take_inventory(tree.cache_dir)

    def chosen(**wanted):
        found = inventory.narrowed(**wanted)
        names = [f"{each.entry.network} {each.entry.container_id}" for each in found.attachments]
        return names, [file.path.rpartition("/")[2] for file in found.unclear]

    assert chosen() == (["pods a", "pods b", "storage a"], ["pods-cut-eth0", "storage-a-eth1"])
    assert chosen(network="pods") == (["pods a", "pods b"], ["pods-cut-eth0"])
    assert chosen(container_id="a") == (["pods a", "storage a"], ["storage-a-eth1"])
    assert chosen(network="pods", container_id="a") == (["pods a"], [])
    assert chosen(network="pod") == ([], [])


def test_only_what_is_stale(tree):
    tree.add("fine")
    tree.add("nameless", netns="")
    tree.add("gone", netns="/run/netns/there-is-none")
    tree.begin("half")
    tree.put("pods-cut-eth0", b"")
    stale = take_inventory(tree.cache_dir).only_stale()
    assert [each.entry.container_id for each in stale.attachments] == ["gone", "half"]
    assert len(stale.unclear) == 1
