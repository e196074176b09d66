"""What a rule is, and where all rules are.

A rule is a function in a module of `cnictl.validate.rules`, with one of three decorators that say what it looks
at. The decorated function is the whole definition: its docstring is the explanation of its code, in the form
that `cnictl.report.explanation` describes, and the examples in it are run as tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cnictl.report.explanation import Explanation, read_explanation
from cnictl.report.finding import Applicable, Fix, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cnictl.model.view import NetworkView, PluginView
    from cnictl.text.node import Label
    from cnictl.validate.context import ConfigFile


class Hit(NamedTuple):
    """What a rule yields: a place, and what is wrong there."""

    label: Label
    """The value or key at fault; the object that lacks a key, when one is missing."""
    message: str
    """One sentence about this very value."""
    fix: Fix | None = None
    evidence: Mapping[str, object] = {}  # never changed


def safe(description: str) -> Fix:
    """A fix that changes nothing that works."""
    return Fix(description, Applicable.SAFE)


def unsafe(description: str) -> Fix:
    """A fix that could change what the config means."""
    return Fix(description, Applicable.UNSAFE)


def manual(description: str) -> Fix:
    """A fix that needs a decision."""
    return Fix(description, Applicable.MANUAL)


FileCheck: TypeAlias = "Callable[[ConfigFile], Iterator[Hit]]"
NetworkCheck: TypeAlias = "Callable[[NetworkView], Iterator[Hit]]"
PluginCheck: TypeAlias = "Callable[[PluginView], Iterator[Hit]]"


@dataclass(frozen=True)
class Rule:
    """A rule.

    Attributes:
        code: Its code, such as ``CNI305``.
        name: Its name, such as ``portmap-without-capability``.
        severity: The severity of its findings.
        docstring: Its explanation, unread.
        on_file: Looks at a whole file, also at one that is no JSON.
        on_network: Looks at a network.
        on_plugin: Looks at each plugin.
        types: The plugin types that ``on_plugin`` looks at; empty for all.
    """

    code: str
    name: str
    severity: Severity
    docstring: str | None = field(repr=False)
    on_file: FileCheck | None = None
    on_network: NetworkCheck | None = None
    on_plugin: PluginCheck | None = None
    types: frozenset[str] = frozenset()

    @cached_property
    def explanation(self) -> Explanation:
        """The text behind the code."""
        return read_explanation(self.code, self.name, self.severity, self.docstring)


_RULES: dict[str, Rule] = {}


def _register(rule: Rule) -> None:
    if any(rule.code == other.code or rule.name == other.name for other in _RULES.values()):
        message = f"{rule.code} {rule.name}: the code or the name is taken"
        raise ValueError(message)
    _RULES[rule.code] = rule


def file_rule(code: str, name: str, severity: Severity) -> Callable[[FileCheck], FileCheck]:
    """Makes a function a rule that looks at a whole file."""

    def decorate(check: FileCheck) -> FileCheck:
        _register(Rule(code, name, severity, check.__doc__, on_file=check))
        return check

    return decorate


def network_rule(code: str, name: str, severity: Severity) -> Callable[[NetworkCheck], NetworkCheck]:
    """Makes a function a rule that looks at a network, once its text is clear."""

    def decorate(check: NetworkCheck) -> NetworkCheck:
        _register(Rule(code, name, severity, check.__doc__, on_network=check))
        return check

    return decorate


def plugin_rule(code: str, name: str, severity: Severity, *types: str) -> Callable[[PluginCheck], PluginCheck]:
    """Makes a function a rule that looks at each plugin of these types, or of all types when none is named."""

    def decorate(check: PluginCheck) -> PluginCheck:
        _register(Rule(code, name, severity, check.__doc__, on_plugin=check, types=frozenset(types)))
        return check

    return decorate


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule there is, in the order of the codes."""
    from cnictl.validate import rules

    for module in iter_modules(rules.__path__):
        import_module(f"{rules.__name__}.{module.name}")
    return tuple(sorted(_RULES.values(), key=lambda rule: rule.code))
