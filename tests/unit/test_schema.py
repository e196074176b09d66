from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from cnictl.invoke.find import REFERENCE_PLUGINS
from cnictl.model.version import SpecVersion
from cnictl.schema import (
    SCHEMA_DIR,
    PluginFacts,
    Violation,
    is_reference,
    known_types,
    open_library,
    plugin_facts,
    plugin_schema,
    using,
    violation,
    violations,
)
from cnictl.schema.own import _FACTS
from cnictl.text.node import ObjectNode
from cnictl.text.parser import parse
from cnictl.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMON = json.loads((SCHEMA_DIR / "common.schema.json").read_bytes())
DOCUMENTS = {"common": COMMON, **{plugin: plugin_schema(plugin) or {} for plugin in known_types()}}


def found(plugin: str, text: str) -> list[Violation]:
    root = parse(Source("-", text.encode())).root
    assert isinstance(root, ObjectNode)
    return list(violations(plugin, root))


def told(plugin: str, **keys: object) -> list[tuple[str, str, str, str]]:
    """What is wrong with the keys of a plugin: kind, pointer, message, fix."""
    everything = found(plugin, json.dumps({"type": plugin, **keys}))
    return [(each.kind, each.label.pointer, each.message, each.fix) for each in everything]


def test_an_unknown_key():
    assert told("bridge", master="eth0") == [
        ("unknown-key", "/master", 'the key "master" is not read by the plugin bridge', "remove it")
    ]


def test_an_unknown_key_that_is_near_to_a_known_one():
    assert told("bridge", isGatway=True) == [
        (
            "unknown-key",
            "/isGatway",
            'the key "isGatway" is not read by the plugin bridge; did you mean "isGateway"?',
            'write "isGateway"',
        )
    ]


def test_an_unknown_key_inside_belongs_to_the_key_that_holds_it():
    message = 'the key "via" is not read by "routes"'
    routes = [{"dst": "0.0.0.0/0", "via": "10.1.0.1"}]
    assert told("host-local", routes=routes) == [("unknown-key", "/routes/0/via", message, "remove it")]


@pytest.mark.parametrize(
    "key", ["_note", "//", "#mtu", "$schema", "comment", "comments", "description", "cni.dev/valid-attachments"]
)
def test_remarks_and_reserved_keys_are_no_mistake(key):
    assert told("bridge", **{key: "x"}) == []


@pytest.mark.parametrize("key", ["descriptions", "note", "cni.dev", ""])
def test_what_only_looks_like_a_remark_is_unknown(key):
    assert [kind for kind, *_ in told("bridge", **{key: "x"})] == ["unknown-key"]


def test_a_key_in_another_letter_case():
    message = '"ISGATEWAY" is read as "isGateway" by plugins written in Go only'
    assert told("bridge", ISGATEWAY=True) == [("key-case", "/ISGATEWAY", message, 'write "isGateway"')]


@pytest.mark.parametrize(
    ("key", "value", "problem", "fix"),
    [
        ("isGateway", "true", "true or false, and this is a string", "write true, without quotes"),
        ("isGateway", "False", "true or false, and this is a string", "write false, without quotes"),
        ("isGateway", "yes", "true or false, and this is a string", "write true or false"),
        ("isGateway", 1, "true or false, and this is a whole number", "write true or false"),
        ("mtu", "1450", "a whole number, and this is a string", "write 1450, without quotes"),
        ("mtu", "0", "a whole number, and this is a string", "write 0, without quotes"),
        ("mtu", "01450", "a whole number, and this is a string", "write a whole number"),
        ("mtu", "\N{ARABIC-INDIC DIGIT THREE}", "a whole number, and this is a string", "write a whole number"),
        ("mtu", "1" * 5000, "a whole number, and this is a string", "write a whole number"),
        ("mtu", True, "a whole number, and this is true or false", "write a whole number"),
        ("mtu", 1450.5, "a whole number, and this is 1450.5", "write a whole number"),
        ("bridge", 5, "a string, and this is a whole number", 'write "5", in quotes'),
        ("bridge", True, "a string, and this is true or false", 'write "true", in quotes'),
        ("bridge", {}, "a string, and this is an object", "write a string"),
        ("vlanTrunk", {}, "a list, and this is an object", "write a list"),
    ],
)
def test_a_value_of_the_wrong_type(key, value, problem, fix):
    assert told("bridge", **{key: value}) == [("wrong-type", f"/{key}", f'"{key}" must be {problem}', fix)]


