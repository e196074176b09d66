"""Large files: time grows with the size and not with its square, and memory stays below a multiple of it."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from cnictl.text.source import Source
from cnictl.validate.engine import judge
from tests.fuzz.shapes import CONFIGS, TEXTS
from tests.fuzz.soundness import FILES, sound

SHAPES = {**CONFIGS, **TEXTS}

SMALL, LARGE = 3_000, 24_000
STEEP = 3.0
"""A file eight times as large may take three times eight times as long; its square would take eight times eight."""

FACTOR = 600
"""The most bytes of memory for each byte of a file: a list of numbers, each of which is a finding, takes 510."""
FACTOR_OF_GOOD = 130
"""The same where nothing is found: a list of one-digit numbers, each a node of the tree."""
LARGEST = 1_500_000


def _seconds(data: bytes) -> float:
    """Processor time of a judgement, and of the quickest of three when they are short."""
    times: list[float] = []
    while not times or (len(times) < 3 and min(times) < 1):
        start = time.process_time()
        judge(Source(FILES[0], data))
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize("shape", SHAPES)
def test_time_grows_with_the_size(shape):
    small, large = (SHAPES[shape].of(size) for size in (SMALL, LARGE))
    before = max(_seconds(small), 0.003)
    assert _seconds(large) <= STEEP * before * (LARGE / SMALL)


def _factor(data: bytes) -> float:
    """Bytes of memory at the worst moment of a judgement for each byte of the file."""
    sound(FILES[0], b"{}")  # what is loaded once counts for nothing
    tracemalloc.start()
    try:
        sound(FILES[0], data)
        return tracemalloc.get_traced_memory()[1] / len(data)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "shape", ["plugins that are numbers", "capabilities that are numbers", "name servers", "letters"]
)
def test_memory_for_many_findings(shape):
    assert _factor(SHAPES[shape].of(10_000)) <= FACTOR


def test_memory_for_the_smallest_values():
    assert _factor(SHAPES["numbers"].of(30_000)) <= FACTOR_OF_GOOD


def test_memory_for_a_large_file():
    data = SHAPES["numbers"]._replace(item="1234567890" * 4).of(LARGEST)
    assert len(data) > LARGEST * 0.99
    assert _factor(data) <= FACTOR_OF_GOOD


@pytest.mark.parametrize("shape", ["a long string", "deep lists", "deep objects", "quotes", "NUL", "bad literals"])
def test_memory_for_a_large_text(shape):
    assert _factor(TEXTS[shape].of(LARGEST)) <= FACTOR_OF_GOOD
