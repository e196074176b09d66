"""Any text at all is judged: nothing raises, nothing hangs, and every finding lies inside the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.shapes import CONFIGS, TEXTS
from tests.fuzz.soundness import FILES, QUICK, good_texts, sound

_PIECES = st.sampled_from(
    [
        *("{", "}", "[", "]", ",", ":", '"', "'", "\\", "\\u12", "\\ud800", "//", "/*", "*/", "#", "\n", "\r", "\t"),
        *("\0", "\ufeff", "\u2028", "“", "é", "\U0001f600", "\x7f", "null", "tru", "NaN", "-", "1e999", "0x1", "1.0"),
        *("9" * 5000, "[" * 300, '{"a":' * 300, "x" * 3000, '"type": "bridge",', '"plugins": [],', '"ipam": {},'),
    ]
)


@QUICK
@given(name=st.sampled_from(FILES), data=st.binary(max_size=200))
def test_any_bytes(name, data):
    sound(name, data)


@QUICK
@given(name=st.sampled_from(FILES), text=st.text(alphabet='{}[]",:\\/*#\' \n01.-+eEtrufalsn"ipam\ud800é', max_size=80))
def test_any_text_that_is_nearly_json(name, text):
    sound(name, text.encode(errors="surrogatepass"))


@QUICK
@given(data=st.data())
def test_characters_inserted_deleted_and_replaced(data):
    text = data.draw(st.sampled_from(good_texts()))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 3))
        piece = data.draw(_PIECES | st.text(max_size=2) | st.just(""))
        text = text[:at] + piece + text[at + gone :]
    sound(data.draw(st.sampled_from(FILES)), text.encode(errors="surrogatepass"))


@QUICK
@given(data=st.data())
def test_pieces_moved_and_doubled(data):
    text = data.draw(st.sampled_from(good_texts()))
    one, two, there = sorted(data.draw(st.integers(0, len(text))) for _ in range(3))
    other = data.draw(st.sampled_from(good_texts()))
    moved = text[:one] + text[two:there] + text[one:two] + text[there:]
    texts = (moved, text[:there] + text[one:], text[:two] + other[two:])
    sound(FILES[0], data.draw(st.sampled_from(texts)).encode())


@QUICK
@given(data=st.data())
def test_bytes_flipped(data):
    text = bytearray(data.draw(st.sampled_from(good_texts())).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    sound(FILES[0], bytes(text))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-le", "utf-8-sig", "cp037"])
def test_other_encodings(encoding):
    for text in good_texts():
        assert sound(FILES[0], text.encode(encoding)).findings


@pytest.mark.parametrize("shape", [*CONFIGS, *TEXTS])
def test_much_of_one_thing(shape):
    sound(FILES[0], {**CONFIGS, **TEXTS}[shape].of(3000))
