"""Which spec versions plugins and runtimes speak."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cnictl.doctor.registry import Skip
from cnictl.errors import CNIError
from cnictl.model.version import SpecVersion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnictl.doctor.node import Node
    from cnictl.foreign.gobuild import GoBuild

_PLUGINS = "github.com/containernetworking/plugins"
_LIBCNI = "github.com/containernetworking/cni"
_NUMBERS = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")

_BY_LIBCNI = ((0, 0), SpecVersion.V0_4_0), ((1, 0), SpecVersion.V1_0_0), ((1, 2), SpecVersion.V1_1_0)
"""From which libcni on the newest spec version is known."""
_BY_RELEASE = ((0, 0), SpecVersion.V0_4_0), ((1, 0), SpecVersion.V1_0_0), ((1, 6), SpecVersion.V1_1_0)
"""The same for releases of the reference plugins."""
_BY_RUNTIME = {
    "containerd": (((1, 0), SpecVersion.V0_4_0), ((1, 6), SpecVersion.V1_0_0), ((2, 0), SpecVersion.V1_1_0)),
    "cri-o": (((1, 15), SpecVersion.V0_4_0), ((1, 23), SpecVersion.V1_0_0), ((1, 31), SpecVersion.V1_1_0)),
}
"""The same for releases of runtimes, by the libcni in their go.mod."""
_CALLED = {"cri-o": "CRI-O"}


class Limit(NamedTuple):
    """What a runtime can do.

    Attributes:
        runtime: What it is called, with its version.
        newest: The newest spec version that it knows.
    """

    runtime: str
    newest: SpecVersion


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


def newest_of_build(build: GoBuild) -> SpecVersion | None:
    """The newest spec version that a reference plugin speaks; ``None`` for others, and where it is not known."""
    if not build.path.startswith(f"{_PLUGINS}/"):
        return None
    return _newest(_BY_RELEASE, build.version) or _newest(_BY_LIBCNI, build.dependencies.get(_LIBCNI))


def limit_of(runtime: str, version: str) -> Limit | None:
    """What a release of a runtime can do; ``None`` when that is not known.

    Args:
        runtime: ``containerd`` or ``cri-o``.
        version: Its version, such as ``1.7.20-k3s1``.
    """
    newest = _newest(_BY_RUNTIME[runtime], version) if runtime in _BY_RUNTIME else None
    return Limit(f"{_CALLED.get(runtime, runtime)} {version.removeprefix('v')}", newest) if newest else None


def numbers_of(version: str) -> tuple[int, int, int] | None:
    """The three numbers of a version; ``None`` when it has none."""
    match = _NUMBERS.match(version)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def _newest(table: tuple[tuple[tuple[int, int], SpecVersion], ...], version: str | None) -> SpecVersion | None:
    numbers = numbers_of(version) if version else None
    if numbers is None:
        return None
    return next((newest for since, newest in reversed(table) if numbers[:2] >= since), None)


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
