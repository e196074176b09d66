"""CNI326: plugins that are used for what they are not made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.view import value_at
from cnictl.report.finding import Severity
from cnictl.schema import plugin_facts
from cnictl.validate.context import is_no_ipam
from cnictl.validate.registry import Hit, manual, plugin_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView


@plugin_rule("CNI326", "plugin-in-wrong-role", Severity.ERROR)
def plugin_in_wrong_role(plugin: PluginView) -> Iterator[Hit]:
    """A plugin that gives out addresses stands for one that makes an interface, or the reverse.

    Why:
        An IPAM plugin makes no interface: pods have none, or it fails with "IPAM config missing 'ipam' key". An
        interface plugin gives out no addresses, and calls itself when it is called as an IPAM plugin.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "host-local", "subnet": "10.1.0.0/24"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}}]}
    Fix:
        Put the IPAM plugin under "ipam" of the plugin that makes the interface.
    Reference:
        CNI spec 1.1.0, section 4 "Plugin Delegation"
    """
    own = plugin_facts(plugin.type or "")
    if own is not None and own.role == "ipam" and plugin.ipam is None:
        message = f"{plugin.type} gives out addresses and makes no interface"
        yield Hit(value_at(plugin.node, "type").label, message, manual('put it under "ipam" of an interface plugin'))
    if plugin.ipam is not None and is_no_ipam(plugin.ipam_type):
        message = f"{plugin.ipam_type} gives out no addresses"
        yield Hit(value_at(plugin.ipam, "type").label, message, manual('write "host-local", or another IPAM plugin'))
