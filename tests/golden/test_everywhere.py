"""What is shown is laid out for every terminal: each width, with and without colours, UTF-8 or not, and no terminal."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

import pytest

from cnictl.cli.entry import run
from cnictl.cli.terminal import paper_on
from docs.pictures.scenes import show_attachments, show_trace, show_trial
from docs.pictures.terminal import on_terminal
from tests.cli.test_help import ALL
from tests.golden.test_golden import BROKEN, CHECKS, NODE
from tests.support.command import PROJECT
from tests.support.terminal import show, too_wide, without_colours

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cnictl.render.paper import Paper

WIDTHS = (40, 60, 80, 120, 200)
EXAMPLES = "docs/examples"
BRIDGE = f"{EXAMPLES}/30-bridge.conflist"

COMMANDS = {
    "validate": ["validate", BROKEN, f"{EXAMPLES}/10-calico-portmap.conflist", "FOREIGN"],
    "validate-runtime": ["validate", "--runtime", "containerd", EXAMPLES],
    "matrix": ["validate", "--matrix", EXAMPLES],
    "doctor": ["doctor", "--root", NODE, "--select", CHECKS],
    "doctor-verbose": ["doctor", "--root", NODE, "--select", CHECKS, "--verbose"],
    "doctor-fix": ["doctor", "--root", NODE, "--select", CHECKS, "--dry-run"],
    "doctor-list": ["doctor", "--list"],
    "networks": ["networks", "--conf-dir", EXAMPLES],
    "plugins": ["plugins", "--bin-dir", "PLUGINS", "bridge", "portmap", "missing"],
    "chain": ["chain", "list", BRIDGE],
    "chain-add": ["chain", "add", "portmap", BRIDGE],
    "upgrade": ["upgrade", BRIDGE, "--to", "0.2.0", "--diff"],
    "runtime-config": ["runtime-config", "--pod", f"{EXAMPLES}/pod.yaml", BRIDGE],
    "dry-run": ["exec", "add", BRIDGE, "web-0", "--bin-dir", "PLUGINS", "--dry-run"],
    "explain": ["explain", "CNI305"],
    "rules": ["rules", "--select", "CNI3"],
    "no-network": ["exec", "add", "no-such-network", "web", "--conf-dir", EXAMPLES],
    "no-option": ["validate", "--formta", "json"],
}
RECORDED: dict[str, Callable[[Paper], None]] = {
    "trace": show_trace,
    "trial": show_trial,
    "attachments": show_attachments,
}
EVERYTHING = [*COMMANDS, *RECORDED]
TABLES = {"matrix", "networks"}
"""Where there is no room for the columns, these tell by lists and sentences what is in them."""


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Plugins that say what they speak, and a config with characters that are wide or that some terminals have not."""
    monkeypatch.chdir(PROJECT)
    plugins = tmp_path / "bin"
    plugins.mkdir()
    for name in ("bridge", "portmap", "bandwidth", "host-local"):
        plugin = plugins / name
        plugin.write_text(
            '#!/bin/sh\necho \'{"cniVersion": "1.0.0", "supportedVersions": ["0.3.1", "0.4.0", "1.0.0"]}\'\n'
        )
        plugin.chmod(0o755)
    foreign = tmp_path / "foreign.conflist"
    config = {"type": "bridge", "\N{LATIN SMALL LETTER U WITH DIAERESIS}ber": "\u65e5\u672c\u8a9e" * 9, "mtu": "1450"}
    foreign.write_text(
        json.dumps({"cniVersion": "1.0.0", "name": "pods", "plugins": [config]}, ensure_ascii=False).replace(" ", "\t")
    )
    return {"PLUGINS": str(plugins), "FOREIGN": str(foreign)}


def shown(name: str, places: dict[str, str], columns: int, *, colour: bool = False, encoding: str = "utf-8") -> str:
    """What a command shows on a terminal."""
    with on_terminal(columns, colour=colour, encoding=encoding) as terminal:
        if name in RECORDED:
            RECORDED[name](paper_on(sys.stdout))
        else:
            assert run([places.get(word, word) for word in COMMANDS[name]]) in (0, 1, 2)
    return terminal.text()


def prose(text: str) -> list[str]:
    """The words of a text, without the lines of a file that stand in a frame, which are cropped."""
    lines = [line for line in text.splitlines() if not re.match(r" *\d* \|", line)]
    return " ".join(lines).split()


