"""Arguments and environment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.interop.build import ADD, ALL, CHECK, DEL, FIRST, SECOND, case, network, results

if TYPE_CHECKING:
    from tests.interop.scene import Step

_PORTS = [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]
_CAPABLE = network(
    FIRST | {"capabilities": {"portMappings": True, "mac": False}},
    SECOND | {"capabilities": {"portMappings": True, "bandwidth": True}},
)


def _with(**environment: str) -> tuple[Step, ...]:
    """Add, check and del with variables."""
    return tuple(step._replace(environment=environment) for step in ALL)


def _cap(**values: object) -> str:
    return json.dumps(values)


CASES = (
    case("args", "CNI_ARGS reach every plugin and the cache", *_with(CNI_ARGS="IgnoreUnknown=1;K8S_POD_NAME=web-0")),
    case("args-same-key", "a key twice in CNI_ARGS", *_with(CNI_ARGS="A=1;A=2")),
    case("args-unicode", "CNI_ARGS in other scripts, with white space", *_with(CNI_ARGS="NAME=bücher <&> 例え")),
    case("args-trailing", "CNI_ARGS with a semicolon at the end", *_with(CNI_ARGS="A=1;")),
    case("args-no-value", "CNI_ARGS with an empty value", *_with(CNI_ARGS="A=")),
    case("args-two-equals", "CNI_ARGS with an equals sign in a value", *_with(CNI_ARGS="A=b=c")),
    case("args-no-equals", "CNI_ARGS without an equals sign", *_with(CNI_ARGS="A")),
    case("args-only-at-add", "CHECK and DEL without the arguments of ADD", _with(CNI_ARGS="A=1")[0], CHECK, DEL),
    case("args-others-at-del", "DEL with other arguments than ADD", _with(CNI_ARGS="A=1")[0], _with(CNI_ARGS="B=2")[2]),
    case("ifname", "CNI_IFNAME", *_with(CNI_IFNAME="net1")),
    case("ifname-empty", "CNI_IFNAME is empty", *_with(CNI_IFNAME="")),
    case("ifname-long", "CNI_IFNAME is too long", _with(CNI_IFNAME="sixteen-letters-")[0]),
    case("ifname-slash", "CNI_IFNAME has a slash", _with(CNI_IFNAME="a/b")[0]),
    case("ifname-dots", "CNI_IFNAME is ..", _with(CNI_IFNAME="..")[0]),
    case("ifname-colon", "CNI_IFNAME has a colon", _with(CNI_IFNAME="eth0:1")[0]),
    case("ifname-unicode", "CNI_IFNAME in another script", *_with(CNI_IFNAME="büro")),
    case("ifname-slash-del", "DEL with a slash in CNI_IFNAME", _with(CNI_IFNAME="a/b")[2]),
    case(
        "ifnames", "two interfaces of one container", ADD, _with(CNI_IFNAME="net1")[0], DEL, _with(CNI_IFNAME="net1")[2]
    ),
    case(
        "caps",
        "capability arguments go to the plugins that declare them",
        *_with(CAP_ARGS=_cap(portMappings=_PORTS, bandwidth={"ingressRate": 1000}, mac="0a:58:0a:01:00:07")),
        write=_CAPABLE,
    ),
    case("caps-unclaimed", "capability arguments that no plugin declares", *_with(CAP_ARGS=_cap(portMappings=_PORTS))),
    case("caps-declared-only", "capabilities are declared, and nothing is asked for", write=_CAPABLE),
    case(
        "caps-null-value",
        "a capability argument that is null",
        *_with(CAP_ARGS=_cap(portMappings=None)),
        write=_CAPABLE,
    ),
    case(
        "caps-empty",
        "capability arguments that are empty",
        *_with(CAP_ARGS=_cap(portMappings=[], bandwidth={})),
        write=_CAPABLE,
    ),
    case(
        "caps-unicode",
        "capability arguments in other scripts",
        *_with(CAP_ARGS='{"portMappings":[{"hostIP":"ü<&>"}]}'),
        write=_CAPABLE,
    ),
    case(
        "caps-big-integer",
        "an integer above 2^53 in CAP_ARGS",
        *_with(CAP_ARGS='{"portMappings":9007199254740993}'),
        write=_CAPABLE,
    ),
    case("caps-none", "CAP_ARGS is an empty object", *_with(CAP_ARGS="{}"), write=_CAPABLE),
    case("caps-null", "CAP_ARGS is null", *_with(CAP_ARGS="null"), write=_CAPABLE),
    case("caps-no-json", "CAP_ARGS is no JSON", *_with(CAP_ARGS="{"), write=_CAPABLE),
    case("caps-list", "CAP_ARGS is a list", *_with(CAP_ARGS="[]"), write=_CAPABLE),
    case(
        "caps-only-at-add",
        "CHECK and DEL without the capability arguments of ADD",
        _with(CAP_ARGS=_cap(portMappings=_PORTS))[0],
        CHECK,
        DEL,
        write=_CAPABLE,
    ),
    case(
        "caps-static",
        "runtimeConfig in the config, and nothing is asked for",
        write=network(FIRST | {"runtimeConfig": {"mac": "x"}}),
    ),
    case(
        "caps-replace-static",
        "runtimeConfig in the config, and something is asked for",
        *_with(CAP_ARGS=_cap(portMappings=_PORTS)),
        write=network(FIRST | {"runtimeConfig": {"mac": "x"}, "capabilities": {"portMappings": True}}),
    ),
    case("netns-relative", "a relative path of the namespace", *(step._replace(netns="./netns") for step in ALL)),
    case(
        "netns-unclean",
        "a path with .. and // in it",
        *(step._replace(netns="/proc//self/task/../ns/net/") for step in ALL),
    ),
    case("netns-bare", "a namespace that is a name alone", DEL._replace(netns="netns")),
    case("netns-missing-add", "ADD to a namespace that is not there", ADD._replace(netns="/run/no/such")),
    case("netns-missing-check", "CHECK of a namespace that is not there", CHECK._replace(netns="/run/no/such")),
    case("netns-missing-del", "DEL from a namespace that is not there", DEL._replace(netns="/run/no/such")),
    case(
        "stray-variables",
        "variables of the protocol in the caller's environment",
        *_with(CNI_COMMAND="GC", CNI_CONTAINERID="other", CNI_NETNS="/other", CNI_NETNS_OVERRIDE="1"),
    ),
    case(
        "path-two",
        "two plugin directories; the first one that has the plugin is taken",
        *_with(CNI_PATH="{dir}/more:{dir}/bin"),
        write={"more/second/x": ""} | results(),
    ),
    case("path-empty-element", "an empty element in CNI_PATH", *_with(CNI_PATH=":{dir}/bin")),
    case("path-relative", "CNI_PATH is relative", *_with(CNI_PATH="bin")[:1]),
    case("path-relative-too", "CNI_PATH has a relative element besides", *_with(CNI_PATH="{dir}/bin:bin")),
    case("path-elsewhere", "CNI_PATH has no plugins", *_with(CNI_PATH="{dir}/conf")),
)
