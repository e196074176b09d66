"""``cnictl explain``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from cnictl.cli.catalogue import all_explanations
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import Common, format_option, takes
from cnictl.errors import ExitCode, UsageError
from cnictl.render import renderer
from cnictl.text.suggest import closest

if TYPE_CHECKING:
    from cnictl.report.explanation import Explanation

app = new_app()


@dataclass(kw_only=True, repr=False, eq=False)
class ExplainOptions(Common):
    """The options of ``cnictl explain``."""

    code: Annotated[str, typer.Argument(metavar="CODE", help="A code such as CNI305, or its name.")]
    format: Annotated[str, format_option("explanation")] = "text"


@app.command(
    cls=Command,
    epilog="""\b
Examples:
  cnictl explain CNI305
  cnictl explain portmap-without-capability""",
)
@takes(ExplainOptions)
def explain(options: ExplainOptions) -> int:
    """Tell what a code such as CNI305 means and how to mend it."""
    renderer("explanation", options.format)(_find(options.code), options.out)
    return ExitCode.OK


def _find(wanted: str) -> Explanation:
    explanations = all_explanations()
    for explanation in explanations:
        if wanted.casefold() in (explanation.code.casefold(), explanation.name):
            return explanation
    meant = closest(wanted, [word for explanation in explanations for word in (explanation.code, explanation.name)])
    message = f'there is no code or name "{wanted}"'
    raise UsageError(message, hint=f"did you mean {meant}?" if meant else "`cnictl rules` lists them")
