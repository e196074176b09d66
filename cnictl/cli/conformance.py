"""``cnictl conformance``."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnictl.cli.exec.answer import termination_as_interrupt
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import BinDir, Ignore, Select, Talking, bin_dirs, format_option, split_codes, takes
from cnictl.cli.output import Output, answer  # typer reads the first
from cnictl.errors import ExitCode, UsageError
from cnictl.invoke.find import default_bin_dirs, find_plugin
from cnictl.model.network import NetworkConfigList
from cnictl.model.version import SpecVersion, names
from cnictl.render import renderer
from cnictl.report.conformance import CaseResult, Conformance
from cnictl.report.finding import Status
from cnictl.report.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.conformance.request import Request

app = new_app()

_TIMEOUT = 30.0
"""Seconds for a run: a plugin that hangs does so in many cases, and nobody waits for each as long as a runtime does."""


@dataclass(kw_only=True, repr=False, eq=False)
class ConformanceOptions(Talking):
    """The options of ``cnictl conformance``."""

    plugin: Annotated[
        str | None, typer.Argument(metavar="PLUGIN", help="A type, looked up in the plugin directories, or a path.")
    ] = None
    network: Annotated[
        str | None,
        typer.Option("--config", metavar="FILE", help="A network config that names the plugin. [default: one is made]"),
    ] = None
    spec_version: Annotated[
        list[str] | None,
        typer.Option(metavar="V", help="A version to test in, repeatable. [default: the newest that it speaks]"),
    ] = None
    select: Select = None
    ignore: Ignore = None
    strict: Annotated[bool, typer.Option("--strict", help="What the spec only recommends counts too.")] = False
    list_cases: Annotated[bool, typer.Option("--list", help="List the cases, and test nothing.")] = False
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="For each plugin run; then it is ended.")] = _TIMEOUT
    bin_dir: BinDir = None
    format: Annotated[str, format_option("conformance")] = "text"
    output: Output = None

    @cached_property
    def path(self) -> Path:
        """The plugin's executable.

        Raises:
            UsageError: No plugin is named.
            PluginNotFound: There is none.
        """
        if self.plugin is None:
            message = "no plugin is named"
            raise UsageError(message, hint="name one, such as `cnictl conformance bridge`, or use --list")
        if "/" not in self.plugin:
            return find_plugin(self.plugin, self._directories)
        path = Path(self.plugin).absolute()
        return find_plugin(path.name, [path.parent])

    @cached_property
    def policy(self) -> Policy:
        """Which cases are wanted.

        Raises:
            UsageError: A code or a name is that of no case.
        """
        from cnictl.conformance.registry import all_cases

        policy = Policy(split_codes(self.select), split_codes(self.ignore), self.strict)
        unmatched = policy.unmatched(all_cases())
        if unmatched:
            message = f"there is no case {', '.join(unmatched)}"
            raise UsageError(message, hint="`cnictl conformance --list` shows all of them")
        return policy

    @property
    def _directories(self) -> list[Path]:
        return bin_dirs(self.bin_dir) or default_bin_dirs()

    def request(self) -> Request:
        """What is to be tested.

        Raises:
            CNIError: An option cannot be understood, a file cannot be read, or there is no such plugin.
        """
        from cnictl.conformance.request import Request

        if not self.timeout > 0:
            message = f"--timeout is {self.timeout:g}, and it must be more than 0"
            raise UsageError(message)
        path, versions = self.path, tuple(map(_version, self.spec_version or ()))
        request = Request(
            type=path.name,
            policy=self.policy,
            network=self._standing(),
            bin_dirs=list(dict.fromkeys((path.parent, *self._directories))),
            versions=versions,
            timeout=self.timeout,
        )
        request.require_place()
        return request

    def _standing(self) -> NetworkConfigList:
        if self.network is not None:
            return NetworkConfigList.from_file(self.network)
        from cnictl.authoring.standing import standing

        return NetworkConfigList.from_bytes(json.dumps(standing(self.path.name)).encode(), "the config")


def _version(text: str) -> SpecVersion:
    version = SpecVersion.of(text)
    if version is None:
        message = f"--spec-version: there is no CNI spec {text}; the versions are {names()}"
        raise UsageError(message)
    return version


@app.command(
    cls=Command,
    epilog="""\b
Examples:
  cnictl conformance bridge
  cnictl conformance ./my-plugin --config 10-mine.conflist
  cnictl conformance bridge --spec-version 0.4.0 --spec-version 1.0.0
  cnictl conformance bridge --select spec-del,CNI94 -v
  cnictl conformance ./my-plugin --config mine.conf -f junit -o report.xml
  cnictl conformance --list

\b
Exit status: 0 it conforms, 1 it does not, 2 it could not be tested.""",
)
@takes(ConformanceOptions)
def conformance(options: ConformanceOptions) -> int:
    """Test a plugin against the CNI spec.

    It is run in a throwaway node, as root or as an ordinary user, alone or in the network that it needs; nothing of
    this machine is touched. What the spec says that a plugin must do is an error when it does not, and what it should
    do a warning. A case that cannot be made with this plugin is skipped, with the reason.
    """
    if options.list_cases:
        _list(options)
        return ExitCode.OK
    tested = _tested(options)
    with answer(options.out, options.output) as paper:
        renderer("conformance", options.format)(tested, paper, verbose=options.verbose)
    return _exit_code(tested, strict=options.strict)


def _list(options: ConformanceOptions) -> None:
    from cnictl.conformance.registry import all_cases

    for case in filter(options.policy.wants, all_cases()):
        since = f", since {case.since}" if case.since > SpecVersion.V0_1_0 else ""
        options.out.paragraph((f"{case.code}  ", "bold"), f"{case.name}: {case.title}{since}")
        options.out.paragraph(("", "dim"), case.explanation.reference, indent=8)


def _tested(options: ConformanceOptions) -> Conformance:
    from cnictl.conformance.run import Spoken, examine_plugin

    request, began = options.request(), time.monotonic()
    spoken: Sequence[str] = ()
    cases: list[CaseResult] = []
    with termination_as_interrupt():
        for found in examine_plugin(request):
            if isinstance(found, Spoken):
                spoken = found.versions
                continue
            cases.append(found)
            result = found.result
            options.detail(f"{found.version} {result.status.value} {result.code} {result.title}")
    seconds = round(time.monotonic() - began, 3)
    return Conformance(
        request.type, str(options.path), options.network, request.place.role, spoken, tuple(cases), seconds
    )


def _exit_code(tested: Conformance, *, strict: bool) -> ExitCode:
    if tested.ended(Status.FAIL) or (strict and tested.ended(Status.WARN)):
        return ExitCode.NO
    return ExitCode.OK if tested.conforms else ExitCode.UNABLE
