"""CHECK of a single plugin and of a list."""

from __future__ import annotations

import pytest

from cnictl import CacheDamaged, ChainFailed, PluginError, PluginNotFound, UnsupportedVerb
from tests.libcni.scene import BOTH, C1, CHAIN, OLDER, REFUSAL, RESULT, SINGLE, asked, keep, prev_results


@BOTH
@pytest.mark.libcni(11)
def test_a_bare_result_of_old_times_is_the_one_to_compare_with(cni, shape):
    keep(cni, OLDER)
    cni.check(shape.network("0.4.0"), C1)
    assert prev_results(cni) == [OLDER | {"cniVersion": "0.4.0"}] * len(shape.types)


@pytest.mark.libcni(15)
def test_nothing_of_the_cache_but_the_result_reaches_a_plugin(cni, plugin):
    keep(cni, RESULT)
    cni.check(SINGLE.network(), C1)
    (run,) = plugin("a").runs
    assert run.config == {"cniVersion": "1.0.0", "name": "net", "type": "a", "prevResult": RESULT}


@pytest.mark.libcni(16, 54)
@BOTH
def test_every_plugin_is_given_the_result_since_0_4_0(cni, plugin, shape):
    network = shape.network("0.4.0")
    last = OLDER | {"cniVersion": "0.4.0"}
    plugin(shape.types[-1]).on("ADD", result=last)
    cni.add(network, C1)
    cni.check(network, C1)
    assert prev_results(cni)[len(shape.types) :] == [last] * len(shape.types)


@pytest.mark.libcni(52)
def test_all_plugins_of_a_list_run_forward_with_the_result_of_the_last(cni, plugin):
    network = CHAIN.network()
    plugin("a").on("ADD", result=RESULT)
    final = RESULT | {"dns": {"domain": "c"}}
    plugin("c").on("ADD", result=final)
    cni.add(network, C1)
    cni.check(network, C1)
    assert asked(cni)[3:] == ["CHECK a", "CHECK b", "CHECK c"]
    assert prev_results(cni)[3:] == [final] * 3


@pytest.mark.libcni(53)
@pytest.mark.parametrize("flag", [True, "true"])
def test_a_list_without_check_is_well(cni, flag):
    assert cni.check(CHAIN.network(disableCheck=flag), C1) == []
    assert asked(cni) == []


@BOTH
@pytest.mark.libcni(18)
def test_a_result_of_an_older_version_is_converted(cni, shape):
    keep(cni, OLDER)
    cni.check(shape.network("1.0.0"), C1)
    assert prev_results(cni) == [RESULT] * len(shape.types)


# When it fails


@pytest.mark.libcni(12, 56)
@pytest.mark.parametrize(("shape", "missing"), [(SINGLE, "a"), (CHAIN, "b")], ids=["single", "list"])
def test_a_plugin_without_executable_keeps_all_from_running(cni, plugin, shape, missing):
    keep(cni, RESULT)
    plugin(missing).path.unlink()
    with pytest.raises(PluginNotFound, match=f'^plugin "{missing}" is not in '):
        cni.check(shape.network(), C1)
    assert asked(cni) == []


@pytest.mark.libcni(13, 57)
@pytest.mark.parametrize(("shape", "refusing"), [(SINGLE, "a"), (CHAIN, "b")], ids=["single", "list"])
def test_the_error_of_a_plugin_is_handed_on_as_it_is(cni, plugin, shape, refusing):
    keep(cni, RESULT)
    plugin(refusing).on("CHECK", error=REFUSAL)
    with pytest.raises(ChainFailed) as caught:
        cni.check(shape.network(), C1)
    cause = caught.value.cause
    assert isinstance(cause, PluginError)
    assert {"code": cause.code, "msg": cause.msg, "details": cause.details} == REFUSAL
    assert asked(cni)[-1] == f"CHECK {refusing}"


@BOTH
@pytest.mark.libcni(14, 55)
def test_there_is_no_check_before_0_4_0(cni, shape):
    keep(cni, OLDER)
    with pytest.raises(UnsupportedVerb) as caught:
        cni.check(shape.network("0.3.1"), C1)
    assert (caught.value.verb, caught.value.version, caught.value.since) == ("CHECK", "0.3.1", "0.4.0")
    assert asked(cni) == []


@BOTH
@pytest.mark.libcni(17, 58)
def test_a_cache_that_holds_no_json_is_an_error(cni, shape):
    path = keep(cni, "adfadsfasdfasfdsafaf")
    with pytest.raises(CacheDamaged, match=f"^{path} is damaged: it is no JSON object$"):
        cni.check(shape.network(), C1)
    assert asked(cni) == []


@BOTH
@pytest.mark.libcni(19, 194)
def test_a_result_of_a_version_that_never_was_is_an_error_that_names_it(cni, shape):
    keep(cni, OLDER | {"cniVersion": "0.4567.0"})
    with pytest.raises(CacheDamaged, match=r'"cniVersion" is "0\.4567\.0", which no version of the spec has$'):
        cni.check(shape.network(), C1)
    assert asked(cni) == []
