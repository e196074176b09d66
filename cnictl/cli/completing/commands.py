"""Commands that are good for nothing but reading a line: typer's, made from the index.

They take the options and arguments that the real ones take, so that typer's parser tells what each word of a line is.
The real ones would load the libraries behind them.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnictl.cli.completing import index, live
from cnictl.cli.lazy import Command, Group, new_app, ready_command

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cnictl.cli.completing.index import Parameter

_GENERATE = "generate"
"""The command whose commands are the kinds of networks."""


class IndexedGroup(Group):
    """A group whose commands are made from the index when the line has their name."""

    path = ""

    def fill(self, path: str) -> None:
        """Adds the commands: their names and help.

        Args:
            path: The words of this group behind the program's name.
        """
        self.path = path
        for name, text in self.children().items():
            self.add_command(Command(name, callback=None, short_help=text))

    def children(self) -> dict[str, str]:
        """The commands, each with its line of help."""
        return index.children_of(self.path)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401
        """Finds the command that is called, and makes it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and self.made(args[0]), rest

    def made(self, name: str) -> Any:  # noqa: ANN401  # a command of typer's private click
        """The command of a name."""
        return command_of(f"{self.path} {name}".strip())


class KindsGroup(IndexedGroup):
    """``cnictl generate``: the kinds that the index has, and those of which the user has schemas."""

    def children(self) -> dict[str, str]:
        """The kinds, each with its line of help."""
        return index.kinds()

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  # typer's private context
        """Reads the options of the group, one of which brings further kinds."""
        rest = super().parse_args(ctx, args)
        for name in own_types(ctx.params.get("schema_dir") or ()):
            self.commands.setdefault(name, Command(name, callback=None, short_help="A schema of your own."))
        return rest

    def made(self, name: str) -> Any:  # noqa: ANN401  # a command of typer's private click
        """The command of a kind."""
        return _command(name, index.parameters_of_kind(name))


def own_types(directories: Sequence[str]) -> list[str]:
    """The plugin types of which there is a schema in some directories.

    Args:
        directories: The directories, as they stand in the line.
    """
    places = map(live.path_of, directories)
    return sorted({file.name.removesuffix(_SCHEMA) for place in places for file in place.glob(f"*{_SCHEMA}")})


_SCHEMA = ".schema.json"


def command_of(path: str = "") -> Any:  # noqa: ANN401  # a command of typer's private click
    """A command.

    Args:
        path: Its words behind the program's name; empty for ``cnictl`` itself.
    """
    name = path.rpartition(" ")[2]
    kind = KindsGroup if path == _GENERATE else IndexedGroup if index.children_of(path) else None
    command = _command(name, index.parameters_of(path), kind)
    if kind is not None:
        command.fill(path)
    return command


def _command(name: str, parameters: list[Parameter], group: type[IndexedGroup] | None = None) -> Any:  # noqa: ANN401
    app = new_app(cls=group) if group else new_app()
    register = app.callback() if group else app.command(cls=Command)
    register(_function(parameters))
    command = ready_command(app, name)
    known = {parameter.name: parameter for parameter in parameters}
    for parameter in command.params:
        parameter.known = known.get(parameter.name)
    return command


def _function(parameters: list[Parameter]) -> Callable[..., None]:
    """A function from whose signature typer reads the parameters; nobody calls it."""

    def nothing() -> None: ...

    kind = inspect.Parameter.KEYWORD_ONLY
    taken = [
        inspect.Parameter(each.name, kind, default=False if each.is_flag else None, annotation=_annotation(each))
        for each in parameters
    ]
    nothing.__signature__ = inspect.Signature(taken)  # type: ignore[attr-defined]
    nothing.__annotations__ = {each.name: each.annotation for each in taken}
    return nothing


def _annotation(parameter: Parameter) -> Any:  # noqa: ANN401  # an annotation for typer
    if not parameter.names:
        return Annotated[list[str] | None if parameter.many else str | None, typer.Argument()]
    option = typer.Option(*parameter.names, help=parameter.help)
    if parameter.is_flag:
        return Annotated[bool, option]
    return Annotated[list[str] | None if parameter.many else str | None, option]
