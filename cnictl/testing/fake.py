"""An executor that runs nothing and answers what it was told to answer."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any

from cnictl.invoke.invocation import Exchange
from cnictl.testing.answers import ALL_VERSIONS, version_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnictl.invoke.invocation import Invocation


class FakeExecutor:
    """Stands in for plugins in tests; see `cnictl.invoke.executor.Executor`.

    What is not scripted succeeds: ADD answers with the ``prevResult`` it was given or an empty result, VERSION with
    all versions of the spec, everything else with nothing.

    Example::

        executor = FakeExecutor()
        executor.script("portmap", "ADD", status=1, answer={"code": 7, "msg": "no such chain"})
        cni = CNI([plugin_dir], cache_dir=tmp_path, executor=executor)

    Attributes:
        invocations: Everything that was asked, in order, also VERSION, which comes before ADD.
    """

    def __init__(self) -> None:
        self.invocations: list[Invocation] = []
        self._scripts: dict[tuple[str, str], deque[dict[str, Any]]] = {}
        self._versions: dict[str, tuple[str, ...]] = {}

    @property
    def runs(self) -> list[Invocation]:
        """What was asked, in order, without the questions for VERSION."""
        return [invocation for invocation in self.invocations if invocation.verb != "VERSION"]

    def speaks(self, plugin: str, *versions: str) -> None:
        """Says which versions a plugin names from now on when it is asked for VERSION.

        Args:
            plugin: The plugin's ``type``.
            versions: The versions, the newest last.
        """
        self._versions[plugin] = versions

    def script(
        self,
        plugin: str,
        verb: str,
        *,
        answer: Mapping[str, Any] | bytes | BaseException = b"",
        status: int | None = 0,
        stderr: bytes = b"",
        signal: int | None = None,
        timed_out: bool = False,
    ) -> None:
        """Says what the next run of a plugin comes to; calls for the same plugin and verb queue up.

        Args:
            plugin: The plugin's ``type``.
            verb: The command, such as ``ADD``.
            answer: What it prints: JSON data, or bytes as they are. An exception is raised instead.
            status: Its exit status; ``None`` together with ``signal``.
            stderr: What it logs.
            signal: The signal that ends it.
            timed_out: Whether it was ended because it took too long.
        """
        outcome = {"status": status, "stderr": stderr, "signal": signal, "timed_out": timed_out}
        self._scripts.setdefault((plugin, verb), deque()).append({"answer": answer, **outcome})

    def run(self, invocation: Invocation, timeout: float | None = None) -> Exchange:
        """Answers as scripted."""
        self.invocations.append(invocation)
        try:
            outcome = self._scripts.get((invocation.plugin, invocation.verb), deque()).popleft()
        except IndexError:  # asked only now, because another thread may have taken the last one
            return Exchange(invocation, stdout=self._unscripted(invocation))
        answer = outcome.pop("answer")
        if isinstance(answer, BaseException):
            raise answer
        stdout = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Exchange(invocation, stdout=stdout, limit=timeout or 0.0, **outcome)

    def _unscripted(self, invocation: Invocation) -> bytes:
        if invocation.verb == "VERSION":
            return json.dumps(version_answer(self._versions.get(invocation.plugin, ALL_VERSIONS))).encode()
        if invocation.verb != "ADD":
            return b""
        config = json.loads(invocation.stdin)
        return json.dumps(config.get("prevResult", {"cniVersion": config["cniVersion"]})).encode()
