"""What holds for each schema: it is valid, has an ``$id`` of its own, and its references lead somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry

from cnictl.schema import SCHEMA_DIR, known_types
from cnictl.schema.standalone import catalogue, listed_schemas, read_schema, schema_names, standalone

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = schema_names()
BASE = "https://cnictl.invalid/schemas/"
"""Nobody can own a name in .invalid (RFC 6761), so that no program ever gets something else from there."""

ALL: Registry[Any] = Registry().with_contents((schema["$id"], schema) for schema in map(read_schema, NAMES))
DATA = {"examples", "default", "const", "enum", "x-cnictl"}
"""Keywords whose values are no schemas."""


def parts(part: Any, at: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a schema that may be a schema, with its place."""
    if isinstance(part, dict):
        yield at, part
        for key, value in part.items():
            if key not in DATA or at.endswith("/properties"):
                yield from parts(value, f"{at}/{key}")
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from parts(value, f"{at}/{index}")


def references(schema: dict[str, Any]) -> list[str]:
    return [part["$ref"] for _, part in parts(schema) if isinstance(part.get("$ref"), str)]


def keys(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key that a schema describes itself; conditions name keys that are described elsewhere."""
    for at, part in parts(schema):
        described = part.get("properties")
        if isinstance(described, dict) and not {"if", "else", "not", "then"} & set(at.split("/")):
            for key, value in described.items():
                if isinstance(value, dict) and set(value) != {"$ref"}:
                    yield f"{at}/{key}", value


def refused(name: str, document: Any) -> list[tuple[str, str]]:
    """What is wrong with a document by a schema and those that it refers to."""
    errors = Draft202012Validator(read_schema(name), registry=ALL).iter_errors(document)
    return sorted((error.json_path, error.message) for error in errors)


def test_there_are_schemas():
    assert {"conflist", "conf", "settings", "config/1.0.0", "plugins/bridge", "output/report"} <= set(NAMES)
    assert len(NAMES) == len(list(SCHEMA_DIR.rglob("*.json"))) - 1  # the catalogue is none


@pytest.mark.parametrize("name", NAMES)
def test_it_is_one_of_2020_12_with_an_id_of_its_own(name):
    schema = read_schema(name)
    assert list(schema)[:2] == ["$schema", "$id"]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"{BASE}{name}.schema.json"
    assert schema["title"]
    assert schema["description"].endswith(".")
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", NAMES)
def test_its_references_resolve_by_the_ids(name):
    resolver = ALL.resolver(read_schema(name)["$id"])
    assert [resolver.lookup(reference).contents for reference in references(read_schema(name))].count(None) == 0


@pytest.mark.parametrize("name", NAMES)
def test_its_examples_are_as_it_says(name):
    for example in read_schema(name).get("examples", ()):
        assert refused(name, example) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_key_is_described(name):
    wanted = ("description",) if name.startswith("output/") else ("title", "description", "examples")
    missing = [(at, want) for at, key in keys(read_schema(name)) for want in wanted if not key.get(want)]
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_alone_it_refers_to_no_other_file(name):
    schema = standalone(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"{BASE}{name}.schema.json"
    assert [part["$id"] for _, part in parts(schema) if isinstance(part.get("$id"), str)] == [schema["$id"]]
    assert "x-cnictl" not in str(schema)
    nothing: Registry[Any] = Registry()
    resolver = nothing.with_contents([(schema["$id"], schema)]).resolver(schema["$id"])
    for reference in references(schema):
        assert reference.startswith("#")
        assert isinstance(resolver.lookup(reference).contents, dict)


def test_plugins_are_found_by_their_type():
    found = references(read_schema("plugin"))
    for plugin in known_types():
        assert found.count(f"plugins/{plugin}.schema.json") == 1, f"schemas/plugin.schema.json does not know {plugin}"


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"type": "bridge", "mtu": "big"}, "$.mtu"),
        ({"type": "calico", "mtu": "big"}, "$.mtu"),
        ({"type": "mine", "ipMasq": "yes"}, "$.ipMasq"),
        ({"type": "mine", "ipam": {"type": "host-local", "subnet": 5}}, "$.ipam.subnet"),
        ({"type": "mine", "ipam": {"type": "whereabouts", "range": 5}}, "$.ipam.range"),
    ],
)
def test_each_is_judged_by_its_own_schema(wrong, place):
    assert [at for at, _ in refused("plugin", wrong)] == [place]


def test_the_list_has_every_schema_those_for_editors_first():
    listed = listed_schemas()
    assert sorted(schema.name for schema in listed) == NAMES
    assert [schema.name for schema in listed if schema.files] == [entry["name"] for entry in catalogue()["schemas"]]
    assert [bool(schema.files) for schema in listed] == sorted((bool(schema.files) for schema in listed), reverse=True)
