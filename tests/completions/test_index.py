"""What is written down about the commands is what they say, and every value that they take is thought of."""

from __future__ import annotations

from functools import cache

import pytest

from cnictl.authoring.generate import kinds
from cnictl.cli.completing import index, values
from cnictl.cli.completing.commands import command_of
from cnictl.cli.completing.cursor import Cursor
from cnictl.cli.completing.survey import survey, to_text
from cnictl.cli.generate import command_of as real_kind
from cnictl.cli.lazy import load_command
from tests.cli.test_help import commands


def all_parameters():
    """Every parameter of every command, with the words of the command."""
    for path in index._content()["commands"]:
        yield from ((path, parameter) for parameter in index.parameters_of(path))
    for kind in index.kinds():
        yield from ((f"generate {kind}", parameter) for parameter in index.parameters_of_kind(kind))


VALUES = [(path, parameter) for path, parameter in all_parameters() if not parameter.is_flag]


def test_the_index_is_fresh():
    assert index.PATH.read_text() == to_text(survey()), "`make index` renews it"


def test_the_index_has_every_command():
    real = {" ".join(path) for path in commands() if path[:1] != ("generate",)} | {"generate"}
    assert set(index._content()["commands"]) == real
    assert list(index.kinds()) == kinds(vendors=True)


@pytest.mark.parametrize("path", [*index._content()["commands"], *(f"generate {kind}" for kind in index.kinds())])
def test_a_command_of_the_index_reads_a_line_as_the_real_one_does(path):
    real, made = _real(path), _made(path)
    assert _ways(made) == _ways(real)
    assert getattr(made, "commands", {}).keys() >= getattr(real, "commands", {}).keys()


def _real(path):
    command = load_command("cnictl.cli.root", "cnictl")
    if path.startswith("generate "):
        return real_kind(path.split()[1])
    for name in path.split():
        command = command.resolve_command(command.make_context("cnictl", [], resilient_parsing=True), [name])[1]
    return command


@cache
def _made(path):
    return command_of("generate").made(path.split()[1]) if path.startswith("generate ") else command_of(path)


def _ways(command):
    """All by which a parser tells what a word is, but for arguments that nobody is told of."""
    context = command.make_context("cnictl", [], resilient_parsing=True)
    return {
        (each.name, *each.opts, *each.secondary_opts, each.nargs, each.multiple, getattr(each, "is_flag", None))
        for each in command.get_params(context)
        if not each.hidden
    }


def test_every_value_is_completed_or_free():
    unknown = [
        f"{path}: {parameter.name} {parameter.metavar}"
        for path, parameter in VALUES
        if not (parameter.choices or values.completer_of(path, parameter) or values.is_free(parameter))
    ]
    assert unknown == [], "say in cnictl/cli/completing/values.py which words it takes, or that it is free"


@pytest.mark.usefixtures("home")
def test_nothing_that_completes_a_value_breaks():
    for path, parameter in VALUES:
        command = _made(path)
        context = command.make_context(path, [], resilient_parsing=True)
        found = values.values_at(Cursor(parameter, "", path, context))
        assert all(word.text for word in found.words)


def test_nothing_is_known_of_what_is_not_there():
    there = {parameter.metavar for _, parameter in VALUES}
    named = {(parameter.metavar, parameter.name) for _, parameter in VALUES}
    assert there | named >= values.FREE
    assert values._BY_METAVAR.keys() <= there
    assert values._BY_NAME.keys() <= named
    assert {name for _, parameter in VALUES for name in parameter.names} >= values._INTERFACES
