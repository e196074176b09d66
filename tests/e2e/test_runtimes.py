"""What a real containerd or podman added, cnictl deletes, and the reverse."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.netns, pytest.mark.e2e]

WISHES = ("--port", "8080:80", "--bandwidth", "ingress=10M,egress=10M")


def test_what_a_runtime_added_is_listed_with_its_address(machine, runtime):
    container = runtime.start()
    listed = machine.attachments()[container.container_id, "eth0"]
    assert (listed["network"], listed["addresses"]) == ("pods", [f"{container.address}/24"])
    runtime.remove(container)
    assert machine.attachments() == {}


def test_what_a_runtime_added_is_known_to_be_alive(machine, runtime):
    container = runtime.start()
    assert machine.attachments()[container.container_id, "eth0"]["state"] == "attached"
    runtime.remove(container)


def test_cnictl_checks_what_a_runtime_added_with_the_arguments_of_then(machine, runtime):
    container = runtime.start()
    assert machine.exec("check", container).status == 0
    machine.run("ip", "link", "delete", machine.traces(container)[0])
    assert machine.exec("check", container).status == 1
    runtime.remove(container)


def test_cnictl_deletes_what_a_runtime_added_and_the_runtime_finds_nothing_amiss(machine, runtime):
    container = runtime.start()
    assert len(machine.traces(container)) > 5
    assert machine.exec("del", container) == (0, "", "")
    assert machine.traces(container) == []
    runtime.remove(container)
    assert machine.traces(container) == []


def test_a_runtime_deletes_what_cnictl_added(machine, runtime):
    container = runtime.start()
    assert machine.exec("del", container).status == 0
    result = machine.exec("add", container, *WISHES).data
    again = container._replace(address=result["ips"][0]["address"].removesuffix("/24"))
    assert again.address != container.address
    assert len(machine.traces(again)) > 5
    runtime.remove(container)
    assert machine.traces(again) == []


def test_gc_leaves_alone_what_runs(machine, runtime):
    container = runtime.start()
    before = machine.traces(container)
    assert machine.cnictl("exec", "gc", "pods").status == 0
    assert machine.traces(container) == before
    runtime.remove(container)
    assert machine.traces(container) == []
