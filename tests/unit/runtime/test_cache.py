from __future__ import annotations

import base64
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from cnictl.errors import CacheDamaged, CacheError
from cnictl.model.attachment import Attachment
from cnictl.model.network import NetworkConfigList
from cnictl.model.version import SpecVersion
from cnictl.runtime import durable
from cnictl.runtime.cache import CacheEntry, ResultCache, cached_result
from tests.support.users import ordinary_user

LIST = b'{"name":"lab","cniVersion":"1.0.0","plugins":[{"type":"bridge"}]}'
LIST_IN_BASE64 = "eyJuYW1lIjoibGFiIiwiY25pVmVyc2lvbiI6IjEuMC4wIiwicGx1Z2lucyI6W3sidHlwZSI6ImJyaWRnZSJ9XX0="
LAB = NetworkConfigList.from_bytes(LIST)
BLUE = Attachment("b1ue", "/run/netns/blue")
RESULT = {"cniVersion": "1.0.0", "ips": [{"address": "10.20.3.2/24"}]}


@pytest.fixture
def cache(tmp_path):
    cache = ResultCache(tmp_path / "cni")
    cache.require_writable()
    return cache


def put(cache: ResultCache, content: bytes) -> Path:
    path = cache.results / "lab-b1ue-eth0"
    path.write_bytes(content)
    return path


def files(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


# What is written


def test_a_file_is_named_and_filled_exactly_as_libcni_does_it(cache):
    attachment = Attachment(
        "b1ue",
        "/run/netns/blue",
        args=(("IgnoreUnknown", "1"), ("K8S_POD_NAME", "web<0>")),
        capability_args={"portMappings": [{"hostPort": 2222, "containerPort": 22, "protocol": "tcp"}]},
    )
    cache.write(LAB, attachment, RESULT)
    assert (cache.directory / "results" / "lab-b1ue-eth0").read_bytes() == (
        b'{"kind":"cniCacheV1","containerId":"b1ue","config":"' + LIST_IN_BASE64.encode() + b'","ifName":"eth0",'
        b'"networkName":"lab","netns":"/run/netns/blue",'
        b'"cniArgs":[["IgnoreUnknown","1"],["K8S_POD_NAME","web\\u003c0\\u003e"]],'
        b'"capabilityArgs":{"portMappings":[{"containerPort":22,"hostPort":2222,"protocol":"tcp"}]},'
        b'"result":{"cniVersion":"1.0.0","ips":[{"address":"10.20.3.2/24"}]}}'
    )


def test_what_is_empty_is_left_out(cache):
    cache.write(LAB, Attachment("b1ue", ""), {})
    assert cache.path("lab", BLUE).read_bytes() == (
        b'{"kind":"cniCacheV1","containerId":"b1ue","config":"' + LIST_IN_BASE64.encode() + b'","ifName":"eth0",'
        b'"networkName":"lab"}'
    )


def test_what_was_written_is_read_back(cache):
    attachment = replace(BLUE, args=(("K", "V"),), capability_args={"mac": "0a:58:0a:09:00:07", "n": 2**63})
    cache.write(LAB, attachment, RESULT)
    assert cache.read("lab", attachment) == CacheEntry(
        network="lab",
        container_id="b1ue",
        ifname="eth0",
        netns="/run/netns/blue",
        config=LIST,
        args=(("K", "V"),),
        capability_args={"mac": "0a:58:0a:09:00:07", "n": 9223372036854775808},
        result=RESULT,
    )


def test_nobody_else_may_read_it(tmp_path):
    previous = os.umask(0)
    try:
        cache = ResultCache(tmp_path / "a" / "cni")
        cache.require_writable()
        cache.write(LAB, BLUE, RESULT)
    finally:
        os.umask(previous)
    assert cache.results.stat().st_mode & 0o777 == 0o700
    assert cache.path("lab", BLUE).stat().st_mode & 0o777 == 0o600


def test_a_later_result_replaces_an_earlier_one_and_nothing_else_stays(cache):
    cache.write(LAB, BLUE, RESULT)
    cache.write(LAB, BLUE, {"cniVersion": "1.0.0"})
    entry = cache.read("lab", BLUE)
    assert entry is not None
    assert entry.result == {"cniVersion": "1.0.0"}
    assert files(cache.directory) == ["results/lab-b1ue-eth0"]


def test_the_results_directory_holds_no_half_written_file_at_any_time(cache, monkeypatch):
    """Other runtimes list it, and would take such a file for an attachment."""
    seen: list[tuple[Path, list[str]]] = []

    def spy(path: Path, data: bytes) -> None:
        write(path, data)
        seen.append((path.parent, files(cache.results)))

    write = durable._write_through
    monkeypatch.setattr(durable, "_write_through", spy)
    cache.write(LAB, BLUE, RESULT)
    assert seen == [(cache.directory / "cnictl", [])]


# When writing fails


def test_a_failed_write_leaves_the_old_entry_and_no_other_file(cache, monkeypatch):
    cache.write(LAB, BLUE, RESULT)
    before = cache.path("lab", BLUE).read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CacheError) as caught:
        cache.write(LAB, BLUE, {"cniVersion": "1.0.0"})
    assert str(caught.value) == f"the result cache cannot be written: {cache.results}: no space left on device"
    assert cache.path("lab", BLUE).read_bytes() == before
    assert files(cache.directory) == ["results/lab-b1ue-eth0"]


