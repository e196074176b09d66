"""Spec versions: of configs, of results, and both together."""

from __future__ import annotations

from tests.interop.build import ADD, CHECK, DEL, FIRST, SECOND, answered, case, network, result, results, says

_VERSIONS = ("0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0")
_NEW_KEYS = {
    "cniVersion": "1.1.0",
    "interfaces": [
        {"name": "eth0", "mtu": 1400, "socketPath": "/run/vhost.sock", "pciID": "0000:3b:02.1", "sandbox": "/x"}
    ],
    "ips": [{"address": "10.1.0.5/24", "interface": 0}],
    "routes": [{"dst": "10.0.0.0/8", "mtu": 1300, "advmss": 1260, "priority": 10, "table": 100, "scope": 253}],
}

CASES = (
    *(
        case(f"version-{version}", f"add, check and del with a chain of {version}", write=both)
        for version in _VERSIONS
        for both in [network(version=version) | results(version)]
    ),
    case("version-absent", "a config without cniVersion", write=network(version=None) | results("0.1.0")),
    case("version-empty", "a config whose cniVersion is empty", write=network(version="") | results("0.1.0")),
    case("version-garbage", "a config whose cniVersion is no version", ADD, write=network(version="banana")),
    case("version-too-new", "a config of a version that does not exist yet", ADD, write=network(version="9.9.9")),
    case("version-two-parts", "a config whose cniVersion has two parts", ADD, write=network(version="1.0")),
    case(
        "versions-list",
        "cniVersions: the greatest is chosen",
        write=network(version=None, cniVersions=["0.4.0", "1.1.0", "1.0.0"]) | results("1.1.0"),
    ),
    case(
        "versions-list-and-version",
        "cniVersion is one of the candidates",
        write=network(version="1.1.0", cniVersions=["0.4.0", "1.0.0"]) | results("1.1.0"),
    ),
    case(
        "versions-list-future",
        "versions newer than the runtime are passed over",
        write=network(version="0.4.0", cniVersions=["9.9.9", "1.0.0"]),
    ),
    case(
        "versions-list-garbage",
        "an element of cniVersions is no version",
        ADD,
        write=network(version="1.0.0", cniVersions=["x"]),
    ),
    case("versions-null", "cniVersions is null", ADD, write=network(version="1.0.0", cniVersions=None)),
    case(
        "result-older-inside",
        "the first plugin answers in an older version",
        write=says("first", "ADD", result("0.3.1")),
    ),
    case(
        "result-older-last",
        "the last plugin answers in an older version",
        write=says("second", "ADD", result("0.4.0", 6)),
    ),
    case(
        "result-oldest-inside",
        "the first plugin answers in the oldest form",
        write=says("first", "ADD", result("0.2.0")),
    ),
    case(
        "result-newer-inside",
        "the first plugin answers in a newer version",
        write=network(version="0.4.0") | results("0.4.0") | says("first", "ADD", result("1.0.0")),
    ),
    case(
        "result-newer-last",
        "the last plugin answers in a newer version",
        write=network(version="0.4.0") | results("0.4.0") | says("second", "ADD", result("1.0.0", 6)),
    ),
    case(
        "result-newer-no-ips",
        "a result that the config's version cannot express",
        ADD,
        write=network(FIRST, version="0.2.0") | says("first", "ADD", {"cniVersion": "1.0.0", "dns": {}}),
    ),
    case("result-no-version", "a result without cniVersion", write=answered({"ips": [{"address": "10.1.0.5/24"}]})),
    case("result-empty-version", "a result whose cniVersion is empty", write=answered(result() | {"cniVersion": ""})),
    case(
        "result-version-number", "a result whose cniVersion is a number", write=answered(result() | {"cniVersion": 1})
    ),
    case(
        "result-unknown-version",
        "a result of an unknown version",
        ADD,
        write=answered(result() | {"cniVersion": "7.0.0"}),
    ),
    case(
        "result-new-keys",
        "all keys of 1.1.0 in a result",
        write=network(FIRST, SECOND, version="1.1.0")
        | says("first", "ADD", _NEW_KEYS)
        | says("second", "ADD", _NEW_KEYS),
    ),
    case(
        "result-new-keys-old-list",
        "keys of 1.1.0 in a result that calls itself 1.0.0",
        write=answered(_NEW_KEYS | {"cniVersion": "1.0.0"}),
    ),
    case(
        "plugin-speaks-other-versions",
        "a plugin that says that it does not speak the config's version",
        ADD,
        write=says("second", "VERSION", {"cniVersion": "0.4.0", "supportedVersions": ["0.3.1", "0.4.0"]}),
    ),
    case(
        "plugin-without-version",
        "a plugin of the time before VERSION, with a config of its time",
        ADD,
        DEL,
        write=network(FIRST, version="0.1.0")
        | results("0.1.0")
        | says("first", "VERSION", {"code": 4, "msg": "unknown CNI_COMMAND: VERSION"}, status=1),
    ),
    case("check-unsupported", "CHECK of a config that has none", CHECK, write=network(version="0.3.1")),
)
