"""Commands whose modules are loaded when they run, and arguments that are read without pydantic.

typer 0.29 imports pydantic for every value that is no ``bool`` (its ``RuntimeParam``), which doubles the time
until a command begins. Two measures keep it out:

* `LazyGroup` knows its commands by name and one line of help; a command's module is imported when it is called.
* `_refine` replaces the reader of each parameter by one that needs no pydantic.

Private names of typer used here: ``TyperGroup.resolve_command``; ``_protected_args`` and ``get_parameter_source`` of
contexts; ``_runtime_param``, ``type_descriptor``, ``display_type_rich`` and ``_usage_display_name`` of parameters; and,
in `cnictl.cli.help`, the formatter of help texts.
Tests look at what each command loads and at its help, so that a typer which renames them is noticed.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Callable

CONTEXT_SETTINGS = {"help_option_names": ["-h", "--help"]}


class Entry(NamedTuple):
    """A command in the table of commands."""

    name: str
    module: str
    """The module that defines ``app``, a `typer.Typer` of one command or of several."""
    help: str


class _PlainHelp:
    """``--help`` has the default ``None``, which typer would read through pydantic on every call."""

    def get_help_option(self, ctx: Any) -> Any:  # noqa: ANN401  # typer's private context and option
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.default = False
        return option

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401  # typer's private context
        """The text of ``--help``, laid out for the terminal."""
        from cnictl.cli.help import Formatter

        formatter = Formatter(ctx.terminal_width)
        self.format_help(ctx, formatter)  # type: ignore[attr-defined]
        return formatter.getvalue().rstrip("\n")

    def get_short_help_str(self, _limit: int = 0) -> str:
        """What stands beside a command in a list of commands: a whole sentence, which the list folds."""
        return str(super().get_short_help_str(sys.maxsize))  # type: ignore[misc]


class Command(_PlainHelp, TyperCommand):
    """A command."""


class Group(_PlainHelp, TyperGroup):
    """A command with commands of its own."""


class _Stub(Command):
    """A command that is not loaded yet."""

    module: str


class LazyGroup(Group):
    """A group whose commands are loaded when they are called; subclasses fill ``table``."""

    table: ClassVar[tuple[Entry, ...]] = ()

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  # typer's own
        super().__init__(**settings)
        for entry in self.table:
            stub = _Stub(entry.name, callback=None, help=entry.help)
            stub.module = entry.module
            self.add_command(stub)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401
        """Finds the command that is called, and loads it."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and isinstance(command, _Stub):
            command = self.commands[name] = load_command(command.module, name)
        return name, command, rest


class CommandGroup(LazyGroup):
    """A command that has commands of its own beside what it does by itself, such as ``doctor`` and ``doctor merge``."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  # typer's own
        own = {"invoke_without_command": True, "subcommand_metavar": "[COMMAND [ARGS]...]"}
        super().__init__(**{**settings, **own})

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  # typer's private context
        """Runs the command that is called, and this one only when none is."""
        called = ctx._protected_args  # noqa: SLF001
        if not called:
            return super().invoke(ctx)
        name, command, rest = self.resolve_command(ctx, [*called, *ctx.args])
        given = [option for option in self.params if _is_typed(option, ctx)]
        if given:
            ctx.fail(f"{given[0].opts[0]} stands before {name}, where it means nothing: write it behind")
        ctx.invoked_subcommand = name
        with ctx, command.make_context(name, rest, parent=ctx) as inner:
            return inner.command.invoke(inner)


def _is_typed(parameter: Any, ctx: Any) -> bool:  # noqa: ANN401  # typer's private parameter and context
    """Whether the user has typed it, rather than left it as it is."""
    source = ctx.get_parameter_source(parameter.name)
    return source is not None and source.name == "COMMANDLINE"


def load_command(module: str, name: str) -> Any:  # noqa: ANN401  # a command of typer's private click
    """The command or group of commands that a module defines as ``app``."""
    return ready_command(import_module(module).app, name)


def ready_command(app: typer.Typer, name: str) -> Any:  # noqa: ANN401  # a command of typer's private click
    """The command or group of commands of a `typer.Typer`, whose arguments are read without pydantic.

    Args:
        app: What defines it.
        name: What it is called.
    """
    command = typer.main.get_command(app)
    command.name = name
    _refine(command)
    return command


def new_app(**settings: Any) -> typer.Typer:  # noqa: ANN401  # typer's own
    """A `typer.Typer` with what all of cnictl's have in common."""
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=CONTEXT_SETTINGS,
        **settings,
    )


class _PlainReader:
    """Stands in for typer's ``RuntimeParam``: the same ``coerce``, without pydantic."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        self.read = read

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ANN401  # typer's contract
        many = param.multiple or param.nargs == -1
        if value is None:
            return () if many else None
        try:
            return [self.read(item) for item in value] if many else self.read(value)
        except ValueError as error:
            raise typer.BadParameter(str(error), ctx=ctx, param=param) from None


def _number(text: Any) -> float:  # noqa: ANN401  # a default may be a number already
    try:
        return float(text)
    except ValueError:
        message = f"{text!r} is not a number"
        raise ValueError(message) from None


def _whole_number(text: Any) -> int:  # noqa: ANN401  # a default may be a number already
    try:
        return int(text)
    except ValueError:
        message = f"{text!r} is not a whole number"
        raise ValueError(message) from None


_READERS: dict[object, Callable[[Any], Any]] = {str: str, float: _number, int: _whole_number, bool: bool}
"""A flag that can be said, denied, or left alone has no value when it is left alone, which only pydantic takes."""


def _refine(command: Any) -> None:  # noqa: ANN401  # a command of typer's private click
    for parameter in command.params:
        descriptor = parameter.type_descriptor
        annotation = descriptor.annotation.__args__[0] if descriptor.is_list else descriptor.annotation
        if annotation in _READERS:
            parameter._runtime_param = _PlainReader(_READERS[annotation])  # noqa: SLF001
        if parameter.param_type_name == "argument":
            _show_plainly(parameter)
    for child in getattr(command, "commands", {}).values():
        _refine(child)


def _show_plainly(argument: Any) -> None:  # noqa: ANN401  # an argument of typer's private click
    """Shows an argument as manual pages do: ``NETWORK``, ``[PATH]...``, without the type of its Python value."""
    name = argument.metavar or argument.name.upper()
    many = "..." if argument.nargs != 1 else ""
    argument.display_type_rich = lambda **_: None
    argument._usage_display_name = lambda: f"{name if argument.required else f'[{name}]'}{many}"  # noqa: SLF001
