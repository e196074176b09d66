"""Makes secrets unreadable in what is kept of a node.

What is taken out keeps its length and its lines, so that every other place stays where it is. Of a JSON web token only
the time is kept at which it ends. Where it is not clear how far a secret goes, rather too much is taken out.

No pattern looks far ahead or back, so that the time grows with the length alone: programs are read too.
"""

from __future__ import annotations

import base64
import re
from typing import Any

from cnictl.foreign.web_token import only_expiry

_WORDS = (
    r"passw(?:or)?d|passphrase|secret|token|credential|api[-_]?key|access[-_]?key|private[-_]?key|psk|bearer"
    r"|(?<![a-z])(?:auth|pass)(?![a-z])"
    r"|(?:client-certificate|client-key|certificate-authority)-data"
)
"""What the names of values hold that nobody else should read: of kubeconfigs, registries and plugins."""
_NAME = rf"(?:{_WORDS})[\w.-]{{0,64}}"
_IS = r"\s*[:=]\s*"
_WORD = r"""(?:[^\s"'\\{}\[\],]|["'{}\[\],](?=\w)|\\(?!["'nrt]))"""
"""A character of a value without quotes: one that could end it does not when a letter follows."""
_FIRST = r"""[^\s"'\\{}\[\],;#|>&*]"""

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE | re.ASCII)
    for pattern in (
        r"-----BEGIN [A-Z ]{1,64}-----(?P<secret>(?:(?!-----)[^\0])*)",
        r"(?P<secret>LS0tLS1CRUdJTi[\w+/=]*(?:\s+[\w+/]{16,}=*)*)",  # the same in base64
        r"(?<![\w-])(?P<secret>eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)",  # a JSON web token
        r"""[:=\["']\s*(?:basic|bearer)[ ]+(?P<secret>[\w+/=.~-]{4,})""",  # a header of HTTP
        # TOML's long strings.
        rf"{_NAME}{_IS}" + r'"""(?P<secret>(?:(?!""")[^\0])+)',
        rf"{_NAME}{_IS}" + r"'''(?P<secret>(?:(?!''')[^\0])+)",
        # In JSON, YAML, TOML, and settings; also where a JSON text is a string in another.
        rf"""{_NAME}\\*["']?{_IS}(?P<quote>\\*["'])(?!["']{{2}})(?P<secret>(?:''|(?!(?<!\\)(?P=quote))[^\n\0])+)""",
        rf"""(?P<quote>["'])[\w.-]{{0,64}}?{_NAME}=(?P<secret>(?:(?!(?P=quote))[^\n\0])+)""",
        rf"""{_NAME}\\*["'][ \t]*:[ \t]*(?P<secret>[^\s"'\\{{}}\[\],]+)""",
        # YAML's text of several lines, and of one.
        rf"{_NAME}:[ \t]*[|>][-+\d]*[ \t]*\n(?P<indent>[ \t]+)(?P<secret>[^\n]*(?:\n(?P=indent)[^\n]*)*)",
        rf"{_NAME}[ \t]*:[ \t]*(?P<secret>{_FIRST}{_WORD}*(?:[ \t]+(?!\#){_WORD}+)*)",
        rf"{_NAME}[ \t]*=[ \t]*(?P<secret>{_FIRST}{_WORD}*)",
        rf"(?<!\w)--?(?:\w{{1,64}}-)?(?:{_WORDS})[ \t\0]+(?P<secret>[^\s\0\"'=:-][^\s\0\"']*)",  # an option
        rf"""["']--?[\w-]{{0,64}}?(?:{_WORDS})["']\s*,\s*["'](?P<secret>[^"'\n\0-][^"'\n\0]*)""",
        rf"""{_NAME}["']?\s*,?\s*["']?value["']?\s*:\s*["']?(?P<secret>[^\s"'{{}}]+)""",  # a variable of a container
        rf"""{_NAME}:[ \t]*\n[ \t]+(?P<secret>[^\s:#"'{{\[-][^\s:]{{7,}})[ \t]*(?=\r?\n|\Z)""",
        r"""://[^/\s:@"']{0,256}:(?P<secret>[^/\s"'\0]{1,1024})@""",  # http://user:password@host
        r"""://(?P<secret>[^/\s:@"'\0]{1,1024})@""",
    )
)
_ARRAY = re.compile(rf"""{_NAME}\\*["']?{_IS}\[(?P<secret>[^\[\]\n\0]+)\]""", re.IGNORECASE | re.ASCII)
_ITEM = re.compile(r"""(?<=["'])(?P<secret>[^"'\n\\]+)(?=\\*["'][\s,]*(?:[\s,]\\*["']|\Z))""")
_BASE64 = re.compile(
    r"(?<![\w+/=])(?:[A-Za-z0-9+/]{4}){10,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?![\w+/=])", re.ASCII
)
"""A text in base64 of some length, such as the config in a cached attachment."""
_KEY = re.compile(_NAME, re.IGNORECASE | re.ASCII)
_OPTION = re.compile(rf"--?[\w-]*(?:{_WORDS})", re.IGNORECASE | re.ASCII)
_KEPT = re.compile(r"true|false|null|none|yes|no|(?:/[\w.@:-]+)+/?|\$[{(].*", re.IGNORECASE | re.ASCII | re.DOTALL)
"""What is no secret whatever its name: a switch, a path, a variable."""
_VISIBLE = re.compile(r"[^\s\0]", re.ASCII)


