"""Configs from the world get the verdict that Debian's plugins, release 1.1.1, gave to them one by one."""

from __future__ import annotations

import csv
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.support.command import PROJECT
from tests.support.node import plugin_dir
from tests.support.throwaway import run_try

HERE = Path(__file__).parent
ROWS = [tuple(row) for row in csv.reader((HERE / "RUN.tsv").read_text().splitlines()[1:], delimiter="\t")]
CORPUS = PROJECT / "tests" / "corpus"


@cache
def speaks_as_the_table_has_it() -> bool:
    """Debian's build does not know its release; those from 1.6.0 on speak 1.1.0, and give other verdicts."""
    bridge = (plugin_dir() or Path()) / "bridge"
    done = subprocess.run([bridge], capture_output=True, text=True, check=False)
    said = done.stderr + done.stdout
    return "1.0.0" in said and "1.1.0" not in said


def path_of(file: str) -> Path:
    return next(path for path in (CORPUS / file, CORPUS / "valid" / file) if path.exists())


@pytest.mark.netns
@pytest.mark.parametrize(("file", "outcome"), ROWS, ids=[file for file, _ in ROWS])
def test_the_verdict_is_that_of_the_table(file, outcome):
    if not speaks_as_the_table_has_it():
        pytest.skip("the table holds for release 1.1.1 of the plugins")
    ended = run_try(path_of(file), "--format", "json", "--pods", "2")
    steps = {step["name"]: step for step in ended.data["steps"]}
    if outcome == "ADD ok":
        assert steps["try-add"]["status"] == "ok", steps["try-add"]["summary"]
        return
    assert ended.status == 1
    failed = next(step for step in ended.data["steps"] if step["status"] == "fail")
    assert steps["try-add"]["status"] in ("fail", "skip")
    assert reason_in(outcome) in failed["summary"].casefold()


def reason_in(outcome: str) -> str:
    """What has to be said, of what the plugin said."""
    reason = re.sub(r"^FAIL [^:]+: code \S+ ", "", outcome).partition(" | ")[0]
    others = {"missing network name": 'the network has no "name"', "no binary": "is not in /"}
    return others.get(reason, reason).casefold()
