"""Every plugin of a chain must speak its version before the first one runs."""

from __future__ import annotations

import os
from typing import Any

import pytest

from cnictl.errors import ExitCode, IncompatibleVersion
from cnictl.model.attachment import Attachment
from cnictl.model.network import NetworkConfigList

C1 = Attachment("c1", "/run/netns/c1")
PLUGINS = [{"type": "a"}, {"type": "b"}]
NET = NetworkConfigList.from_dict({"cniVersion": "1.0.0", "name": "net", "plugins": PLUGINS})


def answer(*versions: str) -> dict[str, Any]:
    return {"answer": {"cniVersion": "0.4.0", "supportedVersions": list(versions)}}


def verbs(executor) -> list[str]:
    return [f"{asked.verb} {asked.plugin}" for asked in executor.invocations]


def test_a_plugin_that_names_other_versions_keeps_all_from_running(cni, executor):
    executor.script("b", "VERSION", **answer("0.3.1", "0.4.0"))
    with pytest.raises(IncompatibleVersion) as caught:
        cni.add(NET, C1)
    assert str(caught.value) == 'plugin "b" does not speak cniVersion 1.0.0: it says 0.3.1, 0.4.0'
    assert caught.value.exit_code is ExitCode.NO
    assert verbs(executor) == ["VERSION a", "VERSION b"]
    assert not cni.journal.directory.exists()


@pytest.mark.parametrize(
    "odd",
    [
        {"answer": b""},
        {"answer": {"cniVersion": "1.0.0", "ips": []}},
        {"status": 1, "answer": {"code": 4, "msg": "unknown CNI_COMMAND"}},
        {"status": None, "signal": 9},
        {"timed_out": True},
    ],
    ids=["nothing", "a-result", "refused", "killed", "timeout"],
)
def test_a_plugin_whose_answer_cannot_be_understood_gets_its_chance(cni, executor, odd):
    executor.script("b", "VERSION", **odd)
    cni.add(NET, C1)
    assert verbs(executor)[2:] == ["ADD a", "ADD b"]


def test_a_plugin_from_before_version_speaks_0_1_0_alone(cni, executor):
    executor.script("a", "VERSION", status=1, answer={"code": 100, "msg": "unknown CNI_COMMAND: VERSION"})
    with pytest.raises(IncompatibleVersion, match=r"it says 0\.1\.0$"):
        cni.add(NET, C1)


def test_an_executable_is_asked_once_until_it_is_replaced(cni, executor, bin_dir):
    cni.add(NET, C1)
    cni.add(NET, Attachment("c2", ""))
    assert verbs(executor).count("VERSION a") == 1
    os.utime(bin_dir / "a", (1, 1))
    cni.add(NET, Attachment("c3", ""))
    assert (verbs(executor).count("VERSION a"), verbs(executor).count("VERSION b")) == (2, 1)


def test_delete_asks_for_no_version_because_it_must_be_tried_anyway(cni, executor):
    cni.delete(NET, C1)
    assert verbs(executor) == ["DEL b", "DEL a"]
