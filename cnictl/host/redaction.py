"""Makes secrets unreadable in what is kept of a node.

What is taken out keeps its length and its lines, so that every other place stays where it is. Of a JSON web token only
the time is kept at which it ends.
"""

from __future__ import annotations

import re
from typing import Any

from cnictl.foreign.web_token import only_expiry

_NAMES = (
    r"[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|credential|api[-_]?key|private[-_]?key|psk)[\w.-]*"
    r"|[\w.-]*(?<![a-z])auth(?![a-z])[\w.-]*"
    r"|(?:client-certificate|client-key|certificate-authority)-data|bearer"
)
"""The names of values that nobody else should read: of kubeconfigs, registries and plugins."""

_PATTERNS = (
    re.compile(r"-----BEGIN [A-Z ]+-----(?P<secret>.*?)-----END", re.DOTALL),
    re.compile(r"(?P<secret>\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"),  # a JSON web token
    # In JSON, YAML, TOML, and settings; also where a JSON text is a string in another.
    re.compile(rf"""(?:{_NAMES})\\*["']?\s*[:=]\s*\\*["'](?P<secret>[^"'\\\n]+)""", re.IGNORECASE),
    re.compile(rf"""(?:{_NAMES})\s*[:=][ \t]*(?P<secret>[^\s"'\\{{}}\[\],;$]+)""", re.IGNORECASE),
    re.compile(r"://[^/\s:@]+:(?P<secret>[^/\s@]+)@"),  # http://user:password@host
)
_KEPT = frozenset({"true", "false", "null", "none", "yes", "no"})
_VISIBLE = re.compile(r"[^\s]")


def redact(value: Any) -> Any:  # noqa: ANN401  # a JSON value
    """A JSON value without secrets.

    Args:
        value: What is to be kept.
    """
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, list):
        return [redact(each) for each in value]
    if isinstance(value, dict):
        return {key: redact(each) for key, each in value.items()}
    return value


def redact_bytes(data: bytes) -> bytes:
    """Bytes without secrets, of the same length; they need not be text."""
    return redact_text(data.decode(errors="surrogateescape")).encode(errors="surrogateescape")


def redact_text(text: str) -> str:
    """A text without secrets, of the same length.

    Args:
        text: The content of a file, or what a program says.
    """
    for pattern in _PATTERNS:
        text = pattern.sub(_without_secret, text)
    return text


def _without_secret(match: re.Match[str]) -> str:
    secret = match["secret"]
    if secret.lower() in _KEPT or secret.startswith(("/", "${", "$(")):  # a switch, a path, a variable
        return match.group()
    start, end = match.span("secret")
    whole, offset = match.group(), match.start()
    hidden = only_expiry(secret) or _VISIBLE.sub("x", secret)
    return whole[: start - offset] + hidden + whole[end - offset :]