def _bare(words: list[str]) -> set[str]:
    return {word.strip("*,:") for word in words}


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("name", EVERYTHING)
def test_it_fits_every_terminal(places, name, encoding):
    for columns in WIDTHS:
        text = shown(name, places, columns, encoding=encoding)
        assert too_wide(text, columns) == []
        assert "\x1b" not in text
        assert "Traceback" not in text
        assert [line for line in text.splitlines() if line != line.rstrip()] == []


@pytest.mark.parametrize("name", EVERYTHING)
def test_colours_change_nothing_else(places, name):
    for columns in WIDTHS:
        coloured = shown(name, places, columns, colour=True)
        assert "\x1b[" in coloured or name in ("chain-add", "no-network", "no-option", "runtime-config")
        assert without_colours(coloured) == shown(name, places, columns)


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_same_is_told_at_every_width(places, name):
    widest = prose(shown(name, places, WIDTHS[-1]))
    for columns in WIDTHS:
        told = prose(shown(name, places, columns))
        if name in TABLES:
            assert _bare(widest) - {"file"} <= _bare(told)
        else:
            assert told == widest


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_terminal_without_utf_8_gets_no_other_characters(places, name):
    text = shown(name, places, 80, encoding="ascii")
    assert text.isascii()
    # The file's own characters are told by their numbers; nothing that cnictl says needs one.
    assert ("\\u65e5" in text) is (name == "validate")


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_no_terminal_gets_whole_lines(places, monkeypatch, name):
    texts = set()
    for columns in ("40", "200"):
        monkeypatch.setenv("COLUMNS", columns)
        stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")  # as in a C locale
        with redirect_stdout(stream), redirect_stderr(stream):
            run([places.get(word, word) for word in COMMANDS[name]])
        stream.seek(0)
        texts.add(stream.read())
    assert len(texts) == 1
    text = texts.pop()
    assert "\x1b" not in text
    assert ("\u65e5" in text) is (name == "validate")


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_fits_every_terminal(path, columns):
    with on_terminal(columns) as terminal:
        assert run([*path, "--help"]) == 0
    text, _, examples = terminal.text().partition("  Example")
    wide = [line for line in text.splitlines() if len(line) > columns]
    assert [line for line in wide if not re.match(r"  -|  +\S+$", line)] == []
    assert not re.search(r"\.\.\.$", text.partition("Commands:")[2], re.MULTILINE)
    assert "Exit status" not in examples or columns >= max(map(len, examples.split("Exit status")[1].splitlines()))
    assert [line for line in terminal.text().splitlines() if line != line.rstrip()] == []
    assert not re.search(r"[a-z]-$", text, re.MULTILINE)


@pytest.mark.parametrize("columns", ["1", "2", "39"])
def test_help_on_a_terminal_with_hardly_a_column_is_that_of_40(columns):
    assert show("schema", "--help", COLUMNS=columns) == show("schema", "--help", COLUMNS="40")


@pytest.mark.parametrize(
    "columns", ["0", "-1", "9" * 5000, "\N{SUPERSCRIPT TWO}", "\N{ARABIC-INDIC DIGIT THREE}", "1e2"]
)
def test_columns_that_are_no_number_do_not_count(columns):
    assert show("rules", "--select", "CNI3", COLUMNS=columns) == show("rules", "--select", "CNI3", COLUMNS="")


@pytest.mark.parametrize(("kind", "is_shown"), [("xterm", True), ("dumb", False)])
def test_progress_is_shown_where_it_can_be_taken_back(tmp_path, places, kind, is_shown):
    with open(f"{places['PLUGINS']}/bridge", "a") as plugin:  # noqa: PTH123
        plugin.write("sleep 0.2\n")
    network = tmp_path / "net.conflist"
    network.write_text('{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}')
    directories = ("--bin-dir", places["PLUGINS"], "--cache-dir", str(tmp_path / "cache"))
    call = ("exec", "add", str(network), f"/proc/{os.getpid()}/ns/net", "/proc/self/ns/net", *directories)
    text = show(*call, TERM=kind)
    assert ("\r0 of 2 done" in text) is is_shown
    assert ("\x1b[K" in text) is is_shown
