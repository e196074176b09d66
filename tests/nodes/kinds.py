"""Healthy nodes of the kinds that there are, as trees of files and answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnictl.doctor.node import Node
from cnictl.testing import FakeExecutor
from tests.support.nodes import NOW, Entry, NodeTree, plant
from tests.support.programs import elf, reference_plugin

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]
POD = "4d8fa635222f1a0c9e8b7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3928"
NODE_ADDRESS, GATEWAY, POD_ADDRESS = "192.0.2.10", "10.244.1.1", "10.244.1.7"
MINUTE = 60.0


@dataclass
class Kind:
    """A kind of node.

    Attributes:
        files: Its files, by path without the leading slash.
        answers: What else it answers, as `tests.support.nodes.NodeTree` takes it.
        plugins: The spec versions that its plugins speak, by type.
    """

    files: dict[str, Entry] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    plugins: dict[str, list[str]] = field(default_factory=dict)

    def node(self, root: Path) -> Node:
        """The node, made in a directory."""
        plant(root, self.files)
        executor = FakeExecutor()
        for plugin, versions in self.plugins.items():
            executor.script(plugin, "VERSION", answer={"cniVersion": versions[-1], "supportedVersions": versions})
        return Node(NodeTree(root, live=True, answers=self.answers), executor)


def network(version: str = "1.0.0", name: str = "pods") -> dict[str, Any]:
    """A list with bridge, portmap and bandwidth."""
    ipam = {"type": "host-local", "ranges": [[{"subnet": "10.244.1.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}
    bridge = {"type": "bridge", "bridge": "cni0", "isGateway": True, "ipMasq": True, "hairpinMode": True, "ipam": ipam}
    portmap = {"type": "portmap", "capabilities": {"portMappings": True}}
    bandwidth = {"type": "bandwidth", "capabilities": {"bandwidth": True}}
    return {"cniVersion": version, "name": name, "plugins": [bridge, portmap, bandwidth]}


_RULES = f"""*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:CNI-0123456789abcdef - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-SERVICES - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A POSTROUTING -s {POD_ADDRESS}/32 -m comment --comment "name: \\"pods\\" id: \\"{POD}\\"" -j CNI-0123456789abcdef
-A CNI-0123456789abcdef -d 10.244.1.0/24 -m comment --comment "name: \\"pods\\" id: \\"{POD}\\"" -j ACCEPT
-A CNI-0123456789abcdef ! -d 224.0.0.0/4 -m comment --comment "name: \\"pods\\" id: \\"{POD}\\"" -j MASQUERADE
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-FORWARD - [0:0]
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
COMMIT
"""

_SETTINGS = {
    "net/ipv4/ip_forward": "1",
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
    "net/bridge/bridge-nf-call-iptables": "1",
    "net/bridge/bridge-nf-call-ip6tables": "1",
    "net/netfilter/nf_conntrack_count": "900",
    "net/netfilter/nf_conntrack_max": "262144",
    "net/ipv4/neigh/default/gc_thresh3": "1024",
    "fs/inotify/max_user_instances": "8192",
    "fs/inotify/max_user_watches": "524288",
    "user/max_net_namespaces": "62000",
    "kernel/hostname": "node-1",
    "kernel/osrelease": "6.1.0-18-amd64",
}
_MODULES = (
    *("act_mirred", "bridge", "br_netfilter", "cls_u32", "ifb", "nf_conntrack", "nf_nat", "nf_tables", "nft_compat"),
    *("overlay", "sch_ingress", "sch_tbf", "veth", "xt_MASQUERADE", "xt_addrtype", "xt_comment", "xt_conntrack"),
    *("xt_mark", "xt_multiport"),
)


def _machine() -> dict[str, Entry]:
    """What every machine has."""
    files: dict[str, Entry] = {f"proc/sys/{name}": f"{value}\n" for name, value in _SETTINGS.items()}
    files |= {
        "proc/modules": "".join(f"{module} 16384 0 - Live 0x0\n" for module in _MODULES),
        "proc/mounts": "/dev/sda1 / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n",
        "proc/1/mounts": "/dev/sda1 / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n",
        "proc/stat": f"btime {int(NOW - 86400)}\n",
        "etc/hostname": "node-1\n",
        "etc/os-release": 'ID=debian\nVERSION_ID="12"\n',
        "etc/resolv.conf": "nameserver 192.0.2.53\n",
        "etc/sysctl.d/99-kubernetes-cri.conf": (
            "net.ipv4.ip_forward = 1\nnet.bridge.bridge-nf-call-iptables = 1\nnet.bridge.bridge-nf-call-ip6tables = 1\n"
        ),
        "etc/modules-load.d/k8s.conf": "overlay\nbr_netfilter\n",
        "lib/modules/6.1.0-18-amd64/modules.dep": "",
        "lib/modules/6.1.0-18-amd64/modules.builtin": "",
        "bin/sh": elf(),
        **{f"usr/sbin/{tool}": elf() for tool in ("iptables", "ip6tables", "nft", "conntrack", "modprobe")},
    }
    return files


def _survey() -> dict[str, Any]:
    links = [
        {"ifindex": 1, "name": "lo", "mtu": 65536},
        {"ifindex": 2, "name": "eth0", "state": "up", "mac": "52:54:00:12:34:56"},
        {"ifindex": 3, "name": "cni0", "kind": "bridge", "state": "up", "mac": "0a:58:0a:f4:01:01"},
        {"ifindex": 4, "name": "veth12345678", "kind": "veth", "state": "up", "mac": "aa:bb:cc:00:11:22"}
        | {"master": "cni0", "lower": 2, "netns": 0, "hairpin": True},
    ]
    addresses = [
        {"address": "127.0.0.1/8", "link": "lo", "scope": "host"},
        {"address": f"{NODE_ADDRESS}/24", "link": "eth0"},
        {"address": f"{GATEWAY}/24", "link": "cni0"},
    ]
    routes = [
        {"target": "0.0.0.0/0", "link": "eth0", "gateway": "192.0.2.1", "protocol": "static"},
        {"target": "192.0.2.0/24", "link": "eth0", "protocol": "kernel"},
        {"target": "10.244.1.0/24", "link": "cni0", "protocol": "kernel"},
    ]
    return {"links": links, "addresses": addresses, "routes": routes}


_SOCKETS = ("/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/k3s/containerd/containerd.sock")


def _space() -> dict[str, list[Any]]:
    return {
        path: [100 << 30, 60 << 30, 6_000_000, 5_000_000, False]
        for path in ("/", "/var/lib/cni", "/run", "/etc/cni/net.d", "/opt/cni/bin", "/var", "/var/lib", "/etc")
    }


def _answers(processes: list[tuple[int, list[str]]], cri: dict[str, Any]) -> dict[str, Any]:
    started = NOW - 86400 + 60
    return {
        "same_netns": True,
        "survey": _survey(),
        "rulesets": {"iptables-nft": _RULES, "nft": "", "ip6tables-nft": ""},
        "processes": [[pid, arguments, started] for pid, arguments in processes],
        "cri": cri,
        "space": _space(),
        "connect": {f"unix:{socket}": None for socket in _SOCKETS},
    }


def _sandbox() -> dict[str, Any]:
    return {
        "id": POD,
        "name": "web",
        "namespace": "default",
        "uid": "6a1d0d4e",
        "state": "ready",
        "created_at": int((NOW - 3600) * 1e9),
        "annotations": {},
        "runtime_handler": "",
    }


def _pod_state(config: dict[str, Any]) -> dict[str, Entry]:
    """What a running pod has on the disk: its lease and its entry in the cache."""
    import base64

    result = {"cniVersion": "1.0.0", "ips": [{"address": f"{POD_ADDRESS}/24", "gateway": GATEWAY, "interface": 2}]}
    result["interfaces"] = [
        {"name": "cni0"},
        {"name": "veth12345678"},
        {"name": "eth0", "sandbox": f"/var/run/netns/cni-{POD[:8]}"},
    ]
    entry = {
        "kind": "cniCacheV1",
        "containerId": POD,
        "config": base64.b64encode(json.dumps(config).encode()).decode(),
        "ifName": "eth0",
        "networkName": config["name"],
        "netns": f"/var/run/netns/cni-{POD[:8]}",
        "result": result,
    }
    return {
        f"var/lib/cni/networks/pods/{POD_ADDRESS}": f"{POD}\r\neth0",
        "var/lib/cni/networks/pods/last_reserved_ip.0": POD_ADDRESS,
        "var/lib/cni/networks/pods/lock": "",
        f"var/lib/cni/results/pods-{POD}-eth0": json.dumps(entry),
    }


def _containerd_cri(version: str, config: str, conf_dir: str, bin_dir: str) -> dict[str, Any]:
    networks = [
        {"Config": {"Name": "cni-loopback", "CNIVersion": "0.3.1", "Source": "{}"}, "IFName": "lo"},
        {"Config": {"Name": "pods", "CNIVersion": "1.0.0", "Source": config}, "IFName": "eth0"},
    ]
    info = {
        "config": {"cni": {"binDir": bin_dir, "confDir": conf_dir, "maxConfNum": 1}, "sandboxImage": _PAUSE},
        "cniconfig": {"PluginDirs": [bin_dir], "PluginConfDir": conf_dir, "PluginMaxConfNum": 1, "Networks": networks},
        "lastCNILoadStatus": "OK",
        "lastCNILoadStatus.default": "OK",
    }
    conditions = [
        {"type": "RuntimeReady", "status": True, "reason": "", "message": ""},
        {"type": "NetworkReady", "status": True, "reason": "", "message": ""},
    ]
    return {
        "version": {"service": "runtime.v1", "name": "containerd", "version": version, "api_version": "v1"},
        "status": {"conditions": conditions, "info": info, "runtime_handlers": []},
        "sandboxes": [_sandbox()],
        "containers": [],
        f"sandbox {POD}": _sandbox()
        | {"ips": [POD_ADDRESS], "host_network": False, "netns": f"/var/run/netns/cni-{POD[:8]}", "pid": 4711}
        | {"port_mappings": []},
    }


_PAUSE = "registry.k8s.io/pause:3.9"
_KUBELET_CONFIG = """apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: systemd
clusterDNS:
- 10.96.0.10
clusterDomain: cluster.local
containerRuntimeEndpoint: {endpoint}
resolvConf: /etc/resolv.conf
staticPodPath: /etc/kubernetes/manifests
"""
_KUBELET_UNIT = """[Unit]
Description=kubelet: The Kubernetes Node Agent

