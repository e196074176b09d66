"""libcni's result cache: what one runtime added, any other can delete.

One file for each attachment, ``<dir>/results/<network>-<containerID>-<ifname>``, kind ``cniCacheV1``
(libcni ``api.go``). Its name is ambiguous, because all three parts may hold a ``-``; so the fields inside
decide whose it is, and another attachment's file is never overwritten or removed.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.errors import CacheDamaged, CacheError
from cnictl.model.attachment import Attachment
from cnictl.model.files import DEFAULT_CACHE_DIR
from cnictl.model.version import DEFAULT
from cnictl.runtime.chain import compact_json
from cnictl.runtime.durable import write_durably

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Self

    from cnictl.model.network import NetworkConfigList
    from cnictl.model.version import SpecVersion

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
        path: The file that it was read from; empty when it was not.
    """

    network: str
    container_id: str
    ifname: str
    netns: str = ""
    config: bytes = b""
    args: tuple[tuple[str, str], ...] = ()
    capability_args: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] | None = None
    path: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from every other, the names of network, container and interface."""
        return self.network, self.container_id, self.ifname

    def belongs_to(self, network: str, attachment: Attachment) -> bool:
        """Whether this is the entry of this attachment and not of one with the same file name."""
        return self.key == (network, attachment.container_id, attachment.ifname)

    @classmethod
    def of(cls, network: NetworkConfigList, attachment: Attachment, **more: Any) -> Self:  # noqa: ANN401  # the fields
        """What is to be kept of an attachment.

        Args:
            network: The network.
            attachment: The container.
            more: Further fields.
        """
        return cls(
            network=network.name,
            container_id=attachment.container_id,
            ifname=attachment.ifname,
            netns=attachment.netns,
            config=network.source,
            args=attachment.args,
            capability_args=attachment.capability_args,
            **more,
        )

    @property
    def attachment(self) -> Attachment:
        """The attachment, with all its arguments."""
        return Attachment(self.container_id, self.netns, self.ifname, self.args, self.capability_args)

    def encode(self, kind: str = KIND, **more: str) -> bytes:
        """The file's content, with the keys in libcni's order.

        Args:
            kind: What the file says that it is.
            more: Further keys and their values.
        """
        pairs: list[tuple[str, Any]] = [
            ("kind", kind),
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
            *more.items(),
        ]
        pairs += [(key, value) for key, value in optional if value]
        members = (compact_json(key) + b":" + compact_json(value) for key, value in pairs)
        return b"{" + b",".join(members) + b"}"


class DamagedEntry(NamedTuple):
    """A file in the cache that says not whose it is.

    Attributes:
        path: The file.
        reason: What is wrong with it, in a few words.
    """

    path: str
    reason: str

    @property
    def is_legacy(self) -> bool:
        """Whether it is a bare result, which the file's name tells whose it is."""
        return self.reason == _BARE


_BARE = "it is a bare result, as libcni before 0.8 wrote it"


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
        entry = CacheEntry.of(network, attachment, result=result)
        try:
            # Not staged in the results directory: others would list a half-named but complete copy as an attachment.
            write_durably(self.path(network.name, attachment), entry.encode(), staging=self.directory / "cnictl")
        except OSError as error:
            raise self._error("cannot be written", error) from error

    def entries(self) -> Iterator[CacheEntry | DamagedEntry]:
        """Everything that is kept, in the order of the file names' bytes.

        Raises:
            CacheError: The directory cannot be read. One that is not there is empty.
        """
        try:
            names = sorted(os.listdir(self.results), key=os.fsencode)  # noqa: PTH208  # names, not paths
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._error("cannot be read", error) from error
        for name in names:
            yield from _entry_at(os.path.join(self.results, name))  # noqa: PTH118  # ten thousand of them

    def remove(self, network: str, attachment: Attachment) -> None:
        """Forgets an attachment; not having known it is fine.

        Raises:
            CacheError: The file is there and cannot be removed.
        """
        path = self.path(network, attachment)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            if os.path.lexists(path):  # a read-only file system complains about a file that is not there too
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
    from cnictl.model.result import BadResult, decode_result  # which those who only look at entries need not

    try:
        return decode_result(entry.result or {}, DEFAULT).encode(version)
    except BadResult as error:
        message = f"the cached result of {entry.container_id} cannot be used: {error}"
        raise CacheDamaged(message) from error


