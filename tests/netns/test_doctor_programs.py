"""What the doctor says of a plugin that cannot be run is what happens when it is run."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.netns


def cut_off(path):
    os.truncate(path, path.stat().st_size // 2)


def emptied(path):
    os.truncate(path, 0)


def not_executable(path):
    path.chmod(0o644)


def a_web_page(path):
    path.write_text("<!DOCTYPE html>\n<html></html>\n")


def windows_line_ends(path):
    path.write_bytes(b"#!/bin/sh\r\necho {}\r\n")


def for_another_machine(path):
    data = bytearray(path.read_bytes())
    data[18] ^= 0xFF
    path.write_bytes(data)


def without_its_interpreter(path):
    path.write_text("#!/no/such/shell\n")


BROKEN = [cut_off, emptied, not_executable, a_web_page, windows_line_ends, for_another_machine, without_its_interpreter]


def happens(path) -> str:
    """What becomes of an attempt to run a plugin, in the words of Go's os/exec."""
    environment = {"CNI_COMMAND": "VERSION"}
    try:
        done = subprocess.run([path], env=environment, input=b"{}", capture_output=True, check=False)
    except OSError as error:
        return f"fork/exec {path}: {(error.strerror or '').lower()}"
    return "signal: segmentation fault" if done.returncode == -11 else f"exit status {done.returncode}"


@pytest.fixture
def bin_dir(node, tmp_path):
    """A directory with copies of the plugins."""
    copies = tmp_path / "bin"
    copies.mkdir()
    for plugin in ("bridge", "host-local", "portmap", "bandwidth", "loopback"):
        shutil.copy(node.bin_dir / plugin, copies)
    return copies


def examined(node, bin_dir):
    ended = node.cnictl(
        "doctor", "-f", "json", "--conf-dir", node.scratch, "--bin-dir", bin_dir, "--select", "CNI847,CNI848"
    )
    return {check["code"]: check for check in ended.data["checks"]}


def test_plugins_as_they_are_installed_can_be_run(node, bin_dir):
    checks = examined(node, bin_dir)
    assert [check["status"] for check in checks.values()] == ["ok", "ok"]


@pytest.mark.parametrize("harm", BROKEN, ids=[each.__name__ for each in BROKEN])
def test_what_the_doctor_says_happens(node, bin_dir, harm):
    bridge = bin_dir / "bridge"
    harm(bridge)
    checks = examined(node, bin_dir)
    (finding,) = checks["CNI847"]["findings"]
    assert finding["evidence"]["error"] == happens(bridge)
    assert checks["CNI848"]["findings"] == []  # one cause, one finding
