"""JSON texts for tests: parsed from a literal, or drawn by hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from cnictl.text.parser import parse
from cnictl.text.source import Source

if TYPE_CHECKING:
    from cnictl.text.document import Document

_CHARACTERS = st.characters(exclude_categories=["Cs"])  # half of a surrogate pair is no text

json_scalars: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**18, max_value=10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(_CHARACTERS, max_size=12)
)
json_values: st.SearchStrategy[Any] = st.recursive(
    json_scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(_CHARACTERS, max_size=6), inner, max_size=4),
    max_leaves=12,
)
"""Whatever JSON can say: plain data with exact numbers."""


def document(text: str | bytes, path: str = "10-net.conflist") -> Document:
    """The document that a text is parsed into, mistakes and all."""
    return parse(Source(path, text.encode() if isinstance(text, str) else text))
