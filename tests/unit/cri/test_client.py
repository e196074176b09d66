"""A call ends in time with an answer or with what is wrong, whatever stands behind the socket."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnictl.cri.client import Client
from cnictl.errors import (
    CriError,
    CriFailed,
    CriGarbled,
    CriNotASocket,
    CriSocketDenied,
    CriSocketMissing,
    CriSocketRefused,
    CriTimeout,
    CriTooLarge,
)
from tests.support.cri import HEAD, Conversation, FakeRuntime, FakeSocket, framed
from tests.support.users import ordinary_user

METHOD = "/runtime.v1.RuntimeService/Version"
SETTINGS = b"\0\0\0\4\0\0\0\0\0"
"""What a server says first."""


def ask(path, timeout=10.0, **options):
    return Client(str(path), timeout=timeout, **options).call(METHOD, b"question")


def trouble(path, answer, timeout=10.0, **options):
    """The error that comes of a server, by its kind and its words without the socket's path."""
    with FakeSocket(path, answer) as server, pytest.raises(CriError) as caught:
        ask(server.path, timeout, **options)
    assert caught.value.socket == str(path)
    return type(caught.value), caught.value.reason


def converse(act):
    """A server that reads the question, and then does something with the conversation."""

    def answer(connection, over):
        conversation = Conversation(connection)
        conversation.listen()
        act(conversation)
        over.wait(10)

    return answer


def hang_up(_connection, _over):
    """A server that hangs up at once."""


def silence(_connection, over):
    """A server that says nothing."""
    over.wait(10)


def say(data):
    """A server that says some bytes, whatever it is asked, and hangs up."""

    def answer(connection, _over):
        connection.recv(65536)
        connection.sendall(data)

    return answer


def test_question_and_answer_arrive_as_they_were(place):
    with FakeRuntime(place, {METHOD: b"answer"}) as runtime:
        assert ask(place) == b"answer"
    (call,) = runtime.calls
    assert (call.path, call.message) == (METHOD, b"question")
    assert call.headers | {"grpc-timeout": ""} == {
        ":method": "POST",
        ":scheme": "http",
        ":path": METHOD,
        ":authority": "localhost",
        "te": "trailers",
        "content-type": "application/grpc",
        "user-agent": "cnictl",
        "grpc-timeout": "",
    }
    assert 9000 < int(call.headers["grpc-timeout"].removesuffix("m")) <= 10000


@pytest.mark.parametrize("size", [0, 1, 16384, 65535, 65536, 1_000_000])
def test_answers_of_any_size_arrive_whole(place, size):
    answer = os.urandom(size)
    with FakeRuntime(place, {METHOD: answer}):
        assert ask(place) == answer


def test_an_answer_in_many_small_frames_with_padding_and_pings_arrives_whole(place):
    def act(conversation):
        conversation.h2.send_headers(1, HEAD)
        for byte in framed(b"answer"):
            conversation.h2.ping(b"12345678")
            conversation.h2.send_data(1, bytes([byte]), pad_length=7)
            conversation.flush()
        conversation.end()

    with FakeSocket(place, converse(act)):
        assert ask(place) == b"answer"


@pytest.mark.parametrize(
    ("code", "name", "details"),
    [
        (12, "UNIMPLEMENTED", "unknown service runtime.v1.RuntimeService"),
        (2, "UNKNOWN", "100 % naïve: „no such\nthing“ \U0001f600"),
        (5, "NOT_FOUND", ""),
        (99, "an unknown code", "what?"),
    ],
)
def test_an_error_of_the_runtimes_keeps_its_code_and_its_words(place, code, name, details):
    message = quote(details, safe=" !\"#$&'()*+,-./:;<=>?@[]^_`{|}~")
    with FakeRuntime(place, {METHOD: (code, message)}), pytest.raises(CriFailed) as caught:
        ask(place)
    assert (caught.value.code, caught.value.details) == (code, details)
    assert str(caught.value) == f"{place}: {details or 'an error without a message'} (code {code}, {name})"


