from __future__ import annotations

import pytest

from cnictl.runtime import leases
from cnictl.runtime.attachments import take_inventory
from tests.support.caches import CacheTree
from tests.support.users import let_in, ordinary_user


@pytest.fixture
def usual(tmp_path, monkeypatch):
    """The usual cache and data directory, for as long as the test runs."""
    usual = CacheTree(tmp_path / "usual")
    usual.data_dir = usual.cache_dir / "networks"
    monkeypatch.setattr(leases, "DEFAULT_CACHE_DIR", usual.cache_dir)
    monkeypatch.setattr(leases, "DEFAULT_DATA_DIR", usual.data_dir)
    return usual


@pytest.fixture
def tree(tmp_path, usual):
    return CacheTree(tmp_path)


def lost(tree):
    return [lease.address for lease in take_inventory(tree.cache_dir).leases]


def test_a_lease_whose_container_the_cache_knows_is_not_lost(tree):
    tree.add("web")
    tree.lease("10.1.0.5", "web\r\neth0")
    assert lost(tree) == []


def test_a_lease_of_another_container_or_interface_is_lost(tree):
    tree.add("web")
    tree.lease("10.1.0.5", "db\r\neth0")
    tree.lease("10.1.0.6", "web\r\neth1")
    tree.lease("fd00::5", "db\r\neth0")
    assert lost(tree) == ["10.1.0.5", "10.1.0.6", "fd00::5"]
    lease = take_inventory(tree.cache_dir).leases[0]
    assert (lease.network, lease.container_id, lease.ifname) == ("pods", "db", "eth0")


def test_old_leases_name_the_container_only(tree):
    tree.add("web")
    tree.lease("10.1.0.5", "web")
    tree.lease("10.1.0.6", "db\n")
    assert lost(tree) == ["10.1.0.6"]


def test_a_lease_that_was_cut_short_is_lost(tree):
    tree.add("web")
    tree.lease("10.1.0.5", "")
    assert lost(tree) == ["10.1.0.5"]


def test_what_is_no_address_is_no_lease(tree):
    tree.add("web")
    for name in ("lock", "last_reserved_ip.0", ".hidden", "10.1.0.5.tmp"):
        tree.lease(name, "db\r\neth0")
    assert lost(tree) == []


def test_the_address_of_an_interrupted_add_is_not_lost(tree):
    tree.begin("half")
    tree.lease("10.1.0.5", "half\r\neth0")
    assert lost(tree) == []


@pytest.mark.parametrize("name", ["pods-web-eth0", "pods-web"])
def test_the_address_of_a_container_whose_file_is_damaged_is_not_lost(tree, name):
    tree.add("other")
    tree.put(name, b"")
    tree.lease("10.1.0.5", "web\r\neth0")
    assert lost(tree) == []


def test_a_lease_of_a_strange_container_is_shown_and_no_crash(tree):
    tree.add("web")
    tree.lease("10.1.0.5", "\0/../" + "x" * 5000)
    assert lost(tree) == ["10.1.0.5"]


# Where leases lie


def test_networks_without_attachment_are_looked_at_beside_the_usual_cache(usual):
    usual.lease("10.1.0.5", "db\r\neth0", network="old")
    assert lost(usual) == ["10.1.0.5"]


def test_another_cache_says_nothing_about_networks_that_it_does_not_know(tree, usual):
    usual.lease("10.1.0.5", "db\r\neth0", network="old")
    assert lost(tree) == []


def test_a_network_may_be_in_several_caches(tree, usual):
    tree.add("web", config=tree.config(dataDir=""))
    usual.add("db")
    usual.lease("10.1.0.5", "db\r\neth0")
    usual.lease("10.1.0.6", "lost\r\neth0")
    assert lost(tree) == ["10.1.0.6"]


def test_the_cache_of_multus_counts_too(usual, tmp_path):
    multus = CacheTree(tmp_path / "multus")
    multus.cache_dir = usual.cache_dir / "multus"
    multus.add("web", network="storage", ifname="net1")
    usual.lease("10.1.0.5", "web\r\nnet1", network="storage")
    assert lost(usual) == []


@pytest.mark.parametrize(
    "config",
    [b"", b"no json", b"[]", b'{"plugins": 7}', b'{"plugins": [7, {"type": "flannel"}, {"ipam": []}]}'],
    ids=["none", "text", "list", "number", "without"],
)
def test_without_a_data_directory_it_is_the_usual_one(tree, usual, config):
    tree.add("web", config=config)
    usual.lease("10.1.0.5", "db\r\neth0")
    assert lost(tree) == ["10.1.0.5"]


def test_each_network_has_the_data_directory_of_its_config(tree, tmp_path):
    other = CacheTree(tmp_path / "other")
    tree.add("web", config=other.config().replace(b"dataDir", b"datadir"))
    other.lease("10.1.0.5", "db\r\neth0")
    assert lost(tree) == ["10.1.0.5"]


def test_a_relative_data_directory_is_passed_over(tree, usual, monkeypatch):
    monkeypatch.chdir(tree.cache_dir.parent)
    tree.add("web", config=tree.config(dataDir="leases"))
    tree.lease("10.1.0.5", "db\r\neth0")
    assert lost(tree) == []


def test_a_network_name_that_is_a_path_leads_nowhere(tree):
    tree.put("x", tree.entry(network="../leases/pods", config=tree.config()).encode())
    tree.lease("10.1.0.5", "db\r\neth0")
    assert lost(tree) == []


def test_a_directory_that_cannot_be_read_is_named(tree):
    tree.add("web")
    path = tree.lease("10.1.0.5", "db\r\neth0")
    path.chmod(0)
    let_in(tree.cache_dir.parent)
    with ordinary_user():
        inventory = take_inventory(tree.cache_dir)
    path.chmod(0o600)
    assert inventory.unread == [f"{path.parent}: permission denied"]
    assert inventory.leases == []
