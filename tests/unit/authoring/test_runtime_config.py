"""What plugins are told about a Pod, and what of it would silently have no effect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cnictl.authoring.runtime_config import runtime_config
from cnictl.errors import InputError, UsageError
from cnictl.foreign.pod import EGRESS, INGRESS, Pod, read_pod
from cnictl.model.network import NetworkConfigList

ANNOTATIONS = "io.kubernetes.cri.pod-annotations"
WEB = {"name": "web", "ports": [{"containerPort": 80, "hostPort": 8080}, {"containerPort": 81}]}
DNS = {"name": "dns", "ports": [{"containerPort": 53, "hostPort": 53, "protocol": "UDP", "hostIP": "192.0.2.1"}]}


def pod(annotations: dict[str, str] | None = None, **spec: Any) -> Pod:
    metadata = {"name": "web-0", "namespace": "shop", "uid": "1-2", "annotations": annotations or {}}
    return Pod.model_validate({"kind": "Pod", "metadata": metadata, "spec": spec})


def network(*plugins: dict[str, Any]) -> NetworkConfigList:
    return NetworkConfigList.from_dict({"cniVersion": "1.0.0", "name": "pods", "plugins": list(plugins)})


PORTMAP = {"type": "portmap", "capabilities": {"portMappings": True}}
BANDWIDTH = {"type": "bandwidth", "capabilities": {"bandwidth": True}}


def test_every_plugin_is_told_what_it_declares():
    config = runtime_config(
        pod({INGRESS: "10M"}, containers=[WEB, DNS]), network({"type": "bridge"}, PORTMAP, BANDWIDTH), "abc"
    )
    mappings = [
        {"hostPort": 8080, "containerPort": 80, "protocol": "tcp"},
        {"hostPort": 53, "containerPort": 53, "protocol": "udp", "hostIP": "192.0.2.1"},
    ]
    limits = {"ingressRate": 10_000_000, "ingressBurst": 2**32 - 1}
    assert config.capability_args == {"portMappings": mappings, "bandwidth": limits, ANNOTATIONS: {INGRESS: "10M"}}
    assert config.told == (
        ("bridge", {}),
        ("portmap", {"portMappings": mappings}),
        ("bandwidth", {"bandwidth": limits}),
    )
    assert config.unserved == ()
    assert config.args == (
        ("IgnoreUnknown", "1"),
        ("K8S_POD_NAMESPACE", "shop"),
        ("K8S_POD_NAME", "web-0"),
        ("K8S_POD_INFRA_CONTAINER_ID", "abc"),
        ("K8S_POD_UID", "1-2"),
    )


def test_what_is_asked_for_and_told_to_nobody_is_named_one_by_one():
    asked = pod({EGRESS: "1G"}, containers=[WEB, DNS])
    without = 'the network "pods" has no portmap in its chain, only ptp'
    assert runtime_config(asked, network({"type": "ptp"})).unserved == (
        f'hostPort 8080/tcp of the container "web" leads nowhere: {without}',
        f'hostPort 53/udp of the container "dns" leads nowhere: {without}',
        f'the limit 1G of {EGRESS} is not kept: the network "pods" has no bandwidth in its chain, only ptp',
    )
    mute = runtime_config(pod(containers=[WEB]), network({"type": "ptp"}, {"type": "portmap"})).unserved
    assert mute[0].endswith('portmap in the network "pods" does not declare the capability portMappings')


def test_nothing_is_missing_where_nothing_is_asked_for_or_the_network_is_not_known():
    assert runtime_config(pod(containers=[{"name": "quiet"}]), network({"type": "ptp"})).unserved == ()
    assert runtime_config(pod(containers=[WEB])).unserved == ()
    assert runtime_config(pod(containers=[WEB]), network({"type": "cilium-cni"})).unserved == ()


def test_a_name_that_cannot_be_handed_over():
    forged = Pod.model_validate({"kind": "Pod", "metadata": {"name": "a;IP=10.0.0.1"}})
    with pytest.raises(UsageError, match="CNI_ARGS cannot carry"):
        runtime_config(forged)
    with pytest.raises(UsageError, match="the container ID"):
        runtime_config(pod(), container_id="a b")


def test_a_pod_that_brings_its_own_resolver():
    config = {
        "nameservers": ["192.0.2.53"],
        "searches": ["a.b"],
        "options": [{"name": "ndots", "value": "2"}, {"name": "x"}],
    }
    told = runtime_config(pod(dnsPolicy="None", dnsConfig=config)).capability_args
    assert told == {"dns": {"servers": ["192.0.2.53"], "searches": ["a.b"], "options": ["ndots:2", "x"]}}
    assert "dns" not in runtime_config(pod(dnsConfig=config)).capability_args


@pytest.mark.parametrize(
    ("quantity", "bits"),
    [
        ("1000", 1000),
        ("1k", 1000),
        ("10M", 10**7),
        ("1.5G", 15 * 10**8),
        (".5G", 5 * 10**8),
        ("5.M", 5 * 10**6),
        ("1T", 10**12),
        ("1P", 10**15),
        ("0.001E", 10**15),
        ("1Ki", 1024),
        ("64Mi", 64 * 2**20),
        ("1Gi", 2**30),
        ("0.5Ti", 2**39),
        ("1e6", 10**6),
        ("1E6", 10**6),
        ("12E2k", None),
        ("1e+3", 1000),
        ("2000000e-3", 2000),
        ("+1k", 1000),
        ("1000001m", 1001),
        ("1000000001u", 1001),
        ("5000000000000n", 5000),
        ("1K", None),
        ("-1k", None),
        ("10 M", None),
        ("10Mb", None),
        ("", None),
        ("999", None),
        ("2P", None),
    ],
)
def test_every_form_of_a_quantity(tmp_path, quantity, bits):
    manifest = {"kind": "Pod", "metadata": {"name": "a", "annotations": {INGRESS: quantity}}, "spec": {}}
    path = tmp_path / "pod.json"
    path.write_text(json.dumps(manifest))
    if bits is None:
        with pytest.raises(InputError, match="ingress-bandwidth"):
            read_pod(str(path))
    else:
        assert runtime_config(read_pod(str(path))).capability_args["bandwidth"]["ingressRate"] == bits