def test_an_error_in_the_trailers_is_one_whatever_was_sent_before(place):
    def act(conversation):
        conversation.h2.send_headers(1, HEAD)
        conversation.say(framed(b"half"))
        conversation.end(13, "broke%20down")

    assert trouble(place, converse(act)) == (CriFailed, "broke down (code 13, INTERNAL)")


def test_words_of_an_error_that_are_badly_encoded_are_shown_as_well_as_can_be(place):
    assert trouble(place, converse(lambda conversation: conversation.refuse(2, "a%ff%zz%4"))) == (
        CriFailed,
        "a\N{REPLACEMENT CHARACTER}%zz%4 (code 2, UNKNOWN)",
    )


def test_header_compression_is_undone(place):
    """The bytes that a Go server sends: names from the table, the message in Huffman's code."""
    headers = bytes.fromhex("88 5f 8b 1d75d0620d263d4c4d6564 40 88 9acac8b21234da8f 02 3132")
    headers += bytes.fromhex("40 89 9acac8b5254207317f") + bytes([0x80 | len(HUFFMAN)]) + HUFFMAN
    frames = b"\0\0\0\4\0\0\0\0\0" + len(headers).to_bytes(3) + b"\1\5\0\0\0\1" + headers
    assert trouble(place, say(frames)) == (CriFailed, "www.example.com (code 12, UNIMPLEMENTED)")


HUFFMAN = bytes.fromhex("f1e3c2e5f23a6ba0ab90f4ff")
"""``www.example.com`` (RFC 7541, appendix C.4.1)."""


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (lambda it: (it.h2.close_connection(11, b"too_many_pings"), it.flush()), "it ended the connection"),
        (lambda it: (it.h2.reset_stream(1, 7), it.flush()), "it broke the call off (REFUSED_STREAM)"),
        (lambda it: (it.h2.reset_stream(1, 0x4711), it.flush()), "it broke the call off (error 18193)"),
        (lambda it: it.connection.shutdown(socket.SHUT_RDWR), "it hung up before it had answered"),
        (lambda it: it.refuse("twelve"), "the answer has no gRPC status"),
        (lambda it: it.refuse("9" * 5000), "the answer has no gRPC status"),
        (lambda it: it.refuse("\N{SUPERSCRIPT TWO}"), "the answer has no gRPC status"),
        (lambda it: (it.h2.send_headers(1, HEAD, end_stream=True), it.flush()), "the answer has no gRPC status"),
        (
            lambda it: (it.h2.send_headers(1, [(":status", "404")], end_stream=True), it.flush()),
            "it speaks HTTP/2, and not gRPC (HTTP status 404)",
        ),
        (lambda it: (it.h2.send_headers(1, HEAD), it.end()), "the answer is not one uncompressed message"),
        (
            lambda it: (it.h2.send_headers(1, HEAD), it.say(framed(b"a") + framed(b"b")), it.end()),
            "the answer is not one uncompressed message",
        ),
        (
            lambda it: (it.h2.send_headers(1, HEAD), it.say(b"\1\0\0\0\1a"), it.end()),
            "the answer is not one uncompressed message",
        ),
        (
            lambda it: (it.h2.send_headers(1, HEAD), it.say(b"\0\0\0\0\2a"), it.end()),
            "the answer is not one uncompressed message",
        ),
    ],
)
def test_an_answer_that_is_none_is_told_from_one(place, act, reason):
    kind, words = trouble(place, converse(act))
    assert kind is CriGarbled
    assert words.startswith(reason)


