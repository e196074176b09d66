"""Dumps: what a node answered, kept to be judged elsewhere.

A dump holds each question that was asked and its answer, so it holds exactly what the checks read. Secrets are made
unreadable before anything is kept (`cnictl.host.redaction`).
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnictl.errors import SourceError
from cnictl.host.answers import CODECS, read_refusal, write_refusal
from cnictl.host.api import Unanswered
from cnictl.host.redaction import redact, redact_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cnictl.host.api import FileStatus, Host, Process, Space, Watcher
    from cnictl.netns.survey import Survey


class RecordingHost:
    """A host that keeps what another one answers.

    Args:
        host: The host that is asked.

    Attributes:
        answers: The answers by question, as JSON values.
    """

    def __init__(self, host: Host) -> None:
        self.host = host
        self.live = host.live
        self.answers: dict[str, Any] = {}

    def where(self, path: str) -> Path:
        """Where a file of the node lies on this machine; see `cnictl.host.api.Host`."""
        return self.host.where(path)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Every question; see `cnictl.host.api.Host`."""
        if name not in CODECS:
            raise AttributeError(name)
        return functools.partial(self._ask, name)

    def _ask(self, name: str, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401  # the question's own
        write, _ = CODECS[name]
        arguments = _plain((*arguments, *named.values()))
        try:
            answer = getattr(self.host, name)(*arguments)
        except (SourceError, Unanswered) as error:
            self.answers[question(name, arguments)] = {"refused": redact(write_refusal(error))}
            raise
        self.answers[question(name, arguments)] = {"answer": _kept(answer, write)}
        return answer


def _kept(answer: Any, write: Callable[[Any], Any]) -> Any:  # noqa: ANN401  # a JSON value
    """An answer as it may be kept."""
    return write(redact_bytes(answer)) if isinstance(answer, bytes) else redact(write(answer))


def _plain(arguments: Iterable[Any]) -> tuple[Any, ...]:
    """Arguments as JSON has them; a collection may be one that can be read only once."""
    return tuple(each if isinstance(each, str | int) else sorted(each) for each in arguments)


def question(name: str, arguments: Iterable[Any]) -> str:
    """The key of a question: its name and arguments."""
    return json.dumps([name, *arguments], ensure_ascii=False)


class RecordedHost:
    """A node that is known by its dump alone.

    Args:
        answers: The answers by question, as `RecordingHost` keeps them.
        live: Whether it was the machine that cnictl ran on.
    """

    def __init__(self, answers: Mapping[str, Any], *, live: bool) -> None:
        self.answers = answers
        self.live = live

    def where(self, path: str) -> Path:
        """Where a file lay on the node; here is nothing of it."""
        return Path(path)

    def read_bytes(self, path: str) -> bytes:
        """The content of a regular file; see `cnictl.host.api.Host`."""
        content: bytes = self._answer("read_bytes", path)
        return content

    def read_part(self, path: str, offset: int, size: int) -> bytes:
        """A part of a regular file; see `cnictl.host.api.Host`."""
        content: bytes = self._answer("read_part", path, offset, size)
        return content

    def list_dir(self, path: str) -> list[str]:
        """The names in a directory; see `cnictl.host.api.Host`."""
        names: list[str] = self._answer("list_dir", path)
        return names

    def status(self, path: str) -> FileStatus | None:
        """What is there; see `cnictl.host.api.Host`."""
        found: FileStatus | None = self._answer("status", path) if question("status", [path]) in self.answers else None
        return found

    def link_target(self, path: str) -> str | None:
        """What a symbolic link says; see `cnictl.host.api.Host`."""
        known = question("link_target", [path]) in self.answers
        target: str | None = self._answer("link_target", path) if known else None
        return target

    def same_netns(self) -> bool:
        """Whether the kernel's settings are the node's own; see `cnictl.host.api.Host`."""
        return bool(self._answer("same_netns"))

    def now(self) -> float:
        """When the dump was taken."""
        return float(self._answer("now"))

    def space(self, path: str) -> Space:
        """How much a file system has; see `cnictl.host.api.Host`."""
        space: Space = self._answer("space", path)
        return space

    def processes(self, names: Iterable[str]) -> list[Process]:
        """The running programs; see `cnictl.host.api.Host`."""
        found: list[Process] = self._answer("processes", sorted(names))
        return found

    def watchers(self) -> list[Watcher]:
        """The running programs that are told of changes to files; see `cnictl.host.api.Host`."""
        found: list[Watcher] = self._answer("watchers")
        return found

    def survey(self) -> Survey:
        """The links, addresses and routes; see `cnictl.host.api.Host`."""
        survey: Survey = self._answer("survey")
        return survey

    def rulesets(self) -> Mapping[str, str]:
        """The rules of the packet filter; see `cnictl.host.api.Host`."""
        rules: Mapping[str, str] = self._answer("rulesets")
        return rules

    def connect(self, address: str) -> str | None:
        """Whether somebody listened; see `cnictl.host.api.Host`."""
        trouble: str | None = self._answer("connect", address)
        return trouble

    def cri(self, socket: str, question: str, argument: str = "") -> Any:  # noqa: ANN401  # a JSON value
        """What the container runtime answered; see `cnictl.host.api.Host`."""
        return self._answer("cri", socket, question, *([argument] if argument else []))

    def _answer(self, name: str, *arguments: Any) -> Any:  # noqa: ANN401  # the question's own
        kept = self.answers.get(question(name, arguments))
        if not isinstance(kept, dict):
            raise _unknown(name, arguments)
        if "refused" in kept:
            raise read_refusal(kept["refused"])
        _, read = CODECS[name]
        return read(kept["answer"])


def _unknown(name: str, arguments: tuple[Any, ...]) -> SourceError | Unanswered:
    """Why a question that nobody asked when the dump was taken has no answer."""
    reason = "not in the dump: it was taken by another version of cnictl, or of fewer checks"
    if name in ("read_bytes", "read_part", "list_dir"):
        return SourceError(str(arguments[0]), f"is {reason}")
    return Unanswered(f"this is {reason}")
