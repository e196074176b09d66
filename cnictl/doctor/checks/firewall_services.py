"""What makes services work on the node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.checks.firewall_forward import RULES
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.host.api import Unanswered
from cnictl.report.finding import Fix, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node

_CHAINS = ("KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-SVC-NPX46M4PTMTKRN6Y", "KUBE-PROXY-FIREWALL")
"""Chains that only kube-proxy makes; the third is that of the API server's own service."""
_NFT_TABLES = ("kube-proxy", "kube-router")
_LINKS = (
    "kube-ipvs0",  # kube-proxy with IPVS
    "kube-dummy-if",  # kube-router
    "cilium_host",
    "bpfin.cali",  # Calico without kube-proxy
    "ovn-k8s-mp0",
    "antrea-gw0",
)
"""Links by which a product shows itself that makes services work."""
_CREDENTIALS = ("/etc/kubernetes/kubelet.conf", "/var/lib/kubelet/kubeconfig")
"""What a kubelet has that belongs to a cluster."""


@check(
    "CNI872",
    "service-rules-missing",
    Severity.ERROR,
    "firewall",
    reads="whether the kubelet runs and is of a cluster, and the rules and links of kube-proxy and its substitutes",
    well="something on the node makes services work",
    leads_to=("service-unreachable",),
    follows=("runtime-down", "kubelet-down"),
    symptoms=(
        r"dial tcp \S+:443: (?:i/o timeout|connect: no route to host)",
        r"Chain 'KUBE-SERVICES' does not exist",
    ),
)
def service_rules_missing(node: Node) -> Iterator[Hit]:
    """Nothing on the node makes services work.

    Why:
        No service answers, that of the API server first: agents such as Calico's or flannel's that reach it by its
        service address say "dial tcp 10.96.0.1:443: i/o timeout", write no config, and the node stays NotReady.
    Bad:
        a kubelet that runs, and neither a chain KUBE-SERVICES nor a table kube-proxy nor a link kube-ipvs0
    Good:
        :KUBE-SERVICES - [0:0]
    Fix:
        See why kube-proxy, or what the cluster has in its place, does not run on this node.
    Reference:
        Kubernetes documentation, "Virtual IPs and Service Proxies"
    """
    rulesets = node.rules.required()
    if not _belongs_to_a_cluster(node):
        message = "no kubelet of a cluster runs here, so nothing has to make services work"
        raise Skip(message)
    found = node.rules.has_chain(*_CHAINS) or any(map(node.rules.nft_table, _NFT_TABLES))
    if not found and not any(link.name in _LINKS for link in node.survey.links):
        message = "neither kube-proxy nor anything in its place has made rules on this node, so no Service answers"
        fix = Fix(
            "see why kube-proxy does not run here: `kubectl -n kube-system get pods -o wide -l k8s-app=kube-proxy`, "
            "then `kubectl logs`"
        )
        yield Hit(RULES, message, fix, {"chains": sum(len(each.chains_of("KUBE-")) for each in rulesets)})


def _belongs_to_a_cluster(node: Node) -> bool:
    try:
        runs = bool(node.kubelet.processes)
    except Unanswered:
        return False
    return runs and any(map(node.host.status, _CREDENTIALS))
