"""A container runtime's socket that does what a test wants, well or badly."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded
from h2.exceptions import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    from h2.events import Event

HEAD = [(":status", "200"), ("content-type", "application/grpc")]


class FakeSocket:
    """A Unix socket behind which a function answers each connection in turn.

    Args:
        path: Where it is to be.
        answer: Gets each connection, and an event that is set when the test is over.
    """

    def __init__(self, path: Path, answer: Callable[[socket.socket, threading.Event], None]) -> None:
        self.path = str(path)
        self._answer = answer
        self._over = threading.Event()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self.path)
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._socket.shutdown(socket.SHUT_RDWR)  # ends `accept`
        self._thread.join(10)
        self._socket.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            with suppress(OSError):
                connection, _ = self._socket.accept()
                with connection, suppress(ConnectionError):
                    self._answer(connection, self._over)


@dataclass
class Call:
    """One call that a server got."""

    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    message: bytes = b""


class Conversation:
    """The server's side of HTTP/2 on one connection, up to the end of the question."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.call = Call()

    def listen(self) -> Call:
        """Reads the question."""
        self.h2.initiate_connection()
        while not any(isinstance(event, StreamEnded) for event in self.receive()):
            pass
        return self.call

    def receive(self) -> list[Event]:
        """What the next bytes bring about."""
        data = self.connection.recv(65536)
        events = self.h2.receive_data(data) if data else []
        for event in events:
            if isinstance(event, RequestReceived):
                self.call.headers = {str(name): str(value) for name, value in event.headers}
                self.call.path = self.call.headers[":path"]
            elif isinstance(event, DataReceived):
                self.call.message += event.data[5:]
        self.flush()
        if not data:
            raise ConnectionResetError
        return events

    def flush(self) -> None:
        """Sends what there is to be sent."""
        if data := self.h2.data_to_send():
            self.connection.sendall(data)

    def say(self, data: bytes) -> None:
        """Sends data of the answer, as the client's window allows."""
        while data:
            room = min(self.h2.local_flow_control_window(1), self.h2.max_outbound_frame_size)
            if room:
                self.h2.send_data(1, data[:room])
                self.flush()
                data = data[room:]
            else:
                self.receive()

    def end(self, status: object = 0, message: str = "") -> None:
        """Sends the trailers."""
        trailers = [("grpc-status", str(status))] + ([("grpc-message", message)] if message else [])
        self.h2.send_headers(1, trailers, end_stream=True)
        self.flush()

    def reply(self, data: bytes) -> None:
        """Answers well."""
        self.h2.send_headers(1, HEAD)
        self.say(framed(data))
        self.end()

    def refuse(self, code: object, message: str = "") -> None:
        """Answers with an error, as Go's servers do: with trailers alone."""
        trailers = [*HEAD, ("grpc-status", str(code)), ("grpc-message", message)]
        self.h2.send_headers(1, trailers, end_stream=True)
        self.flush()


def framed(data: bytes) -> bytes:
    """A message as gRPC sends it."""
    return b"\0" + len(data).to_bytes(4) + data


class FakeRuntime(FakeSocket):
    """A runtime that answers each method with bytes, or refuses it with a code and a message.

    Args:
        path: Where its socket is to be.
        answers: The answers by the methods' paths; all others are UNIMPLEMENTED.
    """

    def __init__(self, path: Path, answers: Mapping[str, bytes | tuple[int, str]]) -> None:
        super().__init__(path, self._converse)
        self._answers = answers
        self.calls: list[Call] = []

    def _converse(self, connection: socket.socket, _over: threading.Event) -> None:
        conversation = Conversation(connection)
        try:
            call = conversation.listen()
        except ProtocolError:  # it is asked for something else than gRPC
            conversation.flush()
            return
        self.calls.append(call)
        service = call.path.split("/")[1]
        answer = self._answers.get(call.path, (12, f"unknown service {service}"))
        if isinstance(answer, bytes):
            conversation.reply(answer)
        else:
            conversation.refuse(*answer)
