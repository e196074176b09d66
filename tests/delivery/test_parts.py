"""What makes the packages, where no package has to be made to see it."""

from __future__ import annotations

import os
import re
import zipfile

import pytest

from cnictl import __version__
from docs.deploy.package import moment
from docs.deploy.package.archive import zipped
from docs.deploy.package.licences import COMPATIBLE, PAGE, Licence, licences, locked, page
from docs.deploy.package.tree import Merged
from tests.support.command import PROJECT


def wheel(path, files):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zipped({name: content.encode() for name, content in files.items()}, 1_700_000_000))
    return [path]


class TestLicences:
    def test_the_page_is_fresh(self):
        assert PAGE.read_text() == page(), "write it anew: .venv/bin/python -m docs.deploy.package.licences"

    def test_all_that_is_needed_is_on_it_and_may_be_given_away(self):
        found = licences()
        assert {one.name for one in found} == set(locked())
        assert {one.taken for one in found} <= COMPATIBLE
        assert all(one.text.strip() for one in found)

    def test_one_that_must_not_be_given_away_is_refused(self):
        with pytest.raises(ValueError, match=r"mine is under GPL-3\.0-only"):
            _ = Licence("mine", "1", "GPL-3.0-only", "", "").taken


class TestMerged:
    def test_modules_of_several_interpreters_lie_side_by_side(self, tmp_path):
        one = wheel(tmp_path / "one.whl", {"a.py": "", "a.abi1.so": "1", "a-1.dist-info/WHEEL": "1"})
        two = wheel(tmp_path / "two.whl", {"a.py": "", "a.abi2.so": "2", "a-1.dist-info/WHEEL": "2"})
        merged = Merged({"abi1": one, "abi2": two})
        assert merged.shared == {"a.py": b""}
        assert merged.own == {"abi1": {"a.abi1.so": b"1"}, "abi2": {"a.abi2.so": b"2"}}
        assert merged.whole() == {"a.py": b"", "a.abi1.so": b"1", "a.abi2.so": b"2"}

    def test_a_file_that_cannot_serve_all_of_them_is_refused(self, tmp_path):
        one = wheel(tmp_path / "one.whl", {"a.py": "1"})
        two = wheel(tmp_path / "two.whl", {"a.py": "2"})
        with pytest.raises(ValueError, match=r"not named for abi1: a\.py"):
            Merged({"abi1": one, "abi2": two})


class TestMoment:
    @pytest.fixture(autouse=True)
    def elsewhere(self, monkeypatch, tmp_path):
        monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
        monkeypatch.setattr(moment, "PROJECT", tmp_path)

    def test_it_can_be_given(self, monkeypatch):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
        assert moment.moment() == 1_700_000_000

    def test_an_unpacked_archive_has_it_from_the_commit(self, tmp_path):
        (tmp_path / "PKG-INFO").touch()
        os.utime(tmp_path / "PKG-INFO", (0, 1_600_000_000))
        assert moment.moment() == 1_600_000_000

    def test_sources_without_a_date_are_refused(self):
        with pytest.raises(SystemExit, match="set SOURCE_DATE_EPOCH"):
            moment.moment()


def test_an_archive_depends_on_nothing_but_names_and_content(tmp_path):
    first = zipped({"b": b"2", "a": b"1"}, 1_700_000_000, prefix=b"#!/bin/sh\n")
    assert first == zipped({"a": b"1", "b": b"2"}, 1_700_000_000, prefix=b"#!/bin/sh\n")
    (tmp_path / "archive").write_bytes(first)
    with zipfile.ZipFile(tmp_path / "archive") as archive:
        assert archive.read("b") == b"2"


def test_where_an_image_is_named_it_has_this_version():
    deploy = PROJECT / "docs" / "deploy"
    for path in (deploy / "Containerfile", deploy / "daemonset.yaml", PROJECT / "docs" / "how-to" / "watch-a-fleet.md"):
        assert set(re.findall(r"/cnictl:(\S+)", path.read_text())) == {__version__}, path
