"""Whatever lies in the files that the checks of configs, plugins, versions and agents read: none of them breaks."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.doctor.engine import examine
from cnictl.doctor.node import Node
from cnictl.doctor.registry import all_checks
from cnictl.report.finding import Status
from tests.support.nodes import NodeTree, plant
from tests.support.programs import elf

CODES = (*(f"CNI80{number}" for number in range(1, 9)), *(f"CNI{number}" for number in range(840, 860)))
PLACES = (
    "etc/cni/net.d/00-a.conf",
    "etc/cni/net.d/10-b.conflist",
    "etc/cni/net.d/x-kubeconfig",
    "etc/cni/tuning/allowlist.conf",
    "etc/fstab",
    "etc/ld.so.conf",
    "etc/passwd",
    "opt/cni/bin/bridge",
    "bin/sh",
    "proc/1/mountinfo",
    "etc/kubernetes/manifests/web.yaml",
)
PLUGINS = ("bridge", "portmap", "tuning", "macvlan", "multus", "flannel", "calico", "firewall", "dhcp", "aws-cni")
KEYS = ("type", "ipam", "sysctl", "delegates", "delegate", "backend", "kubeconfig", "master", "capabilities", "plugins")

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(["/etc/cni/net.d/x-kubeconfig"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
plugins = st.fixed_dictionaries({"type": st.sampled_from(PLUGINS)}, optional=dict.fromkeys(KEYS[1:9], values))
networks = st.fixed_dictionaries(
    {"cniVersion": st.sampled_from(["1.0.0", "9.9.9", "", None, 1]), "name": st.sampled_from(["a", "", None])},
    optional={"plugins": st.lists(plugins, max_size=4), "cniVersions": values},
)
contents = st.binary(max_size=200) | networks.map(lambda value: json.dumps(value).encode()) | st.just(elf())
answers = st.fixed_dictionaries(
    {},
    optional={
        "cri": st.fixed_dictionaries({}, optional=dict.fromkeys(("version", "containers", "sandboxes"), values)),
        "connect": st.just({"tcp:127.0.0.1:50051": "connection refused"}),
        "survey": st.just({"links": [{"ifindex": 1, "name": "lo"}]}),
        "rulesets": st.dictionaries(st.sampled_from(["iptables-nft", "nft"]), st.text(max_size=30), max_size=2),
        "processes": st.just([[1, ["calico-node"], 0.0]]),
    },
)


@settings(max_examples=60, deadline=None)
@given(files=st.dictionaries(st.sampled_from(PLACES), contents, max_size=6), told=answers)
def test_no_check_breaks(files, told):
    root = Path(tempfile.mkdtemp())
    try:
        always = {"var/lib/kubelet/config.yaml": "", "etc/crio/crio.conf": "", "run/crio/crio.sock": ""}
        node = Node(NodeTree(plant(root, {**always, **files}), live=True, answers=told))
        checks = [check for check in all_checks() if check.code in CODES]
        for result in examine(node, checks).checks:
            assert result.status is not Status.ERROR, result
    finally:
        shutil.rmtree(root)
