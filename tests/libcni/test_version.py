"""VERSION, and what becomes of its answer."""

from __future__ import annotations

import pytest

from cnictl import IncompatibleVersion, PluginError, PluginNotFound
from cnictl.testing.answers import ALL_VERSIONS
from tests.libcni.scene import BOTH, C1, SINGLE, asked

BEFORE_VERSION = {"code": 100, "msg": "unknown CNI_COMMAND: VERSION"}


@pytest.mark.libcni(29)
def test_the_versions_are_those_that_a_plugin_names(cni, plugin):
    plugin("a").speaks("0.1.0", "0.2.0", "0.3.0")
    assert cni.plugin_info("a").versions == ("0.1.0", "0.2.0", "0.3.0")


@pytest.mark.libcni(30)
def test_a_plugin_without_executable_has_none(cni, bin_dir):
    with pytest.raises(PluginNotFound, match=f'^plugin "d" is not in {bin_dir}$'):
        cni.plugin_info("d")


@pytest.mark.libcni(149, 177)
def test_a_plugin_from_before_version_speaks_0_1_0(cni, plugin):
    plugin("a").on("VERSION", error=BEFORE_VERSION)
    assert cni.plugin_info("a").versions == ("0.1.0",)


@pytest.mark.libcni(178, 179, 180, 181)
@pytest.mark.parametrize(
    ("answer", "versions"),
    [
        ({"cniVersion": "0.2.0"}, ["0.1.0", "0.2.0"]),
        ({"cniVersion": "0.2.0", "supportedVersions": ["0.2.0", "0.999.0"]}, ["0.2.0", "0.999.0"]),
        ({"cniVersion": "0.3.1", "supportedVersions": ["0.2.0", "0.3.1"]}, ["0.2.0", "0.3.1"]),
        ({"cniVersion": "1.1.0", "supportedVersions": list(ALL_VERSIONS)}, list(ALL_VERSIONS)),
    ],
    ids=["0.2.0", "0.2.0 with a list of its own", "0.3.1", "1.1.0"],
)
def test_plugins_of_every_age_are_understood(cni, plugin, answer, versions):
    plugin("a").on("VERSION", result=answer)
    assert list(cni.plugin_info("a").versions) == versions


@pytest.mark.libcni(151)
def test_another_error_is_handed_on(cni, plugin):
    plugin("a").on("VERSION", error={"code": 7, "msg": "BOOM"})
    with pytest.raises(PluginError, match=r"^BOOM \(code 7\)$"):
        cni.plugin_info("a")


@pytest.mark.libcni(237)
def test_a_plugin_need_not_read_the_question(cni, plugin):
    plugin("a").on("VERSION", result={"cniVersion": "1.1.0", "supportedVersions": ["1.1.0"]}, reads_stdin=False)
    assert cni.plugin_info("a").versions == ("1.1.0",)
    (call,) = plugin("a").calls
    assert (call.verb, call.stdin) == ("VERSION", b"")


# Whether a plugin speaks the version of the config


@BOTH
@pytest.mark.libcni(191)
def test_the_version_of_the_config_must_be_one_of_the_plugins(cni, plugin, shape):
    plugin("a").speaks("0.2.0", "1.0.0")
    cni.add(shape.network("1.0.0"), C1)
    plugin("a").speaks("0.2.0", "0.3.0")
    with pytest.raises(IncompatibleVersion) as caught:
        cni.add(shape.network("1.0.0"), C1)
    assert str(caught.value) == 'plugin "a" does not speak cniVersion 1.0.0: it says 0.2.0, 0.3.0'


@pytest.mark.libcni(228)
def test_without_a_version_the_plugin_must_speak_0_1_0(cni, plugin, command):
    plugin("a").speaks("4.3.2")
    ended = command("add", SINGLE.document(None))
    assert (ended.status, ended.data["code"]) == (1, 1)
    assert ended.data["msg"] == 'plugin "a" does not speak cniVersion 0.1.0: it says 4.3.2'
    assert asked(cni) == []


@pytest.mark.libcni(227)
def test_without_a_version_a_plugin_that_speaks_0_1_0_runs(cni, plugin):
    plugin("a").speaks("0.1.0", "0.3.0")
    cni.add(SINGLE.network(None), C1)
    assert asked(cni) == ["ADD a"]


@pytest.mark.libcni(229)
def test_check_with_a_config_that_is_too_old_is_refused(cni, command):
    ended = command("check", SINGLE.document("0.3.0"))
    assert (ended.data["code"], ended.data["msg"]) == (
        1,
        "CHECK needs cniVersion 0.4.0 or newer, and the config says 0.3.0",
    )
    assert asked(cni) == []


@pytest.mark.libcni(230)
def test_check_never_comes_to_a_plugin_that_is_too_old_for_it(cni, plugin, command):
    # There is nothing to check, because ADD was refused already.
    plugin("a").speaks("0.1.0", "0.2.0", "0.3.0")
    assert command("add", SINGLE.document("0.4.0")).data["code"] == 1
    assert "is not attached" in command("check", SINGLE.document("0.4.0")).data["msg"]
    assert asked(cni) == []


@pytest.mark.libcni(231)
def test_a_config_whose_version_is_garbage_is_refused(cni, command):
    # A plugin would say code 6, which is about decoding; it is not asked, because the config is what is wrong.
    ended = command("check", SINGLE.document("adsfsadf"))
    assert ended.data["code"] == 7
    assert '"adsfsadf" is not a spec version' in ended.data["msg"]
    assert asked(cni) == []


@pytest.mark.libcni(233)
def test_garbage_among_the_versions_of_a_plugin_is_like_no_version(cni, plugin):
    # A plugin that is made so refuses CHECK, GC and STATUS with code 6; who asks it cannot know.
    plugin("a").speaks("adsfsadf", "1.0.0")
    cni.add(SINGLE.network("1.0.0"), C1)
    plugin("a").speaks("adsfsadf", "0.1.0")
    with pytest.raises(IncompatibleVersion, match=r"it says adsfsadf, 0\.1\.0$"):
        cni.add(SINGLE.network("1.0.0"), C1)
