"""Plugins that other programs add to a list without editing it (CNI spec 1.1.0, section 1; libcni since 1.3.0).

They lie beside the list, in a directory with the network's name: one plugin's object in each ``.conf``. They come after
the plugins of the list, in the order of their names' bytes.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from cnictl.errors import InvalidConfig
from cnictl.model.names import network_name_fault
from cnictl.model.structure import structure_faults
from cnictl.model.view import NetworkView, view
from cnictl.text.parser import parse
from cnictl.text.source import read_source, source_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.text.document import Document

_SUFFIX = ".conf"


def drop_ins(document: Document, directory: str | None) -> list[Document]:
    """The plugins that are added to a list.

    Args:
        document: The list.
        directory: The directory that the list lies in; ``None`` to look for none.

    Raises:
        SourceError: A file cannot be read.
        InvalidConfig: A file does not hold one plugin's object.
    """
    network = view(document) if directory is not None and document.refused is None else None
    if network is None or not _takes_them(network):
        return []
    found = [parse(read_source(path)) for path in _paths(os.path.join(directory or "", network.name or ""))]  # noqa: PTH118
    for each in found:
        require_sound(each, but="name-missing")
    return found


def _takes_them(network: NetworkView) -> bool:
    inlined_only = network.node.child("loadOnlyInlinedPlugins")
    # The name becomes a part of a path, so it must be none itself.
    named = bool(network.name) and network_name_fault(network.name or "") is None
    single = not network.is_list and network.node.folded("type") is not None
    return named and not single and (inlined_only is None or str(inlined_only.value).lower() != "true")


def _paths(directory: str) -> list[str]:
    try:
        names = os.listdir(directory)  # noqa: PTH208  # names, not paths
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise source_error(directory, error) from error
    paths = [os.path.join(directory, name) for name in sorted(names, key=os.fsencode) if name.endswith(_SUFFIX)]  # noqa: PTH118
    return [path for path in paths if not os.path.isdir(path)]  # noqa: PTH112


def merged(document: Document, dropped: Sequence[Document]) -> bytes:
    """The list with the plugins that were added, as one text that needs no drop-in directory any more.

    It is what goes into the result cache: libcni keeps the list alone there, so that a DEL from the cache misses
    the plugins that were added.
    """
    root = document.root.value if document.root else {}
    plugins = [*root.get("plugins", []), *(each.root.value for each in dropped if each.root)]
    whole = {**root, "plugins": plugins, "loadOnlyInlinedPlugins": True}
    return json.dumps(whole, separators=(",", ":")).encode()


def require_sound(document: Document, *, but: str = "") -> None:
    """Does nothing for a config without fault.

    Args:
        document: The config.
        but: A kind of fault that is none here.

    Raises:
        InvalidConfig: libcni or the plugins would refuse it; the error names line and column.
    """
    problem = document.refused
    fault = None if problem else next((each for each in structure_faults(document) if each.kind != but), None)
    span = problem.span if problem else fault.label.span if fault else None
    if span is not None:
        line, column = document.source.position(span.start)
        reason = problem.message if problem else fault.message if fault else ""
        raise InvalidConfig(document.source.name, reason, line=line, column=column)
