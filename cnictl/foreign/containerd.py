"""containerd's config: its file and all that it imports, as the daemon puts them together.

How is taken from its source (``cmd/containerd/server/config``, ``plugins/cri``): 1.x replaces a plugin's whole table
by that of a later file and looks for CRI's under the name of the config's version; 2.x migrates each file to the newest
version and merges tables key by key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cnictl.foreign.containerd_files import Path, declared_version, plugin_tables, read_files, texts_in, values_of
from cnictl.foreign.setting import Setting
from cnictl.foreign.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cnictl.foreign.containerd_files import Missing
    from cnictl.foreign.toml import TomlDocument
    from cnictl.text.source import Source

Version = tuple[int, ...]

SHORT = "cri"
GRPC = "io.containerd.grpc.v1.cri"
RUNTIME = "io.containerd.cri.v1.runtime"
IMAGES = "io.containerd.cri.v1.images"
CRI_PLUGINS = (SHORT, GRPC, RUNTIME, IMAGES)
"""The names that CRI's plugin has had."""

CNI_DEFAULTS: Mapping[str, object] = {
    "conf_dir": "/etc/cni/net.d",
    "bin_dirs": ["/opt/cni/bin"],
    "max_conf_num": 1,
    "conf_template": "",
    "setup_serially": False,
    "ip_pref": "",
    "use_internal_loopback": False,
}
CNI_KEYS: Mapping[str, Version] = {
    "bin_dir": (1, 0),
    "bin_dirs": (2, 1),
    "conf_dir": (1, 0),
    "max_conf_num": (1, 1),
    "conf_template": (1, 0),
    "ip_pref": (1, 6),
    "setup_serially": (1, 7),
    "use_internal_loopback": (2, 0),
}
"""The keys of the cni table, and the version that each came with."""

_OLD, _NEW = (1, 7), (2, 1)
_MODERN = 2
"""The major version from which on the daemon migrates and merges."""
_NEW_FORMAT = 3
"""The config version from which on CRI's plugin is in several parts; 2.x takes it apart in older ones."""
_TOLERANT: Version = (2, 3)
"""The version of the daemon that does so in this one as well."""


class Replaced(NamedTuple):
    """A plugin's table that counts for nothing, because a later file has one of its name."""

    table: str
    lost: Mapping[Path, Setting]
    """The settings that are gone: those that the later table does not have."""
    by: Setting
    """The later table."""


class Ignored(NamedTuple):
    """A table that the daemon passes over, or does not start with."""

    table: Setting
    name: str
    right: str
    """The name that it should have; empty when the config's version is what is wrong."""
    reason: str
    fatal: bool = False