def _entry_at(path: str) -> Iterator[CacheEntry | DamagedEntry]:
    """The entry in a file, whatever it is called."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # ten thousand of them
            yield entry_in(file.read(), path)
    except FileNotFoundError:  # removed while we look
        return
    except OSError as error:
        yield DamagedEntry(path, (error.strerror or str(error)).lower())


def entry_in(data: bytes, path: str) -> CacheEntry | DamagedEntry:
    """The entry that a cache file holds.

    Args:
        data: What the file holds.
        path: Where it lies; its name must be that of the attachment.
    """
    try:
        content = _object(json.loads(data))
    except (ValueError, RecursionError):
        content = None
    if content is None:
        return DamagedEntry(path, "it is no JSON object" if data else "it is empty")
    entry = decode_entry(content, path=path)
    reason = _oddity(entry, content, path)
    return DamagedEntry(path, reason) if entry is None or reason else entry


_OF_RESULTS = {"cniVersion", "ip4", "ip6", "ips", "interfaces"}
"""Keys by which a bare result is told from any other JSON object."""


def _oddity(entry: CacheEntry | None, content: Mapping[str, Any], path: str) -> str:
    """Why a JSON object in the cache is no attachment's entry; empty when it is."""
    if entry is None:
        bare = bool(content.keys() & _OF_RESULTS)
        return _BARE if bare else "it is no cache entry"
    if not all(entry.key):
        return "it does not name network, container and interface"
    name = "-".join(entry.key)
    return "" if path.endswith(f"/{name}") else f"it is not called {name}, as what it holds must be"


def _decode(data: bytes, path: Path, asked: CacheEntry) -> CacheEntry:
    """Reads a cache file of any age; libcni before 0.8 wrote the bare result, which carries no names."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        message = f"{path} is damaged: it is {'empty' if not data.strip() else 'no JSON object'}"
        raise CacheDamaged(message, hint="`cnictl exec del` removes the attachment without it")
    return decode_entry(content) or CacheEntry(asked.network, asked.container_id, asked.ifname, result=content)


def decode_entry(content: Mapping[str, Any], kind: str = KIND, path: str = "") -> CacheEntry | None:
    """The entry in a JSON object; ``None`` when it is of another kind.

    Args:
        content: The object; its keys are found in any letter case, as CRI-O spells one of them otherwise.
        kind: The kind that is wanted.
        path: The file that it was read from.
    """
    keys = {key.lower(): value for key, value in content.items()}
    if keys.get("kind") != kind:
        return None
    return CacheEntry(
        network=_text(keys.get("networkname")),
        container_id=_text(keys.get("containerid")),
        ifname=_text(keys.get("ifname")),
        netns=_text(keys.get("netns")) or _sandbox(keys.get("result"), _text(keys.get("ifname"))),
        config=_base64(keys.get("config")),
        args=_pairs(keys.get("cniargs")),
        capability_args=_object(keys.get("capabilityargs")) or {},
        result=_object(keys.get("result")),
        path=path,
    )


def _sandbox(result: object, ifname: str) -> str:
    """The namespace in which a result has the interface.

    libcni up to 1.1, as in containerd 1.6 and podman 4.3, keeps no ``netns``.
    """
    interfaces = (_object(result) or {}).get("interfaces")
    for interface in interfaces if isinstance(interfaces, list) else []:
        if isinstance(interface, dict) and interface.get("name") == ifname:
            return _text(interface.get("sandbox"))
    return ""


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
    except ValueError:  # it is no base64, or holds what is no ASCII
        return b""
