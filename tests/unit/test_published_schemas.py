"""The schemas that editors and other programs use: of configs, results, errors and versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from cnictl.authoring.generate import Recipe, generate
from cnictl.model.result import decode_result
from cnictl.model.version import SpecVersion
from cnictl.schema import SCHEMA_DIR
from tests.support.command import PROJECT

FOLDERS = ("config", "result", "error", "version")
PUBLISHED = sorted(path for folder in FOLDERS for path in (SCHEMA_DIR / folder).glob("*.json"))
EXAMPLES = PROJECT / "docs" / "examples"
REFUSED = [
    {"name": "pods", "plugins": "bridge"},
    {"name": "pods", "plugins": [{}]},
    {"name": "pods", "plugins": [{"type": "bridge", "isGateway": "true"}]},
    {"name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local", "subnet": 5}}]},
    {"name": "a b", "plugins": [{"type": "loopback"}]},
    {"plugins": [{"type": "loopback"}]},
]
RESULT = {
    "cniVersion": "1.1.0",
    "interfaces": [{"name": "eth0", "mac": "0a:58:0a:01:00:05", "sandbox": "/run/netns/a", "mtu": 1500}],
    "ips": [{"address": "10.1.0.5/24", "gateway": "10.1.0.1", "interface": 0}, {"address": "fd00::5/64"}],
    "routes": [{"dst": "0.0.0.0/0", "gw": "10.1.0.1", "mtu": 1400}],
    "dns": {"nameservers": ["10.96.0.10"], "search": ["svc.local"]},
}


def read(uri: str) -> Any:
    return Resource.from_contents(json.loads(Path(uri.removeprefix("file://")).read_text()))


def problems(path: Path, document: Any) -> list[str]:
    schema = json.loads(path.read_text()) | {"$id": path.as_uri()}
    registry: Any = Registry(retrieve=read)  # type: ignore[call-arg]
    return [error.message for error in Draft202012Validator(schema, registry=registry).iter_errors(document)]


def lists() -> list[SpecVersion]:
    return [version for version in SpecVersion if version >= SpecVersion.V0_3_0]


def test_there_is_one_of_each_for_every_spec_version():
    names = {str(version) for version in SpecVersion}
    for folder in ("config", "result"):
        assert {path.name.removesuffix(".schema.json") for path in (SCHEMA_DIR / folder).iterdir()} == names


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_schema_is_a_schema(path):
    Draft202012Validator.check_schema(json.loads(path.read_text()))


@pytest.mark.parametrize("version", lists())
def test_what_is_generated_is_accepted(version):
    recipe = Recipe(
        name="pods", subnets=["10.1.0.0/16", "fd00::/64"], portmap=True, bandwidth=True, cni_version=str(version)
    )
    assert problems(SCHEMA_DIR / "config" / f"{version}.schema.json", generate(recipe)) == []


def test_the_examples_are_accepted():
    for name in ("10-calico-portmap", "20-calico-bandwidth", "30-bridge"):
        config = json.loads((EXAMPLES / f"{name}.conflist").read_text())
        assert problems(SCHEMA_DIR / "config" / f"{config['cniVersion']}.schema.json", config) == []


@pytest.mark.parametrize("version", lists())
@pytest.mark.parametrize("config", REFUSED, ids=str)
def test_what_cannot_work_is_not_accepted(version, config):
    assert problems(SCHEMA_DIR / "config" / f"{version}.schema.json", {"cniVersion": str(version), **config})


@pytest.mark.parametrize("version", list(SpecVersion))
def test_results_are_as_their_version_says(version):
    result = decode_result(RESULT, SpecVersion.V1_1_0).encode(version)
    assert problems(SCHEMA_DIR / "result" / f"{version}.schema.json", result) == []


def test_errors_and_version_answers():
    error, answer = SCHEMA_DIR / "error" / "error.schema.json", SCHEMA_DIR / "version" / "version.schema.json"
    assert problems(error, {"cniVersion": "1.0.0", "code": 7, "msg": "no", "details": "at all"}) == []
    assert problems(error, {"cniVersion": "1.0.0", "code": "7", "msg": "no"})
    assert problems(answer, {"cniVersion": "1.0.0", "supportedVersions": ["0.4.0", "1.0.0"]}) == []
    assert problems(answer, {"cniVersion": "1.0.0", "supportedVersions": "1.0.0"})
