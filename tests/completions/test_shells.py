"""Completion in the real shells, on a terminal: what is typed, TAB, Enter, and what the program is run with."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.completions.conftest import furnish, write_network
from tests.support.command import PROJECT
from tests.support.node import Node
from tests.support.shells import SHELLS, Shell, require_shell, write_program

HOSTILE = (
    "$(touch pwned)`touch pwned`",
    " sp'quo\"te ",
    "st*r?[a]{x,y}~",
    "back\\slash!bang",
    "col:on=eq@at,comma",
    "#;|&<>()%^",
    "ünï→語",
)
UNPRINTABLE = ("new\nline", "esc\x1b[31m")


@pytest.fixture(scope="module", params=SHELLS)
def shell(request, tmp_path_factory):
    """A shell that stands in a furnished home."""
    require_shell(request.param)
    home = tmp_path_factory.mktemp(request.param)
    furnish(home)
    (home / "hostile").mkdir()
    for number, name in enumerate((*HOSTILE, *UNPRINTABLE)):
        (home / "hostile" / f"{number}{name}").write_text("")
        (home / "hostile" / f"{number}{name}").chmod(0o755)
    with Shell(request.param, home) as started:
        yield started


@pytest.mark.parametrize(
    ("typed", "arguments"),
    [
        ("valid", ["validate"]),
        ("exec a", ["exec", "add"]),
        ("doctor mer", ["doctor", "merge"]),
        ("chain mo", ["chain", "move"]),
        ("generate host-d", ["generate", "host-device"]),
        ("generate bridge --hairp", ["generate", "bridge", "--hairpin-mode"]),
        ("validate --form\tjso\t", ["validate", "--format", "json"]),
        ("validate --format=jso", ["validate", "--format=json"]),
        ("validate -fjso", ["validate", "-fjson"]),
        ("validate --select=CNI305,cni30\t4\t", ["validate", "--select=CNI305,CNI304"]),
        ("validate net.d/1\t --form\tjs\t", ["validate", "net.d/10-web.conflist", "--format", "json"]),
        ("validate --runtime=cri", ["validate", "--runtime=cri-o"]),
        ("upgrade x --to 1.1", ["upgrade", "x", "--to", "1.1.0"]),
        ("explain CNI305", ["explain", "CNI305"]),
        ("explain portmap-witho", ["explain", "portmap-without-capability"]),
        ("validate --select CNI305,CNI508", ["validate", "--select", "CNI305,CNI508"]),
        ("doctor --select=cni804", ["doctor", "--select=CNI804"]),
        ("doctor --select 'host po", ["doctor", "--select", "host ports"]),
        ("doctor --select host\\ po", ["doctor", "--select", "host ports"]),
        ("exec add --conf-dir net.d we", ["exec", "add", "--conf-dir", "net.d", "webnet"]),
        ("exec add --conf-dir=net.d we", ["exec", "add", "--conf-dir=net.d", "webnet"]),
        ("exec add net.d/1", ["exec", "add", "net.d/10-web.conflist"]),
        ("exec add x pid", ["exec", "add", "x", "pid:"]),
        (
            "exec gc --cache-dir cni webnet --keep id-w",
            ["exec", "gc", "--cache-dir", "cni", "webnet", "--keep", "id-web:net7"],
        ),
        ("exec gc --cache-dir cni --keep id-web:n", ["exec", "gc", "--cache-dir", "cni", "--keep", "id-web:net7"]),
        ("exec gc --cache-dir cni --keep=id-db:", ["exec", "gc", "--cache-dir", "cni", "--keep=id-db:eth0"]),
        ("exec add x y --bandwidth ingress=1M,egress", ["exec", "add", "x", "y", "--bandwidth", "ingress=1M,egress"]),
        ("attachments --cache-dir cni gone", ["attachments", "--cache-dir", "cni", "gonenet"]),
        ("plugins --bin-dir bin zebr", ["plugins", "--bin-dir", "bin", "zebra"]),
        ("chain remove here.conflist mac", ["chain", "remove", "here.conflist", "macvlan"]),
        ("exec add --pod po", ["exec", "add", "--pod", "pod.yaml"]),
        ("validate her", ["validate", "here.conflist"]),
        ("validate ~/her", ["validate", "{home}/here.conflist"]),
        ("validate $HOME/her", ["validate", "{home}/here.conflist"]),
        ("nonsense xy", ["nonsense", "xy"]),
        ("exec add --port 80", ["exec", "add", "--port", "80"]),
        ("exec add --conf-dir nowhere we", ["exec", "add", "--conf-dir", "nowhere", "we"]),
    ],
)
def test_a_word_is_completed(shell, typed, arguments):
    assert shell.run(f"cnictl {typed}") == [text.replace("{home}", str(shell.home)) for text in arguments]


@pytest.mark.parametrize("before", ["X=1", "true;", "true &&"])
def test_it_does_not_matter_what_stands_before(shell, before):
    assert shell.run(f"{before} cnictl valid") == ["validate"]


def test_a_file_that_is_no_config_is_not_offered(shell):
    expected = "notes.txt" if shell.name == "zsh" else "note"  # zsh offers all files where none is as wanted
    assert shell.run("cnictl validate note") == ["validate", expected]


@pytest.mark.parametrize("typed", ["--bin-dir my", "--bin-dir=my", "--bin-dir my\\ d"])
def test_a_directory_with_a_space(shell, typed):
    assert shell.run(f"cnictl validate {typed}")[-1].removeprefix("--bin-dir=").rstrip("/") == "my dir"


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_hostile_name_is_quoted_and_runs_nothing(shell, quote):
    for number, name in enumerate(HOSTILE):
        assert shell.run(f"cnictl plugins --bin-dir hostile {quote}{number}") == [
            "plugins",
            "--bin-dir",
            "hostile",
            f"{number}{name}",
        ]
    assert not list(shell.home.rglob("pwned"))


def test_a_hostile_file_is_quoted_and_runs_nothing(shell):
    for number, name in enumerate(HOSTILE):
        assert shell.run(f"cnictl doctor --log hostile/{number}")[-1] == f"hostile/{number}{name}"
    assert not list(shell.home.rglob("pwned"))


def test_a_name_that_no_terminal_shows_is_not_offered(shell):
    for number in range(len(HOSTILE), len(HOSTILE) + len(UNPRINTABLE)):
        text, arguments = shell.shown(f"cnictl plugins --bin-dir hostile {number}")
        assert arguments[-1] == str(number)
        assert "rror" not in text


def test_five_thousand_networks(shell):
    for number in range(5000):
        write_network(shell.home / "many" / f"{number}.conflist", f"n{number:04}")
    assert shell.run("cnictl exec add --conf-dir many n4711")[-1] == "n4711"
    text, arguments = shell.shown("cnictl exec add --conf-dir many n471\t2")
    assert arguments[-1] == "n4712"
    assert "rror" not in text


@pytest.mark.parametrize("program", [".bin/cnictl", "~/.bin/cnictl", "./cnictl.pyz"])
def test_the_program_is_the_one_that_was_typed(shell, program):
    write_program(shell.home / "cnictl.pyz")
    assert shell.run(f"{program} plugins --bin-dir bin zebu") == ["plugins", "--bin-dir", "bin", "zebu"]
    assert shell.run(f"{program} valid") == ["validate"]


def test_a_program_that_is_not_there_or_is_older_completes_nothing_and_says_nothing(shell):
    (shell.home / "old").mkdir(exist_ok=True)
    program = shell.home / "old" / "cnictl"
    program.write_text(
        '#!/bin/sh\n[ "$1" != __complete ] || { echo "no such command" >&2; exit 2; }\necho "<[\\"$1\\"]>"\n'
    )
    program.chmod(0o755)
    text, arguments = shell.shown("old/cnictl valid")
    assert arguments == ["valid"]
    assert "no such command" not in text


class TestWhatIsShown:
    def test_bash_lists_the_words(self, tmp_path):
        with Shell("bash", tmp_path) as shell:
            text, _ = shell.shown("cnictl chain \t\t")
        assert {"add", "list", "move", "remove"} <= set(text.split())

    def test_bash_shows_the_last_part_of_a_path(self, tmp_path):
        furnish(tmp_path)
        with Shell("bash", tmp_path) as shell:
            text, _ = shell.shown("cnictl validate net.d/\t\t")
        assert {"10-web.conflist", "20-db.conflist"} <= set(text.split())

    @pytest.mark.parametrize("name", ["zsh", "fish"])
    def test_zsh_and_fish_show_help(self, tmp_path, name):
        require_shell(name)
        with Shell(name, tmp_path) as shell:
            text, _ = shell.shown("cnictl chain \t")
        assert "Take a plugin out of a chain" in text

    @pytest.mark.parametrize(
        ("style", "has_help", "has_label"),
        [
            ("zstyle ':completion:*' verbose no", False, False),
            ("zstyle ':completion:*' format 'these are %d'; zstyle ':completion:*' group-name ''", True, True),
            ("zstyle ':completion:*' menu select", True, False),
        ],
    )
    def test_zsh_follows_the_styles_of_its_user(self, tmp_path, style, has_help, has_label):
        require_shell("zsh")
        with Shell("zsh", tmp_path, style) as shell:
            text, _ = shell.shown("cnictl chain \t")
        assert ("Take a plugin out" in text) == has_help
        assert ("these are command" in text) == has_label
        assert {"add", "list", "move", "remove"} <= set(text.split())

    def test_fish_answers_without_a_terminal(self, tmp_path):
        require_shell("fish")
        furnish(tmp_path)
        write_program(tmp_path / ".bin" / "cnictl")
        done = subprocess.run(
            ["fish", "--no-config", "-c", f"source {PROJECT}/completions/cnictl.fish; complete -C 'cnictl exec '"],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PATH": f"{tmp_path}/.bin:{os.environ['PATH']}", "PYTHONPATH": str(PROJECT)},
        )
        assert done.stdout.splitlines()[0] == "add\tAttach a container to a network; its result goes to stdout."


class TestScripts:
    def test_bash_needs_nothing_and_survives_strict_settings(self, tmp_path):
        write_program(tmp_path / "cnictl")
        script = f"""
            set -euo pipefail
            source {PROJECT}/completions/cnictl.bash
            compopt() {{ echo "option ${{2}}"; }}
            COMP_LINE='cnictl exec add --form' COMP_POINT=19
            _cnictl {tmp_path}/cnictl
            echo "${{COMPREPLY[*]}}"
            COMP_LINE='cnictl exec ' COMP_POINT=12
            _cnictl {tmp_path}/nowhere
            echo "${{#COMPREPLY[@]}}"
            COMP_LINE='cnictl exec add x pi' COMP_POINT=20
            _cnictl {tmp_path}/cnictl
            echo "${{COMPREPLY[*]}}"
        """
        done = subprocess.run(
            ["bash", "--norc", "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONPATH": str(PROJECT)},
        )
        _, everything, nothing, *process = done.stdout.splitlines()
        assert {"--format", "--force"} & set(everything.split()) == {"--format"}
        assert (nothing, process, done.stderr) == ("0", ["option nosort", "option nospace", "pid:"], "")

    @pytest.mark.parametrize(
        ("name", "check"), [("bash", "bash -n"), ("zsh", "zsh -fn"), ("fish", "fish --no-execute")]
    )
    def test_a_script_is_free_of_mistakes(self, name, check):
        require_shell(name)
        files = {"bash": "cnictl.bash", "zsh": "_cnictl", "fish": "cnictl.fish"}
        done = subprocess.run(
            [*check.split(), str(PROJECT / "completions" / files[name])], capture_output=True, text=True, check=True
        )
        assert done.stderr == ""

    @pytest.mark.parametrize("name", SHELLS)
    def test_the_command_prints_what_can_be_sourced(self, tmp_path, name):
        require_shell(name)
        source = {"bash": "source <(cnictl completion bash)", "fish": "cnictl completion fish | source"}
        start = source.get(name, "source <(cnictl completion zsh)")
        with Shell(name, tmp_path, start=start) as shell:
            assert shell.run("cnictl valid") == ["validate"]


@pytest.mark.netns
@pytest.mark.parametrize("name", SHELLS)
def test_namespaces_of_a_real_node(tmp_path, name):
    require_shell(name)
    furnish(tmp_path)
    with Node() as node:
        for namespace in ("also", "gone", "goose"):
            subprocess.run(node.inside(["ip", "netns", "add", namespace], Path("/")), check=True)
        with Shell(name, tmp_path, inside=node.inside([], tmp_path)) as shell:
            assert shell.run("cnictl exec add x goo") == ["exec", "add", "x", "goose"]
            text, _ = shell.shown("cnictl exec del --cache-dir cni gonenet \t" + "\t" * (name == "bash"))
    offered = [word for word in text.partition("gonenet")[2].split() if word in ("also", "gone")]
    assert offered[:2] == ["gone", "also"]