@pytest.mark.parametrize(("entry", "shown"), [(5, "a whole number"), (None, "null"), ([], "a list")])
def test_an_entry_of_the_wrong_type(entry, shown):
    message = f'an entry of "vlanTrunk" must be an object, and this is {shown}'
    assert told("bridge", vlanTrunk=[{"id": 5}, entry]) == [("wrong-type", "/vlanTrunk/1", message, "write an object")]


@pytest.mark.parametrize(("text", "shown"), [("1450.0", "1450.0"), ("1.45e3", "1450.0"), ("1450E0", "1450.0")])
def test_an_integer_that_go_does_not_read_as_one(text, shown):
    (violation,) = found("bridge", f'{{"type": "bridge", "mtu": {text}}}')
    message = f'"mtu" must be a whole number, and this is written as {shown}, which Go does not read as an integer'
    assert (violation.kind, violation.message, violation.fix) == ("integer-as-float", message, "write 1450")
    assert (violation.label.span.start, violation.label.span.end) == (26, 26 + len(text))


def test_null_is_as_absent():
    assert told("bridge", mtu=None, bridge=None, isGateway=None, vlanTrunk=None, ipMasqBackend=None) == []


def test_a_value_that_is_none_of_those_that_are_allowed():
    message = '"ipMasqBackend" is "nftable", and it must be one of "iptables", "nftables"'
    assert told("bridge", ipMasqBackend="nftable") == [
        ("value-not-allowed", "/ipMasqBackend", message, 'write "nftables"')
    ]
    assert told("bridge", ipMasqBackend="?")[0][-1] == 'write "iptables"'


@pytest.mark.parametrize(
    ("key", "value", "size", "limit"),
    [
        ("vlan", 4095, "4095", "at most 4094"),
        ("vlan", -1, "-1", "at least 0"),
        ("mtu", 65536, "65536", "at most 65535"),
    ],
)
def test_a_number_out_of_range(key, value, size, limit):
    message = f'"{key}" is {size}, and it must be {limit}'
    assert told("bridge", **{key: value}) == [("out-of-range", f"/{key}", message, f"make it {limit}")]


def test_a_string_or_list_that_is_too_long_or_too_short():
    message = '"bridge" is 16 characters long, and it must be at most 15'
    assert told("bridge", bridge="b" * 16) == [
        ("out-of-range", "/bridge", message, "make it at most 15 characters long")
    ]
    message = 'an entry of "ranges" is 0 entries long, and it must be at least 1'
    assert told("host-local", ranges=[[]]) == [("out-of-range", "/ranges/0", message, "make it at least 1 entry long")]


def test_a_missing_key():
    message = '"subnet" is missing in an entry of "ranges"'
    assert told("host-local", ranges=[[{}]]) == [("missing-key", "/ranges/0/0", message, 'add "subnet"')]


def test_a_required_key_is_found_in_any_letter_case():
    assert [kind for kind, *_ in told("host-local", ranges=[[{"SUBNET": "10.1.0.0/24"}]])] == ["key-case"]


def test_keys_that_need_each_other():
    assert told("bridge", vlanTrunk=[{"minID": 5}, {"maxID": 6}]) == [
        ("missing-key", "/vlanTrunk/0", '"minID" needs "maxID" beside it', 'add "maxID"'),
        ("missing-key", "/vlanTrunk/1", '"maxID" needs "minID" beside it', 'add "minID"'),
    ]


