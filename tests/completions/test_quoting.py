"""Lines are split as bash splits them, and words are quoted so that every shell reads them as they are."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.cli.completing.quoting import quoted, split
from tests.support.shells import require_shell

BREAKS = " \t\n\"'@><=;|&(:"
SIGNS = "a-~é語 \t'\"\\$`!*?[]{}()<>|&;#%^=:@,./"


@pytest.mark.parametrize(
    ("line", "words", "current", "quote", "kept"),
    [
        ("cnictl ", ["cnictl"], "", "", 0),
        ("cnictl val", ["cnictl"], "val", "", 0),
        ("a  b\tc", ["a", "b"], "c", "", 0),
        ("--opt=va", [], "--opt=va", "", 6),
        ("pid:12", [], "pid:12", "", 4),
        (r"my\ di", [], "my di", "", 0),
        (r"a\:b", [], "a:b", "", 0),
        ("'my di", [], "my di", "'", 0),
        ('--opt="a:b c', [], "--opt=a:b c", '"', 6),
        (r'"a\"b\c', [], r'a"b\c', '"', 0),
        ("'a'b", [], "ab", "", 1),
        ("'' x", [""], "x", "", 0),
        ("x\\", [], "x", "", 0),
        ("", [], "", "", 0),
    ],
)
def test_a_line_is_split(line, words, current, quote, kept):
    parts = split(line, BREAKS)
    assert (parts.words, parts.current, parts.quote, parts.kept) == (words, current, quote, kept)


@given(st.text(SIGNS, min_size=1), st.sampled_from(["", "'", '"']))
def test_what_is_quoted_is_read_as_it_was(text, quote):
    parts = split(f"x {quote}{quoted(text, quote)}{quote} ")
    assert parts.words == ["x", text]


@settings(max_examples=1)
@given(st.lists(st.tuples(st.text(SIGNS, min_size=1), st.sampled_from(["", "'", '"'])), min_size=200, max_size=300))
def test_bash_reads_it_as_it_was(pairs):
    show = "import json, sys; print(json.dumps(sys.argv[1:]))"
    line = " ".join(f"{quote}{quoted(text, quote)}{quote}" for text, quote in pairs)
    done = subprocess.run(
        ["bash", "--norc", "-c", f"'{sys.executable}' -c '{show}' {line}"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [text for text, _ in pairs]


def test_bash_splits_a_line_alike():
    require_shell("bash")
    line = r"""a 'b c' "d\"e" f\ g h'i'"j" '' k=l m:n"""
    done = subprocess.run(["bash", "-c", f"printf '%s\\n' {line}"], capture_output=True, text=True, check=True)
    assert split(f"{line} ").words == done.stdout.splitlines()
