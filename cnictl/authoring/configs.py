"""The configs in a file that are to be edited, and how a change of one becomes a change of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.errors import InputError, UsageError
from cnictl.foreign.embedded import EmbeddedSource, is_manifest, read_manifest
from cnictl.model.view import view
from cnictl.text.edit import Edit, apply_edits
from cnictl.text.parser import parse
from cnictl.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.model.view import NetworkView


class Config(NamedTuple):
    """A config that can be edited.

    Attributes:
        source: Its text: a file, or what stands in a manifest.
        network: What it holds.
        number: Its place among the configs of the file.
    """

    source: Source
    network: NetworkView
    number: int = 0

    @property
    def within(self) -> str | None:
        """The Kubernetes object that it stands in; ``None`` for a file of its own."""
        if not isinstance(self.source, EmbeddedSource):
            return None
        origin = self.source.origin
        return f"{origin.kind or 'object'} {origin.name or origin.pointer}"

    @property
    def kind(self) -> str | None:
        """The kind of that object."""
        return self.source.origin.kind if isinstance(self.source, EmbeddedSource) else None

    @property
    def names(self) -> tuple[str, ...]:
        """What it can be called: its network, the object, and the object with its namespace."""
        own = [self.network.name]
        if isinstance(self.source, EmbeddedSource) and self.source.origin.name:
            name = self.source.origin.name
            own += [name, name.rpartition("/")[2]]
        return tuple(name for name in own if name)


def configs_in(source: Source) -> list[Config]:
    """The configs of a file: one, or those in a Kubernetes manifest.

    Args:
        source: The file.

    Raises:
        InputError: There is none, or one that is no JSON.
    """
    if source.bad_bytes is not None:
        message = f"{source.name}: {source.bad_bytes.reason}"
        raise InputError(message)
    if not is_manifest(source):
        return [_config(source, 0)]
    manifest = read_manifest(source)
    if manifest.problem is not None:
        line = source.position(manifest.problem.span.start).line
        message = f"{source.name}:{line}: {manifest.problem.message}"
        raise InputError(message)
    if not manifest.configs:
        message = f"{source.name}: no network config stands in it"
        raise InputError(message, hint="configs are looked for in NetworkAttachmentDefinitions and ConfigMaps")
    return [_config(config, index) for index, config in enumerate(manifest.configs)]


def _config(source: Source, index: int) -> Config:
    document = parse(source)
    problem = document.refused
    if problem is not None:
        line = source.position(problem.span.start).line
        message = f"{source.name}:{line}: {problem.message}"
        raise InputError(message, hint=f"`cnictl validate --fix {source.path}` mends what leaves no doubt")
    network = view(document)
    if network is None:
        message = f"{source.name}: a network config is a JSON object"
        raise InputError(message)
    return Config(source, network, index)


def choose(configs: Sequence[Config], name: str | None) -> Config:
    """The config that is meant.

    Args:
        configs: Those of a file.
        name: What the user calls it; ``None`` when there is one only.

    Raises:
        UsageError: It is not clear which one, or there is none of that name.
    """
    found = [config for config in configs if name is None or name in config.names]
    if len(found) == 1:
        return found[0]
    called = [config.names[-1] if config.names else f"the one of {config.within}" for config in configs]
    file = configs[0].source.outermost.name
    if name is not None and not found:
        message = f'{file}: no network in it is called "{name}"'
        raise UsageError(message, hint=f"there are {', '.join(called)}")
    message = f"{file}: {len(found)} configs in it could be meant"
    raise UsageError(message, hint=f"choose one with --network: {', '.join(called)}")


def rewritten(config: Config, edits: Sequence[Edit]) -> Config:
    """The config after some edits, in the file after them; nothing is written.

    Args:
        config: The config.
        edits: Changes of its text.

    Raises:
        UsageError: The way the config is written in a manifest does not allow them.
    """
    wanted = _value(Source("edited.json", apply_edits(config.source.text, edits).encode()))
    placed = [config.source.outer_edit(_trimmed(config.source.text, edit)) for edit in edits]
    outer = config.source.outermost
    known = [edit for edit in placed if edit is not None]
    if len(known) == len(placed):
        after = Source(outer.path, apply_edits(outer.text, known).encode())
        again = [config] if not edits else _reread(after)
        if config.number < len(again) and again[config.number].network.node.value == wanted:
            return again[config.number]
    message = f"{outer.name}: the config in {config.within} is written in a way that cannot be edited in place"
    raise UsageError(message, hint="write it as a block, behind `config: |`")


def _trimmed(text: str, edit: Edit) -> Edit:
    """An edit without what stands there already at its ends: a block of YAML cannot be replaced from its first line."""
    old, new = text[slice(*edit.span)], edit.text
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    return Edit(Span(edit.span.start + start, edit.span.end - end), new[start : len(new) - end])


def _alike(one: str, other: str) -> int:
    """How many characters are the same from the beginning on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (here, there) in pairs if here != there), min(len(one), len(other)))


def _reread(source: Source) -> list[Config]:
    try:
        return configs_in(source)
    except InputError:  # the edit did not go well where it was placed
        return []


def _value(source: Source) -> object:
    root = parse(source).root
    return root.value if root is not None else None
