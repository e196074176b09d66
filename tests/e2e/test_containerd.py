"""What is peculiar to containerd."""

from __future__ import annotations

import pytest

from tests.e2e.grpc import CallFailed

pytestmark = [pytest.mark.netns, pytest.mark.e2e]


def test_the_loopback_network_which_is_in_no_file_is_deleted_from_the_cache(machine, containerd):
    container = containerd.start()
    assert machine.attachments()[container.container_id, "lo"]["network"] == "cni-loopback"
    assert machine.exec("del", container, "--ifname", "lo", network="cni-loopback").status == 0
    assert machine.attachments().keys() == {(container.container_id, "eth0")}
    containerd.remove(container)
    assert machine.attachments() == {}


@pytest.fixture
def orphan(machine, containerd):
    """A container that containerd removed when its network's config was another one: half of it stays."""
    container = containerd.start()
    machine.write_network("other", "10.92.0.0/24")
    containerd.wait_for_network("other")
    with pytest.raises(CallFailed):
        containerd.remove(container)
    containerd.remove(container)  # the kubelet tries until it works
    assert len(left(machine, container)) > 3
    return container


def left(machine, container):
    """The traces of a container but for bridge's rules: it finds them by the addresses in the namespace."""
    return [trace for trace in machine.traces(container) if '--comment "name: ' not in trace]


def test_what_containerd_leaves_when_its_config_is_replaced_cnictl_deletes_from_the_cache(machine, orphan):
    assert machine.exec("del", orphan).status == 0
    assert left(machine, orphan) == []


def test_what_containerd_leaves_when_its_config_is_replaced_is_listed_as_gone(machine, orphan):
    assert machine.attachments()[orphan.container_id, "eth0"]["state"] == "gone"


def test_what_containerd_leaves_when_its_config_is_replaced_gc_collects(machine, orphan):
    old = machine.write_network("pods", "10.91.0.0/24")
    assert machine.cnictl("exec", "gc", old).status == 0
    assert left(machine, orphan) == []
