from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cnictl.errors import CacheDamaged, CacheError, ChainFailed, PluginNotFound, UnsupportedVerb, UsageError
from cnictl.invoke import find
from cnictl.invoke.find import default_bin_dirs
from cnictl.model.attachment import Attachment
from cnictl.model.network import NetworkConfigList
from cnictl.model.result import IPConfig
from cnictl.runtime import durable
from cnictl.runtime.cni import CNI
from cnictl.testing import FakeExecutor
from tests.support.plugins import write_plugin

C1 = Attachment("c1", "/run/netns/c1")
RESULT = {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/16"}]}
REFUSAL = {"status": 1, "answer": {"code": 7, "msg": "no"}}
VERBS = (CNI.add, CNI.check, CNI.delete)


def network(version: str = "1.0.0", **more: Any) -> NetworkConfigList:
    plugins = [{"type": "a"}, {"type": "b"}, {"type": "c"}]
    return NetworkConfigList.from_dict({"cniVersion": version, "name": "net", "plugins": plugins} | more)


NET = network()


@pytest.fixture
def bin_dir(tmp_path):
    for name in "abc":
        write_plugin(tmp_path / "bin", "exit 99", name=name)
    return tmp_path / "bin"


@pytest.fixture
def executor():
    return FakeExecutor()


@pytest.fixture
def cni(bin_dir, tmp_path, executor):
    return CNI([bin_dir], cache_dir=tmp_path / "cni", executor=executor)


def calls(cni: CNI) -> list[str]:
    """What was run since this was last asked."""
    assert isinstance(cni.executor, FakeExecutor)
    done = [f"{asked.verb} {asked.plugin}" for asked in cni.executor.invocations if asked.verb != "VERSION"]
    cni.executor.invocations.clear()
    return done


def stdins(cni: CNI) -> list[dict[str, Any]]:
    assert isinstance(cni.executor, FakeExecutor)
    return [json.loads(asked.stdin) for asked in cni.executor.invocations if asked.verb != "VERSION"]


def entry_path(cni: CNI) -> Path:
    return cni.cache.results / "net-c1-eth0"


def notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])


def attached(cni: CNI, net: NetworkConfigList = NET, attachment: Attachment = C1) -> bytes:
    """Adds an attachment with an address; its cache entry."""
    assert isinstance(cni.executor, FakeExecutor)
    cni.executor.script("a", "ADD", answer={"cniVersion": "0.4.0", "ips": [{"version": "4", "address": "10.1.0.5/16"}]})
    cni.add(net, attachment)
    calls(cni)
    return cni.cache.path(net.name, attachment).read_bytes()


# ADD


def test_add_runs_the_chain_forward_and_keeps_the_last_result(cni, executor):
    executor.script("c", "ADD", answer=RESULT)
    result = cni.add(NET, C1)
    assert calls(cni) == ["ADD a", "ADD b", "ADD c"]
    assert result.ips == (IPConfig("10.1.0.5/16"),)
    entry = cni.cache.read("net", C1)
    assert entry is not None
    assert (entry.result, entry.config, entry.netns) == (RESULT, NET.source, "/run/netns/c1")


def test_the_result_is_kept_in_the_networks_version(cni):
    attached(cni)
    entry = cni.cache.read("net", C1)
    assert entry is not None
    assert entry.result == RESULT


def test_add_finds_every_plugin_before_the_first_runs(cni, bin_dir):
    (bin_dir / "c").unlink()
    with pytest.raises(PluginNotFound, match=f'^plugin "c" is not in {bin_dir}$') as caught:
        cni.add(NET, C1)
    assert calls(cni) == []
    assert notes(caught.value) == []


def test_add_looks_whether_the_cache_can_be_written_before_anything_runs(cni):
    cni.cache.directory.write_text("a file where the directory should be")
    with pytest.raises(CacheError, match=r"^the result cache cannot be made: "):
        cni.add(NET, C1)
    assert calls(cni) == []


