"""What is known of the commands without loading them: ``index.json``, which `cnictl.cli.completing.survey` writes.

A command and its libraries take as long to load as a shell may wait for an answer. The file is renewed with
``make index``, and a test fails when it is not what the commands say.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

PATH = Path(__file__).with_name("index.json")


class Parameter(NamedTuple):
    """An option or an argument.

    Attributes:
        name: What the command's function calls it.
        names: How an option is written, as typer wants it: ``--rollback/--no-rollback``; empty for an argument.
        metavar: What help shows for its value; empty for a flag.
        help: What it is for: the first sentence of its help.
        many: Whether there may be several.
        choices: The values that it can have, when they are few.
    """

    name: str
    names: tuple[str, ...] = ()
    metavar: str = ""
    help: str = ""
    many: bool = False
    choices: tuple[str, ...] = ()

    @property
    def is_flag(self) -> bool:
        """Whether it is an option without a value."""
        return bool(self.names) and not self.metavar


class Code(NamedTuple):
    """A code.

    Attributes:
        name: Its name, such as ``portmap-without-capability``.
        help: What it means, in a sentence.
        command: The command that reports it: ``validate``, ``doctor`` or ``try``.
    """

    name: str
    help: str
    command: str


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(PATH.read_bytes())
    return content


def children_of(path: str) -> dict[str, str]:
    """The commands of a command, each with its line of help.

    Args:
        path: The words of the command behind the program's name; empty for ``cnictl`` itself.
    """
    children: dict[str, str] = _content()["commands"][path].get("commands", {})
    return children


def parameters_of(path: str) -> list[Parameter]:
    """The parameters of a command, in the order of their places.

    Args:
        path: The words of the command behind the program's name.
    """
    return [_parameter(record) for record in _content()["commands"][path]["parameters"]]


def parameters_of_kind(kind: str) -> list[Parameter]:
    """The options of ``cnictl generate KIND``; those that every network has for a kind with a schema of the user's.

    Args:
        kind: The type of the plugin that makes the interface.
    """
    known = _content()["kinds"].get(kind, {"group": "network", "parameters": []})
    return [_parameter(record) for record in (*_content()["groups"][known["group"]], *known["parameters"])]


def kinds() -> dict[str, str]:
    """The kinds of ``cnictl generate``, each with its line of help."""
    return {kind: known["help"] for kind, known in _content()["kinds"].items()}


def codes() -> dict[str, Code]:
    """Every code."""
    return {code: Code(**known) for code, known in _content()["codes"].items()}


def words(kind: str) -> list[str]:
    """Names of which there is a fixed number.

    Args:
        kind: ``categories``, ``capabilities`` or ``ipam``.
    """
    names: list[str] = _content()["words"][kind]
    return names


def _parameter(record: dict[str, Any]) -> Parameter:
    listed: dict[str, Any] = {key: tuple(record[key]) for key in ("names", "choices") if key in record}
    return Parameter(**(record | listed))
