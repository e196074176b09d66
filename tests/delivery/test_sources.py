"""What is made of a commit: the same bytes wherever, and the archive of the sources lacks nothing."""

from __future__ import annotations

import hashlib
import subprocess
import tarfile

import pytest

from tests.delivery.workshop import sources

pytestmark = [pytest.mark.delivery, pytest.mark.xdist_group("delivery-sources")]


@pytest.mark.parametrize("pattern", ["*.whl", "*.tar.gz", "*.pyz", "*.deb"])
def test_it_has_the_same_bytes_when_made_elsewhere_by_others_from_the_archive(workshop, second, pattern):
    first, other = (hashlib.sha256(place.made(pattern).read_bytes()).hexdigest() for place in (workshop, second))
    assert first == other


def test_the_archive_has_the_files_of_the_project_and_no_others(archive):
    with tarfile.open(archive) as tar:
        inside = {member.name.partition("/")[2] for member in tar.getmembers() if member.isfile()}
    assert inside == {*sources(), "PKG-INFO"}


def test_the_checksums_are_those_of_all_files(workshop, deb):
    dist = workshop.place / "dist"
    listed = [line.split("  ")[1] for line in (dist / "SHA256SUMS").read_text().splitlines()]
    assert listed == sorted(path.name for path in dist.iterdir() if path.name != "SHA256SUMS")
    assert deb.name in listed
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=dist, check=True)
