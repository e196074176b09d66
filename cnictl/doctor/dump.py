"""Saves what the checks of a node read, and makes a node of it again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl import __version__
from cnictl.doctor.facts.runtimes import CHOICES
from cnictl.errors import SourceError
from cnictl.host.answers import decode_bytes, encode_bytes
from cnictl.host.api import Unanswered
from cnictl.host.dump import RecordedHost
from cnictl.host.redaction import redact_bytes
from cnictl.invoke.invocation import Exchange
from cnictl.text.scan import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnictl.host.dump import RecordingHost
    from cnictl.invoke.executor import Executor
    from cnictl.invoke.invocation import Invocation

KIND = "cnictl.dump/1"
MAX_BYTES = 256 * 1024 * 1024
"""The largest dump that is read."""

_FIELDS = {
    "status": int | None,
    "signal": int | None,
    "seconds": float,
    "limit": float,
    "timed_out": bool,
    "truncated": bool,
}
"""What is kept of an exchange beside its output, and of which kind it is."""
_SETTINGS = {"conf_dir": str | None, "bin_dirs": list[str] | None, "runtime": str, "cri_socket": str | None}
"""The directories that were asked for, and of which kind they are."""


class RecordingExecutor:
    """An executor that keeps what came of each run.

    Args:
        executor: The executor that does the work.

    Attributes:
        runs: What came of them, by plugin type.
    """

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.runs: dict[str, Any] = {}

    def run(self, invocation: Invocation, timeout: float | None = None) -> Exchange:
        """Runs a plugin to its end; see `cnictl.invoke.executor.Executor`."""
        exchange = self.executor.run(invocation, timeout)
        kept = {name: getattr(exchange, name) for name in _FIELDS}
        for name in ("stdout", "stderr"):
            kept[name] = encode_bytes(redact_bytes(getattr(exchange, name)))
        self.runs[invocation.plugin] = kept
        return exchange


class ReplayingExecutor:
    """An executor that runs nothing and gives back what came of earlier runs.

    Args:
        runs: As `RecordingExecutor` keeps them.
    """

    def __init__(self, runs: Mapping[str, Any]) -> None:
        self.runs = runs

    def run(self, invocation: Invocation, timeout: float | None = None) -> Exchange:
        """What came of it then; see `cnictl.invoke.executor.Executor`.

        Raises:
            Unanswered: It was not run then.
        """
        del timeout
        kept = self.runs.get(invocation.plugin)
        if kept is None:
            message = f'the dump does not hold what the plugin "{invocation.plugin}" answers'
            raise Unanswered(message)
        return Exchange(invocation, **_exchange(kept))


class Dump(NamedTuple):
    """What a node answered.

    Attributes:
        host: The node.
        executor: What its plugins answered to VERSION.
        settings: The directories that were asked for, as `cnictl.doctor.node.Node` takes them.
    """

    host: RecordedHost
    executor: ReplayingExecutor | None
    settings: dict[str, Any]


def write_dump(host: RecordingHost, executor: RecordingExecutor | None, settings: Mapping[str, Any]) -> str:
    """What a node answered, as a JSON text without secrets.

    Args:
        host: The node that was examined.
        executor: What ran its plugins; ``None`` when they were not run.
        settings: The directories that were asked for.
    """
    document = {
        "schema": KIND,
        "tool": {"name": "cnictl", "version": __version__},
        "live": host.live,
        "settings": dict(settings),
        "answers": dict(host.answers),  # a check that was left to itself may still ask
        "versions": dict(executor.runs) if executor is not None else None,
    }
    return json.dumps(document, indent=1) + "\n"  # ASCII: a file's name may hold what is no character


def read_dump(name: str, text: bytes) -> Dump:
    """A node of a dump.

    Args:
        name: What the dump is called in errors.
        text: The JSON text.

    Raises:
        SourceError: It is no dump.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no_dump(name, f"it is no JSON: {error}") from error
    if not isinstance(content, dict) or content.get("schema") != KIND:
        raise _no_dump(name, f'its "schema" is not "{KIND}"')
    answers, versions, settings = content.get("answers"), content.get("versions"), content.get("settings")
    if not isinstance(answers, dict) or not isinstance(settings, dict) or not isinstance(versions, dict | None):
        raise _no_dump(name, "something of it is missing")
    _require_sense(name, answers, versions or {}, settings)
    host = RecordedHost(answers, live=bool(content.get("live")))
    return Dump(host, None if versions is None else ReplayingExecutor(versions), settings)


def _require_sense(name: str, answers: dict[str, Any], versions: dict[str, Any], settings: dict[str, Any]) -> None:
    """Refuses a dump in which something is not what `write_dump` would have written.

    Raises:
        SourceError: It is so.
    """
    from cnictl.host.kinds import fits, require_answer

    for question, kept in answers.items():
        try:
            require_answer(question, kept)
        except ValueError as error:
            raise _no_dump(name, f"its answer to {shorten(question)} is none") from error
    for plugin, kept in versions.items():
        try:
            exchange = _exchange(kept)
        except (TypeError, KeyError, ValueError) as error:
            raise _no_dump(name, f"what {shorten(plugin)} has answered is incomplete") from error
        if not all(fits(exchange[field], kind) for field, kind in _FIELDS.items()):
            raise _no_dump(name, f"what {shorten(plugin)} has answered is of the wrong kind")
    wrong = [key for key, value in settings.items() if key not in _SETTINGS or not fits(value, _SETTINGS[key])]
    if wrong or settings.get("runtime", CHOICES[0]) not in CHOICES:
        raise _no_dump(name, f"its settings cannot be used: {shorten(', '.join(wrong) or 'runtime')}")


def _exchange(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What came of a run, as `cnictl.invoke.invocation.Exchange` takes it."""
    output = {name: decode_bytes(kept[name]) for name in ("stdout", "stderr")}
    return output | {name: kept[name] for name in _FIELDS}


def _no_dump(name: str, reason: str) -> SourceError:
    return SourceError(name, f"is no dump of a node: {reason}", hint="`cnictl doctor --save FILE` writes one")
