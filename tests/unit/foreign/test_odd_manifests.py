"""Manifests that are written oddly, that are templates, or that are long."""

from __future__ import annotations

import json
from unittest.mock import Mock

import pytest

from cnictl.foreign import scalars
from cnictl.foreign.embedded import is_manifest, read_manifest
from cnictl.text.source import Source

CONFIG = '{"cniVersion": "1.0.0", "name": "x", "type": "bridge"}'
NAD = "apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\nmetadata: {name: n}\nspec:\n"


def read(text, path="x.yaml"):
    return read_manifest(Source(path, text.encode()))


def config_map(name):
    data = {f"{name}.conflist": CONFIG}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


@pytest.mark.parametrize("between", ["\n", "", " \r\n\r\n"])
@pytest.mark.parametrize("path", ["x.json", "x.yaml", "-"])
def test_json_objects_behind_each_other(path, between):
    text = between.join(json.dumps(config_map(name)) for name in ("é", "b", "c"))
    source = Source(path, text.encode())
    assert is_manifest(source)
    manifest = read_manifest(source)
    assert manifest.problem is None
    assert [config.origin[1:] for config in manifest.configs] == [
        ("é", "/data/é.conflist", 0),
        ("b", "/data/b.conflist", 1),
        ("c", "/data/c.conflist", 2),
    ]
    starts = [config.outer_offset(0) for config in manifest.configs]
    assert [text[start : start + 4] for start in starts] == ['{\\"c'] * 3
    assert starts == sorted(starts)


@pytest.mark.parametrize("behind", ["5", "x", "]", "{", '{"a": NaN}', '{"a": 1,}', "[" * 5000])
def test_other_text_behind_a_json_object_is_told(behind):
    manifest = read(json.dumps(config_map("a")) + "\n" + behind, "x.json")
    assert manifest.problem is not None


def test_one_object_with_the_same_key_twice_is_read_in_a_row_too():
    text = '{"kind": "List", "kind": "List"}{"kind": "List", "apiVersion": "v1"}'
    assert [root.span for root in scalars.read_documents(Source("x.json", text.encode())).roots] == [(0, 32), (32, 68)]


@pytest.mark.parametrize("blank", ["{{ .Values.cni | quote }}", "{{- x }}", "{{ tpl (toYaml .x) . }}"])
def test_a_placeholder_in_place_of_the_string_is_no_object(blank):
    manifest = read(f"{NAD}  config: {blank}\n")
    assert (manifest.template, manifest.no_strings, manifest.problem) == (True, (), None)


def test_an_object_in_place_of_the_string_ends_with_its_text():
    text = f"{NAD}  config:\n    cniVersion: 1.0.0\n    type: bridge\n\n\n---\nkind: List\n"
    manifest = read(text)
    assert not manifest.template
    assert [text[slice(*span)] for span in manifest.no_strings] == ["cniVersion: 1.0.0\n    type: bridge"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f'{NAD}  config: |\n    {{\n   <"name": "n"\n    }}\nlast: 1\n', "<"),
        (f"{NAD}  config: <'{CONFIG}\nlast: 1\n", "<"),
        (f'{NAD}  config: <"a\n  b: c\n', "<"),
        (f"{NAD}<-a\nlast: 1\n", "<"),
        (f"{NAD}  config: [a\n<last: 1\nx: y\n", None),
    ],
)
def test_what_is_not_ended_is_told_where_it_begins(text, place):
    at = text.index("<")
    problem = read(text.replace("<", "")).problem
    assert problem is not None
    assert (problem.span.start == at) is (place is not None)


def test_a_long_manifest_that_cannot_hold_a_config_is_not_read(monkeypatch):
    monkeypatch.setattr(scalars, "read_documents", lambda _: pytest.fail("it was read"))
    assert read("a: b\n" * 300_000) == ((), False, None, ())


@pytest.mark.parametrize("word", ["kind: NetworkAttachmentDefinition", "x.conflist: '{'", f"x: '{CONFIG}'"])
def test_a_long_manifest_is_read_when_it_can_hold_one(word, monkeypatch):
    reading = Mock(return_value=scalars.Documents([], None))
    monkeypatch.setattr(scalars, "read_documents", reading)
    read("# b\n" * 300_000 + word)
    reading.assert_called_once()


def test_bad_bytes_of_a_manifest_that_is_not_read_are_told():
    assert read_manifest(Source("x.yaml", b"a: b\n" * 300_000 + b"\xff")).problem is not None
