"""No input makes `judge` raise: real configs with anything at all in any place, and texts that are hardly JSON."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.schema import known_types, plugin_schema
from cnictl.text.source import Source
from cnictl.validate.engine import judge

CORPUS = Path(__file__).parents[2] / "corpus"
RULES = Path(__file__).parents[2] / "rules"


class Pairs(list[tuple[str, Any]]):
    """An object in which a key may stand twice."""


def _write(value: Any) -> str:
    if isinstance(value, Pairs):
        return "{" + ", ".join(f"{json.dumps(key)}: {_write(item)}" for key, item in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_write, value)) + "]"
    return json.dumps(value)


@cache
def _configs() -> list[str]:
    """Every config that is JSON, among them all that the rules' folders have."""
    found = []
    for path in sorted([*CORPUS.glob("*/*"), *RULES.glob("CNI[1-7]*/*.conf*")]):
        try:
            data = json.loads(path.read_bytes(), object_pairs_hook=Pairs)
        except (json.JSONDecodeError, UnicodeDecodeError):
            continue
        if isinstance(data, Pairs):
            found.append(_write(data))
    return found


@cache
def _texts() -> list[bytes]:
    return [path.read_bytes() for path in sorted([*CORPUS.glob("*/*"), *RULES.glob("*/*.conf*")])]


@cache
def _keys() -> list[str]:
    """All keys that a schema or the spec knows."""
    found = {"name", "cniVersion", "cniVersions", "plugins", "type", "ipam", "dns", "delegate", "disableCheck", ""}

    def visit(schema: Any) -> None:
        if isinstance(schema, dict):
            found.update(schema.get("properties", {}))
            for value in schema.values():
                visit(value)
        elif isinstance(schema, list):
            for value in schema:
                visit(value)

    for plugin in known_types():
        visit(plugin_schema(plugin))
    return sorted(found)


_WORDS = st.sampled_from(
    [
        *(
            "",
            "bridge",
            "host-local",
            "portmap",
            "bandwidth",
            "loopback",
            "true",
            "1.0.0",
            "1.1.0",
            "../x",
            "\x00",
            "\n",
        ),
        *(
            "10.1.0.0/24",
            "10.1.0.1",
            "10.1.0.1/24",
            "0.0.0.0/0",
            "::/0",
            "255.255.255.255/32",
            "0.0.0.0/32",
            "fd00::/64",
        ),
        *(
            "::ffff:10.0.0.0/120",
            "::ffff:0:0/0",
            "fe80::1%0",
            "10.1.0.0/" + "9" * 5000,
            "7" * 5000,
            "x" * 300,
            "\ud800",
        ),
    ]
)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**63, -(2**64), 10**290, 0.0, -0.0, 1450.0, 1450.5, 1e300, 5e-324])
    | st.floats(allow_nan=False, allow_infinity=False)
    | _WORDS
    | st.text(max_size=8)
)


@cache
def _names() -> st.SearchStrategy[str]:
    known = st.sampled_from(_keys())
    return known | known.map(str.upper) | st.text(max_size=5)


@cache
def _values() -> st.SearchStrategy[Any]:
    return st.recursive(
        _SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(_names(), inner), max_size=4).map(Pairs),
        max_leaves=8,
    )


def _containers(value: Any) -> list[list[Any]]:
    """Every object and array in a document, the outermost first."""
    found: list[list[Any]] = []
    waiting = [value]
    for item in waiting:
        if isinstance(item, list):
            found.append(item)
            waiting += [entry[1] for entry in item] if isinstance(item, Pairs) else item
    return found


def _mutate(data: st.DataObject, container: list[Any]) -> None:
    """Changes one entry of an object or array: another value or key, doubled, gone, or a new one."""
    value = data.draw(_values(), label="value")
    entry: Any = (data.draw(_names(), label="key"), value) if isinstance(container, Pairs) else value
    deed = data.draw(st.sampled_from(["replace", "rename", "double", "delete", "add"])) if container else "add"
    at = data.draw(st.integers(0, max(len(container) - 1, 0)), label="at")
    if deed == "add":
        container.insert(at, entry)
    elif deed == "delete":
        del container[at]
    elif deed == "double":
        container.append(container[at])
    elif isinstance(container, Pairs):
        key, old = container[at]
        container[at] = (key, value) if deed == "replace" else (entry[0], old)
    else:
        container[at] = value


def _judge(name: str, data: bytes) -> None:
    source = Source(name, data)
    lines = source.text.split("\n")
    order = []
    for finding in judge(source).findings:
        where = finding.location
        assert where.line
        assert where.column
        assert where.end_line
        assert where.end_column
        assert (where.line, where.column) <= (where.end_line, where.end_column)
        assert where.end_line <= len(lines)
        assert where.end_column <= len(lines[where.end_line - 1]) + 1
        assert finding.message.encode()
        json.dumps(dict(finding.evidence))
        order.append((where.line, where.column, finding.code))
    assert order == sorted(order)


@settings(deadline=None, max_examples=400)
@given(data=st.data())
def test_configs_with_anything_in_any_place(data):
    document = json.loads(data.draw(st.sampled_from(_configs())), object_pairs_hook=Pairs)
    for _ in range(data.draw(st.integers(1, 4), label="mutations")):
        containers = _containers(document)
        _mutate(data, containers[data.draw(st.integers(0, len(containers) - 1), label="container")])
    name = data.draw(st.sampled_from(["-", "10-net.conflist", "10-net.conf", "x.json"]), label="name")
    _judge(name, _write(document).encode())


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_a_value_of_any_kind_under_every_known_key(data):
    keys = data.draw(st.dictionaries(_names(), _values(), max_size=6), label="keys")
    ipam = data.draw(st.dictionaries(_names(), _values(), max_size=6), label="ipam")
    plugin = data.draw(st.sampled_from(known_types()), label="plugin")
    entry = Pairs([("type", plugin), ("ipam", Pairs([("type", "host-local"), *ipam.items()])), *keys.items()])
    network = Pairs([("cniVersion", "1.0.0"), ("name", "pods"), ("plugins", [entry])])
    _judge("10-net.conflist", _write(network).encode())


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_texts_with_pieces_cut_out_and_put_in(data):
    text = data.draw(st.sampled_from(_texts()))
    for _ in range(data.draw(st.integers(1, 3), label="mutations")):
        at = data.draw(st.integers(0, len(text)), label="at")
        cut = data.draw(st.integers(0, 5) | st.just(len(text)), label="cut")
        piece = data.draw(
            st.sampled_from(
                [b",", b":", b"{", b"}", b"[", b"]", b'"', b"'", b"\\", b"\\u12", b"//", b"/*", b"#", b"\n"]
            )
            | st.sampled_from(
                [b"\xff", b"\xef\xbb\xbf", b"\x00", b"1e999", b"-", b"0x", b"nul", b"\\ud800", b"\xe2\x80\x9c"]
            )
            | st.binary(max_size=4),
            label="piece",
        )
        text = text[:at] + piece + text[at + cut :]
    _judge("10-net.conflist", text)


@settings(deadline=None, max_examples=100)
@given(
    data=st.binary(max_size=60) | st.text(alphabet="{}[]\",:'\\#/ \n0-1.eatrufsln\ufeff", max_size=40).map(str.encode)
)
def test_any_bytes(data):
    _judge("10-net.conflist", data)