def test_ctrl_c_while_writing_leaves_no_file(cache, monkeypatch):
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        cache.write(LAB, BLUE, RESULT)
    assert files(cache.directory) == []


def test_a_directory_in_the_place_of_the_file_is_named_and_no_other_file_stays(cache):
    cache.path("lab", BLUE).mkdir()
    with pytest.raises(CacheError) as caught:
        cache.write(LAB, BLUE, RESULT)
    assert str(caught.value) == f"the result cache cannot be written: {cache.results}/lab-b1ue-eth0: is a directory"
    assert files(cache.directory) == []


def test_a_file_in_the_place_of_a_directory_is_a_cache_error(cache):
    (cache.directory / "cnictl").write_text("")
    with pytest.raises(CacheError) as caught:
        cache.write(LAB, BLUE, RESULT)
    assert str(caught.value) == f"the result cache cannot be written: {cache.directory}/cnictl: file exists"
    assert caught.value.hint == "run as root, or choose another directory with --cache-dir"


def test_a_directory_that_cannot_be_made_is_reported_before_anything_is_done(tmp_path):
    (tmp_path / "cni").write_text("")
    with pytest.raises(CacheError) as caught:
        ResultCache(tmp_path / "cni").require_writable()
    assert str(caught.value) == f"the result cache cannot be made: {tmp_path}/cni/results: not a directory"


@pytest.fixture
def foreign_cache(tmp_path, monkeypatch):
    """A cache of another user, in the current directory because the way to it may be closed."""
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    cache = ResultCache(Path("cni"))
    cache.require_writable()
    cache.write(LAB, BLUE, RESULT)
    cache.path("lab", BLUE).chmod(0)
    cache.directory.chmod(0o555)
    cache.results.chmod(0o555)
    yield cache
    cache.results.chmod(0o755)
    cache.directory.chmod(0o755)


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (ResultCache.require_writable, "the result cache cni/results cannot be written"),
        (
            lambda cache: cache.read("lab", BLUE),
            "the result cache cannot be read: cni/results/lab-b1ue-eth0: permission denied",
        ),
        (
            lambda cache: cache.remove("lab", BLUE),
            "the result cache cannot be written: cni/results/lab-b1ue-eth0: permission denied",
        ),
        (
            lambda cache: cache.write(LAB, Attachment("other", ""), RESULT),
            "the result cache cannot be written: cni/cnictl/new-",
        ),
        (
            lambda _: ResultCache(Path("cni/below")).require_writable(),
            "the result cache cannot be made: cni/below",
        ),
    ],
    ids=["require", "read", "remove", "write", "make"],
)
def test_a_cache_of_another_user_is_told_as_such(foreign_cache, use, message):
    foreign_cache.directory.joinpath("cnictl").chmod(0o555)
    with ordinary_user(), pytest.raises(CacheError) as caught:
        use(foreign_cache)
    foreign_cache.directory.joinpath("cnictl").chmod(0o755)
    assert type(caught.value) is CacheError
    assert str(caught.value).startswith(message)
    assert caught.value.hint == "run as root, or choose another directory with --cache-dir"


# What others wrote


def test_an_unknown_attachment_has_no_entry(cache, tmp_path):
    assert cache.read("lab", BLUE) is None
    assert ResultCache(tmp_path / "missing").read("lab", BLUE) is None


def test_an_entry_of_containerd_is_read_with_gos_spelling_of_its_arguments(cache):
    content = {
        "kind": "cniCacheV1",
        "containerId": "b1ue",
        "config": LIST_IN_BASE64,
        "ifName": "eth0",
        "networkName": "lab",
        "netns": "/var/run/netns/cni-1",
        "cniArgs": [["IgnoreUnknown", "1"], ["K8S_POD_NAME", "web-0"]],
        "capabilityArgs": {"portMappings": [{"HostPort": 8080, "ContainerPort": 80, "Protocol": "tcp", "HostIP": ""}]},
        "result": {"cniVersion": "1.0.0", "interfaces": [{"name": "eth0"}]},
    }
    put(cache, json.dumps(content).encode())
    entry = cache.read("lab", BLUE)
    assert entry is not None
    assert (entry.netns, entry.config) == ("/var/run/netns/cni-1", LIST)
    assert entry.args == (("IgnoreUnknown", "1"), ("K8S_POD_NAME", "web-0"))
    assert entry.capability_args == content["capabilityArgs"]
    assert entry.result == content["result"]


