"""Takes a config to another version of the CNI spec, and tells what comes of it.

>>> from cnictl.authoring.configs import configs_in
>>> from cnictl.text.source import Source
>>> text = b'{"cniVersion": "0.2.0", "name": "lo", "type": "loopback"}'
>>> [config] = configs_in(Source("99-loopback.conf", text))
>>> done = upgrade(config, SpecVersion.V1_0_0)
>>> done.path, [note.message for note in done.notes if note.kind == CHANGED]
('99-loopback.conflist', ['"cniVersion" is now 1.0.0', 'it is a list of one plugin now'])
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cnictl.authoring.accepted import brought
from cnictl.authoring.configs import Config, rewritten
from cnictl.authoring.forms import as_list, as_single, stays_single
from cnictl.authoring.spoken import unspoken
from cnictl.errors import UsageError
from cnictl.model.files import LIST_SUFFIX, SINGLE_SUFFIXES, suffix_of
from cnictl.model.version import SpecVersion
from cnictl.report.finding import Severity
from cnictl.text.change import put_first, replace_value
from cnictl.text.edit import Edit
from cnictl.text.node import ArrayNode
from cnictl.text.source import STDIN, Source
from cnictl.validate.fixing import renamed_path
from cnictl.validate.mending import set_version, without_members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.authoring.spoken import Installed

CHANGED, NOTE, LOST = "changed", "note", "lost"

_LISTS_SINCE = SpecVersion.V0_3_0
_TOP = ("cniversion", "cniversions", "name", "plugins")


class Note(NamedTuple):
    """Something that comes of the change.

    Attributes:
        kind: `CHANGED` for what is written, `NOTE` for what runtimes will do, `LOST` for what the config says today
            and cannot say or do any more.
        message: One sentence, without a full stop.
    """

    kind: str
    message: str


@dataclass(frozen=True)
class Upgrade:
    """What becomes of a config.

    Attributes:
        before: The config as it is.
        after: The same in the file as it is to be.
        path: What the file is to be called.
        version: The version that it has; ``None`` when that is none that was published.
        target: The version that it is to have.
        notes: What comes of it.
    """

    before: Config
    after: Config
    path: str
    version: SpecVersion | None
    target: SpecVersion
    notes: tuple[Note, ...]

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        outer = self.before.source.outermost
        return self.text != outer.text or self.path != outer.path

    @property
    def text(self) -> str:
        """The whole file as it is to be."""
        return self.after.source.outermost.text

    @property
    def losses(self) -> list[Note]:
        """What would be lost, for which somebody has to say that it may."""
        return [note for note in self.notes if note.kind == LOST]


def upgrade(config: Config, target: SpecVersion, installed: Installed | None = None) -> Upgrade:
    """What becomes of a config in another version of the spec; nothing is written.

    From 0.3.0 on the result is a list, before it is the config of a single plugin. What the version or a plugin
    cannot do is among the notes, and is done all the same: it is for the caller to ask before it writes.

    Args:
        config: The config, one of `cnictl.authoring.configs.configs_in`.
        target: The version.
        installed: The installed plugins, when they are to be asked too.

    Raises:
        UsageError: The config has no plugin, or stands in a manifest in a way that cannot be edited.
    """
    if not config.network.plugins:
        message = f"{config.source.name}: there is no plugin in it"
        raise UsageError(message, hint=f"`cnictl validate {config.source.path}` tells what is wrong")
    notes = list(_losses(config, target))
    after, changes = _rewritten(config, target)
    notes = [*changes, *notes, *_verbs(config.network.version, target)]
    notes += [Note(LOST, message) for message in unspoken(after.network, target, installed)]
    notes += _found(config, after)
    return Upgrade(config, after, _path(config, after), config.network.version, target, tuple(notes))


def _rewritten(config: Config, target: SpecVersion) -> tuple[Config, list[Note]]:
    """The config in the form and with the version that it is to have."""
    after, notes = _versioned(config, target)
    if _is_unwrapped(config, target):
        return as_single(after), [*notes, Note(CHANGED, "it is the config of a single plugin now")]
    if after.network.is_list or target < _LISTS_SINCE:
        return after, notes
    why = stays_single(after)
    if why is not None:
        return after, [*notes, Note(NOTE, f"it stays the config of a single plugin: {why}")]
    try:
        return as_list(after), [*notes, Note(CHANGED, "it is a list of one plugin now")]
    except UsageError as error:
        return after, [*notes, Note(NOTE, f"it stays the config of a single plugin: {error}")]


def _is_unwrapped(config: Config, target: SpecVersion) -> bool:
    """Whether a list must become the config of a single plugin; one that calls itself older than lists stays one."""
    version = config.network.version
    return config.network.is_list and target < _LISTS_SINCE and (version is None or version >= _LISTS_SINCE)


def _versioned(config: Config, target: SpecVersion) -> tuple[Config, list[Note]]:
    notes: list[Note] = []
    after = config
    if _newer(config, target):
        after = _without_newer(config, target)
        notes.append(Note(CHANGED, f'"cniVersions" offers nothing newer than {target}'))
    if after.network.declared != str(target):
        after = _declared(after, target)
        notes.append(Note(CHANGED, f'"cniVersion" is now {target}'))
    return after, notes


def _newer(config: Config, target: SpecVersion) -> list[str]:
    """The versions that a list offers beside its own and that are newer than the target: runtimes take the newest."""
    offered = config.network.node.child("cniVersions") if config.network.is_list else None
    values = offered.value if isinstance(offered, ArrayNode) else []
    return [each for each in values if (known := SpecVersion.of(str(each))) and known > target]


def _without_newer(config: Config, target: SpecVersion) -> Config:
    node, text = config.network.node, config.source.text
    offered = node.child("cniVersions")
    newer = _newer(config, target)
    left = [each for each in (offered.value if offered is not None else []) if each not in newer]
    if offered is not None and left:
        return rewritten(config, [replace_value(offered, left)])
    return rewritten(config, [Edit(node.span, without_members(text, node, ("cniversions",)))])


def _declared(config: Config, target: SpecVersion) -> Config:
    """The config with another ``cniVersion``; where several versions are offered the others stay."""
    edits = set_version(config.network, target)
    if not edits:
        node = config.network.node.child("cniVersion")
        new = put_first(config.source.text, config.network.node, "cniVersion", str(target))
        edits = (replace_value(node, str(target)) if node is not None else new,)
    return rewritten(config, edits)


def _losses(config: Config, target: SpecVersion) -> Iterator[Note]:
    """What the config says and the version has no words for."""
    network = config.network
    if not network.is_list:
        return
    for version in _newer(config, target):
        yield Note(LOST, f"{version} is not offered any more, for runtimes would take that")
    if not _is_unwrapped(config, target):
        return
    for plugin in network.plugins[1:]:
        yield Note(LOST, f"{plugin.type or '?'} is left out: before 0.3.0 a network has one plugin")
    for member in network.node:
        if member.name.casefold() not in _TOP:
            yield Note(LOST, f'"{member.name}" is left out: before 0.3.0 there are no lists that have it')


_VERBS = (
    (SpecVersion.V0_4_0, "CHECK, which asks whether a pod's network is still as it was made"),
    (SpecVersion.V1_1_0, "GC, which clears what is left of pods that are gone, and STATUS"),
)


def _verbs(version: SpecVersion | None, target: SpecVersion) -> Iterator[Note]:
    """What runtimes will do more, or no more."""
    if version is None:
        return
    for since, what in _VERBS:
        if target < since <= version:
            yield Note(NOTE, f"runtimes no longer call {what}")
        elif version < since <= target:
            yield Note(NOTE, f"runtimes can call {what}")


_SAID = ("CNI206", "CNI702")
"""What is told of plugins that do not speak the version in words of its own."""


def _found(config: Config, after: Config) -> Iterator[Note]:
    """What validate finds in the new version and not in the old one: errors are losses, for no pod would start."""
    for finding in brought(config.source, _as_called(after), config.kind):
        if finding.code not in _SAID:
            kind = LOST if finding.severity is Severity.ERROR else NOTE
            yield Note(kind, f"{finding.message} ({finding.code})")


def _as_called(after: Config) -> Source:
    """The config under the name that its file will have, for which a list must end in ``.conflist``."""
    if after.source.outermost is not after.source:
        return after.source
    return Source(_path(after, after), after.source.data)


def _path(config: Config, after: Config) -> str:
    """What the file is to be called; one that holds a manifest keeps its name."""
    path = config.source.outermost.path
    if path == STDIN or config.within is not None:
        return path
    suffix = suffix_of(path)
    if after.network.is_list and suffix in SINGLE_SUFFIXES:
        return renamed_path(path, LIST_SUFFIX)
    if not after.network.is_list and suffix == LIST_SUFFIX:
        return renamed_path(path, SINGLE_SUFFIXES[0])
    return path
