"""The spec versions of configs and plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.facts.spoken import best_common
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.errors import CNIError
from cnictl.model.version import DEFAULT, KUBERNETES_MINIMUM, KUBERNETES_RECOMMENDED, SpecVersion
from cnictl.report.finding import Applicable, Fix, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.facts.spoken import Limit
    from cnictl.doctor.node import Node
    from cnictl.model.view import NetworkView


@check(
    "CNI805",
    "version-not-spoken",
    Severity.ERROR,
    "versions",
    reads="every config, and each of its plugins' answer to VERSION, or what it was built with",
    well="every plugin speaks the version of its config",
    leads_to=("add-fails", "del-fails", "wrong-network"),
    symptoms=(
        r"incompatible CNI versions; config is",
        r"plugin \S+ does not support config version",
        r"failed to convert (?:major|minor|patch) version part",
    ),
    tags=("dockershim",),
)
def version_not_spoken(node: Node) -> Iterator[Hit]:
    """A plugin does not speak the version of CNI that its network config says.

    Why:
        The plugin answers "incompatible CNI versions" for every pod, when it is added and again when it is removed,
        while the node is Ready. Packages of distributions are often years behind: Debian 12 has plugins v1.1.1, which
        do not speak 1.1.0. `CNI_COMMAND=VERSION /opt/cni/bin/bridge` prints what a plugin speaks.
    Bad:
        "cniVersion": "1.1.0" with plugins v1.1.1
    Good:
        "cniVersion": "1.0.0" with plugins v1.1.1
    Fix:
        Write a version that all plugins of the config speak, 1.0.0 where they do, or install newer plugins.
    Reference:
        Kubernetes documentation, "Troubleshooting CNI plugin-related errors"
    """
    found = False
    unknown = Skip("none of the plugins that the configs name is installed")
    answered = False
    for config, _ in node.networks():
        try:
            spoken = spoken_by(node, config)
        except Skip as reason:
            spoken, unknown = {}, reason
        answered = answered or bool(spoken)
        for hit in _not_spoken(node, config, spoken):
            found = True
            yield hit
    if not answered and not found:
        raise unknown


def spoken_by(node: Node, config: NodeConfig) -> dict[str, tuple[str, ...]]:
    """What the plugins of a config speak, those that do not tell left out.

    Raises:
        Skip: Of none of them it can be known.
    """
    types = [use.type for use in node.uses.all if use.config is config]
    answers = node.spoken.of_all(types)
    return {name: answer for name, answer in answers.items() if not isinstance(answer, CNIError)}


def _not_spoken(node: Node, config: NodeConfig, spoken: Mapping[str, tuple[str, ...]]) -> Iterator[Hit]:
    """The networks of a config whose plugins do not speak their versions."""
    uses = [use for use in node.uses.all if use.config is config]
    for network in dict.fromkeys(use.network for use in uses):
        wanted = wanted_version(network)
        if wanted is None:
            continue  # no plugin can speak it; that it is no version is another check's business
        place = config.location(network.version_node.label)
        fix = common_version(spoken, node.spoken.limit, config.path)
        types = dict.fromkeys(use.type for use in uses if use.network is network)
        refusing = [name for name in types if name in spoken and wanted not in spoken[name]]
        says = "says cniVersion" if network.version_text else "has no cniVersion and counts as"
        for name in refusing:
            message = (
                f'the network {config.title} {says} {wanted}, and the plugin "{name}" speaks {_list(spoken[name])}'
            )
            evidence = {"plugin": name, "supportedVersions": list(spoken[name])}
            yield Hit(place, message, fix, evidence, node.milder_for(config))
        if network.version is None and not refusing:
            message = (
                f"the network {config.title} {says} {wanted}, which no release of the CNI spec has, so no plugin "
                f"speaks it"
            )
            yield Hit(place, message, fix, severity=node.milder_for(config))


def wanted_version(network: NetworkView) -> str | None:
    """The version that a runtime asks the plugins for; ``None`` when it is not written as one.

    The empty string is read as absent, by libcni and by every plugin.
    """
    if network.version_text == "":
        return str(network.version or DEFAULT)
    return str(network.version) if network.version else network.version_text


def common_version(spoken: Mapping[str, tuple[str, ...]], limit: Limit | None, path: str) -> Fix:
    """What version to write, so that all plugins speak it and the runtime knows it."""
    best = best_common(spoken.values(), limit)
    if spoken and best is None:
        return Fix("the plugins have no version in common: install them all from one release")
    if best is None:
        return Fix(f'write "cniVersion": "{KUBERNETES_RECOMMENDED}" into {path}', Applicable.UNSAFE)
    knows = f" and {limit.runtime} knows" if limit and best <= limit.newest else ""
    return Fix(f'write "cniVersion": "{best}", which all its plugins speak{knows}, into {path}', Applicable.UNSAFE)


def _list(versions: tuple[str, ...]) -> str:
    known = list(map(str, SpecVersion))
    first = known.index(versions[0]) if versions and versions[0] in known else 0
    if len(versions) > 1 and list(versions) == known[first : first + len(versions)]:
        return f"{versions[0]} to {versions[-1]}"
    return ", ".join(versions) or "none"


@check(
    "CNI841",
    "version-beyond-runtime",
    Severity.ERROR,
    "versions",
    reads="every config, and the runtime's version",
    well="the runtime knows the version of every config",
    leads_to=("add-fails", "del-fails"),
    symptoms=(r"unsupported CNI result version",),
    tags=("dockershim",),
)
def version_beyond_runtime(node: Node) -> Iterator[Hit]:
    """A config's cniVersion is newer than what the container runtime knows.

    Each runtime has a libcni built in. containerd knows 0.4.0 up to release 1.5, 1.0.0 up to 1.7, and 1.1.0 from 2.0
    on; CRI-O knows 0.4.0 up to 1.22, 1.0.0 up to 1.30, and 1.1.0 from 1.31 on.

    Why:
        The plugins do their work, and the runtime cannot read what they answer: every pod fails with 'unsupported CNI
        result version "1.1.0"', and what the plugins made for it is left behind. The key "cniVersions" is unknown to
        a runtime that does not know 1.1.0, so that a config with nothing else counts as one without a version.
    Bad:
        "cniVersion": "1.1.0" with containerd 1.7
    Good:
        "cniVersion": "1.0.0" with containerd 1.7
    Fix:
        Write the newest version that the runtime and all plugins know, or upgrade the runtime.
    Reference:
        kubernetes/kubernetes issue 104861; cri-o/cri-o issue 5287; containerd, file go.mod of each release
    """
    limit = node.spoken.limit
    if limit is None:
        message = "the container runtime's version is not known"
        raise Skip(message)
    for config, network in node.networks():
        place = config.location(network.version_node.label)
        declared = SpecVersion.of(network.declared or "")
        if declared is not None and declared > limit.newest:
            message = (
                f"the network {config.title} says cniVersion {declared}, and {limit.runtime} knows nothing newer than "
            )
            fix = newest_for(node, config, limit)
            yield Hit(place, message + str(limit.newest), fix, severity=node.milder_for(config))
        offered = network.node.child("cniVersions") if network.is_list else None
        if offered is not None and not network.declared and limit.newest < SpecVersion.V1_1_0:
            message = (
                f'the network {config.title} has only "cniVersions", which {limit.runtime} does not read: it counts as '
            )
            fix = newest_for(node, config, limit)
            yield Hit(config.location(offered.label), message + str(DEFAULT), fix, severity=Severity.WARNING)


def newest_for(node: Node, config: NodeConfig, limit: Limit) -> Fix:
    """What version to write into a config, as far as its plugins can be asked."""
    try:
        spoken = spoken_by(node, config)
    except Skip:
        spoken = {}
    fix = common_version(spoken, limit, config.path)
    return fix if spoken else Fix(f'write "cniVersion": "{limit.newest}" into {config.path}', Applicable.UNSAFE)


@check(
    "CNI807",
    "version-unsupported",
    Severity.WARNING,
    "versions",
    reads="every config",
    well=f"no config is older than cniVersion {KUBERNETES_MINIMUM}",
)
def version_unsupported(node: Node) -> Iterator[Hit]:
    """A config's cniVersion is older than what Kubernetes supports.

    Many products still write 0.3.1, which goes on working; that is a note.

    Why:
        Kubernetes asks for plugins of CNI spec 0.4.0 or newer. Older configs have no CHECK, and DEL is not told what
        ADD did, so that plugins cannot clean up well. Before 0.3.0 a plugin in a list is not told what those before it
        did, so that portmap, bandwidth and others cannot work.
    Bad:
        "cniVersion": "0.2.0"
    Good:
        "cniVersion": "1.0.0"
    Fix:
        Raise "cniVersion" to 1.0.0 when all plugins of the config speak it.
    Reference:
        Kubernetes documentation, "Network Plugins"
    """
    for hit, version in _older_than(
        node, KUBERNETES_MINIMUM, SpecVersion.V0_1_0, f"Kubernetes supports {KUBERNETES_MINIMUM} and newer"
    ):
        yield hit._replace(severity=Severity.NOTE if version >= SpecVersion.V0_3_0 else None)


@check(
    "CNI808",
    "version-not-recommended",
    Severity.NOTE,
    "versions",
    reads="every config",
    well="no config has a cniVersion that is supported and not recommended",
)
def version_not_recommended(node: Node) -> Iterator[Hit]:
    """A config's cniVersion works, but is older than what Kubernetes recommends.

    Why:
        Kubernetes recommends plugins of CNI spec 1.0.0 or newer. Older ones go on working for now.
    Bad:
        "cniVersion": "0.4.0"
    Good:
        "cniVersion": "1.0.0"
    Fix:
        Raise "cniVersion" to 1.0.0 when all plugins of the config speak it.
    Reference:
        Kubernetes documentation, "Network Plugins"
    """
    reason = f"Kubernetes recommends {KUBERNETES_RECOMMENDED} and newer"
    yield from (hit for hit, _ in _older_than(node, KUBERNETES_RECOMMENDED, KUBERNETES_MINIMUM, reason))


def _older_than(node: Node, limit: SpecVersion, from_: SpecVersion, reason: str) -> Iterator[tuple[Hit, SpecVersion]]:
    """The configs whose declared version is ``from_`` or newer, and older than ``limit``."""
    for config, network in node.networks():
        if network.version_text and network.version is not None and from_ <= network.version < limit:
            message = f"the network {config.title} says cniVersion {network.version}; {reason}"
            fix = Fix(
                f'write "cniVersion": "{KUBERNETES_RECOMMENDED}" into {config.path}, if all its plugins speak it',
                Applicable.UNSAFE,
            )
            yield Hit(config.location(network.version_node.label), message, fix), network.version