def test_what_is_the_same_for_every_plugin_is_judged_elsewhere():
    assert told("bridge", name=5, cniVersion=1.0, capabilities=[], ipam="dhcp", dns=[], prevResult=[]) == []
    assert found("bridge", "{}") == []
    assert found("bridge", '{"type": "ptp"}') == []


def test_unknown_keys_of_what_is_judged_elsewhere_are_judged_here():
    message = 'the key "nameserver" is not read by "dns"; did you mean "nameservers"?'
    assert told("bridge", dns={"nameserver": []}) == [
        ("unknown-key", "/dns/nameserver", message, 'write "nameservers"')
    ]


def test_violations_come_in_one_order_whatever_the_order_of_the_keys():
    one = told("bridge", vlan=5000, mtu="x", bridge=5)
    assert sorted(one) == sorted(told("bridge", bridge=5, mtu="x", vlan=5000))


def test_a_type_may_be_one_of_several(tmp_path):
    text = '{"properties": {"type": {}, "table": {"type": ["integer", "string"]}, "on": {"type": ["boolean", "null"]}}}'
    (tmp_path / "of-my-own.schema.json").write_text(text)
    with using(open_library((tmp_path,))):
        _one_of_several()
    assert plugin_schema("of-my-own") is None


def _one_of_several():
    assert told("of-my-own", table=5, on=True) == []
    on, table = told("of-my-own", table=[], on="true")
    assert on[2:] == ('"on" must be true or false or null, and this is a string', "write true, without quotes")
    wanted = "a whole number or a string"
    assert table[2:] == (f'"table" must be {wanted}, and this is a list', f"write {wanted}")
    assert told("of-my-own", table=5.0)[0][0] == "integer-as-float"
    assert plugin_facts("of-my-own") is None
    assert "of-my-own" in known_types()


@pytest.mark.parametrize(
    "plugin",
    ["my-own", "", ".", "..", "../common", "/etc/passwd", "a\x00b", "x" * 5000, "\u0131pvlan", "bridge.schema"],
)
def test_a_plugin_without_schema_has_nothing_against_it(plugin):
    assert plugin_schema(plugin) is None
    assert plugin_facts(plugin) is None
    assert told(plugin, anything=1) == []


def test_facts():
    assert plugin_facts("bandwidth") == PluginFacts(
        role="chained",
        ipam="none",
        capabilities=frozenset({"bandwidth"}),
        oldest=SpecVersion.V0_3_0,
        newest=None,
        needs_veth=True,
        makes_veth=False,
        vendor=False,
    )
    host_local = plugin_facts("host-local")
    assert host_local
    assert host_local.role == "ipam"
    assert host_local.capabilities == frozenset({"ips", "ipRanges"})


def test_known_types_are_the_files():
    reference = [plugin for plugin in known_types() if is_reference(plugin)]
    assert set(reference) == REFERENCE_PLUGINS
    assert len(known_types()) - len(reference) >= 60
    assert known_types() == sorted(known_types())


