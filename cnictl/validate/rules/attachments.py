"""CNI547: networks that Pods are attached to beside their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.view import child_of, is_true
from cnictl.report.finding import Severity
from cnictl.validate.context import NAD
from cnictl.validate.pools import destination, routes
from cnictl.validate.registry import Hit, file_rule, manual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.validate.context import ConfigFile


@file_rule("CNI547", "attachment-with-default-route", Severity.WARNING)
def attachment_with_default_route(file: ConfigFile) -> Iterator[Hit]:
    """A further network of a Pod sets a default route, which the Pod's own network has set already.

    Why:
        The second one fails with "file exists", and the Pod with it, or takes the traffic away from the Pod's own
        network: services and other nodes are out of reach.
    Bad: net.yaml
        apiVersion: k8s.cni.cncf.io/v1
        kind: NetworkAttachmentDefinition
        metadata: {name: storage}
        spec:
          config: |
            {"cniVersion": "1.0.0", "type": "bridge", "isDefaultGateway": true, "ipam": {"type": "dhcp"}}
    Good: net.yaml
        apiVersion: k8s.cni.cncf.io/v1
        kind: NetworkAttachmentDefinition
        metadata: {name: storage}
        spec:
          config: |
            {"cniVersion": "1.0.0", "type": "bridge", "isGateway": true, "ipam": {"type": "dhcp"}}
    Fix:
        Leave the route out. A Pod that wants it asks with "default-route" in its annotation.
    Reference:
        Kubernetes Network Custom Resource Definition De-facto Standard, section 4.1.2.1.8 "default-route"
    """
    if file.kind != NAD:
        return
    for plugin in file.plugins:
        own = plugin.node.folded("isDefaultGateway")
        if own is not None and is_true(plugin.node, "isDefaultGateway"):
            yield Hit(own.label, "an attachment takes over the default route of the Pod", manual("leave it out"))
        for route in routes(plugin):
            network = destination(route)
            if network is not None and network.prefixlen == 0:
                node = child_of(route, "dst") or route
                yield Hit(node.label, "an attachment takes over the default route of the Pod", manual("leave it out"))
