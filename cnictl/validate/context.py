"""A file under judgement, with what several rules need worked out once."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from cnictl.foreign.embedded import EmbeddedSource
from cnictl.model.structure import Fault, structure_faults
from cnictl.model.view import NetworkView, PluginView, items_at, object_at, string_at, view
from cnictl.schema import Violation, plugin_facts, violations
from cnictl.text.node import Label, ObjectNode
from cnictl.text.pointer import parse_pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.version import SpecVersion
    from cnictl.text.document import Document, Problem
    from cnictl.text.source import Span

NAD = "NetworkAttachmentDefinition"
"""The kind of the objects that hold the config of a further network of a Pod."""

DROP_IN = "drop-in"
"""The same for a plugin that libcni adds to a list from a directory beside it."""

_ABOUT_THE_DECLARED_VERSION = frozenset({"version-malformed", "version-unknown"})


class ConfigFile:
    """A parsed config: a file, or what stands in a Kubernetes manifest.

    Args:
        document: Its text, parsed.
        kind: The kind of the Kubernetes object that it stands in; ``None`` for a file of its own.
        assumed: The spec version to judge it by, in place of the declared one.
        placeholders: Where a template has something for a program to fill in.
        is_json: Whether placeholders stand in strings and in values' places only, so that it has to be JSON.
        decides: Whether the template decides what is there, so that objects and lists are not what they will be.
        live: Whether a runtime reads it as it is, so that placeholders in it are not excused.

    Attributes:
        gets_plugins: Whether there are plugins for its list in a drop-in directory, so that it needs none of its own.
    """

    def __init__(
        self,
        document: Document,
        *,
        kind: str | None = None,
        assumed: SpecVersion | None = None,
        placeholders: tuple[Span, ...] = (),
        is_json: bool = True,
        decides: bool = False,
        live: bool = False,
    ) -> None:
        self.document = document
        self.path = document.source.path
        self.kind = kind
        self.assumed = assumed
        self.placeholders = placeholders
        self.is_json = is_json
        self.decides = decides
        self.live = live
        self.gets_plugins = False

    def is_filled_in(self, span: Span) -> bool:
        """Whether a stretch of the text has a placeholder in it, or is in one."""
        after = bisect_right(self.placeholders, span.start, key=lambda place: place.end)
        return after < len(self.placeholders) and self.placeholders[after].start < span.end

    @property
    def template_mark(self) -> tuple[Label, str] | None:
        """The first placeholder of a template: its place and its text."""
        if not self.placeholders:
            return None
        span = self.placeholders[0]
        return Label(span, ""), self.document.source.text[slice(*span)].partition("\n")[0].strip('"')

    @property
    def stands_alone(self) -> bool:
        """Whether it is a file that a runtime reads as it is, so that the file's name counts."""
        return self.kind is None and not self.placeholders

    @property
    def file_name(self) -> str | None:
        """What it is called as a file, which tells runtimes how to read it; ``None`` when that is not known.

        A ConfigMap's value is a file with the name of its key wherever the ConfigMap is mounted.
        """
        source = self.document.source
        if self.stands_alone:
            return self.path
        if self.placeholders or self.kind != "ConfigMap" or not isinstance(source, EmbeddedSource):
            return None
        holder, key = ["", *parse_pointer(source.origin.pointer)][-2:]
        return key if holder == "data" else None

    @property
    def is_stream(self) -> bool:
        """Whether several objects stand in it one after the other, so that nobody knows which is the config."""
        text = self.document.source.text
        return any(text.startswith("{", problem.span.start) for problem in self.problems("text-after-end"))

    @property
    def _is_clear(self) -> bool:
        return self.document.complete and not self.is_stream

    @cached_property
    def network(self) -> NetworkView | None:
        """The network in it; ``None`` when the text is not clear or no object."""
        return view(self.document, self.assumed) if self._is_clear else None

    @cached_property
    def networks(self) -> list[NetworkView]:
        """The network and those that multus is to delegate to, which are whole configs."""
        if self.network is None:
            return []
        networks = [self.network, *_delegates(self.network)]
        for plugin in (plugin for network in networks for plugin in network.plugins):
            facts = plugin_facts(plugin.type or "")
            plugin.passes_over_ipam = facts is not None and facts.role == "chained" and not facts.vendor
        return networks

    @property
    def plugins(self) -> list[PluginView]:
        """The plugins of the network."""
        return self.networks[0].plugins if self.networks else []

    def problems(self, kind: str) -> list[Problem]:
        """What is wrong with the text as JSON, of one kind."""
        return [problem for problem in self.document.problems if problem.kind == kind]

    @cached_property
    def faults(self) -> list[Fault]:
        """What libcni or the plugins would refuse to load."""
        if not self._is_clear:
            return []
        return [fault for fault in structure_faults(self.document) if not self._excused(fault)]

    def _excused(self, fault: Fault) -> bool:
        if fault.kind == "name-missing":
            return self.kind in (NAD, DROP_IN)  # multus takes the object's name, libcni the list's
        if fault.kind == "plugins-missing":
            return self.gets_plugins
        return self.assumed is not None and fault.kind in _ABOUT_THE_DECLARED_VERSION

    @cached_property
    def violations(self) -> list[Violation]:
        """Where plugins and their IPAM objects are not as their schemas want them."""
        plugins = [plugin for network in self.networks for plugin in network.judged_plugins]
        return [violation for plugin in plugins for violation in _one_for_each_mistake(list(_violations(plugin)))]


