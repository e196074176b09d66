"""``cnictl upgrade``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnictl.authoring.configs import choose, configs_in
from cnictl.authoring.spoken import for_kubernetes
from cnictl.authoring.upgrade import upgrade
from cnictl.cli.diffs import Rewrite, require_text, show_diff
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import BinDir, Saying, bin_dirs, format_option, takes
from cnictl.cli.renaming import write_renamed
from cnictl.errors import ExitCode, InputError, UsageError
from cnictl.model.version import SpecVersion, names
from cnictl.render import renderer
from cnictl.render.upgrade import UpgradeAnswer
from cnictl.runtime.cni import CNI
from cnictl.text.edit import write_atomically
from cnictl.text.source import STDIN
from cnictl.validate.installed import InstalledPlugins
from cnictl.validate.paths import read_any

if TYPE_CHECKING:
    from cnictl.authoring.configs import Config
    from cnictl.authoring.upgrade import Upgrade

app = new_app()

_KUBERNETES = "kubernetes"


@dataclass(kw_only=True, repr=False, eq=False)
class UpgradeOptions(Saying):
    """The options of ``cnictl upgrade``."""

    file: Annotated[str, typer.Argument(metavar="FILE", help="A config, or a manifest with configs; - is stdin.")]
    to: Annotated[str | None, typer.Option(metavar="VERSION", help="The version of the spec that it is to have.")] = (
        None
    )
    for_: Annotated[
        str | None,
        typer.Option(
            "--for", metavar=_KUBERNETES, help="What suits a node: 1.0.0, or what its plugins speak from 0.4.0 on."
        ),
    ] = None
    with_plugins: Annotated[bool, typer.Option("--with-plugins", help="Ask the installed plugins too.")] = False
    bin_dir: BinDir = None
    network: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which config of a manifest: the network's name, or that of its object."),
    ] = None
    diff: Annotated[bool, typer.Option("--diff", help="Show the change and make none; exit 1 if there is one.")] = False
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if something would change.")] = False
    force: Annotated[bool, typer.Option("--force", help="Even if something is lost.")] = False
    format: Annotated[str, format_option("upgrade")] = "text"

    def installed(self) -> InstalledPlugins | None:
        """The installed plugins, if they are to be asked."""
        if not (self.with_plugins or self.bin_dir or self.for_):
            return None
        return InstalledPlugins(CNI(bin_dirs(self.bin_dir), timeout=_PATIENCE))

    def target(self, config: Config, installed: InstalledPlugins | None) -> SpecVersion:
        """The version that the config is to have.

        Args:
            config: The config.
            installed: The installed plugins, if they are to be asked.

        Raises:
            UsageError: None was named, or two, or one that there is not.
        """
        if (self.to is None) == (self.for_ is None):
            raise UsageError("say either --to VERSION or --for kubernetes")
        if self.for_ is not None:
            if self.for_ != _KUBERNETES or installed is None:
                message = f'nothing is known of what suits "{self.for_}"'
                raise UsageError(message, hint="there is --for kubernetes")
            return for_kubernetes(config.network, installed)
        version = SpecVersion.of(self.to or "")
        if version is None:
            message = f"there is no CNI spec {self.to}; the versions are {names()}"
            raise UsageError(message)
        return version


_PATIENCE = 5.0
"""Seconds that a plugin may take to say which versions it speaks; others answer in milliseconds."""


@app.command(
    "upgrade",
    cls=Command,
    epilog="""\b
Examples:
  cnictl upgrade 10-pods.conf --to 1.0.0          becomes 10-pods.conflist
  cnictl upgrade 10-pods.conflist --for kubernetes --bin-dir /opt/cni/bin
  cnictl upgrade nad.yaml --network storage --to 1.0.0 --diff
  cnictl upgrade 10-pods.conflist --to 0.3.1 --force

\b
Exit status: 0 done, or there was nothing to do; 1 something would be lost,
or with --check or --diff something would change; 2 it cannot be done.""",
)
@takes(UpgradeOptions)
def upgrade_command(options: UpgradeOptions) -> int:
    """Raise or lower the spec version of a config in place, and tell what comes of it.

    A config of a single plugin becomes a list from 0.3.0 on, and its file a .conflist. What the version or a plugin
    cannot do is named, and done only with --force.
    """
    config = choose(configs_in(read_any(options.file)), options.network)
    installed = options.installed()
    asked = installed if options.with_plugins or options.bin_dir else None
    done = upgrade(config, options.target(config, installed), asked)
    return _finish(options, done)


def _finish(options: UpgradeOptions, done: Upgrade) -> int:
    """Writes the file, or shows what it would be, and tells what comes of it."""
    dry = options.diff or options.check
    piped = done.path == STDIN and not dry
    require_text(options.format, diff=options.diff, piped=piped)
    refused = bool(done.losses) and done.changed and not options.force
    written = done.changed and not (refused or dry)
    if options.diff:
        _show(options, done)
    elif piped and not refused:
        options.out.stream.write(done.text)
    elif written:
        _write(Path(done.before.source.outermost.path), Path(done.path), done.text)
    renderer("upgrade", options.format)(
        _answer(done, written=written), options.err if options.diff or piped else options.out
    )
    if refused:
        options.say("nothing is changed, for something would be lost: say --force if it may be")
    return ExitCode.NO if refused or (done.changed and dry) else ExitCode.OK


def _show(options: UpgradeOptions, done: Upgrade) -> None:
    outer = done.before.source.outermost
    name = outer.name if outer.path == STDIN else done.path
    show_diff(Rewrite(outer.name, outer.text, name, done.text), options.out)


def _write(old: Path, new: Path, text: str) -> None:
    if new == old:
        write_atomically(old, text)
        return
    if os.path.lexists(new):
        message = f"{old}: it would have to be called {new.name}, and there is such a file already"
        raise InputError(message, hint="see what it is, and move one of the two away")
    write_renamed(old, new, text)


def _answer(done: Upgrade, *, written: bool) -> UpgradeAnswer:
    return UpgradeAnswer(
        file=done.before.source.outermost.name,
        path=done.path,
        network=done.before.network.name,
        version=str(done.version) if done.version is not None else None,
        target=str(done.target),
        notes=[(note.kind, note.message) for note in done.notes],
        changed=done.changed,
        written=written,
    )
