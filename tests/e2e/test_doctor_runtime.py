"""The doctor beside a real containerd that looks somewhere else than people think."""

from __future__ import annotations

import shutil

import pytest

from tests.e2e.machine import wait_until

pytestmark = [pytest.mark.netns, pytest.mark.e2e]

NAME = "10-pods.conflist"


def examine(machine):
    """What the doctor says: its checks by code, and its causes."""
    data = machine.cnictl("doctor", "--format", "json", "--select", "runtime,CNI801,CNI803,CNI804").data
    return {check["code"]: check for check in data["checks"]}, [cause["code"] for cause in data["causes"]]


def test_a_directory_that_was_made_anew_is_watched_no_more(machine, containerd):
    checks, _ = examine(machine)
    assert checks["CNI824"]["status"] == "ok", checks["CNI824"]
    text = (machine.conf_dir / NAME).read_text()
    shutil.rmtree(machine.conf_dir)
    wait_until(lambda: examine(machine)[0]["CNI822"]["status"] == "fail", "containerd has not noticed")
    machine.conf_dir.mkdir()
    (machine.conf_dir / NAME).write_text(text)
    checks, causes = examine(machine)
    assert causes[:1] == ["CNI824"], [checks["CNI824"], checks["CNI822"], checks["CNI823"]]
    assert "does not watch" in checks["CNI824"]["summary"]
    assert checks["CNI822"]["status"] == "fail"
    assert checks["CNI823"]["summary"].endswith("is there")


def test_what_the_daemon_runs_with_is_told_apart_from_what_its_file_says_by_now(machine, containerd):
    config = machine.scratch / "containerd.toml"
    config.write_text(config.read_text().replace(f'bin_dir = "{machine.bin_dir}"', 'bin_dir = "/srv/none"'))
    checks, _ = examine(machine)
    assert checks["CNI823"]["status"] == "warn"
    assert checks["CNI803"]["status"] == "ok", checks["CNI803"]
    assert checks["CNI823"]["findings"][0]["location"]["file"] == str(config)


def test_a_table_of_another_version_is_named(machine, containerd):
    config = machine.scratch / "containerd.toml"
    config.write_text(config.read_text().replace("version = 2", ""))
    checks, _ = examine(machine)
    (finding,) = checks["CNI819"]["findings"]
    assert "does not look at it: the config has no version" in finding["message"]
