"""What a step of a trial is, and where all steps are.

A step is a function in a module of `cnictl.trial.steps` with the decorator `step`. It does something with a `Bench` and
yields `Seen` for each thing that it has seen to hold, and `Flaw` for each that does not; or it raises `Skip` when it
cannot be tried here. A step that has seen nothing is never a pass. The decorated function is the whole definition: its
docstring is the explanation of its code, in the form that `cnictl.report.explanation` describes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cnictl.report.explanation import Explanation, read_explanation
from cnictl.report.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cnictl.report.finding import Finding
    from cnictl.trial.bench import Bench


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


StepFunction: TypeAlias = "Callable[[Bench], Iterator[Seen | Flaw]]"


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
    """

    code: str
    name: str
    title: str
    needs: tuple[str, ...]
    run: StepFunction = field(repr=False)
    docstring: str | None = field(repr=False)

    @cached_property
    def explanation(self) -> Explanation:
        """The text behind the code."""
        return read_explanation(self.code, self.name, Severity.ERROR, self.docstring)


_STEPS: dict[str, Step] = {}


def step(code: str, name: str, title: str, *, needs: tuple[str, ...] = ()) -> Callable[[StepFunction], StepFunction]:
    """Makes a function a step; the arguments are those of `Step`.

    Raises:
        ValueError: The code or the name is taken.
    """

    def decorate(function: StepFunction) -> StepFunction:
        if any(code == other.code or name == other.name for other in _STEPS.values()):
            message = f"{code} {name}: the code or the name is taken"
            raise ValueError(message)
        _STEPS[code] = Step(code, name, title, needs, function, function.__doc__)
        return function

    return decorate


@cache
def all_steps() -> tuple[Step, ...]:
    """Every step there is, in the order in which they are made."""
    from cnictl.trial import steps

    for module in iter_modules(steps.__path__):
        import_module(f"{steps.__name__}.{module.name}")
    return tuple(sorted(_STEPS.values(), key=lambda entry: entry.code))
