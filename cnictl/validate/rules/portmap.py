"""CNI415 and CNI416: the plugin portmap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.view import given, string_at
from cnictl.report.finding import Severity
from cnictl.validate.registry import Hit, manual, plugin_rule, unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.text.node import Member, ObjectNode


def _member(node: ObjectNode, key: str) -> Member | None:
    """A key that is there and not null."""
    return node.folded(key) if given(node, key) else None


@plugin_rule("CNI415", "two-masquerade-marks", Severity.ERROR, "portmap")
def two_masquerade_marks(plugin: PluginView) -> Iterator[Hit]:
    """portmap is told both to mark packets itself and to let another chain mark them.

    Why:
        The plugin refuses every pod: "Cannot specify externalSetMarkChain and markMasqBit". Its official documentation
        shows an example with both.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "portmap", "capabilities": {"portMappings": true},
           "markMasqBit": 13, "externalSetMarkChain": "MY-MARK"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "portmap", "capabilities": {"portMappings": true}, "markMasqBit": 13}]}
    Fix:
        Keep one of them; without either, bit 13 is used.
    Reference:
        cni.dev, "portmap plugin"
    """
    chain, bit = (_member(plugin.node, key) for key in ("externalSetMarkChain", "markMasqBit"))
    if chain is not None and bit is not None:
        message = '"externalSetMarkChain" and "markMasqBit" cannot be used together'
        yield Hit(chain.label, message, manual("keep one of them"))


@plugin_rule("CNI416", "private-mark-chain", Severity.WARNING, "portmap")
def private_mark_chain(plugin: PluginView) -> Iterator[Hit]:
    """portmap uses a chain that belongs to kube-proxy.

    Why:
        KUBE-MARK-MASQ is private to kube-proxy. It is not there before kube-proxy has run, nor at all when kube-proxy
        works in nftables mode or was replaced; then every pod with a hostPort fails with "No chain/target/match by
        that name".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "portmap", "capabilities": {"portMappings": true}, "externalSetMarkChain": "KUBE-MARK-MASQ"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "portmap", "capabilities": {"portMappings": true}}]}
    Fix:
        Remove the key: portmap then makes a chain of its own, which does the same.
    Reference:
        Kubernetes blog, "Kubernetes's IPTables Chains Are Not API"
    """
    member = _member(plugin.node, "externalSetMarkChain")
    if member is not None and string_at(plugin.node, "externalSetMarkChain") in ("KUBE-MARK-MASQ", "KUBE-MARK-DROP"):
        message = f"{member.node.value} is a private chain of kube-proxy and may not be there"
        yield Hit(member.node.label, message, unsafe("remove the key: portmap then uses a chain of its own"))
