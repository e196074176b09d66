from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.text import stream
from cnictl.text.stream import stream_documents

VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)
OBJECTS = st.dictionaries(st.text(max_size=5), VALUES, max_size=4)


def read(text: str) -> list[object]:
    return [document.fault or document.value for document in stream_documents(io.StringIO(text).read)]


@given(st.lists(OBJECTS), st.sampled_from(["", "\n", " \n\t"]), st.sampled_from([None, 2]), st.integers(1, 40))
def test_every_document_is_read_however_the_stream_is_cut(documents, between, indent, chunk):
    text = between.join(json.dumps(document, indent=indent) for document in documents)
    source = io.StringIO(text)
    # A reader that gives less than it was asked for, as pipes do.
    found = [document.value for document in stream_documents(lambda size: source.read(min(size, chunk)))]
    assert found == documents


@pytest.mark.parametrize("noise", ["oops\n", "oops {\n", '{"a": nope}\n', '{"a": "cut\n', "{{\n", "]\n", "\ufffd\n"])
def test_noise_is_one_fault_and_the_next_document_is_read(noise):
    first, second = read(f'{noise}{{"a": 1}}')
    assert str(first).startswith("it is no JSON")
    assert second == {"a": 1}


def test_an_end_that_is_missing_is_a_fault():
    assert read('{"a": 1}\n{"a": ') == [{"a": 1}, "it is no JSON, or not all of it: expecting value"]


def test_nothing_is_no_document():
    assert read(" \n") == []


def test_a_document_that_is_too_long_is_passed_over(monkeypatch):
    monkeypatch.setattr(stream, "MOST_CHARACTERS", 1000)
    monkeypatch.setattr(stream, "_CHUNK", 100)
    source = io.StringIO('{"a": "' + "x" * 100_000 + '\n{"b": 1}')
    found = [document.fault or document.value for document in stream_documents(source.read)]
    assert found[1:] == [{"b": 1}]


def test_reading_a_long_document_in_pieces_takes_no_more_than_twice_the_text():
    text = json.dumps({"a": ["x" * 50] * 20_000})
    sizes: list[int] = []
    source = io.StringIO(text)

    def counting(size: int) -> str:
        sizes.append(size)
        return source.read(size)

    assert [document.value for document in stream_documents(counting)] == [json.loads(text)]
    assert len(sizes) < 10
