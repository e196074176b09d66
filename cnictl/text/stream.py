"""JSON documents one after another in a stream, as a pod's log or ``cat`` of many files has them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_CHARACTERS = 32 * 1024 * 1024
"""How long a document may be; what is longer is passed over."""
_CHUNK = 64 * 1024
_CHARACTER = re.compile(r"[^ \t\r\n\ufeff]")
_LONGEST_TOKEN = 16
"""No number or word that the stream was cut in is longer, so an error this near to the end may be for want of more."""


class StreamDocument(NamedTuple):
    """A document, or what stands where one should be."""

    value: object
    fault: str | None = None
    """Why it is none."""


def stream_documents(read: Callable[[int], str]) -> Iterator[StreamDocument]:
    """The documents of a stream, each one as soon as all of it is there.

    What is no document is one fault, up to the next line that begins with a brace: that is where documents begin.

    Args:
        read: Reads so many characters, or what is left; nothing at the end.
    """
    stream = _Stream(read)
    while stream.skip_space():
        yield stream.document()


class _Stream:
    def __init__(self, read: Callable[[int], str]) -> None:
        self._read = read
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._at = 0
        self._ended = False

    def skip_space(self) -> bool:
        """Goes to the next character that is no space; false when there is none."""
        while True:
            found = _CHARACTER.search(self._text, self._at)
            if found:
                self._at = found.start()
                return True
            self._at = len(self._text)
            if not self._more():
                return False

    def document(self) -> StreamDocument:
        """The document that begins here; after it the stream is behind it."""
        while True:
            try:
                value, self._at = self._decoder.raw_decode(self._text, self._at)
            except RecursionError:
                fault = "it is nested too deep"
            except json.JSONDecodeError as error:
                if self._may_go_on(error) and self._more():
                    continue
                reason = error.msg.removesuffix(" starting at")
                fault = f"it is no JSON, or not all of it: {reason[:1].lower()}{reason[1:]}"
            else:
                return StreamDocument(value)
            self._resume()
            return StreamDocument(None, fault)

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Whether the text ends too early, rather than being wrong."""
        cut = error.msg.startswith("Unterminated string") or error.pos > len(self._text) - _LONGEST_TOKEN
        return cut and len(self._text) - self._at < MOST_CHARACTERS

    def _resume(self) -> None:
        """Goes to the next line that begins with a brace, or to the end."""
        while (found := self._text.find("\n{", self._at)) < 0:
            self._at = max(len(self._text) - 1, self._at)
            if not self._more():
                self._at = len(self._text)
                return
        self._at = found + 1

    def _more(self) -> bool:
        """Reads as much as is waiting already, so that trying again costs no more than the reading."""
        waiting = self._text[self._at :]
        new = "" if self._ended else self._read(max(_CHUNK, len(waiting)))
        self._ended = self._ended or not new
        self._text, self._at = waiting + new, 0
        return bool(new)
