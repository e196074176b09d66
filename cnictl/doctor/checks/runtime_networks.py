"""How many networks a pod gets, and who writes their configs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from cnictl.doctor.checks.runtime_config import any_runtime, containerd_config
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.runtime import Runtime
    from cnictl.doctor.node import Node
    from cnictl.foreign.containerd import ContainerdConfig
    from cnictl.foreign.setting import Setting

_OWN = "10-containerd-net.conflist"
"""What containerd calls the config that it makes of its template."""
_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)


@check(
    "CNI825",
    "networks-per-pod",
    Severity.WARNING,
    "runtime",
    reads="max_conf_num and conf_template in containerd's config, and the config directory",
    well="containerd gives pods one network, from one source",
    leads_to=("wrong-network", "not-ready"),
    symptoms=(r"failed to (?:parse|create|render) cni config template",),
)
def networks_per_pod(node: Node) -> Iterator[Hit]:
    """containerd gives every pod several networks, or writes a config itself.

    Why:
        With max_conf_num = 0 every file of the config directory becomes one more interface in every pod, those too that
        another product has left. With conf_template containerd writes 10-containerd-net.conflist as soon as the node
        has a pod CIDR, and that may sort before the network product's own config.
    Bad: config.toml
        version = 2
        [plugins."io.containerd.grpc.v1.cri".cni]
          max_conf_num = 0
    Good: config.toml
        version = 2
        [plugins."io.containerd.grpc.v1.cri".cni]
          max_conf_num = 1
    Fix:
        Set max_conf_num to 1, and take conf_template out where a network product writes the config.
    Reference:
        containerd documentation, "CRI Plugin Config Guide", section "CNI Config Template"
    """
    runtime, config = containerd_config(node)
    yield from _several(node, runtime, config)
    template = config.cni("conf_template")
    if template.text:
        yield from _template(node, runtime, template)


def _several(node: Node, runtime: Runtime, config: ContainerdConfig) -> Iterator[Hit]:
    number = config.cni("max_conf_num")
    if not isinstance(number.value, int) or number.value == 1 or number.location is None:
        return
    taken = node.configs[: number.value] if number.value > 0 else node.configs
    if len(taken) > 1:
        names = ", ".join(each.title for each in taken)
        message = f"max_conf_num is {number.value}, so every pod gets {len(taken)} interfaces: {names}"
        fix = Fix(
            f"unless that is wanted, set max_conf_num to 1 in {runtime.to_edit(number.location.file)}, then "
            f"{runtime.kind.restart}"
        )
        yield Hit(number.location, message, fix, {"configs": [each.path for each in taken]})


def _template(node: Node, runtime: Runtime, template: Setting) -> Iterator[Hit]:
    place = template.location or Location(runtime.config_file)
    text = node.text(template.text)
    if text is None or not _is_json(text):
        what = "is not there or cannot be read" if text is None else "does not give JSON"
        message = f"conf_template is {template.text}, which {what}, so containerd writes no network config"
        yield Hit(
            place,
            message,
            Fix(
                f"write the template, or take conf_template out of {runtime.to_edit(place.file)}, then "
                f"{runtime.kind.restart}"
            ),
            severity=Severity.ERROR,
        )
        return
    names = [each.path.rpartition("/")[2] for each in node.configs]
    others = [name for name in names if name != _OWN]
    if _OWN not in names and not others:
        message = f"the network config {_OWN} is not written yet: containerd waits for the node's pod CIDR"
        fix = Fix("see whether the node has one: `kubectl get node $(hostname) -o jsonpath={.spec.podCIDR}`")
        yield Hit(place, message, fix, severity=Severity.NOTE)
    elif others:
        first = names[0] == _OWN
        which = f"and it is taken before {others[0]}" if first else f"and {names[0]} is taken before it"
        message = f"containerd writes {_OWN} from conf_template, {which}"
        fix = Fix(
            f"if {others[0]} is meant, take conf_template out of {runtime.to_edit(place.file)}, then "
            f"{runtime.kind.restart}"
        )
        yield Hit(place, message, fix, severity=None if first else Severity.NOTE)


def _is_json(template: str) -> bool:
    """Whether a template can become JSON, as far as that shows without filling it in."""
    for filling in ('"x"', "x", "[]", ""):
        try:
            json.loads(_ACTION.sub(filling, template))
        except (ValueError, RecursionError):
            continue
        return True
    return "{{" in template and template.lstrip().startswith("{") and template.rstrip().endswith("}")


@check(
    "CNI826",
    "crio-network",
    Severity.ERROR,
    "runtime",
    reads="CRI-O's config, the network configs, and CRI-O's status",
    well="CRI-O finds the network that it is to take",
    leads_to=("not-ready",),
    symptoms=(r"no CNI configuration file in \S+ Has your network provider started",),
)
def crio_network(node: Node) -> Iterator[Hit]:
    """CRI-O does not find the network that it is to take.

    Why:
        With cni_default_network set, CRI-O waits for a network of this name and takes no other: "No CNI configuration
        file in /etc/cni/net.d/. Has your network provider started?". Once it was ready it never looks again unless
        cni_status_grace_period is set, so that a node stays Ready after its config is gone.
    Bad:
        [crio.network]
        cni_default_network = "crio"
    Good:
        [crio.network]
        cni_default_network = ""
    Fix:
        Write the name that stands in the network config, or leave it empty for the first one.
    Reference:
        CRI-O, crio.conf(5), "CRIO.NETWORK TABLE"; cri-o issue 4276, pull request 9903
    """
    runtime = any_runtime(node)
    config = runtime.crio
    if config is None:
        message = f"{runtime.called} is the runtime, not CRI-O"
        raise Skip(message)
    wanted = config.default_network
    names = [network.name for each in node.configs if (network := each.network) is not None and network.name]
    if wanted.text and wanted.location and wanted.text not in names:
        there = f"only {', '.join(names)}" if names else "none at all"
        change = f"set cni_default_network in {wanted.location.file} to the right name, or to an empty one"
        fix = Fix(f"{change}, then {runtime.kind.restart}")
        message = f'CRI-O waits for the network "{wanted.text}", and {node.conf_dir} has {there}'
        yield Hit(wanted.location, message, fix)
    elif _waits_for_nothing(runtime) and names and node.choice.taken is not None:
        message = f"CRI-O says that its network is not ready, and nothing is wrong with {node.choice.taken.path}"
        fix = Fix(f"`touch {node.conf_dir}/99-wake.conf && rm {node.conf_dir}/99-wake.conf`, or {runtime.kind.restart}")
        yield Hit(node.choice.taken.location(), message, fix)


def _waits_for_nothing(runtime: Runtime) -> bool:
    condition = runtime.status.condition("NetworkReady") if runtime.status else None
    return condition is not None and not condition.status


@check(
    "CNI827",
    "cri-dockerd-without-cni",
    Severity.ERROR,
    "runtime",
    reads="how cri-dockerd is started, and its version",
    well="cri-dockerd uses CNI",
    leads_to=("wrong-network",),
    symptoms=(r"didn't find compatible CNI plugin with given settings", r'network plugin "\S+" not found'),
    tags=("dockershim",),
)
def cri_dockerd_without_cni(node: Node) -> Iterator[Hit]:
    """cri-dockerd does not use CNI.

    Why:
        Pods get docker's own addresses, 172.17.x.x, the same on every node, and reach nothing beyond theirs. Before
        0.2.5 that was the default; the service of 0.2.0 even says --network-plugin= with nothing behind it. The value
        is cni, and not the name of a network product.
    Bad:
        ExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint fd:// --network-plugin=
    Good:
        ExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint fd:// --network-plugin=cni
    Fix:
        Start it with --network-plugin=cni: `systemctl edit --full cri-docker.service` opens the file with the line, and
        `systemctl restart cri-docker` makes it count.
    Reference:
        cri-dockerd issues 42 and 99
    """
    runtime = any_runtime(node)
    if runtime.name != "cri-dockerd":
        message = f"{runtime.called} is the runtime, not cri-dockerd"
        raise Skip(message)
    told = runtime.flags.get("network-plugin")
    fix = Fix(
        f"`systemctl edit --full {runtime.kind.unit}`, write --network-plugin=cni into ExecStart, then "
        f"{runtime.kind.restart}"
    )
    unit = next(iter(node.services.files(runtime.kind.unit)), runtime.socket or "")
    if told is not None and told.value != "cni":
        given = f'"{told.value}"' if told.value else "empty"
        message = (
            f"cri-dockerd's --network-plugin is {given}, so pods do not get the network of the cluster, but docker's"
        )
        yield Hit(told.location or Location(unit), message, fix, {"value": told.value})
    elif told is None and runtime.numbers is not None and runtime.numbers < (0, 2, 5):
        message = f"{runtime.release} gives pods docker's network unless it is told --network-plugin=cni"
        yield Hit(Location(unit), message, fix)


@check(
    "CNI828",
    "podman-network-wins",
    Severity.WARNING,
    "runtime",
    reads="the network configs, and podman's config",
    well="pods do not get podman's network",
    leads_to=("wrong-network",),
)
def podman_network_wins(node: Node) -> Iterator[Hit]:
    """Pods get the network that is meant for podman.

    Why:
        podman's package puts 87-podman-bridge.conflist into /etc/cni/net.d, where runtimes of Kubernetes look too. As
        long as no config sorts before it, pods get addresses of 10.88.x.x, and reach no other node: `kubectl get pods
        -A -o wide` shows them.
    Bad:
        /etc/cni/net.d has 87-podman-bridge.conflist, and nothing that sorts before it
    Good:
        /etc/cni/net.d/10-pods.conflist is there too
    Fix:
        See why the network product has not written its config. Move podman's away, and tell podman with
        network_config_dir in /etc/containers/containers.conf.
    Reference:
        minikube issues 8480 and 14536
    """
    if not node.has_kubelet:
        message = "there is no kubelet, so podman's network disturbs nobody"
        raise Skip(message)
    taken = node.choice.taken
    name = taken.path.rpartition("/")[2] if taken else ""
    if taken is not None and (name.startswith("87-podman") or taken.title == "podman"):
        message = f"the first network config is podman's, {name}, so pods get addresses that are the same on every node"
        fix = Fix(f"install the network product, or `mv {taken.path} {taken.path}.disabled`")
        yield Hit(taken.location(), message, fix)
