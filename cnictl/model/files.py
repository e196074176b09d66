"""Where runtimes keep things, and which files of a config directory they read (libcni ``ConfFiles``, go-cni)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LIST_SUFFIX = ".conflist"
SINGLE_SUFFIXES = (".conf", ".json")
SUFFIXES = (LIST_SUFFIX, *SINGLE_SUFFIXES)
"""The endings that count, in lower case only."""

DEFAULT_CONF_DIR = "/etc/cni/net.d"
DEFAULT_CACHE_DIR = Path("/var/lib/cni")


def suffix_of(name: str) -> str:
    """The text from the last dot on, as Go's ``filepath.Ext`` has it; ``.conflist`` is all suffix."""
    dot = name.rfind(".")
    return name[dot:] if dot > name.rfind("/") else ""


def config_names(names: Iterable[str]) -> list[str]:
    """The names that runtimes read, in the order in which they read them: sorted by their bytes."""
    return sorted((name for name in names if suffix_of(name) in SUFFIXES), key=os.fsencode)
