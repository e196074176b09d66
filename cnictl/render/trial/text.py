"""A trial for people: a line for each step, and below those that failed why, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.steps import place_of, write_step, write_sum

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.finding import Finding
    from cnictl.report.trial import Trial


def render(trial: Trial, paper: Paper, *, verbose: bool = False) -> None:
    """Writes each step with what was seen, or with what is wrong, and a summary.

    Args:
        trial: The outcome.
        paper: Where to write.
        verbose: Whether to show all the evidence, and what was seen before something failed.
    """
    plugins = trial.facts.get("plugins")
    types = ", ".join(map(str, plugins)) if isinstance(plugins, list) else ""
    paper.paragraph(("network  ", "bold"), f"{trial.facts.get('network') or trial.file}: {types}")
    paper.blank()
    for step in trial.steps:
        write_step(step, paper, _source, verbose=verbose)
    paper.blank()
    write_sum(len(trial.steps), "step", trial.seconds, trial.counts(), paper)


def _source(finding: Finding) -> tuple[str, str]:
    return "at:  ", place_of(finding)
