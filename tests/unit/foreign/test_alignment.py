"""Where the characters of a string stand in the text that it is written in."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cnictl.foreign.alignment import Alignment
from cnictl.text.source import Span


def places(value, text, style):
    """The places of all characters, and that behind the last one."""
    alignment = Alignment(value, text, Span(text.index("<") + 1, text.index(">")), style)
    return [alignment.outer(index) for index in range(len(value) + 1)]


@pytest.mark.parametrize(
    ("value", "text", "style", "expected"),
    [
        ("ab", "<ab>", "plain", [1, 2, 3]),
        ("a b", "<a\n  b>", "plain", [1, 2, 5, 6]),
        ("a'b", "<'a''b'>", "single", [2, 3, 5, 6]),
        ('a"b', '<"a\\"b">', "double", [2, 3, 5, 6]),
        ("a\U0001f600b", '<"a\\ud83d\\ude00b">', "json", [2, 3, 15, 16]),
    ],
)
def test_strings_in_a_line_or_in_quotes(value, text, style, expected):
    assert places(value, text, style) == expected


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("style", ["literal", "folded"])
def test_blocks_begin_behind_their_indentation(end, style):
    mark, between = ("|", "\n") if style == "literal" else (">", " ")
    text = f"x: {mark}{end}    a{end}    b{end}"
    alignment = Alignment(f"a{between}b\n", text, Span(3, len(text)), style)
    assert alignment.indent == 4
    assert [alignment.outer(0), alignment.outer(2)] == [text.index("a"), text.index("b")]


def test_it_is_about_text_alone():
    code = (
        "import sys, cnictl.foreign.alignment; sys.exit('yaml' in sys.modules or 'cnictl.text.parser' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
