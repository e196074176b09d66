"""What the kubelet is told: its flags wherever they stand, its config file, and manifests of static pods."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cnictl.foreign.setting import Setting
from cnictl.foreign.toml import find
from cnictl.report.finding import Location
from cnictl.text.node import ArrayNode, ObjectNode
from cnictl.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cnictl.foreign.systemd import Word
    from cnictl.text.document import Problem
    from cnictl.text.node import Node
    from cnictl.text.source import Source

_FLAG = re.compile(
    r"""(?<![\w./-])--(?P<name>[a-z][a-z0-9-]*)(?![\w.])"""
    r"""(?:=(?P<value>[^\s"'\\]*)|[ \t]+(?P<word>[^\s"'\\$-][^\s"'\\]*))?"""
)
_ITEM = re.compile(r"""["']?(?:--)?(?P<name>[a-z][a-z0-9-]*)(?:=(?P<value>.*))?""", re.DOTALL)
_KUBELET_ARGUMENTS = ("kubelet-arg", "kubelet-arg+")


class Flag(NamedTuple):
    """A flag of the kubelet.

    Attributes:
        name: Its name, without dashes.
        value: Its value; empty where it has none.
        source: The file in which it stands.
        span: Its name there, with the dashes.
        whole: All of it, with its value.
    """

    name: str
    value: str
    source: Source
    span: Span
    whole: Span

    @property
    def location(self) -> Location:
        """The place of its name."""
        return Location.in_text(self.source, self.span)

    @property
    def written(self) -> str:
        """All of it, as it is written."""
        return self.source.text[slice(*self.whole)]

    @property
    def setting(self) -> Setting:
        """Its value as a setting."""
        return Setting(self.value, self.source, self.whole, self.span)


def flags_in(source: Source) -> Iterator[Flag]:
    """The flags in a file of variables, a unit or a list of arguments; those in comments are none."""
    text = source.text
    for match in _FLAG.finditer(text):
        line_start = text.rfind("\n", 0, match.start()) + 1
        if not text[line_start : match.start()].lstrip().startswith(("#", ";")):
            value = match["value"] if match["value"] is not None else match["word"]
            name_end = match.end("name")
            yield Flag(match["name"], value or "", source, Span(match.start(), name_end), Span(*match.span()))


def flags_of(words: Iterable[Word]) -> list[Flag]:
    """The flags of a command line, in its order: of two with one name the later one counts."""
    found: list[Flag] = []
    waits = False
    for word in words:
        if word.text.startswith("-"):
            name, equals, value = word.text.lstrip("-").partition("=")
            end = word.span.start + word.text.index(name) + len(name)
            span = Span(word.span.start, min(end, word.span.end))
            found.append(Flag(name, value, word.source, span, word.span))
            waits = not equals
        elif waits:
            last = found[-1]
            whole = Span(last.whole.start, word.span.end) if word.source is last.source else last.whole
            found[-1] = last._replace(value=word.text, whole=whole)
            waits = False
    return found


def arguments_of(arguments: Iterable[str]) -> dict[str, str]:
    """The flags of a running process, with their values."""
    found: dict[str, str] = {}
    last = ""
    for argument in arguments:
        if argument.startswith("-"):
            last, equals, value = argument.lstrip("-").partition("=")
            found[last] = value
            last = "" if equals else last
        elif last:
            found[last], last = argument, ""
    return found


def rancher_flags(source: Source) -> Iterator[Flag]:
    """The flags of the kubelet in the ``config.yaml`` of k3s or RKE2."""
    for root in _roots(source):
        for key in _KUBELET_ARGUMENTS:
            node = root.child(key)
            items = node.items if isinstance(node, ArrayNode) else [node] if node is not None else []
            for item in items:
                match = _ITEM.fullmatch(str(item.value)) if isinstance(item.value, str) else None
                if match:
                    yield _rancher_flag(source, item, match)


def _rancher_flag(source: Source, item: Node, match: re.Match[str]) -> Flag:
    written = source.text[slice(*item.span)]
    inside = written.find(match["name"])
    dashes = 2 if written[:inside].endswith("--") else 0
    start = item.span.start + max(inside - dashes, 0)
    return Flag(
        match["name"], match["value"] or "", source, Span(start, start + dashes + len(match["name"])), item.span
    )


