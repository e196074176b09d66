"""Plugins that do not do what the spec wants: each step finds what it is there for."""

from __future__ import annotations

import json
import sys

import pytest

from tests.support.node import plugin_dir
from tests.support.throwaway import run_try

pytestmark = pytest.mark.netns

LAST = """#!/bin/sh
config=$(cat)
case $CNI_COMMAND in
VERSION) echo '{{"cniVersion": "1.0.0", "supportedVersions": ["1.0.0"]}}'; exit;;
ADD) {add}; printf %s "$config" | {echo}; exit;;
CHECK) {check};;
DEL) {delete};;
esac
"""
ECHO = f"""{sys.executable} -ISc 'import json, sys; print(json.dumps(json.load(sys.stdin)["prevResult"]))'"""
FAIL = """echo '{"cniVersion": "1.0.0", "code": 100, "msg": "I will not"}'; exit 1"""
ENTER = "nsenter --net=$CNI_NETNS"


@pytest.fixture
def chain(tmp_path):
    """Makes a bridge network with a plugin at its end that does something of its own."""

    def make(add: str = ":", check: str = ":", delete: str = ":") -> list[object]:
        path = tmp_path / "last"
        path.write_text(LAST.format(echo=ECHO, add=add, check=check, delete=delete))
        path.chmod(0o755)
        routes = [{"dst": "0.0.0.0/0"}]
        ipam = {"type": "host-local", "subnet": "10.1.0.0/24", "routes": routes}
        plugins = [{"type": "bridge", "isGateway": True, "mtu": 1400, "ipam": ipam}, {"type": "last"}]
        config = {"cniVersion": "1.0.0", "name": "pods", "plugins": plugins}
        (tmp_path / "10-pods.conflist").write_text(json.dumps(config))
        bins = ("--bin-dir", tmp_path, "--bin-dir", plugin_dir())
        return [tmp_path / "10-pods.conflist", *bins, "-f", "json", "--pods", "2", "--timeout", "5"]

    return make


def failed(ended) -> dict[str, str]:
    return {step["code"]: step["summary"] for step in ended.data["steps"] if step["status"] == "fail"}


def test_a_plugin_that_does_nothing_does_no_harm(chain):
    ended = run_try(*chain())
    assert failed(ended) == {}
    assert ended.status == 0


@pytest.mark.parametrize(
    ("what", "code", "says"),
    [
        ({"add": FAIL}, "CNI904", "I will not (code 100)"),
        ({"add": "sleep 60"}, "CNI904", "did not end within 5 s"),
        ({"add": f"{ENTER} ip link set eth0 mtu 1300"}, "CNI905", "the config wants an MTU of 1400, and eth0 has 1300"),
        (
            {"add": f"{ENTER} ip link set eth0 address 02:00:00:00:00:05"},
            "CNI905",
            "the result says that eth0 has the MAC",
        ),
        ({"add": f"{ENTER} ip route del default"}, "CNI905", "the result names a route to 0.0.0.0/0"),
        ({"add": f"{ENTER} ip link set eth0 name eth9"}, "CNI905", "names the interface eth0, which is not there"),
        ({"check": FAIL}, "CNI906", "right behind ADD: "),
        (
            {"add": "nft add table ip t; nft 'add chain ip t c { type filter hook input priority 0; policy drop; }'"},
            "CNI907",
            "the pod does not reach its gateway 10.1.0.1",
        ),
        (
            {"add": f"{ENTER} tc qdisc replace dev eth0 root tbf rate 5mbit burst 20kb latency 50ms"},
            "CNI914",
            "although nobody asked for a limit",
        ),
        ({"delete": FAIL}, "CNI919", "I will not (code 100)"),
        ({"delete": f'test -e "$CNI_NETNS" || {{ {FAIL}; }}'}, "CNI921", "I will not (code 100)"),
        ({"add": "ip link add l$(echo $CNI_CONTAINERID | tr -d -) type bridge"}, "CNI924", "this link is left: l"),
        ({"add": "ip route add blackhole 10.$(($$ % 200 + 10)).7.0/24"}, "CNI924", "this route is left: "),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("CNI") else "",
)
def test_the_step_finds_it(chain, what, code, says):
    ended = run_try(*chain(**what))
    assert says in failed(ended).get(code, ""), failed(ended)
    assert ended.status == 1
