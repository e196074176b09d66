"""Text of a config is shown, never obeyed: no escape sequence, no line that looks like ours."""

from __future__ import annotations

import time

import pytest

HOSTILE = r'{"cniVersion": "1.0.0", "name": "a\u001b[2J\ncnictl: all is well", "type": "bridge"}'


@pytest.mark.parametrize("command", [["validate"], ["exec", "add"]], ids=" ".join)
def test_escape_sequences_and_line_ends_are_replaced(cnictl, tmp_path, command):
    path = tmp_path / "10-net.conf"
    path.write_text(HOSTILE)
    ended = cnictl(*command, path, *(["x"] if command[0] == "exec" else []))
    assert ended.status != 0
    shown = ended.out + ended.err
    assert "\x1b" not in shown
    assert "\ncnictl: all is well" not in shown
    assert "\ufffd[2J\ufffd" in shown


def test_a_file_of_one_long_line_is_judged_in_no_time(cnictl, tmp_path):
    keys = ", ".join(f'"k{number}": {number}' for number in range(5000))
    path = tmp_path / "10-net.conflist"
    path.write_text(f'{{"cniVersion": "1.0.0", "name": "pods", "plugins": [{{"type": "bridge", {keys}}}]}}')
    began = time.process_time()
    ended = cnictl("validate", path)
    assert time.process_time() - began < 10
    assert ended.out.endswith("1 file: 5000 warnings\n")