def test_keys_in_any_letter_case_and_unknown_keys_are_read(cache):
    put(cache, b'\n {"KIND":"cniCacheV1", "containerID":"b1ue","ifname":"eth0","NetworkName":"lab","new":1}\n')
    assert cache.read("lab", BLUE) == CacheEntry("lab", "b1ue", "eth0")


def test_an_entry_of_podman_without_netns_is_read(cache):
    text = '{"kind":"cniCacheV1","containerId":"b1ue","config":"%s","ifName":"eth0","networkName":"lab"}'
    put(cache, (text % LIST_IN_BASE64).encode())
    assert cache.read("lab", BLUE) == CacheEntry("lab", "b1ue", "eth0", config=LIST)


@pytest.mark.parametrize("more", [{}, {"kind": "cniCacheV2"}], ids=["bare-result", "other-kind"])
def test_the_bare_result_of_libcni_before_0_8_is_an_entry_without_arguments(cache, more):
    result = {"cniVersion": "0.4.0", "ips": [{"version": "4", "address": "10.1.0.5/16"}]} | more
    put(cache, json.dumps(result).encode())
    assert cache.read("lab", BLUE) == CacheEntry("lab", "b1ue", "eth0", result=result)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b'{"kind":"cniCa', "no JSON object"),
        (b"[]", "no JSON object"),
        (b"\x00" * 512, "no JSON object"),
        (b"[" * 100_000, "no JSON object"),
    ],
    ids=["empty", "blank", "cut-off", "array", "zeros", "deep"],
)
def test_a_damaged_entry_is_told_from_a_missing_one(cache, content, what):
    path = put(cache, content)
    with pytest.raises(CacheDamaged) as caught:
        cache.read("lab", BLUE)
    assert str(caught.value) == f"{path} is damaged: it is {what}"
    assert caught.value.hint == "`cnictl exec del` removes the attachment without it"


@pytest.mark.parametrize("config", ["!", "é"])
def test_damaged_parts_of_an_entry_count_as_absent(cache, config):
    content = {"kind": "cniCacheV1", "containerId": "b1ue", "ifName": "eth0", "networkName": "lab", "netns": 7}
    content |= {"config": config, "cniArgs": [["A"], "B", ["C", "c"], ["D", 1, 2]], "capabilityArgs": [], "result": "x"}
    put(cache, json.dumps(content).encode())
    assert cache.read("lab", BLUE) == CacheEntry("lab", "b1ue", "eth0", args=(("C", "c"), ("D", "1")))


def test_base64_with_line_breaks_is_read(cache):
    broken = base64.encodebytes(LIST * 3).decode()
    content = {"kind": "cniCacheV1", "containerId": "b1ue", "ifName": "eth0", "networkName": "lab", "config": broken}
    put(cache, json.dumps(content).encode())
    entry = cache.read("lab", BLUE)
    assert entry is not None
    assert entry.config == LIST * 3


# Names that collide


def test_the_entry_of_another_attachment_with_the_same_file_name_is_not_taken_for_this_one(cache):
    network = NetworkConfigList.from_bytes(LIST.replace(b"lab", b"a-b"))
    cache.write(network, Attachment("c", "/run/netns/c"), RESULT)
    path = cache.results / "a-b-c-eth0"
    with pytest.raises(CacheError) as caught:
        cache.read("a", Attachment("b-c", ""))
    assert type(caught.value) is CacheError
    assert str(caught.value) == (
        f"{path} belongs to another attachment (a-b, c, eth0), whose name is the same when joined by -"
    )
    assert caught.value.hint == "choose another container ID or network name"


# Forgetting


def test_an_entry_is_forgotten_and_forgetting_it_twice_is_fine(cache):
    cache.write(LAB, BLUE, RESULT)
    cache.remove("lab", BLUE)
    assert files(cache.directory) == []
    cache.remove("lab", BLUE)


# Results


def test_a_cached_result_is_turned_into_the_networks_version():
    entry = CacheEntry("lab", "b1ue", "eth0", result={"cniVersion": "0.2.0", "ip4": {"ip": "10.1.0.5/16"}})
    assert cached_result(entry, SpecVersion.V1_0_0) == {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/16"}]}


@pytest.mark.parametrize("result", [None, {}])
def test_an_entry_without_a_result_has_an_empty_one(result):
    assert cached_result(CacheEntry("lab", "b1ue", "eth0", result=result), SpecVersion.V1_0_0) == {
        "cniVersion": "1.0.0"
    }


def test_a_cached_result_that_cannot_be_used_is_damage():
    entry = CacheEntry("lab", "b1ue", "eth0", result={"cniVersion": "1.0.0", "ips": [{"address": "<nil>"}]})
    with pytest.raises(CacheDamaged) as caught:
        cached_result(entry, SpecVersion.V1_0_0)
    assert str(caught.value).startswith('the cached result of b1ue cannot be used: "ips[0].address" cannot be read: ')
