"""The formats of ``cnictl doctor`` as programs use them: files that are written whole, and exit codes."""

from __future__ import annotations

import json
import os
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from cnictl.report.finding import Status
from tests.support.checkups import check, sick, well

FORMS = ["text", "json", "junit", "prometheus", "npd", "html"]
BROKEN = replace(well(), checks=(*well().checks, check("CNI840", "runtime", Status.ERROR, "it did not end in time")))


@pytest.fixture
def doctor(cnictl, monkeypatch):
    """Runs the doctor on a node about which all is known already."""

    def call(checkup, *options):
        monkeypatch.setattr("cnictl.cli.examination.examine", lambda *_: checkup)
        return cnictl("doctor", *options)

    return call


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("checkup", "status"), [(well(), 0), (sick(), 1), (BROKEN, 2)])
def test_the_exit_code_is_the_same_in_every_format(doctor, form, checkup, status):
    assert doctor(checkup, "-f", form).status == status


def test_npd_is_one_line_and_nothing_on_stderr(doctor):
    ended = doctor(sick(), "-f", "npd")
    assert (ended.out.count("\n"), ended.err) == (1, "")


@pytest.mark.parametrize("form", FORMS)
def test_a_file_gets_what_stdout_would(doctor, tmp_path, form):
    path = tmp_path / "answer"
    ended = doctor(sick(), "-f", form, "-o", path)
    assert (ended.status, ended.out) == (1, "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    shown = doctor(sick(), "-f", form).out.encode(errors="backslashreplace").decode()
    volatile = ("began", "seconds", "Examined", "_timestamp_", "_duration_", "timestamp=")

    def steady(text):
        return [line for line in text.splitlines() if not any(word in line for word in volatile)]

    assert steady(path.read_text()) == steady(shown)
    assert list(tmp_path.iterdir()) == [path]


def test_a_files_mode_is_kept(doctor, tmp_path):
    path = tmp_path / "cnictl.prom"
    path.touch(0o640)
    doctor(well(), "-f", "prometheus", "-o", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_pipe_and_a_device_are_written_into(doctor, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    doctor(well(), "-f", "json", "-o", pipe)
    reader.join()
    assert json.loads(read[0])["schema"] == "cnictl.doctor/1"
    assert doctor(well(), "-o", "/dev/null").status == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_directory_that_is_not_there_is_named(doctor, tmp_path):
    ended = doctor(well(), "-o", tmp_path / "none" / "file")
    assert ended.status == 2
    assert f"{tmp_path}/none/file: no such file or directory" in ended.err


def test_json_says_when_and_what_follows_from_what(doctor):
    data = doctor(sick(), "-f", "json").data
    assert data["began"].endswith("Z")
    assert data["seconds"] >= 0
    assert data["causes"][0] == {
        "code": "CNI804",
        "message": 'the plugin "loopback" is not in /opt/cni/bin',
        "command": "apt install containernetworking-plugins",
        "explains": ["CNI845"],
        "finding": "CNI804",
    }


def test_nobody_is_sent_to_explain_when_all_is_well(doctor):
    assert doctor(well()).err == ""
    assert "cnictl explain CODE" in doctor(sick()).err
