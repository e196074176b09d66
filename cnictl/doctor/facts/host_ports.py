"""The hostPorts that portmap has opened: whose they are, and where they lead."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cnictl.doctor.facts.pods import SETTLED, Fate
from cnictl.foreign.listeners import listeners_in
from cnictl.model.address import parse_cidr, parse_ip
from cnictl.runtime.attachments import addresses_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnictl.doctor.facts.rules import Ruleset
    from cnictl.doctor.node import Node
    from cnictl.foreign.iptables import SavedRule
    from cnictl.foreign.listeners import Listener
    from cnictl.validate.pools import Address

ENTRY = "CNI-HOSTPORT-DNAT"
"""The chain of portmap that leads to those of the containers."""
NFT_TABLE = "cni_hostport"
"""The table of portmap's other backend."""
_NFT_RULE = re.compile(
    r"(?:ip6? daddr (?P<host>\S+) )?(?P<protocol>tcp|udp|sctp) dport (?P<port>[0-9]{1,5}) "
    r".*?dnat (?:ip6? )?to (?P<to>\S+)"
    r'.* comment "(?P<id>[^"]+)"'
)
_PORT_DIGITS = 5
_DNAT = re.compile(r"-j DNAT --to-destination (\S+)")
_OPTION = re.compile(r"(?<![\w-])(-p|-d|--dport) (\S{1,64})")


class HostPort(NamedTuple):
    """A rule that leads a port of the node to a container.

    Attributes:
        tool: What shows it, such as ``iptables-nft`` or ``nft``.
        family: 4 or 6.
        protocol: ``tcp``, ``udp`` or ``sctp``.
        port: The port of the node.
        host_ip: The address of the node that it is for; ``None`` for all.
        target: The container's address.
        container_id: Whose it is; empty when the rule does not say.
        network: The network's name; empty likewise.
        chain: The chain of the container; empty for nftables.
        entry: The rule that leads there, as it is printed; empty likewise.
        marks_local: Whether connections from 127.0.0.1 are taken care of too.
    """

    tool: str
    family: int
    protocol: str
    port: int
    host_ip: Address | None
    target: Address
    container_id: str
    network: str = ""
    chain: str = ""
    entry: str = ""
    marks_local: bool = False

    @property
    def title(self) -> str:
        """What to call the port."""
        return f"{self.port}/{self.protocol}"


class HostPorts:
    """All of them.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @cached_property
    def all(self) -> tuple[HostPort, ...]:
        """The rules, in the order in which packets meet them.

        Raises:
            Unanswered: The rules cannot be known here.
        """
        found = [port for ruleset in self.node.rules.rulesets for port in _of_iptables(ruleset)]
        return (*found, *self._of_nft())

    def _of_nft(self) -> Iterator[HostPort]:
        for table in self.node.rules.nft:
            if table.name == NFT_TABLE:
                rules = (rule for chain in table.chains.values() for rule in chain.rules)
                for match in filter(None, map(_NFT_RULE.search, rules)):
                    for target in _target(match["to"]):
                        host = next(_address(match["host"] or ""), None)
                        family = 6 if table.family == "ip6" else 4
                        yield HostPort("nft", family, match["protocol"], int(match["port"]), host, target, match["id"])

    @cached_property
    def _held(self) -> dict[Address, tuple[str, ...]]:
        found: dict[Address, dict[str, None]] = {}
        for lease in self.node.state.leases:
            for address in _address(lease.address):
                found.setdefault(address, {})[lease.container_id] = None
        for entry in self.node.state.attachments:
            for text in addresses_of(entry.result):
                for address in _address(text):
                    found.setdefault(address, {})[entry.container_id] = None
        return {address: tuple(holders) for address, holders in found.items()}

    def holders(self, address: Address) -> Sequence[str]:
        """The containers that have an address, as leases and caches say."""
        return self._held.get(address, ())

    def fate_of(self, container_id: str) -> Fate:
        """What is known of the container of a rule; one that is being added just now is in no cache yet.

        Args:
            container_id: Its ID.
        """
        known = self.node.state.attachments_of(container_id)
        fate = self.node.pods.fate_of(container_id, next((entry.netns for entry in known if entry.netns), ""))
        return Fate.UNKNOWN if fate is Fate.GONE and not known and self.is_fresh(container_id) else fate

    def is_fresh(self, container_id: str) -> bool:
        """Whether a container may be one that is being added just now."""
        times = self._leased.get(container_id)
        if times is None:  # addresses are not of host-local; then a new namespace could be its
            status = self.node.host.status("/run/netns")
            times = [status.modified] if status else []
        return any(self.node.host.now() - time < SETTLED for time in times)

    @cached_property
    def _leased(self) -> dict[str, list[float]]:
        """When containers got their addresses."""
        found: dict[str, list[float]] = {}
        for lease in self.node.state.leases:
            found.setdefault(lease.container_id, []).append(lease.modified or 0.0)
        return found

    @cached_property
    def listeners(self) -> tuple[Listener, ...]:
        """Who listens in the network namespace of the node's first process; none where that cannot be seen."""
        found: list[Listener] = []
        for protocol in ("tcp", "udp"):
            for name in (protocol, f"{protocol}6"):
                found += listeners_in(protocol, self.node.text(f"/proc/1/net/{name}") or "")
        return tuple(found)


def _of_iptables(ruleset: Ruleset) -> Iterator[HostPort]:
    chains = ruleset.saved.tables.get("nat", {})
    done: set[str] = set()
    for entry in ruleset.saved.chain("nat", ENTRY).rules:
        if entry.target in chains and entry.target not in done:
            done.add(entry.target)
            rules = chains[entry.target].rules
            marks_local = any(rule.text.startswith("-s 127.0.0.1/32 ") for rule in rules)
            for rule in rules:
                yield from _host_port(ruleset, entry, rule, marks_local)


def _host_port(ruleset: Ruleset, entry: SavedRule, rule: SavedRule, marks_local: bool) -> Iterator[HostPort]:
    leads = _DNAT.search(rule.text)
    if leads is None:
        return
    options = dict(_OPTION.findall(rule.text))
    port, owner = options.get("--dport", ""), entry.owner
    for target in _target(leads[1]):
        if port.isdecimal() and len(port) <= _PORT_DIGITS:
            yield HostPort(
                ruleset.tool,
                ruleset.family,
                options.get("-p", ""),
                int(port),
                next(_address(options.get("-d", "")), None),
                target,
                owner.container_id if owner else "",
                owner.network if owner else "",
                entry.target,
                entry.text,
                marks_local,
            )


def _target(text: str) -> Iterator[Address]:
    """The address in ``10.88.0.2:80`` or ``[fd00::2]:80``."""
    yield from _address(text[1:].partition("]")[0] if text.startswith("[") else text.partition(":")[0])


def _address(text: str) -> Iterator[Address]:
    try:
        yield parse_cidr(text).ip if "/" in text else parse_ip(text)
    except ValueError:
        return
