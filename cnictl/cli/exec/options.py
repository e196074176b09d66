"""The options that all verbs of ``cnictl exec`` understand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from cnictl.cli.options import BinDir, CacheDir, ConfDir, Talking, bin_dirs, cache_dir, conf_dir, format_option
from cnictl.errors import UsageError
from cnictl.invoke.executor import DEFAULT_TIMEOUT, ProcessExecutor, Recorder
from cnictl.render.trace.text import milliseconds, outcome
from cnictl.runtime.cni import CNI
from cnictl.runtime.load import load_network
from cnictl.runtime.locks import DEFAULT_PATIENCE

if TYPE_CHECKING:
    from pathlib import Path
    from threading import Event

    from cnictl.invoke.executor import Executor
    from cnictl.invoke.invocation import Exchange
    from cnictl.model.network import NetworkConfigList


Unused = Annotated[list[str] | None, typer.Argument(hidden=True, metavar="NETNS", help="Not used: cnitool wants one.")]
"""cnitool wants a NETNS for every verb, and for some of them does not use it."""


@dataclass(kw_only=True, repr=False, eq=False)
class RunOptions(Talking):
    """What every verb has."""

    arguments: ClassVar[tuple[str, ...]] = ("network_name", "netns_names", "unused")

    network_name: Annotated[
        str, typer.Argument(metavar="NETWORK", help="A network's name in the config directory, a file, or - for stdin.")
    ]
    conf_dir: ConfDir = None
    bin_dir: BinDir = None
    cache_dir: CacheDir = None
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="For each plugin run; then it is ended, with all its children.")
    ] = DEFAULT_TIMEOUT
    lock_timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="How long to wait for another command on the same container.")
    ] = DEFAULT_PATIENCE
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be run, with the exact stdin; run nothing.")
    ] = False
    trace: Annotated[
        bool, typer.Option("--trace", help="Show every plugin run: environment, stdin, stdout, stderr, exit, time.")
    ] = False
    changes: Annotated[
        bool, typer.Option("--changes", help="Show what each plugin changed in NETNS and on the host.")
    ] = False
    format: Annotated[str, format_option("trace")] = "text"

    @cached_property
    def network(self) -> NetworkConfigList:
        """The network."""
        return load_network(self.network_name, self.configs)

    @property
    def configs(self) -> Path:
        """The config directory."""
        return conf_dir(self.conf_dir)

    @property
    def cache(self) -> Path:
        """The cache's directory."""
        return cache_dir(self.cache_dir)

    def recorder(self) -> Recorder:
        """What runs the plugins, and remembers every run.

        Raises:
            UsageError: A limit is no time.
        """
        for name, seconds in (("timeout", self.timeout), ("lock-timeout", self.lock_timeout)):
            if not seconds > 0:
                message = f"--{name} is {seconds:g}, and it must be more than 0"
                raise UsageError(message)
        return Recorder(ProcessExecutor(), self._tell)

    def cni(self, executor: Executor, *, rollback: bool = True, cancelled: Event | None = None) -> CNI:
        """The runtime, with the directories of these options."""
        return CNI(
            bin_dirs(self.bin_dir),
            cache_dir=self.cache,
            executor=executor,
            timeout=self.timeout,
            rollback=rollback,
            lock_timeout=self.lock_timeout,
            cancelled=cancelled,
        )

    def _tell(self, exchange: Exchange) -> None:
        """Says that a plugin has run; what it logged although all went well is shown as cnitool does."""
        invocation = exchange.invocation
        self.detail(f"{invocation.plugin} {invocation.verb}: {outcome(exchange)}, {milliseconds(exchange)}")
        logged = exchange.stderr.decode(errors="replace").rstrip()
        if exchange.ok and logged and not self.trace:
            for line in logged.splitlines():
                self.say(f"{invocation.plugin}: {line}")
