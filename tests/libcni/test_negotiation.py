"""The version that a config is run with."""

from __future__ import annotations

import pytest

from cnictl import InvalidConfig, NetworkConfigList, SpecVersion
from tests.libcni.scene import BOTH, C1, CHAIN, SINGLE


def network(**versions) -> NetworkConfigList:
    return CHAIN.network(None, **versions)


@pytest.mark.libcni(126, 127, 130)
@pytest.mark.parametrize(
    ("versions", "taken"),
    [
        ({"cniVersions": ["1.1.0", "0.4.0", "1.0.0"]}, "1.1.0"),
        ({"cniVersions": ["1.1.0", "0.4.0", "1.0.0", "99.0.0"]}, "1.1.0"),
        ({"cniVersion": "1.0.0", "cniVersions": ["0.1.0", "0.4.0"]}, "1.0.0"),
    ],
)
def test_of_several_versions_the_newest_that_is_known_is_taken(versions, taken):
    assert str(network(**versions).version) == taken


@pytest.mark.libcni(128)
def test_what_is_no_version_is_refused():
    with pytest.raises(InvalidConfig, match=r'each entry of "cniVersions" must be a version, and this is "1\.0\.f"'):
        network(cniVersions=["1.1.0", "0.4.0", "1.0.f"])


@pytest.mark.libcni(129)
def test_a_version_that_never_was_is_refused():
    # libcni hands it on, and what was added with it can never be deleted.
    with pytest.raises(InvalidConfig, match=r"there is no CNI spec 1\.2\.3"):
        network(cniVersion="1.2.3")


@pytest.mark.libcni(131)
def test_no_version_at_all_is_0_1_0(cni, plugin):
    # libcni hands on an empty one, which means the same.
    cni.add(network(cniVersions=[]), C1)
    assert plugin("a").runs[0].config["cniVersion"] == "0.1.0"


@BOTH
@pytest.mark.libcni(185)
def test_the_version_of_a_config(shape):
    assert shape.network("0.2.0").version is SpecVersion.V0_2_0
    assert shape.network(None).version is SpecVersion.V0_1_0
    with pytest.raises(InvalidConfig, match="the key garbage is not in quotes"):
        NetworkConfigList.from_bytes(b"{garbage")


# Versions as such


@pytest.mark.libcni(188)
def test_three_numbers_are_a_version_and_nothing_is_0_1_0():
    # A version that does not exist may stand among others, in the hope that it will.
    assert network(cniVersions=["1.2.3", "1.0.0"]).version is SpecVersion.V1_0_0
    assert network(cniVersion="").version is SpecVersion.V0_1_0


@pytest.mark.libcni(189)
@pytest.mark.parametrize("text", ["asdf", "asdf.", "0.", "..", "a.b.c", "1.2.3.4.5", "1..3"])
def test_malformed_versions_are_refused(text):
    with pytest.raises(InvalidConfig, match="is not a spec version"):
        SINGLE.network(text)
    with pytest.raises(InvalidConfig, match='each entry of "cniVersions" must be a version'):
        network(cniVersions=[text])


@pytest.mark.libcni(190)
def test_versions_are_compared_as_numbers():
    # libcni takes the greatest up to its own, whether there is such a spec or not.
    with pytest.raises(InvalidConfig, match=r"runtimes choose 0\.4\.34, and there is no such CNI spec"):
        network(cniVersions=["0.4.0", "0.4.14", "0.4.34", "0.4.9"])
    assert network(cniVersions=["1.0.0", "1.0.0"]).version is SpecVersion.V1_0_0
    with pytest.raises(InvalidConfig, match=r'and this is "1\.2\.a"'):
        network(cniVersions=["1.0.0", "1.2.a"])


@pytest.mark.libcni(192)
def test_the_versions_since_0_3_1():
    since = [str(version) for version in SpecVersion if version >= SpecVersion.V0_3_1]
    assert since == ["0.3.1", "0.4.0", "1.0.0", "1.1.0"]
