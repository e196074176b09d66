"""`--help` on every level: it works, shows an example, and fits a terminal."""

from __future__ import annotations

import pytest

from cnictl import __version__
from cnictl.cli.lazy import load_command


def commands(command=None, path=()):
    """Every command there is, by the words that a user types."""
    command = command or load_command("cnictl.cli.root", "cnictl")
    yield path
    context = command.make_context("cnictl", [], resilient_parsing=True)
    for name in getattr(command, "commands", {}):
        yield from commands(command.resolve_command(context, [name])[1], (*path, name))


ALL = list(commands())


def test_there_are_the_commands_of_the_main_job():
    assert {("validate",), ("exec", "add"), ("exec", "check"), ("exec", "del"), ("doctor",), ("generate",)} <= set(ALL)


@pytest.mark.parametrize("path", ALL, ids=" ".join)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_shows_usage_and_an_example(cnictl, monkeypatch, path, option):
    monkeypatch.setenv("COLUMNS", "80")
    ended = cnictl(*path, option)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: {' '.join(('cnictl', *path))} ")
    assert f"{' '.join(('cnictl', *path))} " in ended.out.split("Example", 1)[1]
    assert max(map(len, ended.out.splitlines())) <= 80


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_option_says_what_it_does(path):
    command = load_command("cnictl.cli.root", "cnictl")
    for name in path:
        command = command.resolve_command(command.make_context("cnictl", [], resilient_parsing=True), [name])[1]
    for parameter in command.params:
        assert (getattr(parameter, "help", None) or "").strip(), parameter.name


def test_the_version_is_printed_wherever_it_is_asked_for(cnictl):
    for arguments in (["--version"], ["-V"], ["--version", "validate"]):
        assert cnictl(*arguments).out == f"cnictl {__version__}\n"
