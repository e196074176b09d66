"""Of which release the installed plugins are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.facts.packages import numbers
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.model.view import string_at
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.foreign.gobuild import GoBuild

_REFERENCE = "github.com/containernetworking/plugins"
_HIJACKS, _MENDED = (1, 6, 0), (1, 9, 0)
"""The releases of portmap whose nftables backend takes packets that are not for the node."""


@check(
    "CNI849",
    "plugins-of-several-releases",
    Severity.NOTE,
    "plugins",
    reads="the plugins in all plugin directories: how they were built, and their sizes",
    well="the reference plugins are of one release, each there once",
)
def plugins_of_several_releases(node: Node) -> Iterator[Hit]:
    """The reference plugins are of several releases, or one lies in two directories.

    Why:
        The first directory wins, so that an update of the other one has no effect. Plugins of different releases speak
        different spec versions and have different faults: what works on one node fails on another. Products that bring
        some plugins along, such as Calico, make this the normal case; that alone is no reason to act.
    Bad:
        /opt/cni/bin/bridge of v1.6.0 beside /opt/cni/bin/portmap of v1.1.1
    Good:
        all of /opt/cni/bin of one release
    Fix:
        Install all reference plugins from one archive, and remove what lies in the second directory.
    Reference:
        containernetworking/plugins, "Releases"
    """
    yield from _twice(node)
    yield from _mixed(node)


def _twice(node: Node) -> Iterator[Hit]:
    first: dict[str, str] = {}
    for directory in node.bin_dirs:
        for name in node.names_in(directory):
            path = f"{directory.rstrip('/')}/{name}"
            status, before = node.host.status(path), node.host.status(first.get(name, "")) if name in first else None
            if status is None or not status.is_file:
                continue
            same = before is not None and (before.device, before.inode) == (status.device, status.inode)
            if before is not None and not same and before.size != status.size and name in node.uses.types:
                message = f"{path} is not used: {first[name]} is found first, and is another file"
                yield Hit(Location(path), message, Fix(f"`rm {path}`, or `rm {first[name]}` when that is the old one"))
            first.setdefault(name, path)


def _mixed(node: Node) -> Iterator[Hit]:
    builds = dict(_builds(node))
    releases: dict[tuple[str, str], list[str]] = {}
    for path, build in builds.items():
        releases.setdefault((build.go, build.revision), []).append(path)
    if len(releases) > 1:
        most = max(releases.values(), key=len)
        for (go, revision), paths in releases.items():
            if paths is not most:
                what = builds[paths[0]].version or (f"the sources {revision[:12]}" if revision else go)
                names = ", ".join(path.rpartition("/")[2] for path in paths)
                message = f"{names} of {what} lies beside plugins of {_called(builds[most[0]])}"
                yield Hit(Location(paths[0]), message, Fix("install all reference plugins from one archive"))


def _called(build: GoBuild) -> str:
    return build.version or (f"the sources {build.revision[:12]}" if build.revision else f"another build ({build.go})")


def _builds(node: Node) -> Iterator[tuple[str, GoBuild]]:
    for plugin in node.uses.types:
        path = node.plugin_path(plugin)
        program = node.programs.at(path) if path else None
        if path and program and program.build and program.build.path.startswith(f"{_REFERENCE}/"):
            yield path, program.build


@check(
    "CNI850",
    "plugin-vulnerable",
    Severity.WARNING,
    "plugins",
    reads="of which release portmap is, and which backend it is told to use",
    well="no plugin that is used has a weakness that is known to us",
    leads_to=("unreachable",),
)
def plugin_vulnerable(node: Node) -> Iterator[Hit]:
    """portmap of a release before v1.9.0 works with nftables, and takes packets that are not for this node.

    Why:
        From v1.6.0 to v1.8.0 the nftables backend forwards every packet to a mapped port to the pod, also those that
        the node only passes on to other machines: other pods reach the wrong service at that port, and the pod sees
        what is not for it (CVE-2025-67499).
    Bad:
        portmap v1.8.0 with "backend": "nftables"
    Good:
        portmap v1.9.0 with "backend": "nftables"
    Fix:
        Install plugins v1.9.0 or newer, or write "backend": "iptables".
    Reference:
        CVE-2025-67499; containernetworking/plugins security advisory GHSA-jv3w-x3r3-g6rm
    """
    uses = [use for use in node.uses.all if use.type == "portmap"]
    told = [use for use in uses if string_at(use.plugin.node, "backend") == "nftables"]
    if not told:
        message = "no config has portmap work with nftables"
        raise Skip(message)
    path = node.plugin_path("portmap")
    program = node.programs.at(path) if path else None
    version = program.build.version if program and program.build else None
    release = numbers(version)
    if version is None or release is None:
        message = "the installed portmap does not tell of which release it is"
        raise Skip(message)
    for use in told if _HIJACKS <= release < _MENDED else ():
        message = f"portmap {version} of the network {use.config.title} also takes packets that are not for this node"
        fix = Fix(f'install the CNI plugins v1.9.0 or newer, or write "backend": "iptables" into {use.config.path}')
        label = (use.plugin.value_of("backend") or use.place).label
        yield Hit(use.config.location(label), message, fix, {"cve": "CVE-2025-67499"}, use.severity)
