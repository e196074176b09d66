"""What network products have left behind that are not used any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.checks.addresses import shown
from cnictl.doctor.checks.subnets import network_of, overlap
from cnictl.doctor.facts.products import META, PRODUCTS
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnictl.doctor.facts.products import Product
    from cnictl.doctor.node import Node
    from cnictl.netns.survey import Link


@check(
    "CNI892",
    "product-leftovers",
    Severity.WARNING,
    "leftovers",
    reads="every config, the node's links and routes",
    well="the node has links of the network product only that its configs name",
    leads_to=("unreachable",),
)
def product_leftovers(node: Node) -> Iterator[Hit]:
    """The node has network interfaces (links) of a network product that no config names.

    Why:
        They are left from a product that was there before. Where their routes lead to the subnet of today's pods,
        packets go into a tunnel whose other end is gone; a VXLAN keeps the ID and the port that the new one needs.
        Removing a product from the cluster removes its pods, and not what they have made on the nodes. `ip -br link`
        shows the links.
    Bad:
        flannel.1 and cni0 on a node whose only config is Calico's
    Good:
        links of the product in the config only
    Fix:
        Move the pods away, remove the links, and restart the node's network product; a reboot removes all of them.
    Reference:
        Cilium issue 8990
    """
    if not node.promised.types:
        message = "no config tells which network product is meant"
        raise Skip(message)
    for product in PRODUCTS:
        links = leftover_links(node, product)
        if links:
            yield _hit(node, product, links)


def leftover_links(node: Node, product: Product) -> list[Link]:
    """The links of a product that is not meant."""
    used = {use.name for use in node.promised.bridges}
    if _is_meant(node, product, used):
        return []
    return [link for link in node.survey.links if link.name not in used and _made_by(product, link)]


def _is_meant(node: Node, product: Product, used: set[str]) -> bool:
    """Whether a config names it, or a bridge of its; Canal is Calico's plugin on flannel's network."""
    if product.types & node.promised.types or any(each.name.fullmatch(name) for each in product.links for name in used):
        return True
    return product.name == "flannel" and "calico" in node.promised.types and _is_canal(node)


def _is_canal(node: Node) -> bool:
    plugins = (plugin for _, plugin in node.plugins() if plugin.type == "calico" and plugin.ipam)
    return any(plugin.ipam_type == "host-local" for plugin in plugins) or any(
        "canal" in config.path.rpartition("/")[2] for config, _ in node.networks()
    )


def _made_by(product: Product, link: Link) -> bool:
    return any(link.kind == each.kind and each.name.fullmatch(link.name) for each in product.links)


def _hit(node: Node, product: Product, links: Sequence[Link]) -> Hit:
    names = shown([link.name for link in links])
    message = f"{names} of {product.name} {'is' if len(links) == 1 else 'are'} here, and no config names {product.name}"
    route = next(_stolen(node, links), None)
    if route:
        message += f"; the route to {route}, where pods are, leads there"
    fix = Fix(f"drain the node (`kubectl drain NODE --ignore-daemonsets`), then: {product.remove}")
    severity = Severity.ERROR if route else Severity.NOTE if META & node.promised.types else None
    evidence = {"product": product.name, "links": [link.name for link in links][:100]}
    return Hit(Location(f"/sys/class/net/{links[0].name}"), message, fix, evidence, severity)


def _stolen(node: Node, links: Sequence[Link]) -> Iterator[str]:
    """The routes over these links that lead to subnets of pods."""
    names = {link.name for link in links}
    for route in node.survey.routes:
        target = network_of(route.target)
        if route.link in names and target is not None and not route.target.endswith("/0"):
            yield from (route.target for pods in node.promised.subnets if overlap(target, pods.subnet))