def test_the_last_words_of_a_connection_are_told(place):
    def act(conversation):
        conversation.h2.close_connection(11, b"too_many_pings")
        conversation.flush()

    assert trouble(place, converse(act))[1] == "it ended the connection (ENHANCE_YOUR_CALM: too_many_pings)"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "it speaks HTTP/1, and not gRPC"),
        (b"220 mail.example ESMTP\r\n", "it speaks something else than gRPC"),
        (b"\xff" * 100_000, "it speaks something else than gRPC"),
        (b"", "it hung up before it had answered"),
        (b"\0\0\4", "it hung up before it had answered"),
    ],
)
def test_who_speaks_something_else_is_told_so(place, data, reason):
    kind, words = trouble(place, say(data))
    assert kind is CriGarbled
    assert words.startswith(reason)


def test_who_hangs_up_at_once_is_told_so(place):
    assert trouble(place, hang_up) == (CriGarbled, "it hung up before it had answered")


def drip(connection, over):
    """Says what any server says at first, over and over, a byte at a time."""
    while not over.wait(0.01):
        for byte in SETTINGS:
            connection.sendall(bytes([byte]))


def half_a_frame(connection, over):
    connection.sendall(SETTINGS + b"\0\0\x40\1\4\0\0\0\1half of it")
    over.wait(10)


def flood(connection, over):
    connection.sendall(SETTINGS)
    while not over.is_set():
        connection.sendall((b"\0\0\x08\6\0\0\0\0\0" + b"12345678") * 1000)


@pytest.mark.parametrize("answer", [silence, half_a_frame, drip, flood])
def test_whoever_does_not_come_to_an_end_is_left_in_time(place, answer):
    began = time.monotonic()
    kind, reason = trouble(place, answer, timeout=0.3)
    assert (kind, reason) in [(CriTimeout, "no whole answer came within 0.3 s"), (CriTooLarge, reason)]
    assert time.monotonic() - began < 3


def test_a_socket_whose_queue_is_full_is_left_in_time(place):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
        server.listen(0)
        with socket.socket(socket.AF_UNIX) as waiting:
            waiting.connect(str(place))
            with pytest.raises(CriTimeout, match=r"nobody took the connection within 0.2 s$") as caught:
                ask(place, 0.2)
    assert caught.value.after == 0.2


def test_a_question_that_nobody_reads_is_given_up_in_time(place):
    with FakeSocket(place, silence), pytest.raises(CriTimeout, match="no whole answer"):
        Client(str(place), timeout=0.3).call(METHOD, b"x" * 10_000)


def large(length):
    def act(conversation):
        conversation.h2.send_headers(1, HEAD)
        conversation.say(b"\0" + length.to_bytes(4) + b"x" * 2000)

    return converse(act)


@pytest.mark.parametrize("length", [1001, 2**32 - 1, 1000])
def test_a_giant_answer_is_not_read(place, length):
    assert trouble(place, large(length), limit=1000) == (CriTooLarge, "the answer is larger than 1000 bytes")


def test_an_answer_as_large_as_is_allowed_is_read(place):
    with FakeRuntime(place, {METHOD: b"x" * 1000}):
        assert len(ask(place, limit=1000)) == 1000


@pytest.fixture
def unreachable(place):
    """Makes a path at which nobody can be asked, and tells the error."""

    def reason(path=place):
        with pytest.raises(CriError) as caught:
            ask(path)
        return type(caught.value), caught.value.reason

    return reason


def test_a_socket_that_is_not_there(unreachable, place):
    assert unreachable() == (CriSocketMissing, "no such file or directory")
    assert unreachable(place / "deeper") == (CriSocketMissing, "no such file or directory")
    assert unreachable(place.with_name("nul\0")) == (CriSocketMissing, "no file can have this name")
    assert unreachable(place.with_name("x" * 300))[0] is CriSocketMissing
    place.touch()
    assert unreachable(place / "deeper") == (CriSocketMissing, "not a directory")


def test_a_socket_that_leads_in_a_circle(unreachable, place):
    place.symlink_to(place)
    assert unreachable()[0] is CriSocketMissing


