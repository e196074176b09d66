"""Configs that validate accepts and that do not work: `try` names the cause of each, and its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.throwaway import run_try

GALLERY = sorted((Path(__file__).parent / "gallery").glob("*.json"))


@pytest.mark.netns
@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_the_cause_is_named(path, tmp_path):
    case = json.loads(path.read_text())
    config = tmp_path / "10-pods.conflist"
    config.write_text(json.dumps(case["config"], indent=2))
    ended = run_try(config, *case["options"], "--format", "json", "--pods", "2")
    findings = [finding for step in ended.data["steps"] for finding in step["findings"]]
    named = [finding for finding in findings if finding["code"] == case["code"] and case["says"] in finding["message"]]
    assert named, [finding["message"] for finding in findings]
    assert named[0]["fix"]["description"]
    assert named[0]["why"]
    if case["pointer"] is not None:
        assert named[0]["location"]["pointer"] == case["pointer"]
    assert ended.status == (1 if any(finding["severity"] == "error" for finding in findings) else 0)


def test_the_gallery_is_large_enough_to_mean_something():
    assert len(GALLERY) >= 15
