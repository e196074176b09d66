"""The pictures are what cnictl shows today, stand alone, and are shown with a text for those who cannot see them."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from docs.pictures.drawing import THEMES, pictures
from docs.pictures.scenes import SCENES, WIDTH
from tests.support.command import PROJECT
from tests.support.terminal import too_wide, without_colours

HERE = PROJECT / "docs" / "pictures"
LARGEST = 60_000
"""Bytes of a picture."""
TALLEST = 34
"""Lines of a picture."""
README = (PROJECT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def drawn():
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(PROJECT)
        return pictures()


def test_those_that_are_kept_are_what_is_shown_today(drawn):
    kept = {path.name: path.read_text(encoding="utf-8") for path in HERE.glob("*.svg")}
    assert kept == drawn, "`make pictures` draws them anew; look at them before you keep them"


def test_they_are_the_same_each_time_and_everywhere(drawn, monkeypatch):
    monkeypatch.chdir(PROJECT)
    for name, value in {"TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "40"}.items():
        monkeypatch.setenv(name, value)
    assert pictures() == drawn


def test_they_stand_alone(drawn):
    for text in drawn.values():
        root = ET.fromstring(text)
        assert {element.tag.partition("}")[2] for element in root.iter()} <= {
            *("svg", "title", "style", "defs", "clipPath", "rect", "g", "circle", "text")
        }
        assert set(re.findall(r"https?://[^\"]+", text)) == {"http://www.w3.org/2000/svg"}
        assert set(re.findall(r"url\(.", text)) == {"url(#"}
        assert str(PROJECT) not in text
        assert len(text.encode()) < LARGEST


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_what_is_shown_fits_a_picture(monkeypatch, scene):
    monkeypatch.chdir(PROJECT)
    text = without_colours(scene.shown())
    assert text.startswith(f"$ {scene.command}\n")
    assert max(map(len, text.splitlines())) <= WIDTH
    assert too_wide(text, WIDTH) == []
    assert len(text.splitlines()) <= TALLEST


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_they_are_shown_for_light_and_dark_pages_with_a_text(scene):
    manual = (PROJECT / "docs" / "reference" / "output.md").read_text(encoding="utf-8")
    for theme in THEMES:
        assert f'"docs/pictures/{scene.name}.{theme}.svg"' in README
        assert f"../pictures/{scene.name}.{theme}.svg\n:class: only-{theme}\n:alt: {scene.about}\n" in manual
    assert f'alt="{scene.about}"' in README
