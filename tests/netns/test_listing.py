"""What is listed of real attachments: with the real plugins, in a node of their own."""

from __future__ import annotations

import re

import pytest

from tests.cli.test_validate_json import require_documented

pytestmark = pytest.mark.netns


def listed(node, *arguments):
    data = node.cnictl("attachments", "-f", "json", *arguments).data
    require_documented("attachments", data)
    return data


def test_an_attachment_from_its_beginning_to_its_end(node):
    assert listed(node)["attachments"] == []
    added = node.exec("add", "web", "--create-netns", "--port", "8080:80").data
    (attachment,) = listed(node)["attachments"]
    assert (attachment["network"], attachment["netns"], attachment["state"]) == ("pods", "/run/netns/web", "attached")
    assert attachment["addresses"] == [ip["address"] for ip in added["ips"]]
    assert listed(node)["leases"] == []

    node.run("ip", "netns", "del", "web")
    (attachment,) = listed(node, "--stale")["attachments"]
    assert attachment["state"] == "gone"

    assert node.exec("del").status == 0
    assert listed(node)["attachments"] == []


def test_an_address_that_nobody_will_give_back(node):
    node.exec("add", "web", "--create-netns", "--container-id", "c1")
    node.run("sh", "-c", "rm /var/lib/cni/results/*")
    (lease,) = listed(node, "--stale")["leases"]
    assert (lease["network"], lease["address"]) == ("pods", "10.88.0.2")
    assert (lease["containerId"], lease["ifname"]) == ("c1", "eth0")
    shown = node.cnictl("attachments")
    assert shown.status == 0
    expected = r"leaked       pods 10\.88\.0\.2: c1 eth0; /var/lib/cni/networks/pods/10\.88\.0\.2; \d+ s old\n"
    assert re.search(expected, shown.out)


def test_the_reference_plugins_speak_what_they_say(node):
    data = node.cnictl("plugins", "bridge", "host-local", "loopback", "--bin-dir", node.bin_dir, "-f", "json").data
    require_documented("plugins", data)
    assert [plugin["status"] for plugin in data["plugins"]] == ["ok"] * 3
    for plugin in data["plugins"]:
        assert {"0.4.0", "1.0.0"} <= set(plugin["versions"])
        assert plugin["verbs"][:3] == ["ADD", "DEL", "CHECK"]