[Service]
ExecStart=/usr/bin/kubelet
Restart=always

[Install]
WantedBy=multi-user.target
"""
_KUBEADM_DROP_IN = """[Service]
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS
"""


def _kubelet(endpoint: str, version: str) -> dict[str, Entry]:
    package = f"Package: kubelet\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}-1.1\n\n"
    return {
        "usr/bin/kubelet": elf(),
        "usr/lib/systemd/system/kubelet.service": _KUBELET_UNIT,
        "usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf": _KUBEADM_DROP_IN,
        "var/lib/kubelet/config.yaml": _KUBELET_CONFIG.format(endpoint=endpoint),
        "var/lib/kubelet/kubeadm-flags.env": f'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint={endpoint}"\n',
        "var/lib/dpkg/status": package,
    }


def _plugins(directory: str, release: str) -> dict[str, Entry]:
    names = ("bridge", "host-local", "portmap", "bandwidth", "loopback", "firewall", "tuning")
    return {f"{directory}/{name}": reference_plugin(name, release) for name in names}


def _spoken(newest: str) -> dict[str, list[str]]:
    versions = VERSIONS[: VERSIONS.index(newest) + 1]
    return dict.fromkeys(("bridge", "host-local", "portmap", "bandwidth", "loopback"), versions)


_V2_CONFIG = """version = 2

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.k8s.io/pause:3.9"

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"

  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = true
