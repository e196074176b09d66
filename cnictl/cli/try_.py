"""``cnictl try``."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnictl.cli.exec.answer import termination_as_interrupt
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import BinDir, ConfDir, Talking, bin_dirs, conf_dir, format_option, takes
from cnictl.cli.output import Output, answer  # typer reads the first
from cnictl.errors import ExitCode, UsageError
from cnictl.invoke.executor import DEFAULT_TIMEOUT
from cnictl.invoke.find import default_bin_dirs
from cnictl.model.capability import parse_bandwidth, parse_port
from cnictl.model.files import SUFFIXES, suffix_of
from cnictl.model.view import view
from cnictl.render import renderer
from cnictl.report.finding import Status
from cnictl.report.trial import StepResult, Trial
from cnictl.runtime.load import find_network
from cnictl.text.parser import parse
from cnictl.text.source import STDIN, read_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.foreign.pod import Pod
    from cnictl.text.source import Source
    from cnictl.trial.bench import Request

app = new_app()

_MOST_PODS = 64


@dataclass(kw_only=True, repr=False, eq=False)
class TryOptions(Talking):
    """The options of ``cnictl try``."""

    network: Annotated[
        str, typer.Argument(metavar="FILE|NETWORK", help="A file, - for stdin, or a network of the config directory.")
    ]
    pod: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="A Pod manifest: its host ports, bandwidth limits and names become arguments."
        ),
    ] = None
    port: Annotated[
        list[str] | None,
        typer.Option(metavar="[IP:]HOST:CONTAINER[/PROTO]", help="A hostPort to try, repeatable: 8080:80/tcp."),
    ] = None
    bandwidth: Annotated[
        str | None, typer.Option(metavar="LIMITS", help="Limits in bits per second: ingress=10M,egress=10M.")
    ] = None
    pods: Annotated[int, typer.Option(metavar="N", help="How many pods to add at once.")] = 4
    sysctl: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A kernel setting of the node that is not as usual, repeatable."),
    ] = None
    keep: Annotated[bool, typer.Option("--keep", help="Open a shell in the node at the end, with two pods up.")] = False
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="For each plugin run; then it is ended.")] = (
        DEFAULT_TIMEOUT
    )
    bin_dir: BinDir = None
    conf_dir: ConfDir = None
    format: Annotated[str, format_option("trial")] = "text"
    output: Output = None

    def request(self) -> Request:
        """What is to be tried.

        Raises:
            InputError: An option cannot be understood, or a file cannot be read.
        """
        from cnictl.trial.bench import Request

        self._require_sense()
        return Request(
            source=self.source,
            directory=None if self.source.path == STDIN else os.path.dirname(self.source.path),  # noqa: PTH120
            bin_dirs=bin_dirs(self.bin_dir) or default_bin_dirs(),
            args=tuple(self._pod.cni_args("pod-a")) if self._pod else (),
            capability_args=self._capability_args(),
            pods=self.pods,
            sysctls=dict(map(_setting, self.sysctl or ())),
            timeout=self.timeout,
        )

    def _require_sense(self) -> None:
        if not self.timeout > 0:
            message = f"--timeout is {self.timeout:g}, and it must be more than 0"
            raise UsageError(message)
        if not 1 <= self.pods <= _MOST_PODS:
            message = f"--pods is {self.pods}, and it must be from 1 to {_MOST_PODS}"
            raise UsageError(message)
        if self.keep and (self.format != "text" or self.output):
            message = "--keep opens a shell, which is of no use with --format or --output"
            raise UsageError(message)

    @cached_property
    def source(self) -> Source:
        """The config.

        Raises:
            InputError: It is not there, or cannot be read.
        """
        name = self.network
        if name == STDIN or "/" in name or suffix_of(name) in SUFFIXES:
            return read_source(name)
        return read_source(find_network(name, conf_dir(self.conf_dir)).path)

    @cached_property
    def _pod(self) -> Pod | None:
        if self.pod is None:
            return None
        from cnictl.foreign.pod import read_pod

        return read_pod(self.pod)

    def _capability_args(self) -> dict[str, Any]:
        values = self._pod.capability_args() if self._pod else {}
        if self.port:
            values["portMappings"] = [*values.get("portMappings", []), *map(parse_port, self.port)]
        if self.bandwidth:
            values["bandwidth"] = parse_bandwidth(self.bandwidth)
        return values


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.startswith("net."):
        message = f'--sysctl "{text}" is not of the form net.NAME=VALUE'
        raise UsageError(message, hint="an example is --sysctl net.ipv4.ip_forward=0")
    return name, value


@app.command(
    name="try",
    cls=Command,
    epilog="""\b
Examples:
  cnictl try 10-pods.conflist
  cnictl try pods --pod web.yaml
  cnictl try 10-pods.conflist --port 8080:80/tcp --port 53:53/udp
  cnictl try 10-pods.conflist --bandwidth ingress=10M,egress=10M
  cnictl try 10-pods.conflist --keep
  cnictl try 10-pods.conflist -f github        in a pipeline

\b
Exit status: 0 all holds, 1 a step failed, 2 it could not be tried.""",
)
@takes(TryOptions)
def try_(options: TryOptions) -> int:
    """Run a network for real in a throwaway node, and prove that it works.

    The node is made of namespaces, as root or as an ordinary user; nothing of this machine is touched, and no packet
    leaves it. Two pods are added, reached in every way, and deleted. What cannot be tried here is skipped, with the
    reason.
    """
    trial = _tried(options)
    if trial.ended(Status.FAIL):
        return ExitCode.NO
    added = any(step.name == "try-add" and step.status is not Status.SKIP for step in trial.steps)
    return ExitCode.UNABLE if trial.ended(Status.ERROR) or not added else ExitCode.OK


def _tried(options: TryOptions) -> Trial:
    """Makes all steps, and shows what came of them."""
    from cnictl.trial.registry import all_steps

    began = time.monotonic()
    steps: list[StepResult] = []
    trial = _trial(options, steps, 0.0)
    for result in _results(options):
        steps.append(result)
        options.detail(f"{result.status.value} {result.code} {result.title}: {result.milliseconds:.0f} ms")
        if len(steps) == len(all_steps()):  # with --keep, the shell is open until the next turn
            trial = _trial(options, steps, time.monotonic() - began)
            _show(options, trial)
    return trial


def _results(options: TryOptions) -> Iterator[StepResult]:
    from cnictl.trial.keep import keep
    from cnictl.trial.run import try_network

    with termination_as_interrupt():
        yield from try_network(options.request(), keep if options.keep else None)


def _show(options: TryOptions, trial: Trial) -> None:
    with answer(options.out, options.output) as paper:
        renderer("trial", options.format)(trial, paper, verbose=options.verbose)
    options.out.stream.flush()


def _trial(options: TryOptions, steps: list[StepResult], seconds: float) -> Trial:
    network = view(parse(options.source))
    facts: dict[str, object] = {"network": None, "cniVersion": None, "plugins": []}
    if network is not None:
        types = [plugin.type for plugin in network.judged_plugins]
        facts = {"network": network.name, "cniVersion": network.version_text, "plugins": types}
    return Trial(options.source.name, facts, tuple(steps), round(seconds, 3))
