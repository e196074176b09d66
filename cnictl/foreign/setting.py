"""A value that a program reads from one of its files, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.report.finding import Location

if TYPE_CHECKING:
    from cnictl.text.node import Node
    from cnictl.text.source import Source, Span


class Setting(NamedTuple):
    """A value and its origin.

    Attributes:
        value: It, as plain data.
        source: The file that says so; ``None`` when it is the program's default.
        span: The value in that file.
        key: Its key there; that of the value where it has none of its own.
    """

    value: Any
    source: Source | None = None
    span: Span | None = None
    key: Span | None = None

    @classmethod
    def of(cls, source: Source, node: Node, key: Span | None = None) -> Setting:
        """The setting that a node of a document is."""
        return cls(node.value, source, node.span, key or node.span)

    @property
    def is_default(self) -> bool:
        """Whether no file says so."""
        return self.source is None

    @property
    def location(self) -> Location | None:
        """The place of the value; ``None`` for a default."""
        return self._place(self.span)

    @property
    def key_location(self) -> Location | None:
        """The place of the key; ``None`` for a default."""
        return self._place(self.key)

    def _place(self, span: Span | None) -> Location | None:
        return Location.in_text(self.source, span) if self.source is not None and span is not None else None

    @property
    def origin(self) -> str:
        """``FILE:LINE``, or that it is the default."""
        place = self.location
        return f"{place.file}:{place.line}" if place else "the default"

    @property
    def text(self) -> str:
        """The value when it is a text; empty otherwise."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts in the value when it is a list; the value itself when it is a text."""
        if isinstance(self.value, str):
            return (self.value,)
        return tuple(item for item in self.value if isinstance(item, str)) if isinstance(self.value, list) else ()
