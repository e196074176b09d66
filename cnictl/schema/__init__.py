"""The schemas of plugins, and where a config is not as they want it."""

from __future__ import annotations

from cnictl.schema.hints import Hints, Key, is_kind, plugin_hints, plugin_keys
from cnictl.schema.library import (
    SCHEMA_DIR,
    Library,
    PluginFacts,
    is_reference,
    known_types,
    plugin_facts,
    plugin_schema,
    using,
)
from cnictl.schema.own import open_library
from cnictl.schema.violation import Violation, violations

__all__ = [
    "SCHEMA_DIR",
    "Hints",
    "Key",
    "Library",
    "PluginFacts",
    "Violation",
    "is_kind",
    "is_reference",
    "known_types",
    "open_library",
    "plugin_facts",
    "plugin_hints",
    "plugin_keys",
    "plugin_schema",
    "using",
    "violations",
]
