"""Plugins that outlived the runtime that started them.

Who kills a runtime does not kill its plugins: one may still be making an interface while somebody else begins to clean
up. They are recognised by their environment.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.attachment import Attachment

_GRACE = 0.5
"""Seconds between SIGTERM and SIGKILL, as the executor has it."""
_POLL = 0.02


def end_orphans(attachment: Attachment) -> int:
    """Ends every plugin that still works on an attachment, with all its children.

    The caller must know that no runtime is at work on it, as who holds its lock does.

    Args:
        attachment: The attachment.

    Returns:
        How many process groups there were.
    """
    groups = _groups(attachment)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for group in groups:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)
        deadline = time.monotonic() + _GRACE
        while _groups(attachment) & groups and time.monotonic() < deadline:
            time.sleep(_POLL)
    return len(groups)


def _groups(attachment: Attachment) -> set[int]:
    """The process groups of plugins that work on an attachment; never the caller's own."""
    marks = {
        f"CNI_CONTAINERID={attachment.container_id}".encode(),
        f"CNI_IFNAME={attachment.ifname}".encode(),
    }
    return {group for group, words in _environments() if marks <= words and words & _COMMANDS} - {os.getpgrp()}


_COMMANDS = {b"CNI_COMMAND=ADD", b"CNI_COMMAND=CHECK", b"CNI_COMMAND=DEL"}


def _environments() -> Iterator[tuple[int, set[bytes]]]:
    """Each process's group and environment; those that are none of ours are passed over."""
    for name in os.listdir("/proc"):  # noqa: PTH208  # names, not paths
        if name.isdigit():
            with suppress(OSError):
                with open(f"/proc/{name}/environ", "rb") as file:  # noqa: PTH123  # hundreds of them
                    words = set(file.read().split(b"\0"))
                yield os.getpgid(int(name)), words
