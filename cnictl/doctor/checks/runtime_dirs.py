"""Configs and plugins that lie where the container runtime does not look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.checks.plugins import runs_loopback
from cnictl.doctor.checks.runtime_config import any_runtime
from cnictl.doctor.layout import OTHERS, USUAL
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.foreign.containerd import GRPC
from cnictl.invoke.find import WELL_KNOWN_DIRS
from cnictl.model.files import config_names
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.runtime import Runtime
    from cnictl.doctor.node import Node

_CONF_DIRS = tuple(layout.conf_dir for layout in (USUAL, *OTHERS))
_BIN_DIRS = tuple(dict.fromkeys([*map(str, WELL_KNOWN_DIRS), *(path for layout in OTHERS for path in layout.bin_dirs)]))
_SIGNS = ("loopback", "host-local", "bridge", "portmap")
"""Plugins that show a directory to be one of CNI plugins."""


@check(
    "CNI830",
    "files-elsewhere",
    Severity.ERROR,
    "runtime",
    reads="the directories that the container runtime looks in, and those in which products put their files",
    well="the container runtime looks where the configs and plugins are",
    leads_to=("looks-elsewhere",),
    follows=("looks-elsewhere",),
    symptoms=(r'failed to find plugin \\?"[\w.-]+\\?" in path \[',),
    tags=("dockershim",),
)
def files_elsewhere(node: Node) -> Iterator[Hit]:
    """The network's configs or plugins lie where the container runtime does not look.

    Why:
        Distributions have plugins in /usr/lib/cni or /usr/libexec/cni, network products put theirs into /opt/cni/bin,
        and containerd looks in one directory only: 'failed to find plugin "loopback" in path [/opt/cni/bin]'. A config
        in the wrong directory is as if it were not there: "cni plugin not initialized". `crictl info | grep -i dir`
        shows where containerd looks.
    Bad:
        bin_dir = "/usr/lib/cni" in containerd's config, and the plugins are in /opt/cni/bin
    Good:
        bin_dir = "/opt/cni/bin"
    Fix:
        Point the runtime at the directory, or link the plugins into the one that it looks in.
    Reference:
        containerd documentation, "CRI Plugin Config Guide"; k0s issue 582
    """
    runtime = any_runtime(node)
    if runtime.bin_dirs is not None and runtime.name != "podman":
        yield from _plugins(node, runtime)
    if runtime.conf_dir is not None:
        yield from _configs(node, runtime)


def _plugins(node: Node, runtime: Runtime) -> Iterator[Hit]:
    looked = [path.rstrip("/") for path in node.bin_dirs]
    if any(_has_plugins(node, path) for path in looked) or not _lacks_any(node):
        return
    others = [path for path in _BIN_DIRS if path not in looked and _has_plugins(node, path)]
    if others and runtime.bin_dirs is not None:
        known = runtime.bin_dirs
        message = (
            f"{runtime.called} looks for plugins in {', '.join(looked)} ({known.origin}), and they are in {others[0]}"
        )
        fix = Fix(f"{_how(runtime, 'bin', others[0])}, or `mkdir -p {looked[0]} && ln -s {others[0]}/* {looked[0]}/`")
        yield Hit(known.location or Location(looked[0]), message, fix, {"plugins": others})


def _lacks_any(node: Node) -> bool:
    """Whether a plugin is missing that pods need, as far as the configs tell."""
    try:
        missing = any(node.plugin_path(use.type) is None for use in node.uses.all)
    except Skip:
        return True
    return missing or (bool(runs_loopback(node)) and node.plugin_path("loopback") is None)


def _has_plugins(node: Node, directory: str) -> bool:
    return not set(_SIGNS).isdisjoint(node.names_in(directory))


def _configs(node: Node, runtime: Runtime) -> Iterator[Hit]:
    known = runtime.conf_dir
    if known is None or str(known.value) != node.conf_dir.rstrip("/"):
        return
    readers = {
        str(other.conf_dir.value) for other in node.all_runtimes.all if other.conf_dir and other.kind != runtime.kind
    }
    for directory in _CONF_DIRS:
        names = [] if directory in (node.conf_dir, *readers) else config_names(node.names_in(directory))
        names = [name for name in names if not name.startswith(("87-podman", "nerdctl-"))]
        if not names:
            continue
        place = known.location or Location(node.conf_dir)
        message = (
            f"{runtime.called} looks for configs in {node.conf_dir} ({known.origin}), and {names[0]} is in {directory}"
        )
        moved = f"if it is the one that is meant: `mv {directory}/{names[0]} {node.conf_dir}/`"
        fix = Fix(f"{moved}, or {_how(runtime, 'conf', directory)}")
        yield Hit(place, message, fix, {"configs": names}, Severity.NOTE if node.configs else None)


def _how(runtime: Runtime, which: str, directory: str) -> str:
    if runtime.name == "containerd":
        key = f'{which}_dir = "{directory}"'
        many = which == "bin" and runtime.containerd and runtime.numbers and runtime.numbers >= (2, 1)
        key = f'bin_dirs = ["{directory}"]' if many else key
        table = runtime.containerd.cri_table if runtime.containerd else GRPC
        return (
            f'write {key} into [plugins."{table}".cni] of {runtime.to_edit(runtime.config_file)}, then '
            f"{runtime.kind.restart}"
        )
    if runtime.name == "cri-o":
        known = runtime.bin_dirs if which == "bin" else runtime.conf_dir
        place = known.location.file if known and known.location else runtime.config_file
        key = f'plugin_dirs = ["{directory}"]' if which == "bin" else f'network_dir = "{directory}"'
        return f"write {key} into [crio.network] of {place}, then {runtime.kind.restart}"
    flag = "--cni-bin-dir" if which == "bin" else "--cni-conf-dir"
    return f"start {runtime.called} with {flag}={directory}"
