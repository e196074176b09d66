"""The table of libcni's behaviours, and which test shows which of them.

libcni's own tests pin 250 behaviours. ``BEHAVIOURS.tsv`` lists them. A test names the rows that it shows by the marker
``libcni``, wherever it lies under ``tests``; ``NOT_APPLICABLE.tsv`` says why the others do not concern cnictl.

Marks are found in the text of the tests: importing them all would take long and run code.
"""

from __future__ import annotations

import ast
import csv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
TESTS = HERE.parent
ROWS = range(1, 251)
LEFT_OUT = frozenset({"netns", "skip", "skipif", "xfail"})
"""Markers of tests that do not run everywhere, or need not succeed."""

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Mark(NamedTuple):
    """One use of the marker.

    Attributes:
        rows: What it names.
        place: Where it stands, ``path:line``.
        test: The function that it stands at, or ``None``.
        fault: Why it shows nothing, or ``None``.
    """

    rows: tuple[int, ...]
    place: str
    test: str | None
    fault: str | None


def read_table(name: str) -> list[list[str]]:
    """The lines of a table, without its head.

    Args:
        name: Its file name.
    """
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def all_marks() -> list[Mark]:
    """Every use of the marker under ``tests``."""
    paths = sorted(TESTS.rglob("*.py"))
    return [mark for path in paths if b"mark.libcni" in path.read_bytes() for mark in marks_in(path.read_text(), path)]


def marks_in(text: str, path: Path) -> Iterator[Mark]:
    """Every use of the marker in a module.

    Args:
        text: The module's text.
        path: Its path; pytest looks for tests in files that are called ``test_*.py``.
    """
    module = ast.parse(text)
    last = {each.name: each for each in module.body if isinstance(each, _Function)}
    owners = {id(decorator): each for each in last.values() for decorator in each.decorator_list}
    calls = {id(node.func): node for node in ast.walk(module) if isinstance(node, ast.Call)}
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and ast.unparse(node).endswith("mark.libcni"):
            call = calls.get(id(node))
            owner = owners.get(id(call))
            fault = _fault(call, owner, path)
            place = f"{path.relative_to(TESTS) if path.is_relative_to(TESTS) else path}:{node.lineno}"
            yield Mark(_rows(call), place, owner.name if owner else None, fault)


def _rows(call: ast.Call | None) -> tuple[int, ...]:
    arguments = call.args if call else []
    values = (argument.value for argument in arguments if isinstance(argument, ast.Constant))
    return tuple(value for value in values if type(value) is int)


def _fault(call: ast.Call | None, owner: _Function | None, path: Path) -> str | None:
    """Why a use of the marker shows nothing."""
    rows = _rows(call)
    if call is None or not rows or len(rows) != len(call.args) or call.keywords:
        return "it names no rows, or something else than rows"
    if len(set(rows)) != len(rows) or not set(rows) <= set(ROWS):
        return "it names a row twice, or one that is not in the table"
    if owner is None or not owner.name.startswith("test") or not path.name.startswith("test_"):
        return "it stands at no test"
    others = {ast.unparse(each).partition("(")[0].rpartition(".")[2] for each in owner.decorator_list}
    return "its test does not always run" if others & LEFT_OUT else None
