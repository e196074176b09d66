"""TOML with places: what tomllib reads, and where it stands."""

from __future__ import annotations

import datetime as dt
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.foreign.toml import find, member, read_toml
from cnictl.text.source import Source

TEXT = '''version = 2 # the second
imports = ["/etc/containerd/conf.d/*.toml", # all of them
  'x.toml',
]
"a key" = {x.y = 1, z = ["]", "}"], t = 1979-05-27 07:32:00Z}
deep."er".still = 0x10

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/opt/cni/bin"
  long = """
a "quoted" ]
""""
  "esc\\u0061ped" = 1.5

[plugins]
here = true

[[hooks]]
name = "a"
[hooks.sub]
x = 1
[[hooks]]
name = 'b'
'''


def document(text: str):
    return read_toml(Source("config.toml", text.encode()))


def plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, dt.date | dt.time) else value


def written(found, node):
    return found.source.text[slice(*node.span)]


def test_the_values_are_those_of_tomllib():
    assert document(TEXT).root.value == plain(tomllib.loads(TEXT))
    windows = TEXT.replace("\n", "\r\n")
    assert document(windows).root.value == plain(tomllib.loads(windows))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("version",), "2"),
        (("a key", "x", "y"), "1"),
        (("a key", "t"), "1979-05-27 07:32:00Z"),
        (("deep", "er", "still"), "0x10"),
        (("plugins", "io.containerd.grpc.v1.cri", "cni", "bin_dir"), '"/opt/cni/bin"'),
        (("plugins", "io.containerd.grpc.v1.cri", "cni"), '[plugins."io.containerd.grpc.v1.cri".cni]'),
        (("plugins", "io.containerd.grpc.v1.cri", "cni", "escaped"), "1.5"),
        (("plugins",), "[plugins]"),
        (("imports",), "[\"/etc/containerd/conf.d/*.toml\", # all of them\n  'x.toml',\n]"),
    ],
)
def test_where_values_stand(path, text):
    found = document(TEXT)
    assert written(found, found.find(*path)) == text


def test_where_keys_and_items_stand():
    found = document(TEXT)
    key = member(found.root, "plugins", "io.containerd.grpc.v1.cri", "cni", "escaped")
    assert key is not None
    assert found.source.text[slice(*key.key_span)] == '"esc\\u0061ped"'
    assert [written(found, item) for item in found.find("imports").items] == [
        '"/etc/containerd/conf.d/*.toml"',
        "'x.toml'",
    ]
    first, second = found.find("hooks").items
    assert (first.value, second.value) == ({"name": "a", "sub": {"x": 1}}, {"name": "b"})
    assert found.source.position(second.span.start).line == 22


def test_what_is_not_there():
    found = document(TEXT)
    assert found.find("version", "x") is None
    assert found.find("none", "x") is None
    assert member(found.root, "version", "x") is None
    assert find(None, "x") is None


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("version = 2\n[plugins\n", 2, 9, "no valid TOML: expected ']' at the end of a table declaration"),
        ("a = 1\na = 2", 2, 6, "no valid TOML: cannot overwrite a value"),
        ("x = ", 1, 5, "no valid TOML: invalid value"),
        ("a = 1979-99-99", 1, 9, None),
        (b"a = 1\n\xff = 2", 2, 1, None),
        ("a = " + "[" * 100_000, 1, 1, "no valid TOML: it holds a value that cannot be read"),
        ("a = " + "9" * 10_000, 1, 1, "no valid TOML: it holds a value that cannot be read"),
    ],
)
def test_problems_have_a_place(text, line, column, message):
    data = text if isinstance(text, bytes) else text.encode()
    found = read_toml(Source("config.toml", data))
    assert found.problem is not None
    position = found.source.position(found.problem.span.start)
    assert (position.line, position.column) == (line, column)
    assert message in (None, found.problem.message)
    assert found.root.value == {}


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    found = read_toml(Source("config.toml", data))
    assert (found.root.value == {}) or found.problem is None


PIECES = st.sampled_from(
    [
        "[a]\n",
        "[[b]]\n",
        "[a.b]\n",
        "[ 'q' . r ]\n",
        "x = 1\n",
        'y."z" = [1, [2, {k = "]"}], # c\n]\n',
        "\r\n",
        "# [x]\n",
        'm = """a\\"""" \n',
        "l = '''a''b'''\n",
        "d = 1979-05-27 07:32:00\n",
        "i = {a.b = 1, c = {}}\n",
        "e = []\n",
        '"" = 2\n',
    ]
)


@given(st.lists(PIECES, max_size=12))
def test_the_tree_is_what_tomllib_reads(pieces):
    text = "".join(pieces)
    found = document(text)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assert found.problem
        return
    assert found.problem is None
    assert found.root.value == plain(data)
