"""The environment variables that cnictl reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from docs.generating.prose import cell, joined, table
from docs.generating.tree import all_commands

if TYPE_CHECKING:
    from docs.generating.tree import CommandInfo


class Variable(NamedTuple):
    """An environment variable.

    Attributes:
        name: Its name.
        meaning: What it is for, and what counts without it.
        needs: The flag without which it is not read, when no help text names it.
    """

    name: str
    meaning: str
    needs: str = ""


VARIABLES = (
    Variable(
        "CNI_PATH",
        "Directories of plugins, joined by `:`. They must be absolute. Default: `/opt/cni/bin`; when it does not exist "
        "`/usr/lib/cni` (Debian) or `/usr/libexec/cni` (Red Hat).",
    ),
    Variable("NETCONFPATH", "Directory of network configs. Default: `/etc/cni/net.d`."),
    Variable("CNI_ARGS", "Pairs for the plugins: `KEY=VALUE;KEY=VALUE`."),
    Variable("CAP_ARGS", "Capability arguments as a JSON object, such as that of `cnictl runtime-config`."),
    Variable("CNI_IFNAME", "Name of the interface in the container. Default: `eth0`."),
    Variable("CNI_CACHE_DIR", "Directory of the result cache. Default: `/var/lib/cni`."),
    Variable(
        "NO_COLOR", "When it is not empty, no colours are used. Without a terminal there are none anyway.", "--no-color"
    ),
    Variable("TERM", "The kind of terminal. On one that is `dumb` no colours are used."),
    Variable("COLUMNS", "How wide lines may be on a terminal. Default: what the terminal says."),
    Variable("PATH", "Where `ip`, `nft` and other tools are looked for, before `/usr/sbin` and `/sbin`."),
    Variable("SHELL", "The shell that `cnictl try --keep` opens. Default: `/bin/sh`.", "--keep"),
    Variable("HOME", "What `~` stands for where a shell completes a path; elsewhere the shell has filled it in."),
    Variable("TMPDIR", "Where the details of a bug are written. Default: `/tmp`."),
)


def variables_of(command: CommandInfo) -> list[Variable]:
    """The variables that a command's page names: of the program's own page all, of others those that it reads."""
    if not command.path.count(" "):
        return list(VARIABLES)
    return [variable for variable in VARIABLES if _options(variable, command)]


def parts() -> dict[str, str]:
    """The table by the name of its file."""
    rows = [(f"`{each.name}`", _option(each), cell(each.meaning)) for each in VARIABLES]
    return {"environment": joined([table(("Variable", "Option", "Meaning"), rows)])}


def _option(variable: Variable) -> str:
    """The option that wins over a variable, as the commands' help names it."""
    found = {option: None for command in all_commands() for option in _options(variable, command)}
    return ", ".join(f"`{option}`" for option in found)


def _options(variable: Variable, command: CommandInfo) -> list[str]:
    return [
        option.names[-1]
        for option in command.options
        if option.variable.partition(",")[0] == variable.name or (variable.needs in option.names and not option.metavar)
    ]
