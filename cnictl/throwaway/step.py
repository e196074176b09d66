"""What a step is that is made in a throwaway node, and what it finds.

A step is a decorated function: it does something with a bench and yields `Seen` for each thing that it has seen to
hold, and `Flaw` for each that does not; or it raises `Skip` when it cannot be tried here. A step that has seen nothing
is never a pass. The decorated function is the whole definition: its docstring is the explanation of its code, in the
form that `cnictl.report.explanation` describes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from cnictl.report.explanation import Explanation, read_explanation
from cnictl.report.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cnictl.report.finding import Finding


class Skip(Exception):  # an answer, not an error
    """A step cannot be tried here; ``str`` says why, as a whole sentence without a full stop."""


class Seen(NamedTuple):
    """Something that holds, and how one knows."""

    text: str


class Flaw(NamedTuple):
    """Something that does not hold.

    Attributes:
        message: What happened and why, as one sentence.
        fix: What to do.
        plugin: The type of the plugin that is to blame; empty for the network as a whole.
        keys: The way from the plugin's object, or the document's, to the value that is to blame.
        evidence: What was seen, for machines.
        finding: A finding of another family that says it all.
        severity: How bad it is.
    """

    message: str
    fix: str = ""
    plugin: str = ""
    keys: tuple[str | int, ...] = ()
    evidence: Mapping[str, object] = {}  # never changed
    finding: Finding | None = None
    severity: Severity = Severity.ERROR


@dataclass(frozen=True)
class Step:
    """A step.

    Attributes:
        code: Its code, such as ``CNI904``; steps are made in the order of their codes.
        name: Its name, such as ``try-add``.
        title: What is tried, in a few words.
        needs: The names of the steps without whose success it makes no sense.
        run: Does it.
        docstring: Its explanation, unread.
        severity: How bad it is, as a rule, when it does not hold.
    """

    code: str
    name: str
    title: str
    needs: tuple[str, ...]
    run: Callable[[Any], Iterator[Seen | Flaw]] = field(repr=False)
    docstring: str | None = field(repr=False)
    severity: Severity = Severity.ERROR

    def obstacle(self, bench: Any) -> str | None:  # noqa: ANN401  # of the command that the step belongs to
        """Why it is not about what is on a bench; ``None`` when it is."""
        del bench
        return None

    @cached_property
    def explanation(self) -> Explanation:
        """The text behind the code."""
        return read_explanation(self.code, self.name, self.severity, self.docstring)


StepT = TypeVar("StepT", bound=Step)


class Steps(Generic[StepT]):
    """The steps of a command, each in a module of one package.

    Args:
        package: The package's name; every module in it is loaded when the steps are asked for.
    """

    def __init__(self, package: str) -> None:
        self._package = package
        self._steps: dict[str, StepT] = {}
        self._all: tuple[StepT, ...] = ()

    def add(self, step: StepT) -> None:
        """Adds a step.

        Raises:
            ValueError: The code or the name is taken.
        """
        if any(step.code == other.code or step.name == other.name for other in self._steps.values()):
            message = f"{step.code} {step.name}: the code or the name is taken"
            raise ValueError(message)
        self._steps[step.code] = step

    def all(self) -> tuple[StepT, ...]:
        """Every step there is, in the order in which they are made."""
        if not self._all:
            for module in iter_modules(import_module(self._package).__path__):
                import_module(f"{self._package}.{module.name}")
            self._all = tuple(sorted(self._steps.values(), key=lambda entry: entry.code))
        return self._all
