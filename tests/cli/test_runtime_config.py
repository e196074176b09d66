"""``cnictl runtime-config``."""

from __future__ import annotations

import json
import subprocess

import pytest
from jsonschema import Draft202012Validator

from tests.support.command import PROJECT

SCHEMA = Draft202012Validator(json.loads((PROJECT / "schemas" / "output" / "runtime-config.schema.json").read_text()))
EXAMPLES = PROJECT / "docs" / "examples"
POD = EXAMPLES / "pod.yaml"


def test_a_shell_reads_what_is_printed(cnictl):
    ended = cnictl("runtime-config", POD, EXAMPLES / "30-bridge.conflist", "--container-id", "abc")
    assert (ended.status, ended.err) == (0, "")
    script = f'{ended.out}\nprintf "%s\\n%s" "$CAP_ARGS" "$CNI_ARGS"'
    capabilities, args = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    assert json.loads(capabilities)["portMappings"] == [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]
    assert "K8S_POD_INFRA_CONTAINER_ID=abc" in args.split(";")
    assert "# bridge is told nothing" in ended.out


def test_a_host_port_without_portmap_is_an_error_that_says_which(cnictl, good):
    ended = cnictl("runtime-config", POD, good)
    assert ended.status == 1
    assert 'hostPort 8080/tcp of the container "web" leads nowhere' in ended.err
    cnictl("chain", "add", "portmap", good)
    cnictl("chain", "add", "bandwidth", good)
    assert cnictl("runtime-config", POD, "pods", "--conf-dir", good.parent).status == 0


@pytest.mark.parametrize(
    "network", [(), (EXAMPLES / "30-bridge.conflist",), (EXAMPLES / "20-calico-bandwidth.conflist",)]
)
def test_json_is_as_its_schema_says(cnictl, network):
    data = cnictl("runtime-config", POD, *network, "-f", "json").data
    assert [error.message for error in SCHEMA.iter_errors(data)] == []
    assert data["pod"] == "shop/web-0"
    assert bool(data["plugins"]) is bool(network)


def test_without_a_network_nothing_is_judged(cnictl):
    ended = cnictl("runtime-config", POD)
    assert (ended.status, "no NETWORK was named" in ended.err) == (0, True)


def test_what_cannot_be_read(cnictl, tmp_path):
    assert cnictl("runtime-config", tmp_path / "none.yaml").status == 2
    assert cnictl("runtime-config", POD, "none", "--conf-dir", tmp_path).status == 2
