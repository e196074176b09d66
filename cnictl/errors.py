"""Every exception that cnictl raises on purpose, and the exit codes they end in.

::

    CNIError(message, *, hint=None)
    ├─ InputError
    │  ├─ UsageError              arguments that cannot be understood or contradict each other
    │  ├─ SourceError             a file that cannot be read as text
    │  │  └─ SourceNotFound       ... because it is not there
    │  ├─ NetworkNotFound         no network of that name in the config directory
    │  └─ InvalidConfig           a network config that must not be run
    ├─ PluginNotFound             no executable for a plugin type
    ├─ PluginError                a plugin answered with an error object
    │  ├─ TryAgainLater           code 11
    │  ├─ UnknownContainer        code 3
    │  ├─ PluginNotAvailable      code 50
    │  └─ LimitedConnectivity     code 51
    ├─ ProtocolViolation          a plugin said something that the spec does not allow
    ├─ PluginCrashed              a plugin ended by a signal, or failed without an answer
    ├─ PluginTimeout              a plugin ran longer than allowed and was ended
    ├─ ChainFailed                one plugin of a chain failed; carries every run of the chain
    ├─ IncompatibleVersion        a plugin does not speak the config's spec version
    ├─ UnsupportedVerb            the config's spec version does not have this verb
    ├─ GCFailed                   some of what is stale could not be removed
    ├─ Busy                       another command works on the same container or network
    ├─ NamespaceError
    │  ├─ NamespaceNotFound
    │  └─ NamespaceDenied
    ├─ CacheError                 the result cache cannot be read or written
    │  └─ CacheDamaged            an entry is there, and it is not what a runtime writes
    ├─ CriError                   a container runtime's socket did not give the answer
    │  ├─ CriUnreachable          nobody can be asked there
    │  │  ├─ CriSocketMissing     ... because nothing is there
    │  │  ├─ CriSocketRefused     ... because nobody listens on it
    │  │  ├─ CriSocketDenied      ... because this user may not ask
    │  │  └─ CriNotASocket        ... because it is something else, such as a file
    │  ├─ CriTimeout              no whole answer within the time allowed
    │  ├─ CriGarbled              what came back is not the protocol, or breaks off
    │  ├─ CriTooLarge             the answer is larger than allowed
    │  └─ CriFailed               the runtime answered with an error
    ├─ RepairFailed               a repair of the node, or its undoing, did not work
    └─ InternalError              a bug in cnictl

An error makes its own text: ``str(error)`` is one sentence, ``error.hint`` the way out. Only
``cnictl.cli`` turns errors into lines and exit codes.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cnictl.invoke.invocation import Exchange
    from cnictl.runtime.garbage import Collected


class ExitCode(IntEnum):
    """What the process returns. A public interface, see ``docs/reference/exit-codes``."""

    OK = 0
    """Done, and nothing of severity ``error`` was found."""
    NO = 1
    """The answer is "no": a finding of severity ``error``, a plugin refused, a check or a step failed."""
    UNABLE = 2
    """The work could not be done: wrong usage, a file that is not there, no permission, no such network."""
    INTERRUPTED = 130
    """Interrupted by Ctrl-C or SIGTERM. What had begun was undone, or is named on stderr."""


class CNIError(Exception):
    """The root of the tree.

    Args:
        message: One sentence that names the file or thing at fault, without a final full stop.
        hint: What the user can do about it, or ``None``.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.UNABLE

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(CNIError):
    """What the caller handed in cannot be used."""


class UsageError(InputError):
    """Arguments or options that cannot be understood, or that contradict each other."""


