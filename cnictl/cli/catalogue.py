"""Every code there is, whoever reports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.conformance.registry import all_cases
from cnictl.doctor.registry import all_checks
from cnictl.trial.registry import all_steps
from cnictl.validate.registry import all_rules

if TYPE_CHECKING:
    from cnictl.report.explanation import Explanation


def all_explanations() -> list[Explanation]:
    """The text behind every code, in the order of the codes.

    Raises:
        ValueError: A code is used twice; codes are unique over the whole tool.
    """
    explanations = [rule.explanation for rule in all_rules()]
    explanations += [check.explanation for check in all_checks()]
    explanations += [step.explanation for step in all_steps()]
    explanations += [case.explanation for case in all_cases()]
    codes = [explanation.code for explanation in explanations]
    twice = {code for code in codes if codes.count(code) > 1}
    if twice:
        message = f"codes used twice: {', '.join(sorted(twice))}"
        raise ValueError(message)
    return sorted(explanations, key=lambda explanation: explanation.code)