def test_a_socket_that_was_left_behind(unreachable, place):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
    assert unreachable() == (CriSocketRefused, "nobody listens on this socket")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.touch(), "it is a file, and no socket"),
        (lambda path: path.mkdir(), "it is a directory, and no socket"),
        (os.mkfifo, "it is a named pipe, and no socket"),
        (lambda path: path.symlink_to("/dev/null"), "it is a device, and no socket"),
    ],
)
def test_what_is_no_socket(unreachable, place, make, reason):
    make(place)
    assert unreachable() == (CriNotASocket, reason)


def test_a_socket_of_another_kind(unreachable, place):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(place))
        assert unreachable()[0] is CriNotASocket


@pytest.mark.parametrize("closed", ["socket", "directory"])
def test_a_socket_that_is_not_for_everybody(unreachable, place, closed):
    with FakeRuntime(place, {}):
        place.chmod(0o600 if closed == "socket" else 0o777)
        place.parent.chmod(0o700 if closed == "directory" else 0o755)
        with ordinary_user():
            if os.access(place, os.W_OK):
                pytest.skip("the tests are run by the owner of the socket")
            assert unreachable() == (CriSocketDenied, "permission denied")


def test_a_path_that_is_longer_than_the_kernel_takes(place):
    deep = place.parent / ("x" * 120)
    deep.mkdir()
    with FakeRuntime(place, {METHOD: b"answer"}):
        long = deep / "cri.sock"
        place.rename(long)
        assert ask(long) == b"answer"


def test_nothing_stays_open(place):
    before = open_files(), threading.active_count()
    with FakeRuntime(place, {METHOD: b"answer"}):
        ask(place)
        with pytest.raises(CriFailed):
            Client(str(place)).call("/other/Method", b"")
    for answer in (half_a_frame, say(b"garbage"), hang_up):
        place.unlink()
        trouble(place, answer, timeout=0.1)
    for _ in range(2):
        with pytest.raises(CriSocketRefused):
            ask(place)
    assert (open_files(), threading.active_count()) == before


def open_files():
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


def test_h2_is_loaded_when_somebody_can_be_asked_and_not_before(place):
    code = """
import sys
from cnictl.cri.runtime import Runtime
from cnictl.cri.inspect import crio_config
from cnictl.errors import CriSocketMissing
for question in (Runtime(sys.argv[1]).version, lambda: crio_config(sys.argv[1])):
    try:
        question()
    except CriSocketMissing:
        print(*{"h2", "hpack", "asyncio", "http", "email", "logging", "ssl"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code, place], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


_FRAME = st.builds(
    lambda payload, kind, flags, stream: len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload,
    st.binary(max_size=40),
    st.integers(0, 10),
    st.sampled_from([0, 1, 4, 5, 8, 9, 12, 0x20, 0xFF]),
    st.sampled_from([0, 1, 1, 1, 2, 3]),
)
_SOUND = b"\0\0\x01\1\4\0\0\0\1\x88"


@pytest.fixture(scope="module")
def parrot(tmp_path_factory):
    """A server that says what it is told by the test."""
    words: list[bytes] = []

    def answer(connection, _over):
        connection.recv(65536)
        connection.sendall(words[0])

    path = tmp_path_factory.mktemp("p", numbered=True) / "s"
    if len(str(path)) > 100:
        pytest.skip("the temporary directory's path is too long for a socket")
    with FakeSocket(path, answer) as server:
        yield server.path, words


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(start=st.sampled_from([b"", SETTINGS, SETTINGS + _SOUND]), frames=st.lists(_FRAME | st.binary(), max_size=5))
def test_whatever_a_server_says_is_an_answer_or_an_error(parrot, start, frames):
    path, words = parrot
    words[:] = [start + b"".join(frames)]
    with suppress(CriGarbled, CriFailed, CriTooLarge):
        assert isinstance(ask(path), bytes)
