"""Twice as much to judge takes about twice as much work: no rule compares everything with everything.

Work is counted in lines that run, not in seconds, so that a busy machine changes nothing.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from cnictl.errors import SourceError
from cnictl.text.source import MAX_BYTES, Source, read_source
from cnictl.validate.engine import judge
from cnictl.validate.paths import judge_directory

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

SIZE = 100
MOST = 2.4
"""How much more work twice as much may be for a function; comparing everything with everything comes to nearly 4."""
LITTLE = 10
"""What a function may do for each piece without being looked at."""


def lines_run(work: Callable[[], object]) -> Counter[CodeType]:
    """How many lines, turns of loops included, run in each function of the tool."""
    count: Counter[CodeType] = Counter()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if "cnictl/" not in frame.f_code.co_filename:
            return None
        count[frame.f_code] += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def grown(work: Callable[[int], Callable[[], object]]) -> dict[str, float]:
    """The functions that have much more work to do when a size doubles, and how much more."""
    for size in (1, 2 * SIZE):  # what is worked out only once is done
        work(size)()
    once, twice = (lines_run(work(size)) for size in (SIZE, 2 * SIZE))
    much = {code: lines / max(once[code], 1) for code, lines in twice.items() if lines > LITTLE * SIZE}
    return {f"{code.co_filename}:{code.co_firstlineno}": more for code, more in much.items() if more > MOST}


def _address(number: int) -> str:
    return f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"


def _bridge(number: int = 1, **keys: Any) -> dict[str, Any]:
    ipam = {"type": "host-local", "subnet": f"{_address(256 * number)}/24"}
    return {"type": "bridge", "bridge": f"b{number}", "isGateway": True, "ipam": ipam, **keys}


def _pools(sets: list[list[dict[str, str]]]) -> list[dict[str, Any]]:
    return [_bridge(ipam={"type": "host-local", "ranges": sets})]


def _chain(kind: str, **keys: Any) -> Callable[[int], list[dict[str, Any]]]:
    return lambda size: [_bridge(), *({"type": kind, **keys} for _ in range(size))]


_PORTS = {"capabilities": {"portMappings": True}}
_LIMITS = {"ingressRate": 10_000_000, "ingressBurst": 80_000_000}
_WHOLE = {"subnet": "10.0.0.0/8"}

PLUGINS: dict[str, Callable[[int], list[dict[str, Any]]]] = {
    "bridges": lambda size: [_bridge(number, ipMasq=True) for number in range(size)],
    "unknown plugins": lambda size: [{"type": f"own{number}"} for number in range(size)],
    "bandwidth": _chain("bandwidth", **_LIMITS),
    "danm": _chain("danm"),
    "macvlan": _chain("macvlan", mtu=1400),
    "portmap": _chain("portmap", **_PORTS),
    "sbr": _chain("sbr"),
    "tuning": _chain("tuning", mtu=1400),
    "vrf": _chain("vrf", vrfname="blue"),
    "routes": lambda size: [_with_routes(size, {})],
    "routes with gateways": lambda size: [_with_routes(size, {"gw": "10.1.0.1"})],
    "range sets": lambda size: _pools([[{"subnet": f"{_address(256 * number)}/24"}] for number in range(size)]),
    "equal range sets": lambda size: _pools([[_WHOLE] for _ in range(size)]),
    "equal ranges": lambda size: _pools([[_WHOLE] * size]),
    "ranges": lambda size: _pools([[_range(number) for number in range(size)]]),
    "static addresses": lambda size: [_bridge(ipam=_static(size))],
    "exclusions": lambda size: [
        _bridge(ipam={"type": "whereabouts", "range": "10.0.0.0/8", "exclude": [_address(at) for at in range(size)]})
    ],
    "requested addresses": lambda size: [
        _bridge(
            args={"cni": {"ips": [_address(4 * number + 5) for number in range(size)]}},
            ipam={"type": "host-local", "ranges": [[_range(number) for number in range(size)]]},
        )
    ],
    "capabilities": lambda size: [_bridge(capabilities={f"c{number}": True for number in range(size)})],
    "unknown keys": lambda size: [_bridge(**{f"k{number}": 1 for number in range(size)})],
    "unknown keys of ipam": lambda size: [_bridge(ipam={"type": "static", **{f"k{at}": 1 for at in range(size)}})],
    "sysctls": lambda size: [_bridge(), {"type": "tuning", "sysctl": {f"vm.{number}": 1 for number in range(size)}}],
    "trunks": lambda size: [_bridge(vlanTrunk=[{"id": number + 1} for number in range(size)])],
    "name servers": lambda size: [_bridge(dns={"nameservers": [_address(number) for number in range(size)]})],
}


def _with_routes(size: int, more: dict[str, str]) -> dict[str, Any]:
    routes = [{"dst": f"{_address(number)}/32", **more} for number in range(size)]
    return _bridge(ipam={"type": "host-local", "subnet": "10.1.0.0/24", "routes": routes})


def _range(number: int) -> dict[str, str]:
    return {**_WHOLE, "rangeStart": _address(4 * number + 4), "rangeEnd": _address(4 * number + 6)}


def _static(size: int) -> dict[str, Any]:
    addresses = [{"address": f"{_address(256 * number + 5)}/24"} for number in range(size)]
    routes = [{"dst": f"20.{number}.0.0/24", "gw": _address(256 * number + 1)} for number in range(size)]
    return {"type": "static", "addresses": addresses, "routes": routes}


def _network(name: str, plugins: list[dict[str, Any]]) -> bytes:
    return json.dumps({"cniVersion": "1.0.0", "name": name, "plugins": plugins}).encode()


@pytest.mark.parametrize("kind", PLUGINS)
def test_a_file_with_twice_as_much_in_it(kind):
    def work(size):
        source = Source("10-net.conflist", _network("pods", PLUGINS[kind](size)))
        return lambda: judge(source)

    assert not grown(work)


TEXTS = {
    "trailing commas": "[1,]",
    "comments": "1 // one",
    "wrong quotes": "'a'",
    "bad escapes": r'"\q"',
    "words without quotes": "abc",
    "placeholders": '"{{ .Value }}"',
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_with_twice_as_many_mistakes(kind):
    def work(size):
        items = ",\n".join([TEXTS[kind]] * size)
        text = f'{{"cniVersion": "1.0.0", "name": "pods", "plugins": [{{"type": "bridge"}}], "x": [\n{items}\n]}}'
        return lambda: judge(Source("10-net.conflist", text.encode()))

    assert not grown(work)


DIRECTORIES: dict[str, Callable[[int], tuple[str, dict[str, Any]]]] = {
    "networks of their own": lambda number: (f"net{number}", _bridge(number)),
    "networks with the same subnet": lambda number: (f"net{number}", _bridge()),
    "networks on their own links": lambda number: (
        f"net{number}",
        {"type": "macvlan", "master": f"eth{number}", "ipam": _bridge()["ipam"]},
    ),
    "links and gateways by turns": lambda number: (
        f"net{number}",
        {"type": ("macvlan", "ptp")[number % 2], "master": f"eth{number}", "ipam": _bridge(number)["ipam"]},
    ),
    "networks of the same name": lambda number: ("pods", _bridge(number)),
}


@pytest.mark.parametrize("kind", DIRECTORIES)
def test_a_directory_with_twice_as_many_files(tmp_path, kind):
    def work(size):
        directory = tmp_path / str(size)
        directory.mkdir(exist_ok=True)
        for number in range(size):
            name, plugin = DIRECTORIES[kind](number)
            (directory / f"{number}.conflist").write_bytes(_network(name, [plugin]))
        return lambda: judge_directory(str(directory))

    assert not grown(work)


def test_a_larger_file_is_refused(tmp_path):
    path = tmp_path / "10-net.conflist"
    path.write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(SourceError, match=r"is 2\.0 MiB, the limit is 2 MiB"):
        read_source(str(path))
