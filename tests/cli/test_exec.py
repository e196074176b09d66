"""``cnictl exec`` with plugins of our own; with the real ones it is tested in ``tests/netns``."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.support.command import run_process

NETNS = "/proc/self/ns/net"

PLUGIN = """#!/bin/sh
# Keeps what it was told, and answers as it is told.
[ "$CNI_COMMAND" != VERSION ] || exec cat "$0.version"
{ env | grep ^CNI_ | sort; cat; echo; } >> "$0.log"
[ ! -e "$0.stderr" ] || cat "$0.stderr" >&2
case $CNI_COMMAND in ADD) cat "$0.answer" ;; esac
"""

ANSWER = {
    "cniVersion": "1.0.0",
    "interfaces": [{"name": "eth0", "mac": "0a:58:0a:01:00:05", "sandbox": "/run/netns/x"}],
    "ips": [{"address": "10.1.0.5/24", "gateway": "10.1.0.1", "interface": 0}],
}


class Chain:
    """A network of one plugin that keeps a log."""

    def __init__(self, directory) -> None:
        self.directory = directory
        self.cache = directory / "cache"
        plugin = directory / "mine"
        plugin.write_text(PLUGIN)
        plugin.chmod(0o755)
        versions = {"cniVersion": "1.1.0", "supportedVersions": ["0.3.1", "0.4.0", "1.0.0", "1.1.0"]}
        (directory / "mine.version").write_text(json.dumps(versions))
        (directory / "mine.answer").write_text(json.dumps(ANSWER))
        self.network = directory / "10-pods.conflist"
        self.write({"type": "mine", "capabilities": {"portMappings": True, "bandwidth": True}})

    def write(self, *plugins):
        self.network.write_text(json.dumps({"cniVersion": "1.0.0", "name": "pods", "plugins": plugins}))

    @property
    def runs(self):
        """What the plugin was told, run by run: its environment and its configuration."""
        *_, text = ["", *[(self.directory / "mine.log").read_text()]]
        environments, configs, current = [], [], {}
        for line in text.splitlines():
            if line.startswith("CNI_"):
                name, _, value = line.partition("=")
                current[name] = value
            elif line:
                environments.append(current)
                configs.append(json.loads(line))
                current = {}
        return list(zip(environments, configs, strict=True))


@pytest.fixture
def chain(tmp_path):
    return Chain(tmp_path)


@pytest.fixture
def run(cnictl, chain):
    def call(verb, *more, netns=NETNS):
        return cnictl(
            "exec", verb, chain.network, netns, "--bin-dir", chain.directory, "--cache-dir", chain.cache, *more
        )

    return call


def test_the_result_goes_to_stdout(run):
    ended = run("add")
    assert (ended.status, ended.err) == (0, "")
    assert ended.data == ANSWER
    assert ended.out.startswith('{\n    "cniVersion": "1.0.0"')


def test_the_plugin_is_told_what_cnitool_tells(run, chain):
    run("add")
    (environment, config) = chain.runs[0]
    digest = hashlib.sha512(NETNS.encode()).digest()[:10].hex()
    assert environment == {
        "CNI_ARGS": "",
        "CNI_COMMAND": "ADD",
        "CNI_CONTAINERID": f"cnitool-{digest}",
        "CNI_IFNAME": "eth0",
        "CNI_NETNS": NETNS,
        "CNI_PATH": str(chain.directory),
    }
    assert config == {"cniVersion": "1.0.0", "name": "pods", "type": "mine"}


def test_cnitools_environment_is_read_and_options_win(cnictl, chain, monkeypatch):
    monkeypatch.setenv("NETCONFPATH", str(chain.directory))
    monkeypatch.setenv("CNI_PATH", str(chain.directory))
    monkeypatch.setenv("CNI_CACHE_DIR", str(chain.cache))
    monkeypatch.setenv("CNI_IFNAME", "net1")
    monkeypatch.setenv("CNI_ARGS", "IgnoreUnknown=1;COLOUR=red")
    monkeypatch.setenv("CAP_ARGS", '{"bandwidth": {"ingressRate": 1, "ingressBurst": 2}, "mac": "x"}')
    assert cnictl("exec", "add", "pods", NETNS).status == 0
    environment, config = chain.runs[0]
    assert (environment["CNI_IFNAME"], environment["CNI_ARGS"]) == ("net1", "IgnoreUnknown=1;COLOUR=red")
    assert config["runtimeConfig"] == {"bandwidth": {"ingressRate": 1, "ingressBurst": 2}}
    cnictl("exec", "add", "pods", NETNS, "--ifname", "net2", "--args", "COLOUR=blue", "--container-id", "c1")
    environment, _ = chain.runs[1]
    assert (environment["CNI_IFNAME"], environment["CNI_CONTAINERID"]) == ("net2", "c1")
    assert environment["CNI_ARGS"] == "IgnoreUnknown=1;COLOUR=blue"


def test_capability_arguments_from_options(run, chain):
    ended = run(
        "add", "--port", "8080:80/tcp", "--port", "127.0.0.1:53:5353/udp", "--bandwidth", "ingress=10M,egress=1k"
    )
    assert ended.status == 0, ended.err
    config = chain.runs[0][1]["runtimeConfig"]
    assert config["portMappings"] == [
        {"hostPort": 8080, "containerPort": 80, "protocol": "tcp"},
        {"hostPort": 53, "containerPort": 5353, "protocol": "udp", "hostIP": "127.0.0.1"},
    ]
    assert (config["bandwidth"]["ingressRate"], config["bandwidth"]["egressRate"]) == (10_000_000, 1000)


def test_capability_arguments_from_a_pod(run, chain, tmp_path):
    pod = tmp_path / "pod.yaml"
    pod.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web-0, namespace: shop, uid: u1,\n"
        '  annotations: {kubernetes.io/egress-bandwidth: "2Mi"}}\n'
        "spec: {containers: [{name: a, image: b, ports: [{containerPort: 80, hostPort: 8080}]}]}\n"
    )
    assert run("add", "--pod", pod, "--container-id", "c1").status == 0
    environment, config = chain.runs[0]
    assert dict(pair.split("=") for pair in environment["CNI_ARGS"].split(";")) == {
        "IgnoreUnknown": "1",
        "K8S_POD_NAMESPACE": "shop",
        "K8S_POD_NAME": "web-0",
        "K8S_POD_INFRA_CONTAINER_ID": "c1",
        "K8S_POD_UID": "u1",
    }
    assert config["runtimeConfig"]["portMappings"] == [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]
    assert config["runtimeConfig"]["bandwidth"]["egressRate"] == 2 * 1024 * 1024


def test_what_nobody_asks_for_is_warned_of(run, chain):
    ended = run("add", "--cap", "speed=1")
    assert ended.status == 0
    assert ended.err == (
        'cnictl: warning: no plugin of the network "pods" declares the capability "speed", so it is ignored: '
        'write "capabilities": {"speed": true} into the plugin that is to have it\n'
    )
    assert "runtimeConfig" not in chain.runs[0][1]


def test_check_and_del_get_the_result_and_the_arguments_of_add(run, chain):
    run("add", "--port", "8080:80", "--args", "A=1")
    assert run("check") == (0, "", "")
    assert run("del") == (0, "", "")
    for number, verb in ((1, "CHECK"), (2, "DEL")):
        environment, config = chain.runs[number]
        assert (environment["CNI_COMMAND"], environment["CNI_ARGS"]) == (verb, "A=1")
        assert config["prevResult"]["ips"] == [{"address": "10.1.0.5/24", "gateway": "10.1.0.1", "interface": 0}]
        assert config["runtimeConfig"]["portMappings"][0]["hostPort"] == 8080
    assert list((chain.cache / "results").iterdir()) == []


def test_del_twice_is_fine(run, chain):
    run("add")
    assert [run("del").status for _ in range(2)] == [0, 0]
    assert "prevResult" not in chain.runs[2][1]


def test_check_of_what_was_never_added(run):
    ended = run("check", "--container-id", "c9")
    assert ended.status == 2
    assert ended.err.startswith('cnictl: "c9" is not attached to the network "pods"\n  hint: it was never added')


def test_del_does_not_need_the_namespace(run, tmp_path):
    gone = tmp_path / "gone"
    assert run("del", netns=gone).status == 0


@pytest.mark.libcni(160)
def test_what_a_plugin_logs_is_shown(run, chain):
    (chain.directory / "mine.stderr").write_text("careful\n")
    assert run("add").err == "mine: careful\n"
    assert run("del", "-q").err == ""


def test_outcomes_as_json(run):
    assert run("add", "--container-id", "c1", "-f", "json").data == ANSWER
    assert run("check", "--container-id", "c1", "-f", "json").data == {
        "schema": "cnictl.outcome/1",
        "verb": "CHECK",
        "network": "pods",
        "containerId": "c1",
        "ifname": "eth0",
        "notes": [],
    }
    assert run("del", "--container-id", "c1", "-f", "json").data["verb"] == "DEL"


@pytest.mark.libcni(244)
def test_errors_as_json_are_the_specs_error_object(run, chain):
    ended = run("check", "-f", "json")
    assert ended.data["code"] == 999
    assert set(ended.data) == {"cniVersion", "code", "msg", "details"}
    chain.network.write_text("{")
    assert run("add", "-f", "json").data["code"] == 7


def test_a_trace_shows_every_run(run):
    ended = run("add", "--trace")
    assert ended.data == ANSWER
    asked, _, traced = ended.err.partition("\n\n")
    first, *rest = traced.splitlines()
    assert asked.startswith("mine VERSION  exit 0, ")
    assert first.startswith("mine ADD  exit 0, ")
    text = "\n".join(rest)
    for part in ("path    /", "env     CNI_COMMAND=ADD", 'stdin   {"cniVersion": "1.0.0"', "stdout  {"):
        assert f"  {part}" in text


def test_a_trace_as_json_is_one_document(run):
    data = run("add", "--trace", "-f", "json").data
    assert data["schema"] == "cnictl.trace/1"
    (_, exchange) = data["exchanges"]
    assert (exchange["plugin"], exchange["verb"], exchange["status"]) == ("mine", "ADD", 0)
    assert exchange["environment"]["CNI_NETNS"] == NETNS
    assert exchange["stdin"] == {"cniVersion": "1.0.0", "name": "pods", "type": "mine"}
    assert exchange["stdout"] == ANSWER
    assert (data["result"], data["error"]) == (ANSWER, None)


def test_a_trace_of_a_failure_has_the_rollback_too(run, chain):
    chain.write({"type": "mine"}, {"type": "refuses"})
    refuses = chain.directory / "refuses"
    refuses.write_text('#!/bin/sh\n[ $CNI_COMMAND = DEL ] || { echo \'{"code": 100, "msg": "no"}\'; exit 1; }\n')
    refuses.chmod(0o755)
    ended = run("add", "--trace", "-f", "json")
    assert ended.status == 1
    runs = [(exchange["verb"], exchange["plugin"]) for exchange in ended.data["exchanges"]]
    assert runs[:2] == [("VERSION", "mine"), ("VERSION", "refuses")]
    assert runs[2:] == [("ADD", "mine"), ("ADD", "refuses"), ("DEL", "refuses"), ("DEL", "mine")]
    assert ended.data["error"] == {"cniVersion": "1.0.0", "code": 100, "msg": "no", "details": ""}
    assert "everything was undone" in ended.err


def test_no_rollback_when_it_is_not_wanted(run, chain):
    chain.write({"type": "mine"}, {"type": "mine"})
    (chain.directory / "mine.answer").write_text("garbage")
    ended = run("add", "--no-rollback")
    assert ended.status == 1
    assert "nothing was rolled back: as asked" in ended.err
    assert [environment["CNI_COMMAND"] for environment, _ in chain.runs] == ["ADD"]


def test_verbose_tells_of_every_run(run):
    err = run("add", "-v").err
    assert err.startswith("mine VERSION: exit 0, ")
    assert "\nmine ADD: exit 0, " in err
    assert err.endswith(" ms\n")


def test_a_network_from_standard_input(chain):
    places = ("--bin-dir", str(chain.directory), "--cache-dir", str(chain.cache))
    ended = run_process("exec", "add", "-", NETNS, *places, stdin=chain.network.read_text())
    assert ended.data == ANSWER
