"""Faults of a node, the deepest first: each is planted in a healthy node, alone and with others."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from tests.nodes.kinds import KINDS, POD, VERSIONS, Kind
from tests.support.programs import AARCH64, elf, reference_plugin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CONFIG = "etc/cni/net.d/10-pods.conflist"
HOST = "kubeadm with containerd 1.6"

Fault = tuple[str, "Callable[[Kind], None]"]


def _refused(kind: Kind, answer: dict[str, Any]) -> None:
    kind.answers["cri"] = dict.fromkeys(("version", "status", "sandboxes", "containers"), answer)


def _full(kind: Kind) -> None:
    for space in kind.answers["space"].values():
        space[1] = 0


def _runtime_gone(kind: Kind) -> None:
    _refused(kind, {"error": "nobody listens", "kind": "CriSocketRefused"})
    kind.answers["connect"]["unix:/run/containerd/containerd.sock"] = "connection refused"
    kind.answers["processes"] = [each for each in kind.answers["processes"] if "containerd" not in each[1][0]]


def _cri_disabled(kind: Kind) -> None:
    path = "etc/containerd/config.toml"
    text = kind.files[path]
    assert isinstance(text, str)
    kind.files[path] = f'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n{text}'
    _refused(kind, {"error": "unknown service runtime.v1.RuntimeService", "kind": "CriFailed", "code": 12})


def _removed_flag(kind: Kind) -> None:
    flags = "--network-plugin=cni --container-runtime-endpoint=unix:///run/containerd/containerd.sock"
    kind.files["var/lib/kubelet/kubeadm-flags.env"] = f'KUBELET_KUBEADM_ARGS="{flags}"\n'
    kind.answers["processes"] = [each for each in kind.answers["processes"] if "kubelet" not in each[1][0]]


def _not_ready(kind: Kind, why: str, loaded: str) -> None:
    """What containerd says when it has no network."""
    cri = kind.answers["cri"]
    if "conditions" not in cri["status"]:
        return
    condition = cri["status"]["conditions"][1]
    condition |= {"status": False, "reason": "NetworkPluginNotReady", "message": why}
    info = cri["status"]["info"]
    info["cniconfig"]["Networks"] = info["cniconfig"]["Networks"][:1]
    info["lastCNILoadStatus"] = info["lastCNILoadStatus.default"] = loaded


_NO_NETWORK = "Network plugin returns error: cni plugin not initialized"


def _no_config(kind: Kind) -> None:
    kind.files.pop(CONFIG, None)
    _not_ready(kind, _NO_NETWORK, "cni config load failed: no network config found in /etc/cni/net.d")


def _broken_config(kind: Kind) -> None:
    if CONFIG in kind.files:
        text = str(kind.files[CONFIG])
        kind.files[CONFIG] = text[: len(text) // 2]
        _not_ready(kind, _NO_NETWORK, "cni config load failed: unexpected end of JSON input")


def _without(plugin: str) -> Callable[[Kind], None]:
    def remove(kind: Kind) -> None:
        del kind.files[f"opt/cni/bin/{plugin}"]
        kind.plugins.pop(plugin)

    return remove


def _for_another_machine(kind: Kind) -> None:
    kind.files["opt/cni/bin/host-local"] = elf(AARCH64)
    kind.plugins.pop("host-local")


def _old_plugins(kind: Kind) -> None:
    for plugin in kind.plugins:
        kind.plugins[plugin] = VERSIONS[:5]
        if isinstance(kind.files[f"opt/cni/bin/{plugin}"], bytes):
            kind.files[f"opt/cni/bin/{plugin}"] = reference_plugin(plugin, "v0.9.1")


def _no_address_left(kind: Kind) -> None:
    for number in range(2, 255):
        owner = POD if number == 7 else f"{number:064x}"
        kind.files[f"var/lib/cni/networks/pods/10.244.1.{number}"] = f"{owner}\r\neth0"


def _bridge_passes_iptables(kind: Kind) -> None:
    kind.files["proc/sys/net/bridge/bridge-nf-call-iptables"] = "0\n"


def _no_forwarding(kind: Kind) -> None:
    kind.files["proc/sys/net/ipv4/ip_forward"] = "0\n"


def _forward_dropped(kind: Kind) -> None:
    rules = kind.answers["rulesets"]
    rules["iptables-nft"] = rules["iptables-nft"].replace(":FORWARD ACCEPT", ":FORWARD DROP")


def _bridge_of_another_network(kind: Kind) -> None:
    kind.answers["survey"]["addresses"][2]["address"] = "10.9.0.1/24"


FAULTS: dict[str, Fault] = {
    "the disk is full": ("CNI877", _full),
    "containerd has its CRI disabled": ("CNI816", _cri_disabled),
    "containerd does not run": ("CNI814", _runtime_gone),
    "the kubelet has a removed flag": ("CNI811", _removed_flag),
    "there is no config": ("CNI801", _no_config),
    "the config is cut off": ("CNI802", _broken_config),
    "portmap is missing": ("CNI803", _without("portmap")),
    "host-local is for another machine": ("CNI847", _for_another_machine),
    "loopback is missing": ("CNI804", _without("loopback")),
    "the plugins are older than the config": ("CNI805", _old_plugins),
    "no address is left": ("CNI879", _no_address_left),
    "the bridge passes iptables by": ("CNI809", _bridge_passes_iptables),
    "nothing is forwarded": ("CNI810", _no_forwarding),
    "what is forwarded is dropped": ("CNI869", _forward_dropped),
    "the bridge has another network's address": ("CNI886", _bridge_of_another_network),
}
"""The code that finds each, and how it is planted. Where one hides another, the one in front is planted first."""


def sick(names: Iterable[str]) -> Kind:
    """A node with faults.

    Args:
        names: Names of `FAULTS`.
    """
    kind = copy.deepcopy(KINDS[HOST]())
    for name in names:
        FAULTS[name][1](kind)
    return kind


def first_of(names: Iterable[str]) -> str:
    """The code of the deepest of some faults."""
    return next(code for name, (code, _) in FAULTS.items() if name in set(names))
