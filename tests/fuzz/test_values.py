"""Any JSON value at any place of a good config is judged."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.soundness import FILES, QUICK, good_texts, sound
from tests.mutation.configs import Good

_STRANGE = st.sampled_from(
    [
        *(2**31, 2**53 + 1, 2**64, -(2**63) - 1, 10**400, -0.0, 1e-320, 1.5e308, 1450.0, 4095, 65536, -1, 0),
        *("", " ", "\0", "\n", "\ud800", "\U0001f600", "x" * 400, "10.0.0.0/8", "::/0", "::ffff:10.0.0.0/104", "0/0"),
        *("10.0.0.1/" + "9" * 400, "fe80::1%eth0", "1.1.1.1.1", "01:00:5e:00:00:01", "../..", "/sys/devices", "true"),
        *([], {}, [[]], [{}], {"": None}, [None], [[[]]], {"type": {"type": []}}),
    ]
)
_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_KEYS = st.text(max_size=4) | st.just("type")
_ANY = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.text(max_size=5) | _STRANGE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=6,
)


def _configs() -> list[Good]:
    return [Good(FILES[0] if '"plugins"' in text else FILES[1], text, own=True) for text in good_texts()]


@QUICK
@given(data=st.data())
def test_another_value_at_any_place(data):
    good = data.draw(st.sampled_from(_configs()))
    paths = [path for path, _ in good.walk() if path]
    _judge(good, good.put(data.draw(st.sampled_from(paths)), None).data, data.draw(_ANY), data)


def _judge(good: Good, text: bytes, value: Any, data: st.DataObject) -> None:
    """Judges a config with ``value`` in one, two or three places."""
    document = json.loads(text)
    for _ in range(data.draw(st.integers(1, 3))):
        places = [path for path, _ in Good(good.name, json.dumps(document), own=True).walk() if path]
        if not places:
            break
        path = data.draw(st.sampled_from(places))
        parent = document
        for step in path[:-1]:
            parent = parent[step]
        parent[path[-1]] = value
        value = data.draw(_ANY)
    sound(data.draw(st.sampled_from(FILES)), json.dumps(document).encode())


@QUICK
@given(data=st.data())
def test_a_value_of_one_config_at_a_place_of_another(data):
    good, other = data.draw(st.sampled_from(_configs())), data.draw(st.sampled_from(_configs()))
    path = data.draw(st.sampled_from([path for path, _ in good.walk() if path]))
    value = data.draw(st.sampled_from([value for _, value in other.walk()]))
    sound(good.name, good.put(path, value).data)


@QUICK
@given(data=st.data())
def test_anything_deleted(data):
    good = data.draw(st.sampled_from(_configs()))
    path = data.draw(st.sampled_from([path for path, _ in good.walk() if path]))
    sound(good.name, good.drop(path).data)
