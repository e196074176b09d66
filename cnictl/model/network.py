"""A network config that can be run: checked, complete, and with every unknown key still in it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.errors import InvalidConfig
from cnictl.model.dropin import drop_ins, merged, require_sound
from cnictl.model.version import SpecVersion
from cnictl.model.view import NetworkView, PluginView, view
from cnictl.text.parser import parse
from cnictl.text.source import STDIN, Source, read_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnictl.text.document import Document


class PluginConfig(NamedTuple):
    """One plugin of a network.

    Attributes:
        type: The base name of its executable.
        capabilities: The capabilities that it declares as ``true``.
        data: Its whole object as written, unknown keys included; integers are exact. Not to be changed.
    """

    type: str
    capabilities: frozenset[str]
    data: Mapping[str, Any]


@dataclass(frozen=True)
class NetworkConfigList:
    """A network: its name, its spec version, and its plugins in the order of ADD.

    Make one with `from_file`, `from_bytes` or `from_dict`. A single-plugin config becomes a list of one, as
    in libcni.

    Attributes:
        name: The network's name, unique on a host.
        version: The spec version to speak with the plugins.
        plugins: The plugins.
        disable_check: CHECK succeeds without running anything (``disableCheck``, spec 0.4.0).
        disable_gc: GC succeeds without running anything (``disableGC``, spec 1.1.0).
        source: The bytes of the list document, as they go into the result cache.
        path: Where it came from; ``-`` for standard input.
    """

    name: str
    version: SpecVersion
    plugins: tuple[PluginConfig, ...]
    disable_check: bool
    disable_gc: bool
    source: bytes
    path: str

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> NetworkConfigList:
        """Reads a ``.conflist``, ``.conf`` or ``.json`` file; ``-`` is standard input.

        Whether it is a list or a single plugin is told by its content, not by its name. The plugins in the list's
        drop-in directory are appended (`cnictl.model.dropin`).

        Raises:
            SourceError: The file cannot be read.
            InvalidConfig: libcni or the plugins would refuse it; the error names line and column.
        """
        source = read_source(os.fspath(path))
        return cls.from_document(parse(source), None if source.path == STDIN else os.path.dirname(source.path))  # noqa: PTH120

    @classmethod
    def from_bytes(cls, data: bytes, path: str = "-") -> NetworkConfigList:
        """Reads a config from its bytes.

        Args:
            data: The JSON text.
            path: What to call it in errors.

        Raises:
            InvalidConfig: libcni or the plugins would refuse it.
        """
        return cls.from_source(Source(path, data))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], path: str = "-") -> NetworkConfigList:
        """Takes a config as plain data, such as ``{"cniVersion": "1.0.0", "name": "n", "plugins": [...]}``.

        Raises:
            InvalidConfig: libcni or the plugins would refuse it.
        """
        return cls.from_bytes(json.dumps(data).encode(), path)

    @classmethod
    def from_source(cls, source: Source) -> NetworkConfigList:
        """Reads a config from a text that is already at hand.

        Raises:
            InvalidConfig: libcni or the plugins would refuse it.
        """
        return cls.from_document(parse(source))

    @classmethod
    def from_document(cls, document: Document, directory: str | None = None) -> NetworkConfigList:
        """Reads a config from a text that has been parsed already.

        Args:
            document: The parsed text.
            directory: Where the network's drop-in directory may lie; ``None`` to look for none.

        Raises:
            SourceError: A drop-in file cannot be read.
            InvalidConfig: libcni or the plugins would refuse it.
        """
        dropped = drop_ins(document, directory)
        if dropped:
            require_sound(document, but="plugins-missing")
            return cls.from_bytes(merged(document, dropped), document.source.path)
        network = _accepted(document)
        return cls(
            name=network.name or "",
            version=network.version or SpecVersion.V0_1_0,
            plugins=tuple(map(_plugin, network.plugins)),
            disable_check=_flag(network, "disableCheck"),
            disable_gc=_flag(network, "disableGC"),
            source=_list_bytes(network, document.source.data),
            path=document.source.path,
        )


def _accepted(document: Document) -> NetworkView:
    """The config in a document that has no fault."""
    require_sound(document)
    network = view(document)
    if network is None:
        raise InvalidConfig(document.source.name, "a network config is a JSON object")
    return network


def _plugin(plugin: PluginView) -> PluginConfig:
    return PluginConfig(plugin.type or "", plugin.capabilities, plugin.node.value)


def _flag(network: NetworkView, key: str) -> bool:
    """A flag at the top of a list; libcni takes the strings "true" and "false" too."""
    if not network.is_list:
        return False
    child = network.node.child(key)
    value = child.value if child else False
    return value.lower() == "true" if isinstance(value, str) else bool(value)


def _list_bytes(network: NetworkView, data: bytes) -> bytes:
    """The list document: the file's own bytes, or what libcni makes of a single plugin's document."""
    if network.is_list:
        return data
    single = network.node.value
    wrapped = {"cniVersion": network.version_text or "", "name": network.name, "plugins": [single]}
    return json.dumps(wrapped, separators=(",", ":"), sort_keys=True).encode()
