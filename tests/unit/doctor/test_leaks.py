"""Leaks: which of them a program may mend, and that they come first among what is wrong."""

from __future__ import annotations

import json

import pytest

from cnictl.doctor.engine import examine
from cnictl.doctor.node import Node
from cnictl.doctor.registry import all_checks
from cnictl.host.dump import RecordedHost, RecordingHost
from cnictl.report.action import DeleteFile, Detach
from cnictl.report.finding import Applicable
from cnictl.runtime.cache import CacheEntry
from tests.checks.cases import cases, node_of
from tests.support.nodes import NOW, NodeTree, plant

OURS = ("CNI879", "CNI88", "CNI89")
CHECKS = [check for check in all_checks() if check.code.startswith(OURS)]
CONFIG = {
    "cniVersion": "1.0.0",
    "name": "pods",
    "plugins": [
        {
            "type": "bridge",
            "isGateway": True,
            "hairpinMode": True,
            "ipam": {"type": "host-local", "subnet": "10.1.0.0/29"},
        }
    ],
}
LEASES = {f"var/lib/cni/networks/pods/10.1.0.{n}": f"c{n}\r\neth0" for n in range(2, 7)}
SOCKET = "run/containerd/containerd.sock"


def cached(number):
    netns = f"/run/netns/c{number}"
    result = {"cniVersion": "1.0.0", "ips": [{"address": f"10.1.0.{number}/29"}], "dns": {}}
    entry = CacheEntry("pods", f"c{number}", "eth0", netns, json.dumps(CONFIG).encode(), result=result)
    return {f"var/lib/cni/results/pods-c{number}-eth0": entry.encode()}


@pytest.fixture
def examined(tmp_path):
    """Examines a node with a range of five addresses that are all taken, and these pods and files."""

    def examined(pods, entries=None):
        more = {"etc/cni/net.d/10-pods.conflist": json.dumps(CONFIG), SOCKET: "", "proc/self/mountinfo": ""}
        entries = LEASES | more | (entries or {})
        known = [{"id": each, "name": each, "namespace": "default", "state": "ready"} for each in pods]
        old = {f"/{path}": {"modified": NOW - 86400} for path in entries}
        answers = {"cri": {"sandboxes": known}, "files": old, "survey": {}, "processes": []}
        return examine(Node(NodeTree(plant(tmp_path, entries), live=True, answers=answers)), CHECKS)

    return examined


def fixes(checkup, code):
    (result,) = [check for check in checkup.checks if check.code == code]
    return [finding.fix for finding in result.findings]


def causes(checkup):
    return [(cause.code, cause.explains) for cause in checkup.causes]


def test_lost_leases_are_why_no_address_is_left(examined):
    checkup = examined(["c2", "c3"])
    assert causes(checkup) == [("CNI880", ("CNI879",))]
    (fix,) = fixes(checkup, "CNI880")
    assert fix.applicable is Applicable.SAFE
    store = "/var/lib/cni/networks/pods"
    assert fix.actions == tuple(DeleteFile(f"{store}/10.1.0.{n}", f"c{n}\neth0", f"{store}/lock") for n in (4, 5, 6))


def test_lost_attachments_are_given_back_by_del_alone(examined):
    checkup = examined(["c2", "c3"], cached(4) | cached(5) | cached(6))
    assert causes(checkup) == [("CNI883", ("CNI879",))]
    (fix,) = fixes(checkup, "CNI883")
    assert fix.actions == tuple(Detach("pods", f"c{n}", "eth0") for n in (4, 5, 6))
    assert fixes(checkup, "CNI880") == []


def test_a_range_that_is_full_of_living_pods_stands_for_itself(examined):
    checkup = examined([f"c{n}" for n in range(2, 7)], cached(2))
    assert causes(checkup) == [("CNI879", ())]


def test_nothing_is_done_about_what_is_not_proven(tmp_path):
    entries = LEASES | cached(2) | {SOCKET: "", "proc/self/mountinfo": "", "proc/stat": f"btime {int(NOW)}\n"}
    silent = {"cri": {"sandboxes": {"error": "no whole answer came within 3 s", "kind": "CriTimeout"}}}
    old = {"files": {f"/{path}": {"modified": NOW - 86400} for path in entries}}
    checkup = examine(Node(NodeTree(plant(tmp_path, entries), live=True, answers=silent | old)), CHECKS)
    found = [finding for check in checkup.checks for finding in check.findings]
    assert {finding.code for finding in found} == {"CNI880", "CNI883"}
    assert not [finding for finding in found if finding.fix is None or finding.fix.actions]


@pytest.mark.parametrize("case", [case for case in cases() if case.startswith(OURS)])
def test_a_dump_is_judged_like_the_node(case, tmp_path):
    recorder = RecordingHost(node_of(case, tmp_path / "node").host)
    seen = examine(Node(recorder), CHECKS)
    again = examine(Node(RecordedHost(json.loads(json.dumps(recorder.answers)), live=recorder.live)), CHECKS)
    assert [(each.code, each.status, each.summary) for each in again.checks] == [
        (each.code, each.status, each.summary) for each in seen.checks
    ]
