"""Tries a network config: makes the node, and the steps in it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cnictl.invoke.enclosure import enclosed
from cnictl.report.trial import StepResult
from cnictl.text.parser import parse
from cnictl.trial.bench import Bench, Request
from cnictl.trial.engine import make_steps
from cnictl.trial.mounts import make_view
from cnictl.trial.node import build_node, plugin_objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnictl.trial.node import Node


def try_network(request: Request, afterwards: Callable[[Bench], None] | None = None) -> Iterator[StepResult]:
    """Runs a config for real in a throwaway node, and nothing of the host is touched.

    Args:
        request: What is to be tried.
        afterwards: Is called in the node when all is done.

    Yields:
        What each step came to, as soon as it is known.

    Raises:
        NamespaceDenied: This user may make no namespaces.
        CNIError: The node cannot be made.
    """

    def work(tell: Callable[[object], None]) -> None:
        bench = Bench(request, _make_node(request))
        make_steps(bench, tell)
        if afterwards is not None:
            afterwards(bench)

    for result in enclosed(work):
        if isinstance(result, StepResult):
            yield result


_SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")
"""Where iptables is, which plugins look for: the search path of an ordinary user may lack these."""


def _make_node(request: Request) -> Node:
    os.environ["PATH"] = os.pathsep.join((os.environ.get("PATH", os.defpath), *_SBIN))
    root = parse(request.source).root
    config = root.value if root is not None else None
    make_view(_state_dirs(config))
    return build_node(config, request.sysctls)


def _state_dirs(config: object) -> Iterator[str]:
    """The directories that a config says addresses are noted in."""
    for plugin in plugin_objects(config):
        ipam = plugin.get("ipam")
        directory = ipam.get("dataDir") if isinstance(ipam, dict) else None
        if isinstance(directory, str) and directory.startswith("/"):
            yield directory
