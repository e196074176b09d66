"""The name of a file in a config directory, by which it is the one that a runtime loads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.errors import UsageError
from cnictl.model.files import LIST_SUFFIX
from cnictl.runtime.selection import Candidate, Runtime, select
from cnictl.validate.loaded import load_directory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_USUAL = 10
_PREFIXES = (*(f"{number:02}" for number in range(_USUAL, -1, -1)), "00-0", "0")


def choose_path(directory: Path, network: str, runtime: Runtime, *, shadow: bool = False) -> Path:
    """Where a new network goes so that a runtime loads it.

    containerd, CRI-O and multus give all pods the first file by name, so the new one must be that; whoever asks libcni
    for a network by its name finds it under any.

    Args:
        directory: The config directory.
        network: The network's name.
        runtime: Who loads it.
        shadow: Whether it may take the place of the network that pods get today.

    Raises:
        SourceError: The directory cannot be read.
        UsageError: The network is there already, or another one would be shadowed, or no name would be loaded.
    """
    there = _candidates(str(directory))
    owner = next((each.name for each in there if each.network == network), None)
    if owner is not None:
        message = f'{directory / owner} has the network "{network}" already'
        raise UsageError(message, hint=f"choose another --name, or write over it with -o {directory / owner}")
    default = _default(runtime, there)
    if default is not None and not shadow:
        message = f"{runtime.called} gives all pods the network of {directory / default}, and would not any more"
        raise UsageError(message, hint="say --shadow to put the new network before it")
    names = (f"{prefix}-{network}{LIST_SUFFIX}" for prefix in _PREFIXES)
    taken = {each.name for each in there}
    chosen = next((name for name in names if name not in taken and _is_loaded(runtime, there, name, network)), None)
    if chosen is None:
        message = f"{runtime.called} would load a new file in {directory} under no name"
        raise UsageError(message, hint=f"`cnictl networks --runtime {runtime}` tells why")
    return directory / chosen


def _candidates(path: str) -> Sequence[Candidate]:
    directory, errors = load_directory(path)
    for error in errors.values():
        message = f"which file of {path} is the first is not known: {error.message}"
        raise UsageError(message, hint=error.hint) from error
    return directory.candidates


def _default(runtime: Runtime, candidates: Sequence[Candidate]) -> str | None:
    """The file of the network of all pods; libcni is always asked by name."""
    if runtime is Runtime.LIBCNI:
        return None
    return next((verdict.name for verdict in select(runtime, candidates) if verdict.status == "taken"), None)


def _is_loaded(runtime: Runtime, there: Sequence[Candidate], name: str, network: str) -> bool:
    candidates = [*there, Candidate(name, network=network, is_list=True)]
    if runtime is Runtime.LIBCNI:
        return any(each.name == name and each.status == "taken" for each in select(runtime, candidates))
    return _default(runtime, candidates) == name
