from __future__ import annotations

import time

from cnictl.invoke.tools import Shown, show
from tests.support.plugins import write_plugin


def test_what_a_tool_prints(tmp_path, monkeypatch):
    write_plugin(tmp_path, 'echo "$@ $LC_ALL"', name="shows")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert show("shows", "a", "b") == Shown("a b C\n")


def test_a_tool_that_is_not_installed_is_no_trouble():
    assert show("no-such-tool-anywhere") == Shown(None, None)


def test_a_tool_that_fails_says_why(tmp_path, monkeypatch):
    write_plugin(tmp_path, "echo half; echo not permitted >&2; exit 3", name="fails")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert show("fails") == Shown(None, "fails failed with exit status 3: not permitted")


def test_a_tool_that_does_not_end_is_killed(tmp_path, monkeypatch):
    write_plugin(tmp_path, "exec sleep 30", name="hangs")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    began = time.monotonic()
    assert show("hangs", timeout=0.1) == Shown(None, "hangs did not end within 0.1 s")
    assert time.monotonic() - began < 5


def test_a_tool_that_is_no_program_says_why(tmp_path, monkeypatch):
    path = write_plugin(tmp_path, "", name="broken")
    path.write_bytes(b"\x7fELF nothing")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert show("broken") == Shown(None, "broken cannot be started: exec format error")


def test_tools_are_found_where_root_has_them_although_the_search_path_lacks_that(monkeypatch, tmp_path):
    write_plugin(tmp_path, "echo found", name="elsewhere")
    monkeypatch.setattr("cnictl.invoke.tools._ALSO_HERE", (str(tmp_path),))
    assert show("elsewhere").text == "found\n"
