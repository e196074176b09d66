"""The doctor beside a real containerd: it names the cause that containerd hides or garbles."""

from __future__ import annotations

import json

import pytest

from tests.e2e.grpc import CallFailed

pytestmark = [pytest.mark.netns, pytest.mark.e2e]

NAME = "10-pods.conflist"


def examine(machine, *options):
    """What the doctor says of the machine: which runtime there is, it finds out itself."""
    return machine.cnictl("doctor", "--format", "json", *options).data


def failed(machine):
    """The code of the first cause, and all that failed."""
    data = examine(machine)
    fails = {check["code"]: check["summary"] for check in data["checks"] if check["status"] == "fail"}
    first = data["causes"][0]["code"] if data["causes"] else None
    return first, fails


@pytest.fixture(autouse=True)
def forwarding(machine):
    """The kernel settings of a node that works."""
    machine.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")


def test_a_node_that_works_is_well_and_a_pod_comes_up_with_an_address(machine, containerd):
    container = containerd.start()
    data = examine(machine)
    assert [check for check in data["checks"] if check["status"] in ("fail", "error")] == []
    assert data["node"]["confDir"] == str(machine.conf_dir)
    assert container.address.startswith("10.91.0.")
    containerd.remove(container)


def test_what_the_runtime_holds_in_memory_is_asked_over_cri(machine, containerd):
    checks = {check["code"]: check for check in examine(machine)["checks"]}
    assert checks["CNI822"]["status"] == "ok", checks["CNI822"]
    assert checks["CNI823"]["status"] == "ok", checks["CNI823"]


def pods(machine, **changes):
    """The machine's config with other keys at its top."""
    return json.loads((machine.conf_dir / NAME).read_text()) | changes


def no_config(machine):
    (machine.conf_dir / NAME).unlink()


def cut_off(machine):
    text = (machine.conf_dir / NAME).read_text()
    (machine.conf_dir / NAME).write_text(text[: len(text) // 2])


def with_bom(machine):
    (machine.conf_dir / NAME).write_text("\ufeff" + (machine.conf_dir / NAME).read_text())


def without_name(machine):
    config = pods(machine)
    del config["name"]
    (machine.conf_dir / NAME).write_text(json.dumps(config))


def unknown_type(machine):
    config = pods(machine)
    config["plugins"][1]["type"] = "portmapp"
    (machine.conf_dir / NAME).write_text(json.dumps(config))


def version_of_the_future(machine):
    (machine.conf_dir / NAME).write_text(json.dumps(pods(machine, cniVersion="9.9.9")))


def version_that_plugins_do_not_speak(machine):
    (machine.conf_dir / NAME).write_text(json.dumps(pods(machine, cniVersion="1.1.0")))


FAULTS = {
    no_config: {"CNI801"},
    cut_off: {"CNI802"},
    with_bom: {"CNI802"},
    without_name: {"CNI802"},
    unknown_type: {"CNI803"},
    version_of_the_future: {"CNI802", "CNI805", "CNI840", "CNI841"},
    version_that_plugins_do_not_speak: {"CNI805"},
}


@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__)
def test_the_cause_of_a_broken_network_is_named(machine, containerd, plant):
    plant(machine)
    first, fails = failed(machine)
    assert first in FAULTS[plant], fails


@pytest.mark.parametrize("plant", [unknown_type, version_that_plugins_do_not_speak], ids=lambda plant: plant.__name__)
def test_containerd_says_that_it_is_ready_where_no_pod_comes_up(machine, containerd, plant):
    plant(machine)
    with pytest.raises(CallFailed):
        containerd.start()
    data = examine(machine)
    checks = {check["code"]: check["status"] for check in data["checks"]}
    assert checks["CNI822"] == "ok"  # NetworkReady
    assert data["causes"][0]["code"] in FAULTS[plant]


def test_a_config_that_containerd_has_not_noticed_is_told_apart_from_the_file(machine, containerd):
    text = (machine.conf_dir / NAME).read_text()
    (machine.scratch / "new").write_text(text.replace("10.91.0.0", "10.95.0.0"))
    (machine.conf_dir / "05-pods.conflist").hardlink_to(machine.scratch / "new")
    _, fails = failed(machine)
    assert "CNI823" in fails, fails


def test_what_a_removed_pod_left_is_found_and_mended(machine, containerd):
    container = containerd.start()
    machine.write_network("other", "10.92.0.0/24")
    containerd.wait_for_network("other")
    with pytest.raises(CallFailed):
        containerd.remove(container)
    containerd.remove(container)
    machine.run("sh", "-c", "touch -d '1 hour ago' /var/lib/cni/results/* /var/lib/cni/networks/*/*")
    checks = {check["code"]: check for check in examine(machine)["checks"]}
    assert checks["CNI883"]["status"] in ("warn", "fail"), checks["CNI883"]
    dry = machine.cnictl("doctor", "--dry-run", "--select", "CNI883,CNI880").out
    assert f"run DEL of pods for eth0 of {container.container_id}" in dry
    machine.cnictl("doctor", "--fix", "--select", "CNI883,CNI880")
    checks = {check["code"]: check for check in examine(machine)["checks"]}
    assert checks["CNI883"]["status"] == "ok", checks["CNI883"]
    assert machine.attachments() == {}
