"""How a kernel was built: its configuration, and the lists of its modules."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OPTION = re.compile(r"^(?:(CONFIG_\w+)=([ym])|# (CONFIG_\w+) is not set)$", re.MULTILINE)
_GZIP = 31
"""zlib's number for a stream with gzip's header."""
_MOST = 4 * 1024 * 1024
"""As many bytes of a configuration are read; real ones have 300 kB."""


def build_options(data: bytes) -> Mapping[str, str]:
    """The options of a kernel: ``y``, ``m``, or ``n`` where it is said not to be set.

    Args:
        data: The content of ``/proc/config.gz`` or ``/boot/config-RELEASE``.
    """
    if data.startswith(b"\x1f\x8b"):
        try:
            data = zlib.decompressobj(_GZIP).decompress(data, _MOST)
        except zlib.error:
            return {}
    found = (match.groups() for match in _OPTION.finditer(data.decode(errors="replace")))
    return {name or unset: value or "n" for name, value, unset in found}


def module_names(lines: Iterable[str]) -> frozenset[str]:
    """The modules in ``modules.dep`` or ``modules.builtin``, with underscores.

    >>> sorted(module_names(["kernel/net/bridge/br_netfilter.ko.xz: kernel/net/bridge/bridge.ko.xz"]))
    ['br_netfilter']
    """
    files = (line.partition(":")[0].rpartition("/")[2] for line in lines)
    return frozenset(name.partition(".ko")[0].strip().replace("-", "_") for name in files if ".ko" in name)
