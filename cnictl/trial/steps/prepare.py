"""What has to be right before any plugin runs: the config, the plugins, and the version that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.errors import CNIError, InvalidConfig, PluginNotFound
from cnictl.invoke.find import find_plugin
from cnictl.model.network import NetworkConfigList
from cnictl.report.finding import Severity
from cnictl.trial.registry import Flaw, Seen, step
from cnictl.validate.engine import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.trial.bench import Bench


@step("CNI901", "try-load", "load and validate")
def load(bench: Bench) -> Iterator[Seen | Flaw]:
    """The config cannot be loaded, or must not be used.

    Why:
        No runtime gives pods a network with a config that it cannot load: "cni plugin not initialized".
    Bad:
        {"cniVersion": "1.0.0", "plugins": [{"type": "bridge"}]}
    Good:
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Mend what the findings name; `cnictl validate` shows them with the lines of the file.
    Reference:
        CNI spec 1.1.0, section 1, "Network configuration format"
    """
    findings = [finding for finding in judge(bench.request.source).findings if finding.severity is not Severity.NOTE]
    try:
        bench.network = NetworkConfigList.from_document(bench.document, bench.request.directory)
    except InvalidConfig as error:
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        yield from (Flaw(finding.message, finding=finding, severity=finding.severity) for finding in errors)
        if not errors:
            yield Flaw(error.reason, "write it as the CNI spec wants it")
        return
    yield Seen(f'network "{bench.network.name}", version {bench.network.version}: {", ".join(bench.types())}')
    # Whether what validate calls an error is one is tried below, where it is told with what came of it.
    for finding in findings:
        yield Seen(f"validate: {finding.severity} {finding.code}: {finding.message}")


@step("CNI902", "try-plugins", "plugins there", needs=("try-load",))
def plugins(bench: Bench) -> Iterator[Seen | Flaw]:
    """A plugin that the config names is not installed, or cannot be run.

    Why:
        ADD fails for every pod: 'failed to find plugin "portmap" in path [/opt/cni/bin]'.
    Bad:
        {"type": "portmap"} and no portmap in /opt/cni/bin
    Good:
        {"type": "portmap"} and /opt/cni/bin/portmap, mode 0755
    Fix:
        Install the plugin, or name its directory with --bin-dir.
    Reference:
        CNI spec 1.1.0, section 2, "Execution protocol"
    """
    for owner, keys, name in executables(bench):
        try:
            path = find_plugin(name, bench.request.bin_dirs)
        except PluginNotFound as error:
            yield Flaw(error.message, error.hint or "", owner, keys)
        else:
            yield Seen(str(path))


def executables(bench: Bench) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Every program that the network runs: the plugin's type, the way to the program's name, and the name."""
    for plugin in bench.network.plugins:
        yield plugin.type, ("type",), plugin.type
        ipam = plugin.data.get("ipam")
        if isinstance(ipam, dict) and isinstance(ipam.get("type"), str) and ipam["type"]:
            yield plugin.type, ("ipam", "type"), ipam["type"]


@step("CNI903", "try-versions", "VERSION", needs=("try-plugins",))
def versions(bench: Bench) -> Iterator[Seen | Flaw]:
    """A plugin does not speak the version that the config declares.

    Why:
        The plugin refuses with "incompatible CNI versions" (code 1), and no pod is started.
    Bad:
        {"cniVersion": "1.1.0", ...} with plugins of release 1.1.1, which speak versions up to 1.0.0
    Good:
        {"cniVersion": "1.0.0", ...}
    Fix:
        Declare a version that all plugins speak, or install newer plugins.
    Reference:
        CNI spec 1.1.0, section 2, "VERSION"
    """
    wanted = str(bench.network.version)
    told: dict[tuple[str, ...], list[str]] = {}
    for owner, _, name in executables(bench):
        try:
            spoken = bench.cni.plugin_info(name).versions
        except CNIError as error:
            yield Flaw(f"{name} does not answer VERSION: {error}", "install a working build of it", owner, ("type",))
            continue
        told.setdefault(spoken, []).append(name)
        if wanted not in spoken:
            message = f"incompatible CNI versions: the config is {wanted}, and {name} speaks {', '.join(spoken)}"
            yield Flaw(message, f'write "cniVersion": "{spoken[-1]}", or install newer plugins', keys=())
    for spoken, names in told.items():
        yield Seen(f"{', '.join(dict.fromkeys(names))}: {spoken[0]} to {spoken[-1]}")
