"""``cnictl attachments``."""

from __future__ import annotations

import json
import os
import re
import time
from types import SimpleNamespace

import pytest

from cnictl.render.attachments import text
from tests.arch.test_laziness import HEAVY, loaded_by
from tests.cli.test_validate_json import require_documented
from tests.support.caches import HERE, CacheTree
from tests.support.terminal import show, too_wide

RESULT = {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/24"}, {"address": "fd00::5/64"}]}
CONTAINERD = {
    "portMappings": [
        {"HostPort": 8080, "ContainerPort": 80, "Protocol": "TCP", "HostIP": ""},
        {"HostPort": 53, "ContainerPort": 5353, "Protocol": "udp", "HostIP": "fd00::1"},
    ],
    "bandwidth": {"IngressRate": 10_000_000, "IngressBurst": 1, "EgressRate": 1500},
    "dns": {},
    "mac": "0a:58:0a:01:00:05",
    "io.kubernetes.cri.pod-annotations": {"a": "b"},
}


@pytest.fixture
def tree(tmp_path):
    return CacheTree(tmp_path)


@pytest.fixture
def mixed(tree):
    """One of everything."""
    tree.add("web", result=RESULT, args=(("K8S_POD_NAMESPACE", "default"), ("K8S_POD_NAME", "web-0")))
    tree.add("gone", netns="/run/netns/there-is-none")
    tree.add("db", network="storage", netns="")
    tree.begin("half")
    tree.put("pods-cut-eth0", b"")
    tree.put("old-c7-eth0", {"ip4": {"ip": "10.1.0.9/24"}})
    tree.lease("10.1.0.5")
    tree.lease("10.1.0.7", "lost\r\neth0")
    return tree


@pytest.fixture
def listed(cnictl, tree):
    """Runs the command for the cache of the test."""
    return lambda *arguments: cnictl("attachments", "--cache-dir", tree.cache_dir, *arguments)


def heads(ended):
    """The first word and the names of each line."""
    return [" ".join(line.split()[:3]).rstrip(":") for line in ended.out.splitlines()[:-1]]


def test_everything_is_told_with_its_state(listed, mixed):
    ended = listed()
    assert ended.status == 0
    assert heads(ended) == [
        "gone pods gone",
        "attached pods web",
        "unknown storage db",
        "interrupted pods half",
        f"legacy {mixed.cache_dir}/results/old-c7-eth0: it",
        f"damaged {mixed.cache_dir}/results/pods-cut-eth0: it",
        "leases without attachment",
        "leaked pods 10.1.0.7",
    ]
    last = ended.out.splitlines()[-1]
    assert last == f"4 attachments in {mixed.cache_dir}, 2 stale, 1 damaged file, 1 lease without attachment"
    assert ended.err == "`cnictl exec gc pods` removes what is stale.\n"


def test_a_line_holds_all_that_is_known(listed, tree):
    path = tree.add("web", result=RESULT, capability_args=CONTAINERD, args=(("K8S_POD_NAME", "a"),))
    os.utime(path, (time.time() - 7300,) * 2)
    assert listed().out.splitlines()[0] == (
        f"attached     pods web eth0: 10.1.0.5/24, fd00::5/64; netns {HERE}; pod /a; "
        "bandwidth ingress 10M egress 1500; io.kubernetes.cri.pod-annotations; mac 0a:58:0a:01:00:05; "
        "portMappings 8080->80/tcp [fd00::1]:53->5353/udp; 2 h old"
    )


@pytest.mark.parametrize(
    ("capabilities", "shown"),
    [
        ({"portMappings": []}, ""),
        ({"portMappings": "8080"}, "portMappings; "),
        ({"portMappings": [7, {"hostPort": 1, "containerPort": 2}]}, "portMappings 1->2/tcp; "),
        ({"bandwidth": {"ingressRate": 0}}, "bandwidth; "),
        ({"bandwidth": {"ingressRate": "fast"}}, "bandwidth ingress fast; "),
        ({"bandwidth": 5}, "bandwidth; "),
        ({"ipRanges": [[{"subnet": "10.1.0.0/24"}]], "cgroupPath": "/kubepods"}, "cgroupPath /kubepods; ipRanges; "),
    ],
    ids=str,
)
def test_capability_arguments_in_short(listed, tree, capabilities, shown):
    tree.add("web", capability_args=capabilities)
    assert re.search(rf"netns {HERE}; {re.escape(shown)}\d s old", listed().out)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(-100, "0 s"), (59, "59 s"), (60, "1 min"), (3600, "1 h"), (172_900, "2 d")]
)
def test_ages_are_told_roughly(listed, tree, seconds, shown, monkeypatch):
    now = 1_900_000_000
    monkeypatch.setattr(text, "time", SimpleNamespace(time=lambda: now))
    os.utime(tree.add(), (now - seconds,) * 2)
    assert f"; {shown} old\n" in listed().out


def test_only_what_is_stale(listed, mixed):
    assert [head.split()[0] for head in heads(listed("--stale"))] == [
        "gone",
        "interrupted",
        "damaged",
        "leases",
        "leaked",
    ]
    assert listed("--stale").status == 0
    assert listed("storage", "--stale").out == f"0 attachments in {mixed.cache_dir}\n"


