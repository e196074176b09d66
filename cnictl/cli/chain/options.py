"""What the commands of ``cnictl chain`` have in common."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from cnictl.authoring.chain import Place, capabilities_of
from cnictl.authoring.configs import choose, configs_in
from cnictl.cli.diffs import Rewrite, require_text, show_diff
from cnictl.cli.options import Saying, format_option
from cnictl.errors import ExitCode, UsageError
from cnictl.render import renderer
from cnictl.render.chain import Chain, ChainAnswer, Link
from cnictl.text.edit import write_atomically
from cnictl.text.source import STDIN
from cnictl.validate.paths import read_any

if TYPE_CHECKING:
    from cnictl.authoring.chain import Change
    from cnictl.authoring.configs import Config

_SUFFIXES = (".conflist", ".conf", ".json", ".yaml", ".yml")

File = Annotated[str, typer.Argument(metavar="FILE", help="A config, or a manifest with configs in it; - is stdin.")]
Network = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Which config of a manifest: the network's name, or that of its object."),
]
At = Annotated[int | None, typer.Option(metavar="NUMBER", help="The place in the chain, from 1.")]
Before = Annotated[str | None, typer.Option(metavar="TYPE", help="Directly before this plugin.")]
After = Annotated[str | None, typer.Option(metavar="TYPE", help="Directly behind this plugin.")]


@dataclass(kw_only=True, repr=False, eq=False)
class EditOptions(Saying):
    """What every edit has."""

    arguments: ClassVar[tuple[str, ...]] = ("first", "second")

    first: Annotated[str, typer.Argument(metavar="TYPE", help="The plugin's type, such as portmap.")]
    second: File
    network: Network = None
    diff: Annotated[bool, typer.Option("--diff", help="Show the change and make none; exit 1 if there is one.")] = False
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if something would change.")] = False
    force: Annotated[bool, typer.Option("--force", help="Even if something is wrong with the chain then.")] = False
    format: Annotated[str, format_option("chain")] = "text"

    @property
    def type(self) -> str:
        """The plugin's type."""
        return self._ordered[0]

    @property
    def _ordered(self) -> tuple[str, str]:
        """Type and file, whichever of them was said first: a type is never a path."""
        swapped = _is_file(self.first) and not _is_file(self.second)
        return (self.second, self.first) if swapped else (self.first, self.second)

    def config(self) -> Config:
        """The config that is to be edited."""
        return choose(configs_in(read_any(self._ordered[1])), self.network)

    def finish(self, change: Change) -> int:
        """Writes a change, or shows what it would be.

        Args:
            change: What is to become of the file.
        """
        outer = change.before.source.outermost
        piped = outer.path == STDIN and not (self.diff or self.check)
        require_text(self.format, diff=self.diff, piped=piped)
        if self.diff:
            show_diff(Rewrite(outer.name, outer.text, outer.name, change.text), self.out)
        elif piped:
            self.out.stream.write(change.text)
        elif change.changed and not self.check:
            write_atomically(Path(outer.path), change.text)
        if self.diff or piped:
            self.say(change.message)
        else:
            renderer("chain", self.format)(_answer(change, written=not self.check), self.out)
        return ExitCode.NO if change.changed and (self.diff or self.check) else ExitCode.OK


@dataclass(kw_only=True, repr=False, eq=False)
class PlaceOptions(EditOptions):
    """What edits have that put a plugin somewhere."""

    at: At = None
    before: Before = None
    after: After = None

    @property
    def place(self) -> Place:
        """Where it is to stand.

        Raises:
            UsageError: Several places were named.
        """
        if sum(each is not None for each in (self.at, self.before, self.after)) > 1:
            raise UsageError("--at, --before and --after each name a place: give one of them")
        return Place(self.at, self.before, self.after)


def _is_file(text: str) -> bool:
    return text == STDIN or "/" in text or text.endswith(_SUFFIXES)


def _answer(change: Change, *, written: bool) -> ChainAnswer:
    return ChainAnswer(
        file=change.before.source.outermost.name,
        chains=[chain_of(change.after)],
        message=change.message if written or not change.changed else f"not written: {change.message}",
        changed=change.changed,
        findings=[(finding.code, finding.message) for finding in change.findings],
    )


def chain_of(config: Config) -> Chain:
    """A config's chain as it is shown.

    Args:
        config: The config.
    """
    links = [Link(name, capabilities, ipam) for name, capabilities, ipam in capabilities_of(config)]
    return Chain(config.network.name, config.within, links)
