"""cnictl does what cnitool did, but for what is listed in ``deliberate.py``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from cnictl.cli.entry import run
from tests.interop.compare import calls, differences
from tests.interop.deliberate import DELIBERATE
from tests.interop.recordings import RECORDED, recording, seen_in
from tests.interop.scene import Moment, Scene
from tests.interop.table import CASES
from tests.support.command import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.interop.deviation import Deviation
    from tests.interop.scene import Case, Seen, Step

    Replay = Callable[[Case], list[Seen]]

_BY_NAME = {case.name: case for case in CASES}
_COMPATIBILITY = PROJECT / "docs" / "reference" / "compatibility.md"


@pytest.fixture
def replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Replay:
    """Runs a case with cnictl in cnitool's place."""

    def step_of(scene: Scene, step: Step) -> Seen:
        scene.prepare(step)
        with monkeypatch.context() as patch:
            for name, value in scene.environment(step).items():
                patch.delenv(name, raising=False) if value is None else patch.setenv(name, value)
            patch.setenv("CNI_CACHE_DIR", str(scene.directory / "cache"))
            patch.chdir(scene.directory)
            status = run(["exec", *scene.arguments(step)])
        printed = capsys.readouterr()
        return scene.seen(status, printed.out, printed.err)

    def replay(case: Case) -> list[Seen]:
        scene = Scene(case, tmp_path / case.name)
        return [step_of(scene, step) for step in case.steps]

    return replay


def expectations(case: Case, *, without: Deviation | None = None) -> Iterator[Seen]:
    """What cnictl is to do in a case: what cnitool did, but for the deviations (and all of them but one)."""
    before = {name.removeprefix("cache/results/"): text for name, text in case.write.items() if "/results/" in name}
    for step, expected in zip(case.steps, seen_in(case.name), strict=True):
        moment = Moment(case, step, before)
        for deviation in DELIBERATE:
            changes = [deviation.cases.get(case.name), deviation.everywhere] if deviation is not without else []
            for change in filter(None, changes):
                expected = change(expected, moment)  # noqa: PLW2901  # each on top of the others
        yield expected
        before = dict(expected.cache)


def found(case: Case, seen: list[Seen], *, without: Deviation | None = None) -> list[str]:
    """How that which is seen differs from what is to be."""
    return [
        f"{step.verb}: {line}"
        for step, expected, actual in zip(case.steps, expectations(case, without=without), seen, strict=True)
        for line in differences(expected, actual)
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cnictl_does_what_cnitool_did_and_every_deviation_is_one(case: Case, replay: Replay) -> None:
    seen = replay(case)
    assert found(case, seen) == []
    for deviation in DELIBERATE:
        if case.name in deviation.cases:
            assert found(case, seen, without=deviation), f"is no deviation any more: {deviation.what}"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("version-1.0.0", "A plugin does not speak the config's version"),
        ("fails-second", "ADD fails halfway"),
        ("caps", "`capabilities` in the config"),
    ],
)
def test_what_is_otherwise_everywhere_can_be_seen_in_a_case(name: str, what: str, replay: Replay) -> None:
    deviation = next(each for each in DELIBERATE if each.what == what)
    assert deviation.everywhere
    assert found(_BY_NAME[name], replay(_BY_NAME[name]), without=deviation)


@pytest.mark.parametrize("name", ["stderr-on-success", "fails-with-stderr"])
def test_what_plugins_log_reaches_stderr_as_with_cnitool(name: str, replay: Replay) -> None:
    for expected, seen in zip(seen_in(name), replay(_BY_NAME[name]), strict=True):
        for word in re.findall("a note|another|no disk", expected.stderr):
            assert word in seen.stderr


def test_a_list_lies_in_the_cache_byte_for_byte(replay: Replay) -> None:
    for name in ("version-1.0.0", "white-space", "unicode", "numbers"):
        entries = [
            one[0].cache["net-cnitool-cd2667f4483f699b01b0-eth0"] for one in (seen_in(name), replay(_BY_NAME[name]))
        ]
        theirs, ours = [re.findall('"config":"[^"]*"', entry) for entry in entries]
        assert theirs
        assert theirs == ours


def test_the_stdin_of_a_plugin_is_byte_for_byte_that_of_libcni(replay: Replay) -> None:
    for name in ("version-1.0.0", "unicode", "null-values", "args-in-config"):
        stdin = [
            [run.stdin for run in step.runs if run.environment["CNI_COMMAND"] != "VERSION"]
            for step in replay(_BY_NAME[name])
        ]
        assert stdin == [[run.stdin for run in step.runs] for step in seen_in(name)]


def _stdin(seen: Seen) -> list[str]:
    return [run.stdin for run in seen.runs if run.environment["CNI_COMMAND"] != "VERSION"]


def test_only_add_asks_for_versions(replay: Replay) -> None:
    add, check, delete = [calls(seen.runs) for seen in replay(_BY_NAME["chain-of-four"])]
    assert add[:3] == ["first VERSION", "second VERSION", "first ADD"]
    assert not any("VERSION" in call for call in check + delete)


def test_every_case_is_recorded_as_it_is_and_no_other() -> None:
    assert {path.stem for path in RECORDED.glob("*.json")} == {"index", *_BY_NAME}
    for case in CASES:
        assert recording(case.name)["case"] == case.data
    assert recording("index")["cases"] == {case.name: case.about for case in CASES}


def test_every_deviation_names_cases_that_there_are() -> None:
    assert {name for deviation in DELIBERATE for name in deviation.cases} <= _BY_NAME.keys()


def test_the_manual_lists_the_same_deviations() -> None:
    section = _COMPATIBILITY.read_text().partition("\n## Seen beside cnitool\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert rows == [f"| {each.what} | {each.libcni} | {each.cnictl} | {each.reason} |" for each in DELIBERATE]


def test_the_recordings_name_what_they_are_of() -> None:
    index = recording("index")
    assert index["program"] == "cnitool"
    assert index["licence"] == "Apache-2.0"
    assert index["version"] in _COMPATIBILITY.read_text()
