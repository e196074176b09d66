from __future__ import annotations

from pathlib import Path

import pytest

from cnictl.errors import PluginNotFound
from cnictl.invoke.invocation import Invocation
from cnictl.netns.fact import Fact, collect
from cnictl.netns.snapshot import Snapshot
from cnictl.runtime import changes
from cnictl.runtime.changes import Change, Watching
from cnictl.testing.fake import FakeExecutor


class World:
    """What is in the namespaces: a thread in none of its own is on the host."""

    def __init__(self):
        self.host = []
        self.looks = 0
        self.previous = []
        self.unseen = {}
        self.error = None

    def take(self, _show, previous=None):
        self.looks += 1
        self.previous.append(previous)
        if self.error is not None:
            raise self.error
        return Snapshot(facts=collect(Fact("route", name) for name in self.host), unseen=self.unseen)


@pytest.fixture
def world(monkeypatch):
    found = World()
    monkeypatch.setattr(changes, "take", found.take)
    return found


class Adding(FakeExecutor):
    """An executor whose every run adds a route to the host."""

    def __init__(self, world):
        super().__init__()
        self.world = world

    def run(self, invocation, timeout=None):
        if invocation.verb != "VERSION":
            self.world.host.append(f"route {len(self.world.host)}")
        return super().run(invocation, timeout)


def call(verb="ADD", plugin="bridge"):
    return Invocation(plugin, Path("/opt/cni/bin") / plugin, verb, {}, b'{"cniVersion": "1.0.0"}')


def appeared(*names):
    return {"host": [Change("route", name, None, {}) for name in names]}


def test_each_run_has_its_own_changes(world):
    watching = Watching(Adding(world), None)
    exchanges = [watching.run(call()), watching.run(call("DEL"))]
    assert [run.exchange for run in watching.changes] == exchanges
    assert [run.where for run in watching.changes] == [appeared("route 0"), appeared("route 1")]


def test_a_snapshot_after_a_run_is_the_one_before_the_next(world):
    watching = Watching(Adding(world), None)
    watching.run(call())
    watching.run(call())
    assert world.looks == 3
    assert world.previous[0] is None
    assert None not in world.previous[1:]


def test_version_is_not_looked_at(world):
    watching = Watching(Adding(world), None)
    exchange = watching.run(call("VERSION"))
    assert watching.changes == [(exchange, {})]
    assert world.looks == 0


def test_a_run_that_was_interrupted_does_not_pass_its_changes_on_to_the_next(world):
    executor = Adding(world)
    executor.script("bridge", "ADD", answer=KeyboardInterrupt())
    watching = Watching(executor, None)
    with pytest.raises(KeyboardInterrupt):
        watching.run(call())
    watching.run(call("DEL"))
    assert [run.where for run in watching.changes] == [appeared("route 1")]


def test_a_plugin_that_cannot_be_started_costs_no_look(world):
    executor = FakeExecutor()
    executor.script("bridge", "ADD", answer=PluginNotFound("bridge", []))
    watching = Watching(executor, None)
    with pytest.raises(PluginNotFound):
        watching.run(call())
    watching.run(call("DEL"))
    assert world.looks == 2
    assert [run.where for run in watching.changes] == [{"host": []}]


def test_what_cannot_be_looked_at_is_said_once(world):
    world.unseen = {"nftables": "nft is not installed"}
    watching = Watching(Adding(world), None)
    watching.run(call())
    watching.run(call())
    assert watching.unseen == ["host: nft is not installed"]


def test_a_look_that_fails_keeps_no_plugin_from_running(world):
    world.error = PermissionError(1, "Operation not permitted")
    watching = Watching(Adding(world), None)
    exchange = watching.run(call())
    assert watching.changes == [(exchange, {})]
    assert watching.unseen == ["host: operation not permitted"]


def test_a_pod_that_shares_the_network_of_the_host_is_looked_at_once(world):
    watching = Watching(Adding(world), Path("/proc/self/ns/net"))
    watching.run(call())
    assert [run.where for run in watching.changes] == [appeared("route 0")]


def test_a_namespace_that_does_not_exist_is_no_trouble(world, tmp_path):
    watching = Watching(Adding(world), tmp_path / "gone")
    watching.run(call("DEL"))
    assert [list(run.where) for run in watching.changes] == [["host"]]
    assert watching.unseen == []


def test_a_file_that_is_no_namespace_is_said(world, tmp_path):
    path = tmp_path / "netns"
    path.touch()
    watching = Watching(Adding(world), path)
    watching.run(call("DEL"))
    assert [list(run.where) for run in watching.changes] == [["host"]]
    assert watching.unseen == ["pod: invalid argument"]
