"""What is told to plugins about a Pod, for people and shells."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.render.runtime_config import Told


def render(told: Told, paper: Paper) -> None:
    """Writes the two variables that cnitool and ``cnictl exec`` read, as a shell takes them, and who is told what."""
    stream = paper.stream  # what a shell is to read must not be wrapped
    stream.write(f"export CAP_ARGS={shlex.quote(_text(told.capability_args))}\n")
    stream.write(f"export CNI_ARGS={shlex.quote(';'.join(f'{key}={value}' for key, value in told.args))}\n")
    for plugin, values in told.plugins:
        paper.line(f"# {plugin} is told {_text(values) if values else 'nothing'}")


def _text(value: Any) -> str:  # noqa: ANN401  # any JSON value
    """JSON without control characters, which could give a terminal orders."""
    return json.dumps(value)