"""
_V3_CONFIG = """version = 3

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = 'registry.k8s.io/pause:3.10'

[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['/opt/cni/bin']
  conf_dir = '/etc/cni/net.d'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'

  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
    SystemdCgroup = true
"""


def _processes(runtime: str, endpoint: str) -> list[tuple[int, list[str]]]:
    flags = ["--config=/var/lib/kubelet/config.yaml", f"--container-runtime-endpoint={endpoint}"]
    return [
        (612, [runtime]),
        (701, ["/usr/bin/kubelet", *flags]),
        (1201, ["/usr/local/bin/kube-proxy", "--config=/var/lib/kube-proxy/config.conf"]),
    ]


def containerd(version: str, config: str, *, release: str, newest: str, kubelet: str) -> Kind:
    """A node that kubeadm made, with containerd.

    Args:
        version: containerd's version.
        config: Its config file.
        release: The release of the reference plugins.
        newest: The newest spec version that they speak.
        kubelet: The kubelet's version.
    """
    text = json.dumps(network(), indent=2)
    endpoint = "unix:///run/containerd/containerd.sock"
    files = _machine() | _kubelet(endpoint, kubelet) | _plugins("opt/cni/bin", release) | _pod_state(network())
    files |= {
        "usr/bin/containerd": elf(),
        "etc/containerd/config.toml": config,
        "etc/cni/net.d/10-pods.conflist": text,
        "run/containerd/containerd.sock": "",
        "run/netns/.keep": "",
        f"run/netns/cni-{POD[:8]}": "",
        "etc/crictl.yaml": f"runtime-endpoint: {endpoint}\nimage-endpoint: {endpoint}\n",
    }
    mountinfo = f"40 30 0:4 net:[4026532281] /run/netns/cni-{POD[:8]} rw shared:5 - nsfs nsfs rw\n"
    files |= {"proc/1/mountinfo": mountinfo, "proc/self/mountinfo": mountinfo, "proc/mountinfo": mountinfo}
    processes = _processes("/usr/bin/containerd", endpoint)
    cri = _containerd_cri(version, text, "/etc/cni/net.d", "/opt/cni/bin")
    return Kind(files, _answers(processes, cri), _spoken(newest))


_CRIO_CONFIG = """[crio.runtime]
cgroup_manager = "systemd"

[crio.network]
network_dir = "/etc/cni/net.d/"
plugin_dirs = ["/opt/cni/bin/"]
"""


def crio() -> Kind:
    """A node that kubeadm made, with CRI-O."""
    kind = containerd("1.7.22", _V2_CONFIG, release="v1.6.0", newest="1.1.0", kubelet="1.31.2")
    endpoint = "unix:///run/crio/crio.sock"
    files = {path: entry for path, entry in kind.files.items() if "containerd" not in path}
    files |= _kubelet(endpoint, "1.31.2") | {
        "usr/bin/crio": elf(),
        "etc/crio/crio.conf": _CRIO_CONFIG,
        "run/crio/crio.sock": "",
        "etc/crictl.yaml": f"runtime-endpoint: {endpoint}\nimage-endpoint: {endpoint}\n",
    }
    del files["opt/cni/bin/loopback"]  # CRI-O brings the loopback interface up by itself
    processes = _processes("/usr/bin/crio", endpoint)
    cri = dict(kind.answers["cri"])
    cri["version"] = {"service": "runtime.v1", "name": "cri-o", "version": "1.31.2", "api_version": "v1"}
    cri["status"] = cri["status"] | {"info": {"config": {"sandboxImage": _PAUSE}}}
    tables = {"crio": {"network": {"network_dir": "/etc/cni/net.d/", "plugin_dirs": ["/opt/cni/bin/"]}}}
    cri["crio-config"] = {"tables": tables}
    return Kind(files, _answers(processes, cri), kind.plugins)


_K3S_CONFIG = """version = 2

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/var/lib/rancher/k3s/data/cni"
  conf_dir = "/var/lib/rancher/k3s/agent/etc/cni/net.d"
"""


def k3s() -> Kind:
    """A server of k3s, with flannel."""
    delegate = {"hairpinMode": True, "forceAddress": True, "isDefaultGateway": True}
    plugins = [
        {"type": "flannel", "delegate": delegate},
        {"type": "portmap", "capabilities": {"portMappings": True}},
        {"type": "bandwidth", "capabilities": {"bandwidth": True}},
    ]
    config = {"cniVersion": "1.0.0", "name": "cbr0", "plugins": plugins}
    text = json.dumps(config, indent=2)
    agent = "var/lib/rancher/k3s/agent"
    files = _machine() | {
        "usr/local/bin/k3s": elf(),
        f"{agent}/etc/containerd/config.toml": _K3S_CONFIG,
        f"{agent}/etc/cni/net.d/10-flannel.conflist": text,
        "run/k3s/containerd/containerd.sock": "",
        "run/flannel/subnet.env": (
            "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n"
        ),
        **_plugins("var/lib/rancher/k3s/data/cni", "v1.6.0"),
        "var/lib/rancher/k3s/data/cni/flannel": elf(),
    }
    survey = _survey()
    survey["links"] += [{"ifindex": 5, "name": "flannel.1", "kind": "vxlan", "mtu": 1450, "number": 1, "port": 8472}]
    survey["links"][2]["mtu"] = survey["links"][3]["mtu"] = 1450
    survey["addresses"] += [{"address": "10.244.1.0/32", "link": "flannel.1"}]
    processes = [
        (600, ["/usr/local/bin/k3s", "server"]),
        (612, ["containerd", "-c", f"/{agent}/etc/containerd/config.toml"]),
    ]
    cri = _containerd_cri("v1.7.22-k3s1", text, f"/{agent}/etc/cni/net.d", "/var/lib/rancher/k3s/data/cni")
    cri["sandboxes"] = []
    answers = _answers(processes, cri) | {"survey": survey}
    answers["rulesets"] = {"iptables-nft": _k3s_rules(), "nft": "", "ip6tables-nft": ""}
    return Kind(files, answers, {**_spoken("1.1.0"), "flannel": VERSIONS[:-1]})


def _k3s_rules() -> str:
    """flannel masquerades by itself, and there is no pod."""
    kept = [line for line in _RULES.splitlines() if "CNI-" not in line]
    at = kept.index("COMMIT")
    kept[at:at] = ["-A POSTROUTING -s 10.244.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE --random-fully"]
    return "\n".join(kept) + "\n"


def podman() -> Kind:
    """A machine with podman, and no Kubernetes."""
    ipam = {"type": "host-local", "routes": [{"dst": "0.0.0.0/0"}], "ranges": [[{"subnet": "10.88.0.0/16"}]]}
    bridge = {"type": "bridge", "bridge": "cni-podman0", "isGateway": True, "ipMasq": True, "hairpinMode": True}
    portmap = {"type": "portmap", "capabilities": {"portMappings": True}}
    plugins = [bridge | {"ipam": ipam}, portmap, {"type": "firewall"}, {"type": "tuning"}]
    config = {"cniVersion": "0.4.0", "name": "podman", "plugins": plugins}
    files = _machine() | _plugins("usr/lib/cni", "v1.1.1")
    files |= {"usr/bin/podman": elf(), "etc/cni/net.d/87-podman-bridge.conflist": json.dumps(config, indent=2)}
    survey = {key: value[:2] for key, value in _survey().items()}
    answers = _answers([], {}) | {"survey": survey, "rulesets": {"iptables-nft": "", "nft": "", "ip6tables-nft": ""}}
    return Kind(files, answers, {**_spoken("1.0.0"), "firewall": ["0.4.0", "1.0.0"], "tuning": VERSIONS[3:6]})


KINDS = {
    "kubeadm with containerd 1.6": lambda: containerd(
        "1.6.33", _V2_CONFIG, release="v1.4.0", newest="1.0.0", kubelet="1.30.4"
    ),
    "kubeadm with containerd 1.7": lambda: containerd(
        "1.7.22", _V2_CONFIG, release="v1.6.0", newest="1.1.0", kubelet="1.31.2"
    ),
    "kubeadm with containerd 2": lambda: containerd(
        "2.1.4", _V3_CONFIG, release="v1.6.0", newest="1.1.0", kubelet="1.34.1"
    ),
    "kubeadm with CRI-O": crio,
    "k3s": k3s,
    "podman": podman,
}
"""How to make a healthy node of each kind."""
