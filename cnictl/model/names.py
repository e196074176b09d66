"""The rules for names: networks, containers, interfaces and plugin types.

The names end up in file names and in environment variables, so each is checked before anything is
written or run (CNI spec 1.1.0, sections 1 and 2; libcni ``pkg/utils``).
"""

from __future__ import annotations

import re

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.\-]*")
_IFNAME_MAX_BYTES = 15
"""The kernel's IFNAMSIZ is 16, with the terminating zero."""
_IFNAME_FORBIDDEN = re.compile(r"[/:%\x00-\x20\x7f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")

ALLOWED = "begins with a letter or digit and has only letters, digits, _ . and - after it"
"""What a network name or container ID looks like, for messages."""


def network_name_fault(name: str) -> str | None:
    """Why this cannot be the name of a network; ``None`` when it can."""
    return _name_fault("the network name", name)


def container_id_fault(container_id: str) -> str | None:
    """Why this cannot be a container ID; ``None`` when it can."""
    return _name_fault("the container ID", container_id)


def _name_fault(what: str, value: str) -> str | None:
    if not value:
        return f"{what} is empty"
    # fullmatch: "$" would accept a line end after the name, and the name becomes part of a path.
    if not _NAME.fullmatch(value):
        return f'{what} "{value}" is not valid: it {ALLOWED}'
    return None


def ifname_fault(ifname: str) -> str | None:
    """Why the kernel cannot name an interface so; ``None`` when it can.

    Stricter than libcni in two points: control characters and ``%`` are refused, because the kernel
    reads ``%d`` in a new interface's name as "the next free number".
    """
    if not ifname:
        return "the interface name is empty"
    if len(ifname.encode(errors="replace")) > _IFNAME_MAX_BYTES:
        return f'the interface name "{ifname}" is longer than {_IFNAME_MAX_BYTES} bytes'
    if ifname in (".", ".."):
        return f'the interface name cannot be "{ifname}"'
    if _IFNAME_FORBIDDEN.search(ifname):
        return f'the interface name "{ifname}" has a character that is not allowed (/ : % or white space)'
    return None


def plugin_type_fault(plugin_type: str) -> str | None:
    """Why this cannot be a plugin's ``type``, which is the base name of its executable."""
    if not plugin_type:
        return "the plugin type is empty"
    if "/" in plugin_type or "\\" in plugin_type or "\x00" in plugin_type:
        return f'the plugin type "{plugin_type}" is a path; it must be the bare name of the executable'
    if plugin_type in (".", ".."):
        return f'the plugin type cannot be "{plugin_type}"'
    return None
