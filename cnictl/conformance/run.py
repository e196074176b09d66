"""Tests a plugin: makes the node, and the cases in it, once for each version."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from cnictl.conformance.bench import Bench
from cnictl.conformance.registry import all_cases
from cnictl.errors import CNIError, UsageError
from cnictl.invoke.decode import plugin_info_of
from cnictl.invoke.enclosure import enclosed
from cnictl.invoke.executor import ProcessExecutor
from cnictl.invoke.find import find_plugin
from cnictl.invoke.invocation import version_invocation
from cnictl.model.version import SpecVersion
from cnictl.report.conformance import CaseResult
from cnictl.throwaway.engine import make_steps
from cnictl.throwaway.served import why_impossible
from cnictl.throwaway.whole import make_node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cnictl.conformance.request import Request
    from cnictl.report.trial import StepResult


class Spoken(NamedTuple):
    """What the plugin says about itself.

    Attributes:
        versions: The spec versions that it speaks; none when it does not say.
    """

    versions: tuple[str, ...]


def examine_plugin(request: Request) -> Iterator[Spoken | CaseResult]:
    """Tests a plugin in a throwaway node, and nothing of the host is touched.

    Args:
        request: What is to be tested.

    Yields:
        What the plugin says about itself, and then what each case came to, as soon as it is known.

    Raises:
        NamespaceDenied: This user may make no namespaces.
        CNIError: The node cannot be made, or the plugin cannot be tested in it.
    """

    def work(tell: Callable[[object], None]) -> None:
        _test(request, tell)

    for found in enclosed(work):
        if isinstance(found, (Spoken, CaseResult)):
            yield found


def _test(request: Request, tell: Callable[[object], None]) -> None:
    reason = why_impossible(request.executables())
    if reason:
        raise CNIError(f"{request.type} cannot be tested here: {reason}")
    node = make_node({"plugins": [plugin.data for plugin in request.network.plugins]})
    spoken = {name: _ask(request, name) for name in dict.fromkeys((request.type, *request.executables()))}
    versions = spoken[request.type]
    tell(Spoken(tuple(versions)))
    for version in _chosen(request, spoken):
        bench = Bench(request, node, version, versions)
        cases = [case for case in all_cases() if request.policy.wants(case)]
        make_steps(cases, bench, partial(_tell, tell, str(version)))


def _tell(tell: Callable[[object], None], version: str, result: StepResult) -> None:
    tell(CaseResult(version, result))


_PATIENCE = 5.0
"""Seconds for an answer to VERSION, which plugins give in milliseconds."""


def _ask(request: Request, name: str) -> Sequence[str]:
    """The versions that a plugin says it speaks; none when it does not say."""
    try:
        path = find_plugin(name, request.bin_dirs)
        return plugin_info_of(
            ProcessExecutor(min(request.timeout, _PATIENCE)).run(version_invocation(name, path))
        ).versions
    except CNIError:
        if name != request.type:
            raise
    return ()


def _chosen(request: Request, spoken: dict[str, Sequence[str]]) -> tuple[SpecVersion, ...]:
    """The versions to test in.

    Raises:
        UsageError: The plugin, or one that it is tested with, does not speak a version that is wanted.
    """
    known = [version for version in SpecVersion if all(str(version) in found for found in spoken.values() if found)]
    for version in request.versions:
        if version not in known:
            deaf = next(name for name, found in spoken.items() if found and str(version) not in found)
            message = f"{deaf} does not speak version {version}: it speaks {', '.join(spoken[deaf])}"
            raise UsageError(message, hint="name one of these with --spec-version")
    if request.versions:
        return request.versions
    return tuple(known[-1:]) or (request.network.version,)
