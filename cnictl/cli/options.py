"""Options that several commands share, and how a command takes them as one object.

typer reads a command's options from the signature of a function. Eighteen parameters in three functions are
hard to read and to keep alike, so the options of a command are the fields of a dataclass, and `takes` makes the
signature from them.
"""

from __future__ import annotations

import dataclasses
import inspect
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer

from cnictl.cli.terminal import paper_on
from cnictl.errors import UsageError
from cnictl.model.files import DEFAULT_CACHE_DIR, DEFAULT_CONF_DIR
from cnictl.render import formats

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnictl.render.paper import Paper

Options = TypeVar("Options")


def takes(options: type[Options]) -> Callable[[Callable[[Options], int]], Callable[..., int]]:
    """Makes a function of one object, a dataclass of options, into one that typer can read.

    Args:
        options: The dataclass. Each field is annotated as typer wants its parameters.
    """
    hints = get_type_hints(options, include_extras=True)

    def decorate(function: Callable[[Options], int]) -> Callable[..., int]:
        def command(**given: Any) -> int:  # noqa: ANN401  # the fields' types
            return function(options(**given))

        parameters = [_parameter(field, hints[field.name]) for field in _own_first(options)]
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        command.__name__, command.__doc__ = function.__name__, function.__doc__
        return command

    return decorate


def _own_first(options: type[Any]) -> list[dataclasses.Field[Any]]:
    """The fields of a dataclass, those of its base classes last: help shows what a command is about first.

    Arguments stay in the order of the classes, because their place is their meaning.
    """
    fields = {field.name: field for field in dataclasses.fields(options)}
    ordered = dict.fromkeys(
        name for base in options.__mro__ for name in inspect.get_annotations(base) if name in fields
    )
    arguments = [name for name in fields if name in options.arguments] if hasattr(options, "arguments") else []
    return [fields[name] for name in dict.fromkeys((*arguments, *ordered))]


def _parameter(field: dataclasses.Field[Any], hint: object) -> inspect.Parameter:
    default = inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)


NoColour = Annotated[bool, typer.Option("--no-color", help="Use no colours, not even on a terminal.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say less on stderr.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more on stderr.")]
Select = Annotated[
    list[str] | None,
    typer.Option(metavar="CODE", help="Only these: beginnings of codes, or names. Repeatable, or with commas."),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(metavar="CODE", help="Not these: beginnings of codes, or names. Repeatable, or with commas."),
]
BinDir = Annotated[
    list[str] | None,
    typer.Option(
        metavar="DIR",
        help="Directory of plugins, repeatable. [env: CNI_PATH] [default: /opt/cni/bin, or the distribution's]",
    ),
]
ConfDir = Annotated[
    str | None,
    typer.Option(metavar="DIR", help=f"Directory of network configs. [env: NETCONFPATH] [default: {DEFAULT_CONF_DIR}]"),
]

CacheDir = Annotated[
    str | None,
    typer.Option(metavar="DIR", help=f"Directory of the cache. [env: CNI_CACHE_DIR] [default: {DEFAULT_CACHE_DIR}]"),
]


def format_option(kind: str) -> Any:  # noqa: ANN401  # an annotation for typer
    """The option ``--format`` with the formats that a kind of result has."""
    names = formats(kind)

    def check(name: str) -> str:
        if name not in names:
            message = f"{name!r} is no format here; there are {', '.join(names)}"
            raise typer.BadParameter(message)
        return name

    return typer.Option("--format", "-f", metavar="|".join(names), callback=check, help="Form of the answer.")


@dataclass(kw_only=True, repr=False, eq=False)
class Common:
    """What every command understands."""

    no_color: NoColour = False

    @cached_property
    def out(self) -> Paper:
        """Standard output, for the answer."""
        return paper_on(sys.stdout, plain=self.no_color)

    @cached_property
    def err(self) -> Paper:
        """Standard error, for people."""
        return paper_on(sys.stderr, plain=self.no_color)


@dataclass(kw_only=True, repr=False, eq=False)
class Saying(Common):
    """What commands understand that say something beside the answer."""

    quiet: Quiet = False

    def say(self, text: str) -> None:
        """Says something that is not the answer."""
        if not self.quiet:
            self.err.line(text)


@dataclass(kw_only=True, repr=False, eq=False)
class Talking(Saying):
    """The same where there is more to tell to those who want to know."""

    verbose: Verbose = False

    def detail(self, text: str) -> None:
        """Says something that only those who want to know more want to know."""
        if self.verbose and not self.quiet:
            self.err.line(text)


def conf_dir(given: str | None) -> Path:
    """The config directory: the option, or else the environment, or else the default."""
    return Path(given or os.environ.get("NETCONFPATH") or DEFAULT_CONF_DIR)


def cache_dir(given: str | None) -> Path:
    """The cache's directory: the option, or else the environment, or else the default."""
    return Path(given or os.environ.get("CNI_CACHE_DIR") or DEFAULT_CACHE_DIR).absolute()


def bin_dirs(given: list[str] | None) -> list[Path] | None:
    """The plugin directories: the option, or else the environment; ``None`` for the default.

    Raises:
        UsageError: One of them is relative.
    """
    texts = given or [text for text in os.environ.get("CNI_PATH", "").split(os.pathsep) if text]
    relative = [text for text in texts if not text.startswith(os.sep)]
    if relative and not given:
        message = f'CNI_PATH holds "{relative[0]}", which depends on where you stand'
        raise UsageError(message, hint="write it from / on")
    return [Path(text).absolute() for text in texts] or None


def split_codes(given: list[str] | None) -> tuple[str, ...]:
    """The codes of a repeatable option whose values may be joined by commas."""
    return tuple(code.strip() for text in given or () for code in text.split(",") if code.strip())
