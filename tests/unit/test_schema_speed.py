"""Judging by a schema takes little work for each entry of a list, and an end where a user's schema has none.

Work is counted in calls, not in seconds, so that a busy machine changes nothing.
"""

from __future__ import annotations

import json
import re
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from cnictl.errors import SourceError
from cnictl.schema import library, open_library, using, violations
from cnictl.schema.limit import TooSlow, time_limit
from cnictl.text.node import ObjectNode
from cnictl.text.parser import parse
from cnictl.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

# An end that comes in a destructor is swallowed there, and comes again; that Python tells so is as it should be.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")

MOST_CALLS = 50
"""For an entry with one key; to look the definition of a route up for each of them would take more than 100."""


def node(**keys: object) -> ObjectNode:
    root = parse(Source("-", json.dumps(keys).encode())).root
    assert isinstance(root, ObjectNode)
    return root


def calls(work: Callable[[], object]) -> int:
    count = 0

    def listen(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(listen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_an_entry_of_a_long_list_takes_few_calls():
    def judge(size: int) -> int:
        ipam = node(type="host-local", routes=[{"dst": f"10.{number}.0.0/16"} for number in range(size)])
        return calls(lambda: list(violations("host-local", ipam)))

    judge(1)
    assert (judge(200) - judge(100)) / 100 < MOST_CALLS


def test_what_is_wrong_with_entries_is_told_of_each():
    ipam = node(type="host-local", routes=[{"dst": 5}, {"dst": "10.1.0.0/16"}, {"dest": "10.2.0.0/16"}, 7])
    assert [(each.kind, each.label.pointer) for each in violations("host-local", ipam)] == [
        ("wrong-type", "/routes/0/dst"),
        ("unknown-key", "/routes/2/dest"),
        ("wrong-type", "/routes/3"),
    ]


@pytest.fixture
def judge(tmp_path, monkeypatch):
    """Judges the object of a plugin by a user's schema, with little patience."""
    monkeypatch.setattr(library, "PATIENCE", 0.2)

    def call(schema: object, *objects: ObjectNode) -> list[str]:
        (tmp_path / "own.schema.json").write_text(json.dumps(schema))
        with using(open_library((tmp_path,))):
            return [each.message for plugin in objects for each in violations("own", plugin)]

    return call


LONG = "a" * 60 + "!"


@pytest.mark.parametrize(
    ("schema", "plugin"),
    [
        ({"properties": {"mode": {"pattern": "^(a+)+$"}}}, node(mode=LONG)),
        ({"properties": {"modes": {"items": {"pattern": "^(a+)+$"}}}}, node(modes=["b", LONG])),
        ({"patternProperties": {"^(a+)+$": {}}}, node(**{LONG: 1})),
        ({"additionalProperties": False, "patternProperties": {"^(a+)+$": {}}}, node(**{LONG: 1})),
        ({"properties": {"mode": {"pattern": "^(a+)+$"}}, "additionalProperties": False}, node(Mode=LONG)),
    ],
)
def test_a_pattern_that_takes_for_ever_is_an_error_with_its_name(judge, tmp_path, schema, plugin):
    with pytest.raises(SourceError) as caught:
        judge(schema, plugin)
    place = f"{tmp_path}/own.schema.json"
    assert str(caught.value) == f"{place}: judging an object by it takes more than 0.2 seconds, at the pattern ^(a+)+$"
    assert caught.value.hint == "a repetition inside a repetition, such as (a+)+, can take for ever"


def test_a_long_pattern_is_shortened(judge):
    with pytest.raises(SourceError, match=r"at the pattern \^\(a\+\)\+\(b+\.\.\.$"):
        judge({"properties": {"mode": {"pattern": f"^(a+)+({'b' * 900})?$"}}}, node(mode=LONG))


def test_a_schema_may_take_for_ever_without_a_pattern(judge, monkeypatch):
    monkeypatch.setattr(library, "PATIENCE", 0.1)
    choices = {"anyOf": [{"$ref": "#/$defs/tree"}] * 8}
    schema = {
        "properties": {"mode": {"$ref": "#/$defs/tree"}},
        "$defs": {"tree": {"type": "object", "additionalProperties": choices}},
    }
    tree: object = 1
    for _ in range(10):
        tree = {"a": tree}
    with pytest.raises(SourceError, match=r"takes more than 0\.1 seconds$") as caught:
        judge(schema, node(mode=tree))
    assert caught.value.hint is None


def test_it_is_not_tried_again(judge, tmp_path):
    (tmp_path / "own.schema.json").write_text('{"properties": {"mode": {"pattern": "^(a+)+$"}}}')
    with using(open_library((tmp_path,))):
        begun = time.process_time()
        for _ in range(20):
            with pytest.raises(SourceError):
                list(violations("own", node(mode=LONG)))
    assert time.process_time() - begun < 20 * library.PATIENCE / 2


@pytest.mark.parametrize("reference", ["#/$defs/a", "#/properties/mode"])
def test_a_schema_that_refers_to_itself_without_end(judge, tmp_path, reference):
    schema = {"properties": {"mode": {"$ref": reference}}, "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}}
    with pytest.raises(SourceError) as caught:
        judge(schema, node(mode=1))
    assert str(caught.value) == f"{tmp_path}/own.schema.json: refers to itself without end"


def test_a_schema_may_refer_to_itself_where_there_is_an_end(judge):
    tree = {"type": "object", "additionalProperties": {"$ref": "#/$defs/tree"}}
    schema = {"properties": {"tree": {"$ref": "#/$defs/tree"}}, "$defs": {"tree": tree}}
    assert judge(schema, node(tree={"a": {"b": {}}})) == []
    assert judge(schema, node(tree={"a": {"b": 1}})) == ['"b" must be an object, and this is a whole number']


def test_definitions_of_a_users_schema_are_found_for_keys_in_another_case(judge):
    schema = {
        "properties": {"type": {}, "mode": {"$ref": "#/$defs/mode"}},
        "$defs": {"mode": {"enum": ["x", "y"]}},
        "additionalProperties": False,
    }
    assert judge(schema, node(type="own", Mode="z")) == [
        '"Mode" is read as "mode" by plugins written in Go only',
        '"Mode" is "z", and it must be one of "x", "y"',
    ]


def test_a_time_limit_leaves_everything_as_it_was():
    before = signal.getsignal(signal.SIGVTALRM)
    with time_limit(10):
        assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] > 0
    with pytest.raises(TooSlow), time_limit(0.01):
        re.search("^(a+)+$", LONG)
    assert signal.getsignal(signal.SIGVTALRM) is before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)


def test_an_end_that_something_swallowed_comes_again():
    with pytest.raises(TooSlow), time_limit(0.05):
        _search_twice()


def _search_twice() -> None:
    with suppress(TooSlow):  # as a destructor and a callback of the garbage collector do
        re.search("^(a+)+$", LONG)
    re.search("^(a+)+$", LONG)


def test_waiting_is_not_counted():
    with time_limit(0.05):
        time.sleep(0.2)


def test_in_another_thread_there_is_none():
    done = []

    def work() -> None:
        with time_limit(0.01):
            done.append(signal.getitimer(signal.ITIMER_VIRTUAL)[0])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [0]
