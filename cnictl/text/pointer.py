"""JSON pointers (RFC 6901)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def format_pointer(tokens: Iterable[str | int]) -> str:
    """The pointer that leads through these keys and indexes; the empty string is the whole document.

    >>> format_pointer(["plugins", 0, "cni.dev/x"])
    '/plugins/0/cni.dev~1x'
    """
    return "".join(f"/{str(token).replace('~', '~0').replace('/', '~1')}" for token in tokens)


def parse_pointer(pointer: str) -> list[str]:
    """The keys and indexes of a pointer, all as text.

    Raises:
        ValueError: It is not empty and does not begin with ``/``.
    """
    if not pointer:
        return []
    if not pointer.startswith("/"):
        message = f"a JSON pointer begins with /, and this is {pointer!r}"
        raise ValueError(message)
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]
