"""CNI124: secrets in configs, and what counts as one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.report.finding import Severity
from cnictl.text.node import ArrayNode, ObjectNode
from cnictl.validate.registry import Hit, manual, plugin_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.text.node import Member, Node


@plugin_rule("CNI124", "secret-in-config", Severity.NOTE)
def secret_in_config(plugin: PluginView) -> Iterator[Hit]:
    """A token, a password or a private key is written in the config.

    Why:
        Files in the config directory are often readable for everybody on the node, runtimes copy them into their cache,
        and they end up in backups and bug reports.
    Bad: 10-calico.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "calico", "datastore_type": "kubernetes",
          "ipam": {"type": "calico-ipam"}, "policy": {"type": "k8s", "k8s_auth_token": "not-a-real-token"}}]}
    Good: 10-calico.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "calico", "datastore_type": "kubernetes",
          "ipam": {"type": "calico-ipam"}, "policy": {"type": "k8s"},
          "kubernetes": {"kubeconfig": "/etc/cni/net.d/calico-kubeconfig"}}]}
    Fix:
        Name a file that only root may read, such as a kubeconfig, in its place. Where the plugin knows no other way,
        give the config the mode 0600.
    Reference:
        Calico documentation, "Configure the Calico CNI plugins", section "Kubernetes specific"
    """
    for member in _members(plugin):
        if is_secret(member):
            fix = manual("name a file that only root may read, or give the config the mode 0600")
            message = f'"{member.name}" holds a secret itself, not the name of a file'
            yield Hit(member.node.label, message, fix, masked=True)


def _members(plugin: PluginView) -> Iterator[Member]:
    """All keys of a plugin, at any depth, but not those of the networks in it, which are looked at by themselves."""
    waiting: list[Node] = [plugin.node]
    for entry in waiting:
        if isinstance(entry, ObjectNode):
            yield from entry
            waiting += [member.node for member in entry if not _is_network(plugin, member)]
        elif isinstance(entry, ArrayNode):
            waiting += entry.items


def _is_network(plugin: PluginView, member: Member) -> bool:
    return plugin.type == "multus" and member.name.casefold() == "delegates"


_NAME = re.compile(r".*(?:token|password|passwd|secretkey|privatekey|apikey|keydata)|.+secret")
"""The keys of secrets, in small letters alone; under "secret" stands the name of one in Kubernetes."""
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_NO_SECRET = re.compile(r"\s*|[./~].*|__\w+__|.*(?:\{\{|\$\{|\$\().*|<.*>|%\w+%?", re.DOTALL)
"""What stands in place of a secret: nothing, a path, or a template's placeholder."""


def is_secret(member: Member) -> bool:
    """Whether a value is a secret itself, and neither the path of one nor a placeholder for it."""
    value = member.node.value if member.node.kind == "string" else ""
    if _PRIVATE_KEY.search(value):
        return True
    letters = re.sub("[^a-z]", "", member.name.lower())
    return _NAME.fullmatch(letters) is not None and _NO_SECRET.fullmatch(value) is None
