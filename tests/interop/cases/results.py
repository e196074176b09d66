"""What plugins print, and what becomes of it."""

from __future__ import annotations

from tests.interop.build import ADD, answered, case, result, says

_DUAL = {
    "cniVersion": "1.0.0",
    "interfaces": [{"name": "cni0"}, {"name": "veth1", "mac": "0A:58:0A:01:00:01"}, {"name": "eth0", "sandbox": "/x"}],
    "ips": [
        {"address": "10.1.0.5/24", "gateway": "10.1.0.1", "interface": 2},
        {"address": "FD00:0:0::05/64", "gateway": "fd00::0001", "interface": 2},
    ],
    "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0", "gw": "FD00::1"}],
    "dns": {"nameservers": ["10.1.0.1"], "domain": "x", "search": ["a", "b"], "options": ["ndots:2"]},
}
_UNKNOWN = {
    "cniVersion": "1.0.0",
    "vendor": {"id": 7},
    "interfaces": [{"name": "eth0", "vendor": 1}],
    "ips": [{"address": "10.1.0.5/24", "vendor": 1}],
    "routes": [{"dst": "0.0.0.0/0", "vendor": 1}],
}
_ERROR = {"cniVersion": "1.0.0", "code": 100, "msg": "it went wrong"}


def _ips(*ips: object) -> dict[str, object]:
    return {"cniVersion": "1.0.0", "ips": list(ips)}


CASES = (
    case("result-dual-stack", "two families, in odd spellings", write=answered(_DUAL)),
    case("result-unknown-keys", "keys that no version knows", write=says("first", "ADD", _UNKNOWN)),
    case("result-unknown-keys-last", "keys that no version knows, in the last result", write=answered(_UNKNOWN)),
    case("result-null", "a plugin prints null", write=answered("null")),
    case("result-empty-object", "the last plugin prints an empty object", write=says("second", "ADD", {})),
    case("result-empty-object-first", "the first plugin prints an empty object", write=says("first", "ADD", {})),
    case("result-nothing", "a plugin prints nothing", ADD, write=answered("")),
    case("result-array", "a plugin prints a list", ADD, write=answered([])),
    case("result-string", "a plugin prints a string", ADD, write=answered('"x"')),
    case("result-noise-before", "a plugin logs to stdout before its result", ADD, write=answered('hello\n{"ips": []}')),
    case("result-noise-behind", "a plugin logs to stdout after its result", ADD, write=answered('{"ips": []}\nbye')),
    case("result-twice", "a plugin prints two results", ADD, write=answered('{"ips": []}{"ips": []}')),
    case("result-white-space", "a result with white space around it", write=answered('\n\n  {"ips": []}\n\n')),
    case("result-error-object", "a plugin prints an error object and ends with success", ADD, write=answered(_ERROR)),
    case("result-null-lists", "lists that are null", write=answered('{"cniVersion":"1.0.0","ips":null,"routes":null}')),
    case("result-null-address", "an address that is null", ADD, write=answered(_ips({"address": None}))),
    case("result-no-address", "an address entry without address", ADD, write=answered(_ips({"interface": 0}))),
    case("result-no-mask", "an address without a mask", ADD, write=answered(_ips({"address": "10.1.0.5"}))),
    case(
        "result-leading-zero", "an address with a leading zero", ADD, write=answered(_ips({"address": "10.1.0.05/24"}))
    ),
    case("result-netmask", "an address with a netmask", ADD, write=answered(_ips({"address": "10.1.0.5/255.0.0.0"}))),
    case("result-zone", "an address with a zone", ADD, write=answered(_ips({"address": "fe80::1%eth0/64"}))),
    case(
        "result-mapped",
        "an IPv4 address that is written as IPv6",
        write=answered(_ips({"address": "::ffff:10.1.0.5/120"})),
    ),
    case(
        "result-empty-gateway",
        "a gateway that is empty",
        write=answered(_ips({"address": "10.1.0.5/24", "gateway": ""})),
    ),
    case(
        "result-interface-0", "the interface 0 stays", write=answered(_ips({"address": "10.1.0.5/24", "interface": 0}))
    ),
    case(
        "result-interface-far",
        "an interface that is not there",
        write=answered(_ips({"address": "10.1.0.5/24", "interface": 9})),
    ),
    case(
        "result-interface-negative",
        "an interface below 0",
        write=answered(_ips({"address": "10.1.0.5/24", "interface": -1})),
    ),
    case(
        "result-interface-text",
        "an interface that is a text",
        ADD,
        write=answered(_ips({"address": "10.1.0.5/24", "interface": "0"})),
    ),
    case(
        "result-key-case",
        "keys in other letters",
        write=answered({"cniVersion": "1.0.0", "IPs": [{"Address": "10.1.0.5/24"}]}),
    ),
    case(
        "result-unicode",
        "names in other scripts",
        write=answered({"cniVersion": "1.0.0", "dns": {"domain": "bücher.例え", "search": ["a<b>&c"]}}),
    ),
    case(
        "result-large-mtu",
        "an MTU that is no whole number",
        ADD,
        write=answered({"cniVersion": "1.1.0", "interfaces": [{"name": "eth0", "mtu": 1.5}]}),
    ),
    case(
        "result-destination-host",
        "a route to a host, with bits behind the mask",
        write=answered({"cniVersion": "1.0.0", "routes": [{"dst": "10.1.2.3/16", "gw": "10.1.0.1"}]}),
    ),
    case("result-empty-dns", "a result with an empty dns", write=answered(result() | {"dns": {}})),
    case(
        "result-interface-no-name",
        "an interface without a name",
        write=answered({"cniVersion": "1.0.0", "interfaces": [{"mac": "0a:58:0a:01:00:05"}]}),
    ),
)
