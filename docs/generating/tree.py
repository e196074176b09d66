"""What a command is, read from typer's tree of commands."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from cnictl.authoring.generate import kinds
from cnictl.cli.entry import PROGRAM
from cnictl.cli.generate import command_of
from cnictl.cli.lazy import load_command

if TYPE_CHECKING:
    from collections.abc import Iterator

_FACT = re.compile(r"\s*\[(env|default|required)( for [^:\]]+)?(?:: ((?:[^\[\]]|\[[^\[\]]*\])*))?\]")
"""What help says of a parameter in brackets, such as ``[default: text]``."""
_KEY = "key_"
"""How the fields of options begin that come from a plugin's schema; see `cnictl.cli.generating.fields_of`."""


@dataclass(frozen=True)
class Parameter:
    """An argument or an option.

    Attributes:
        names: What is typed, such as ``-f`` and ``--format``; of an argument its name.
        metavar: What stands for its value, such as ``DIR``; empty for a flag.
        text: What it does.
        default: Its default in words; empty when there is none to tell.
        default_for: When the default is that, such as ``for --subnet``; usually empty.
        variable: The environment variable that is read without it, and what is to be said of that; or empty.
        required: Whether it must be given.
        own: Whether it comes from the schema of a plugin.
    """

    names: tuple[str, ...]
    metavar: str
    text: str
    default: str = ""
    default_for: str = ""
    variable: str = ""
    required: bool = False
    own: bool = False


@dataclass(frozen=True)
class CommandInfo:
    """A command.

    Attributes:
        path: The words that call it.
        usage: The same with what may follow.
        summary: What it does, in one sentence.
        details: More about it, in paragraphs.
        parameters: Its arguments and options.
        children: The last words of its commands.
        examples: Lines that call it.
        exit_status: What it says of its exit codes, by their numbers.
    """

    path: str
    usage: str
    summary: str
    details: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    children: tuple[str, ...]
    examples: str
    exit_status: dict[int, str]

    @property
    def page(self) -> str:
        """The name of its page."""
        return self.path.replace(" ", "-")

    @property
    def arguments(self) -> tuple[Parameter, ...]:
        """What has a place."""
        return tuple(each for each in self.parameters if not each.names[0].startswith("-"))

    @property
    def options(self) -> tuple[Parameter, ...]:
        """What has a name."""
        return tuple(each for each in self.parameters if each.names[0].startswith("-"))


@cache
def all_commands() -> tuple[CommandInfo, ...]:
    """Every command that help lists, each before its own."""
    return tuple(_walk(load_command("cnictl.cli.root", PROGRAM), PROGRAM))


def vendor_kinds() -> Iterator[CommandInfo]:
    """The commands of ``generate`` for vendors' plugins, which help names only."""
    for kind in sorted(set(kinds(vendors=True)) - set(kinds())):
        yield _read(command_of(kind), f"{PROGRAM} generate {kind}")


def _walk(command: Any, path: str) -> Iterator[CommandInfo]:  # noqa: ANN401  # a command of typer's private click
    yield _read(command, path)
    context = _context(command, path)
    for name in getattr(command, "commands", {}):
        yield from _walk(command.resolve_command(context, [name])[1], f"{path} {name}")


def _context(command: Any, path: str) -> Any:  # noqa: ANN401  # typer's private click
    return command.make_context(path, [], resilient_parsing=True)


def _read(command: Any, path: str) -> CommandInfo:  # noqa: ANN401  # a command of typer's private click
    context = _context(command, path)
    first, *rest = _paragraphs(command.help)
    summary, _, more = first.partition(". ")
    examples, exit_status, notes = _epilog(command.epilog)
    return CommandInfo(
        path=path,
        usage=" ".join((path, *command.collect_usage_pieces(context))),
        summary=summary.removesuffix(".") + ".",
        details=tuple(filter(None, (more, *rest, *notes))),
        parameters=tuple(_parameter(each, context) for each in command.get_params(context)),
        children=tuple(getattr(command, "commands", {})),
        examples=examples,
        exit_status=exit_status,
    )


def _paragraphs(text: str | None) -> list[str]:
    return [" ".join(part.split()) for part in inspect.cleandoc(text or "").split("\n\n")]


def _epilog(text: str | None) -> tuple[str, dict[int, str], list[str]]:
    """The examples, the exit codes, and what else stands below the options."""
    examples, codes, notes = "", {}, []
    for part in (text or "").replace("\b\n", "").strip().split("\n\n"):
        head, _, rest = part.partition("\n")
        if head in ("Example:", "Examples:"):
            examples = inspect.cleandoc(f"\n{rest}")
        elif head.startswith("Exit status: "):
            codes = _codes(" ".join(part.split()).removeprefix("Exit status: "))
        else:
            notes.append(f"{' '.join(part.split()).removesuffix('.')}." if part else "")
    return examples, codes, notes


def _codes(text: str) -> dict[int, str]:
    """The meanings of exit codes by their numbers.

    >>> _codes("0 done, 1 with --check: something would change, 2 it cannot be done.")
    {0: 'done', 1: 'with --check: something would change', 2: 'it cannot be done'}
    """
    parts = re.split(r"(?:^|[,;] )(?=\d+ )", text.removesuffix("."))
    return {int(number): meaning for part in parts if part for number, _, meaning in [part.partition(" ")]}


def _parameter(parameter: Any, context: Any) -> Parameter:  # noqa: ANN401  # typer's private click
    title, text = parameter.get_help_record(context) or (parameter.metavar, parameter.help)  # help hides some
    facts = {found[1]: found for found in _FACT.finditer(text)}
    default, variable = facts.get("default"), facts.get("env")
    names = (title,) if parameter.param_type_name == "argument" else _option_names(title)
    return Parameter(
        names=names,
        metavar="" if names == (title,) else title.rpartition(names[-1])[2].strip(),
        text=_FACT.sub("", text).strip(),
        default=(default[3] or "") if default else "",
        default_for=(default[2] or "").strip() if default else "",
        variable=variable[3] if variable else "",
        required="required" in facts,
        own=str(parameter.name).startswith(_KEY),
    )


def _option_names(title: str) -> tuple[str, ...]:
    """The names at the beginning of what help shows of an option.

    >>> _option_names("-f, --format text|json"), _option_names("--rollback / --no-rollback")
    (('-f', '--format'), ('--rollback', '--no-rollback'))
    """
    found = re.match(r"-[\w-]+(?:(?:, | / )-[\w-]+)*", title)
    return tuple(re.split(r", | / ", found[0] if found else title))
