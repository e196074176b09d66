"""Saves what the checks of a node read, and makes a node of it again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl import __version__
from cnictl.errors import SourceError
from cnictl.host.answers import decode_bytes, encode_bytes
from cnictl.host.api import Unanswered
from cnictl.host.dump import RecordedHost
from cnictl.host.redaction import redact_bytes
from cnictl.invoke.invocation import Exchange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnictl.host.dump import RecordingHost
    from cnictl.invoke.executor import Executor
    from cnictl.invoke.invocation import Invocation

KIND = "cnictl.dump/1"
MAX_BYTES = 256 * 1024 * 1024
"""The largest dump that is read."""

_FIELDS = ("status", "signal", "seconds", "limit", "timed_out", "truncated")


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
        stdout, stderr = decode_bytes(kept["stdout"]), decode_bytes(kept["stderr"])
        return Exchange(invocation, stdout, stderr, **{name: kept[name] for name in _FIELDS})


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
        "answers": host.answers,
        "versions": executor.runs if executor is not None else None,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


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
    host = RecordedHost(answers, live=bool(content.get("live")))
    return Dump(host, None if versions is None else ReplayingExecutor(versions), settings)


def _no_dump(name: str, reason: str) -> SourceError:
    return SourceError(name, f"is no dump of a node: {reason}", hint="`cnictl doctor --save FILE` writes one")
