"""Which spec versions plugins and runtimes speak."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cnictl.doctor.facts.libcni import DEFAULTS_VERSION, newest_spec
from cnictl.doctor.facts.packages import numbers
from cnictl.doctor.registry import Skip
from cnictl.model.version import SpecVersion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnictl.doctor.node import Node
    from cnictl.errors import CNIError
    from cnictl.foreign.gobuild import GoBuild

_PLUGINS = "github.com/containernetworking/plugins"
_LIBCNI = "github.com/containernetworking/cni"

_BY_LIBCNI = ((0, 0), SpecVersion.V0_4_0), ((1, 0), SpecVersion.V1_0_0), ((1, 2), SpecVersion.V1_1_0)
"""From which libcni on the newest spec version is known."""
_BY_RELEASE = ((0, 0), SpecVersion.V0_4_0), ((1, 0), SpecVersion.V1_0_0), ((1, 6), SpecVersion.V1_1_0)
"""The same for releases of the reference plugins."""


class Limit(NamedTuple):
    """What a runtime can do.

    Attributes:
        runtime: What it is called, with its version.
        newest: The newest spec version that it knows.
        reads_undeclared: Whether it can remove a pod of a config that does not say its version.
    """

    runtime: str
    newest: SpecVersion
    reads_undeclared: bool = True


class Spoken:
    """The spec versions of a node's plugins, each asked or looked up once.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    def of(self, plugin: str) -> tuple[str, ...] | CNIError | None:
        """What a plugin speaks: what it answers, or what it was built with where it cannot be asked.

        Returns:
            The versions; why it does not tell them; or ``None`` when it is missing.

        Raises:
            Skip: It cannot be asked here, and does not tell how it was built.
        """
        try:
            return self.node.plugin_versions(plugin)
        except Skip:
            path = self.node.plugin_path(plugin)
            if path is None:
                return None
            program = self.node.programs.at(path)
            newest = newest_of_build(program.build) if program and program.build else None
            if newest is None:
                raise
            return tuple(str(version) for version in SpecVersion if version <= newest)

    def of_all(self, plugins: Iterable[str]) -> dict[str, tuple[str, ...] | CNIError]:
        """The same of several plugins, without those that are missing.

        Raises:
            Skip: Of none of them it can be known.
        """
        answers: dict[str, tuple[str, ...] | CNIError] = {}
        unknown: Skip | None = None
        for plugin in dict.fromkeys(plugins):
            try:
                answer = self.of(plugin)
            except Skip as reason:
                unknown = reason
                continue
            if answer is not None:
                answers[plugin] = answer
        if unknown is not None and not answers:
            raise unknown
        return answers

    @cached_property
    def limit(self) -> Limit | None:
        """What the node's runtime can do; ``None`` when it is not known which it is, or what release."""
        runtime = self.node.runtime
        if runtime is None or runtime.libcni is None:
            return None
        return Limit(runtime.release, newest_spec(runtime.libcni), runtime.libcni >= DEFAULTS_VERSION)


def newest_of_build(build: GoBuild) -> SpecVersion | None:
    """The newest spec version that a reference plugin speaks; ``None`` for others, and where it is not known."""
    if not build.path.startswith(f"{_PLUGINS}/"):
        return None
    return _newest(_BY_RELEASE, build.version) or _newest(_BY_LIBCNI, build.dependencies.get(_LIBCNI))


def _newest(table: tuple[tuple[tuple[int, int], SpecVersion], ...], version: str | None) -> SpecVersion | None:
    known = numbers(version)
    if known is None:
        return None
    return next((newest for since, newest in reversed(table) if known >= since), None)


def best_common(spoken: Iterable[Iterable[str]], limit: Limit | None) -> SpecVersion | None:
    """The newest version that all of them speak and the runtime knows; ``None`` when there is none.

    Args:
        spoken: What each plugin speaks.
        limit: What the runtime can do; without one it is taken to know what Kubernetes recommends.
    """
    sets = [set(each) for each in spoken]
    newest = limit.newest if limit else SpecVersion.V1_0_0
    common = [version for version in SpecVersion if sets and all(str(version) in each for each in sets)]
    return max((version for version in common if version <= newest), default=min(common, default=None))
