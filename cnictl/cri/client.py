"""gRPC calls with one question and one answer, over a Unix socket.

HTTP/2 is h2's work: header compression and flow control are where a client of one's own would be wrong for years
without anyone noticing. It is loaded when a call is made.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cnictl.cri.sockets import DEFAULT_LIMIT, DEFAULT_TIMEOUT, Connection, Deadline
from cnictl.errors import CriFailed, CriGarbled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from h2.events import Event

_HEAD = 5
"""Bytes before a message: whether it is compressed, and its length."""
_FRAME_HEAD = 9
_SETTINGS = b"\4\0\0\0\0\0"
"""The kind, flags and stream of a server's first frame."""
_STATUS = re.compile(r"[0-9]{1,9}")
"""A status of gRPC; Python makes no number of thousands of digits."""
_OK = 0


class Client:
    """Asks through one socket. It holds nothing open between calls.

    Args:
        socket: The path of the socket.
        timeout: Seconds for a call, from connecting to the last byte of the answer.
        limit: The largest answer that is taken, in bytes.
    """

    def __init__(self, socket: str, *, timeout: float = DEFAULT_TIMEOUT, limit: int = DEFAULT_LIMIT) -> None:
        self.socket = socket
        self.timeout = timeout
        self.limit = limit

    def call(self, method: str, message: bytes, deadline: Deadline | None = None) -> bytes:
        """Calls a method.

        Args:
            method: Such as ``/runtime.v1.RuntimeService/Version``.
            message: The question, encoded.
            deadline: When it must be done, for calls that share their time; after the client's timeout when ``None``.

        Returns:
            The answer, encoded.

        Raises:
            CriUnreachable: There is nobody who could be asked.
            CriTimeout: There was no whole answer in time.
            CriGarbled: What came is not gRPC, or breaks off.
            CriTooLarge: The answer is larger than allowed.
            CriFailed: The runtime answered with an error.
        """
        with Connection(self.socket, deadline or Deadline.after(self.timeout), self.limit) as connection:
            return _Call(connection).run(method, message)


class _Call:
    """One call on a connection of its own."""

    def __init__(self, connection: Connection) -> None:
        from h2.config import H2Configuration
        from h2.connection import H2Connection

        self._connection = connection
        self._h2 = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._stream = 1
        self._headers: dict[str, str] = {}
        self._data = bytearray()
        self._opening = b""

    def run(self, method: str, message: bytes) -> bytes:
        """Asks, and waits for the answer."""
        self._ask(method, message)
        for event in self._events():
            self._take(event)
            if self._is_end(event):
                break
        return self._message()

    def _ask(self, method: str, message: bytes) -> None:
        self._h2.initiate_connection()
        self._h2.send_headers(self._stream, _request(method, self._connection.deadline.left))
        head = b"\0" + len(message).to_bytes(_HEAD - 1)
        self._h2.send_data(self._stream, head + message, end_stream=True)
        self._connection.send(self._h2.data_to_send())

    def _events(self) -> Iterator[Event]:
        """What happens on the connection, for as long as anybody asks; answers what HTTP/2 wants answered."""
        while data := self._connection.receive():
            self._listen(data)
            yield from self._parsed(data)
            if pending := self._h2.data_to_send():
                self._connection.send(pending)
        raise self._garbled("it hung up before it had answered")

    def _listen(self, data: bytes) -> None:
        """Sees whether it is HTTP/2, whose servers open with their settings (RFC 9113, section 3.4).

        h2 takes anything for the head of a frame, and waits for the megabytes that it seems to announce.
        """
        if len(self._opening) >= _FRAME_HEAD:
            return
        self._opening += data[:_FRAME_HEAD]
        if self._opening.startswith(b"HTTP/1"):
            raise self._garbled("it speaks HTTP/1, and not gRPC")
        if len(self._opening) >= _FRAME_HEAD and self._opening[3:9] != _SETTINGS:
            raise self._garbled("it speaks something else than gRPC")

    def _parsed(self, data: bytes) -> Iterable[Event]:
        from h2.exceptions import H2Error

        try:
            return self._h2.receive_data(data)
        except H2Error as error:
            raise self._garbled(f"it breaks the rules of HTTP/2 ({error})") from error

    def _is_end(self, event: Event) -> bool:
        from h2.events import StreamEnded

        return isinstance(event, StreamEnded) and event.stream_id == self._stream

    def _take(self, event: Event) -> None:
        from h2.events import ConnectionTerminated, DataReceived, ResponseReceived, StreamReset, TrailersReceived

        if isinstance(event, ConnectionTerminated):
            words = (event.additional_data or b"").decode(errors="replace")
            raise self._garbled(f"it ended the connection ({_error_name(event.error_code)}{words and ': '}{words})")
        if getattr(event, "stream_id", None) != self._stream:
            return
        if isinstance(event, StreamReset):
            raise self._garbled(f"it broke the call off ({_error_name(event.error_code)})")
        if isinstance(event, ResponseReceived | TrailersReceived):
            self._headers |= {_text(name): _text(value) for name, value in event.headers}
        elif isinstance(event, DataReceived):
            self._add(event.data)
            self._h2.acknowledge_received_data(event.flow_controlled_length, self._stream)

    def _add(self, data: bytes) -> None:
        """Keeps a piece of the answer, if the whole is not larger than allowed; its length stands at its head."""
        self._data += data
        announced = int.from_bytes(self._data[1:_HEAD]) if len(self._data) >= _HEAD else 0
        if max(announced, len(self._data) - _HEAD) > self._connection.limit:
            raise self._connection.too_large()

    def _message(self) -> bytes:
        """The answer's message, when all that has come is one."""
        code = self._code()
        if code != _OK:
            raise CriFailed(self._connection.path, code, unquote(self._headers.get("grpc-message", "")))
        if len(self._data) < _HEAD or self._data[0] or int.from_bytes(self._data[1:_HEAD]) != len(self._data) - _HEAD:
            raise self._garbled("the answer is not one uncompressed message")
        return bytes(self._data[_HEAD:])

    def _code(self) -> int:
        code = self._headers.get("grpc-status")
        if code is None and self._headers.get(":status") != "200":
            raise self._garbled(f"it speaks HTTP/2, and not gRPC (HTTP status {self._headers.get(':status')})")
        if code is None or not _STATUS.fullmatch(code):
            raise self._garbled("the answer has no gRPC status")
        return int(code)

    def _garbled(self, reason: str) -> CriGarbled:
        return CriGarbled(self._connection.path, reason)


def _request(method: str, seconds: float) -> list[tuple[str, str]]:
    """The headers of a call. The runtime is told when nobody waits for its answer any more."""
    return [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", method),
        (":authority", "localhost"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        ("user-agent", "cnictl"),
        ("grpc-timeout", f"{max(int(seconds * 1000), 1)}m"),
    ]


def _error_name(code: int | None) -> str:
    return getattr(code, "name", f"error {code}")


def _text(data: bytes | str) -> str:
    return data if isinstance(data, str) else data.decode(errors="replace")
