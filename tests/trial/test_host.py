"""Nothing of the host is touched, whoever runs `try` and however it ends.

The host is a throwaway node of the tests' own, so that nobody else changes it meanwhile.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.command import PROJECT
from tests.support.node import Node
from tests.support.throwaway import as_user, environment

pytestmark = pytest.mark.netns

EXAMPLE = PROJECT / "docs" / "examples" / "30-bridge.conflist"
STATE = """
ip -o -d link; ip -o addr; ip -o route show table all; ip -6 route show table all; ip rule; nft list ruleset; tc qdisc
grep -rs . /proc/sys/net/ipv4/conf /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all /proc/sys/net/bridge
cat /proc/self/mountinfo
find /run /var/lib /etc/cni /opt/cni -printf '%p %y %s %m %T@\\n'
"""


@pytest.fixture
def host():
    with Node() as node:
        yield node


def state(host: Node) -> str:
    return host.run("sh", "-c", STATE, check=False).stdout


def start(host: Node, python: list[str], mark: str) -> subprocess.Popen[str]:
    command = host.inside([*python, "-m", "cnictl", "try", str(EXAMPLE), "-v"], PROJECT)
    settings = environment() | {"CNICTL_TEST_MARK": mark}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=settings)


def marked(mark: str) -> list[str]:
    """The processes that a trial has started and that are still there."""
    word = f"CNICTL_TEST_MARK={mark}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if word in path.read_bytes().split(b"\0"):
                found.append(path.parent.name)
        except OSError:
            continue
    return found


def users() -> list[object]:
    ordinary = as_user()
    skip = pytest.mark.skipif(not ordinary, reason="no ordinary user may run a Python of this version")
    return [
        pytest.param([sys.executable], id="root"),
        pytest.param(ordinary, id="ordinary user", marks=skip),
    ]


@pytest.mark.parametrize("python", users())
def test_a_whole_trial_leaves_the_host_as_it_was(host, python):
    before = state(host)
    trial = start(host, python, f"whole-{os.getpid()}")
    out, err = trial.communicate(timeout=90)
    assert trial.returncode == 0, out + err
    assert "ok    CNI924" in out
    assert state(host) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
@pytest.mark.parametrize("python", users())
@pytest.mark.parametrize("step", ["CNI903", "CNI913"], ids=["before ADD", "while it is measured"])
def test_a_trial_that_is_cut_short_leaves_nothing(host, python, number, step):
    before, mark = state(host), f"{number}-{step}-{os.getpid()}-{len(python)}"
    trial = start(host, python, mark)
    assert trial.stderr is not None
    assert any(step in line for line in trial.stderr)
    trial.send_signal(number)
    trial.communicate(timeout=20)
    assert trial.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 130)
    deadline = time.monotonic() + 5
    while marked(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert marked(mark) == []
    assert state(host) == before
