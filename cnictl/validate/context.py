"""A file under judgement, with what several rules need worked out once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from cnictl.model.structure import Fault, structure_faults
from cnictl.model.view import NetworkView, PluginView, view
from cnictl.schema import Violation, plugin_facts, violations

if TYPE_CHECKING:
    from cnictl.text.document import Document, Problem


class ConfigFile:
    """A parsed file.

    Args:
        document: Its text, parsed.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.path = document.source.path

    @cached_property
    def network(self) -> NetworkView | None:
        """The network in it; ``None`` when the text is not clear or no object."""
        return view(self.document) if self.document.complete else None

    @property
    def plugins(self) -> list[PluginView]:
        """The plugins of the network."""
        return self.network.plugins if self.network else []

    def problems(self, kind: str) -> list[Problem]:
        """What is wrong with the text as JSON, of one kind."""
        return [problem for problem in self.document.problems if problem.kind == kind]

    @cached_property
    def faults(self) -> list[Fault]:
        """What libcni or the plugins would refuse to load."""
        return list(structure_faults(self.document)) if self.document.complete else []

    @cached_property
    def violations(self) -> list[Violation]:
        """Where plugins and their IPAM objects are not as their schemas want them."""
        found: list[Violation] = []
        for plugin in self.plugins:
            facts = plugin_facts(plugin.type or "")
            if facts is None or facts.role != "ipam":  # the schema of an IPAM plugin is about the ipam object
                found += violations(plugin.type or "", plugin.node)
            if plugin.ipam is not None:
                found += violations(plugin.ipam_type or "", plugin.ipam)
        return found
