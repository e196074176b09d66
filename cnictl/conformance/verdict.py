"""What an answer of a plugin is worth: whether it failed as it should, and whether it printed what it must."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.conformance.registry import Flaw, Seen
from cnictl.invoke.decode import failure_of
from cnictl.model.version import SpecVersion
from cnictl.report.finding import Severity
from cnictl.schema.results import result_problems
from cnictl.text.scan import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.conformance.bench import Bench
    from cnictl.errors import CNIError
    from cnictl.invoke.invocation import Exchange

_LONG = 400
"""Characters of what was said that are kept as evidence."""


class Refusal(NamedTuple):
    """What is to happen when a plugin is asked for what cannot be.

    Attributes:
        what: What it was asked for, as the beginning of a sentence.
        codes: The codes that the spec has for it; any when empty.
        since: The first version of the spec that has them.
        severity: How bad it is when the plugin does not fail.
        names: A variable that its message must name.
    """

    what: str
    codes: tuple[int, ...] = ()
    since: SpecVersion = SpecVersion.V1_0_0
    severity: Severity = Severity.ERROR
    names: str = ""


def refused(bench: Bench, exchange: Exchange, wanted: Refusal) -> Iterator[Seen | Flaw]:
    """Whether a plugin has failed as it should.

    Args:
        bench: Where it was asked.
        exchange: What it answered.
        wanted: What it should have answered.
    """
    if exchange.ok:
        yield _flaw(exchange, f"{wanted.what}: it ends with success", _FAIL, wanted.severity)
        return
    if exchange.timed_out or exchange.signal is not None:
        yield _flaw(exchange, f"{wanted.what}: it {failure_of(exchange)}", _FAIL)
        return
    error = error_object(exchange)
    if error is None:
        message = f"{wanted.what}: it fails, and prints {quoted(exchange)} and no error object"
        yield _flaw(exchange, message, _PRINT, Severity.WARNING)
        return
    yield from _coded(bench, exchange, error, wanted)


_FAIL = "end with a status other than 0, and print an error object"
_PRINT = 'print {"cniVersion": ..., "code": ..., "msg": ...} to stdout before it ends'


def _coded(bench: Bench, exchange: Exchange, error: dict[str, Any], wanted: Refusal) -> Iterator[Seen | Flaw]:
    code, text = error.get("code"), f"{error.get('msg')} {error.get('details') or ''}"
    if wanted.codes and bench.version >= wanted.since and code not in wanted.codes:
        codes = " or ".join(map(str, wanted.codes))
        message = f"{wanted.what}: it fails with code {code}, and the spec has {codes} for this"
        yield _flaw(exchange, message, f"fail with code {wanted.codes[0]}", Severity.WARNING)
    elif wanted.names and bench.version >= wanted.since and wanted.names not in text:
        message = f'{wanted.what}: its message does not name {wanted.names}: "{shorten(text.strip(), 80)}"'
        yield _flaw(exchange, message, f'name {wanted.names} in "msg"', Severity.WARNING)
    else:
        yield Seen(f"{wanted.what}: code {code}: {shorten(text.strip(), 80)}")


def succeeded(exchange: Exchange, what: str, severity: Severity = Severity.ERROR) -> Iterator[Seen | Flaw]:
    """Whether a plugin has done what it must be able to do.

    Args:
        exchange: What it answered.
        what: What it was asked for, as the beginning of a sentence.
        severity: How bad it is when it has not.
    """
    if exchange.ok:
        yield Seen(f"{what}: succeeds")
    else:
        yield _flaw(exchange, f"{what}: {failure_of(exchange)}", "", severity)


def failed(error: CNIError, what: str, severity: Severity = Severity.ERROR) -> Flaw:
    """The flaw that a plugin has failed where it must not.

    Args:
        error: How it failed.
        what: What it was asked for, as the beginning of a sentence.
        severity: How bad it is.
    """
    return Flaw(f"{what}: {error}", error.hint or "", severity=severity)


def printed(exchange: Exchange) -> tuple[Any, str]:
    """The one JSON value on stdout, and what is wrong with it: empty when nothing is."""
    text = exchange.stdout.decode(errors="replace").strip()
    if not text:
        return None, "it prints nothing"
    try:
        return json.loads(text), ""
    except (ValueError, RecursionError):
        pass
    start = text.find("{")
    try:
        value, end = json.JSONDecoder().raw_decode(text, max(start, 0))
    except (ValueError, RecursionError):
        return None, f"it prints no JSON: {quoted(exchange)}"
    where = "in front of" if start else "behind"
    more = text[:start] if start else text[end:]
    return value, f'it prints more {where} its answer: "{shorten(more.strip(), 60)}"'


def error_object(exchange: Exchange) -> dict[str, Any] | None:
    """The error object on stdout; ``None`` when there is none."""
    value, _ = printed(exchange)
    return value if isinstance(value, dict) and ("code" in value or "msg" in value) else None


def judged_result(bench: Bench, exchange: Exchange) -> Iterator[Seen | Flaw]:
    """Whether what ADD has printed is a result of the version that was asked for.

    Args:
        bench: Where it was asked.
        exchange: What it answered.
    """
    value, problem = printed(exchange)
    if problem:
        yield _flaw(exchange, f"ADD: {problem}", "print the result alone to stdout, and logs to stderr")
    if value is None:
        return
    if isinstance(value, dict) and value.keys() & {"code", "msg"}:
        yield _flaw(exchange, "ADD: it ends with success, and prints an error object", _FAIL)
        return
    problems = [*result_problems(str(bench.version), value), *_of_another_version(bench, value)]
    for text in problems:
        yield _flaw(exchange, f"ADD: its result is none of version {bench.version}: {text}", _SHAPE)
    if not problem and not problems:
        yield Seen(f"a result of version {bench.version} and nothing else on stdout")


def _of_another_version(bench: Bench, value: Any) -> Iterator[str]:  # noqa: ANN401  # any JSON value
    """Keys that only results of other versions have; libcni would not see them."""
    foreign = ("ip4", "ip6") if bench.version.has_result_list else ("ips", "interfaces", "routes")
    for key in foreign:
        if isinstance(value, dict) and key in value:
            yield f'there is no "{key}" in this version'


_SHAPE = "print the result as the version of the config has it: `cnictl schema` has its schema"


def quoted(exchange: Exchange) -> str:
    """What is on stdout, for a message."""
    text = exchange.stdout.decode(errors="replace")
    return f'"{shorten(text.strip(), 80)}"' if text.strip() else "nothing"


def _flaw(exchange: Exchange, message: str, fix: str, severity: Severity = Severity.ERROR) -> Flaw:
    return Flaw(message, fix, evidence=evidence(exchange), severity=severity)


def evidence(exchange: Exchange) -> dict[str, object]:
    """A run of the plugin, for machines: enough to do it again."""
    return {
        "environment": exchange.invocation.cni_environment,
        "stdin": _kept(exchange.invocation.stdin),
        "stdout": _kept(exchange.stdout),
        "stderr": _kept(exchange.stderr),
        "status": exchange.status,
    }


def _kept(data: bytes) -> str:
    return shorten(data.decode(errors="replace").strip(), _LONG)


def leftovers(found: list[str], what: str, severity: Severity = Severity.ERROR) -> Iterator[Seen | Flaw]:
    """Whether the node is as it was.

    Args:
        found: What is different.
        what: What has been done, as the beginning of a sentence.
        severity: How bad a difference is.
    """
    if not found:
        yield Seen(f"{what}: the node is as before")
        return
    more = f", and {len(found) - 1} more" if found[1:] else ""
    yield Flaw(f"{what}: {found[0]}{more}", evidence={"differences": found}, severity=severity)


def must_since(bench: Bench, since: str) -> Severity:
    """How bad something is that the spec demands from a version on, and only recommended before."""
    return Severity.ERROR if bench.version >= SpecVersion(since) else Severity.WARNING
