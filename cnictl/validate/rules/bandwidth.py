"""CNI417 and CNI418: the plugin bandwidth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.report.finding import Severity
from cnictl.validate.registry import Hit, manual, plugin_rule
from cnictl.validate.rules.misspelt import known_keys, lacks, missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.text.node import Member


@plugin_rule("CNI417", "rate-without-burst", Severity.ERROR, "bandwidth")
def rate_without_burst(plugin: PluginView) -> Iterator[Hit]:
    """A rate has no burst, or a burst no rate.

    Why:
        The plugin refuses every pod: "if burst is set, rate must also be set" or the reverse.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "bandwidth", "ingressRate": 10000000}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "bandwidth", "ingressRate": 10000000, "ingressBurst": 80000000}]}
    Fix:
        Give both for a direction, in bits per second and in bits.
    Reference:
        cni.dev, "bandwidth plugin"
    """
    for direction in ("ingress", "egress"):
        rate, burst = (plugin.node.folded(f"{direction}{what}") for what in ("Rate", "Burst"))
        lone = rate if _positive(rate) and _absent(burst) else burst if _positive(burst) and _absent(rate) else None
        if lone is not None:
            other = f"{direction}{'Burst' if lone is rate else 'Rate'}"
            message, known = f'"{lone.name}" needs "{other}" beside it', known_keys("bandwidth")
            if lacks(plugin.node, other, known) or plugin.node.folded(other):
                yield Hit(lone.label, message, manual(f'add "{other}"'))
            else:
                yield missing(plugin.node, other, known, message, manual(f'add "{other}"'))


def _positive(member: Member | None) -> bool:
    return member is not None and member.node.kind == "integer" and member.node.value > 0


def _absent(member: Member | None) -> bool:
    """Whether the plugin sees nothing there; a value that it refuses is reported as such."""
    return member is None or member.node.kind == "null" or (member.node.kind == "integer" and member.node.value == 0)


_SUSPICIOUS_RATE = 10_000


@plugin_rule("CNI418", "rate-too-low", Severity.WARNING, "bandwidth")
def rate_too_low(plugin: PluginView) -> Iterator[Hit]:
    """A rate is so low that another unit was probably meant.

    Why:
        Rates are in bits per second. Below 10,000 a single packet takes more than a second and connections time out.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "bandwidth", "ingressRate": 1000, "ingressBurst": 80000000}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "bandwidth", "ingressRate": 10000000, "ingressBurst": 80000000}]}
    Fix:
        Write the rate in bits per second: ten megabits are 10000000.
    Reference:
        cni.dev, "bandwidth plugin"
    """
    for key in ("ingressRate", "egressRate"):
        member = plugin.node.folded(key)
        if member is not None and _positive(member) and member.node.value < _SUSPICIOUS_RATE:
            message = f'"{key}" is {member.node.value} bits per second'
            yield Hit(member.node.label, message, manual("write the rate in bits per second"))