def test_a_failed_add_is_undone_by_del_over_the_whole_chain_in_reverse(cni, executor):
    executor.script("b", "ADD", **REFUSAL)
    with pytest.raises(ChainFailed) as caught:
        cni.add(NET, C1)
    assert calls(cni) == ["ADD a", "ADD b", "DEL c", "DEL b", "DEL a"]
    assert (caught.value.plugin, caught.value.index, caught.value.rollback) == ("b", 1, ())
    assert [run.invocation.verb for run in caught.value.exchanges] == ["ADD", "ADD", "DEL", "DEL", "DEL"]
    assert notes(caught.value) == ["everything was undone: DEL succeeded for every plugin of the chain"]
    assert not entry_path(cni).exists()


def test_what_cannot_be_undone_is_named_and_the_rest_is_undone(cni, executor):
    executor.script("c", "ADD", **REFUSAL)
    executor.script("c", "DEL", status=2, stderr=b"no such device")
    executor.script("b", "DEL", timed_out=True)
    with pytest.raises(ChainFailed) as caught:
        cni.add(NET, C1)
    assert calls(cni)[3:] == ["DEL c", "DEL b", "DEL a"]
    assert caught.value.rollback == (
        'plugin "c" failed (DEL): failed with exit status 2: no such device',
        'plugin "b" failed (DEL): did not end within 0 s and was stopped',
    )
    assert notes(caught.value) == [f"not undone: {line}" for line in caught.value.rollback]


def test_nothing_is_undone_when_the_caller_says_so(bin_dir, tmp_path, executor):
    cni = CNI([bin_dir], cache_dir=tmp_path / "cni", executor=executor, rollback=False)
    executor.script("b", "ADD", **REFUSAL)
    with pytest.raises(ChainFailed) as caught:
        cni.add(NET, C1)
    assert calls(cni) == ["ADD a", "ADD b"]
    assert caught.value.rollback is None
    assert notes(caught.value) == ["nothing was rolled back: as asked"]


def test_ctrl_c_during_add_is_undone_too(cni, executor):
    executor.script("b", "ADD", answer=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt) as caught:
        cni.add(NET, C1)
    assert calls(cni) == ["ADD a", "ADD b", "DEL c", "DEL b", "DEL a"]
    assert notes(caught.value) == ["everything was undone: DEL succeeded for every plugin of the chain"]


def test_a_plugin_that_cannot_be_started_leaves_nothing_to_tell(cni, executor):
    executor.script("a", "ADD", answer=PluginNotFound("a", ["/bin"]))
    with pytest.raises(ChainFailed) as caught:
        cni.add(NET, C1)
    assert calls(cni) == ["ADD a"]
    assert notes(caught.value) == []


def test_an_add_whose_result_cannot_be_kept_is_undone(cni, monkeypatch):
    def full(path: Path) -> None:
        if path == cni.cache.results:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, "sync_directory", full)
    with pytest.raises(CacheError, match=r"^the result cache cannot be written: ") as caught:
        cni.add(NET, C1)
    assert calls(cni)[3:] == ["DEL c", "DEL b", "DEL a"]
    assert notes(caught.value) == ["everything was undone: DEL succeeded for every plugin of the chain"]


@pytest.fixture
def interrupted_when_written(monkeypatch):
    def interrupt(path: Path) -> None:
        if path.name == "results":
            raise KeyboardInterrupt

    monkeypatch.setattr(durable, "sync_directory", interrupt)


@pytest.mark.usefixtures("interrupted_when_written")
def test_an_add_that_was_undone_at_the_last_moment_leaves_no_cache_entry(cni):
    with pytest.raises(KeyboardInterrupt):
        cni.add(NET, C1)
    assert calls(cni)[3:] == ["DEL c", "DEL b", "DEL a"]
    assert not entry_path(cni).exists()


@pytest.mark.usefixtures("interrupted_when_written")
def test_an_add_that_could_not_be_undone_keeps_its_cache_entry_for_the_next_del(cni, executor):
    executor.script("a", "DEL", **REFUSAL)
    with pytest.raises(KeyboardInterrupt):
        cni.add(NET, C1)
    assert entry_path(cni).exists()


