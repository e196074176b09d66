"""The spec versions of configs and plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.errors import CNIError
from cnictl.model.version import DEFAULT, KUBERNETES_MINIMUM, KUBERNETES_RECOMMENDED, SpecVersion
from cnictl.report.finding import Applicable, Fix, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.model.view import NetworkView


@check(
    "CNI805",
    "version-not-spoken",
    Severity.ERROR,
    "versions",
    reads="every config, and each of its plugins' answer to VERSION",
    well="every plugin speaks the version of its config",
)
def version_not_spoken(node: Node) -> Iterator[Hit]:
    """A config's cniVersion is spoken by no installed plugin of the kind it names.

    Why:
        The plugin answers "incompatible CNI versions" for every pod, when it is added and again when it is removed,
        while the node is Ready. Packages of distributions are often years behind: Debian 12 has plugins v1.1.1, which
        do not speak 1.1.0.
    Bad:
        "cniVersion": "1.1.0" with plugins v1.1.1
    Good:
        "cniVersion": "1.0.0" with plugins v1.1.1
    Fix:
        Write a version that all plugins of the config speak, 1.0.0 where they do, or install newer plugins.
    Reference:
        Kubernetes documentation, "Troubleshooting CNI plugin-related errors"
    """
    answered = False
    for config, network in node.networks():
        place = config.location(network.version_node.label)
        answers = _answers(node, network)
        spoken = {name: answer for name, answer in answers.items() if not isinstance(answer, CNIError)}
        answered = answered or bool(answers)
        wanted = _wanted(network)
        if wanted is None:
            continue  # no plugin can speak it; that it is no version is another check's business
        for name, answer in answers.items():
            if isinstance(answer, CNIError):
                message = f'the plugin "{name}" does not tell which versions it speaks: {answer}'
                fix = Fix(f"install {name} again: {node.plugin_path(name)} is no working plugin")
                yield Hit(place, message, fix)
            elif wanted not in answer:
                says = "says cniVersion" if network.version_text else "does not say its cniVersion and counts as"
                message = f'{config.title} {says} {wanted}, and the plugin "{name}" speaks {_list(answer)}'
                evidence = {"plugin": name, "supportedVersions": list(answer)}
                yield Hit(place, message, _common_version(spoken), evidence, node.milder_for(config))
    if not answered:
        message = "none of the plugins that the configs name is installed"
        raise Skip(message)


def _wanted(network: NetworkView) -> str | None:
    """The version that a runtime asks the plugins for; ``None`` when it is not written as one.

    The empty string is read as absent, by libcni and by every plugin.
    """
    if network.version_text == "":
        return str(network.version or DEFAULT)
    return str(network.version) if network.version else network.version_text


def _answers(node: Node, network: NetworkView) -> dict[str, tuple[str, ...] | CNIError]:
    """What each installed plugin of a network answers to VERSION."""
    names = dict.fromkeys(name for plugin in network.plugins for name, _ in plugin.executables())
    answers = {name: node.plugin_versions(name) for name in names}
    return {name: answer for name, answer in answers.items() if answer is not None}


def _common_version(spoken: dict[str, tuple[str, ...]]) -> Fix:
    common = [version for version in SpecVersion if all(str(version) in versions for versions in spoken.values())]
    if not spoken or not common:
        return Fix("the plugins have no version in common: install them all from one release")
    # Newer ones need a runtime that knows them: containerd does from 2.0 on.
    best = KUBERNETES_RECOMMENDED if KUBERNETES_RECOMMENDED in common else max(common)
    return Fix(f'write "cniVersion": "{best}", which all of them speak', Applicable.UNSAFE)


def _list(versions: tuple[str, ...]) -> str:
    known = list(map(str, SpecVersion))
    first = known.index(versions[0]) if versions and versions[0] in known else 0
    if len(versions) > 1 and list(versions) == known[first : first + len(versions)]:
        return f"{versions[0]} to {versions[-1]}"
    return ", ".join(versions) or "none"


@check(
    "CNI806",
    "version-undeclared",
    Severity.WARNING,
    "versions",
    reads="every config",
    well="every config says its cniVersion",
)
def version_undeclared(node: Node) -> Iterator[Hit]:
    """A config does not say its cniVersion.

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
    for config, network in node.networks():
        version = _wanted(network)
        if not network.version_text and version is not None:
            message = f"{config.title} does not say its cniVersion and counts as {version}"
            fix = Fix(f'add "cniVersion": "{KUBERNETES_RECOMMENDED}"', Applicable.UNSAFE)
            yield Hit(config.location(network.version_node.label), message, fix)


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

    Why:
        Kubernetes asks for plugins of CNI spec 0.4.0 or newer. Older configs have no CHECK, and DEL is not told what
        ADD did, so that plugins cannot clean up well.
    Bad:
        "cniVersion": "0.3.1"
    Good:
        "cniVersion": "1.0.0"
    Fix:
        Raise "cniVersion" to 1.0.0 when all plugins of the config speak it.
    Reference:
        Kubernetes documentation, "Network Plugins"
    """
    yield from _older_than(
        node, KUBERNETES_MINIMUM, SpecVersion.V0_1_0, f"Kubernetes supports {KUBERNETES_MINIMUM} and newer"
    )


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
    yield from _older_than(node, KUBERNETES_RECOMMENDED, KUBERNETES_MINIMUM, reason)


def _older_than(node: Node, limit: SpecVersion, from_: SpecVersion, reason: str) -> Iterator[Hit]:
    """The configs whose declared version is ``from_`` or newer, and older than ``limit``."""
    for config, network in node.networks():
        if network.version_text and network.version is not None and from_ <= network.version < limit:
            message = f"{config.title} says cniVersion {network.version}; {reason}"
            fix = Fix(f'write "cniVersion": "{KUBERNETES_RECOMMENDED}" if all its plugins speak it', Applicable.UNSAFE)
            yield Hit(config.location(network.version_node.label), message, fix)
