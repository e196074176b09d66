"""The doctor on nodes that are large, and on nodes where something never answers."""

from __future__ import annotations

import json
import threading
import time

import pytest

from cnictl.doctor.engine import examine
from cnictl.doctor.node import Node
from cnictl.doctor.registry import all_checks
from cnictl.host.api import Unanswered
from cnictl.invoke.executor import ProcessExecutor
from cnictl.report.finding import Status
from tests.nodes.kinds import KINDS, POD
from tests.support.nodes import NodeTree, plant
from tests.support.plugins import write_plugin

MANY_PODS, MANY_LINKS = 5000, 2000
SLACK = 4
"""Seconds that all else may take on a busy machine; to wait for one check after the other would take far longer."""
HOST = "kubeadm with containerd 1.7"


def test_a_node_with_thousands_of_leases_attachments_and_links_is_examined_in_seconds(tmp_path):
    kind = KINDS[HOST]()
    entry = json.loads(str(kind.files[f"var/lib/cni/results/pods-{POD}-eth0"]))
    for number in range(MANY_PODS):
        container_id = f"{number:064x}"
        address = f"10.244.{1 + number // 250}.{number % 250 + 2}"
        kind.files[f"var/lib/cni/networks/pods/{address}"] = f"{container_id}\r\neth0"
        kept = json.dumps(entry | {"containerId": container_id})
        kind.files[f"var/lib/cni/results/pods-{container_id}-eth0"] = kept
    kind.answers["survey"]["links"] += [
        {"ifindex": 100 + number, "name": f"veth{number:08x}", "kind": "veth", "lower": 2, "netns": number}
        for number in range(MANY_LINKS)
    ]
    node = kind.node(tmp_path)
    began = time.process_time()
    checkup = examine(node, all_checks())
    assert time.process_time() - began < 4
    assert checkup.counts()["error"] == 0


@pytest.fixture
def over():
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("question", ["survey", "rulesets", "space", "connect", "processes"])
def test_what_never_answers_keeps_no_check_from_being_made_that_does_not_ask_it(tmp_path, over, monkeypatch, question):
    whole = examine(KINDS[HOST]().node(tmp_path / "well"), all_checks()).counts()
    node = KINDS[HOST]().node(tmp_path / "silent")

    def silent(*_):
        over.wait()
        raise Unanswered(question)

    monkeypatch.setattr(node.host, question, silent)
    began = time.monotonic()
    checkup = examine(node, all_checks(), timeout=4.0)
    assert time.monotonic() - began < 4 + SLACK
    assert checkup.counts()["error"] > 0
    assert checkup.counts()["ok"] > whole["ok"] / 4


def test_a_runtime_that_takes_connections_and_never_answers(tmp_path, monkeypatch):
    node = KINDS[HOST]().node(tmp_path)

    def dead(*_):
        time.sleep(0.5)  # as long as the client's patience lasts
        return {"error": "no whole answer within 0.5 s", "kind": "CriTimeout"}

    monkeypatch.setattr(node.host, "cri", dead)
    began = time.monotonic()
    checkup = examine(node, all_checks(), timeout=10.0)
    assert time.monotonic() - began < 10 + SLACK
    assert checkup.counts()["error"] == 0
    assert "CNI814" in [cause.code for cause in checkup.causes]


def test_a_plugin_that_hangs_on_version_takes_no_longer_than_it_may(tmp_path):
    kind = KINDS[HOST]()
    kind.files = {path: entry for path, entry in kind.files.items() if not path.startswith("opt/cni/bin/bridge")}
    plant(tmp_path, kind.files)
    write_plugin(tmp_path / "opt/cni/bin", "sleep 1000", name="bridge")
    node = Node(NodeTree(tmp_path, live=True, answers=kind.answers), ProcessExecutor())
    began = time.monotonic()
    checks = {check.code: check for check in examine(node, all_checks(), timeout=10.0).checks}
    assert time.monotonic() - began < 10 + SLACK
    assert checks["CNI848"].status is Status.FAIL
    assert "bridge" in checks["CNI848"].summary