def _delegates(network: NetworkView) -> Iterator[NetworkView]:
    for plugin in network.plugins:
        for node in items_at(plugin.node, "delegates") if plugin.type == "multus" else ():
            if isinstance(node, ObjectNode):
                yield NetworkView(network.document, node, None if "cniVersion" in node else network.version)


def _violations(plugin: PluginView) -> Iterator[Violation]:
    facts = plugin_facts(plugin.type or "")
    if facts is None or facts.role != "ipam":  # the schema of an IPAM plugin is about the ipam object
        yield from violations(plugin.type or "", plugin.node)
    if plugin.ipam is not None and not is_no_ipam(plugin.ipam_type):
        yield from violations(plugin.ipam_type or "", plugin.ipam)
    delegate = object_at(plugin.node, "delegate") if plugin.type == "flannel" else None
    if delegate is not None:  # what it lacks is written by flannel
        found = violations(string_at(delegate, "type") or "bridge", delegate)
        yield from (violation for violation in found if violation.kind != "missing-key")


def is_no_ipam(name: str | None) -> bool:
    """Whether a plugin that is to give out addresses certainly gives out none; some of vendors do both."""
    facts = plugin_facts(name or "")
    return facts is not None and facts.role in ("interface", "chained") and (not facts.vendor or name == "bond")


def _one_for_each_mistake(found: list[Violation]) -> list[Violation]:
    """Joins what is said of a misspelt key that must be there: it is missing, and the wrong one is unknown.

    The fixes are to add the right key, and to write it in the place of the wrong one.
    """
    absent = {(each.label.pointer, each.fix.removeprefix("add ")): each for each in _of_kind(found, "missing-key")}
    wrong = {(_holder(each), each.fix.removeprefix("write ")): each for each in _of_kind(found, "unknown-key")}
    both = absent.keys() & wrong.keys()
    told = [each for key in both for each in (absent[key], wrong[key])]
    return [each for each in found if each not in told] + [_did_you_mean(absent[key], wrong[key]) for key in both]


def _of_kind(found: list[Violation], kind: str) -> list[Violation]:
    return [each for each in found if each.kind == kind]


def _holder(violation: Violation) -> str:
    return violation.label.pointer.rpartition("/")[0]


def _did_you_mean(absent: Violation, wrong: Violation) -> Violation:
    """What is said of a key that is missing, where the misspelt one stands and with what mends that."""
    wanted, written = absent.fix.removeprefix("add "), parse_pointer(wrong.label.pointer)[-1]
    message = f'{absent.message}; did you mean {wanted} by "{written}"?'
    return wrong._replace(kind=absent.kind, message=message)
