"""What the move away from dockershim has left undone, or left behind."""

from __future__ import annotations

import re
from ipaddress import ip_interface, ip_network
from typing import TYPE_CHECKING

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.model.files import config_names
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.foreign.kubelet import Flag
    from cnictl.netns.survey import Survey

_DOCKER_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock", "/var/run/dockershim.sock", "/run/dockershim.sock")
_LEFT = {
    "/var/lib/dockershim": "dockershim's notes of its sandboxes",
    "/run/dockershim.sock": "dockershim's socket",
    "/var/lib/cni/cache": "the kubelet's own cache of attachments",
}
_UNIT = "docker.service"
_OF_DOCKER = re.compile(r"docker0|br-[0-9a-f]{12}")
"""The bridges that docker makes."""


def _uses_docker(node: Node) -> bool:
    """Whether docker still runs the pods: cri-dockerd stands between it and the kubelet, or the kubelet is old."""
    return node.kubelet.is_from(1, 24) is False or (node.runtime is not None and node.runtime.name == "cri-dockerd")


def _require_kubelet(node: Node) -> None:
    if not node.has_kubelet:
        message = "there is no trace of a kubelet"
        raise Skip(message)


@check(
    "CNI835",
    "dockershim-settings-lost",
    Severity.ERROR,
    "dockershim",
    reads="the kubelet's old CNI flags and copies of them, the runtime's directories, and the configs' mtu",
    well="what the kubelet's old CNI flags said is known to the container runtime",
    leads_to=("looks-elsewhere", "large-packets-lost"),
)
def dockershim_settings_lost(node: Node) -> Iterator[Hit]:
    """What the kubelet's old CNI flags said has not been told to the container runtime.

    Why:
        Before Kubernetes 1.24 the kubelet looked for configs and plugins, in --cni-conf-dir and --cni-bin-dir, and gave
        plugins its --network-plugin-mtu. Now the runtime does, and has its own defaults: 'failed to find plugin
        "bridge" in path [/opt/cni/bin]', or large packets that vanish.
    Bad:
        --cni-bin-dir=/srv/cni/bin in kubeadm-flags.env, and containerd's bin_dir is /opt/cni/bin
    Good:
        bin_dir = "/srv/cni/bin" in containerd's config
    Fix:
        Write the directories into the runtime's config, and the MTU into the network config.
    Reference:
        Kubernetes documentation, "Migrating from dockershim" and "Network Plugins"
    """
    _require_kubelet(node)
    if _uses_docker(node) and node.kubelet.is_from(1, 24) is False:
        message = "the kubelet is older than 1.24, so its flags may well count"
        raise Skip(message)
    seen: set[tuple[str, str]] = set()
    for flag in (*node.kubelet.flags, *node.kubelet.former_flags):
        if flag.name in _LOST and (flag.name, flag.value) not in seen:
            seen.add((flag.name, flag.value))
            yield from _LOST[flag.name](node, flag)


def _bin_dir(node: Node, flag: Flag) -> Iterator[Hit]:
    for directory in (path.rstrip("/") for path in flag.value.split(",") if path.startswith("/")):
        there = set(node.names_in(directory))
        known = {name for path in node.bin_dirs for name in node.names_in(path)}
        if directory not in (path.rstrip("/") for path in node.bin_dirs) and there - known:
            missing = sorted(there - known)
            message = (
                f"the kubelet looked for plugins in {directory}, and the runtime does not: "
                f"{missing[0]} is not in {', '.join(node.bin_dirs)}"
            )
            fix = Fix(
                f"make {directory} a plugin directory of the runtime, or `ln -s {directory}/* {node.bin_dirs[0]}/`"
            )
            yield Hit(flag.location, message, fix, {"plugins": missing})


def _conf_dir(node: Node, flag: Flag) -> Iterator[Hit]:
    directory = flag.value.rstrip("/")
    names = config_names(node.names_in(directory)) if directory.startswith("/") else []
    if names and directory != node.conf_dir.rstrip("/"):
        message = (
            f"the network config {names[0]} is in {directory}, where the kubelet looked for it, and the runtime looks "
            f"in {node.conf_dir}"
        )
        fix = Fix(f"move {directory}/{names[0]} to {node.conf_dir}, or point the runtime at {directory}")
        severity = Severity.WARNING if node.configs else None
        yield Hit(flag.location, message, fix, {"configs": names}, severity)


def _mtu(node: Node, flag: Flag) -> Iterator[Hit]:
    value = (
        int(flag.value) if flag.value.isdecimal() and flag.value.isascii() and len(flag.value) < len("100000") else 0
    )
    for use in node.promised.bridges if value else ():
        if use.mtu is None and node.milder_for(use.config) is None:
            message = f"the kubelet gave plugins the MTU {value}, and the network {use.config.title} has none"
            fix = Fix(f'write "mtu": {value} into the plugin "{use.plugin.type}" of {use.config.path}')
            yield Hit(flag.location, message, fix, {"mtu": value}, Severity.WARNING)


_LOST = {"cni-bin-dir": _bin_dir, "cni-conf-dir": _conf_dir, "network-plugin-mtu": _mtu}


