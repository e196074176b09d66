"""Where nodes keep their network configs and plugins."""

from __future__ import annotations

from typing import NamedTuple

from cnictl.invoke.find import WELL_KNOWN_DIRS
from cnictl.model.files import DEFAULT_CONF_DIR


class Layout(NamedTuple):
    """The directories of a kind of node.

    Attributes:
        conf_dir: Network configs.
        bin_dirs: Plugins; those that are there are searched in this order.
    """

    conf_dir: str
    bin_dirs: tuple[str, ...]


USUAL = Layout(DEFAULT_CONF_DIR, tuple(map(str, WELL_KNOWN_DIRS)))

OTHERS = (
    Layout(  # k3s
        "/var/lib/rancher/k3s/agent/etc/cni/net.d",
        ("/var/lib/rancher/k3s/data/cni", "/var/lib/rancher/k3s/data/current/bin"),
    ),
    Layout("/var/snap/microk8s/current/args/cni-network", ("/var/snap/microk8s/current/opt/cni/bin",)),
    Layout("/etc/kubernetes/cni/net.d", ("/var/lib/cni/bin", "/usr/libexec/cni")),  # OpenShift
)
"""Products that bring directories of their own, and a runtime that is told to look there."""
