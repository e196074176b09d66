"""``cnictl completion`` prints the scripts of the package."""

from __future__ import annotations

import pytest

from cnictl.cli.completion import SCRIPTS
from tests.support.command import PROJECT, run_process


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_is_printed_as_it_lies_there(cnictl, shell):
    ended = cnictl("completion", shell)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out == (PROJECT / "completions" / SCRIPTS[shell]).read_text()


def test_there_is_a_script_for_every_shell():
    assert {path.name for path in (PROJECT / "completions").iterdir()} == set(SCRIPTS.values())


def test_another_shell_has_none(cnictl):
    ended = cnictl("completion", "tcsh")
    assert (ended.status, ended.out) == (2, "")
    assert 'no completion for "tcsh"' in ended.err
    assert "bash, zsh, fish" in ended.err


def test_what_a_script_asks_for_is_answered_and_nothing_else_is():
    assert run_process("__complete", "bash", "cnictl ex", "").out == "nosort\nexec\nexplain\n"
    assert run_process("__complete", "zsh", "ex").out.splitlines()[0] == "\t\tcommand"
    assert run_process("__complete", "fish", "ex").out.splitlines()[0] == "\t"
    for arguments in ([], ["tcsh"]):
        ended = run_process("__complete", *arguments)
        assert (ended.status, ended.out, ended.err) == (2, "", "")


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_shell_that_says_nothing_is_answered_too(shell):
    assert run_process("__complete", shell).status == 0


def test_hidden_files_are_offered_to_those_who_begin_with_a_dot(tmp_path):
    for name in (".hidden.conflist", "10-net.conflist", "notes.txt"):
        (tmp_path / name).write_text("")
    ask = ("__complete", "bash", f"cnictl validate {tmp_path}/")
    assert run_process(*ask).out.splitlines() == ["nosort filenames", f"{tmp_path}/10-net.conflist"]
    assert run_process(*ask[:2], f"{ask[2]}.").out.splitlines()[1:] == [f"{tmp_path}/.hidden.conflist"]


def test_a_name_that_the_locale_does_not_have_is_left_out(tmp_path):
    (tmp_path / "ünï").write_text("")
    (tmp_path / "ünï").chmod(0o755)
    config = tmp_path / "net.conflist"
    config.write_text('{"plugins": [{"type": "ünï"}, {"type": "bridge"}]}')
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for line, plain in ((f"cnictl plugins --bin-dir {tmp_path} ", []), (f"cnictl chain remove {config} ", ["bridge"])):
        assert run_process("__complete", "bash", line, "").out.splitlines()[1:] == ["ünï", *plain]
        ended = run_process("__complete", "bash", line, "", **ascii_only)
        assert (ended.status, ended.out.splitlines()[1:], ended.err) == (0, plain, "")
