from __future__ import annotations

import os
import re
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.errors import SourceError, SourceNotFound
from cnictl.text.edit import Apart, Edit, write_atomically
from cnictl.text.source import Span
from tests.support.users import let_in, ordinary_user


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def refused(path, reason: str, kind: type[SourceError] = SourceError) -> None:
    with pytest.raises(SourceError, match=re.escape(reason)) as caught:
        write_atomically(path, "new")
    assert type(caught.value) is kind
    assert str(caught.value) == f"{path}: {reason}"


def edit(start: int, end: int) -> Edit:
    return Edit(Span(start, end), "x")


@pytest.mark.parametrize(
    ("one", "other", "touch"),
    [
        ((2, 4), (2, 4), True),
        ((2, 4), (3, 5), True),
        ((2, 9), (4, 5), True),
        ((2, 4), (4, 6), False),
        ((3, 3), (3, 3), True),
        ((2, 4), (3, 3), True),
        ((2, 4), (2, 2), False),
        ((2, 4), (4, 4), False),
        ((2, 2), (3, 3), False),
    ],
)
def test_edits_get_into_each_others_way(one, other, touch):
    for first, second in ((one, other), (other, one)):
        apart = Apart()
        apart.add([edit(0, 1), edit(*first), edit(20, 21)])
        assert apart.admits([edit(12, 13), edit(*second)]) is not touch


@given(st.lists(st.builds(lambda start, length: edit(start, start + length), st.integers(0, 9), st.integers(0, 4))))
def test_it_is_as_if_each_was_compared_with_each(edits):
    apart, taken = Apart(), list[Edit]()
    for one in edits:
        admitted = all(_are_apart(one, other) for other in taken)
        assert apart.admits([one]) is admitted
        if admitted:
            apart.add([one])
            taken.append(one)


def _are_apart(one: Edit, other: Edit) -> bool:
    if one.span == other.span:
        return False
    return one.span.end <= other.span.start or other.span.end <= one.span.start


def test_many_edits_are_not_compared_with_each_other():
    def lines_run(size: int) -> int:
        count = 0

        def trace(_: object, event: str, __: object) -> Any:
            nonlocal count
            count += event == "line"
            return trace

        apart = Apart()
        sys.settrace(trace)
        try:
            for number in range(size):
                if apart.admits([edit(2 * number, 2 * number + 1)]):
                    apart.add([edit(2 * number, 2 * number + 1)])
        finally:
            sys.settrace(None)
        return count

    assert lines_run(400) < 2.2 * lines_run(200)


def test_a_new_file_is_readable_by_all_and_holds_the_text_as_it_is(tmp_path):
    path = tmp_path / "10-net.conflist"
    write_atomically(path, "é\r\n\n")
    assert path.read_bytes() == b"\xc3\xa9\r\n\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert names(tmp_path) == ["10-net.conflist"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o777])
def test_a_file_that_is_replaced_keeps_its_mode(tmp_path, mode):
    path = tmp_path / "f"
    path.write_text("old and longer")
    path.chmod(mode)
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert names(tmp_path) == ["f"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_that_is_replaced_keeps_its_owner(tmp_path):
    path = tmp_path / "f"
    path.write_text("old")
    os.chown(path, 12345, 54321)
    write_atomically(path, "new")
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 54321)


def test_whoever_has_the_old_file_open_goes_on_reading_it(tmp_path):
    path = tmp_path / "f"
    path.write_text("old")
    with path.open() as file:
        write_atomically(path, "new")
        assert file.read() == "old"


def test_through_a_link_the_file_is_written_and_the_link_stays(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real/f")
    write_atomically(tmp_path / "link", "new")  # it leads nowhere yet
    assert (tmp_path / "link").readlink().name == "f"
    write_atomically(tmp_path / "link", "newer")
    assert (tmp_path / "real" / "f").read_text() == "newer"
    assert names(tmp_path) == ["link", "real"]
    assert names(tmp_path / "real") == ["f"]


def test_the_longest_name_that_a_file_can_have_is_no_obstacle(tmp_path):
    path = tmp_path / ("a" * 255)
    write_atomically(path, "new")
    assert path.read_text() == "new"


def test_what_cannot_be_written_is_an_error_that_says_why(tmp_path):
    (tmp_path / "file").write_text("old")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dir").mkdir()
    refused(tmp_path / "no" / "f", "no such file or directory", SourceNotFound)
    refused(tmp_path / "file" / "f", "no such file or directory", SourceNotFound)
    refused(tmp_path / ("a" * 256), "file name too long")
    refused(tmp_path / "loop", "too many levels of symbolic links")
    refused(tmp_path / "dir", "is a directory")
    assert names(tmp_path) == ["dir", "file", "loop"]
    assert (tmp_path / "loop").is_symlink()


def test_without_permission_the_old_file_stays_as_it_is(tmp_path):
    directory = tmp_path / "d"
    directory.mkdir()
    (directory / "f").write_text("old")
    let_in(tmp_path)
    directory.chmod(0o555)
    with ordinary_user():
        refused(directory / "f", "permission denied")
        directory_is_hidden = tmp_path / "hidden" / "f"
    assert (directory / "f").read_text() == "old"
    assert names(directory) == ["f"]
    (tmp_path / "hidden").mkdir(mode=0o700)
    (tmp_path / "hidden").chmod(0o000)
    with ordinary_user():
        refused(directory_is_hidden, "permission denied")


def test_whatever_goes_wrong_no_half_file_is_left_behind(tmp_path):
    path = tmp_path / "f"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "half of a pair: \ud800")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["f"]


def test_a_fifo_gets_the_text_and_stays_a_fifo(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(path, "new")
        assert os.read(reader, 10) == b"new"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert names(tmp_path) == ["pipe"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device")
@pytest.mark.parametrize("through_a_link", [False, True])
def test_a_device_gets_the_text_and_stays_a_device(tmp_path, through_a_link):
    device = tmp_path / "null"
    os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    path = tmp_path / "link" if through_a_link else device
    if through_a_link:
        path.symlink_to(device)
    write_atomically(path, "new")
    assert stat.S_ISCHR(device.stat().st_mode)
    assert names(tmp_path) == (["link", "null"] if through_a_link else ["null"])


def test_a_full_device_is_said():
    with pytest.raises(SourceError, match="no space left on device"):
        write_atomically(Path("/dev/full"), "new")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
