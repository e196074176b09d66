"""A command that is killed at any moment leaves nothing that ``cnictl exec gc`` does not find and remove."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.command import CNICTL
from tests.support.turns import CONTAINER_ID

if TYPE_CHECKING:
    from tests.netns.conftest import RealNode

pytestmark = pytest.mark.netns

WEB = ("web", "--container-id", CONTAINER_ID)
ADD = ("add", *WEB, "--port", "8080:80", "--bandwidth", "ingress=10M,egress=10M")
STEPS = 45
"""How many of the lines of the runtime are tried, evenly from the first to the last."""
MOMENTS = 35
"""How many moments are tried at random."""


def exec_arguments(node: RealNode, verb: str, netns: str, *more: str) -> list[str]:
    return ["exec", verb, str(node.network), netns, *more]


def killed_at(node: RealNode, line: int, *verb: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.netns.killed", str(line), *exec_arguments(node, *verb)]
    return node.run(*command, check=False)


def number_of_lines(node: RealNode, *verb: str) -> int:
    ended = killed_at(node, 0, *verb)
    assert ended.returncode == 0, ended.stderr
    return int(ended.stderr.split()[-1])


def stages(total: int, wanted: int) -> list[int]:
    return sorted({1 + (total - 1) * place // (wanted - 1) for place in range(wanted)})


def journal(node: RealNode) -> list[str]:
    return node.run("sh", "-c", "ls /var/lib/cni/cnictl/journal 2>/dev/null || true").stdout.split()


def collected(node: RealNode, moment: object) -> bool:
    """Runs GC after a kill and looks what is left; whether the container is attached, wholly and provably."""
    ended = node.cnictl("exec", "gc", node.network)
    assert ended.status == 0, (moment, ended.err)
    assert journal(node) == [], moment
    if not node.cached():
        assert node.is_clean(), (moment, node.links(), node.leases(), node.rules())
        return False
    assert node.exec("check", *WEB).status == 0, moment
    return True


def removed(node: RealNode, moment: object) -> None:
    ended = node.exec("del", *WEB)
    assert (ended.status, node.is_clean()) == (0, True), (moment, ended.err, node.rules())


@pytest.fixture
def web(node):
    node.run("ip", "netns", "add", "web")
    return node


def test_an_add_that_is_killed_at_any_line(web):
    total = number_of_lines(web, *ADD)
    removed(web, "unkilled")
    outcomes = []
    for line in stages(total, STEPS):
        ended = killed_at(web, line, *ADD)
        assert ended.returncode == -9, (line, total, ended.stderr)
        outcomes.append(collected(web, line))
        if outcomes[-1]:
            removed(web, line)
    # Whoever dies before the end has attached nothing; only after the last thing was kept it is there.
    assert outcomes == sorted(outcomes)
    assert outcomes.count(False) > STEPS / 2


def test_a_del_that_is_killed_at_any_line(web):
    assert web.exec(*ADD).status == 0
    total = number_of_lines(web, "del", *WEB)
    outcomes = []
    for line in stages(total, STEPS // 2):
        assert web.exec(*ADD).status == 0, line
        ended = killed_at(web, line, "del", *WEB)
        assert ended.returncode == -9, (line, total, ended.stderr)
        outcomes.append(collected(web, line))
        if outcomes[-1]:
            removed(web, line)
    assert outcomes == sorted(outcomes, reverse=True)
    assert False in outcomes


def test_an_add_that_is_killed_at_a_random_moment(web):
    chance = random.Random(20)
    began = time.monotonic()
    assert web.exec(*ADD).status == 0
    longest = time.monotonic() - began
    removed(web, "unkilled")
    for _ in range(MOMENTS):
        moment = chance.uniform(0.3, 1.0) * longest
        command = web.inside([*CNICTL, *exec_arguments(web, *ADD)])
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(moment)
            process.kill()
        if collected(web, moment):
            removed(web, moment)


def test_what_was_killed_is_gone_with_the_next_add_of_the_same_container(web):
    total = number_of_lines(web, *ADD)
    removed(web, "unkilled")
    for line in stages(total, 8)[2:-2]:
        assert killed_at(web, line, *ADD).returncode == -9
        ended = web.exec(*ADD)
        assert ended.status == 0, (line, ended.err)
        assert web.leases() == [ended.data["ips"][0]["address"].partition("/")[0]]
        assert journal(web) == []
        removed(web, line)