def test_a_refused_second_add_takes_nothing_away_from_the_first(cni, executor):
    before = attached(cni)
    executor.script("a", "ADD", status=1, answer={"code": 999, "msg": '"eth0" already exists'})
    with pytest.raises(ChainFailed) as caught:
        cni.add(NET, C1)
    assert calls(cni) == ["ADD a"]
    assert caught.value.rollback is None
    assert notes(caught.value) == ["nothing was rolled back: the container was attached to this network before"]
    assert entry_path(cni).read_bytes() == before


def test_a_container_with_a_damaged_cache_entry_counts_as_attached(cni, executor):
    attached(cni)
    entry_path(cni).write_bytes(b"")
    executor.script("a", "ADD", **REFUSAL)
    with pytest.raises(ChainFailed) as caught:
        cni.add(NET, C1)
    assert calls(cni) == ["ADD a"]
    assert notes(caught.value) == ["nothing was rolled back: the container was attached to this network before"]


def test_a_second_interface_of_the_container_is_another_attachment(cni, executor):
    attached(cni)
    executor.script("a", "ADD", **REFUSAL)
    with pytest.raises(ChainFailed) as caught:
        cni.add(NET, replace(C1, ifname="eth1"))
    assert calls(cni) == ["ADD a", "DEL c", "DEL b", "DEL a"]
    assert caught.value.rollback == ()
    assert entry_path(cni).exists()


# CHECK


def test_check_gives_every_plugin_the_result_and_the_arguments_of_add(cni):
    args, capability_args = (("K8S_POD_NAME", "web-0"),), {"mac": "0a:58:0a:09:00:07"}
    plugins = [{"type": "a"}, {"type": "b", "capabilities": {"mac": True}}]
    net = network(plugins=plugins)
    attached(cni, net, replace(C1, args=args, capability_args=capability_args))
    assert cni.check(net, C1) == []
    assert stdins(cni) == [
        {"cniVersion": "1.0.0", "name": "net", "type": "a", "prevResult": RESULT},
        {"cniVersion": "1.0.0", "name": "net", "type": "b", "prevResult": RESULT, "runtimeConfig": capability_args},
    ]
    assert [asked.environment["CNI_ARGS"] for asked in cni.executor.invocations] == ["K8S_POD_NAME=web-0"] * 2
    assert calls(cni) == ["CHECK a", "CHECK b"]


def test_check_ends_with_the_first_plugin_that_is_not_content(cni, executor):
    before = attached(cni)
    executor.script("b", "CHECK", **REFUSAL)
    with pytest.raises(ChainFailed) as caught:
        cni.check(NET, C1)
    assert str(caught.value) == 'plugin "b" failed (CHECK): no (code 7)'
    assert calls(cni) == ["CHECK a", "CHECK b"]
    assert entry_path(cni).read_bytes() == before


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0", "0.3.0", "0.3.1"])
def test_check_needs_0_4_0_also_when_it_is_disabled(cni, version):
    with pytest.raises(UnsupportedVerb) as caught:
        cni.check(network(version, disableCheck=True), C1)
    assert str(caught.value) == f"CHECK needs cniVersion 0.4.0 or newer, and the config says {version}"
    assert calls(cni) == []


@pytest.mark.parametrize("flag", [True, "true", "True"])
def test_check_that_is_disabled_succeeds_without_running_or_reading_anything(cni, flag):
    assert cni.check(network("0.4.0", disableCheck=flag), C1) == []
    assert calls(cni) == []


def test_check_of_what_was_never_added_says_so(cni):
    with pytest.raises(CacheError) as caught:
        cni.check(NET, C1)
    assert str(caught.value) == '"c1" is not attached to the network "net"'
    assert caught.value.hint == f"it was never added, or not with this cache directory ({cni.cache.directory})"
    assert calls(cni) == []


