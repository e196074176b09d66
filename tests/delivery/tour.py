"""The main commands, run where cnictl was installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from cnictl import __version__
from tests.support.command import PROJECT, Ended

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EXAMPLES = PROJECT / "docs" / "examples"
WRONG = {"cniVersion": "1.0.0", "name": "wrong", "plugins": [{"type": "bridge", "isGatway": True, "mtu": "big"}]}
PLUGIN = """\
#!/bin/sh
echo '{"cniVersion": "1.0.0", "supportedVersions": ["1.0.0"]}'
"""
PLAIN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


class Installed(NamedTuple):
    """A cnictl that was installed somewhere.

    Attributes:
        command: What starts it, there.
        files: The directory with files for it, as this process sees it.
        seen: The same directory as the command sees it.
        environment: All the variables that it gets.
    """

    command: list[str]
    files: Path
    seen: str
    environment: Mapping[str, str]

    def run(self, *arguments: str, **variables: str) -> Ended:
        """Runs it, and says what came of it.

        Args:
            arguments: What follows the program's name; ``@`` stands for the directory with files.
            variables: More variables of its environment.
        """
        words = [argument.replace("@", self.seen) for argument in arguments]
        done = subprocess.run(
            [*self.command, *words],
            env={**self.environment, **variables},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return Ended(done.returncode, done.stdout, done.stderr)


def lay_out(place: Path) -> None:
    """Puts the files there that the commands look at."""
    shutil.copytree(EXAMPLES, place / "examples", dirs_exist_ok=True)
    (place / "wrong.conflist").write_text(json.dumps(WRONG))
    (place / "bin").mkdir(exist_ok=True)
    (place / "bin" / "noop").write_text(PLUGIN)
    (place / "bin" / "noop").chmod(0o755)
    (place / "node" / "etc" / "cni" / "net.d").mkdir(parents=True, exist_ok=True)


class Stop(NamedTuple):
    """A command of the tour, and what it is to come to.

    Attributes:
        arguments: What follows the program's name.
        statuses: The exit statuses that are right.
        shown: What it must print.
    """

    arguments: list[str]
    statuses: set[int]
    shown: str


TOUR = {
    "version": Stop(["--version"], {0}, f"cnictl {__version__}\n"),
    "help": Stop(["--help"], {0}, "validate"),
    "validate": Stop(["validate", "@/examples/30-bridge.conflist"], {0}, "no problems"),
    "validate with findings": Stop(["validate", "@/examples/90-broken.conflist"], {1}, "CNI305"),
    "validate with schemas": Stop(["validate", "@/wrong.conflist"], {1}, 'error[CNI402]: "mtu"'),
    "validate YAML": Stop(["validate", "@/examples/manifests"], {0}, "1 config inside"),
    "explain": Stop(["explain", "CNI305"], {0}, "hostPort"),
    "generate": Stop(["generate", "bridge", "--name", "demo", "--subnet", "10.88.0.0/16"], {0}, '"cniVersion"'),
    "runtime-config": Stop(["runtime-config", "@/examples/pod.yaml"], {0}, "portMappings"),
    "doctor of a tree": Stop(["doctor", "--root", "@/node", "--format", "json"], {0, 1}, '"cnictl.doctor/1"'),
    "doctor": Stop(["doctor"], {0, 1}, " ok"),
    "exec": Stop(["exec", "version", "noop", "--bin-dir", "@/bin"], {0}, "noop"),
    "completion": Stop(["completion", "bash"], {0}, "complete "),
}


def visit(installed: Installed, name: str) -> None:
    """Runs a command of the tour and looks at what came of it."""
    stop = TOUR[name]
    ended = installed.run(*stop.arguments)
    assert ended.status in stop.statuses, ended
    assert stop.shown in ended.out, ended
    assert "Traceback" not in ended.out + ended.err
    assert "a bug in cnictl" not in ended.err
