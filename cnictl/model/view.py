"""A look at a parsed config that never refuses: every question has an answer, or the answer is ``None``.

This is what rules and checks read. What a runtime would refuse is decided in `cnictl.model.structure`.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from cnictl.model.version import DEFAULT, SpecVersion
from cnictl.text.node import ArrayNode, Node, ObjectNode, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from cnictl.text.document import Document


T = TypeVar("T")

MOST_PLUGINS = 64
"""How long a list of plugins may be to be judged as a whole. Real ones have ten at most."""


def child_of(node: Node, key: str) -> Node | None:
    """The value of a key of a plugin in any letter case, the last of several: how Go fills a struct."""
    member = node.folded(key) if isinstance(node, ObjectNode) else None
    return member.node if member else None


def value_at(node: Node, key: str) -> Node:
    """The same to point to: the node itself when it has no such key."""
    return child_of(node, key) or node


def string_at(node: ObjectNode, key: str) -> str | None:
    """The string under ``key``; ``None`` when there is none or it is something else."""
    return _text(child_of(node, key))


def _text(node: Node | None) -> str | None:
    return node.value if isinstance(node, ScalarNode) and isinstance(node.value, str) else None


def top_level(root: ObjectNode, key: str) -> Node | None:
    """The value of a key at the top of a config, as libcni finds it.

    In a list it must be spelt exactly; in a single plugin's config, which Go reads into a struct, any letter case does.
    """
    if "plugins" in root:
        return root.child(key)
    member = root.folded(key)
    return member.node if member else None


def object_at(node: ObjectNode, key: str) -> ObjectNode | None:
    """The object under ``key``; ``None`` when there is none or it is something else."""
    child = child_of(node, key)
    return child if isinstance(child, ObjectNode) else None


def items_at(node: ObjectNode, key: str) -> list[Node]:
    """The items of the array under ``key``; empty when there is none or it is something else."""
    return _items(child_of(node, key))


def _items(node: Node | None) -> list[Node]:
    return node.items if isinstance(node, ArrayNode) else []


def given(node: ObjectNode, key: str) -> bool:
    """Whether ``key`` is there and not null, which Go reads as absent."""
    child = child_of(node, key)
    return child is not None and child.kind != "null"


def is_true(node: ObjectNode, key: str) -> bool:
    """Whether ``key`` holds the literal ``true``."""
    child = child_of(node, key)
    return child is not None and child.value is True


class _Remembers:
    """What is asked the same questions by many rules."""

    @cached_property
    def _answers(self) -> dict[Callable[[Any], Any], Any]:
        return {}

    def once(self, work: Callable[[Self], T]) -> T:
        """What a function makes of this view, worked out the first time."""
        if work not in self._answers:
            self._answers[work] = work(self)
        answer: T = self._answers[work]
        return answer


class PluginView(_Remembers):
    """One plugin's object, in a list or standing alone.

    The keys that libcni itself reads are found in any letter case, because Go finds them so.

    Args:
        node: The object.
        network: The network that it is part of.
        index: Its place in the list's ``plugins``; ``None`` when it stands alone.
    """

    def __init__(self, node: ObjectNode, network: NetworkView, index: int | None = None) -> None:
        self.node = node
        self.network = network
        self.index = index
        self.passes_over_ipam = False
        """Whether the plugin is known not to look at its ``ipam``, whatever stands there."""

    @cached_property
    def type(self) -> str | None:
        """The plugin's type."""
        return _text(self.value_of("type"))

    def value_of(self, key: str) -> Node | None:
        """The value of a key in any letter case."""
        return child_of(self.node, key)

    @property
    def ipam(self) -> ObjectNode | None:
        """The ``ipam`` object that the plugin looks at."""
        ipam = None if self.passes_over_ipam else self.value_of("ipam")
        return ipam if isinstance(ipam, ObjectNode) else None

    @property
    def ipam_type(self) -> str | None:
        """The type of the IPAM plugin; ``None`` without one."""
        member = self.ipam.folded("type") if self.ipam else None
        return _text(member.node) if member else None

    @cached_property
    def capabilities(self) -> frozenset[str]:
        """The capabilities that are declared as ``true``."""
        declared = self.value_of("capabilities")
        if not isinstance(declared, ObjectNode):
            return frozenset()
        return frozenset(member.name for member in declared if member.node.value is True)

    def executables(self) -> Iterator[tuple[str, Node]]:
        """The types whose executables this plugin needs, its own first, each with the node that names it."""
        for holder in (self.node, self.ipam, object_at(self.node, "delegate")):
            member = holder.folded("type") if holder else None
            name = _text(member.node) if member else None
            if member and name:
                yield name, member.node


class NetworkView(_Remembers):
    """A network config: a list of plugins, or a single one.

    Args:
        document: The parsed text; its root must be an object.
        node: The object that holds the config.
        assumed: The spec version to take in place of the declared one; ``None`` to take that.
    """

    def __init__(self, document: Document, node: ObjectNode, assumed: SpecVersion | None = None) -> None:
        self.document = document
        self.node = node
        self.assumed = assumed

    @property
    def is_list(self) -> bool:
        """Whether it is a list, which has the key ``plugins``."""
        return "plugins" in self.node

    @property
    def judged_plugins(self) -> list[PluginView]:
        """The plugins that are judged one by one: those of an excessive list up to `MOST_PLUGINS`."""
        return self.plugins[:MOST_PLUGINS]

    @property
    def is_excessive(self) -> bool:
        """Whether the list has more plugins than any network needs."""
        return len(self.plugins) > MOST_PLUGINS

    @property
    def name(self) -> str | None:
        """The network's name."""
        return _text(top_level(self.node, "name"))

    @property
    def version_node(self) -> Node:
        """The value of ``cniVersion``; the config's object when it is missing."""
        return top_level(self.node, "cniVersion") or self.node

    @property
    def version_text(self) -> str | None:
        """``cniVersion`` as written, or the one that is assumed; ``None`` when it is absent or no string."""
        return self.declared if self.assumed is None else str(self.assumed)

    @property
    def declared(self) -> str | None:
        """``cniVersion`` as written, whatever is assumed; ``None`` when it is absent or no string."""
        return _text(top_level(self.node, "cniVersion"))

    @cached_property
    def version(self) -> SpecVersion | None:
        """The spec version that a runtime would use; ``None`` when it is none that was published.

        With ``cniVersions`` (since 1.1.0, in a list only) that is the newest of all that are offered.
        """
        if self.assumed is not None:
            return self.assumed
        more = _items(self.node.child("cniVersions")) if self.is_list else []
        offered = [self.version_text, *(item.value for item in more)]
        known = [version for text in offered if isinstance(text, str) and (version := SpecVersion.of(text))]
        if known:
            return max(known)
        # absent, null and the empty string are one to libcni and to plugins
        return DEFAULT if self.version_node is self.node or self.version_node.value in (None, "") else None

    @cached_property
    def plugins(self) -> list[PluginView]:
        """The plugins in order; entries that are no objects are left out."""
        if not self.is_list:
            return [PluginView(self.node, self)] if self.node.folded("type") else []
        entries = enumerate(_items(self.node.child("plugins")))
        return [PluginView(node, self, index) for index, node in entries if isinstance(node, ObjectNode)]


def view(document: Document, assumed: SpecVersion | None = None) -> NetworkView | None:
    """The config in a document; ``None`` when its root is no object.

    Args:
        document: The parsed text.
        assumed: The spec version to take in place of the declared one.
    """
    return NetworkView(document, document.root, assumed) if isinstance(document.root, ObjectNode) else None
