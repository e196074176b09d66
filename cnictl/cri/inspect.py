"""CRI-O's own questions, HTTP/1.1 on the socket of its CRI: its verbose status does not tell where it looks for CNI."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnictl.cri.details import dig, dig_list
from cnictl.cri.record import Record
from cnictl.cri.sockets import DEFAULT_LIMIT, DEFAULT_TIMEOUT, Connection, Deadline
from cnictl.errors import CriGarbled

if TYPE_CHECKING:
    from collections.abc import Callable

_OK = 200


@dataclass(frozen=True)
class CrioConfig(Record):
    """The config that CRI-O works with, all of its files and flags together.

    Attributes:
        tables: The tables of its TOML; dates are texts.
    """

    tables: dict[str, Any]

    @property
    def network_dir(self) -> str:
        """The config directory; empty when it does not tell."""
        return self._network("network_dir")

    @property
    def default_network(self) -> str:
        """The network that it waits for; empty when it takes the first one."""
        return self._network("cni_default_network")

    @property
    def plugin_dirs(self) -> tuple[str, ...]:
        """The plugin directories, in order."""
        return tuple(each for each in dig_list(self.tables, "crio", "network", "plugin_dirs") if isinstance(each, str))

    def _network(self, key: str) -> str:
        return str(dig(self.tables, "crio", "network", key, kind=str))


@dataclass(frozen=True)
class CrioInfo(Record):
    """Where CRI-O keeps its containers, and how.

    Attributes:
        storage_driver: Such as ``overlay``.
        storage_root: The directory of its storage.
        cgroup_driver: ``systemd`` or ``cgroupfs``; older ones do not tell it.
    """

    storage_driver: str
    storage_root: str
    cgroup_driver: str = ""


def crio_config(socket: str, *, timeout: float = DEFAULT_TIMEOUT, limit: int = DEFAULT_LIMIT) -> CrioConfig:
    """CRI-O's config, as it works with it.

    Args:
        socket: The path of its socket.
        timeout: Seconds for all of it.
        limit: The largest answer that is taken, in bytes.

    Raises:
        CriUnreachable: There is nobody who could be asked.
        CriTimeout: There was no whole answer in time.
        CriGarbled: It is not CRI-O that answers.
        CriTooLarge: The answer is larger than allowed.
    """
    from tomllib import loads

    text = _get(Connection(socket, Deadline.after(timeout), limit), "/config")
    return CrioConfig(_plain(_parsed(socket, "/config", text, loads)))


def crio_info(socket: str, *, timeout: float = DEFAULT_TIMEOUT, limit: int = DEFAULT_LIMIT) -> CrioInfo:
    """CRI-O's storage and control groups; see `crio_config` for the arguments and errors."""
    text = _get(Connection(socket, Deadline.after(timeout), limit), "/info")
    data = _parsed(socket, "/info", text, json.loads)
    return CrioInfo(*(dig(data, key, kind=str) for key in ("storage_driver", "storage_root", "cgroup_driver")))


def _get(connection: Connection, path: str) -> str:
    """The text of a page."""
    question = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: cnictl\r\nConnection: close\r\n\r\n"
    with connection:
        connection.send(question.encode())
        return _page(connection, path)


def _page(connection: Connection, path: str) -> str:
    from http.client import HTTPException, HTTPResponse

    try:
        with HTTPResponse(_Readable(connection)) as response:  # type: ignore[arg-type]  # it only wants a file
            response.begin()
            text = _body(response, connection)
    except (HTTPException, ValueError) as error:
        what = str(error) or type(error).__name__
        raise CriGarbled(connection.path, f"it does not speak HTTP/1.1, as CRI-O does ({what})") from error
    if response.status != _OK:
        raise CriGarbled(connection.path, f"it answers GET {path} with the HTTP status {response.status}")
    return text


def _body(response: Any, connection: Connection) -> str:  # noqa: ANN401  # http.client is loaded only when needed
    data: bytes = response.read(connection.limit + 1)
    if len(data) > connection.limit:
        raise connection.too_large()
    if response.length:
        raise CriGarbled(connection.path, "the answer breaks off")
    return data.decode(errors="replace")


class _Readable:
    """A connection as `http.client` wants it: something that makes a file."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Stream(self._connection))


class _Stream(io.RawIOBase):
    """What a connection receives, as a file: each read of it ends in time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  # any buffer
        data = self._rest or self._connection.receive()
        size = min(len(buffer), len(data))
        buffer[:size], self._rest = data[:size], data[size:]
        return size


def _parsed(socket: str, path: str, text: str, parse: Callable[[str], Any]) -> Any:  # noqa: ANN401  # any tables
    try:
        return parse(text)
    except (ValueError, RecursionError) as error:
        raise CriGarbled(socket, f"the answer to GET {path} cannot be read: {error}") from error


def _plain(value: Any) -> Any:  # noqa: ANN401  # any TOML value
    """A TOML value as one of JSON."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool) else str(value)
