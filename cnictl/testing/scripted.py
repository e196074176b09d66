"""A plugin that is a real executable and behaves as a test tells it to."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from cnictl.errors import UsageError
from cnictl.model.names import plugin_type_fault
from cnictl.model.version import VERB_SINCE
from cnictl.testing.answers import ALL_VERSIONS, version_answer
from cnictl.testing.behaviour import Behaviour, print_command
from cnictl.testing.calls import HOME, Call, calls_in
from cnictl.testing.shell import executable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class ScriptedPlugin:
    """A real executable that stands in for a plugin, for whoever runs plugins.

    What is not scripted succeeds, as with `cnictl.testing.FakeExecutor`: ADD prints the ``prevResult`` it was given or
    an empty result, VERSION the versions, and everything else nothing. Every run is noted. The executable is a shell
    script, so that a run takes a few milliseconds; many may run at once.

    Example::

        bridge = ScriptedPlugin(tmp_path, "bridge")
        bridge.on("ADD", result={"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/24"}]})
        bridge.on("DEL", error={"code": 11, "msg": "busy"}, times=1)
        ...
        assert [run.verb for run in bridge.runs] == ["ADD", "DEL", "DEL"]

    A plugin that is there already, scripted or not, is replaced.

    Args:
        directory: The plugin directory; made when it is missing.
        name: The plugin's ``type``.
        versions: The spec versions that it speaks, the newest last.

    Attributes:
        path: The executable.

    Raises:
        UsageError: The name is no plugin's type.
    """

    def __init__(self, directory: str | os.PathLike[str], name: str, *, versions: Sequence[str] = ALL_VERSIONS) -> None:
        fault = plugin_type_fault(name)
        if fault:
            raise UsageError(fault)
        self.name = name
        self.path = Path(directory).absolute() / name
        self._home = self.path.parent / HOME
        self._scripts = self._home / "scripts" / name
        self._queued = 0
        shutil.rmtree(self._scripts, ignore_errors=True)
        self._scripts.mkdir(parents=True)
        (self._home / "calls").mkdir(exist_ok=True)
        _write(self.path, executable(name, self._home), mode=0o755)
        self.speaks(*versions)

    def speaks(self, *versions: str) -> Self:
        """Says which spec versions it names from now on when it is asked for VERSION.

        Args:
            versions: The versions, the newest last.
        """
        _write(self._scripts / "versions", print_command(_json(version_answer(versions))))
        self._renew()
        return self

    def on(  # noqa: PLR0913  # each is one of the many things that plugins do
        self,
        verb: str,
        *,
        result: Mapping[str, Any] | None = None,
        error: Mapping[str, Any] | None = None,
        stdout: str | bytes | None = None,
        stderr: str | bytes = b"",
        status: int | None = None,
        signal: int | None = None,
        delay: float = 0.0,
        child: float | None = None,
        flood: int = 0,
        reads_stdin: bool = True,
        shell: str = "",
        times: int | None = None,
    ) -> Self:
        """Says how runs go. Of ``result``, ``error`` and ``stdout`` there can be one; without, it prints the usual.

        Args:
            verb: The command, such as ``ADD``.
            result: The JSON object that it prints, exactly as given.
            error: The JSON object that it prints before it fails, such as ``{"code": 11, "msg": "busy"}``.
            stdout: What it prints, as it is.
            stderr: What it logs, before it waits.
            status: Its exit status; 1 with ``error``, else 0.
            signal: The number of a signal that ends it after it printed.
            delay: Seconds that it waits before it answers. Make it longer than the runtime's patience, and it hangs.
            child: Seconds for which a child of it lives on and holds its stdout and stderr; see `Call.child`.
            flood: How many bytes that are no JSON it prints after its answer.
            reads_stdin: Whether it reads its stdin; if not, that is not noted either.
            shell: Lines for ``/bin/sh`` to run first, such as ``trap '' TERM``.
            times: For how many runs this holds; those are used up in the order in which they were said. ``None``
                holds for all other runs, and takes the place of what was said before.

        Returns:
            The plugin itself, so that calls can be chained.

        Raises:
            UsageError: There is more than one answer, or a value that no plugin can have.
        """
        behaviour = Behaviour(
            stdout=_answer(result, error, stdout),
            stderr=_bytes(stderr),
            status=status if status is not None else int(error is not None),
            signal=signal,
            delay=delay,
            child=child,
            flood=flood,
            reads_stdin=reads_stdin,
            shell=shell,
        )
        self._script(verb, behaviour, times)
        return self

    @property
    def calls(self) -> list[Call]:
        """Every run so far, in the order in which they began; `cnictl.testing.calls_in` has those of all plugins."""
        return [call for call in calls_in(self.path.parent) if call.plugin == self.name]

    @property
    def runs(self) -> list[Call]:
        """The same without the questions for VERSION, which come before ADD."""
        return [call for call in self.calls if call.verb != "VERSION"]

    def _renew(self) -> None:
        """Makes the executable look new, because a runtime may ask for VERSION once for each file."""
        now = time.time_ns()
        os.utime(self.path, ns=(now, now))

    def _script(self, verb: str, behaviour: Behaviour, times: int | None) -> None:
        if verb not in VERB_SINCE:
            raise UsageError(f'"{verb}" is no command of CNI: {", ".join(VERB_SINCE)} are')
        if times is not None and times < 1:
            raise UsageError(f"a script holds for 1 run at least, not for {times}")
        if times is None:
            _write(self._scripts / verb, behaviour.script())
        for _ in range(times or 0):
            self._queued += 1
            _write(self._scripts / f"{verb}.next-{self._queued:08}", behaviour.script())
        if verb == "VERSION":
            self._renew()


def _answer(
    result: Mapping[str, Any] | None, error: Mapping[str, Any] | None, stdout: str | bytes | None
) -> bytes | None:
    given = [_json(data) for data in (result, error) if data is not None]
    given += [_bytes(text) for text in (stdout,) if text is not None]
    if len(given) > 1:
        raise UsageError("a run has one answer: a result, an error or a stdout")
    return given[0] if given else None


def _json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data).encode() + b"\n"


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    """Writes a file that is there whole or not at all, because a run may read it at any time."""
    scratch = path.with_name(f".{path.name}.new")
    scratch.write_bytes(os.fsencode(text))
    scratch.chmod(mode)
    scratch.replace(path)
