"""The CNI configs inside Kubernetes manifests, each as a text of its own whose places are those of the file."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from cnictl.text.edit import Edit
from cnictl.text.node import ArrayNode, ObjectNode, ScalarNode, walk
from cnictl.text.parser import parse
from cnictl.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.text.node import Node
    from cnictl.text.source import Position

_NAD = "NetworkAttachmentDefinition"
_BLOCKS = ("literal", "folded")

# Texts, not compiled: most of them are needed for manifests only, and every start of the program would pay.
_TEMPLATE_MARK = r"\{\{|\{%|\$\{\w+[^}\n]*\}|__[A-Z][A-Z0-9_]*__"
_OBJECT = r"[\s\ufeff]*+\{(?![{%])"
_BRACE = r"[\s\ufeff]*+\{"
_BEFORE = r"(?:[\s\ufeff]++|#[^\n]*+|---(?=\s)[^\n{]*+)*"
_YAML = r"(?m)^\ufeff?(?:(?:apiVersion|kind):|---(?!\S))"
_PLUGINS = r"""["']plugins["']\s*:\s*\[(?!\s*["'])"""
"""A list of names is that of another program."""
_LONG = 1024 * 1024
_WORDS = ("cniVersion", _NAD, ".conflist", "plugins", "ipam")
"""One of these is in every manifest with a config."""


class Origin(NamedTuple):
    """Where in a manifest a config stands."""

    kind: str
    """The kind of the Kubernetes object; empty where there is none, as in Helm's values."""
    name: str | None
    """``namespace/name`` of the object, or its name alone."""
    pointer: str
    """RFC 6901 pointer of the string in its document."""
    document: int
    """Index of the document in the file, from 0."""


class EmbeddedSource(Source):
    """A config that is a string in another text.

    Args:
        outer: The file.
        node: The string in it.
        origin: Where it stands.

    Attributes:
        style: How it is written: ``literal``, ``folded``, ``plain``, ``single``, ``double`` or ``json``.
    """

    def __init__(self, outer: Source, node: ScalarNode, origin: Origin) -> None:
        from cnictl.foreign.alignment import Alignment
        from cnictl.foreign.scalars import Scalar

        value = str(node.value)
        super().__init__(outer.path, value.encode())
        self.outer = outer
        self.origin = origin
        self.style = node.style if isinstance(node, Scalar) else "json"
        self._alignment = Alignment(value, outer.text, node.span, self.style)

    @property
    def outermost(self) -> Source:
        """The file."""
        return self.outer

    def outer_offset(self, offset: int) -> int:
        """The index in the file of the character at ``offset``; past the end, the index behind the last one."""
        return self._alignment.outer(offset)

    def position(self, offset: int) -> Position:
        """Line and column in the file of the character at ``offset``."""
        return self.outer.position(self.outer_offset(offset))

    def line(self, number: int) -> str:
        """The text of the file's line ``number``."""
        return self.outer.line(number)

    def outer_edit(self, edit: Edit) -> Edit | None:
        """An edit of the config as one of the file; ``None`` when the way it is written does not allow it."""
        span = Span(self.outer_offset(edit.span.start), self.outer_offset(edit.span.end))
        text = self._written(edit, self.outer.text[slice(*span)])
        return None if text is None else Edit(span, text)

    def _written(self, edit: Edit, removed: str) -> str | None:
        """The new text in the style of the old one."""
        if self.style in ("double", "json"):
            return json.dumps(edit.text, ensure_ascii=False)[1:-1]
        if self.style in _BLOCKS and not self._inside(edit.span):
            return None  # the first line says how far all of them are indented
        if self.style == "literal":
            end = "\r\n" if "\r\n" in self.outer.text else "\n"
            return edit.text.replace("\n", end + " " * self._alignment.indent)
        if self.style == "plain" or "\n" in edit.text + removed:
            return None
        return edit.text.replace("'", "''") if self.style == "single" else edit.text

    def _inside(self, span: Span) -> bool:
        first = len(self.text) - len(self.text.lstrip())
        return first < span.start and span.end <= len(self.text.rstrip())


class YamlProblem(NamedTuple):
    """Why a manifest cannot be read, or not to its end."""

    span: Span
    message: str


class Manifest(NamedTuple):
    """What a manifest holds.

    Attributes:
        configs: The configs in it, in the order of the file.
        template: It can be read only after a program has filled it in, so not all is known of its configs.
        problem: Why it cannot be read; ``configs`` are those of the documents before that place.
        no_strings: Where a NetworkAttachmentDefinition has something else than a string for its config.
    """

    configs: tuple[EmbeddedSource, ...]
    template: bool
    problem: YamlProblem | None
    no_strings: tuple[Span, ...] = ()


def is_manifest(source: Source) -> bool:
    """Whether a file is a Kubernetes manifest, or other YAML, and not a CNI config itself.

    A file that a runtime takes for a config by its name is one, whatever it holds, unless it ends in ``.json``.
    """
    name = source.path.lower()
    if name.endswith((".yaml", ".yml")):
        return True
    if name.endswith((".conf", ".conflist")):
        return False
    if re.match(_BEFORE + _OBJECT, source.text):
        return _is_json_manifest(source)
    return re.search(_YAML, source.text) is not None


