"""What the pages of commands say beside what help says: files, and where to read on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from docs.generating.tree import CommandInfo


class File(NamedTuple):
    """A file or directory that commands use.

    Attributes:
        path: Where it lies when nothing else is asked for.
        meaning: What it is.
        users: The options and arguments of the commands that use it.
    """

    path: str
    meaning: str
    users: tuple[str, ...]


FILES = (
    File("/etc/cni/net.d", "Network configs: `.conflist`, `.conf` and `.json`.", ("--conf-dir", "PATH")),
    File(
        "/opt/cni/bin, /usr/lib/cni, /usr/libexec/cni",
        "Plugins. The second and third are used when the first does not exist.",
        ("--bin-dir",),
    ),
    File(
        "/var/lib/cni/results", "The result cache, which libcni, containerd, CRI-O and podman share.", ("--cache-dir",)
    ),
    File(
        "/var/lib/cni/cnictl/journal",
        "What was begun and has not ended; `cnictl exec gc` cleans up after it.",
        ("--cache-dir",),
    ),
    File("/var/lib/cni/cnictl/repairs", "What `--fix` has done, so that `--undo` can undo it.", ("--undo",)),
    File("/var/lib/cni/networks", "Addresses that host-local has given out.", ("--stale",)),
    File("/run/netns", "Network namespaces with names.", ("NETNS",)),
    File(".cnictl.toml, pyproject.toml", "Settings; see [**cnictl.toml**(5)](../settings.md).", ("--no-config",)),
)

_RELATED = {
    "cnictl validate": ("cnictl explain", "cnictl rules", "cnictl upgrade", "cnictl try"),
    "cnictl exec": ("cnictl try", "cnictl attachments", "cnictl runtime-config"),
    "cnictl exec add": ("cnictl exec check", "cnictl exec del", "cnictl runtime-config"),
    "cnictl exec check": ("cnictl exec add",),
    "cnictl exec del": ("cnictl exec add", "cnictl exec gc"),
    "cnictl exec gc": ("cnictl attachments", "cnictl exec del"),
    "cnictl exec version": ("cnictl plugins",),
    "cnictl try": ("cnictl validate", "cnictl exec", "cnictl doctor"),
    "cnictl conformance": ("cnictl try", "cnictl explain", "cnictl exec"),
    "cnictl doctor": ("cnictl explain", "cnictl try", "cnictl networks"),
    "cnictl networks": ("cnictl validate", "cnictl doctor"),
    "cnictl plugins": ("cnictl doctor",),
    "cnictl attachments": ("cnictl exec gc",),
    "cnictl generate": ("cnictl chain", "cnictl validate", "cnictl try"),
    "cnictl chain": ("cnictl generate", "cnictl upgrade"),
    "cnictl upgrade": ("cnictl chain", "cnictl plugins"),
    "cnictl runtime-config": ("cnictl exec add",),
    "cnictl explain": ("cnictl rules",),
    "cnictl rules": ("cnictl explain",),
    "cnictl schema": ("cnictl generate", "cnictl validate"),
}
"""Commands beside those above and below a command that its readers may look for."""


_DETAILS = {
    "cnictl": """\
The answer goes to stdout, and nothing else does; with `--format json` it is one JSON document. Progress, hints and
errors go to stderr.

NETWORK is a network's name, which is looked up in the config directory; a path, when it has a `/` or ends in
`.conflist`, `.conf` or `.json`; or `-` for stdin. NETNS is a path, a name under `/run/netns`, or `pid:` and the number
of a process.""",
}
"""What the pages of commands say beside their help, because help has to be short."""

_ABOUT = {
    "codes/index": (
        "cnictl validate",
        "cnictl doctor",
        "cnictl try",
        "cnictl conformance",
        "cnictl explain",
        "cnictl rules",
    ),
    "checks": ("cnictl doctor", "cnictl try", "cnictl conformance"),
    "schemas": ("cnictl schema", "cnictl generate"),
    "compatibility": ("cnictl exec",),
}
"""Pages of the reference, and the commands whose readers may look for them."""


def details_of(command: CommandInfo) -> tuple[str, ...]:
    """The paragraphs of a command's description."""
    more = _DETAILS.get(command.path)
    return (*command.details, *(more.split("\n\n") if more else ()))


def pages_about(command: CommandInfo) -> list[str]:
    """The pages of the reference that a command's page leads to, as seen from ``docs/reference``."""
    own = {name for option in command.options for name in option.names}
    answers = ["formats", "json"] if "--format" in own else []
    return [page for page, commands in _ABOUT.items() if command.path in commands] + answers


def files_of(command: CommandInfo) -> list[File]:
    """The files that a command's page names."""
    own = {name for parameter in command.parameters for name in parameter.names}
    return [file for file in FILES if own & set(file.users)]


def related_to(command: CommandInfo) -> list[str]:
    """The commands that a command's page leads to: that above it, those below it, and others."""
    above = [command.path.rpartition(" ")[0]] if " " in command.path else []
    below = [f"{command.path} {name}" for name in command.children]
    return list(dict.fromkeys([*above, *below, *_RELATED.get(command.path, ())]))
