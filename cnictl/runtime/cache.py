"""libcni's result cache: what one runtime added, any other can delete.

One file for each attachment, ``<dir>/results/<network>-<containerID>-<ifname>``, kind ``cniCacheV1``
(libcni ``api.go``). Its name is ambiguous, because all three parts may hold a ``-``; so the fields inside
decide whose it is, and another attachment's file is never overwritten or removed.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnictl.errors import CacheDamaged, CacheError
from cnictl.model.result import BadResult, decode_result
from cnictl.model.version import DEFAULT
from cnictl.runtime.chain import compact_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnictl.model.attachment import Attachment
    from cnictl.model.network import NetworkConfigList
    from cnictl.model.version import SpecVersion

DEFAULT_CACHE_DIR = Path("/var/lib/cni")
KIND = "cniCacheV1"


@dataclass(frozen=True)
class CacheEntry:
    """What is kept of an attachment.

    Attributes:
        network: The network's name.
        container_id: The container's ID.
        ifname: The interface's name.
        netns: Path of the network namespace; empty in files of libcni before 1.0.
        config: The bytes of the list document.
        args: The pairs of ``CNI_ARGS``.
        capability_args: The capability arguments, unfiltered.
        result: The result of ADD as JSON data, or ``None``.
    """

    network: str
    container_id: str
    ifname: str
    netns: str = ""
    config: bytes = b""
    args: tuple[tuple[str, str], ...] = ()
    capability_args: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] | None = None

    def belongs_to(self, network: str, attachment: Attachment) -> bool:
        """Whether this is the entry of this attachment and not of one with the same file name."""
        own = (self.network, self.container_id, self.ifname)
        return own == (network, attachment.container_id, attachment.ifname)

    def encode(self) -> bytes:
        """The file's content, with the keys in libcni's order."""
        pairs: list[tuple[str, Any]] = [
            ("kind", KIND),
            ("containerId", self.container_id),
            ("config", base64.b64encode(self.config).decode()),
            ("ifName", self.ifname),
            ("networkName", self.network),
        ]
        optional: list[tuple[str, Any]] = [
            ("netns", self.netns),
            ("cniArgs", [list(pair) for pair in self.args]),
            ("capabilityArgs", self.capability_args),
            ("result", self.result),
        ]
        pairs += [(key, value) for key, value in optional if value]
        members = (compact_json(key) + b":" + compact_json(value) for key, value in pairs)
        return b"{" + b",".join(members) + b"}"


class ResultCache:
    """The cache in one directory.

    Args:
        directory: Its base directory.
    """

    def __init__(self, directory: Path = DEFAULT_CACHE_DIR) -> None:
        self.directory = directory
        self.results = directory / "results"

    def path(self, network: str, attachment: Attachment) -> Path:
        """The file of an attachment. Its parts must have been checked: they become a file name."""
        return self.results / f"{network}-{attachment.container_id}-{attachment.ifname}"

    def require_writable(self) -> None:
        """Makes the directory when it is missing.

        Raises:
            CacheError: Nothing can be written there.
        """
        try:
            self.results.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._error("cannot be made", error) from error
        if not os.access(self.results, os.W_OK | os.X_OK):
            message = f"the result cache {self.results} cannot be written"
            raise CacheError(message, hint=_HINT)

    def read(self, network: str, attachment: Attachment) -> CacheEntry | None:
        """The entry of an attachment; ``None`` when there is none.

        Raises:
            CacheDamaged: The file is not what a runtime writes.
            CacheError: The file cannot be read, or is another attachment's.
        """
        path = self.path(network, attachment)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._error("cannot be read", error) from error
        entry = _decode(data, path, CacheEntry(network, attachment.container_id, attachment.ifname))
        if not entry.belongs_to(network, attachment):
            other = f"{entry.network}, {entry.container_id}, {entry.ifname}"
            message = f"{path} belongs to another attachment ({other}), whose name is the same when joined by -"
            raise CacheError(message, hint="choose another container ID or network name")
        return entry

    def write(self, network: NetworkConfigList, attachment: Attachment, result: Mapping[str, Any]) -> None:
        """Keeps what was added: the whole file or nothing, also when the machine stops in the middle.

        Raises:
            CacheError: It cannot be written.
        """
        entry = CacheEntry(
            network=network.name,
            container_id=attachment.container_id,
            ifname=attachment.ifname,
            netns=attachment.netns,
            config=network.source,
            args=attachment.args,
            capability_args=attachment.capability_args,
            result=result,
        )
        # Not in the results directory: others would list a half-named but complete copy as an attachment.
        staging = self.directory / "cnictl"
        temporary = staging / f"result-{os.urandom(8).hex()}"
        try:
            staging.mkdir(mode=0o700, exist_ok=True)
            _write_through(temporary, entry.encode())
            temporary.replace(self.path(network.name, attachment))
            _sync_directory(self.results)
        except OSError as error:
            raise self._error("cannot be written", error) from error
        finally:
            with suppress(OSError):
                temporary.unlink()

    def remove(self, network: str, attachment: Attachment) -> None:
        """Forgets an attachment; not having known it is fine.

        Raises:
            CacheError: The file is there and cannot be removed.
        """
        try:
            self.path(network, attachment).unlink(missing_ok=True)
        except OSError as error:
            raise self._error("cannot be written", error) from error

    def _error(self, what: str, error: OSError) -> CacheError:
        reason = (error.strerror or str(error)).lower()
        place = error.filename2 or error.filename or self.results
        return CacheError(f"the result cache {what}: {place}: {reason}", hint=_HINT)


_HINT = "run as root, or choose another directory with --cache-dir"


def cached_result(entry: CacheEntry, version: SpecVersion) -> dict[str, Any]:
    """The result that an entry holds, in the shape of a version; an entry without one has an empty result.

    Raises:
        CacheDamaged: It cannot be read, or not be written in that version.
    """
    try:
        return decode_result(entry.result or {}, DEFAULT).encode(version)
    except BadResult as error:
        message = f"the cached result of {entry.container_id} cannot be used: {error}"
        raise CacheDamaged(message) from error


def _decode(data: bytes, path: Path, asked: CacheEntry) -> CacheEntry:
    """Reads a cache file of any age; libcni before 0.8 wrote the bare result, which carries no names."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        message = f"{path} is damaged: it is {'empty' if not data.strip() else 'no JSON object'}"
        raise CacheDamaged(message, hint="`cnictl exec del` removes the attachment without it")
    keys = {key.lower(): value for key, value in content.items()}
    if keys.get("kind") != KIND:
        return CacheEntry(asked.network, asked.container_id, asked.ifname, result=content)
    return CacheEntry(
        network=_text(keys.get("networkname")),
        container_id=_text(keys.get("containerid")),
        ifname=_text(keys.get("ifname")),
        netns=_text(keys.get("netns")),
        config=_base64(keys.get("config")),
        args=_pairs(keys.get("cniargs")),
        capability_args=_object(keys.get("capabilityargs")) or {},
        result=_object(keys.get("result")),
    )


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    pairs = value if isinstance(value, list) else []
    return tuple((str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, list) and pair[1:])


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _object(value: object) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _base64(value: object) -> bytes:
    try:
        return base64.b64decode(_text(value).replace("\n", ""), validate=True)
    except binascii.Error:
        return b""


def _write_through(path: Path, data: bytes) -> None:
    """Writes a new file and waits until the disk has it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
