from __future__ import annotations

import pytest

from cnictl.model.version import (
    DEFAULT,
    KUBERNETES_MINIMUM,
    KUBERNETES_RECOMMENDED,
    NEWEST,
    VERB_SINCE,
    SpecVersion,
    names,
)

ALL = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]


def test_all_published_versions_are_there_in_their_order():
    assert [version.value for version in SpecVersion] == ALL
    assert [str(version) for version in sorted(set(SpecVersion))] == ALL


@pytest.mark.parametrize("index", range(len(ALL) - 1))
def test_a_later_version_is_greater_and_never_equal(index):
    older, newer = list(SpecVersion)[index : index + 2]
    assert older < newer
    assert older <= newer
    assert newer > older
    assert newer >= older
    assert older != newer


def test_a_version_does_not_compare_with_text():
    text: object = "1.0.0"
    assert text != SpecVersion.V1_0_0
    with pytest.raises(TypeError, match="not supported between"):
        _ = SpecVersion.V1_0_0 < "1.1.0"


@pytest.mark.parametrize("text", ALL)
def test_a_version_is_found_by_its_name(text):
    found = SpecVersion.of(text)
    assert found is not None
    assert str(found) == text


@pytest.mark.parametrize(
    "text", ["", "1", "1.0", "v1.0.0", "1.0.0\n", " 1.0.0", "01.0.0", "1.0.0-rc1", "1.2.0", "0.3.2", "V1_0_0", "١.0.0"]
)
def test_only_the_exact_name_of_a_version_counts(text):
    assert SpecVersion.of(text) is None


@pytest.mark.parametrize(
    ("text", "result_list", "ip_version"),
    [
        ("0.1.0", False, False),
        ("0.2.0", False, False),
        ("0.3.0", True, True),
        ("0.3.1", True, True),
        ("0.4.0", True, True),
        ("1.0.0", True, False),
        ("1.1.0", True, False),
    ],
)
def test_the_version_decides_the_shape_of_a_result(text, result_list, ip_version):
    version = SpecVersion(text)
    assert (version.has_result_list, version.has_ip_version) == (result_list, ip_version)


def test_each_verb_knows_since_when_it_is_there():
    since = {verb: str(version) for verb, version in VERB_SINCE.items()}
    assert since == {
        "ADD": "0.1.0",
        "DEL": "0.1.0",
        "VERSION": "0.2.0",
        "CHECK": "0.4.0",
        "GC": "1.1.0",
        "STATUS": "1.1.0",
    }


def test_the_versions_with_a_meaning_of_their_own():
    assert (str(DEFAULT), str(NEWEST)) == ("0.1.0", "1.1.0")
    assert (str(KUBERNETES_MINIMUM), str(KUBERNETES_RECOMMENDED)) == ("0.4.0", "1.0.0")


def test_messages_list_all_versions():
    assert names() == "0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0 and 1.1.0"
