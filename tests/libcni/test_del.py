"""DEL of a single plugin and of a list."""

from __future__ import annotations

import pytest

from cnictl import ChainFailed, PluginNotFound
from tests.libcni.scene import BOTH, C1, CHAIN, OLDER, REFUSAL, RESULT, SINGLE, asked, cache_file, keep, prev_results


@pytest.mark.libcni(20)
def test_what_was_added_is_deleted_with_its_result_and_forgotten(cni, plugin):
    network = SINGLE.network()
    plugin("a").on("ADD", result=RESULT)
    cni.add(network, C1)
    cni.delete(network, C1)
    assert asked(cni) == ["ADD a", "DEL a"]
    assert prev_results(cni) == [None, RESULT]
    assert cni.cache.read("net", C1) is None
    assert list(cni.cache.entries()) == []


@BOTH
@pytest.mark.libcni(23, 196)
def test_a_second_time_is_fine(cni, shape):
    network = shape.network()
    cni.add(network, C1)
    for _ in range(2):
        cni.delete(network, C1)
        assert not cache_file(cni).exists()
    assert prev_results(cni)[-1] is None
    assert asked(cni).count("DEL a") == 2


@BOTH
@pytest.mark.libcni(24, 61)
def test_no_plugin_is_given_the_result_before_0_4_0(cni, shape):
    keep(cni, OLDER)
    cni.delete(shape.network("0.3.1"), C1)
    assert prev_results(cni) == [None] * len(shape.types)


@BOTH
@pytest.mark.libcni(25, 60)
def test_every_plugin_is_given_the_result_since_0_4_0(cni, shape):
    keep(cni, OLDER | {"cniVersion": "0.4.0"})
    cni.delete(shape.network("0.4.0"), C1)
    assert prev_results(cni) == [OLDER | {"cniVersion": "0.4.0"}] * len(shape.types)


@pytest.mark.libcni(59)
def test_the_plugins_of_a_list_run_backward(cni):
    network = CHAIN.network()
    cni.add(network, C1)
    cni.delete(network, C1)
    assert asked(cni)[3:] == ["DEL c", "DEL b", "DEL a"]


@BOTH
@pytest.mark.libcni(27)
def test_a_result_of_an_older_version_is_converted(cni, shape):
    keep(cni, OLDER)
    cni.delete(shape.network("1.0.0"), C1)
    assert prev_results(cni) == [RESULT] * len(shape.types)


@BOTH
@pytest.mark.libcni(26, 28, 64)
@pytest.mark.parametrize(
    "content",
    ["adfadsfasdfasfdsafaf", OLDER | {"cniVersion": "0.4567.0"}],
    ids=["no JSON", "unknown version"],
)
def test_a_result_that_cannot_be_used_keeps_nobody_from_deleting(cni, shape, content):
    keep(cni, content)
    cni.delete(shape.network(), C1)
    assert prev_results(cni) == [None] * len(shape.types)
    assert not cache_file(cni).exists()


@pytest.mark.libcni(146, 250)
@pytest.mark.parametrize("stdout", ["deleted", '{"cniVersion": "7.0.0"}', "{"])
def test_what_plugins_print_is_not_read_where_there_is_no_result(cni, plugin, stdout):
    keep(cni, RESULT)
    network = SINGLE.network("1.1.0")
    for verb in ("CHECK", "DEL", "GC", "STATUS"):
        plugin("a").on(verb, stdout=stdout)
    cni.check(network, C1)
    cni.status(network)
    cni.delete(network, C1)
    cni.gc(network, [])
    assert asked(cni) == ["CHECK a", "STATUS a", "DEL a", "GC a"]


# When it fails


@pytest.mark.libcni(21, 62)
@pytest.mark.parametrize(("shape", "missing"), [(SINGLE, "a"), (CHAIN, "b")], ids=["single", "list"])
def test_a_plugin_without_executable_keeps_all_from_running(cni, plugin, shape, missing):
    # libcni runs those behind it first.
    keep(cni, RESULT)
    plugin(missing).path.unlink()
    with pytest.raises(PluginNotFound, match=f'^plugin "{missing}" is not in '):
        cni.delete(shape.network(), C1)
    assert asked(cni) == []
    assert cache_file(cni).exists()


@pytest.mark.libcni(22, 63)
@pytest.mark.parametrize(("shape", "refusing"), [(SINGLE, "a"), (CHAIN, "b")], ids=["single", "list"])
def test_a_refusal_names_plugin_and_command(cni, plugin, shape, refusing):
    keep(cni, RESULT)
    plugin(refusing).on("DEL", error=REFUSAL)
    with pytest.raises(ChainFailed) as caught:
        cni.delete(shape.network(), C1)
    assert str(caught.value) == f'plugin "{refusing}" failed (DEL): no; not today (code 107)'
    assert asked(cni)[-1] == f"DEL {refusing}"
    assert cache_file(cni).exists()
