"""What differs between what two programs did."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.interop.scene import Run, Seen


def differences(recorded: Seen, seen: Seen) -> list[str]:
    """One line for each difference; what people read, stderr, may be worded as one likes."""
    return list(_differences(recorded, seen))


def _differences(recorded: Seen, seen: Seen) -> Iterator[str]:
    if (recorded.status == 0) != (seen.status == 0):
        yield f"the exit status is {seen.status}, not {recorded.status}: {seen.stderr.strip()}"
    if data(recorded.stdout) != data(seen.stdout):
        yield _line("stdout", data(recorded.stdout), data(seen.stdout))
    theirs, ours = [calls(one.runs) for one in (recorded, seen)]
    if theirs != ours:
        yield _line("the runs", theirs, ours)
    else:
        for before, after in zip(recorded.runs, seen.runs, strict=True):
            yield from _of_run(before, after)
    yield from _of_cache(recorded.cache, seen.cache)


def calls(runs: tuple[Run, ...]) -> list[str]:
    """Which plugins were run, and what for."""
    return [f"{run.plugin} {run.environment['CNI_COMMAND']}" for run in runs]


def _of_run(recorded: Run, seen: Run) -> Iterator[str]:
    if recorded.environment != seen.environment:
        yield _line(f"the environment of {recorded.plugin}", recorded.environment, seen.environment)
    if data(recorded.stdin) != data(seen.stdin):
        yield _line(f"the stdin of {recorded.plugin}", data(recorded.stdin), data(seen.stdin))


def _of_cache(recorded: Mapping[str, str], seen: Mapping[str, str]) -> Iterator[str]:
    if recorded.keys() != seen.keys():
        yield _line("the cache's files", sorted(recorded), sorted(seen))
        return
    for name, text in recorded.items():
        if _entry(text) != _entry(seen[name]):
            yield _line(f"the cache's {name}", _entry(text), _entry(seen[name]))


def data(text: str) -> Any:
    """The JSON value of a text, or else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _entry(text: str) -> Any:
    """A cache entry, with the document in it as JSON."""
    entry = data(text)
    if not isinstance(entry, dict) or not isinstance(entry.get("config"), str):
        return entry
    try:
        config = base64.b64decode(entry["config"], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return entry
    return entry | {"config": data(config)}


def _line(what: str, recorded: object, seen: object) -> str:
    return f"{what}: {json.dumps(seen, ensure_ascii=False)}, not {json.dumps(recorded, ensure_ascii=False)}"