class SourceError(InputError):
    """A file cannot be read as text.

    Args:
        path: The file, as the user named it.
        reason: Why, in a few words.
        hint: What the user can do about it.
    """

    def __init__(self, path: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(f"{path}: {reason}", hint=hint)
        self.path = path
        self.reason = reason


class SourceNotFound(SourceError):
    """A file or directory is not there."""


class NetworkNotFound(InputError):
    """No config in a directory has the wanted network name.

    Args:
        directory: The config directory that was searched.
        name: The network name that was looked for.
        present: The network names that the directory does hold.
        refused: One line for each file that could not be loaded, and why.
    """

    def __init__(self, directory: str, name: str, *, present: Sequence[str] = (), refused: Sequence[str] = ()) -> None:
        super().__init__(f'no network named "{name}" in {directory}', hint=_present(present))
        self.directory = directory
        self.name = name
        self.present = tuple(present)
        self.refused = tuple(refused)


def _present(names: Sequence[str]) -> str:
    if names:
        return f"the networks there are: {', '.join(dict.fromkeys(names))}"
    return "the directory holds no usable .conflist, .conf or .json file"


class InvalidConfig(InputError):
    """A network config that a runtime would refuse, or that is not safe to run.

    Args:
        path: The file it came from.
        reason: What is wrong with it.
        line: 1-based line of the place at fault.
        column: 1-based column of it, in characters.
    """

    def __init__(self, path: str, reason: str, *, line: int = 1, column: int = 1) -> None:
        super().__init__(
            f"{path}:{line}:{column}: {reason}", hint=f"`cnictl validate {path}` shows every problem in it"
        )
        self.path = path
        self.reason = reason
        self.line = line
        self.column = column


class PluginNotFound(CNIError):
    """There is no executable file for a plugin type.

    Args:
        plugin: The ``type`` that was looked for.
        searched: The directories that were searched, in order.
        reason: Set when a file is there but cannot be run: what is wrong with it.
        hint: What the user can do about it.
    """

    def __init__(
        self,
        plugin: str,
        searched: Sequence[Path | str],
        *,
        reason: str | None = None,
        hint: str | None = None,
    ) -> None:
        where = ", ".join(str(directory) for directory in searched) or "an empty list of directories"
        super().__init__(reason or f'plugin "{plugin}" is not in {where}', hint=hint)
        self.plugin = plugin
        self.searched = tuple(str(directory) for directory in searched)


class _ExchangeError(CNIError):
    """An error about one run of a plugin; the run itself is in ``exchange``."""

    exit_code = ExitCode.NO

    def __init__(self, message: str, exchange: Exchange, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.exchange = exchange


class PluginError(_ExchangeError):
    """A plugin answered with the spec's error object (CNI spec, section 5, "Error").

    Args:
        code: The numeric code. 0 to 99 belong to the spec, 100 and above to the plugin.
        msg: The plugin's short message.
        details: The plugin's longer message, or an empty string.
        exchange: The run that ended so.
        hint: What the user can do about it.
    """

    def __init__(self, code: int, msg: str, details: str, exchange: Exchange, *, hint: str | None = None) -> None:
        text = "; ".join(filter(None, (msg, details)))
        message = f"{text} (code {code})" if text else f"error code {code} without a message"
        super().__init__(message, exchange, hint=hint)
        self.code = code
        self.msg = msg
        self.details = details


class TryAgainLater(PluginError):
    """Code 11: the plugin asks to be called again later."""


class UnknownContainer(PluginError):
    """Code 3: the plugin does not know this container; no DEL is owed."""


class PluginNotAvailable(PluginError):
    """Code 50, in answer to STATUS: the plugin cannot serve ADD."""


class LimitedConnectivity(PluginError):
    """Code 51, in answer to STATUS: not available, and existing pods may be cut off."""


PLUGIN_ERRORS: dict[int, type[PluginError]] = {
    3: UnknownContainer,
    11: TryAgainLater,
    50: PluginNotAvailable,
    51: LimitedConnectivity,
}
"""The codes of the spec that have a class of their own."""


class ProtocolViolation(_ExchangeError):
    """A plugin's answer is not what the spec demands, and ``str(error)`` says why."""


class PluginCrashed(_ExchangeError):
    """A plugin ended by a signal, or with a failure and nothing on stdout."""


class PluginTimeout(_ExchangeError):
    """A plugin did not end within the time allowed and was ended, with all its children.

    Args:
        after: The limit, in seconds.
        exchange: The run that was cut short.
    """

    def __init__(self, after: float, exchange: Exchange) -> None:
        super().__init__(f"did not end within {after:g} s and was stopped", exchange)
        self.after = after


class ChainFailed(CNIError):
    """One plugin of a chain failed. Nothing that is known about it is lost.

    Args:
        verb: The CNI command, such as ``ADD``.
        index: Position of the plugin in the list, from 0.
        plugin: Its ``type``.
        cause: What happened.
        exchanges: Every plugin run of this operation, in order, those of the rollback too.
        rollback: After a failed ADD: one line for each thing that could not be undone; empty when all
            was undone; ``None`` when nothing was rolled back.
    """

    def __init__(
        self,
        verb: str,
        index: int,
        plugin: str,
        cause: CNIError,
        *,
        exchanges: Sequence[Exchange] = (),
        rollback: Sequence[str] | None = None,
    ) -> None:
        super().__init__(f'plugin "{plugin}" failed ({verb}): {cause}', hint=cause.hint)
        self.verb = verb
        self.index = index
        self.plugin = plugin
        self.cause = cause
        self.exchanges = tuple(exchanges)
        self.rollback = None if rollback is None else tuple(rollback)

    @property
    def exit_code(self) -> ExitCode:  # type: ignore[override]  # the cause decides
        """The exit code of the cause."""
        return self.cause.exit_code


class IncompatibleVersion(CNIError):
    """A plugin says that it does not speak the config's spec version; nothing was run.

    Args:
        plugin: Its ``type``.
        version: The spec version of the config.
        supported: The spec versions that the plugin names.
    """

    exit_code = ExitCode.NO

    def __init__(self, plugin: str, version: str, supported: Sequence[str]) -> None:
        spoken = ", ".join(supported) or "none"
        super().__init__(
            f'plugin "{plugin}" does not speak cniVersion {version}: it says {spoken}',
            hint="write a cniVersion that every plugin of the chain speaks, or install a newer plugin",
        )
        self.plugin = plugin
        self.version = version
        self.supported = tuple(supported)


class GCFailed(CNIError):
    """Some of what is stale could not be removed; the rest was.

    Args:
        network: The network's name.
        failures: What went wrong, one error for each attachment or plugin.
        collected: What was done all the same, a `cnictl.runtime.garbage.Collected`.
    """

    exit_code = ExitCode.NO

    def __init__(self, network: str, failures: Sequence[CNIError], collected: Collected) -> None:
        first, more = failures[0], len(failures) - 1
        rest = f" (and {more} more)" if more else ""
        super().__init__(f'GC of the network "{network}" failed: {first}{rest}', hint=first.hint)
        self.network = network
        self.failures = tuple(failures)
        self.collected = collected


class UnsupportedVerb(CNIError):
    """The config's spec version does not have this verb.

    Args:
        verb: The CNI command, such as ``CHECK``.
        version: The spec version of the config.
        since: The first spec version that has the verb.
    """

    def __init__(self, verb: str, version: str, since: str) -> None:
        super().__init__(
            f"{verb} needs cniVersion {since} or newer, and the config says {version}",
            hint=f'raise "cniVersion" to {since} or newer',
        )
        self.verb = verb
        self.version = version
        self.since = since


class NamespaceError(CNIError):
    """A network namespace cannot be used."""


class NamespaceNotFound(NamespaceError):
    """There is no such network namespace."""


class NamespaceDenied(NamespaceError):
    """The network namespace is there, but this user may not enter or make it."""


class CacheError(CNIError):
    """The result cache cannot be read or written."""


class CacheDamaged(CacheError):
    """A cache entry is there, and it is not what a runtime writes."""


class CriError(CNIError):
    """A container runtime's socket did not give the answer.

    Args:
        socket: The path of the socket.
        reason: Why, in a few words.
        hint: What the user can do about it.
    """

    def __init__(self, socket: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(f"{socket}: {reason}", hint=hint)
        self.socket = socket
        self.reason = reason


class CriUnreachable(CriError):
    """Nobody can be asked through a socket."""


class CriSocketMissing(CriUnreachable):
    """There is no such socket."""


class CriSocketRefused(CriUnreachable):
    """The socket is there, and nobody listens: the runtime has ended, and left it behind."""


class CriSocketDenied(CriUnreachable):
    """The socket is there, but this user may not use it."""


class CriNotASocket(CriUnreachable):
    """What is there is no socket, or none of the kind that runtimes have."""


class CriTimeout(CriError):
    """There was no whole answer within the time allowed.

    Args:
        socket: The path of the socket.
        reason: What was waited for.
        after: The limit, in seconds.
    """

    def __init__(self, socket: str, reason: str, after: float) -> None:
        super().__init__(socket, f"{reason} within {after:g} s")
        self.after = after


class CriGarbled(CriError):
    """What came back is not the protocol, or breaks off."""


class CriTooLarge(CriError):
    """The answer is larger than allowed; the rest of it was not read."""


class CriFailed(CriError):
    """The runtime answered with an error.

    Args:
        socket: The path of the socket.
        code: gRPC's status code, such as 12 for a service that is not there.
        details: What the runtime says of it, or an empty string.
    """

    def __init__(self, socket: str, code: int, details: str) -> None:
        name = GRPC_CODES.get(code, "an unknown code")
        super().__init__(socket, f"{details or 'an error without a message'} (code {code}, {name})")
        self.code = code
        self.details = details


GRPC_CODES: dict[int, str] = dict(
    enumerate(
        (
            *("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"),
            *("PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE"),
            *("UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"),
        )
    )
)
"""The names of gRPC's status codes."""


class RepairFailed(CNIError):
    """A repair of the node, or its undoing, did not work."""


class Busy(CNIError):
    """Another command works on the same container or network, and does not end.

    Args:
        what: What it works on, such as ``the container c1``.
        holders: The processes that do, with their command lines; empty when the kernel does not tell.
        waited: Seconds that were waited.
    """

    def __init__(self, what: str, holders: Sequence[str], waited: float) -> None:
        who = f"process {', '.join(holders)}" if holders else "another process"
        super().__init__(
            f"{what} is in use by {who}, and was not given up within {waited:g} s",
            hint="wait until it has ended, or end it; --lock-timeout says how long to wait",
        )
        self.what = what
        self.holders = tuple(holders)
        self.waited = waited


class InternalError(CNIError):
    """A bug in cnictl."""
