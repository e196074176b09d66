"""Runs scripted plugins one by one, as no runtime does."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cnictl.invoke.executor import ProcessExecutor
from tests.support.plugins import invocation

if TYPE_CHECKING:
    from cnictl.invoke.invocation import Exchange
    from cnictl.testing import ScriptedPlugin


def run(
    plugin: ScriptedPlugin,
    verb: str = "ADD",
    stdin: bytes = b'{"cniVersion":"1.0.0"}',
    timeout: float = 20,
    **more: str,
) -> Exchange:
    """Runs a scripted plugin with these variables and what it needs to find its tools.

    Args:
        plugin: The plugin.
        verb: The command.
        stdin: What it reads.
        timeout: Seconds it may take.
        more: Further variables.
    """
    environment = {"PATH": os.environ["PATH"], "CNI_COMMAND": verb} | more
    return ProcessExecutor(grace=0.2).run(
        invocation(plugin.path, verb=verb, environment=environment, stdin=stdin), timeout
    )
