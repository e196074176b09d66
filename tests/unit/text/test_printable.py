from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.text.printable import printable

_R = "\ufffd"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("eth0\x1b[31m", f"eth0{_R}[31m"),
        ("\x1b]0;title\x07", f"{_R}]0;title{_R}"),
        ("a\nb\r\nc", f"a{_R}b{_R}{_R}c"),
        ("a\tb", f"a{_R}b"),
        ("\x00\x08\x7f", _R * 3),
        ("\x9b31m", f"{_R}31m"),
        ("\x80\x85\x9f", _R * 3),
        ("a\u2028b\u2029c", f"a{_R}b{_R}c"),
        ("\u202egpj.exe", f"{_R}gpj.exe"),
        ("\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069\u200e\u200f", _R * 10),
        ("zero\u200bwidth\ufeff", f"zero{_R}width{_R}"),
        ("\ud800", _R),
        ("a\udc80b", f"a{_R}b"),
    ],
)
def test_what_is_not_printed_becomes_a_replacement_character(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text", ["", "pod network", "10.1.0.0/24", "é ß 網路 сеть", "😀", "a\u0301", _R, '{"a": "~/\\"}']
)
def test_ordinary_text_stays_as_it_is(text):
    assert printable(text) == text


@settings(deadline=None, max_examples=100)
@given(text=st.text(st.characters(), max_size=20))
def test_any_text_becomes_printable_with_every_other_character_in_its_place(text):
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) == len(text)
    assert all(new in (old, _R) for old, new in zip(text, shown, strict=True))
    shown.encode()
    assert printable(shown) == shown