def test_check_without_a_usable_result_runs_nothing(cni):
    attached(cni)
    entry_path(cni).write_bytes(b"{")
    with pytest.raises(CacheDamaged, match=r"is damaged: it is no JSON object$"):
        cni.check(NET, C1)
    assert calls(cni) == []


def test_check_tells_which_failures_it_overlooked(cni, bin_dir, executor):
    write_plugin(bin_dir, "exit 99", name="portmap")
    net = network(plugins=[{"type": "a"}, {"type": "portmap"}])
    attached(cni, net)
    executor.script("portmap", "CHECK", status=1, answer={"code": 999, "msg": "could not check ipv6 dnat"})
    (line,) = cni.check(net, C1)
    assert line.startswith("portmap looks among the IPv6 rules")


# DEL


def test_delete_runs_the_chain_in_reverse_with_the_result_and_the_arguments_of_add(cni):
    attached(cni, NET, replace(C1, args=(("K", "V"),)))
    cni.delete(NET, C1)
    assert [stdin.get("prevResult") for stdin in stdins(cni)] == [RESULT] * 3
    assert {asked.environment["CNI_ARGS"] for asked in cni.executor.invocations} == {"K=V"}
    assert calls(cni) == ["DEL c", "DEL b", "DEL a"]
    assert not entry_path(cni).exists()


@pytest.mark.parametrize(("version", "given"), [("0.3.1", False), ("0.4.0", True), ("1.1.0", True)])
def test_delete_is_given_the_result_since_0_4_0(cni, version, given):
    net = network(version)
    attached(cni, net)
    cni.delete(net, C1)
    assert ["prevResult" in stdin for stdin in stdins(cni)] == [given] * 3


def test_deleting_twice_or_what_was_never_added_runs_the_plugins_all_the_same(cni):
    attached(cni)
    cni.delete(NET, C1)
    calls(cni)
    cni.delete(NET, C1)
    assert [stdin.get("prevResult") for stdin in stdins(cni)] == [None] * 3
    assert calls(cni) == ["DEL c", "DEL b", "DEL a"]


def test_delete_does_not_need_the_namespace(cni):
    attached(cni)
    cni.delete(NET, replace(C1, netns=""))
    assert {asked.environment["CNI_NETNS"] for asked in cni.executor.invocations} == {""}


def test_a_failed_delete_ends_there_and_can_be_tried_again(cni, executor):
    before = attached(cni)
    executor.script("b", "DEL", **REFUSAL)
    with pytest.raises(ChainFailed) as caught:
        cni.delete(NET, C1)
    assert str(caught.value) == 'plugin "b" failed (DEL): no (code 7)'
    assert (len(caught.value.exchanges), caught.value.rollback) == (2, None)
    assert calls(cni) == ["DEL c", "DEL b"]
    assert entry_path(cni).read_bytes() == before
    cni.delete(NET, C1)
    assert not entry_path(cni).exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"kind":"cniCacheV1","containerId":"c1","ifName":"eth0","networkName":"net","result":{"cniVersion":"7"}}',
    ],
    ids=["empty", "cut-off", "unknown-version"],
)
def test_a_damaged_cache_entry_keeps_nobody_from_deleting(cni, content):
    attached(cni)
    entry_path(cni).write_bytes(content)
    cni.delete(NET, C1)
    assert [stdin.get("prevResult") for stdin in stdins(cni)] == [None] * 3
    assert not entry_path(cni).exists()


def test_what_an_old_libcni_added_is_deleted_with_its_bare_result(cni):
    cni.cache.require_writable()
    entry_path(cni).write_text('{"cniVersion":"0.4.0","ips":[{"version":"4","address":"10.1.0.5/16"}],"dns":{}}')
    cni.delete(NET, C1)
    assert [stdin["prevResult"] for stdin in stdins(cni)] == [RESULT] * 3
    assert not entry_path(cni).exists()


# Names


