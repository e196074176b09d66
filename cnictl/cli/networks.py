"""``cnictl networks``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import Common, ConfDir, conf_dir, format_option, takes
from cnictl.errors import ExitCode
from cnictl.model.files import config_names, suffix_of
from cnictl.render import renderer
from cnictl.render.networks import ConfigEntry, Selection
from cnictl.runtime.selection import Runtime, select
from cnictl.validate.loaded import load_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cnictl.model.view import NetworkView
    from cnictl.runtime.selection import Verdict
    from cnictl.validate.directory import Directory

app = new_app()

_RUNTIMES = tuple(runtime.value for runtime in Runtime)


def _known_runtimes(given: list[str] | None) -> list[str] | None:
    unknown = next((name for name in given or () if name not in _RUNTIMES), None)
    if unknown is not None:
        message = f"{unknown!r} is no runtime here; there are {', '.join(_RUNTIMES)}"
        raise typer.BadParameter(message)
    return given


@dataclass(kw_only=True, repr=False, eq=False)
class NetworksOptions(Common):
    """The options of ``cnictl networks``."""

    conf_dir: ConfDir = None
    runtime: Annotated[
        list[str] | None,
        typer.Option(
            metavar="|".join(_RUNTIMES), callback=_known_runtimes, help="Only this runtime. Repeatable. [default: all]"
        ),
    ] = None
    format: Annotated[str, format_option("networks")] = "text"

    @property
    def runtimes(self) -> list[Runtime]:
        """The runtimes that are asked about."""
        return [Runtime(name) for name in dict.fromkeys(self.runtime or _RUNTIMES)]


@app.command(
    cls=Command,
    epilog="""\b
Examples:
  cnictl networks
  cnictl networks --runtime containerd
  cnictl networks --conf-dir net.d/ -f json

\b
Exit status: 0 each of the runtimes would have a network, 1 one of them
would have none, 2 the directory or a file in it cannot be read.""",
)
@takes(NetworksOptions)
def networks(options: NetworksOptions) -> int:
    """Show which files of the config directory each runtime would load, and why not the others.

    `default` is the network that containers get without asking, `loaded` are those that can be asked for by name.
    """
    selection = _selection(str(conf_dir(options.conf_dir)), options.runtimes)
    renderer("networks", options.format)(selection, options.out)
    if options.format == "text":
        for error in selection.errors:
            options.err.line(f"cnictl: {error.message}")
    if selection.errors:
        return ExitCode.UNABLE
    return ExitCode.NO if selection.without else ExitCode.OK


def _selection(path: str, runtimes: Sequence[Runtime]) -> Selection:
    """What each runtime takes from a directory.

    Raises:
        SourceNotFound: There is no such directory.
        SourceError: It cannot be read.
    """
    directory, errors = load_directory(path)
    verdicts = {runtime: {each.name: each for each in select(runtime, directory.candidates)} for runtime in runtimes}
    defaults = {runtime: _default(runtime, found.values()) for runtime, found in verdicts.items()}
    without = [runtime for runtime, found in verdicts.items() if not _has_network(found)]
    names = [entry.name for entry in directory.entries]
    order = dict.fromkeys([*config_names(names), *names])
    entries = [_entry(name, directory, verdicts, is_unread=name in errors) for name in order]
    return Selection(path, runtimes, entries, defaults, without, list(errors.values()))


def _default(runtime: Runtime, verdicts: Iterable[Verdict]) -> str | None:
    """The file of the network of all containers: the first that is taken; libcni's callers always name theirs."""
    taken = (verdict.name for verdict in verdicts if verdict.status == "taken")
    return None if runtime is Runtime.LIBCNI else next(taken, None)


def _has_network(verdicts: Mapping[str, Verdict]) -> bool:
    return any(verdict.status == "taken" for verdict in verdicts.values())


def _entry(
    name: str, directory: Directory, verdicts: Mapping[Runtime, Mapping[str, Verdict]], *, is_unread: bool
) -> ConfigEntry:
    network = directory.files[name].network if name in directory.files else None
    return ConfigEntry(
        name,
        network=network.name if network else None,
        version=network.declared if network else None,
        plugins=[plugin.type or "?" for plugin in network.plugins] if network else [],
        drop_ins=_drop_ins(directory, network) if network else [],
        verdicts={runtime: found[name] for runtime, found in verdicts.items()},
        is_unread=is_unread,
    )


def _drop_ins(directory: Directory, network: NetworkView) -> list[str]:
    """The files from which libcni adds plugins to a list."""
    if not network.is_list or not network.name:
        return []
    names = (entry.name for entry in directory.drop_ins_of(network))
    return [f"{network.name}/{name}" for name in names if suffix_of(name) == ".conf"]
