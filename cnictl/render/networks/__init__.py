"""What runtimes make of a config directory, and the formats of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnictl.errors import InputError
    from cnictl.runtime.selection import Runtime, Verdict


@dataclass(frozen=True)
class ConfigEntry:
    """A name in the directory.

    Attributes:
        name: The name.
        network: The network's name; ``None`` when there is none that can be read.
        version: ``cniVersion`` as it is written; ``None`` when there is none that can be read.
        plugins: The types of the plugins, in the order of ADD.
        drop_ins: Files in a directory beside it from which libcni takes further plugins.
        verdicts: What becomes of it, by runtime.
        is_unread: Whether this user could not read it, so that the verdicts take for granted that it is well.
    """

    name: str
    network: str | None
    version: str | None
    plugins: Sequence[str]
    drop_ins: Sequence[str]
    verdicts: Mapping[Runtime, Verdict]
    is_unread: bool = False


@dataclass(frozen=True)
class Selection:
    """A config directory and what each runtime takes from it.

    Attributes:
        directory: The directory.
        runtimes: The runtimes that are asked about, in order.
        entries: What is in the directory: what runtimes read in the order of names, then the rest.
        defaults: For each runtime the file of the network that containers get without asking; ``None`` for libcni,
            which is always asked by name, and when there is none.
        without: The runtimes that would have no network.
        errors: Files that this user could not read.
    """

    directory: str
    runtimes: Sequence[Runtime]
    entries: Sequence[ConfigEntry]
    defaults: Mapping[Runtime, str | None]
    without: Sequence[Runtime]
    errors: Sequence[InputError] = ()
