from __future__ import annotations

import errno
import io
import os
import socket
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.errors import SourceError, SourceNotFound
from cnictl.text.source import MAX_BYTES, BadBytes, Position, Source, read_regular, read_source, source_error
from tests.support.users import ordinary_user

# Lines and columns


@pytest.mark.parametrize(
    ("text", "offset", "position"),
    [
        ("", 0, (1, 1)),
        ("ab", 0, (1, 1)),
        ("ab", 2, (1, 3)),
        ("ab\ncd", 2, (1, 3)),
        ("ab\ncd", 3, (2, 1)),
        ("ab\n", 3, (2, 1)),
        ("\n\n\n", 2, (3, 1)),
        ("a\r\nb", 3, (2, 1)),
        ("a\rb", 2, (1, 3)),
        ("é😀x\n", 2, (1, 3)),
    ],
)
def test_a_position_counts_lines_and_characters_from_one(text, offset, position):
    assert Source("f", text.encode()).position(offset) == Position(*position)


@settings(deadline=None, max_examples=60)
@given(text=st.text(alphabet="ab\r\né😀\u2028", max_size=30))
def test_the_position_of_every_character_leads_back_to_it(text):
    source = Source("f", text.encode())
    lines = text.split("\n")
    for offset in range(len(text) + 1):
        line, column = source.position(offset)
        assert sum(len(one) + 1 for one in lines[: line - 1]) + column - 1 == offset


@pytest.mark.parametrize(
    ("text", "number", "line"),
    [
        ("", 1, ""),
        ("one", 1, "one"),
        ("one\ntwo\n", 2, "two"),
        ("one\ntwo\n", 3, ""),
        ("one\r\ntwo", 1, "one"),
        (" one \n", 1, " one "),
        ("a\u2028b", 1, "a\u2028b"),
    ],
)
def test_a_line_comes_without_its_end(text, number, line):
    assert Source("f", text.encode()).line(number) == line


def test_standard_input_has_a_name_for_people():
    assert Source("-", b"").name == "<stdin>"
    assert Source("./-", b"").name == "./-"
    assert Source("a/b.conf", b"").name == "a/b.conf"


# Bytes


def test_good_bytes_are_kept_and_decoded():
    source = Source("f", "é".encode())
    assert (source.data, source.text, source.bad_bytes) == (b"\xc3\xa9", "é", None)


def test_a_byte_order_mark_of_utf_8_stays_in_the_text():
    assert Source("f", b"\xef\xbb\xbf{}").text == "\ufeff{}"


@pytest.mark.parametrize(
    ("data", "text", "bad"),
    [
        (b"\xff", "\ufffd", BadBytes(0, "byte 0xff is not UTF-8")),
        ("é".encode() + b"a\xe9b", "éa\ufffdb", BadBytes(2, "byte 0xe9 is not UTF-8")),
        (b"a\xe2\x82", "a\ufffd", BadBytes(1, "byte 0xe2 is not UTF-8")),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd", BadBytes(0, "byte 0xed is not UTF-8")),
        ("{}".encode("utf-16"), "{}", BadBytes(0, "the file is UTF-16, not UTF-8")),
        (b"\xfe\xff" + "{}".encode("utf-16-be"), "{}", BadBytes(0, "the file is UTF-16, not UTF-8")),
        ("{}".encode("utf-32"), "{}", BadBytes(0, "the file is UTF-32, not UTF-8")),
        (b"\x00\x00\xfe\xff" + "{}".encode("utf-32-be"), "{}", BadBytes(0, "the file is UTF-32, not UTF-8")),
        (b"\xff\xfe{\x00}", "{\ufffd", BadBytes(0, "the file is UTF-16, not UTF-8")),
    ],
)
def test_bytes_that_are_no_utf_8_are_replaced_and_the_first_is_named(data, text, bad):
    source = Source("f", data)
    assert (source.text, source.bad_bytes) == (text, bad)


@settings(deadline=None, max_examples=100)
@given(data=st.binary(max_size=30) | st.binary(max_size=20).map(lambda tail: b"\xff\xfe" + tail))
def test_any_bytes_become_characters_that_can_be_written(data):
    source = Source("f", data)
    source.text.encode()
    assert (source.bad_bytes is None) == (source.text.encode() == data)


# Files


def test_a_file_is_read_as_it_is(tmp_path):
    path = tmp_path / "a.conf"
    path.write_bytes(b"{}\r\n")
    source = read_source(str(path))
    assert (source.path, source.data) == (str(path), b"{}\r\n")
    assert read_regular(path) == b"{}\r\n"


