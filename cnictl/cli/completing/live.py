"""Names that are there now: networks, namespaces, plugins, attachments, interfaces, processes.

Nothing is waited for, nothing is run, and what cannot be read has no names.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnictl.cli.completing.found import Word
from cnictl.errors import CNIError
from cnictl.invoke.find import default_bin_dirs
from cnictl.model.files import config_names
from cnictl.model.names import network_name_fault
from cnictl.netns.handle import RUN_DIR
from cnictl.text.source import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cnictl.runtime.cache import CacheEntry

_PATIENCE = 1.0
"""Seconds that files may be read for one answer: a shell does nothing else meanwhile."""


def names_in(directory: str | os.PathLike[str]) -> list[str]:
    """The names in a directory, sorted; none when it cannot be read.

    Args:
        directory: The directory.
    """
    try:
        return sorted(os.listdir(directory), key=os.fsencode)  # noqa: PTH208  # names, not paths
    except (OSError, ValueError):
        return []


def path_of(text: str) -> Path:
    """The path that a text in the line means; a ``~`` of nobody's stays as it is, as in shells.

    Args:
        text: What stands in the line, without quotes.
    """
    return Path(os.path.expanduser(text))  # noqa: PTH111  # which raises nothing, as pathlib's does


def _while_patient(names: Iterable[str]) -> Iterator[str]:
    end = time.monotonic() + _PATIENCE
    for name in names:
        if time.monotonic() > end:
            return
        yield name


def networks(directory: Path) -> list[Word]:
    """The networks of a config directory.

    Args:
        directory: The directory.
    """
    found: dict[str, Word] = {}
    for file in _while_patient(config_names(names_in(directory))):
        name = _text(read_config(directory / file), "name")
        if not network_name_fault(name):
            found.setdefault(name, Word(name, file))
    return list(found.values())


def read_config(path: Path) -> dict[str, Any]:
    """The JSON object in a file; an empty one when there is none.

    Args:
        path: The file.
    """
    try:
        value = json.loads(read_regular(path))
    except (CNIError, OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _text(config: dict[str, Any], key: str) -> str:
    value = config.get(key)
    return value if isinstance(value, str) else ""


def plugins_of(config: dict[str, Any]) -> list[dict[str, Any]]:
    """The plugins of a config, be it a list or a single one.

    Args:
        config: The config.
    """
    plugins = config.get("plugins", [config])
    return [each for each in plugins if isinstance(each, dict)] if isinstance(plugins, list) else []


def config_of(network: str, directory: Path) -> dict[str, Any]:
    """The config of a network; an empty one when there is none.

    Args:
        network: Its name, or a file.
        directory: The config directory.
    """
    if "/" in network or config_names([network]):
        return read_config(path_of(network))
    files = {word.text: word.help for word in networks(directory)}
    return read_config(directory / files[network]) if network in files else {}


def attachments(cache_dir: Path) -> list[CacheEntry]:
    """What the cache says is attached.

    Args:
        cache_dir: The cache's directory.
    """
    from cnictl.runtime.cache import CacheEntry, ResultCache, entry_in

    found = []
    directory = ResultCache(cache_dir).results
    for name in _while_patient(names_in(directory)):
        path = str(directory / name)
        with suppress(CNIError, OSError):
            entry = entry_in(read_regular(path), path)
            found += [entry] if isinstance(entry, CacheEntry) else []
    return found


def namespaces() -> list[str]:
    """The names of network namespaces."""
    return names_in(RUN_DIR)


def plugins(bin_dirs: list[Path] | None) -> list[Word]:
    """The types of the plugins that are installed.

    Args:
        bin_dirs: Where to look; ``None`` for the usual directory.
    """
    found: dict[str, Word] = {}
    for directory in bin_dirs or default_bin_dirs():
        for name in names_in(directory):
            path = directory / name
            if not name.startswith(".") and os.access(path, os.X_OK) and path.is_file():
                found.setdefault(name, Word(name, str(directory)))
    return list(found.values())


def interfaces() -> list[str]:
    """The names of this machine's network interfaces."""
    return names_in("/sys/class/net")


def processes() -> list[Word]:
    """The processes in another network namespace than this one, with what they are called."""
    found = []
    own = _namespace("self")
    for name in sorted(filter(str.isdigit, names_in("/proc")), key=int):
        with suppress(OSError):
            if _namespace(name) != own:
                found.append(Word(name, Path(f"/proc/{name}/comm").read_text(errors="replace").strip()))
    return found


def _namespace(process: str) -> str:
    return os.readlink(f"/proc/{process}/ns/net")  # noqa: PTH115  # it leads to no file
