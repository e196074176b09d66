"""Whatever the checks of kernel, packet filter and disk read in files, rules and links: none of them breaks."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.doctor.engine import examine
from cnictl.doctor.node import Node
from cnictl.doctor.registry import all_checks
from cnictl.report.finding import Status
from tests.support.nodes import NodeTree, own_netns, plant

CODES = ("CNI809", "CNI810", *(f"CNI{number}" for number in range(860, 879)))
PLACES = (
    "etc/sysctl.d/99-a.conf",
    "etc/sysctl.conf",
    "etc/modules-load.d/a.conf",
    "etc/ufw/ufw.conf",
    "etc/ufw/user.rules",
    "etc/ufw/sysctl.conf",
    "etc/default/ufw",
    "etc/firewalld/firewalld.conf",
    "etc/firewalld/zones/a.xml",
    "proc/1/mountinfo",
    "proc/1/net/ip_tables_names",
    "proc/1/net/softnet_stat",
    "proc/1/net/stat/arp_cache",
    "proc/1/net/tcp",
    "proc/1/net/udp6",
    "proc/config.gz",
    "proc/locks",
    "proc/modules",
    "proc/self/mountinfo",
    "proc/stat",
    "proc/sys/kernel/osrelease",
    "proc/sys/net/bridge/bridge-nf-call-iptables",
    "proc/sys/net/ipv4/conf/eth0/forwarding",
    "proc/sys/net/ipv4/ip_forward",
    "proc/sys/net/ipv4/ip_local_port_range",
    "proc/sys/net/ipv4/ip_local_reserved_ports",
    "proc/sys/net/ipv6/conf/default/disable_ipv6",
    "proc/sys/net/netfilter/nf_conntrack_count",
    "proc/sys/net/netfilter/nf_conntrack_max",
    "run/containerd/containerd.sock",
    "run/flannel/subnet.env",
    "run/xtables.lock",
    "usr/lib/modules/6/modules.dep",
    "var/lib/cni/networks/pods/10.88.0.2",
    "var/lib/cni/results/pods-a-eth0",
    "var/lib/kubelet/config.yaml",
    "var/log/kern.log",
)
PLUGINS = ("bridge", "ptp", "portmap", "firewall", "flannel", "calico", "cilium-cni", "aws-cni", "macvlan", "bandwidth")
LINES = (
    "net.ipv4.ip_forward = 0",
    "net.ipv4.conf.*.rp_filter = 1",
    "ENABLED=yes",
    'DEFAULT_FORWARD_POLICY="DROP"',
    '<zone target="ACCEPT"><source address="10.0.0.0/8"/></zone>',
    "21 1 8:1 / / ro - ext4 /dev/sda1 ro",
    "1: FLOCK  ADVISORY  WRITE 1 08:01:1 0 EOF",
    "0: 00000000:1F90 00000000:0000 0A",
    "1024\t65535",
    "65535",
    "9" * 5000,
    "1",
    "0",
    "*nat",
    "*filter",
    ":FORWARD DROP [0:0]",
    ":CNI-DN-1 - [0:0]",
    r'-A POSTROUTING -s 10.88.0.2/32 -m comment --comment "name: \"pods\" id: \"a\"" -j CNI-04d58f87919ef35b212ba6e0',
    r'-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \"pods\" id: \"a\"" -j CNI-DN-1',
    "-A CNI-DN-1 -p tcp --dport 8080 -j DNAT --to-destination 10.88.0.2:80",
    "-A FORWARD -i cni0 -j FORWARD",
    "table ip cni_hostport {",
    "chain c {",
    "type filter hook forward priority 0; policy drop;",
    'tcp dport 8080 dnat to 10.88.0.2:80 comment "a"',
    "}",
)
texts = st.lists(st.sampled_from(LINES) | st.text(max_size=10), max_size=8).map("\n".join)
contents = st.binary(max_size=60) | texts.map(str.encode)
plugins = st.fixed_dictionaries(
    {"type": st.sampled_from(PLUGINS)},
    optional={
        "ipMasq": st.booleans() | st.none(),
        "bridge": st.sampled_from(["cni0", "", "a.b/c"]),
        "externalSetMarkChain": st.text(max_size=3),
        "isDefaultGateway": st.booleans(),
        "ipam": st.just({"type": "host-local", "subnet": "10.88.0.0/16"})
        | st.just({"type": "host-local", "ranges": [[{"subnet": "fd00::/64"}]], "routes": [{"dst": "::/0"}]})
        | st.just({"type": "host-local", "subnet": "10.88.0.1/32"}),
    },
)
links = st.fixed_dictionaries(
    {"ifindex": st.just(1), "name": st.sampled_from(["eth0", "cni0", "lxc1", "flannel.1"])},
    optional={"kind": st.sampled_from(["vxlan", "wireguard"]), "port": st.integers(0, 70000), "up": st.booleans()},
)
routes = st.fixed_dictionaries(
    {"target": st.sampled_from(["0.0.0.0/0", "::/0", "10.88.0.0/16", "x", ""]), "link": st.sampled_from(["eth0", ""])},
    optional={"protocol": st.just("ra"), "metric": st.integers(0, 9)},
)
TOOLS = ("iptables-nft", "ip6tables-nft", "iptables-legacy", "iptables", "nft", "nft!")
answers: st.SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
    {},
    optional={
        "cri": st.just({"sandboxes": []}) | st.just({"sandboxes": [{"id": "a"}]}) | st.just({"sandboxes": {}}),
        "survey": st.fixed_dictionaries({"links": st.lists(links, max_size=3), "routes": st.lists(routes, max_size=3)}),
        "rulesets": st.dictionaries(st.sampled_from(TOOLS), texts, max_size=5),
        "processes": st.just([[1, ["iptables"], 0.0], [2, ["kubelet"], 0.0]]),
        "space": st.just({"/var/lib/cni": [0, 0, 0, 0, False], "/run": [100, 0, 10, 0, False]}),
    },
)


@settings(max_examples=150, deadline=None)
@given(
    files=st.dictionaries(st.sampled_from(PLACES), contents, max_size=8),
    chain=st.lists(plugins, max_size=4),
    said=answers,
)
def test_no_check_breaks(files, chain, said):
    network = json.dumps({"cniVersion": "1.0.0", "name": "pods", "plugins": chain})
    checks = [check for check in all_checks() if check.code in CODES]
    with tempfile.TemporaryDirectory() as scratch:
        root = plant(Path(scratch, "node"), {"etc/cni/net.d/10-pods.conflist": network, **files})
        own_netns(root)
        for result in examine(Node(NodeTree(root, live=True, answers=said)), checks).checks:
            assert result.status is not Status.ERROR, result
            assert all(finding.location.file.startswith("/") for finding in result.findings)