def test_a_symbolic_link_to_a_file_is_read(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").symlink_to("a")
    assert read_regular(tmp_path / "b") == b"x"


def test_a_dash_reads_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"[1]")))
    source = read_source("-")
    assert (source.path, source.data) == ("-", b"[1]")


def test_standard_input_may_be_as_large_as_the_limit_and_no_larger(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b" " * MAX_BYTES)))
    assert len(read_source("-").data) == MAX_BYTES
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b" " * (MAX_BYTES + 1))))
    with pytest.raises(SourceError) as caught:
        read_source("-")
    assert str(caught.value) == "<stdin>: is larger than 2 MiB"


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b" " * MAX_BYTES)
    assert len(read_regular(path)) == MAX_BYTES
    with path.open("ab") as file:
        file.truncate(MAX_BYTES * 3 // 2)
    with pytest.raises(SourceError) as caught:
        read_regular(path)
    assert str(caught.value) == f"{path}: is 3.0 MiB, the limit is 2 MiB"
    assert caught.value.hint == "CNI configs are a few kilobytes: is this the right file?"


@pytest.mark.parametrize("name", ["missing", "file/below", "dangling"])
def test_what_is_not_there_is_not_found(tmp_path, name):
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    path = str(tmp_path / name)
    with pytest.raises(SourceNotFound) as caught:
        read_source(path)
    assert str(caught.value) == f"{path}: no such file or directory"
    assert caught.value.path == path
    assert caught.value.hint is None


def test_a_name_that_no_file_can_have_is_shown_harmless():
    with pytest.raises(SourceNotFound) as caught:
        read_source("a\0b")
    assert str(caught.value) == r"'a\x00b': no file can have this name"


def test_errors_call_the_file_what_the_user_calls_it(tmp_path):
    with pytest.raises(SourceNotFound) as caught:
        read_regular(tmp_path / "missing", name="/etc/cni/net.d/a.conf")
    assert str(caught.value) == "/etc/cni/net.d/a.conf: no such file or directory"


def test_a_directory_is_no_file(tmp_path):
    with pytest.raises(SourceError) as caught:
        read_source(str(tmp_path))
    assert caught.value.reason == "is a directory, not a file"
    assert caught.value.hint is None


def test_a_named_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError) as caught:
        read_source(str(tmp_path / "pipe"))
    assert caught.value.reason == "is a named pipe, not a file"
    assert caught.value.hint == "to read from a pipe, give `-` and pipe into it"


def test_a_device_is_refused():
    with pytest.raises(SourceError) as caught:
        read_source("/dev/zero")
    assert str(caught.value) == "/dev/zero: is a device, not a file"


def test_a_socket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        with pytest.raises(SourceError) as caught:
            read_source("s")
    assert str(caught.value) == "s: is a socket, not a file"


def test_refused_files_are_closed(tmp_path):
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with pytest.raises(SourceError):
            read_source(str(tmp_path))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_file_of_somebody_else_needs_permission(tmp_path, monkeypatch):
    (tmp_path / "secret").touch(mode=0)
    monkeypatch.chdir(tmp_path)  # the directories above are not for everybody
    tmp_path.chmod(0o755)
    with ordinary_user(), pytest.raises(SourceError) as caught:
        read_source("secret")
    assert str(caught.value) == "secret: permission denied"
    assert caught.value.hint == "run as the file's owner or as root"


def test_a_link_to_itself_is_an_error_and_not_an_absence(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SourceError) as caught:
        read_source(str(tmp_path / "loop"))
    assert type(caught.value) is SourceError
    assert caught.value.reason == "too many levels of symbolic links"


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (OSError(errno.ENOENT, "whatever"), SourceNotFound, "f: no such file or directory"),
        (OSError(errno.ENOTDIR, "whatever"), SourceNotFound, "f: no such file or directory"),
        (OSError(errno.EACCES, "whatever"), SourceError, "f: permission denied"),
        (OSError(errno.ENXIO, "whatever"), SourceError, "f: is a socket, not a file"),
        (OSError(errno.EIO, "Input/output error"), SourceError, "f: input/output error"),
        (OSError("Without a number"), SourceError, "f: without a number"),
    ],
)
def test_what_the_operating_system_says_becomes_an_error_of_the_tree(error, kind, message):
    made = source_error("f", error)
    assert type(made) is kind
    assert str(made) == message
