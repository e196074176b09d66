"""Start-up is kept short by what is not loaded. This looks at what is; `make bench` at how long it takes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cnictl import _MODULES
from tests.support.command import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = PROJECT / "docs" / "examples"

HEAVY = {
    "asyncio",
    "email",
    "h2",
    "http",
    "jsonschema",
    "pydantic",
    "pyroute2",
    "rich.console",
    "rpds",
    "unittest",
    "yaml",
}
"""Each takes as long to load as half a bare interpreter's start, or longer."""

MODULES = """
import sys
from cnictl.cli.entry import run
status = run(sys.argv[1:])
print(status, *sys.modules, file=sys.stderr)
"""


def loaded_by(*arguments: str, status: int = 0, code: str = MODULES) -> set[str]:
    """The modules that a command loads."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    ended, *modules = done.stderr.splitlines()[-1].split()
    assert int(ended) == status, done.stderr
    return set(modules)


@pytest.fixture
def noop(tmp_path: Path) -> list[str]:
    plugin = tmp_path / "noop"
    plugin.write_text('#!/bin/sh\necho \'{"cniVersion": "1.0.0"}\'\n')
    plugin.chmod(0o755)
    (tmp_path / "noop.conflist").write_text('{"cniVersion": "1.0.0", "name": "noop", "plugins": [{"type": "noop"}]}')
    network = str(tmp_path / "noop.conflist")
    return [network, "/proc/self/ns/net", "--bin-dir", str(tmp_path), "--cache-dir", str(tmp_path / "cache")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["exec", "--help"],
        ["exec", "add", "--help"],
        ["validate", "--help"],
        ["explain", "CNI305"],
        ["rules"],
        ["schema", "conflist"],
        ["doctor", "--list"],
        ["generate", "--help"],
        ["generate", "bridge", "--help"],
        ["chain", "add", "--help"],
        ["chain", "list", str(EXAMPLES / "30-bridge.conflist")],
        ["upgrade", "--help"],
        ["runtime-config", "--help"],
        ["try", "--help"],
        ["conformance", "--help"],
        ["conformance", "--list"],
    ],
    ids=" ".join,
)
def test_commands_that_judge_nothing_load_nothing_heavy(arguments):
    assert loaded_by(*arguments) & HEAVY == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", str(EXAMPLES / "30-bridge.conflist")],
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_judges_loads_jsonschema_and_nothing_else_that_is_heavy(arguments):
    assert loaded_by(*arguments) & HEAVY <= {"jsonschema", "rpds", "http", "email"}


def test_exec_add_loads_neither_schemas_nor_models_nor_netlink(noop):
    assert loaded_by("exec", "add", *noop) & HEAVY == set()


def test_exec_add_with_a_pod_loads_what_reads_it(noop):
    assert loaded_by("exec", "add", *noop, "--pod", str(EXAMPLES / "pod.yaml")) & HEAVY >= {"yaml", "pydantic"}


COMPLETING = """
import sys
from cnictl.cli.completing.answer import answer
status = answer(sys.argv[1:])
print(status, *sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(
    "line",
    [
        "",
        "validate --",
        "explain CNI3",
        "exec add --conf-dir {} ",
        "exec del --cache-dir {} x ",
        "plugins ",
        "chain add ",
    ],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_loads_neither_a_command_nor_anything_heavy(tmp_path, shell, line):
    words = line.format(tmp_path).split(" ")
    said = {"bash": [f"cnictl {line.format(tmp_path)}", ":="], "zsh": words, "fish": [words[-1], *words[:-1]]}
    modules = loaded_by(shell, *said[shell], code=COMPLETING)
    assert modules & HEAVY == set()
    commands = {name for name in modules if name.startswith("cnictl.cli.") and "completing" not in name}
    assert commands <= {f"cnictl.cli.{name}" for name in ("entry", "help", "lazy", "options", "terminal")}
    assert not any(name.startswith(("cnictl.validate", "cnictl.doctor", "cnictl.trial")) for name in modules)


def test_doctor_loads_netlink_on_a_live_node_alone_and_never_models(tmp_path):
    heavy = {"pydantic", "pyroute2", "rich.console", "yaml", "h2"}
    assert loaded_by("doctor", "--root", str(tmp_path), status=1) & heavy == set()
    places = ["--conf-dir", str(tmp_path), "--bin-dir", str(tmp_path)]
    assert loaded_by("doctor", *places, status=1) & (heavy - {"h2"}) <= {"pyroute2"}


def test_a_command_loads_no_other_command():
    modules = loaded_by("explain", "CNI305")
    commands = {path.stem for path in (PROJECT / "cnictl" / "cli").glob("*.py")} & {"validate", "doctor", "generate"}
    assert commands == {"validate", "doctor", "generate"}
    assert not modules & {f"cnictl.cli.{command}" for command in commands}


def test_version_loads_nothing_but_the_edge():
    code = "import sys; before = set(sys.modules); import cnictl.cli.entry; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"__future__", "errno", "cnictl", "cnictl.cli", "cnictl.cli.entry"}


def test_the_library_loads_a_name_when_it_is_used():
    code = "import sys, cnictl; print(*[name for name in sys.modules if name.startswith('cnictl')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["cnictl"]
    for name, module in _MODULES.items():
        code = f"import cnictl; print(cnictl.{name}.__module__)"
        if name in ("CNI", "Attachment", "Result", "CNIError"):
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            assert done.stdout.strip() == module


def test_the_library_loads_nothing_heavy_to_run_a_network():
    code = "import sys; from cnictl import *; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert set(done.stdout.split()) & (HEAVY | {"typer", "rich"}) == set()
