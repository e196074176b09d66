"""One gRPC call over a Unix socket, with the standard library alone (HTTP/2 with prior knowledge)."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DATA, _HEADERS, _RESET, _SETTINGS, _PING, _GOAWAY = 0, 1, 3, 4, 6, 7
_ACK, _END_STREAM, _END_HEADERS = 1, 1, 4
_STREAM = 1
_WINDOW = 1 << 24
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class CallFailed(Exception):
    """The server answered with an error; what it says of it stands in its log."""


class Frame(NamedTuple):
    """A frame of HTTP/2."""

    kind: int
    flags: int
    stream: int
    payload: bytes

    def encode(self) -> bytes:
        """Its bytes."""
        head = struct.pack(">I", len(self.payload))[1:] + bytes([self.kind, self.flags])
        return head + struct.pack(">I", self.stream) + self.payload


def call(path: Path, method: str, message: bytes, seconds: float = 60) -> bytes:
    """Calls a method that answers with one message.

    Args:
        path: The socket.
        method: Such as ``/runtime.v1.RuntimeService/Version``.
        message: The request.
        seconds: How long to wait for each piece of the answer.

    Raises:
        CallFailed: The server refused.
        OSError: It cannot be reached, or is silent.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        connection.connect(str(path))
        connection.sendall(_PREFACE + b"".join(frame.encode() for frame in _request(method, message)))
        data = b"".join(_answer(connection))
    # An error has no message, but trailers with the reason. They are packed in a way that is not unpacked here.
    if not data:
        raise CallFailed(method)
    return data[5:]


def _request(method: str, message: bytes) -> list[Frame]:
    headers = [(":method", "POST"), (":scheme", "http"), (":path", method), (":authority", "localhost")]
    headers += [("content-type", "application/grpc"), ("te", "trailers")]
    return [
        Frame(_SETTINGS, 0, 0, struct.pack(">HI", 4, _WINDOW)),
        Frame(_HEADERS, _END_HEADERS, _STREAM, b"".join(_literal(*pair) for pair in headers)),
        Frame(_DATA, _END_STREAM, _STREAM, struct.pack(">BI", 0, len(message)) + message),
    ]


def _literal(name: str, value: str) -> bytes:
    """A header that is not compressed (RFC 7541, section 6.2.2); all here are shorter than 127 bytes."""
    return b"\x00" + b"".join(bytes([len(text)]) + text.encode() for text in (name, value))


def _answer(connection: socket.socket) -> Iterator[bytes]:
    """The data of the stream, until its end."""
    for frame in _frames(connection):
        if frame.kind in (_SETTINGS, _PING) and not frame.flags & _ACK:
            payload = frame.payload if frame.kind == _PING else b""
            connection.sendall(Frame(frame.kind, _ACK, 0, payload).encode())
        elif frame.kind in (_RESET, _GOAWAY):
            return
        elif frame.stream == _STREAM and frame.kind in (_DATA, _HEADERS):
            if frame.kind == _DATA:
                yield frame.payload
            if frame.flags & _END_STREAM:
                return


def _frames(connection: socket.socket) -> Iterator[Frame]:
    with connection.makefile("rb") as stream:
        while len(head := stream.read(9)) == 9:
            length, (kind, flags), number = int.from_bytes(head[:3]), head[3:5], int.from_bytes(head[5:])
            yield Frame(kind, flags, number & 0x7FFFFFFF, stream.read(length))
