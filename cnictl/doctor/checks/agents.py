"""The programs of network products that plugins talk to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.doctor.facts.agents import PROGRAMS, needs_of
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.host.api import Unanswered
from cnictl.report.finding import Fix, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnictl.doctor.facts.agents import Need
    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.node import Node
    from cnictl.report.finding import Location

_ALWAYS = ("kubelet", "containerd", "crio", "cri-dockerd", "k3s", "rke2")
"""Programs of which one runs on every node."""
_MANY_STARTS = 5
"""After so many starts a container that does not run is taken to crash again and again."""


@check(
    "CNI852",
    "agent-missing",
    Severity.ERROR,
    "agents",
    reads="the files, sockets and ports that the plugins of the configs need",
    well="what the plugins need of their products is there",
    leads_to=("add-fails", "del-fails"),
    symptoms=(
        r"loadFlannelSubnetEnv failed",
        r"check that the calico/node container is running",
        r"unable to connect to Cilium agent|failed to create cilium agent client",
        r"dial tcp 127\.0\.0\.1:(?:6784|50051|10090): connect: connection refused",
        r"Error received from AddNetwork gRPC call",
        r"dial unix \S*(?:antrea/cni|ovn-cni-server|kube-ovn-daemon|multus|dhcp)\.sock",
        r"error dialing DHCP daemon",
        r"still waiting for readinessindicatorfile",
    ),
)
def agent_missing(node: Node) -> Iterator[Hit]:
    """What a plugin needs of its product's agent is not there.

    Why:
        Plugins of products only pass on what is asked; the work is done by an agent, which runs in a pod on each node.
        When it does not run, every pod fails, such as with "loadFlannelSubnetEnv failed: open /run/flannel/subnet.env:
        no such file or directory", "stat /var/lib/calico/nodename: no such file or directory: check that the
        calico/node container is running", "unable to connect to Cilium agent", or "dial tcp 127.0.0.1:50051: connect:
        connection refused". Often the config and the plugin are left from a product that was removed.
    Bad:
        a config with the plugin "flannel", and no /run/flannel/subnet.env
    Good:
        /run/flannel/subnet.env, written by flanneld
    Fix:
        See why the agent's pod does not run on this node. When the product was removed, move its config away.
    Reference:
        flannel documentation, "Troubleshooting"; Calico documentation, "Troubleshooting and diagnostics"
    """
    needs = [need for use in node.uses.all for need in needs_of(use)]
    if not needs:
        message = "no plugin of the configs needs an agent that is known"
        raise Skip(message)
    unknown: Unanswered | None = None
    for need in {(need.use.config.path, need.use.type, need.path): need for need in needs}.values():
        try:
            trouble = _trouble(node, need)
        except Unanswered as reason:
            unknown = reason
            continue
        if trouble is not None and not _rivals(node, need.use.config):  # or agent-not-running says so
            yield _lack(node, need, trouble)
    if unknown is not None:
        raise unknown


def _lack(node: Node, need: Need, trouble: str) -> Hit:
    config = need.use.config
    message = f'the plugin "{need.use.type}" of the network {config.title} needs {need.agent.called}, and {trouble}'
    fix = Fix(f"{_how(node, need)}; if that network was removed, `mv {config.path} {config.path}.disabled`")
    return Hit(config.location(need.use.place.label), message, fix, severity=need.use.severity)


def _how(node: Node, need: Need) -> str:
    """What to do; k3s has flannel inside itself, so there is no pod to look at."""
    if need.use.type == "flannel" and node.runtime is not None and node.runtime.kind.product == "k3s":
        return f"{node.runtime.kind.restart}; `journalctl -u k3s | grep -i flannel` says why it does not start"
    return need.agent.fix


def _rivals(node: Node, config: NodeConfig) -> list[str]:
    """The products whose agents run although those of a config do not."""
    mine = {kind for kind in PROGRAMS if kind in _types(config)}
    try:
        running = _running(node)
    except (Skip, Unanswered):
        return []
    return [] if not mine or mine & set(running) or config is not _of_pods(node) else running


def _of_pods(node: Node) -> NodeConfig | None:
    """The config of the network that pods get."""
    return node.choice.wrapped or node.choice.taken or node.choice.first_loadable


def _running(node: Node) -> list[str]:
    """The plugins whose agents run.

    Raises:
        Skip: No program of the node can be seen.
        Unanswered: That cannot be known.
    """
    names = [program for program, _ in PROGRAMS.values()]
    seen = {process.name for process in node.host.processes([*names, *_ALWAYS])}
    if not seen:
        message = "none of the programs that run on every node can be seen, so it is not known which agents run"
        raise Skip(message)
    return [kind for kind, (program, _) in PROGRAMS.items() if program in seen]


def _trouble(node: Node, need: Need) -> str | None:
    """Why a plugin cannot work; ``None`` when it can.

    Raises:
        Unanswered: It cannot be known here.
    """
    if need.agent.address:
        refused = node.host.connect(f"tcp:{need.agent.address}")
        return f"nobody listens at {need.agent.address}: {refused}" if refused else None
    # A product's pod may see the node's root elsewhere, and its config may name the path from there.
    paths = [need.path, need.path.removeprefix("/host")]
    status = next((found for path in paths if (found := node.host.status(path)) is not None), None)
    if status is None:
        return f"{need.path} is not there"
    if not status.is_socket:
        return None
    try:
        refused = node.host.connect(f"unix:{paths[-1]}")
    except Unanswered:
        return None
    return f"nobody listens at {paths[-1]}: {refused}" if refused else None


@check(
    "CNI853",
    "agent-not-running",
    Severity.WARNING,
    "agents",
    reads="which agents of network products run, and which network pods get",
    well="the agent of the network that pods get runs",
    leads_to=("add-fails", "unreachable", "wrong-network"),
)
def agent_not_running(node: Node) -> Iterator[Hit]:
    """The agent of the network that pods get does not run, or starts again and again.

    It is an error when another product's agent runs instead: then the config is left from a product that was there
    before, and comes first by name.

    Why:
        The agent is the program of the network product that runs on each node. Without it pods on other nodes are not
        reached, and network policies and addresses grow old; `crictl ps -a` does not show it, or shows that it has
        ended. With a config of another product, pods fail or get addresses that nobody routes.
    Bad:
        pods get the network of 10-flannel.conflist, and calico-node runs on the node
    Good:
        pods get the network of 10-calico.conflist, and calico-node runs on the node
    Fix:
        Move the config of the product that is gone away, or see why the agent's pod does not run.
    Reference:
        Kubernetes documentation, "Network Plugins"
    """
    config = _of_pods(node)
    network = config.network if config else None
    mine = [kind for kind in PROGRAMS if kind in _types(config)] if config else []
    if config is None or network is None or not mine or not node.has_kubelet:
        message = "the network that pods get has no agent that is known"
        raise Skip(message)
    if node.runtime is not None and node.runtime.kind.product == "k3s" and mine == ["flannel"]:
        message = "k3s has flannel inside itself"
        raise Skip(message)
    running = _running(node)
    place = config.location(network.node.label)
    if not set(mine) & set(running):
        yield _not_running(node, place, mine[0], running, config.path)
        return
    for name, starts in _restarting(node, mine):
        message = f"the container {name} of the pods' network does not run, after {starts} starts"
        yield Hit(place, message, Fix(f"read its log: `crictl logs $(crictl ps -aq --name {name} | head -n 1)`"))


def _not_running(node: Node, place: Location, kind: str, running: Sequence[str], path: str) -> Hit:
    program = PROGRAMS[kind][0]
    if running:
        others = ", ".join(PROGRAMS[other][0] for other in running)
        own = next((each for each in node.configs if _types(each) & set(running)), None)
        message = f"pods get the network of {kind} ({path.rpartition('/')[2]}), and {others} runs here, not {program}"
        fix = Fix(f"if {kind} was removed from the cluster: `mv {path} {path}.disabled`")
        if own is not None:
            message += f"; the config of what runs is {own.path.rpartition('/')[2]}"
        return Hit(place, message, fix, severity=Severity.ERROR)
    message = f"{program}, the agent of the pods' network, does not run on this node"
    return Hit(
        place,
        message,
        Fix(
            f"see why its container does not run: `crictl ps -a --name {PROGRAMS[kind][1]}`, then `crictl logs` with "
            f"its ID"
        ),
    )


def _types(config: NodeConfig) -> set[str | None]:
    return {plugin.type for plugin in config.network.plugins} if config.network else set()


def _restarting(node: Node, kinds: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The containers of agents that do not run although they were started many times."""
    socket = node.runtime.socket if node.runtime else None
    if socket is None or node.host.status(socket) is None:
        return
    try:
        answer = node.host.cri(socket, "containers")
    except Unanswered:
        return
    names = {PROGRAMS[kind][1] for kind in kinds}
    latest: dict[str, dict[str, Any]] = {}
    for item in answer if isinstance(answer, list) else ():
        if isinstance(item, dict) and item.get("name") in names:
            old = latest.get(str(item["name"]), {})
            if _attempt(item) >= _attempt(old):
                latest[str(item["name"])] = item
    for name, item in latest.items():
        if item.get("state") != "running" and _attempt(item) >= _MANY_STARTS:
            yield name, _attempt(item) + 1


def _attempt(item: dict[str, Any]) -> int:
    attempt = item.get("attempt")
    return attempt if isinstance(attempt, int) else 0
