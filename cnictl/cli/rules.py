"""``cnictl rules``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cnictl.cli.catalogue import all_explanations
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import Common, Ignore, Select, format_option, split_codes, takes
from cnictl.errors import ExitCode
from cnictl.render import renderer
from cnictl.report.policy import Policy

app = new_app()


@dataclass(kw_only=True, repr=False, eq=False)
class RulesOptions(Common):
    """The options of ``cnictl rules``."""

    format: Annotated[str, format_option("catalogue")] = "text"
    select: Select = None
    ignore: Ignore = None


@app.command(
    cls=Command,
    epilog="""\b
Examples:
  cnictl rules
  cnictl rules --select CNI5   those about addresses""",
)
@takes(RulesOptions)
def rules(options: RulesOptions) -> int:
    """List every code there is.

    Those of `validate` are CNI0xx to CNI7xx, of `doctor`, CNI8xx, and of `try` and
    `conformance`, CNI9xx.
    """
    policy = Policy(split_codes(options.select), split_codes(options.ignore))
    renderer("catalogue", options.format)([code for code in all_explanations() if policy.wants(code)], options.out)
    return ExitCode.OK
