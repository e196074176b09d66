"""Config files: their forms, their oddities, and which of them is taken."""

from __future__ import annotations

from tests.interop.build import ADD, ALL, CHECK, DEL, FIRST, SECOND, case, conf, network, result, says

_SINGLE = FIRST | {"cniVersion": "1.0.0", "name": "net"}
_GONE: dict[str, str | None] = {"conf/10-net.conflist": None}
_OTHER_LEVEL = network(FIRST | {"level": 2}, SECOND, file="00-net.conflist")
_ELSEWHERE = tuple(step._replace(network="alone") for step in ALL)
_UNICODE = FIRST | {"ключ": "значение", "emoji": "🦈", "unsafe": "<a href='x'>&\u2028\u2029", "quote": '"\\/\t'}
_NUMBERS = '{"cniVersion":"1.0.0","name":"net","plugins":[{"type":"first",%s}]}'


def _single(file: str, **keys: object) -> dict[str, str]:
    """A network of one plugin in a file of its own, with the name ``alone``."""
    return conf(file, _SINGLE | {"name": "alone"} | keys) | says("first", "ADD", result())


def _text(text: str) -> dict[str, str]:
    return conf("10-net.conflist", text)


CASES = (
    case("single-conf", "a single plugin in a .conf", *_ELSEWHERE, write=_single("20-alone.conf")),
    case("single-json", "a single plugin in a .json", *_ELSEWHERE, write=_single("20-alone.json")),
    case(
        "single-capabilities",
        "a single plugin with capabilities",
        *(step._replace(environment={"CAP_ARGS": '{"mac":"x"}'}) for step in _ELSEWHERE),
        write=_single("20-alone.conf", capabilities={"mac": True}),
    ),
    case(
        "single-no-version",
        "a single plugin without cniVersion",
        *_ELSEWHERE,
        write=conf("20-alone.conf", {"name": "alone", "type": "first"}) | says("first", "ADD", result("0.2.0")),
    ),
    case(
        "single-disable-check",
        "disableCheck in a single plugin has no effect",
        *_ELSEWHERE,
        write=_single("20-alone.conf", disableCheck=True),
    ),
    case("single-in-conflist", "a single plugin in a .conflist", ADD, write=conf("10-net.conflist", _SINGLE)),
    case(
        "list-in-conf",
        "a list in a .conf",
        ADD,
        write=_GONE | conf("20-net.conf", {"cniVersion": "1.0.0", "name": "net", "plugins": [FIRST]}),
    ),
    case(
        "list-before-conf",
        "a list and a single plugin of one name: the list is taken",
        ADD,
        write=conf("00-net.conf", _SINGLE),
    ),
    case("same-name", "two lists of one name: the first by file name is taken", ADD, write=_OTHER_LEVEL),
    case(
        "order-by-bytes",
        "10 comes before 5, and capitals before small letters",
        ADD,
        write=network(FIRST | {"level": 5}, file="5.conflist") | network(FIRST | {"level": 26}, file="Z.conflist"),
    ),
    case("broken-before", "a broken file before the network's", ADD, write=conf("00-bad.conflist", "{")),
    case("broken-behind", "a broken file behind the network's", ADD, write=conf("99-bad.conflist", "{")),
    case(
        "no-plugins-before",
        "another network without plugins before the network's",
        ADD,
        write=conf("00-empty.conflist", {"cniVersion": "1.0.0", "name": "x", "plugins": []}),
    ),
    case(
        "ignored-suffixes",
        "files with other suffixes do not matter",
        ADD,
        write=conf("00-net.conflist.bak", "{") | conf("00-net.yaml", "{") | conf("00-net.CONFLIST", "{"),
    ),
    case(
        "hidden-file",
        "a file whose name begins with a dot counts",
        ADD,
        write=network(FIRST | {"level": 9}, file=".conflist"),
    ),
    case("not-found", "no such network", *(step._replace(network="other") for step in ALL)),
    case("conf-dir-missing", "there is no config directory", ADD._replace(environment={"NETCONFPATH": "{dir}/none"})),
    case("no-plugins", "a list without plugins", ADD, write=network(plugins=[])),
    case("plugins-null", "a list whose plugins are null", ADD, write=network(plugins=None)),
    case("plugin-null", "a plugin that is null", ADD, write=network(plugins=[None])),
    case("type-missing", "a plugin without a type", ADD, write=network({"level": 1})),
    case("type-empty", "a plugin with an empty type", ADD, write=network({"type": ""})),
    case("type-number", "a plugin whose type is a number", ADD, write=network({"type": 7})),
    case(
        "name-missing",
        "a list without a name",
        ADD,
        write=conf("10-net.conflist", {"cniVersion": "1.0.0", "plugins": [FIRST]}),
    ),
    case(
        "name-bad-add",
        "ADD to a network whose name is not allowed",
        ADD._replace(network="a b"),
        write=network(name="a b"),
    ),
    case(
        "name-bad-del",
        "DEL from a network whose name is not allowed",
        DEL._replace(network="a b"),
        write=network(name="a b"),
    ),
    case(
        "name-bad-check",
        "CHECK of a network whose name is not allowed",
        CHECK._replace(network="a b"),
        write=network(name="a b"),
    ),
    case("bom", "a file with a byte order mark", ADD, write=_text("\ufeff" + network()["conf/10-net.conflist"])),
    case("comment", "a file with a comment", ADD, write=_text("// x\n" + network()["conf/10-net.conflist"])),
    case("trailing-comma", "a file with a comma too many", ADD, write=_text(_NUMBERS % '"level":1,')),
    case("two-documents", "a file with two documents", ADD, write=_text(_NUMBERS % '"level":1' + "{}")),
    case(
        "white-space",
        "a file with white space and line ends of its own",
        write=_text("\r\n" + (_NUMBERS % '\t"level" :\r\n 1') + " \n\n"),
    ),
    case("duplicate-keys", "a key twice: the last one counts", write=_text(_NUMBERS % '"level":1,"level":2')),
    case("key-case", "keys of a plugin in other letters", ADD, write=network({"Type": "first", "Level": 1})),
    case("unicode", "keys and values in other scripts, and characters that Go escapes", write=network(_UNICODE)),
    case(
        "escapes",
        "escapes in strings, half a surrogate pair among them",
        write=_text(_NUMBERS % r'"a":"\u00fc\ud83e\udd88","b":"\ud83e"'),
    ),
    case(
        "big-integers", "integers above 2^53", write=_text(_NUMBERS % '"a":9007199254740993,"b":-18446744073709551617')
    ),
    case(
        "numbers",
        "numbers in odd spellings",
        write=_text(_NUMBERS % '"a":1.0,"b":1e3,"c":0.1,"d":-0,"e":1E-7,"f":1e21'),
    ),
    case("huge-number", "a number above all floating-point numbers", ADD, write=_text(_NUMBERS % '"a":1e999')),
    case(
        "null-values",
        "null, false, 0 and empty values stay",
        write=network(FIRST | {"a": None, "b": False, "c": 0, "d": "", "e": [], "f": {}}),
    ),
    case(
        "null-known",
        "known keys that are null",
        write=network(FIRST | {"ipam": None, "dns": None, "capabilities": None}),
    ),
    case("ipam-text", "ipam that is a text", ADD, write=network(FIRST | {"ipam": "dhcp"})),
    case(
        "capabilities-text",
        "a capability that is a text",
        ADD,
        write=network(FIRST | {"capabilities": {"mac": "true"}}),
    ),
    case(
        "own-name",
        "a plugin with a name and a cniVersion of its own",
        write=network(FIRST | {"name": "mine", "cniVersion": "0.3.1"}),
    ),
    case(
        "own-prev-result",
        "prevResult in the config",
        write=network(FIRST | {"prevResult": result(number=9)}, SECOND | {"prevResult": result(number=8)}),
    ),
    case(
        "args-in-config",
        "args in the config",
        write=network(FIRST | {"args": {"cni": {"ips": ["10.1.0.7"]}, "other": {"x": [1, {"y": None}]}}}),
    ),
    case("list-keys", "keys at the top of a list do not reach the plugins", write=network(vendor=1, disableGC=True)),
    case("disable-check", "disableCheck", write=network(disableCheck=True)),
    case("disable-check-text", "disableCheck as a text in capitals", write=network(disableCheck="TRUE")),
    case("disable-check-false", "disableCheck as the text false", write=network(disableCheck="false")),
    case("disable-check-number", "disableCheck as a number", ADD, write=network(disableCheck=1)),
    case(
        "drop-in",
        "plugins in the network's own directory",
        write=network(FIRST) | conf("net/20.conf", SECOND) | conf("net/30.json", "{"),
    ),
    case(
        "drop-in-inlined-only",
        "the network's own directory is not to be read",
        write=network(FIRST, loadOnlyInlinedPlugins=True) | conf("net/20.conf", SECOND),
    ),
    case(
        "drop-in-alone",
        "all plugins are in the network's own directory",
        write=conf("10-net.conflist", {"cniVersion": "1.0.0", "name": "net"}) | conf("net/20.conf", SECOND),
    ),
    case(
        "drop-in-broken",
        "a broken file in the network's own directory",
        ADD,
        write=network(FIRST) | conf("net/20.conf", "{"),
    ),
)
