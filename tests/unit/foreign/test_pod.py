"""Pod manifests: what a Pod asks of its network, and one clear message for each that cannot be used."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from cnictl.errors import InputError, SourceError
from cnictl.foreign.pod import EGRESS, INGRESS, read_pod

UNLIMITED = 2**32 - 1


def manifest(**spec: Any) -> dict[str, Any]:
    metadata = {"name": "web-0", "namespace": "shop", "uid": "1-2-3"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


@pytest.fixture
def read(tmp_path):
    """Reads a Pod out of a text, or out of data written as JSON."""

    def reader(text):
        path = tmp_path / "pod.yaml"
        path.write_bytes((text if isinstance(text, str) else json.dumps(text)).encode())
        return read_pod(str(path))

    return reader


@pytest.fixture
def refusal(read, tmp_path):
    """What is said about a Pod that cannot be used, the directory left out, and the hint."""

    def reader(text):
        with pytest.raises(InputError) as caught:
            read(text)
        return str(caught.value).replace(f"{tmp_path}/", ""), caught.value.hint

    return reader


def ports(*entries: dict[str, Any]) -> dict[str, Any]:
    return manifest(containers=[{"name": "web", "ports": list(entries)}])


def limited(**annotations: str) -> dict[str, Any]:
    pod = manifest(containers=[])
    names = {"ingress": INGRESS, "egress": EGRESS}
    pod["metadata"]["annotations"] = {names[key]: value for key, value in annotations.items()}
    return pod


YAML = """\
# a Pod as people write it
apiVersion: v1
kind: Pod
metadata:
  name: web-0
  namespace: shop
  uid: 1-2-3
  labels: {app: web}
  annotations:
    kubernetes.io/ingress-bandwidth: 10M
    kubernetes.io/egress-bandwidth: "5M"
    example.com/other: "1"
spec:
  containers:
  - name: web
    image: nginx
    ports:
    - {containerPort: 80, hostPort: 8080}
    - containerPort: 53
      hostPort: 5353
      hostIP: 127.0.0.1
      protocol: UDP
    - containerPort: 9090
  restartPolicy: Always
"""
WANTED = {
    "portMappings": [
        {"hostPort": 8080, "containerPort": 80, "protocol": "tcp"},
        {"hostPort": 5353, "containerPort": 53, "protocol": "udp", "hostIP": "127.0.0.1"},
    ],
    "bandwidth": {
        "ingressRate": 10_000_000,
        "ingressBurst": UNLIMITED,
        "egressRate": 5_000_000,
        "egressBurst": UNLIMITED,
    },
}


def test_yaml(read):
    assert read(YAML).capability_args() == WANTED


@pytest.mark.parametrize("indent", [None, 2, "\t"], ids=["compact", "spaces", "tabs"])
def test_json(read, indent):
    assert read(json.dumps(yaml.safe_load(YAML), indent=indent)).capability_args() == WANTED


def test_windows_line_ends_and_a_byte_order_mark(read):
    assert read("\ufeff" + YAML.replace("\n", "\r\n")).capability_args() == WANTED


def test_the_first_pod_of_several_documents(read):
    service = "kind: Service\nmetadata: {name: web}\n"
    second = "kind: Pod\nmetadata: {name: second}\n"
    pod = read(f"---\n{service}---\n---\n- a list\n---\n{YAML}---\n{second}")
    assert pod.metadata.name == "web-0"


def test_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(YAML.encode())))
    assert read_pod("-").capability_args() == WANTED


def test_a_pod_that_asks_for_nothing(read):
    pod = read("kind: Pod")
    assert pod.capability_args() == {}
    assert pod.cni_args("c1") == (
        ("IgnoreUnknown", "1"),
        ("K8S_POD_NAMESPACE", "default"),
        ("K8S_POD_INFRA_CONTAINER_ID", "c1"),
    )


def test_arguments_are_in_the_order_of_cri_o(read):
    assert read(YAML).cni_args("c1") == (
        ("IgnoreUnknown", "1"),
        ("K8S_POD_NAMESPACE", "shop"),
        ("K8S_POD_NAME", "web-0"),
        ("K8S_POD_INFRA_CONTAINER_ID", "c1"),
        ("K8S_POD_UID", "1-2-3"),
    )


EMPTY = """\
kind: Pod
metadata:
  namespace:
  annotations:
spec:
  initContainers:
  hostNetwork: null
  containers:
  - name: web
    ports:
    - {containerPort: 80, hostPort: 81, hostIP: null, protocol: null}
  - ports:
"""


def test_null_means_absent(read):
    pod = read(EMPTY)
    assert pod.capability_args() == {"portMappings": [{"hostPort": 81, "containerPort": 80, "protocol": "tcp"}]}
    assert dict(pod.cni_args("c1"))["K8S_POD_NAMESPACE"] == "default"


@pytest.mark.parametrize(
    ("port", "mapping"),
    [
        ({"containerPort": 80}, None),
        ({"containerPort": 80, "hostPort": 0}, None),
        ({"containerPort": 1, "hostPort": 1}, {"hostPort": 1, "containerPort": 1, "protocol": "tcp"}),
        (
            {"containerPort": 65535, "hostPort": 65535, "protocol": "SCTP", "name": "big"},
            {"hostPort": 65535, "containerPort": 65535, "protocol": "sctp"},
        ),
        (
            {"containerPort": 80, "hostPort": 81, "protocol": "TCP", "hostIP": ""},
            {"hostPort": 81, "containerPort": 80, "protocol": "tcp"},
        ),
        (
            {"containerPort": 80, "hostPort": 81, "hostIP": "fd00::1"},
            {"hostPort": 81, "containerPort": 80, "protocol": "tcp", "hostIP": "fd00::1"},
        ),
        (
            {"containerPort": 80, "hostPort": 81, "hostIP": "0.0.0.0"},
            {"hostPort": 81, "containerPort": 80, "protocol": "tcp", "hostIP": "0.0.0.0"},
        ),
    ],
)
def test_a_host_port(read, port, mapping):
    assert read(ports(port)).port_mappings() == ([mapping] if mapping else [])


def test_ports_of_all_containers_and_of_sidecars_but_not_of_containers_that_end(read):
    def container(port: int, **more: str) -> dict[str, Any]:
        return {"ports": [{"containerPort": port, "hostPort": port}], **more}

    pod = manifest(
        initContainers=[container(1), container(2, restartPolicy="Always"), container(3, restartPolicy="OnFailure")],
        containers=[container(4), {"name": "none"}, container(5)],
    )
    assert [mapping["hostPort"] for mapping in read(pod).port_mappings()] == [4, 5, 2]


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("1000", 1000),
        ("1k", 1000),
        ("10M", 10**7),
        ("2G", 2 * 10**9),
        ("3T", 3 * 10**12),
        ("1P", 10**15),
        ("1Ki", 1024),
        ("10Mi", 10 * 2**20),
        ("2Gi", 2 * 2**30),
        ("3Ti", 3 * 2**40),
        ("1.5k", 1500),
        (".5M", 500_000),
        ("5.M", 5_000_000),
        ("0.001G", 1_000_000),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1e+6", 10**6),
        ("1500000e-3", 1500),
        ("1.5e4", 15_000),
        ("+1k", 1000),
        ("1000000m", 1000),
        ("1500500m", 1501),
        ("1000000000u", 1000),
        ("1000000000000n", 1000),
        ("999.5", 1000),
        ("0001k", 1000),
    ],
)
def test_quantities(read, text, rate):
    assert read(limited(ingress=text)).bandwidth() == {"ingressRate": rate, "ingressBurst": UNLIMITED}
    assert read(limited(egress=text)).bandwidth() == {"egressRate": rate, "egressBurst": UNLIMITED}


@pytest.mark.parametrize(
    "text", ["0", "1", "999", "0.0000000000000000000000001E", "999m", "0.9k", "1.0000001P", "1001T", "2P", "1E", "1Pi"]
)
def test_rates_that_the_kubelet_refuses(refusal, text):
    assert refusal(limited(egress=text)) == (
        f"pod.yaml: the annotation kubernetes.io/egress-bandwidth is {text}, and the kubelet takes 1k to 1P",
        "the unit is bits per second: 10M is ten megabits",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "fast",
        "10 M",
        " 10M",
        "10M\n",
        "10MB",
        "10Mbit",
        "10K",
        "10mi",
        "-10M",
        "1,5M",
        "1..5M",
        "M",
        "1e",
        "٣k",
    ],
)
def test_annotations_that_are_no_quantity(refusal, text):
    assert refusal(limited(ingress=text)) == (
        f'pod.yaml: the annotation kubernetes.io/ingress-bandwidth: "{text}" is no quantity',
        "quantities look like 500k, 10M, 1.5G or 64Mi",
    )


@pytest.mark.parametrize(
    ("port", "place", "reason"),
    [
        ({"hostPort": 80}, "containerPort", "field required"),
        ({"containerPort": 0}, "containerPort", "input should be greater than or equal to 1"),
        ({"containerPort": 65536}, "containerPort", "input should be less than or equal to 65535"),
        ({"containerPort": 80, "hostPort": -1}, "hostPort", "input should be greater than or equal to 0"),
        ({"containerPort": 80, "hostPort": 65536}, "hostPort", "input should be less than or equal to 65535"),
        ({"containerPort": 80, "hostPort": "8080"}, "hostPort", "input should be a valid integer"),
        ({"containerPort": 80, "hostPort": True}, "hostPort", "input should be a valid integer"),
        ({"containerPort": 80, "hostPort": 80.5}, "hostPort", "input should be a valid integer"),
        ({"containerPort": 80, "protocol": "tcp"}, "protocol", "input should be 'TCP', 'UDP' or 'SCTP'"),
        ({"containerPort": 80, "protocol": "ICMP"}, "protocol", "input should be 'TCP', 'UDP' or 'SCTP'"),
        ({"containerPort": 80, "hostIP": "localhost"}, "hostIP", '"localhost" is no IP address'),
        (
            {"containerPort": 80, "hostIP": "10.0.0.1/24"},
            "hostIP",
            '"10.0.0.1/24" has a prefix length, and only the address belongs here',
        ),
        ({"containerPort": 80, "hostIP": 10}, "hostIP", "input should be a valid string"),
    ],
)
def test_ports_that_the_api_server_refuses(refusal, port, place, reason):
    assert refusal(ports({"containerPort": 1}, port))[0] == f"pod.yaml: spec.containers.0.ports.1.{place}: {reason}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: Pod\nspec: []", "pod.yaml: spec: input should be a valid dictionary"),
        ("kind: Pod\nspec: {containers: {}}", "pod.yaml: spec.containers: input should be a valid list"),
        ("kind: Pod\nspec: {containers: [web]}", "pod.yaml: spec.containers.0: input should be a valid dictionary"),
        (
            "kind: Pod\nspec: {hostNetwork: 'true'}",
            "pod.yaml: spec.hostNetwork: input should be a valid boolean",
        ),
        ("kind: Pod\nmetadata: web", "pod.yaml: metadata: input should be a valid dictionary"),
        ("kind: Pod\nmetadata: {name: 7}", "pod.yaml: metadata.name: input should be a valid string"),
        (
            f"kind: Pod\nmetadata: {{annotations: {{{INGRESS}: 1000000}}}}",
            f"pod.yaml: metadata.annotations.{INGRESS}: input should be a valid string",
        ),
    ],
)
def test_manifests_that_the_api_server_refuses(refusal, text, message):
    assert refusal(text)[0] == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "kind: Pod\nspec:\n\tcontainers: []\n",
            "pod.yaml:3:1: no valid YAML: found character '\\t' that cannot start any token",
        ),
        ("kind: Pod\nspec: [\n", "pod.yaml:3:1: no valid YAML: expected the node content, but found '<stream end>'"),
        ("kind: Pod\n spec: {}\n", "pod.yaml:2:6: no valid YAML: mapping values are not allowed here"),
        ("kind: Pod\nname: *nowhere\n", "pod.yaml:2:7: no valid YAML: found undefined alias 'nowhere'"),
        ("kind: Pod\nname: !env HOME\n", None),
        ("kind: Pod\nname: {[]: x}\n", "pod.yaml:2:8: no valid YAML: found unhashable key"),
        ("kind: Pod\nname: a\x07b\n", "pod.yaml:2:8: no valid YAML: special characters are not allowed"),
        ("kind: Pod\nname: !!bool maybe\n", "pod.yaml: no valid YAML: it cannot be read"),
        ("kind: Pod\nname: !!timestamp never\n", "pod.yaml: no valid YAML: it cannot be read"),
        ("kind: Pod\nname: !!int one\n", "pod.yaml: no valid YAML: it cannot be read"),
        ("kind: Pod\nsince: 2024-02-31\n", "pod.yaml: no valid YAML: it cannot be read"),
        ("[" * 3_000, "pod.yaml: no valid YAML: it cannot be read"),
        (
            '{"kind": "Pod",\n\t"spec": }',
            "pod.yaml:2:1: no valid YAML: found character '\\t' that cannot start any token",
        ),
        ("kind: Pod\n---\nkind: [", None),
    ],
)
def test_texts_that_are_no_yaml(refusal, text, message):
    said, _ = refusal(text)
    assert said.startswith("pod.yaml:")
    assert "no valid YAML: " in said
    assert "\n" not in said
    if message:
        assert said == message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "just text",
        "[]",
        "kind: pod\n",
        "Kind: Pod\n",
        "kind: [Pod]\n",
        "kind: PodList\nitems: []\n",
        json.dumps({"kind": "List", "items": [manifest()]}),
        json.dumps({"kind": "Deployment", "spec": {"template": manifest()}}),
        "null",
        "7",
    ],
)
def test_files_that_hold_no_pod(refusal, text):
    assert refusal(text) == ("pod.yaml: holds no Pod", "give a manifest with `kind: Pod`")


def test_a_pod_on_the_hosts_network(refusal):
    assert refusal(manifest(hostNetwork=True, containers=[])) == (
        "pod.yaml: the Pod is on the host's network, so no CNI plugin is ever run for it",
        "take `hostNetwork: true` out to try it with a network of its own",
    )


def test_of_a_key_that_is_there_twice_the_last_counts(read):
    port = "{containerPort: 80, hostPort: 1, hostPort: 2}"
    pod = read(f"kind: Pod\nspec: {{containers: [{{ports: [{port}]}}]}}\n")
    assert [mapping["hostPort"] for mapping in pod.port_mappings()] == [2]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SourceError) as caught:
        read_pod(str(tmp_path / "pod.yaml"))
    assert str(caught.value) == f"{tmp_path}/pod.yaml: no such file or directory"


def test_bytes_that_are_not_utf_8_do_not_matter_outside_of_what_is_read(tmp_path):
    path = tmp_path / "pod.yaml"
    path.write_bytes(b"# gr\xfcn\n" + YAML.encode())
    assert read_pod(str(path)).capability_args() == WANTED
