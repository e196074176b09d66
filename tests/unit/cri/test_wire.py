"""Protobuf's wire format: what is written is read, and anything else is an error that says why."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.cri import messages
from cnictl.cri.wire import MAX_FIELDS, Field, Kind, decode, encode

TABLE = {
    "text": Field(1, Kind.TEXT),
    "number": Field(2, Kind.NUMBER),
    "flag": Field(3, Kind.FLAG),
    "texts": Field(4, Kind.TEXTS),
    "inner": Field(5, {"text": Field(1, Kind.TEXT), "number": Field(16, Kind.NUMBER)}),
    "many": Field(6, {"text": Field(1, Kind.TEXT)}, many=True),
    "words": Field(7, Kind.TEXT, many=True),
    "numbers": Field(4711, Kind.NUMBER, many=True),
}
EMPTY = {
    "text": "",
    "number": 0,
    "flag": False,
    "texts": {},
    "inner": {"text": "", "number": 0},
    "many": [],
    "words": [],
    "numbers": [],
}
METHODS = [value for value in vars(messages).values() if isinstance(value, messages.Method)]

_text = st.text(st.characters(codec="utf-8"))
_number = st.integers(-(2**63), 2**63 - 1)
_values = st.fixed_dictionaries(
    {
        "text": _text,
        "number": _number,
        "flag": st.booleans(),
        "texts": st.dictionaries(_text, _text),
        "inner": st.fixed_dictionaries({"text": _text, "number": _number}),
        "many": st.lists(st.fixed_dictionaries({"text": _text})),
        "words": st.lists(_text),
        "numbers": st.lists(_number),
    }
)


@given(_values)
def test_what_is_written_is_read(values):
    assert decode(encode(values, TABLE), TABLE) == values


@pytest.mark.parametrize(
    ("values", "data"),
    [
        ({}, ""),
        (EMPTY | {"inner": {}}, ""),
        ({"text": "abc"}, "0a 03 616263"),
        ({"number": 150}, "10 9601"),  # the example of protobuf's own documentation
        ({"number": -1}, "10 ffffffffffffffffff01"),
        ({"flag": True}, "18 01"),
        ({"texts": {"a": "b"}}, "22 06 0a0161 120162"),
        ({"texts": {"a": ""}}, "22 03 0a0161"),
        ({"inner": {"text": "a", "number": 1}}, "2a 06 0a0161 800101"),
        ({"many": [{"text": "a"}, {"text": ""}]}, "32 03 0a0161 32 00"),
    ],
)
def test_the_bytes_are_those_of_protobuf(values, data):
    assert encode(values, TABLE) == bytes.fromhex(data)
    assert decode(bytes.fromhex(data), TABLE) == EMPTY | {name: value for name, value in values.items() if value}


def test_of_a_field_that_is_there_twice_the_last_counts_and_messages_are_merged():
    assert decode(bytes.fromhex("0a0161 0a0162"), TABLE)["text"] == "b"
    assert decode(bytes.fromhex("2a030a0161 2a03800101"), TABLE)["inner"] == {"text": "a", "number": 1}


def test_fields_that_are_not_wanted_are_passed_over_whatever_they_hold():
    assert decode(bytes.fromhex("8006 05 8106 0102030405060708 8206 03 ffffff 8506 01020304"), TABLE) == EMPTY


def test_a_text_that_is_no_utf_8_is_read_as_well_as_can_be():
    assert decode(b"\x0a\x02a\xff", TABLE)["text"] == "a\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("0a 03 6162", "the message breaks off in a field"),
        ("0a", "the message breaks off in a number"),
        ("0a ffffffff0f", "the message breaks off in a field"),
        ("10 ff", "the message breaks off in a number"),
        ("10 ffffffffffffffffffff01", "the message has a number of more than 64 bits"),
        ("11 01020304050607", "the message breaks off in a field"),
        ("0d 010203", "the message breaks off in a field"),
        ("0b", "the message has a field of the unknown wire type 3"),
        ("00", "the message has a field without a number"),
        ("08 01", "the field text is of another type than CRI says"),
        ("12 0161", "the field number is of another type than CRI says"),
        ("28 01", "the field inner is of another type than CRI says"),
        ("2a 02 0801", "the field text is of another type than CRI says"),
    ],
)
def test_what_is_no_message_is_told_with_the_reason(data, reason):
    with pytest.raises(ValueError, match=f"^{reason}$"):
        decode(bytes.fromhex(data), TABLE)


def sound(data, table):
    """Whether bytes give a message with all its fields, or an error that says why not."""
    try:
        return decode(data, table).keys() == table.keys()
    except ValueError as error:
        return str(error).startswith("the ")


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_a_message_or_an_error(method, data):
    assert sound(data, method.response)


@given(values=_values, data=st.data())
def test_a_message_with_a_wrong_byte_is_a_message_or_an_error(values, data):
    good = bytearray(encode(values, TABLE))
    if good:
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    assert sound(bytes(good), TABLE)


@pytest.mark.parametrize("data", [b"\x0a\0", b"\x22\0", b"\x32\0", b"\x32\2\x0a\0", b"\x88\x06\0"])
def test_a_message_of_nothing_but_fields_is_given_up_in_time(data):
    began = time.process_time()
    with pytest.raises(ValueError, match=f"^the message has more than {MAX_FIELDS} fields$"):
        decode(data * (16 * 1024 * 1024 // len(data)), TABLE)
    assert time.process_time() - began < 20
