"""STATUS and GC of version 1.1.0, with the real plugins behind wrappers that speak it whatever their release."""

from __future__ import annotations

import json

import pytest

from tests.support.node import plugin_dir
from tests.support.throwaway import run_try

pytestmark = pytest.mark.netns

WRAPPER = """#!/bin/sh
case $CNI_COMMAND in
VERSION) echo '{{"cniVersion": "1.1.0", "supportedVersions": ["1.0.0", "1.1.0"]}}';;
STATUS) {status};;
GC) {gc};;
*) sed 's/"1\\.1\\.0"/"1.0.0"/g' | {real};;
esac
"""
REFUSAL = """echo '{"cniVersion": "1.1.0", "code": 50, "msg": "not ready yet"}'; exit 1"""
GREEDY = "nsenter --net=/run/netns/pod-a ip addr flush dev eth0"


@pytest.fixture
def modern(tmp_path):
    """Makes a network of version 1.1.0 whose bridge does something for STATUS and for GC."""

    def make(status: str = "exit 0", gc: str = "exit 0", **top: object) -> list[object]:
        directory = plugin_dir()
        for name in ("bridge", "host-local"):
            path = tmp_path / name
            path.write_text(WRAPPER.format(status=status, gc=gc, real=f"{directory}/{name}"))
            path.chmod(0o755)
        plugin = {"type": "bridge", "isGateway": True, "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}}
        config = {"cniVersion": "1.1.0", "name": "pods", "plugins": [plugin], **top}
        (tmp_path / "10-pods.conflist").write_text(json.dumps(config))
        return [tmp_path / "10-pods.conflist", "--bin-dir", tmp_path, "-f", "json", "--pods", "2"]

    return make


def step(ended, code: str) -> dict[str, object]:
    found: dict[str, object] = next(step for step in ended.data["steps"] if step["code"] == code)
    return found


def test_both_are_asked_and_pods_in_use_keep_what_they_have(modern):
    ended = run_try(*modern())
    assert ended.status == 0, ended.out
    assert step(ended, "CNI916")["summary"] == "ready: bridge"
    assert step(ended, "CNI917")["summary"] == "pods in use keep what they have"


def test_a_plugin_that_says_it_is_not_ready(modern):
    found = step(run_try(*modern(status=REFUSAL)), "CNI916")
    assert found["status"] == "fail"
    assert "not ready yet" in str(found["summary"])


def test_gc_that_takes_from_a_pod_in_use(modern):
    found = step(run_try(*modern(gc=GREEDY)), "CNI917")
    assert found["status"] == "fail"
    assert found["summary"] == "GC took an address from a pod that is in use"


def test_gc_that_fails(modern):
    found = step(run_try(*modern(gc=REFUSAL)), "CNI917")
    assert found["status"] == "fail"
    assert "not ready yet" in str(found["summary"])
