"""Tries a network config: makes the node, and the steps in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.invoke.enclosure import enclosed
from cnictl.report.trial import StepResult
from cnictl.text.parser import parse
from cnictl.throwaway.engine import make_steps
from cnictl.throwaway.whole import make_node
from cnictl.trial.bench import Bench, Request
from cnictl.trial.registry import all_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
        root = parse(request.source).root
        config = root.value if root is not None else None
        bench = Bench(request, make_node(config, request.sysctls))
        make_steps(all_steps(), bench, tell)
        if afterwards is not None:
            afterwards(bench)

    for result in enclosed(work):
        if isinstance(result, StepResult):
            yield result
