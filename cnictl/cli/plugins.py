"""``cnictl plugins``."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import BinDir, Common, bin_dirs, format_option, takes
from cnictl.errors import CNIError, ExitCode, PluginNotFound, SourceError
from cnictl.invoke.find import find_plugin
from cnictl.model.version import VERB_SINCE, SpecVersion
from cnictl.render import renderer
from cnictl.render.plugins import PluginFile, PluginListing, PluginStatus
from cnictl.runtime.cni import CNI
from cnictl.text.source import source_error
from cnictl.text.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

app = new_app()

_PATIENCE = 5.0
"""Seconds that a plugin may take to say which versions it speaks; others answer in milliseconds."""
_AT_ONCE = 32
"""How many plugins are asked at once. Those that hang take no processor, so a directory of them is soon done."""


@dataclass(kw_only=True, repr=False, eq=False)
class PluginsOptions(Common):
    """The options of ``cnictl plugins``."""

    types: Annotated[
        list[str] | None, typer.Argument(metavar="TYPE", help="Only these plugins. [default: all that are installed]")
    ] = None
    bin_dir: BinDir = None
    format: Annotated[str, format_option("plugins")] = "text"


@app.command(
    cls=Command,
    epilog="""\b
Examples:
  cnictl plugins
  cnictl plugins bridge portmap
  cnictl plugins --bin-dir /usr/lib/cni -f json
  cnictl exec version bridge      the same by another name

\b
Exit status: 0 done, 1 a TYPE is missing or does not answer, 2 no plugin
directory can be read.""",
)
@takes(PluginsOptions)
def plugins(options: PluginsOptions) -> int:
    """List the installed plugins, with the versions they speak and the verbs that follow from them.

    Runs every executable in the plugin directories with VERSION and nothing else, all at once, each for 5 seconds at
    most and without your environment.
    """
    cni = CNI(bin_dirs(options.bin_dir), timeout=_PATIENCE)
    listing = _list(cni, options.types or [])
    renderer("plugins", options.format)(listing, options.out)
    wanted = set(options.types or ())
    usable = {plugin.type for plugin in listing.plugins if plugin.status is PluginStatus.OK}
    return ExitCode.OK if wanted <= usable else ExitCode.NO


def _list(cni: CNI, wanted: Sequence[str]) -> PluginListing:
    """What is in the directories.

    Args:
        cni: What finds and asks the plugins.
        wanted: The types that are asked for; all when empty.

    Raises:
        SourceError: All types are asked for, and no directory can be read.
    """
    names: dict[Path, list[str]] = {}
    errors: dict[Path, SourceError] = {}
    for directory in dict.fromkeys(cni.bin_dirs):
        try:
            names[directory] = sorted(os.listdir(directory))  # noqa: PTH208  # names, not paths
        except OSError as error:
            errors[directory] = source_error(str(directory), error)
    if not names and not wanted:
        raise next(iter(errors.values()), SourceError("CNI_PATH", "names no directory"))
    shown = [(directory, name) for directory, found in names.items() for name in found if not name.startswith(".")]
    paths = [directory / name for directory, name in shown if not wanted or name in wanted]
    there = {name for found in names.values() for name in found}
    missing = [_missing(name, cni, there) for name in dict.fromkeys(wanted) if name not in there]
    reasons = {str(path): errors[path].reason if path in errors else None for path in cni.bin_dirs}
    return PluginListing(reasons, (*_examined(paths, cni), *missing))


def _missing(name: str, cni: CNI, there: set[str]) -> PluginFile:
    try:
        find_plugin(name, cni.bin_dirs)
    except PluginNotFound as error:
        meant = closest(name, there)
        hint = f"did you mean {meant}?" if meant else error.hint
        return PluginFile(name, PluginStatus.MISSING, None, reason=error.message, hint=hint)
    return PluginFile(name, PluginStatus.MISSING, None, reason="it was installed while we looked")


def _examined(paths: Sequence[Path], cni: CNI) -> list[PluginFile]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return list(pool.map(lambda path: _examine(path, cni), paths))


def _examine(path: Path, cni: CNI) -> PluginFile:
    """Looks at a file, and asks it if it is the one that a runtime would run."""
    reason, hint = _no_plugin(path)
    if reason:
        return PluginFile(path.name, PluginStatus.OTHER, str(path), reason=reason, hint=hint)
    first = next(found for directory in cni.bin_dirs if (found := directory / path.name).is_file())
    if first != path:
        return PluginFile(path.name, PluginStatus.SHADOWED, str(path), reason=f"{first} is found before it")
    return _asked(path, cni)


def _no_plugin(path: Path) -> tuple[str | None, str | None]:
    """Why a file is no plugin, and what to do when it looks as if it should be one."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return ("the link leads nowhere" if path.is_symlink() else (error.strerror or "").lower()), None
    if not stat.S_ISREG(mode):
        return ("it is a directory" if stat.S_ISDIR(mode) else "it is no regular file"), None
    if os.access(path, os.X_OK):
        return None, None
    return "it is not executable", None if path.suffix or path.name.isupper() else f"chmod 755 {path}"


def _asked(path: Path, cni: CNI) -> PluginFile:
    try:
        versions = cni.plugin_info(path.name).versions
    except PluginNotFound as error:
        return PluginFile(path.name, PluginStatus.BROKEN, str(path), reason=error.message, hint=error.hint)
    except CNIError as error:
        reason = f"does not say which versions it speaks: {error}"
        return PluginFile(path.name, PluginStatus.SILENT, str(path), reason=reason)
    return PluginFile(path.name, PluginStatus.OK, str(path), versions, _verbs(versions))


def _verbs(versions: Sequence[str]) -> tuple[str, ...]:
    """The verbs that the newest of the versions has; VERSION is left out, because it is what was asked."""
    known = [version for text in versions if (version := SpecVersion.of(text))]
    newest = max(known, default=SpecVersion.V0_1_0)
    return tuple(verb for verb, since in VERB_SINCE.items() if verb != "VERSION" and since <= newest)