@pytest.mark.parametrize("verb", VERBS)
def test_the_entry_of_another_attachment_with_the_same_file_name_is_left_alone(cni, verb):
    other = network(name="net-x")
    attached(cni, other)
    before = (cni.cache.results / "net-x-c1-eth0").read_bytes()
    with pytest.raises(CacheError, match=r"belongs to another attachment \(net-x, c1, eth0\)"):
        verb(cni, NET, Attachment("x-c1", "/run/netns/x"))
    assert calls(cni) == []
    assert (cni.cache.results / "net-x-c1-eth0").read_bytes() == before


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("name", "container_id", "ifname", "message"),
    [
        ("net", "../../../etc/cron.d/x", "eth0", "the container ID"),
        ("net", "c1\n", "eth0", "the container ID"),
        ("net", "", "eth0", "the container ID is empty"),
        ("../net", "c1", "eth0", "the network name"),
        ("net", "c1", "../eth0", "the interface name"),
        ("net", "c1", "a-name-of-16-byte", "the interface name"),
    ],
)
def test_names_are_refused_before_the_disk_is_touched(cni, verb, name, container_id, ifname, message):
    with pytest.raises(UsageError, match=f"^{message}"):
        verb(cni, replace(NET, name=name), Attachment(container_id, "/run/netns/c1", ifname))
    assert calls(cni) == []
    assert not cni.cache.directory.exists()


# The rest


def test_plugin_info_asks_the_plugin_for_its_versions(cni, executor, bin_dir):
    executor.script("b", "VERSION", answer={"cniVersion": "1.0.0", "supportedVersions": ["0.4.0", "1.0.0"]})
    assert cni.plugin_info("b").versions == ("0.4.0", "1.0.0")
    (asked,) = executor.invocations
    assert (asked.path, asked.verb) == (bin_dir / "b", "VERSION")
    with pytest.raises(PluginNotFound):
        cni.plugin_info("missing")


def test_the_timeout_is_handed_to_the_executor(bin_dir, tmp_path, executor):
    cni = CNI([bin_dir], cache_dir=tmp_path / "cni", executor=executor, timeout=2.5)
    executor.script("a", "ADD", timed_out=True)
    with pytest.raises(ChainFailed, match=r"did not end within 2\.5 s"):
        cni.add(NET, C1)


def test_plugins_are_looked_for_in_the_first_well_known_directory_that_exists(tmp_path, monkeypatch):
    monkeypatch.setattr(find, "WELL_KNOWN_DIRS", (tmp_path / "opt", tmp_path / "usr"))
    assert default_bin_dirs() == CNI().bin_dirs == [tmp_path / "opt"]
    (tmp_path / "usr").mkdir()
    assert default_bin_dirs() == [tmp_path / "usr"]


def test_the_cache_is_the_one_that_all_libcni_runtimes_share():
    assert CNI().cache.results == Path("/var/lib/cni/results")


def test_one_object_serves_many_containers_at_once_with_real_processes(tmp_path):
    answer = 'printf \'{"cniVersion":"1.0.0","interfaces":[{"name":"%s"}]}\' "$CNI_CONTAINERID"'
    write_plugin(tmp_path / "bin", f'cat >/dev/null; test "$CNI_COMMAND" != ADD || {answer}', name="a")
    net = network(plugins=[{"type": "a"}])
    cni = CNI([tmp_path / "bin"], cache_dir=tmp_path / "cni")
    attachments = [Attachment(f"c{number}", f"/run/netns/c{number}") for number in range(24)]

    def live(attachment: Attachment) -> str:
        (interface,) = cni.add(net, attachment).interfaces
        cni.check(net, attachment)
        entry = cni.cache.read(net.name, attachment)
        assert entry is not None
        assert entry.result == {"cniVersion": "1.0.0", "interfaces": [{"name": interface.name}]}
        cni.delete(net, attachment)
        return interface.name

    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(live, attachments))
    assert names == [attachment.container_id for attachment in attachments]
    assert list(cni.cache.results.iterdir()) == []
