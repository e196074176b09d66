"""Opens a shell for the user, in the namespaces of the calling thread."""

from __future__ import annotations

import os
import subprocess


def open_shell(prompt: str) -> int:
    """Opens the user's shell, or ``/bin/sh``, on the streams of this process and waits for its end.

    Args:
        prompt: What is to stand before each command.

    Returns:
        Its exit status.
    """
    shell = os.environ.get("SHELL") or "/bin/sh"
    # A startup file would replace the prompt that tells where one is.
    options = ["--norc"] if os.path.basename(shell) == "bash" else []  # noqa: PTH119  # a name, not a path
    return subprocess.call([shell, *options], env=os.environ | {"PS1": f"{prompt} # "})  # noqa: S603  # the user's own
