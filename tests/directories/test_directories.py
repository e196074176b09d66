"""Every rule about directories reports what is in its bad ones, at this very place, and nothing in the good ones."""

from __future__ import annotations

import json

import pytest

from cnictl.report.finding import Severity
from cnictl.runtime.selection import Runtime
from cnictl.text.parser import parse
from cnictl.text.source import Source
from cnictl.validate.context import ConfigFile
from cnictl.validate.directory import Directory, Entry, Listing, read_directory
from cnictl.validate.registry import all_rules
from tests.directories.cases import ABOUT, EXPECTED, FILES, ROOT, cases, expected, findings, folders, row

RULES = [rule for rule in all_rules() if rule.on_directory]
CONFIGS = sorted((ROOT.parent / "rules").glob("*/*.conf*"))


def test_every_rule_has_a_folder_and_every_folder_a_rule():
    assert [folder.name for folder in folders()] == [rule.code for rule in RULES]


@pytest.mark.parametrize("code", [folder.name for folder in folders()])
def test_a_folder_has_good_directories_and_bad_ones_and_says_what_is_bad_in_them(code):
    names = {path.name for path in (ROOT / code).iterdir()}
    bad = {name for name in names if name.startswith("bad")}
    good = {name for name in names if name.startswith("good")}
    assert bad
    assert good
    assert names == bad | good | {EXPECTED}
    assert set(expected(code)) == bad
    for name in bad | good:
        assert {path.name for path in (ROOT / code / name).iterdir()} <= {FILES, ABOUT}
    for rows in expected(code).values():
        assert rows, "a bad directory is one in which something is found"
        assert {entry[0] for entry in rows} == {code}


@pytest.mark.parametrize("case", cases("bad"))
def test_bad(case, tmp_path):
    code, name = case.split("/")
    directory = tmp_path / FILES
    found = [finding for finding in findings(case, directory) if finding.code == code]
    assert [row(finding, directory) for finding in found] == expected(code)[name]
    for finding in found:
        assert finding.why
        assert finding.reference
        assert finding.fix
        assert not finding.message.endswith(".")
        assert json.loads(json.dumps(dict(finding.evidence))) == finding.evidence


@pytest.mark.parametrize("case", cases("good"))
def test_good(case, tmp_path):
    code = case.split("/")[0]
    directory = tmp_path / FILES
    found = findings(case, directory)
    assert [row(finding, directory) for finding in found if finding.code == code] == []


@pytest.mark.parametrize("case", cases("good"))
def test_a_directory_without_fault_has_no_error_of_a_directory(case, tmp_path):
    """What is broken in a good case is the subject of another rule, which its name tells."""
    codes = {rule.code for rule in RULES if rule.severity is Severity.ERROR}
    files = {path.name: path.read_bytes() for path in (ROOT / case / FILES).iterdir() if path.is_file()}
    if (ROOT / case / ABOUT).exists() or any(_broken(name, data) for name, data in files.items()):
        return
    assert {finding.code for finding in findings(case, tmp_path / FILES)} & codes == set()


def _broken(name: str, data: bytes) -> bool:
    return name.endswith((".conf", ".conflist", ".json")) and parse(Source(name, data)).refused is not None


@pytest.mark.parametrize("runtime", [None, *Runtime])
def test_rules_about_directories_never_raise(runtime):
    files = {f"{path.parent.name}-{path.name}": ConfigFile(parse(_source(path))) for path in CONFIGS}
    odd = [Entry("\udcff.conflist"), Entry(""), Entry(".conf", "unknown"), Entry("x.json", "pipe", 0o666, "\n", 0)]
    drop_ins = {"pods": tuple(odd), "": tuple(odd), "..": tuple(odd)}
    listing = Listing("net.d", 0o777, (*(Entry(name, mode=0o666) for name in files), *odd), drop_ins)
    directory = Directory(listing, files, runtime)
    for rule in RULES:
        assert rule.on_directory is not None
        for hit in rule.on_directory(directory):
            assert hit.file in files or not hit.label, (rule.code, hit)
            assert hit.message
            assert hit.fix


def _source(path) -> Source:
    return Source(path.name, path.read_bytes())


def test_an_entry_is_told_for_what_is_behind_it(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside").write_text("")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "link-to-folder").symlink_to("folder")
    (tmp_path / "gone").symlink_to("nowhere")
    listing = read_directory(str(tmp_path))
    assert {entry.name: (entry.kind, entry.target) for entry in listing.entries} == {
        "file": ("file", None),
        "folder": ("directory", None),
        "gone": ("dangling-link", "nowhere"),
        "link": ("file", "file"),
        "link-to-folder": ("link-to-directory", "folder"),
    }
    inside = {name: [entry.name for entry in entries] for name, entries in listing.drop_ins.items()}
    assert inside == {"folder": ["inside"], "link-to-folder": ["inside"]}
