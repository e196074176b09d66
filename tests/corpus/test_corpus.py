"""Configs of other projects: what works there gets no error, what is broken there is found on its line."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path

import pytest

from cnictl.report.finding import Severity
from cnictl.text.parser import parse
from cnictl.text.source import Source
from cnictl.validate.engine import AS_DECLARED, How, judge

ROOT = Path(__file__).parent

_FRAGMENTS = {
    "valid/antrea-secondary-vlan-static.conf": "the body of a NetworkAttachmentDefinition",
    "valid/aws-appmesh.conf": "shows the keys of the plugin only",
    "valid/cnidev-host-device-device.conf": "a fragment of the plugin's page",
    "valid/cnidev-host-device-kernelpath.conf": "a fragment of the plugin's page",
    "valid/crio-v1.9-99-loopback.conf": "CRI-O takes the file's name when there is none",
    "valid/kube-ovn-macvlan-ipam.conf": "the body of a NetworkAttachmentDefinition",
    "valid/multus-macvlan-pod-tuning.conflist": "the body of a NetworkAttachmentDefinition",
    "valid/openshift-cno-macvlan-dhcp.conf": "the body of a NetworkAttachmentDefinition",
    "valid/ovs-readme.conf": "the body of a NetworkAttachmentDefinition",
}
"""Files without a name (CNI102), and why they have none."""


_RIGHT = {
    "valid/cni-libcni-disablecheck-string.conflist": ("CNI326", "host-local 1.1.1: IPAM config missing 'ipam' key"),
    "valid/multus-110-delegate.conf": ("CNI206", "weave-net registers 0.1.0 to 0.3.0 and refuses 1.1.0 with code 1"),
}
"""Files that are called valid and have an error all the same, which is right, and why."""


def _table(name: str) -> list[dict[str, str]]:
    with (ROOT / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def _index() -> dict[str, dict[str, str]]:
    return {row["file"]: row for row in _table("INDEX.tsv")}


def _names(folder: str) -> list[str]:
    return [name for name in _index() if name.startswith(f"{folder}/")]


_AS_IT_IS = How(templates=False)


def _judge(name: str, how: How = AS_DECLARED):
    return judge(Source(name, (ROOT / name).read_bytes()), how).findings


def _errors(name: str, how: How = AS_DECLARED) -> set[str]:
    return {finding.code for finding in _judge(name, how) if finding.severity is Severity.ERROR}


def test_every_file_is_indexed_with_its_origin_and_licence():
    there = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("*/*") if path.parent.name != "__pycache__"}
    assert set(_index()) == there
    for row in _index().values():
        assert row["licence"] in {"Apache-2.0", "MIT", "BSD-3-Clause"}
        assert row["repository"].count("/") == 1
        assert len(row["commit"]) == 40
        assert row["path"]


@pytest.mark.parametrize("name", _names("valid"))
def test_what_works_gets_no_error(name):
    assert _errors(name) == ({"CNI102"} if name in _FRAGMENTS else {_RIGHT[name][0]} if name in _RIGHT else set())


def test_the_list_of_fragments_names_files_that_are_there():
    assert set(_FRAGMENTS) <= set(_index())


@pytest.mark.parametrize("name", _names("valid"))
def test_values_are_read_as_any_json_parser_reads_them(name):
    data = (ROOT / name).read_bytes()
    document = parse(Source(name, data))
    assert document.root is not None
    assert document.problems == []
    assert json.dumps(document.root.value) == json.dumps(json.loads(data))


@pytest.mark.parametrize("name", _names("broken"))
def test_what_is_broken_is_found(name):
    rows = [row for row in _table("EXPECTED.tsv") if row["file"] == name]
    assert rows
    found = {(finding.code, finding.location.line) for finding in _judge(name)}
    assert found == {(row["code"], int(row["line"])) for row in rows if row["code"] != "-"}


def test_what_is_expected_fits_the_notes():
    rows = _table("EXPECTED.tsv")
    assert {row["file"] for row in rows} == set(_names("broken"))
    for name in _names("broken"):
        codes = {row["code"] for row in rows if row["file"] == name}
        syntax = _index()[name]["note"].startswith("SYNTAX")
        assert syntax == any(code < "CNI021" for code in codes if code.startswith("CNI0")), name
    for row in rows:
        assert (row["code"] == "-") == (not row["line"])
        assert row["remark"] or row["code"] != "-"


@pytest.mark.parametrize("name", [*_names("broken"), *_names("templates")])
def test_the_first_mistake_is_where_a_strict_parser_stops(name):
    found = _judge(name, _AS_IT_IS)
    syntax = [finding for finding in found if finding.code.startswith("CNI0") and finding.code != "CNI028"]
    assert not syntax or syntax[0].severity is Severity.ERROR
    assert (syntax[0].location.line if syntax else None) in _stops((ROOT / name).read_text(encoding="utf-8"))


def _stops(text: str) -> tuple[int | None, ...]:
    """Where Python's parser stops, and the last line with text before it, where a comma would be."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.lineno, len(text[: error.pos].rstrip().split("\n"))
    return (None,)


@pytest.mark.parametrize("name", _names("templates"))
def test_a_template_is_said_to_be_one_and_has_no_error(name):
    found = _judge(name)
    assert [finding.code for finding in found].count("CNI022") == 1
    assert _errors(name) == set()


@pytest.mark.parametrize("name", _names("templates"))
def test_a_template_that_nobody_filled_in_is_an_error_where_runtimes_read_it(name):
    assert _errors(name, _AS_IT_IS)