def parts(document: str, part: Any = None, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in a document, with the place where it is."""
    part = DOCUMENTS[document] if part is None else part
    yield f"{document}{at}", part
    for keyword in ("properties", "$defs"):
        for name, inner in part.get(keyword, {}).items():
            yield from parts(document, inner, f"{at}/{keyword}/{name}")
    for keyword in ("items", "additionalProperties"):
        if isinstance(part.get(keyword), dict):
            yield from parts(document, part[keyword], f"{at}/{keyword}")


EVERY_PART = [found for document in DOCUMENTS for found in parts(document)]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_schema_is_valid_json_schema(document):
    Draft202012Validator.check_schema(DOCUMENTS[document])
    assert DOCUMENTS[document]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert DOCUMENTS[document]["title"]
    assert DOCUMENTS[document]["description"]


def _resolved(part: dict[str, Any]) -> dict[str, Any]:
    reference = part.get("$ref")
    if reference is None:
        return part
    start, _, name = reference.partition("#/$defs/")
    assert start == "../common.schema.json"
    shared: dict[str, Any] = COMMON["$defs"][name]
    return shared


def test_every_key_has_title_description_and_example():
    for place, part in EVERY_PART:
        for name, value in part.get("properties", {}).items():
            resolved = _resolved(value)
            assert resolved.get("title"), f"{place}/{name}"
            assert resolved.get("description", "").endswith("."), f"{place}/{name}"
            assert resolved.get("examples"), f"{place}/{name}"


_REGISTRY: Registry[Any] = Registry().with_resource("file:///common.schema.json", DRAFT202012.create_resource(COMMON))


def test_every_example_and_default_is_valid():
    for place, part in EVERY_PART:
        base = "file:///common.schema.json" if place.startswith("common") else "file:///plugins/x.schema.json"
        validator = Draft202012Validator({**part, "$id": base}, registry=_REGISTRY)
        for value in (*part.get("examples", ()), *([part["default"]] if "default" in part else ())):
            assert [error.message for error in validator.iter_errors(value)] == [], place


_ANNOTATIONS = {
    *("$schema", "$id", "$defs", "$ref", "title", "description", "default", "examples", "deprecated", "x-cnictl")
}
_APPLICATORS = {"properties", "items"}
_REMARKS = {"^([_/#$]|cni\\.dev/)|^(comment|comments|description)$": True}
"""Keys with anything in them; those who find unknown keys pass over them."""


def test_every_keyword_is_one_whose_violation_is_reported():
    """A keyword that nobody turns into words would be checked, and its violations lost."""
    judged_elsewhere = {f"common/$defs/{name}" for name in violation._STRUCTURE}
    for place, part in EVERY_PART:
        if not any(place.startswith(other) for other in judged_elsewhere):
            told = _ANNOTATIONS | _APPLICATORS | set(violation._DESCRIBE)
            assert set(part) - told <= {"patternProperties"}, place
            assert part.get("patternProperties", _REMARKS) == _REMARKS, place


@pytest.mark.parametrize("plugin", known_types())
def test_a_schema_of_a_plugin_is_whole(plugin):
    schema = DOCUMENTS[plugin]
    assert schema["properties"]["type"]["const"] == plugin
    assert "type" in schema["required"]
    assert list(Draft202012Validator(_FACTS).iter_errors(schema["x-cnictl"])) == []
    facts = plugin_facts(plugin)
    assert facts
    # A vendor's plugin may read more than is known, so that no key of it is called unknown.
    assert schema.get("additionalProperties", True) is facts.vendor
    assert is_reference(plugin) is not facts.vendor
    assert facts.role in {"interface", "chained", "ipam", "other"}
    assert facts.ipam in {"required", "optional", "none"}
    assert facts.newest is None or facts.oldest <= facts.newest


_OWN_FORM = {"cilium-cni": "ipam", "azure-vnet": "dns"}
"""cilium's ipam needs no type and has keys of its own; Microsoft's files write dns with capital letters."""


@pytest.mark.parametrize("plugin", [name for name in known_types() if DOCUMENTS[name]["x-cnictl"]["role"] != "ipam"])
def test_a_plugin_has_the_keys_that_every_plugin_has(plugin):
    own = _OWN_FORM.get(plugin)
    for name in {"cniVersion", "name", "capabilities", "args", "runtimeConfig", "prevResult", "ipam", "dns"} - {own}:
        assert DOCUMENTS[plugin]["properties"][name] == {"$ref": f"../common.schema.json#/$defs/{name}"}


def test_what_a_schema_of_ones_own_wants_is_told_whatever_the_keyword(tmp_path):
    rules = {"mode": {"pattern": "^a"}, "way": {"anyOf": [{"const": 1}, {"const": 2}]}}
    (tmp_path / "mine.schema.json").write_text(json.dumps({"properties": rules}))
    with using(open_library((tmp_path,))):
        mode, way = told("mine", mode="b", way=3)
    assert mode[:3] == ("value-not-allowed", "/mode", '"mode" is "b", and it must match ^a')
    assert way[1] == "/way"
