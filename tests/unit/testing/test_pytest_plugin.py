from __future__ import annotations

import subprocess
import sys

import pytest

import cnictl.testing
from tests.support.node import Node
from tests.unit.testing.project import UserProject, inside, outcomes

NETWORK = """
from cnictl import Attachment, NetworkConfigList
from cnictl.testing import FakeExecutor

NET = NetworkConfigList.from_dict({"cniVersion": "1.0.0", "name": "net", "plugins": [{"type": "bridge"}]})
POD = Attachment("c1", "/run/netns/c1")
"""


@pytest.fixture
def project(tmp_path):
    return UserProject(tmp_path)


def passes(project: UserProject, number: int) -> None:
    done = project.run()
    assert outcomes(done.stdout) == {"passed": number}, done.stdout


def test_a_network_runs_with_scripted_plugins(project):
    project.write(f"""{NETWORK}
def test_add(cni, scripted_plugin):
    bridge = scripted_plugin("bridge")
    bridge.on("ADD", result={{"cniVersion": "1.0.0", "ips": [{{"address": "10.1.0.5/24"}}]}})
    assert str(cni.add(NET, POD).ips[0].address) == "10.1.0.5/24"
    assert [run.verb for run in bridge.runs] == ["ADD"]
    assert scripted_plugin("bridge") is bridge

def test_another_has_a_cache_and_plugins_of_its_own(cni, scripted_plugin, cni_plugin_dir):
    assert list(cni_plugin_dir.iterdir()) == []
    assert scripted_plugin("bridge").calls == []
    assert cni.bin_dirs == [cni_plugin_dir]
    cni.delete(NET, POD)
    assert "prevResult" not in scripted_plugin("bridge").runs[0].config
""")
    passes(project, 2)


def test_with_a_fake_executor_no_process_is_started(project):
    project.write(f"""{NETWORK}
import pytest

@pytest.fixture
def busy(fake_executor):
    fake_executor.script("bridge", "DEL", status=1, answer={{"code": 11, "msg": "busy"}})
    return fake_executor

def test_fake(cni, fake_executor, scripted_plugin):
    plugin = scripted_plugin("bridge")
    cni.add(NET, POD)
    assert [run.verb for run in fake_executor.runs] == ["ADD"]
    assert plugin.calls == []

def test_by_another_fixture(cni, busy, scripted_plugin):
    scripted_plugin("bridge")
    with pytest.raises(Exception, match="busy"):
        cni.delete(NET, POD)
""")
    passes(project, 2)


def test_who_does_not_use_it_loads_next_to_nothing(project):
    project.write("""
import sys

def test_modules():
    loaded = {name for name in sys.modules if name.split(".")[0] == "cnictl"}
    assert loaded == {"cnictl", "cnictl.testing", "cnictl.testing.pytest_plugin"}
""")
    passes(project, 1)


def test_a_users_own_fixture_of_the_same_name_wins(project):
    project.write("import pytest\n@pytest.fixture\ndef cni(): return 5\n", "conftest.py")
    project.write("def test_own(cni): assert cni == 5\n")
    passes(project, 1)


def test_the_fixtures_are_explained(project):
    shown = project.run("--fixtures").stdout
    for name in ("cni_plugin_dir", "scripted_plugin", "fake_executor", "cni", "cni_netns"):
        assert f"\n{name} -- " in shown
    assert "no docstring" not in shown


@pytest.mark.parametrize("module", ["cnictl", "cnictl.testing"])
def test_the_library_does_not_load_pytest(module):
    code = f"import sys; from {module} import *; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & {"pytest", "_pytest", "unittest"} == set()


def test_the_package_loads_nothing_before_a_name_is_used():
    code = "import sys, cnictl.testing; print(*[name for name in sys.modules if name.startswith('cnictl')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["cnictl", "cnictl.testing"]


def test_the_names_of_the_package_are_those_that_it_offers():
    assert all(getattr(cnictl.testing, name).__name__ == name for name in cnictl.testing.__all__)
    assert dir(cnictl.testing) == sorted(cnictl.testing.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = cnictl.testing.nothing


# Namespaces

INSIDE = """
import os, subprocess
from pathlib import Path

def test_fresh(cni_netns):
    links = subprocess.run(["ip", "-netns", cni_netns.name, "-o", "link"], capture_output=True, text=True, check=True)
    assert [line.split()[1] for line in links.stdout.splitlines()] == ["lo:"]
    assert cni_netns.stat().st_ino != os.stat("/proc/self/ns/net").st_ino
    assert cni_netns.parent == Path("/run/netns")

def test_that_fails(cni_netns):
    raise SystemError

def test_that_removes_it_itself(cni_netns):
    subprocess.run(["ip", "netns", "del", cni_netns.name], check=True)

def test_that_is_interrupted(cni_netns):
    raise KeyboardInterrupt
"""


def test_without_root_a_test_with_a_namespace_is_skipped_with_the_reason(project):
    project.write("import cnictl.testing.pytest_plugin as plugin\nplugin._capabilities = lambda: 0\n", "conftest.py")
    project.write("def test_it(cni_netns): pass\n")
    done = project.run()
    assert outcomes(done.stdout) == {"skipped": 1}
    assert "cni_netns makes a network namespace, which needs root" in done.stdout


@pytest.mark.netns
def test_root_that_may_not_make_one_is_skipped_too(project):
    project.write("def test_it(cni_netns): pass\n")
    with Node() as node:
        done = inside(node, project, "setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin")
        assert node.run("ls", "/run/netns").stdout == ""
    assert (outcomes(done.stdout), done.stderr) == ({"skipped": 1}, "")
    assert "cni_netns makes a network namespace, which needs root" in done.stdout


@pytest.mark.netns
def test_a_namespace_is_fresh_and_removed_however_the_test_ends(project):
    project.write(INSIDE)
    with Node() as node:
        done = inside(node, project)
        assert node.run("ls", "/run/netns").stdout == ""
    assert (outcomes(done.stdout), done.stderr) == ({"failed": 1, "passed": 2}, ""), done.stdout
    assert "KeyboardInterrupt" in done.stdout
