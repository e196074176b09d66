"""What a check is, and where all checks are.

A check is a function in a module of `cnictl.doctor.checks` with the decorator `check`. It asks a `Node` and yields
a `Hit` for everything that is wrong, or raises `Skip` when it cannot know. The decorated function is the whole
definition: its docstring is the explanation of its code, in the form that `cnictl.report.explanation` describes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cnictl.report.explanation import Explanation, read_explanation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cnictl.doctor.node import Node
    from cnictl.report.finding import Fix, Location, Severity


class Skip(Exception):  # an answer, not an error
    """A check cannot know; ``str`` says why, as a whole sentence without a full stop."""


class Hit(NamedTuple):
    """What a check yields: a place on the node, and what is wrong there."""

    location: Location
    message: str
    """One sentence about this very value."""
    fix: Fix
    evidence: Mapping[str, object] = {}  # never changed
    severity: Severity | None = None
    """Set where it is milder here than the check usually is."""
    code: str = ""
    """Set where the finding is another family's, such as one of ``validate``: ``CNI305``."""


CheckFunction: TypeAlias = "Callable[[Node], Iterator[Hit]]"


@dataclass(frozen=True)
class Check:
    """A check.

    Attributes:
        code: Its code, such as ``CNI804``.
        name: Its name, such as ``loopback-missing``.
        severity: The severity of its findings, unless a finding says otherwise.
        category: Its group in the output.
        reads: What it looks at on the node, in words.
        well: What is true when it finds nothing, as a sentence without a full stop.
        run: Looks at the node.
        docstring: Its explanation, unread.
        leads_to: What goes wrong because of what it finds; see `EFFECTS`.
        follows: Of which effects what it finds may be nothing but a sign; see `EFFECTS`.
        symptoms: Regular expressions for what programs say when it is so: in logs, events and error messages.
        tags: Other categories whose story it belongs to: it is selected with them too.
    """

    code: str
    name: str
    severity: Severity
    category: str
    reads: str
    well: str
    run: CheckFunction = field(repr=False)
    docstring: str | None = field(repr=False)
    leads_to: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    symptoms: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @cached_property
    def explanation(self) -> Explanation:
        """The text behind the code."""
        return read_explanation(self.code, self.name, self.severity, self.docstring)


EFFECTS = {
    "runtime-down": "no container runtime answers",
    "kubelet-down": "the kubelet does not start, or cannot reach the runtime",
    "not-ready": "the runtime says that the network is not ready",
    "looks-elsewhere": "the runtime looks in other directories than those with the configs and plugins",
    "wrong-network": "pods get another network than the one that was meant",
    "add-fails": "pods get no network: ADD fails",
    "del-fails": "pods cannot be removed: DEL fails",
    "no-address": "there is no address left for a pod",
    "unreachable": "packets of pods do not arrive",
    "service-unreachable": "services do not answer pods",
    "large-packets-lost": "small packets arrive and large ones do not",
    "host-port-dead": "a hostPort does not answer, or somebody else answers",
    "no-shaping": "bandwidth is not limited as asked",
    "leak": "something is left of pods that are gone",
    "lost-at-boot": "what works now does not after the next boot",
}
"""What faults of a node bring about. They tie causes to what follows from them."""

CATEGORIES = (
    "disk",
    "runtime",
    "kubelet",
    "dockershim",
    "config files",
    "plugins",
    "loopback",
    "versions",
    "agents",
    "addresses",
    "kernel",
    "firewall",
    "host ports",
    "links and routes",
    "leftovers",
    "dns",
)
"""The groups of checks, in the order in which faults are likely to be the cause of others."""


def place_of(category: str) -> int:
    """The place of a category among `CATEGORIES`; one that is not of doctor's own comes last."""
    return CATEGORIES.index(category) if category in CATEGORIES else len(CATEGORIES)


_CHECKS: dict[str, Check] = {}


def check(  # noqa: PLR0913  # they are the attributes of a check, by name
    code: str,
    name: str,
    severity: Severity,
    category: str,
    *,
    reads: str,
    well: str,
    leads_to: tuple[str, ...] = (),
    follows: tuple[str, ...] = (),
    symptoms: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
) -> Callable[[CheckFunction], CheckFunction]:
    """Makes a function a check; the arguments are those of `Check`.

    Raises:
        ValueError: The code or the name is taken, or a category or an effect is unknown.
    """

    def decorate(function: CheckFunction) -> CheckFunction:
        if any(code == other.code or name == other.name for other in _CHECKS.values()):
            message = f"{code} {name}: the code or the name is taken"
            raise ValueError(message)
        if not {category, *tags} <= {*CATEGORIES} or not {*leads_to, *follows} <= EFFECTS.keys():
            message = f"{code} {name}: its category or an effect is unknown"
            raise ValueError(message)
        _CHECKS[code] = Check(
            code, name, severity, category, reads, well, function, function.__doc__, leads_to, follows, symptoms, tags
        )
        return function

    return decorate


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check there is, in the order of the codes."""
    from cnictl.doctor import checks

    for module in iter_modules(checks.__path__):
        import_module(f"{checks.__name__}.{module.name}")
    return tuple(sorted(_CHECKS.values(), key=lambda entry: entry.code))