@dataclass(frozen=True)
class ContainerdConfig:
    """What containerd works with.

    Attributes:
        daemon: The version of containerd that was taken for granted.
        files: The files, in the order in which they are merged; those that are no TOML too.
        missing: Imports that lead nowhere.
        settings: Every value by its path, as the daemon puts them together.
        replaced: Tables of which a later file left nothing.
        ignored: Tables that do not count.
    """

    daemon: Version
    files: tuple[TomlDocument, ...]
    missing: tuple[Missing, ...]
    settings: Mapping[Path, Setting]
    replaced: tuple[Replaced, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    _cri: str = field(default=RUNTIME, repr=False)

    @property
    def modern(self) -> bool:
        """Whether it is read as containerd 2.x reads it."""
        return self.daemon[0] >= _MODERN

    @property
    def version(self) -> Setting:
        """The version of the config's format; 1 when no file tells it."""
        return self._get(("version",), 1)

    @property
    def broken(self) -> tuple[TomlDocument, ...]:
        """The files that are no TOML."""
        return tuple(file for file in self.files if file.problem)

    @property
    def disabled_plugins(self) -> tuple[Setting, ...]:
        """The plugins that are switched off, each with its place."""
        return tuple(texts_in(self.files, "disabled_plugins"))

    @property
    def cri_disabled(self) -> Setting | None:
        """What switches CRI off; ``None`` when nothing does."""
        return next((item for item in self.disabled_plugins if item.value in (SHORT, GRPC)), None)

    def cni(self, key: str) -> Setting:
        """A setting of the cni table, ``bin_dirs`` for both spellings.

        Args:
            key: One of `CNI_DEFAULTS`.
        """
        if key == "bin_dirs":
            return self._bin_dirs()
        known = self.daemon >= CNI_KEYS[key]
        return self._get((*self._cni_path, key), CNI_DEFAULTS[key]) if known else Setting(CNI_DEFAULTS[key])

    def _bin_dirs(self) -> Setting:
        one, many = self.settings.get((*self._cni_path, "bin_dir")), self.settings.get((*self._cni_path, "bin_dirs"))
        if many is not None and self.daemon >= CNI_KEYS["bin_dirs"] and many.texts:
            return many
        if one is not None and one.text:
            return one._replace(value=[one.value])
        return Setting(CNI_DEFAULTS["bin_dirs"])

    @property
    def both_bin_dirs(self) -> tuple[Setting, Setting] | None:
        """``bin_dir`` and ``bin_dirs`` when both are set, which 2.1 refuses; ``None`` otherwise."""
        one, many = self.settings.get((*self._cni_path, "bin_dir")), self.settings.get((*self._cni_path, "bin_dirs"))
        if one is None or many is None or not one.text or many.value in ([], CNI_DEFAULTS["bin_dirs"]):
            return None
        return one, many

    @property
    def unknown_cni_keys(self) -> dict[str, Setting]:
        """The keys of the cni table that this version of the daemon does not know."""
        path = self._cni_path
        inside = {key[len(path)]: value for key, value in _below(self.settings, path).items() if key != path}
        return {key: value for key, value in inside.items() if self.daemon < CNI_KEYS.get(key, (99,))}

    @property
    def _cni_path(self) -> Path:
        return ("plugins", self._cri, "cni")

    @property
    def cri_table(self) -> str:
        """The name under which CRI's table counts in the config's own version."""
        return GRPC if self.modern and 1 < self._declared < _NEW_FORMAT else self._cri

    @property
    def _declared(self) -> int:
        return declared_version(self.files[0])

    def cri(self, *path: str, default: object = None) -> Setting:
        """A setting of CRI's table."""
        return self._get(("plugins", self._cri, *path), default)

    @property
    def sandbox_image(self) -> Setting:
        """The image of the pause container; ``None`` for the daemon's own choice."""
        if self.modern:
            return self._get(("plugins", IMAGES, "pinned_images", "sandbox"), None)
        return self.cri("sandbox_image")

    @property
    def runtime_options(self) -> Path:
        """Where the options of the default OCI runtime are, within CRI's table."""
        name = self.cri("containerd", "default_runtime_name", default="runc").text or "runc"
        return ("containerd", "runtimes", name, "options")

    @property
    def systemd_cgroup(self) -> Setting:
        """Whether the default OCI runtime leaves control groups to systemd."""
        own = self.cri(*self.runtime_options, "SystemdCgroup")
        return own if not own.is_default else self.cri("systemd_cgroup", default=False)

    def get(self, *path: str) -> Setting:
        """Any value; ``None`` when no file has it."""
        return self._get(path, None)

    def _get(self, path: Path, default: object) -> Setting:
        return self.settings.get(path) or Setting(default)


def read_containerd(
    path: str,
    read: Callable[[str], Source | None],
    expand: Callable[[str], list[str]],
    daemon: Version | None = None,
) -> ContainerdConfig | None:
    """Reads containerd's config as a version of it does.

    Args:
        path: The file that the daemon is started with.
        read: Gives the text of a file; ``None`` when there is none that can be read.
        expand: Gives the paths that a glob matches, sorted.
        daemon: The version of containerd; ``None`` for the one that the config's own version is for.

    Returns:
        The config; ``None`` when there is no such file.
    """
    first = read(path)
    if first is None:
        return None
    files, missing = read_files(read_toml(first), read, expand)
    assumed = daemon or (_NEW if max(map(declared_version, files)) >= _NEW_FORMAT else _OLD)
    if assumed[0] >= _MODERN:
        return _modern(assumed, files, missing)
    return _old(assumed, files, missing)


def _without(settings: Mapping[Path, Setting], prefix: Path) -> dict[Path, Setting]:
    return {path: value for path, value in settings.items() if path[: len(prefix)] != prefix}


def _below(settings: Mapping[Path, Setting], prefix: Path) -> dict[Path, Setting]:
    return {path: value for path, value in settings.items() if path[: len(prefix)] == prefix}


def _add(settings: dict[Path, Setting], more: Mapping[Path, Setting]) -> None:
    """Puts values over others; what is empty leaves the old one in place."""
    settings.update({path: value for path, value in more.items() if value.value or path not in settings})


def _old(daemon: Version, files: tuple[TomlDocument, ...], missing: tuple[Missing, ...]) -> ContainerdConfig:
    settings: dict[Path, Setting] = {}
    replaced: list[Replaced] = []
    for file in files:
        flat = values_of(file)
        for name, table in plugin_tables(file).items():
            prefix = ("plugins", name)
            lost = {path: value for path, value in _below(settings, prefix).items() if path not in flat}
            if lost:
                replaced.append(Replaced(name, lost, table))
            settings = _without(settings, prefix)
        _add(settings, flat)
    declared = settings.get(("version",), Setting(1)).value
    version = declared if isinstance(declared, int) and declared > 0 else 1
    cri = SHORT if version == 1 else GRPC
    ignored = tuple(_ignored_by_old(files, version))
    return ContainerdConfig(daemon, files, missing, settings, tuple(replaced), ignored, cri)


def _ignored_by_old(files: tuple[TomlDocument, ...], version: int) -> Iterator[Ignored]:
    for file in files:
        for name, table in plugin_tables(file).items():
            if version == 1 and name in (GRPC, RUNTIME, IMAGES):
                said = "no version, which means 1" if not any(map(declared_version, files)) else "version 1"
                yield Ignored(table, name, "", f"the config has {said}, and that has the table under the name {SHORT}")
            elif version > 1 and name == SHORT:
                yield Ignored(table, name, GRPC, f"version {version} has this table under the name {GRPC}", fatal=True)
            elif version > 1 and name in (RUNTIME, IMAGES):
                yield Ignored(table, name, GRPC, f"containerd 1.x has this table under the name {GRPC}")


def _modern(daemon: Version, files: tuple[TomlDocument, ...], missing: tuple[Missing, ...]) -> ContainerdConfig:
    settings: dict[Path, Setting] = {}
    split = _NEW_FORMAT + (daemon >= _TOLERANT)
    for file in files:
        _add(settings, _migrated(file, split))
    return ContainerdConfig(daemon, files, missing, settings, (), tuple(_ignored_by_modern(files, split)))


def _migrated(file: TomlDocument, split: int) -> dict[Path, Setting]:
    """The values of a file at the paths that 2.x gives them.

    Args:
        file: The file.
        split: The config version from which on nothing is moved.
    """
    version = declared_version(file)
    names = () if version >= split else (GRPC,) if version > 1 else (GRPC, SHORT)
    found: dict[Path, Setting] = {}
    for path, value in values_of(file).items():
        old = len(path) > 1 and path[0] == "plugins" and path[1] in names
        found[_moved(path[2:]) if old else path] = value
    return found


def _moved(path: Path) -> Path:
    if path == ("sandbox_image",):
        return ("plugins", IMAGES, "pinned_images", "sandbox")
    return ("plugins", RUNTIME, *path)


def _ignored_by_modern(files: tuple[TomlDocument, ...], split: int) -> Iterator[Ignored]:
    for file in files:
        version = declared_version(file)
        right = RUNTIME if version >= _NEW_FORMAT else GRPC
        for name, table in plugin_tables(file).items():
            if version > 1 and name == SHORT:
                yield Ignored(table, name, right, f"version {version} has this table under the name {right}")
            elif version >= split and name == GRPC and (cni := file.find("plugins", name, "cni")) is not None:
                reason = f"version {version} has this table under the name {RUNTIME}"
                yield Ignored(Setting.of(file.source, cni), f"{name}.cni", f"{RUNTIME}.cni", reason)