def _roots(source: Source) -> list[ObjectNode]:
    from cnictl.foreign.scalars import read_documents

    return [root for root in read_documents(source).roots if isinstance(root, ObjectNode)]


class KubeletConfig:
    """A ``KubeletConfiguration``, or what kubeadm lays over it.

    Args:
        source: Its text.

    Attributes:
        source: Its text.
        problem: Why it cannot be read; ``None`` when it can.
    """

    def __init__(self, source: Source) -> None:
        from cnictl.foreign.scalars import read_documents

        documents = read_documents(source)
        self.source = source
        self.problem: Problem | None = documents.problem
        first = documents.roots[0] if documents.roots else None
        self._root = first if isinstance(first, ObjectNode) else ObjectNode(Span(0, 0), [])

    def get(self, key: str) -> Setting | None:
        """The value of a key, every scalar as a text; ``None`` when it is not there."""
        member = self._root.member(key)
        if member is None or member.node.value is None:
            return None
        return Setting.of(self.source, member.node, member.key_span)

    def items(self, key: str) -> list[Setting]:
        """The texts in the list under a key."""
        node = self._root.child(key)
        items = node.items if isinstance(node, ArrayNode) else []
        return [Setting.of(self.source, item) for item in items if isinstance(item.value, str)]


class HostPort(NamedTuple):
    """A port of the node that a static pod wants.

    Attributes:
        port: The port.
        protocol: ``TCP``, ``UDP`` or ``SCTP``.
        pod: The pod's name.
        location: Where it says so.
    """

    port: int
    protocol: str
    pod: str
    location: Location


class StaticPod(NamedTuple):
    """A pod that the kubelet starts by itself.

    Attributes:
        name: Its name.
        host_network: Whether it has the node's network, so that its ports need no plugin.
        host_ports: The ports of the node that it wants.
        images: The images of its containers, each with its place.
        host_paths: The paths of the node that it mounts, each with its place.
        annotations: Its annotations.
    """

    name: str
    host_network: bool
    host_ports: tuple[HostPort, ...]
    images: tuple[Setting, ...]
    host_paths: tuple[Setting, ...]
    annotations: dict[str, Setting]


def static_pods(source: Source) -> list[StaticPod]:
    """The pods in a manifest of the static pod directory."""
    return [_pod(source, root) for root in _roots(source) if _text(root, "kind") == "Pod"]


def _pod(source: Source, root: ObjectNode) -> StaticPod:
    metadata, spec = root.child("metadata"), root.child("spec")
    name = _text(metadata, "name")
    containers = [each for key in ("initContainers", "containers") for each in _objects(spec, key)]
    ports = [port for container in containers for port in _objects(container, "ports")]
    annotations = metadata.child("annotations") if metadata else None
    return StaticPod(
        name,
        _text(spec, "hostNetwork").lower() == "true",
        tuple(found for port in ports if (found := _host_port(source, name, port))),
        tuple(Setting.of(source, node) for each in containers if (node := each.child("image"))),
        tuple(
            Setting.of(source, node) for each in _objects(spec, "volumes") if (node := find(each, "hostPath", "path"))
        ),
        {
            each.name: Setting.of(source, each.node)
            for each in (annotations if isinstance(annotations, ObjectNode) else ())
        },
    )


def _host_port(source: Source, pod: str, port: ObjectNode) -> HostPort | None:
    node = port.child("hostPort")
    written = str(node.value) if node else ""
    if (
        node is None
        or not written.isdecimal()
        or not written.isascii()
        or len(written) > len("65535")
        or int(written) == 0
    ):
        return None
    return HostPort(int(written), _text(port, "protocol") or "TCP", pod, Location.in_text(source, node.span))


def _objects(node: Node | None, key: str) -> list[ObjectNode]:
    found = node.child(key) if node else None
    return [item for item in found.items if isinstance(item, ObjectNode)] if isinstance(found, ArrayNode) else []


def _text(node: Node | None, key: str) -> str:
    found = node.child(key) if node else None
    return str(found.value) if found is not None and isinstance(found.value, str | bool | int) else ""
