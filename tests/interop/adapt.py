"""Turns what cnitool did into what cnictl is to do instead."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from tests.interop.compare import calls, data
from tests.interop.scene import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tests.interop.scene import Moment, Seen

    Adapt = Callable[[Seen, Moment], Seen]

DUMMY = {
    "CNI_ARGS": "",
    "CNI_COMMAND": "VERSION",
    "CNI_CONTAINERID": "",
    "CNI_IFNAME": "dummy",
    "CNI_NETNS": "dummy",
    "CNI_PATH": "dummy",
}


def refused(expected: Seen, moment: Moment) -> Seen:
    """Nothing is run, and nothing is changed."""
    return expected._replace(status=2, stdout="", runs=(), cache=moment.before)


def at(verb: str, adapt: Adapt) -> Adapt:
    """A change at one verb only."""
    return lambda expected, moment: adapt(expected, moment) if moment.step.verb == verb else expected


def failed(expected: Seen, moment: Moment) -> Seen:
    """The plugins are run, and then it is a failure."""
    return expected._replace(status=1, stdout="", cache=moment.before)


def like(other: Seen) -> Adapt:
    """As it went in another case."""
    return lambda _expected, _moment: other


def asked(expected: Seen, moment: Moment) -> Seen:
    """Before the first ADD each plugin is asked which versions it speaks, once."""
    added = [call.removesuffix(" ADD") for call in calls(expected.runs) if call.endswith(" ADD")]
    if not added:
        return expected
    chain = added if expected.status == 0 else [plugin["type"] for plugin in moment.chain]
    return expected._replace(runs=(*_questions(chain), *expected.runs))


def told_what_is_valid(*valid: Mapping[str, str]) -> Adapt:
    """GC tells the plugins which attachments are valid, under both keys."""
    keys = {"cni.dev/valid-attachments": list(valid), "cni.dev/attachments": list(valid)}

    def change(run: Run) -> Run:
        if run.environment["CNI_COMMAND"] != "GC":
            return run
        return run._replace(stdin=json.dumps(keys | json.loads(run.stdin)))

    return lambda expected, _moment: expected._replace(runs=tuple(map(change, expected.runs)))


def deletes(adapt: Adapt) -> Adapt:
    """A change for the runs of DEL alone."""

    def change(expected: Seen, moment: Moment) -> Seen:
        changed = adapt(expected, moment).runs
        pairs = zip(expected.runs, changed, strict=True)
        runs = (new if old.environment["CNI_COMMAND"] == "DEL" else old for old, new in pairs)
        return expected._replace(runs=tuple(runs))

    return change


def without_deletes(expected: Seen, moment: Moment) -> Seen:
    """No attachment is deleted."""
    runs = [run for run in expected.runs if run.environment["CNI_COMMAND"] != "DEL"]
    return expected._replace(runs=tuple(runs), cache=moment.before)


def denied(expected: Seen, moment: Moment) -> Seen:
    """The plugins are asked which versions they speak, one of them says no, and it is over."""
    return refused(expected, moment)._replace(runs=_questions(plugin["type"] for plugin in moment.chain))


def _questions(chain: Iterable[str]) -> tuple[Run, ...]:
    return tuple(Run(plugin, DUMMY, '{"cniVersion":"1.1.0"}') for plugin in dict.fromkeys(chain))


def rolled_back(expected: Seen, moment: Moment) -> Seen:
    """After a failed ADD all plugins are run with DEL, in reverse, unless the container was attached before."""
    if moment.step.verb != "add" or expected.status == 0 or not expected.runs or moment.before:
        return expected
    return expected._replace(runs=(*expected.runs, *_deletes(expected.runs[-1], moment.chain)))


def all_delete(expected: Seen, moment: Moment) -> Seen:
    """That the last plugin refuses DEL keeps the others from nothing."""
    first, *rest = expected.runs
    return expected._replace(runs=(first, *_deletes(first, moment.chain[:-1]), *rest))


def _deletes(like: Run, chain: list[dict[str, Any]]) -> Iterator[Run]:
    """A run of DEL for each plugin, in reverse; all but the plugin's own config is as in another run."""
    environment = dict(like.environment) | {"CNI_COMMAND": "DEL"}
    common = {key: value for key, value in data(like.stdin).items() if key in {"prevResult", "cniVersion", "name"}}
    return (Run(each["type"], environment, json.dumps(each | common)) for each in reversed(chain))


def without_capabilities(expected: Seen, _moment: Moment) -> Seen:
    """The key ``capabilities`` is for the runtime, and plugins do not get it."""
    return _each_stdin(expected, lambda stdin: {key: stdin[key] for key in stdin if key != "capabilities"})


def stdin(**keys: object) -> Adapt:
    """All plugins get other values."""
    return lambda expected, _moment: _each_stdin(expected, lambda given: given | keys)


def prev_result(value: Mapping[str, Any]) -> Adapt:
    """The plugins that get a ``prevResult`` get this one."""

    def change(given: dict[str, Any]) -> dict[str, Any]:
        return given | {"prevResult": value} if "prevResult" in given else given

    return lambda expected, _moment: _each_stdin(expected, change)


def environment(**variables: str) -> Adapt:
    """The plugins get other variables."""

    def change(expected: Seen, _moment: Moment) -> Seen:
        runs = [run._replace(environment=dict(run.environment) | variables) for run in expected.runs]
        return expected._replace(runs=tuple(runs))

    return change


def stdout(value: object) -> Adapt:
    """This is printed."""
    return lambda expected, _moment: expected._replace(stdout=json.dumps(value))


def cached(**keys: object) -> Adapt:
    """The cache entry has other values; a ``config`` is given as JSON data."""
    if "config" in keys:
        keys["config"] = base64.b64encode(json.dumps(keys["config"]).encode()).decode()

    def change(expected: Seen, _moment: Moment) -> Seen:
        entries = {name: json.dumps(json.loads(text) | keys) for name, text in expected.cache.items()}
        return expected._replace(cache=entries)

    return change


def all_of(*changes: Adapt) -> Adapt:
    """One change after the other."""

    def change(expected: Seen, moment: Moment) -> Seen:
        for each in changes:
            expected = each(expected, moment)
        return expected

    return change


def _each_stdin(expected: Seen, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Seen:
    runs = [run._replace(stdin=json.dumps(change(json.loads(run.stdin)))) for run in expected.runs]
    return expected._replace(runs=tuple(runs))
