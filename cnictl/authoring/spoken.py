"""Which versions of the spec the plugins of a config speak, by what is known of them and by what is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cnictl.errors import UsageError
from cnictl.model.version import KUBERNETES_MINIMUM, KUBERNETES_RECOMMENDED, SpecVersion
from cnictl.schema import plugin_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView
    from cnictl.validate.installed import InstalledPlugin


class Installed(Protocol):
    """Whoever knows what is installed, such as `cnictl.validate.installed.InstalledPlugins`."""

    def of(self, plugin: str) -> InstalledPlugin:
        """What is installed of a plugin type."""
        ...


def unspoken(network: NetworkView, version: SpecVersion, installed: Installed | None = None) -> Iterator[str]:
    """Why plugins of a config would refuse every pod in a version of the spec.

    Args:
        network: The config.
        version: The version.
        installed: The installed plugins, when they are to be asked too.
    """
    for name in _executables(network):
        speaks = _known(name)
        if version not in speaks:
            ends = f"{speaks[0]} to {speaks[-1]}"
            yield f"{name} does not speak {version}, and no pod would start: it speaks {ends}"
            continue
        answer = installed.of(name) if installed is not None else None
        if answer is not None and answer.versions and str(version) not in answer.versions:
            said = ", ".join(answer.versions)
            yield f"the installed {name} does not speak {version}, and no pod would start: it speaks {said}"
        elif answer is not None and not answer.versions:
            yield f"{answer.missing or answer.silent or name}, so nobody knows whether it speaks {version}"


def _executables(network: NetworkView) -> list[str]:
    return list(dict.fromkeys(name for plugin in network.plugins for name, _ in plugin.executables()))


def _known(plugin: str) -> list[SpecVersion]:
    """The versions that a plugin speaks in some release; all of them when nothing is known of it."""
    facts = plugin_facts(plugin)
    if facts is None:
        return list(SpecVersion)
    return [version for version in SpecVersion if facts.oldest <= version <= (facts.newest or version)]


def for_kubernetes(network: NetworkView, installed: Installed) -> SpecVersion:
    """The version that a config should have on a node of Kubernetes.

    That is 1.0.0, which Kubernetes recommends, or what the config has already if it is newer; and where a plugin does
    not speak that, the newest that all of them speak, but no older than 0.4.0. A plugin that is not installed, or does
    not answer, is taken to speak what its releases do.

    Args:
        network: The config.
        installed: The installed plugins.

    Raises:
        UsageError: There is no such version.
    """
    wanted = max(KUBERNETES_RECOMMENDED, network.version or KUBERNETES_RECOMMENDED)
    for version in reversed(SpecVersion):
        if KUBERNETES_MINIMUM <= version <= wanted and _all_speak(network, version, installed):
            return version
    reasons = [reason for reason in unspoken(network, KUBERNETES_MINIMUM, installed) if "nobody knows" not in reason]
    message = (
        f"Kubernetes needs {KUBERNETES_MINIMUM} at least, and {'; '.join(reasons) or 'no version suits all plugins'}"
    )
    raise UsageError(message, hint="install newer plugins, or take out the one that does not speak it")


def _all_speak(network: NetworkView, version: SpecVersion, installed: Installed) -> bool:
    for name in _executables(network):
        said = installed.of(name).versions
        if version not in _known(name) or (said and str(version) not in said):
            return False
    return True
