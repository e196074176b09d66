"""``cnictl completion``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import Common, takes
from cnictl.errors import ExitCode, UsageError

app = new_app()

_SHIPPED = Path(__file__).parent.parent / "completions"
_CHECKOUT = Path(__file__).parent.parent.parent / "completions"

COMPLETION_DIR = _SHIPPED if _SHIPPED.is_dir() else _CHECKOUT
"""Inside the package when it is installed, at the top of the tree in a checkout."""

SCRIPTS = {"bash": "cnictl.bash", "zsh": "_cnictl", "fish": "cnictl.fish"}
"""The script of each shell, under the name by which that shell finds it."""


@dataclass(kw_only=True, repr=False, eq=False)
class CompletionOptions(Common):
    """The options of ``cnictl completion``."""

    shell: Annotated[str, typer.Argument(metavar="bash|zsh|fish", help="The shell that is to complete.")]


@app.command(
    cls=Command,
    epilog="""\b
Examples:
  source <(cnictl completion bash)        in ~/.bashrc
  source <(cnictl completion zsh)         in ~/.zshrc, behind compinit
  cnictl completion fish >~/.config/fish/completions/cnictl.fish""",
)
@takes(CompletionOptions)
def completion(options: CompletionOptions) -> int:
    """Print the script with which a shell completes commands, options, codes and the names that are there.

    Where cnictl was installed as a package of the distribution, the script is in place already.
    """
    if options.shell not in SCRIPTS:
        message = f'there is no completion for "{options.shell}"'
        raise UsageError(message, hint=f"there are {', '.join(SCRIPTS)}")
    options.out.stream.write((COMPLETION_DIR / SCRIPTS[options.shell]).read_text(encoding="utf-8"))
    return ExitCode.OK
