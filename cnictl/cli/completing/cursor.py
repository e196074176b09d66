"""Finds out what stands at the cursor, with typer's own parser and its help for completions.

Private names of typer used here: ``_resolve_context`` and ``_resolve_incomplete`` of its vendored click, and
``_protected_args`` of contexts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from typer._click.shell_completion import _resolve_context, _resolve_incomplete

from cnictl.cli.completing.commands import command_of
from cnictl.cli.completing.found import NOTHING, Found, Word
from cnictl.cli.entry import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.cli.completing.index import Parameter


class Cursor(NamedTuple):
    """The place of a value that is being typed.

    Attributes:
        parameter: What it is the value of.
        text: As much of the value as stands there.
        path: The words of the command behind the program's name.
        context: typer's, which knows the values that stand before.
    """

    parameter: Parameter
    text: str
    path: str
    context: Any

    def given(self, name: str) -> Any:  # noqa: ANN401  # what typer has read: text, a list of texts, or nothing
        """The value of another parameter in the line; nothing when it is not there."""
        context = self.context
        while context is not None and name not in context.params:
            context = context.parent
        return context.params[name] if context is not None else None

    def takes(self, name: str) -> bool:
        """Whether the command has a parameter of this name."""
        return name in self.context.params

    @property
    def typed(self) -> list[str]:
        """The other values of the same parameter, which need not be offered again."""
        value = self.context.params.get(self.parameter.name)
        return list(value) if self.parameter.many and value else []


class Line(NamedTuple):
    """A line up to the cursor.

    Attributes:
        words: The words before the one at the cursor, without the program's name.
        current: What is begun of the word at the cursor.
    """

    words: Sequence[str]
    current: str


def place(line: Line) -> tuple[Cursor | Found, str]:
    """What stands at the cursor.

    Args:
        line: The line.

    Returns:
        The place of a value, or the options and commands that can be said. And how much of the word at the cursor is
        settled, such as ``--format=``.
    """
    context = _resolve_context(command_of(), {}, PROGRAM, list(line.words))
    command = context.command
    if hasattr(command, "commands") and (context._protected_args or context.args):  # noqa: SLF001
        return NOTHING, ""  # there is no such command
    thing: Any
    thing, text = _resolve_incomplete(context, list(line.words), line.current)
    if thing is not command and line.words and line.words[-1] in thing.opts:
        # typer keeps nothing of a line whose last option lacks its value.
        context = _resolve_context(command_of(), {}, PROGRAM, list(line.words[:-1]))
    settled = line.current.removesuffix(text) if text else line.current
    if thing is command:
        return _joined(context, line) or (_names(context, line.current), "")
    if settled and not (thing.opts and settled.removesuffix("=") in thing.opts):
        return NOTHING, ""  # a flag has no value
    path = context.command_path.removeprefix(PROGRAM).strip()
    return Cursor(thing.known, text, path, context), settled


def _joined(context: Any, line: Line) -> tuple[Cursor | Found, str] | None:  # noqa: ANN401  # typer's private context
    """The value that stands directly behind a short option: ``-fjson``."""
    option, value = line.current[:2], line.current[2:]
    short = (each.opts for each in context.command.params if getattr(each, "known", None) and each.known.metavar)
    if not value or not any(option in names for names in short):
        return None
    at, _ = place(Line((*line.words, option), value))
    return at, option


def _names(context: Any, current: str) -> Found:  # noqa: ANN401  # typer's private context
    """The names of options, or of commands; of options too where no command needs to follow."""
    command = context.command
    commands = [] if current.startswith("-") else command.shell_complete(context, "")
    own = context.parent is not None and any(getattr(each, "known", None) for each in command.params)
    options = command.shell_complete(context, "-") if current.startswith("-") or not commands or own else []
    label = "option" if not commands else "command"
    return Found([Word(item.value, item.help or "") for item in (*commands, *options)], label=label)
