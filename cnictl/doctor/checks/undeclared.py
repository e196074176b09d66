"""Configs that do not say their spec version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.checks.versions import newest_for, spoken_by, wanted_version
from cnictl.doctor.facts.spoken import best_common
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.model.version import KUBERNETES_MINIMUM, KUBERNETES_RECOMMENDED, SpecVersion
from cnictl.report.action import WriteFile
from cnictl.report.finding import Applicable, Fix, Severity
from cnictl.text.change import put_first, replace_value
from cnictl.text.edit import apply_edits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.facts.spoken import Limit
    from cnictl.doctor.node import Node


@check(
    "CNI806",
    "version-undeclared",
    Severity.WARNING,
    "versions",
    reads="every config, and the runtime's version",
    well="every config says its cniVersion",
    leads_to=("del-fails",),
    symptoms=(r'invalid version "": the version is empty',),
    tags=("dockershim",),
)
def version_undeclared(node: Node) -> Iterator[Hit]:
    """A network config has no cniVersion.

    Why:
        It counts as 0.1.0. With containerd up to 1.6.3 and other runtimes of that age pods start and cannot be removed:
        'failed to destroy network for sandbox ...: invalid version "": the version is empty'.
    Bad:
        a config without "cniVersion"
    Good:
        "cniVersion": "1.0.0"
    Fix:
        Add "cniVersion" at the top of the config.
    Reference:
        Kubernetes documentation, "Troubleshooting CNI plugin-related errors"
    """
    limit = node.spoken.limit
    for config, network in node.networks():
        version = wanted_version(network)
        if not network.version_text and version is not None:
            message = f"the network {config.title} has no cniVersion, so it counts as {version}"
            severity = None
            if limit is not None and not limit.reads_undeclared:
                message += f", and {limit.runtime} cannot remove its pods"
                # Of containerd, runtime-release says so.
                by_release = node.runtime is not None and node.runtime.name == "containerd"
                severity = node.milder_for(config) or (Severity.WARNING if by_release else Severity.ERROR)
            yield Hit(
                config.location(network.version_node.label), message, _fix(node, config, limit), severity=severity
            )


def _fix(node: Node, config: NodeConfig, limit: Limit | None) -> Fix:
    """The version to add: by a program only where every plugin was asked and speaks it, and the runtime knows it."""
    best = _spoken_by_all(node, config, limit)
    text = _with_version(config, best) if best is not None else None
    if best is None or text is None or config.document is None:
        if limit is not None:
            return newest_for(node, config, limit)
        return Fix(f'add "cniVersion": "{KUBERNETES_RECOMMENDED}" to {config.path}', Applicable.UNSAFE)
    action = WriteFile(config.path, text, replacing=config.document.source.text)
    description = f'add "cniVersion": "{best}", which all its plugins speak, to {config.path}'
    return Fix(description, Applicable.SAFE, actions=(action,))


def _spoken_by_all(node: Node, config: NodeConfig, limit: Limit | None) -> SpecVersion | None:
    try:
        spoken = spoken_by(node, config)
    except Skip:
        return None
    names = {use.type for use in node.uses.all if use.config is config}
    if limit is None or not names or names - spoken.keys():
        return None
    best = best_common(spoken.values(), limit)
    return best if best is not None and KUBERNETES_MINIMUM <= best <= limit.newest else None


def _with_version(config: NodeConfig, version: SpecVersion) -> str | None:
    """The config's text with a version; ``None`` where something else than a version stands in its place."""
    network, document = config.network, config.document
    if network is None or document is None or "cniVersions" in network.node:
        return None
    text, written = document.source.text, network.node.child("cniVersion")
    if written is None:
        return apply_edits(text, [put_first(text, network.node, "cniVersion", str(version))])
    return apply_edits(text, [replace_value(written, str(version))]) if network.version_text == "" else None
