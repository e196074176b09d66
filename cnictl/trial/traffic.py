"""Makes traffic between network namespaces, and measures it."""

from __future__ import annotations

import errno
import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from cnictl.netns.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_IPPROTO_SCTP = 132
PATIENCE = 1.2
"""Seconds for an answer: a new neighbour is looked for, and an IPv6 address tried out, before the first packet goes."""
_ATTEMPT = 0.4
_POLL = 0.1
_QUIET = (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EHOSTUNREACH)
"""What may go away by itself, as an address or a neighbour is being tried out."""


class Answer(NamedTuple):
    """What came of a question.

    Attributes:
        ok: Whether the right one answered.
        how: In what time, or why not.
        source: Where the question came from, as the one who was asked saw it.
    """

    ok: bool
    how: str
    source: str = ""


def family_of(address: str) -> int:
    """The IP version of an address."""
    return 6 if ":" in address else 4


def _socket(family: int, protocol: str) -> socket.socket:
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    number = _IPPROTO_SCTP if protocol == "sctp" else 0
    return socket.socket(socket.AF_INET6 if family == 6 else socket.AF_INET, kind, number)  # noqa: PLR2004


def speaks(protocol: str) -> bool:
    """Whether this kernel has a protocol."""
    try:
        _socket(4, protocol).close()
    except OSError:
        return False
    return True


@contextmanager
def answering(netns: Path | None, family: int, protocol: str, port: int = 0) -> Iterator[int]:
    """Somebody who answers on all addresses of a namespace with the address that the question came from.

    Args:
        netns: The namespace; ``None`` for the node itself.
        family: 4 or 6.
        protocol: ``tcp``, ``udp`` or ``sctp``.
        port: The port; 0 for any that is free.

    Yields:
        The port.

    Raises:
        OSError: The port is taken, or the namespace cannot be entered.
    """
    server = Visit(netns, lambda: _listen(family, protocol, port)).result()
    thread = threading.Thread(target=_serve, args=(server, protocol), daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)  # wakes the thread
        server.close()


def _listen(family: int, protocol: str, port: int) -> socket.socket:
    server = _socket(family, protocol)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("::" if family == 6 else "", port))  # noqa: PLR2004
    if protocol != "udp":
        server.listen()
    return server


def _serve(server: socket.socket, protocol: str) -> None:
    with suppress(OSError):
        while True:
            if protocol == "udp":
                data, source = server.recvfrom(65536)
                if source is None:  # it was shut down
                    return
                server.sendto(source[0].encode().ljust(len(data)), source)
                continue
            connection, source = server.accept()
            with connection, suppress(OSError):
                connection.sendall(source[0].encode())


def ask(netns: Path | None, protocol: str, address: str, port: int, *, size: int = 1) -> Answer:
    """Asks somebody who is `answering`.

    Args:
        netns: The namespace to ask from; ``None`` for the node itself.
        protocol: ``tcp``, ``udp`` or ``sctp``.
        address: Whom to ask.
        port: Where.
        size: Bytes of the question and of the answer, of UDP only. A large one may not be cut into pieces.
    """
    return Visit(netns, lambda: _ask(protocol, address, port, size)).result()


def _ask(protocol: str, address: str, port: int, size: int) -> Answer:
    began = time.monotonic()
    while True:
        try:
            source = _try(protocol, address, port, size)
        except OSError as error:
            over = time.monotonic() + _POLL > began + PATIENCE
            if over or not (isinstance(error, TimeoutError) or error.errno in _QUIET):
                return Answer(ok=False, how=_reason(error))
            time.sleep(0 if isinstance(error, TimeoutError) else _POLL)
            continue
        return Answer(ok=True, how=f"{(time.monotonic() - began) * 1000:.1f} ms", source=source)


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {PATIENCE:g} s"
    return (error.strerror or str(error)).lower()


def _try(protocol: str, address: str, port: int, size: int) -> str:
    """Asks once; what is lost is asked again by the caller."""
    with _socket(family_of(address), protocol) as client:
        client.settimeout(_ATTEMPT)
        if size > 1 and family_of(address) == 4:  # noqa: PLR2004
            client.setsockopt(socket.IPPROTO_IP, 10, 2)  # IP_MTU_DISCOVER: never cut, say so instead
        client.connect((address, port))
        if protocol == "udp":
            client.send(b"?" * size)
        return client.recv(65536).decode().strip()


class Throughput(NamedTuple):
    """What was measured.

    Attributes:
        rate: Bits per second at the end, of what arrived.
        total: Bytes that arrived in all.
        steady: Whether the rate was twice in a row as it was expected to be.
    """

    rate: float
    total: int
    steady: bool


_WINDOW = 0.1
"""Seconds over which a rate is taken, unless so few packets pass in it that they would be counted too coarsely."""
_WINDOW_BITS = 300_000
TOLERANCE = 0.2


def measure(source: Path | None, target: Path | None, address: str, limit: int | None, longest: float) -> Throughput:
    """Sends as fast as it goes.

    Args:
        source: The namespace to send from; ``None`` for the node itself.
        target: The namespace to send to.
        address: Its address.
        limit: Bits per second that are expected; ``None`` for no limit.
        longest: Seconds after which to give up waiting for the expected rate.

    Raises:
        OSError: No connection comes about.
    """
    family = family_of(address)
    server = Visit(target, lambda: _listen(family, "tcp", 0)).result()
    with server:
        port = server.getsockname()[1]
        client = Visit(source, lambda: _connect(address, port)).result()
        server.settimeout(PATIENCE)
        connection, _ = server.accept()
        sender = threading.Thread(target=_flood, args=(client,), daemon=True)
        sender.start()
        try:
            return _drink(connection, limit, longest)
        finally:
            for end in (connection, client):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()


_IN_FLIGHT = 64 * 1024
"""Bytes on their way: more than a queue holds would be lost, and what comes after a loss arrives in lumps."""


def _connect(address: str, port: int) -> socket.socket:
    client = _socket(family_of(address), "tcp")
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _IN_FLIGHT)
    client.settimeout(3 * PATIENCE)  # a slow link takes its time for three packets
    client.connect((address, port))
    client.settimeout(None)
    return client


def _flood(client: socket.socket) -> None:
    block = memoryview(bytes(1 << 20))
    with suppress(OSError):
        while True:
            client.send(block)


def _drink(connection: socket.socket, limit: int | None, longest: float) -> Throughput:
    """Takes what comes, window by window, until two in a row are as expected or the time is over."""
    block = bytearray(1 << 20)
    began = time.monotonic()
    window = min(max(_WINDOW, _WINDOW_BITS / limit), longest / 3) if limit else _WINDOW
    total, good, rate = 0, 0, 0.0
    while time.monotonic() < began + longest:
        at, before = time.monotonic(), total
        while (now := time.monotonic()) < at + window:
            connection.settimeout(at + window - now)
            with suppress(TimeoutError):
                total += connection.recv_into(block, len(block), socket.MSG_TRUNC)
        rate = (total - before) * 8 / (time.monotonic() - at)
        good = good + 1 if limit is None or abs(rate / limit - 1) <= TOLERANCE else 0
        if good == (1 if limit is None else 2):
            return Throughput(rate, total, steady=True)
    return Throughput(rate, total, steady=False)
