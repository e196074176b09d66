"""Lines are folded at blanks alone, and none is too wide that could have been folded."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cnictl.render.paper import Paper
from tests.support.terminal import too_wide, without_colours

WORDS = st.lists(st.text("ab\u65e5/-.`", min_size=1, max_size=30), max_size=30).map(" ".join)
PATH = "/var/lib/kubelet/pods/3f0c9a52-6d1e-4c55-9f2a-8f1f0f3a7c11/volumes"


def written(width: int | None, head: str, text: str, *, indent: int = 0, colour: bool = False) -> str:
    stream = io.StringIO()
    Paper(stream, width=width, colour=colour).paragraph((head, "bold"), text, indent=indent)
    return stream.getvalue()


@given(text=WORDS, width=st.integers(20, 120), indent=st.integers(0, 6))
def test_no_word_is_lost_or_broken(text, width, indent):
    shown = written(width, "why: ", text, indent=indent)
    assert shown.split() == f"why: {text}".split()
    assert without_colours(written(width, "why: ", text, indent=indent, colour=True)) == shown
    assert [line for line in shown.splitlines() if line != line.rstrip()] == []


@given(text=WORDS.map(lambda text: text.replace("`", "")), width=st.integers(20, 120))
def test_no_line_is_too_wide_that_could_have_been_folded(text, width):
    assert too_wide(written(width, "why: ", text), width) == []


@given(text=WORDS)
def test_what_is_no_terminal_gets_one_line(text):
    assert written(None, "why: ", text).count("\n") == 1


def test_a_path_stays_whole_beside_its_heading():
    assert written(40, "--> ", f"{PATH}:1:2", indent=2) == f"  --> {PATH}:1:2\n"


def test_a_path_in_a_text_stands_on_a_line_of_its_own():
    assert written(40, "fix: ", f"write it into {PATH}, then go on").splitlines() == [
        "fix: write it into",
        f"     {PATH},",
        "     then go on",
    ]


def test_a_command_stays_whole():
    shown = written(40, "next ", "look at it with `journalctl -u kubelet --since today`, and then go on")
    assert "`journalctl -u kubelet --since today`," in shown.splitlines()[1]


@pytest.mark.parametrize(("width", "hang"), [(80, 17), (60, 17), (56, 6), (40, 6)])
def test_a_long_heading_has_no_column_of_its_own_on_a_narrow_terminal(width, hang):
    second = written(width, "warning[CNI401]: ", "a word " * 30).splitlines()[1]
    assert len(second) - len(second.lstrip()) == hang


def test_a_heading_with_wide_characters_is_as_wide_as_it_is_shown():
    first, second, *_ = written(60, "\u65e5\u672c\u8a9e: ", "word " * 30).splitlines()
    assert cell_len(first[: first.index("word")]) == second.index("word") == 8


def test_characters_that_a_terminal_has_not_are_told_by_numbers_before_lines_are_folded():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Paper(stream, width=40).paragraph("\u00fc: ", "\u65e5\u672c\u8a9e \u2026 \x1b " * 9)
    stream.seek(0)
    lines = stream.read().splitlines()
    assert lines[0].startswith("\\xfc: \\u65e5\\u672c\\u8a9e ... ?")
    assert max(map(len, lines)) <= 40
    assert all(re.match(r" {6}\S", line) for line in lines[1:])


@pytest.mark.parametrize("width", [1, 5, 12])
def test_a_terminal_of_hardly_any_width_gets_every_word(width):
    assert written(width, "why: ", "all of it", indent=6).split() == ["why:", "all", "of", "it"]
