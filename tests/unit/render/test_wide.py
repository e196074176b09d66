"""Characters that take two columns of a terminal: carets stand below what is meant, and no line is too long."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.cells import cell_len

from cnictl.render.frame import draw_frame
from cnictl.render.paper import Paper
from cnictl.report.finding import Location
from cnictl.text.source import Source

WIDE = "日本語ネットワーク"
LINE = f'{{"about": "{WIDE} {WIDE} {WIDE}", "mtu": "1450", "ipam": {{"about": "{WIDE} {WIDE} {WIDE}"}}}}'


def drawn(width: int | None) -> list[str]:
    stream = StringIO()
    paper = Paper(stream, width=width)
    start = LINE.index('"1450"') + 1
    draw_frame(paper, Source("net.conf", LINE.encode()), Location("net.conf", 1, start, 1, start + 6))
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("width", [None, 30, 40, 41, 60, 61, 80, 81, 120, 200])
def test_the_caret_stands_below_the_value(width):
    _, line, mark, *_ = drawn(width)
    before = line[: line.index('"1450"')]
    assert mark.index("^") == cell_len(before)
    assert mark.count("^") == len('"1450"')


@pytest.mark.parametrize("width", [30, 40, 41, 60, 61, 80, 81, 120])
def test_a_frame_fits_the_terminal(width):
    assert max(map(cell_len, drawn(width))) <= width


@pytest.mark.parametrize("width", range(30, 90, 7))
def test_a_paragraph_is_wrapped_once(width):
    stream = StringIO()
    paper = Paper(stream, width=width)
    paper.paragraph("why: ", f"the network {WIDE} is not what {WIDE} and {WIDE} need, and so it is wrapped", indent=2)
    first, *others = stream.getvalue().splitlines()
    assert max(map(cell_len, (first, *others))) <= width
    assert {len(line) - len(line.lstrip()) for line in others} == {len("  why: ")}
