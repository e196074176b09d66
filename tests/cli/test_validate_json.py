"""The keys of ``cnictl validate -f json`` that only some files have, and the schema of them all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.support.command import PROJECT

SCHEMAS = {path.name: json.loads(path.read_text()) for path in (PROJECT / "schemas" / "output").glob("*.json")}
NAD = """\
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: fast, namespace: net}
spec:
  config: '{"cniVersion": "1.0.0", "type": "bridge", "isGateway": true}'
---
values: {config: '{"cniVersion": "1.0.0", "name": "x", "type": "bridge", "isGateway": true}'}
"""


def closed(schema: Any) -> Any:
    """The schema without room for keys that it does not name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {key: closed(part) for key, part in schema.items()}
    if isinstance(shut.get("properties"), dict) and "type" in shut:
        shut.setdefault("additionalProperties", False)
    return shut


def require_documented(name: str, document: Any) -> None:
    """Every key is in the schema, and every value is as the schema says."""
    resources = {key: closed(text) for key, text in SCHEMAS.items()}
    registry: Any = Registry().with_resources((key, Resource.from_contents(text)) for key, text in resources.items())
    schema = resources[f"{name}.schema.json"]
    assert [error.message for error in Draft202012Validator(schema, registry=registry).iter_errors(document)] == []


@pytest.mark.parametrize("name", ["matrix", "report"])
def test_a_schema_is_one(name):
    Draft202012Validator.check_schema(SCHEMAS[f"{name}.schema.json"])


def test_where_in_a_manifest_a_config_stands(cnictl, tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text(NAD)
    data = cnictl("validate", "-f", "json", path).data
    require_documented("report", data)
    assert [file["within"] for file in data["files"]] == [
        {"kind": "NetworkAttachmentDefinition", "name": "net/fast", "pointer": "/spec/config", "document": 0},
        {"pointer": "/values/config", "document": 1},
    ]
    assert data["summary"]["files"] == 1


@pytest.mark.parametrize("runtime", ["containerd", "cri-o", "libcni", "multus"])
def test_what_a_runtime_makes_of_a_file(cnictl, good, runtime):
    (good.parent / "20-second.conflist").write_text(good.read_text().replace("pods", "second"))
    (good.parent / "README.md").touch()
    ended = cnictl("validate", "-f", "json", "--runtime", runtime, good.parent)
    require_documented("report", ended.data)
    verdicts = [file["verdict"] for file in ended.data["files"]]
    assert {verdict["runtime"] for verdict in verdicts} == {runtime}
    assert verdicts[0]["status"] == "taken"
    assert "verdict" not in cnictl("validate", "-f", "json", good.parent).data["files"][0]
    assert f"{runtime} takes {good}: " in cnictl("validate", "--runtime", runtime, good.parent).out


def test_a_plugin_beside_its_list_is_judged_by_the_version_of_the_list(cnictl, good):
    (good.parent / "pods").mkdir()
    (good.parent / "pods" / "tuning.conf").write_text('{"type": "tuning"}')
    data = cnictl("validate", "-f", "json", good.parent).data
    require_documented("report", data)
    assert [file.get("judgedAs") for file in data["files"]] == [None, ["1.0.0"]]
