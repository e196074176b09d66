"""Reads what a plugin answered (CNI spec 1.1.0, section 5)."""

from __future__ import annotations

import json
import re
import signal
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.errors import PLUGIN_ERRORS, CNIError, PluginCrashed, PluginError, PluginTimeout, ProtocolViolation
from cnictl.invoke.advice import advice
from cnictl.model.result import BadResult, Result, decode_result
from cnictl.text.scan import shorten

if TYPE_CHECKING:
    from cnictl.invoke.invocation import Exchange
    from cnictl.model.version import SpecVersion

_OLD_VERSION_ANSWER = "unknown CNI_COMMAND: VERSION"
"""What plugins from before VERSION existed answer to it."""


class PluginInfo(NamedTuple):
    """What a plugin says about itself.

    Attributes:
        versions: The spec versions that it speaks, as it spells them.
    """

    versions: tuple[str, ...]


def result_of(exchange: Exchange, assumed: SpecVersion) -> Result:
    """The result of a successful ADD.

    Args:
        exchange: The run.
        assumed: The version of the config, for results that name none.

    Raises:
        CNIError: The run failed (see `failure_of`), or its stdout holds no result.
    """
    require_success(exchange)
    data = _answer(exchange)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise ProtocolViolation(f"printed {shorten(json.dumps(data))} instead of a result object", exchange)
    if "code" in data and "msg" in data and not data.keys() & {"ips", "interfaces", "ip4", "ip6"}:
        raise ProtocolViolation(f"ended with success and printed an error: {data['msg']}", exchange)
    try:
        return decode_result(data, assumed)
    except BadResult as error:
        raise ProtocolViolation(f"printed a result that cannot be used: {error}", exchange) from error


def require_success(exchange: Exchange) -> None:
    """Does nothing for a run that succeeded.

    Raises:
        CNIError: It did not; see `failure_of`.
    """
    if not exchange.ok:
        raise failure_of(exchange)


def failure_of(exchange: Exchange) -> CNIError:
    """The error that says how a run failed."""
    if exchange.timed_out:
        return PluginTimeout(exchange.limit, exchange)
    if exchange.signal is not None:
        return PluginCrashed(f"was ended by {_signal_name(exchange.signal)}{_last_words(exchange)}", exchange)
    if not exchange.stdout.strip():
        message = f"failed with exit status {exchange.status}{_last_words(exchange) or ' and said nothing'}"
        return PluginCrashed(message, exchange)
    data = _error_object(exchange)
    if data is None:
        message = f"failed with exit status {exchange.status} and printed no error object: {_quote(exchange)}"
        return ProtocolViolation(message, exchange)
    code = data.get("code", 0)
    if not isinstance(code, int) or isinstance(code, bool) or code < 0:
        text = f"failed with the code {json.dumps(code)}, which is no number from 0 up: {_quote(exchange)}"
        return ProtocolViolation(text, exchange)
    msg, details = (str(data.get(key) or "") for key in ("msg", "details"))
    kind = PLUGIN_ERRORS.get(code, PluginError)
    return kind(code, msg, details, exchange, hint=advice(code, f"{msg} {details}"))


def plugin_info_of(exchange: Exchange) -> PluginInfo:
    """The answer to VERSION.

    Raises:
        CNIError: The plugin failed, or its answer is no version object.
    """
    if not exchange.ok:
        error = failure_of(exchange)
        if isinstance(error, PluginError) and error.msg == _OLD_VERSION_ANSWER:
            return PluginInfo(("0.1.0",))
        raise error
    data = _answer(exchange)
    if not isinstance(data, dict) or not isinstance(data.get("cniVersion"), str):
        raise ProtocolViolation(f"answered VERSION with {_quote(exchange)}", exchange)
    versions = data.get("supportedVersions")
    if not versions and data["cniVersion"] == "0.2.0":
        return PluginInfo(("0.1.0", "0.2.0"))  # the form of spec 0.2.0, which had no list
    if not isinstance(versions, list) or not all(isinstance(version, str) for version in versions):
        raise ProtocolViolation('answered VERSION without a list of "supportedVersions"', exchange)
    return PluginInfo(tuple(versions))


def _answer(exchange: Exchange) -> Any:  # noqa: ANN401  # any JSON value
    if not exchange.stdout.strip():
        raise ProtocolViolation("ended with success and printed nothing", exchange)
    try:
        return _DECODER.decode(exchange.stdout.decode(errors="replace"))
    except (ValueError, RecursionError) as error:
        where = f" in the {len(exchange.stdout)} bytes that were kept" if exchange.truncated else ""
        raise ProtocolViolation(f"printed no JSON{where}: {_quote(exchange)}", exchange) from error


_OBJECT_START = re.compile(r"^\{|(?<=\})\{", re.MULTILINE)
"""Where an object may begin on a noisy stdout: at the start of a line, or right behind another one, because the
skeleton of Go plugins prints result and error without a line end."""


def _error_object(exchange: Exchange) -> dict[str, Any] | None:
    """The error object on stdout; when there is more on it, the object at its end."""
    text = exchange.stdout.decode(errors="replace").strip()
    starts = [match.start() for match in _OBJECT_START.finditer(text)]
    for start in (*starts[:1], *reversed(starts)):
        try:
            data, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if end == len(text):
            return {key.lower(): value for key, value in data.items()}
    return None


def _no_constant(name: str) -> None:
    message = f"{name} is no JSON"
    raise ValueError(message)


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _quote(exchange: Exchange) -> str:
    return f'"{shorten(exchange.stdout.decode(errors="replace"), 80)}"'


def _last_words(exchange: Exchange) -> str:
    """The line of stderr that says most: a Go panic's first line, or else the last one."""
    lines = exchange.stderr.decode(errors="replace").strip().splitlines()
    panic = next((line for line in lines if line.startswith("panic:")), None)
    return f": {shorten(panic or lines[-1], 200)}" if lines else ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