def _is_json_manifest(source: Source) -> bool:
    if not _has(source.text, "apiVersion", "kind"):
        return False
    root = parse(source).root
    if not isinstance(root, ObjectNode):  # so broken that only its words can tell
        return not looks_like_config(source.text, nested=True)
    config = "cniVersion" in root or "plugins" in root
    return "apiVersion" in root and "kind" in root and not config


def looks_like_config(text: str, *, nested: bool = False) -> bool:
    """Whether a string is meant as a CNI config, even when it is no valid JSON.

    Args:
        text: The string.
        nested: Take it for one even with the keys of a Kubernetes object, which may stand further inside.
    """
    if not re.match(_BRACE, text):
        return False
    if not nested and _has(text, "apiVersion", "kind"):
        return False  # a whole object, as in the annotation last-applied-configuration
    if _has(text, "cniVersion") and (nested or _has(text, "type") or re.search(_PLUGINS, text)):
        return True
    return _has(text, "type") and (re.search(_PLUGINS, text) is not None or _has(text, "name", "ipam"))


def _has(text: str, *keys: str) -> bool:
    """Whether keys stand in quotes in a text, those of a string inside a string not included."""
    return all(key in text and re.search(rf"""["']{key}["']\s*:""", text) for key in keys)


def read_manifest(source: Source) -> Manifest:
    """Finds the CNI configs in a YAML or JSON manifest. Never raises.

    A long one that cannot hold any is not read, for that would take half a minute.
    """
    from cnictl.foreign.scalars import read_documents

    if len(source.text) > _LONG and not any(word in source.text for word in _WORDS):
        return Manifest((), template=False, problem=_bad_bytes(source))
    documents = read_documents(source)
    if documents.problem and re.search(_TEMPLATE_MARK, source.text):
        return Manifest((), template=True, problem=None)
    configs = [config for number, root in enumerate(documents.roots) for config in _configs_in(source, root, number)]
    problem = YamlProblem(documents.problem.span, documents.problem.message) if documents.problem else None
    objects = [span for root in documents.roots for span in _objects_for_strings(source, root)]
    blanks = [span for span in objects if re.compile(_TEMPLATE_MARK).match(source.text, span.start)]
    no_strings = tuple(span for span in objects if span not in blanks)
    return Manifest(tuple(configs), bool(blanks), problem or _bad_bytes(source), no_strings)


def _objects_for_strings(source: Source, root: Node) -> Iterator[Span]:
    """Where objects stand in place of the text that ``spec.config`` must be."""
    for node in walk(root):
        if isinstance(node, ObjectNode) and _text(node, "kind") == _NAD:
            spec = node.child("spec")
            config = spec.child("config") if spec is not None else None
            if isinstance(config, (ObjectNode, ArrayNode)):
                written = source.text[slice(*config.span)].rstrip()  # YAML counts blank lines behind it too
                yield Span(config.span.start, config.span.start + len(written))


def _bad_bytes(source: Source) -> YamlProblem | None:
    if source.bad_bytes is None:
        return None
    at = source.bad_bytes.offset
    return YamlProblem(Span(at, min(at + 1, len(source.text))), source.bad_bytes.reason)


def _configs_in(source: Source, root: Node, number: int) -> list[EmbeddedSource]:
    """The configs of one document; what aliases repeat is one of them, found where it matters most."""
    strings = list(_strings(root))
    found: dict[Span, ScalarNode] = {}
    for node in filter(_is_declared, strings):
        found.setdefault(node.span, node)
    for node in strings:
        if looks_like_config(str(node.value)):
            found.setdefault(node.span, node)
    return [EmbeddedSource(source, found[span], _origin(found[span], number)) for span in sorted(found)]


def _strings(root: Node) -> Iterator[ScalarNode]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ObjectNode):
            waiting += [member.node for member in node][::-1]
        elif isinstance(node, ArrayNode):
            waiting += node.items[::-1]
        elif isinstance(node, ScalarNode) and isinstance(node.value, str):
            yield node


def _is_declared(node: ScalarNode) -> bool:
    """Whether Kubernetes or a runtime takes this string for a config, whatever it holds.

    An empty ``spec.config`` is none: multus then takes the config of the object's name from the node.
    """
    parent, key = node.parent, node.token
    holder = parent.parent if parent else None
    if parent is None or not isinstance(holder, ObjectNode):
        return False
    kind, place = _text(holder, "kind"), parent.token
    if kind == _NAD:
        return (place, key) == ("spec", "config") and node.value != ""
    return kind == "ConfigMap" and place == "data" and str(key).endswith(".conflist")


def _origin(node: ScalarNode, number: int) -> Origin:
    holder = node.parent
    while holder is not None and not _is_resource(holder):
        holder = holder.parent
    if not isinstance(holder, ObjectNode):
        return Origin("", None, node.pointer, number)
    return Origin(_text(holder, "kind") or "", _full_name(holder), node.pointer, number)


def _is_resource(node: Node) -> bool:
    if not isinstance(node, ObjectNode) or not _text(node, "kind"):
        return False
    return any(key in node for key in ("apiVersion", "metadata", "spec"))


def _full_name(resource: ObjectNode) -> str | None:
    metadata = resource.child("metadata")
    if not isinstance(metadata, ObjectNode):
        return None
    name, namespace = _text(metadata, "name"), _text(metadata, "namespace")
    return f"{namespace}/{name}" if name and namespace else name


def _text(node: ObjectNode, key: str) -> str | None:
    child = node.child(key)
    return child.value if child is not None and isinstance(child.value, str) else None
