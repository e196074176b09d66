"""Reads the recordings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.interop.scene import Run, Seen

RECORDED = Path(__file__).with_name("recorded")


def recording(name: str) -> dict[str, Any]:
    """A recording: the case as it was, and what was seen."""
    data: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())
    return data


def seen_in(name: str) -> list[Seen]:
    """What was seen of cnitool in a case, step by step."""
    return [_seen(step) for step in recording(name)["seen"]]


def _seen(data: dict[str, Any]) -> Seen:
    return Seen(**data | {"runs": tuple(Run(**run) for run in data["runs"])})
