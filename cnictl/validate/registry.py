"""What a rule is, and where all rules are.

A rule is a function in a module of `cnictl.validate.rules`, with a decorator that says what it looks at. The
decorated function is the whole definition: its docstring is the explanation of its code, in the form that
`cnictl.report.explanation` describes, and the examples in it are run as tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from cnictl.report.explanation import Explanation, read_explanation
from cnictl.report.finding import Applicable, Fix, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from cnictl.model.view import NetworkView, PluginView
    from cnictl.report.finding import Finding
    from cnictl.text.edit import Edit
    from cnictl.text.node import Label
    from cnictl.validate.context import ConfigFile
    from cnictl.validate.directory import Directory
    from cnictl.validate.installed import Use
    from cnictl.validate.manifest import ManifestFile


class Hit(NamedTuple):
    """What a rule yields: a place, and what is wrong there."""

    label: Label
    """The value or key at fault; the object that lacks a key, when one is missing."""
    message: str
    """One sentence about this very value."""
    fix: Fix | None = None
    evidence: Mapping[str, object] = {}  # never changed
    masked: bool = False
    """Whether the value is a secret, which must not be printed."""


class DirectoryHit(NamedTuple):
    """What a rule about a config directory yields: which file, and what is wrong with it."""

    file: str
    """The name of the file in the directory; empty for the directory itself."""
    message: str
    """One sentence about this very file."""
    label: Label | None = None
    """The place in the file; ``None`` when it is about the file as a whole."""
    fix: Fix | None = None
    evidence: Mapping[str, object] = {}  # never changed


def safe(description: str, *edits: Edit) -> Fix:
    """A fix that changes nothing that works; with edits, `cnictl validate --fix` applies it."""
    return Fix(description, Applicable.SAFE, edits)


def unsafe(description: str) -> Fix:
    """A fix that could change what the config means."""
    return Fix(description, Applicable.UNSAFE)


def manual(description: str) -> Fix:
    """A fix that needs a decision."""
    return Fix(description, Applicable.MANUAL)


FileCheck: TypeAlias = "Callable[[ConfigFile], Iterator[Hit]]"
NetworkCheck: TypeAlias = "Callable[[NetworkView], Iterator[Hit]]"
PluginCheck: TypeAlias = "Callable[[PluginView], Iterator[Hit]]"
DirectoryCheck: TypeAlias = "Callable[[Directory], Iterator[DirectoryHit]]"
ManifestCheck: TypeAlias = "Callable[[ManifestFile], Iterator[Hit]]"
UseCheck: TypeAlias = "Callable[[Use], Iterator[Hit]]"
FindingsCheck: TypeAlias = "Callable[[ConfigFile, Sequence[Finding]], Iterator[Hit]]"
Check = TypeVar("Check", bound="Callable[..., Iterator[Hit | DirectoryHit]]")


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
        on_directory: Looks at a config directory as a whole.
        on_manifest: Looks at a Kubernetes manifest, which configs stand in.
        on_use: Looks at the use of an installed plugin, when the installed ones are asked.
        on_findings: Looks at what the other rules found in a file.
    """

    code: str
    name: str
    severity: Severity
    docstring: str | None = field(repr=False)
    on_file: FileCheck | None = None
    on_network: NetworkCheck | None = None
    on_plugin: PluginCheck | None = None
    types: frozenset[str] = frozenset()
    on_directory: DirectoryCheck | None = None
    on_manifest: ManifestCheck | None = None
    on_use: UseCheck | None = None
    on_findings: FindingsCheck | None = None

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


def _rule(
    looks: str, code: str, name: str, severity: Severity, types: frozenset[str] = frozenset()
) -> Callable[[Check], Check]:
    """What registers a function as the ``looks`` of a rule, such as its ``on_plugin``."""

    def decorate(check: Check) -> Check:
        hook: dict[str, Any] = {looks: check}
        _register(Rule(code, name, severity, check.__doc__, types=types, **hook))
        return check

    return decorate


def file_rule(code: str, name: str, severity: Severity) -> Callable[[FileCheck], FileCheck]:
    """Makes a function a rule that looks at a whole file."""
    return _rule("on_file", code, name, severity)


def network_rule(code: str, name: str, severity: Severity) -> Callable[[NetworkCheck], NetworkCheck]:
    """Makes a function a rule that looks at a network, once its text is clear."""
    return _rule("on_network", code, name, severity)


def plugin_rule(code: str, name: str, severity: Severity, *types: str) -> Callable[[PluginCheck], PluginCheck]:
    """Makes a function a rule that looks at each plugin of these types, or of all types when none is named."""
    return _rule("on_plugin", code, name, severity, frozenset(types))


def directory_rule(code: str, name: str, severity: Severity) -> Callable[[DirectoryCheck], DirectoryCheck]:
    """Makes a function a rule that looks at a config directory, once its files have been judged one by one."""
    return _rule("on_directory", code, name, severity)


def manifest_rule(code: str, name: str, severity: Severity) -> Callable[[ManifestCheck], ManifestCheck]:
    """Makes a function a rule that looks at a Kubernetes manifest as a whole."""
    return _rule("on_manifest", code, name, severity)


def use_rule(code: str, name: str, severity: Severity) -> Callable[[UseCheck], UseCheck]:
    """Makes a function a rule that looks at each installed plugin that a config uses."""
    return _rule("on_use", code, name, severity)


def findings_rule(code: str, name: str, severity: Severity) -> Callable[[FindingsCheck], FindingsCheck]:
    """Makes a function a rule that looks at what the other rules found in a file."""
    return _rule("on_findings", code, name, severity)


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule there is, in the order of the codes."""
    from cnictl.validate import rules

    for module in iter_modules(rules.__path__):
        import_module(f"{rules.__name__}.{module.name}")
    return tuple(sorted(_RULES.values(), key=lambda rule: rule.code))
