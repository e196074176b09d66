"""The doctor on a live node, with plugins that really answer."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.netns


def examined(node, *options):
    """What each check comes to, by its code."""
    ended = node.cnictl("doctor", "-f", "json", "--conf-dir", node.scratch, "--bin-dir", node.bin_dir, *options)
    return {check["code"]: check for check in ended.data["checks"]}


def test_a_node_that_works(node):
    node.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    checks = examined(node, "--ignore", "CNI809")
    assert {code: check["summary"] for code, check in checks.items() if check["status"] in ("fail", "error")} == {}
    assert checks["CNI805"]["status"] == "ok"
    assert checks["CNI810"]["status"] == "ok"


def test_forwarding_is_off(node):
    assert node.exec("add", "web", "--create-netns").status == 0  # which switches it on
    node.run("sysctl", "-qw", "net.ipv4.ip_forward=0")
    assert examined(node)["CNI810"]["status"] == "fail"


def test_a_version_that_the_installed_plugins_do_not_speak(node, tmp_path):
    old = tmp_path / "bin"
    old.mkdir()
    for plugin in ("host-local", "portmap", "bandwidth", "loopback"):
        (old / plugin).symlink_to(node.bin_dir / plugin)
    bridge = old / "bridge"
    bridge.write_text('#!/bin/sh\necho \'{"cniVersion": "0.4.0", "supportedVersions": ["0.3.1", "0.4.0"]}\'\n')
    bridge.chmod(0o755)
    ended = node.cnictl("doctor", "-f", "json", "--conf-dir", node.scratch, "--bin-dir", old, "--select", "CNI805")
    (check,) = ended.data["checks"]
    assert (ended.status, check["status"]) == (1, "fail")
    assert "bridge" in check["summary"]
    assert "1.0.0" in check["summary"]
