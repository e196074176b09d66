"""JSON web tokens, as far as it can be seen in them when they end (RFC 7519)."""

from __future__ import annotations

import base64
import binascii
import json
import re

_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+")
_NO_LENGTH = 1
"""What is left over of the length of no base64 text, divided by four."""


def token_expiry(token: str) -> float | None:
    """When a token ends, in seconds since 1970; ``None`` when it does not say."""
    if not _TOKEN.fullmatch(token.strip()):
        return None
    try:
        claims = json.loads(decoded(token.split(".")[1]))
    except (ValueError, RecursionError):
        return None
    expires = claims.get("exp") if isinstance(claims, dict) else None
    try:
        return float(expires) if isinstance(expires, int | float) and not isinstance(expires, bool) else None
    except OverflowError:
        return None


def only_expiry(token: str) -> str | None:
    """A text of the same length that says when a token ends, and is of no other use; ``None`` when it does not say."""
    expires = token_expiry(token)
    if expires is None:
        return None
    head, claims, signature = token.split(".")
    room = len(claims) * 3 // 4
    kept = f'{{"exp":{int(expires)}}}'.ljust(room).encode()
    if len(kept) != room or len(claims) % 4 == _NO_LENGTH:
        return None
    return f"{'x' * len(head)}.{base64.urlsafe_b64encode(kept).decode().rstrip('=')}.{'x' * len(signature)}"


def decoded(text: str) -> bytes:
    """The bytes of a base64 text of either alphabet, with or without padding; none when it is no such text."""
    text = text.strip().rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""
