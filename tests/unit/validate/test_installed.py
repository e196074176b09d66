from __future__ import annotations

import pytest

from cnictl.runtime.cni import CNI
from cnictl.testing import FakeExecutor
from cnictl.validate.installed import InstalledPlugin, InstalledPlugins
from tests.support.plugins import write_plugin

VERSIONS = {"cniVersion": "1.0.0", "supportedVersions": ["0.4.0", "1.0.0"]}


@pytest.fixture
def executor():
    return FakeExecutor()


@pytest.fixture
def installed(tmp_path, executor):
    write_plugin(tmp_path, "exit 99", name="mine")
    return InstalledPlugins(CNI([tmp_path], executor=executor))


def test_a_plugin_is_asked_once(installed, executor):
    executor.script("mine", "VERSION", answer=VERSIONS)
    assert installed.of("mine") == InstalledPlugin(versions=("0.4.0", "1.0.0"))
    assert installed.of("mine") is installed.of("mine")
    assert [call.verb for call in executor.invocations] == ["VERSION"]


def test_one_that_is_missing_is_looked_for_once(installed, executor, tmp_path):
    found = installed.of("gone")
    assert found.missing == f'plugin "gone" is not in {tmp_path}'
    assert (found.silent, found.versions) == (None, ())
    assert installed.of("gone") is found
    assert executor.invocations == []
    assert installed.directories == [tmp_path]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ({"answer": b""}, "does not say which versions it speaks"),
        ({"answer": b"no"}, "does not say which versions it speaks"),
        ({"answer": {"supportedVersions": "1.0.0"}}, "does not say which versions it speaks"),
        (
            {"answer": {"code": 7, "msg": "not today"}, "status": 1},
            "refuses to say which versions it speaks: not today",
        ),
        ({"status": 3}, "does not say which versions it speaks"),
        ({"status": None, "signal": 11}, "does not say which versions it speaks"),
        ({"status": None, "timed_out": True}, "does not say which versions it speaks"),
    ],
)
def test_one_that_gives_no_answer(installed, executor, outcome, words):
    executor.script("mine", "VERSION", **outcome)
    found = installed.of("mine")
    assert found.missing is None
    assert found.versions == ()
    assert found.silent.startswith(f"the installed mine {words}")


@pytest.mark.parametrize("name", ["../mine", "/bin/true", "./mine", "", ".", "..", "a/b", "a\0b"])
def test_what_is_no_name_is_neither_run_nor_told_again(installed, executor, name):
    assert installed.of(name) == InstalledPlugin()
    assert executor.invocations == []