def test_only_a_network_or_a_container(listed, mixed):
    assert heads(listed("storage")) == ["unknown storage db"]
    assert heads(listed("--container-id", "web")) == ["attached pods web"]
    assert heads(listed("pods", "--container-id", "db")) == []
    assert heads(listed("--container-id", "lost")) == ["leases without attachment", "leaked pods 10.1.0.7"]


def test_the_hint_names_the_network_if_it_is_one(listed, tree):
    tree.add("gone", netns="/run/netns/there-is-none")
    assert "`cnictl exec gc pods`" in listed().err
    tree.add("gone", network="storage", netns="/run/netns/there-is-none")
    assert "`cnictl exec gc NETWORK`" in listed().err
    assert "`cnictl exec gc storage`" in listed("storage").err
    assert listed("--quiet").err == ""


def test_where_leases_are_looked_for_is_told_when_asked(listed, tree):
    tree.add()
    place = f"{tree.data_dir}/pods"
    assert listed("--verbose").err == f"cnictl: leases looked for in {place}\n"
    place = tree.data_dir / "pods"
    place.parent.mkdir()
    place.touch()
    assert listed().err == f"cnictl: leases not looked at: {place}: not a directory\n"
    assert listed("-f", "json").data["unread"] == [f"{place}: not a directory"]


def test_nothing_stale_gives_no_hint(listed, tree):
    tree.add()
    assert listed().err == ""


def test_as_json(listed, mixed):
    data = listed("-f", "json").data
    require_documented("attachments", data)
    web = data["attachments"][1]
    assert web == {
        "network": "pods",
        "containerId": "web",
        "ifname": "eth0",
        "netns": HERE,
        "state": "attached",
        "verb": None,
        "stale": False,
        "addresses": ["10.1.0.5/24", "fd00::5/64"],
        "args": {"K8S_POD_NAMESPACE": "default", "K8S_POD_NAME": "web-0"},
        "capabilityArgs": {},
        "file": f"{mixed.cache_dir}/results/pods-web-eth0",
        "modified": web["modified"],
    }
    assert data["attachments"][2]["netns"] is None
    assert data["attachments"][3]["verb"] == "ADD"
    assert [file["kind"] for file in data["unclear"]] == ["legacy", "damaged"]
    (lease,) = data["leases"]
    assert (lease["address"], lease["containerId"], lease["ifname"]) == ("10.1.0.7", "lost", "eth0")
    assert next(iter(data)) == "schema"


def test_json_of_nothing_and_of_stale_things(listed, mixed):
    data = listed("none", "-f", "json").data
    require_documented("attachments", data)
    assert (data["attachments"], data["unclear"], data["leases"]) == ([], [], [])
    data = listed("--stale", "-f", "json")
    assert all(each["stale"] for each in data.data["attachments"])
    assert data.err == ""


def test_capability_arguments_are_json_as_they_were_written(listed, tree):
    tree.add("web", capability_args=CONTAINERD)
    assert listed("-f", "json").data["attachments"][0]["capabilityArgs"] == CONTAINERD


def test_json_has_a_line_for_each_attachment(listed, mixed):
    lines = [line for line in listed("-f", "json").out.splitlines() if '"containerId": "web"' in line]
    assert json.loads(lines[0].rstrip(",").strip())["ifname"] == "eth0"


def test_a_cache_that_is_not_there(cnictl, tmp_path, monkeypatch):
    ended = cnictl("attachments", "--cache-dir", tmp_path / "none")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == f"cnictl: {tmp_path}/none: no such directory\n"
    monkeypatch.setenv("CNI_CACHE_DIR", str(tmp_path / "none"))
    assert cnictl("attachments").status == 2
    assert cnictl("attachments", "--cache-dir", tmp_path).out == f"0 attachments in {tmp_path}\n"


def test_a_cache_that_cannot_be_read(cnictl, tmp_path):
    (tmp_path / "results").touch()
    ended = cnictl("attachments", "--cache-dir", tmp_path)
    assert (ended.status, ended.out) == (2, "")
    assert "cnictl: the result cache cannot be read" in ended.err


def test_escape_sequences_are_shown_and_not_obeyed(listed, tree):
    tree.put("x", tree.entry("a\x1b[2J\nattached", netns="/run/\x1b[31m").encode())
    tree.put("y\x1b[2J", b"")
    ended = listed()
    assert "\x1b" not in ended.out
    assert len(ended.out.splitlines()) == 3


@pytest.mark.parametrize("columns", [40, 80])
def test_no_line_is_wider_than_the_terminal(mixed, columns):
    mixed.add("3f9c" * 16, capability_args=CONTAINERD)
    shown = show("attachments", "--cache-dir", str(mixed.cache_dir), columns=columns, NO_COLOR="1")
    assert too_wide(shown, columns) == []
    assert "\x1b" not in shown


def test_colours_change_nothing_else(mixed):
    call = ("attachments", "--cache-dir", str(mixed.cache_dir))
    coloured = show(*call)
    assert "\x1b[" in coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    age = r"\b\d+ s\b"  # between the two, another second may begin
    assert re.sub(age, "", plain) == re.sub(age, "", show(*call, "--no-color"))


def test_nothing_heavy_is_loaded(mixed):
    assert loaded_by("attachments", "--cache-dir", str(mixed.cache_dir)) & HEAVY == set()
    assert loaded_by("attachments", "--cache-dir", str(mixed.cache_dir), "-f", "json") & HEAVY == set()
