"""A user's project that has cnictl installed, and runs pytest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

from tests.support.command import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.node import Node


class UserProject:
    """A directory of tests. pytest finds the plugin there by the entry point that ``pyproject.toml`` names.

    Args:
        directory: An empty directory.
    """

    def __init__(self, directory: Path) -> None:
        self.tests = directory / "project"
        self.tests.mkdir()
        (self.tests / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
        self.site = directory / "site"
        _install(self.site / "cnictl_as_installed-0.dist-info")
        path = os.pathsep.join([str(self.site), str(PROJECT)])
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        self.environment = kept | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}

    def write(self, text: str, name: str = "test_it.py") -> None:
        """Writes a file of tests."""
        (self.tests / name).write_text(text)

    def command(self, *options: str) -> list[str]:
        """The command that runs its tests."""
        basetemp = f"--basetemp={self.tests.parent / 'temp'}"
        return [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", basetemp, *options, str(self.tests)]

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Runs its tests."""
        return subprocess.run(
            self.command(*options), env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )


def _install(metadata: Path) -> None:
    groups = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["entry-points"]
    lines = [f"{name} = {module}\n" for name, module in groups["pytest11"].items()]
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: cnictl-as-installed\nVersion: 0\n")
    (metadata / "entry_points.txt").write_text(f"[pytest11]\n{''.join(lines)}")


def inside(node: Node, project: UserProject, *before: str) -> subprocess.CompletedProcess[str]:
    """Runs a project's tests in a throwaway node.

    Args:
        node: The node.
        project: The project.
        before: A command that runs pytest as the command that follows it.
    """
    command = node.inside([*before, *project.command()])
    return subprocess.run(command, env=project.environment, capture_output=True, text=True, check=False, timeout=60)


def outcomes(text: str) -> dict[str, int]:
    """How many tests came to what, as the last line of pytest says."""
    return {
        word: int(number) for number, word in re.findall(r"(\d+) (\w+)", text.splitlines()[-1].partition(" in ")[0])
    }