def redact(value: Any) -> Any:  # noqa: ANN401  # a JSON value
    """A JSON value without secrets.

    Args:
        value: What is to be kept.
    """
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, list):
        kept = [redact(each) for each in value]
        after = [False, *(isinstance(each, str) and bool(_OPTION.fullmatch(each)) for each in value)]
        return [_hidden(each) if is_value else each for each, is_value in zip(kept, after, strict=False)]
    if isinstance(value, dict):
        return {key: _hidden(each) if _KEY.search(key) else redact(each) for key, each in value.items()}
    return value


def redact_bytes(data: bytes) -> bytes:
    """Bytes without secrets, of the same length; they need not be text."""
    return redact_text(data.decode("latin-1")).encode("latin-1")  # a character for each byte


def redact_text(text: str) -> str:
    """A text without secrets, of the same length.

    Args:
        text: The content of a file, or what a program says.
    """
    return _BASE64.sub(_without_secret_inside, _redacted(text))


def _redacted(text: str) -> str:
    for pattern in _PATTERNS:
        text = pattern.sub(_without_secret, text)
    return _ARRAY.sub(_without_secret_items, text)


def _without_secret_items(match: re.Match[str]) -> str:
    start, end = (place - match.start() for place in match.span("secret"))
    whole = match.group()
    return whole[:start] + _ITEM.sub(_without_secret, whole[start:end]) + whole[end:]


def _without_secret_inside(match: re.Match[str]) -> str:
    """A base64 text of the same length, without what is secret in the text that it stands for."""
    inside = base64.b64decode(match.group()).decode("latin-1")
    kept = _redacted(inside)
    return match.group() if kept == inside else base64.b64encode(kept.encode("latin-1")).decode()


def _without_secret(match: re.Match[str]) -> str:
    start, end = match.span("secret")
    whole, offset = match.group(), match.start()
    return whole[: start - offset] + _unreadable(match["secret"]) + whole[end - offset :]


def _hidden(value: Any) -> Any:  # noqa: ANN401  # a JSON value
    """A value that is a secret, or an option's value; what is an option itself is none."""
    if isinstance(value, str):
        return redact_text(value) if value.startswith("-") else _unreadable(value)
    return redact(value)


def _unreadable(secret: str) -> str:
    if _KEPT.fullmatch(secret):
        return secret
    return only_expiry(secret) or _VISIBLE.sub("x", secret)