@check(
    "CNI836",
    "docker-beside",
    Severity.WARNING,
    "dockershim",
    reads="running programs, docker's service, the links docker0 and cbr0, and the pods' subnets",
    well="docker and kubenet leave the pods' network alone",
    leads_to=("unreachable",),
    symptoms=(r'\\?"cbr0\\?" already has an IP address different',),
)
def docker_beside(node: Node) -> Iterator[Hit]:
    """docker or kubenet, which give pods no network any more, are still at work beside the runtime.

    Why:
        docker sets iptables' FORWARD policy to DROP when it starts, so that packets between nodes are lost as soon as
        somebody starts it. The bridges docker0 and cbr0 keep their subnets: what lies in 172.17.0.0/16 elsewhere cannot
        be reached from this node. `systemctl status docker` and `ip -br addr` show both.
    Bad:
        the kubelet uses containerd, and dockerd runs as well
    Good:
        systemctl is-enabled docker says "disabled"
    Fix:
        When nothing else needs docker: `systemctl disable --now docker docker.socket`, then `ip link del docker0`.
    Reference:
        Kubernetes documentation, "Changing the Container Runtime on a Node from Docker Engine to containerd"
    """
    _require_kubelet(node)
    if node.runtime is None or _uses_docker(node):
        message = "docker may well run this node's pods"
        raise Skip(message)
    files = node.services.files(_UNIT)
    running, survey = node.host.processes(["dockerd"]), node.survey
    severity = Severity.NOTE if running and _has_containers(survey) else None
    if files and node.services.starts_at_boot(_UNIT):
        message = f"docker starts at boot, and {node.runtime.called} runs the pods of this node"
        yield Hit(
            Location(files[0]),
            message,
            Fix("when nothing on this node needs docker (`docker ps`): `systemctl disable --now docker docker.socket`"),
        )
    if running and not (files and node.services.starts_at_boot(_UNIT)):
        message = f"docker runs (process {running[0].pid}), and {node.runtime.called} runs the pods of this node"
        yield Hit(
            Location(f"/proc/{running[0].pid}"),
            message,
            Fix("when nothing on this node needs docker (`docker ps`): `systemctl stop docker docker.socket`"),
            severity=severity,
        )
    yield from _bridges(node, survey, docker_runs=bool(running))


def _has_containers(survey: Survey) -> bool:
    """Whether docker has containers of its own, so that somebody needs it: then it does no harm by being there."""
    return any(_OF_DOCKER.fullmatch(link.master or "") and link.kind == "veth" for link in survey.links)


def _bridges(node: Node, survey: Survey, *, docker_runs: bool) -> Iterator[Hit]:
    used = {use.name for use in node.promised.bridges}
    for name, owner in (("docker0", "docker"), ("cbr0", "kubenet")):
        if name in used or not any(link.name == name and link.kind == "bridge" for link in survey.links):
            continue
        address = next((each.address for each in survey.addresses if each.link == name and "." in each.address), None)
        overlap = next(
            (pods for pods in node.promised.subnets if address and _overlap(str(pods.subnet), address)), None
        )
        fix = Fix(f"when no container of {owner} is left: `ip link del {name}`")
        if overlap is not None:
            message = (
                f"{owner}'s bridge {name} has {address}, and the network {overlap.config.title} gives out addresses "
                f"of it too"
            )
            other = Fix('write another "bip" into /etc/docker/daemon.json and restart docker, or stop docker for good')
            yield Hit(overlap.location, message, other if docker_runs else fix, severity=Severity.ERROR)
        elif not (owner == "docker" and docker_runs):
            where = f" with {address}" if address else ""
            yield Hit(Location(f"/sys/class/net/{name}"), f"{owner} has left the bridge {name}{where} behind", fix)


def _overlap(subnet: str, address: str) -> bool:
    try:
        return ip_network(subnet).overlaps(ip_interface(address).network)
    except (ValueError, TypeError):
        return False


@check(
    "CNI837",
    "dockershim-leftovers",
    Severity.NOTE,
    "dockershim",
    reads="directories of dockershim, and what static pods mount",
    well="nothing is left of dockershim",
)
def dockershim_leftovers(node: Node) -> Iterator[Hit]:
    """Something is left of dockershim.

    Why:
        The files cost space and lead astray whoever looks for a fault. A pod that mounts docker's socket sees no pods
        any more: agents that count or trace containers report nothing.
    Bad:
        /var/lib/dockershim on a node with containerd
    Good:
        neither /var/lib/dockershim nor /var/run/dockershim.sock
    Fix:
        Remove the files when the node has been drained. Give agents the new runtime's socket.
    Reference:
        Kubernetes documentation, "Migrating telemetry and security agents from dockershim"
    """
    _require_kubelet(node)
    if _uses_docker(node):
        message = "docker may well run this node's pods"
        raise Skip(message)
    for path, what in _LEFT.items():
        if node.host.status(path) is not None:
            fix = Fix(f"when the node has been drained: `rm -r {path}`")
            yield Hit(Location(path), f"{path} is left, {what}", fix)
    for pod in node.kubelet.static_pods:
        for mount in pod.host_paths:
            if mount.text in _DOCKER_SOCKETS and mount.location:
                message = f"the static pod {pod.name} mounts {mount.text}, through which no pod can be seen any more"
                yield Hit(mount.location, message, Fix("give it the socket of the runtime, if it understands that one"))
