"""The config files of the container runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.foreign.containerd import CNI_KEYS, CRI_PLUGINS, GRPC
from cnictl.foreign.crio import is_usual_name
from cnictl.report.finding import Applicable, Fix, Location, Severity
from cnictl.text.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnictl.doctor.facts.runtime import Runtime
    from cnictl.doctor.node import Node
    from cnictl.foreign.containerd import ContainerdConfig, Ignored, Replaced
    from cnictl.foreign.toml import TomlDocument

_BIN_DIRS = (2, 1)
_STRICT: Mapping[tuple[int, ...], int] = {(1, 6): 32, (1, 7): 17}
"""From which patch release of containerd 1.x on a config of version 3 is refused."""


def any_runtime(node: Node) -> Runtime:
    """The runtime that gives pods their network.

    Raises:
        Skip: There is none.
    """
    if node.runtime is None:
        message = "there is no trace of a container runtime"
        raise Skip(message)
    return node.runtime


def containerd_config(node: Node) -> tuple[Runtime, ContainerdConfig]:
    """containerd and its config.

    Raises:
        Skip: Another runtime counts, or it has no config file that can be read.
    """
    runtime = any_runtime(node)
    if runtime.name != "containerd":
        message = f"{runtime.called} is the runtime, not containerd"
        raise Skip(message)
    if runtime.containerd is None:
        message = f"{runtime.config_file} is not there or cannot be read, so containerd has its defaults"
        raise Skip(message)
    return runtime, runtime.containerd


@check(
    "CNI818",
    "runtime-config-broken",
    Severity.ERROR,
    "runtime",
    reads="the container runtime's config files, with all that they import",
    well="the container runtime can read its config",
    leads_to=("runtime-down", "lost-at-boot"),
    symptoms=(
        r"containerd: failed to load TOML",
        r"failed to unmarshal TOML",
        r"drop-in config version \d+ higher than",
    ),
)
def runtime_config_broken(node: Node) -> Iterator[Hit]:
    """The container runtime cannot read its config.

    Why:
        The daemon does not start: "containerd: failed to load TOML: /etc/containerd/config.toml: (2, 2): unexpected
        token". One that runs has read the file before it was broken, and ends at the next restart.
    Bad: config.toml
        [plugins."io.containerd.grpc.v1.cri".cni
    Good: config.toml
        [plugins."io.containerd.grpc.v1.cri".cni]
    Fix:
        Mend the line; `containerd config dump` and `crio config` say whether the daemon takes the file.
    Reference:
        TOML 1.0.0; containerd documentation, "containerd config.toml"
    """
    runtime = any_runtime(node)
    severity = Severity.WARNING if runtime.runs else None
    for file in _broken(runtime):
        if file.problem is not None:
            place = Location.in_text(file.source, file.problem.span)
            fix = Fix(f"mend line {place.line} of {runtime.to_edit(file.source.path)}, then {_restart(runtime)}")
            yield Hit(
                place, f"{runtime.called} cannot read {file.source.path}: {file.problem.message}", fix, {}, severity
            )
    for missing in runtime.containerd.missing if runtime.containerd else ():
        if missing.wanted.location:
            message = f"containerd is told to import {missing.path}, which is not there or cannot be read"
            fix = Fix(
                f"take {missing.path} out of imports in {runtime.to_edit(missing.wanted.location.file)}, or write "
                f"the file, then {_restart(runtime)}"
            )
            yield Hit(missing.wanted.location, message, fix, {}, severity)


def _broken(runtime: Runtime) -> tuple[TomlDocument, ...]:
    config = runtime.containerd or runtime.crio or runtime.podman
    return config.broken if config else ()


def _restart(runtime: Runtime) -> str:
    return runtime.kind.restart or f"run {runtime.called} again"


@check(
    "CNI819",
    "runtime-config-ignored",
    Severity.ERROR,
    "runtime",
    reads="containerd's config and version",
    well="containerd takes every CNI setting of its config",
    leads_to=("looks-elsewhere", "runtime-down"),
    symptoms=(
        r"invalid plugin key URI",
        r"unsupported config version",
        r"expected containerd config version equal to or less than",
        r"Ignoring unknown key in TOML",
        r"`cni\.bin_dir` and `cni\.bin_dirs` cannot be set at the same time",
    ),
)
def runtime_config_ignored(node: Node) -> Iterator[Hit]:
    """containerd passes over CNI settings in its config, or does not start because of them.

    Why:
        The name of the table with the CNI settings depends on the config's version: [plugins.cri] in version 1,
        [plugins."io.containerd.grpc.v1.cri"] in 2, [plugins."io.containerd.cri.v1.runtime"] from 3 on. containerd
        takes no notice of a wrong one and works with its defaults, /etc/cni/net.d and /opt/cni/bin, without a word in
        its log; so it does with a key that it does not know. `containerd config dump` shows what counts.
    Bad: config.toml
        [plugins."io.containerd.grpc.v1.cri".cni]
          bin_dir = "/usr/lib/cni"
    Good: config.toml
        version = 2
        [plugins."io.containerd.grpc.v1.cri".cni]
          bin_dir = "/usr/lib/cni"
    Fix:
        Write version and table as the finding says, and restart containerd.
    Reference:
        containerd documentation, "CRI Plugin Config Guide" and "containerd 2.0"
    """
    runtime, config = containerd_config(node)
    too_new = list(_too_new(runtime, config))
    yield from too_new
    for ignored in config.ignored if not too_new else ():
        yield from _ignored(runtime, config, ignored)
    yield from _unknown_keys(runtime, config)
    yield from _both(runtime, config)


def _too_new(runtime: Runtime, config: ContainerdConfig) -> Iterator[Hit]:
    numbers, version = runtime.numbers, config.version
    if numbers is None or config.modern or not version.location or version.value not in (3, 4):
        return
    patch = _STRICT.get(numbers[:2], 0)
    what = "does not start with it" if numbers[2] >= patch else "takes it for version 2"
    message = f"{version.location.file} says version = {version.value}, and {runtime.release} {what}"
    fix = Fix(
        f"write version = 2 and the table {GRPC} into {runtime.to_edit(version.location.file)}, then "
        f"{runtime.kind.restart}"
    )
    yield Hit(version.location, message, fix)


def _ignored(runtime: Runtime, config: ContainerdConfig, ignored: Ignored) -> Iterator[Hit]:
    table = ignored.table.value if isinstance(ignored.table.value, dict) else {}
    cni = table if ignored.name.endswith(".cni") else table.get("cni")
    place = ignored.table.location
    if place is None or not (cni or ignored.fatal):
        return
    effect = "does not start with it" if ignored.fatal else "does not look at it"
    message = f'{place.file} has the table "{ignored.name}", and {_reader(runtime)} {effect}: {ignored.reason}'
    renamed = f'rename the table "{ignored.name}" to "{ignored.right}" in {runtime.to_edit(place.file)}'
    change = renamed if ignored.right else f"write version = 2 at the top of {runtime.to_edit(runtime.config_file)}"
    others = any(not config.cni(key).is_default for key in ("conf_dir", "bin_dirs"))
    severity = Severity.NOTE if others and not ignored.fatal else Severity.WARNING if runtime.numbers is None else None
    yield Hit(place, message, Fix(f"{change}, then {runtime.kind.restart}"), severity=severity)


def _reader(runtime: Runtime) -> str:
    """What to call the daemon: when its version is not known, the series that is taken for granted."""
    modern = runtime.containerd is not None and runtime.containerd.modern
    return runtime.release if runtime.numbers else f"{runtime.called} {'2.x' if modern else '1.x'}"


def _unknown_keys(runtime: Runtime, config: ContainerdConfig) -> Iterator[Hit]:
    for key, setting in config.unknown_cni_keys.items():
        place = setting.key_location
        if place is None or (runtime.numbers is None and key in CNI_KEYS):
            continue
        since = ".".join(map(str, CNI_KEYS[key])) if key in CNI_KEYS else ""
        near = closest(key, CNI_KEYS)
        why = f"only containerd {since} and newer know it" if since else "containerd has no such key"
        message = f'{runtime.release} takes no notice of "{key}": {why}'
        change = f'write "{near}" for "{key}" in' if near and not since else f'take "{key}" out of'
        fix = Fix(f"{change} {runtime.to_edit(place.file)}, then {runtime.kind.restart}")
        yield Hit(place, message, fix, severity=Severity.WARNING)


def _both(runtime: Runtime, config: ContainerdConfig) -> Iterator[Hit]:
    both = config.both_bin_dirs
    if both is not None and both[0].key_location and runtime.numbers and runtime.numbers >= _BIN_DIRS:
        message = (
            f"{both[0].key_location.file} has bin_dir and bin_dirs, with which CRI of {runtime.release} is not loaded"
        )
        change = f"delete bin_dir in {runtime.to_edit(both[0].key_location.file)}, and add its directory to bin_dirs"
        fix = Fix(f"{change}, then {runtime.kind.restart}", Applicable.UNSAFE)
        yield Hit(both[0].key_location, message, fix)


@check(
    "CNI820",
    "drop-in-surprises",
    Severity.ERROR,
    "runtime",
    reads="the files that containerd's config imports, and CRI-O's drop-ins",
    well="no drop-in of the container runtime does more than it says",
    leads_to=("looks-elsewhere",),
)
def drop_in_surprises(node: Node) -> Iterator[Hit]:
    """A drop-in of the container runtime changes more than what stands in it.

    Why:
        containerd 1.x replaces the whole table of a plugin by that of a file it imports: a drop-in that sets only
        conf_dir puts bin_dir back to /opt/cni/bin, and pods fail with 'failed to find plugin "bridge" in path
        [/opt/cni/bin]'. CRI-O reads every file of /etc/crio/crio.conf.d whatever it is called, backups too.
        `containerd config dump` and `crio config` show what counts.
    Bad: conf.d/net.toml
        [plugins."io.containerd.grpc.v1.cri".cni]
          conf_dir = "/srv/cni"
    Good: conf.d/net.toml
        [plugins."io.containerd.grpc.v1.cri".cni]
          conf_dir = "/srv/cni"
          bin_dir = "/usr/lib/cni"
    Fix:
        Put the whole table into the last file that has it. Move backups out of the drop-in directory.
    Reference:
        containerd documentation, "containerd config.toml", section "imports"; CRI-O, crio.conf.d(5)
    """
    runtime = any_runtime(node)
    for replaced in runtime.containerd.replaced if runtime.containerd else ():
        yield from _replaced(runtime, replaced)
    for path in runtime.drop_ins if runtime.crio else ():
        if not is_usual_name(path.rpartition("/")[2]):
            message = f"CRI-O reads {path} too, although it looks like a backup"
            fix = Fix(f"`mv {path} /root/`, then {runtime.kind.restart}", Applicable.UNSAFE)
            yield Hit(Location(path), message, fix, severity=Severity.WARNING)


def _replaced(runtime: Runtime, replaced: Replaced) -> Iterator[Hit]:
    place = replaced.by.location
    if place is None or replaced.table not in CRI_PLUGINS:
        return
    keys = {".".join(path[2:]): value for path, value in replaced.lost.items()}
    cni = any(key.startswith("cni.") for key in keys)
    shown = ", ".join(f"{key} ({value.origin})" for key, value in list(keys.items())[:3])
    more = f" and {len(keys) - 3} more" if len(keys) > len("abc") else ""
    lost = "is lost" if len(keys) == 1 else "are lost"
    message = f"{_reader(runtime)} replaces the whole table by that of {place.file}: {shown}{more} {lost}"
    fix = Fix(f"write these keys into {place.file} as well, then {runtime.kind.restart}")
    severity = Severity.NOTE if runtime.numbers is None else None if cni else Severity.WARNING
    yield Hit(place, message, fix, {"lost": sorted(keys)}, severity)


@check(
    "CNI821",
    "runtime-settings",
    Severity.NOTE,
    "runtime",
    reads="the container runtime's config files and flags, and what the running daemon says",
    well="the container runtime looks where it usually does",
)
def runtime_settings(node: Node) -> Iterator[Hit]:
    """Where the container runtime looks for CNI is not what is usual.

    Nothing is wrong with that; it tells where each value comes from.

    Why:
        A network product's installer may put its files where the runtime does not look. The directories here are those
        that count on this node.
    Bad: config.toml
        version = 2
        [plugins."io.containerd.grpc.v1.cri".cni]
          conf_dir = "/srv/cni"
    Good:
        a config without CNI settings: /etc/cni/net.d and /opt/cni/bin
    Fix:
        Nothing, as long as the network product is told the same directories.
    Reference:
        containerd documentation, "CRI Plugin Config Guide"; CRI-O, crio.conf(5)
    """
    runtime = any_runtime(node)
    for known, what in ((runtime.conf_dir, "network configs"), (runtime.bin_dirs, "plugins")):
        usual = known is None or known.is_default or known.value in ("/etc/cni/net.d", ["/opt/cni/bin"])
        if known is not None and not usual:
            shown = ", ".join(known.value) if isinstance(known.value, list) else known.value
            message = f"{runtime.called} looks for {what} in {shown} ({known.origin})"
            fix = Fix("nothing needs to be done, as long as the network product is told the same")
            yield Hit(known.location or Location(shown), message, fix, {"value": known.value, "origin": known.origin})
