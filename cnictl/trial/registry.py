"""Where all steps of a trial are: functions in the modules of `cnictl.trial.steps` with the decorator `step`.

`cnictl.throwaway.step` says what a step is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cnictl.throwaway.step import Flaw, Seen, Skip, Step, Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnictl.trial.bench import Bench

__all__ = ["Flaw", "Seen", "Skip", "Step", "all_steps", "step"]

StepFunction: TypeAlias = "Callable[[Bench], Iterator[Seen | Flaw]]"

_STEPS = Steps[Step]("cnictl.trial.steps")

all_steps = _STEPS.all
"""Every step there is, in the order in which they are made."""


def step(code: str, name: str, title: str, *, needs: tuple[str, ...] = ()) -> Callable[[StepFunction], StepFunction]:
    """Makes a function a step; the arguments are those of `Step`.

    Raises:
        ValueError: The code or the name is taken.
    """

    def decorate(function: StepFunction) -> StepFunction:
        _STEPS.add(Step(code, name, title, needs, function, function.__doc__))
        return function

    return decorate
