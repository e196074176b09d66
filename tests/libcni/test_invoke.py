"""How plugins are run, and how they run each other."""

from __future__ import annotations

import pytest

from cnictl import CNI, ChainFailed, PluginNotFound, ProcessExecutor, Recorder
from cnictl.invoke.invocation import CNI_VARIABLES
from cnictl.testing import FakeExecutor
from tests.libcni.scene import C1, RESULT, SINGLE, asked, keep, kept
from tests.support.plugins import invocation


@pytest.mark.libcni(135)
def test_variables_that_are_set_already_are_replaced(cni, plugin, tmp_path, monkeypatch):
    for name in CNI_VARIABLES:
        monkeypatch.setenv(name, "leaked")
    plugin("a").on("ADD", shell=f"env >'{tmp_path}/environment'")
    cni.add(SINGLE.network(), C1)
    lines = (tmp_path / "environment").read_text().splitlines()
    assert sorted(line.partition("=")[0] for line in lines if line.startswith("CNI_")) == sorted(CNI_VARIABLES)
    assert not any("leaked" in line for line in lines)


@pytest.mark.libcni(140)
def test_what_is_asked_reaches_the_plugin_unchanged(bin_dir, cni, plugin):
    recorder = Recorder(ProcessExecutor())
    CNI([bin_dir], cache_dir=cni.cache.directory, executor=recorder).add(SINGLE.network(mtu=1400), C1)
    wanted = recorder.exchanges[-1].invocation
    (run,) = plugin("a").runs
    assert (wanted.path, wanted.verb) == (plugin("a").path, "ADD")
    assert (run.stdin, run.environment) == (wanted.stdin, wanted.cni_environment)


@pytest.mark.libcni(141)
def test_the_error_of_what_runs_plugins_is_handed_on(bin_dir, cni):
    executor = FakeExecutor()
    cni = CNI([bin_dir], cache_dir=cni.cache.directory, executor=executor)
    failure = PluginNotFound("a", [bin_dir], reason="it cannot be started today")
    executor.script("a", "VERSION", answer=failure)
    with pytest.raises(PluginNotFound) as direct:
        cni.plugin_info("a")
    assert direct.value is failure
    executor.script("a", "ADD", answer=failure)
    with pytest.raises(ChainFailed) as caught:
        cni.add(SINGLE.network(), C1)
    assert caught.value.cause is failure


@pytest.mark.libcni(142)
def test_plugins_are_run_as_processes_where_nobody_says_otherwise():
    assert isinstance(CNI([]).executor, ProcessExecutor)


@pytest.mark.libcni(164)
def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PluginNotFound, match=f"^{tmp_path}/missing cannot be started: no such file or directory$"):
        ProcessExecutor().run(invocation(tmp_path / "missing"))


# What comes back


@pytest.mark.libcni(139)
def test_what_a_plugin_prints_at_add_is_read(cni, plugin):
    plugin("a").on("ADD", result=RESULT)
    assert cni.add(SINGLE.network(), C1).ips[0].address == "10.1.0.5/16"


@pytest.mark.libcni(143, 144, 145)
@pytest.mark.parametrize("named", [{}, {"cniVersion": ""}], ids=["no version", "empty version"])
@pytest.mark.parametrize(
    ("version", "counts", "addresses"),
    [
        ("1.0.0", "1.0.0", {"ips": [{"address": "10.1.0.5/16"}]}),
        ("0.2.0", "0.2.0", {"ip4": {"ip": "10.1.0.5/16"}, "dns": {}}),
        (None, "0.1.0", {"ip4": {"ip": "10.1.0.5/16"}, "dns": {}}),
    ],
)
def test_a_result_without_a_version_has_that_of_the_config(cni, plugin, named, version, counts, addresses):
    plugin("a").on("ADD", result=named | addresses)
    result = cni.add(SINGLE.network(version), C1)
    assert (str(result.version), result.ips[0].address) == (counts, "10.1.0.5/16")
    assert kept(cni).result == {"cniVersion": counts, **addresses}


# Plugins that call others


def run(cni: CNI, verb: str, **top: object) -> None:
    """Runs a verb with a plugin that has addresses from another one."""
    network = SINGLE.network("1.1.0", ipam={"type": "ipam"}, **top)
    keep(cni, RESULT)
    if verb == "STATUS":
        cni.status(network)
    else:
        {"ADD": cni.add, "CHECK": cni.check, "DEL": cni.delete}[verb](network, C1)


VERBS = pytest.mark.parametrize("verb", ["ADD", "CHECK", "DEL", "STATUS"])


@VERBS
@pytest.mark.libcni(165, 168, 171, 174)
def test_what_a_plugin_is_given_is_all_that_another_one_needs(cni, plugin, verb):
    plugin("ipam").on("ADD", result=RESULT)
    plugin("a").on(verb, shell='exec "$CNI_PATH/ipam" <"$call.stdin"')
    run(cni, verb, mtu=1400)
    (first,), (second,) = plugin("a").runs, plugin("ipam").runs
    assert asked(cni) == [f"{verb} a", f"{verb} ipam"]
    assert (second.environment, second.stdin) == (first.environment, first.stdin)
    assert second.config["ipam"] == {"type": "ipam"}
    assert verb != "ADD" or kept(cni).result == RESULT | {"cniVersion": "1.1.0"}


@VERBS
@pytest.mark.libcni(167, 170, 173, 176)
def test_a_plugin_that_does_not_find_another_one_is_explained(cni, plugin, verb):
    plugin("a").on(verb, error={"code": 999, "msg": 'failed to find plugin "ipam" in path [/opt/cni/bin]'})
    with pytest.raises(ChainFailed) as caught:
        run(cni, verb)
    assert f'failed ({verb}): failed to find plugin "ipam" in path' in str(caught.value)
    hint = "a plugin calls another one, usually its IPAM plugin, which is not in the plugin directories"
    assert caught.value.hint == hint
