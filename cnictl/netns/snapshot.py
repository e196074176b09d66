"""All that is seen in a network namespace at one moment."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cnictl.netns.addresses import address_facts
from cnictl.netns.fact import KINDS, Facts, collect
from cnictl.netns.kernel import dump, open_netlink
from cnictl.netns.links import link_facts
from cnictl.netns.neighbours import neighbour_facts
from cnictl.netns.routes import route_facts
from cnictl.netns.rules import rule_facts
from cnictl.netns.rulesets import RULESETS, take_rulesets
from cnictl.netns.sysctls import Place, Settings, read_settings
from cnictl.netns.traffic import traffic_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cnictl.netns.fact import Fact
    from cnictl.netns.rulesets import ToolOutput


@dataclass(kw_only=True, eq=False)
class Snapshot:
    """What there is in a namespace.

    Attributes:
        links: The names of the links by their index.
        facts: All but the kernel settings.
        settings: The kernel settings that do not belong to a link, by their name.
        link_settings: Those of links, by folder and index.
        generation: Of nftables' rules; ``None`` when they are to be asked for again.
        unseen: Why a kind of fact could not be looked at, or not as a whole, by what it is.
        lost: The kinds of which nothing is known.
    """

    links: dict[int, str] = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)
    settings: Settings = field(default_factory=dict)
    link_settings: dict[Place, Settings] = field(default_factory=dict)
    generation: int | None = None
    unseen: dict[str, str] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)


def take(show: Callable[..., ToolOutput], previous: Snapshot | None = None) -> Snapshot:
    """Looks around in the network namespace that the calling thread is in.

    Args:
        show: Runs a tool: its name, then its arguments.
        previous: The last snapshot of the same namespace; rules that have not changed since are taken from it.
    """
    shot = Snapshot()
    with _excused(shot, *KINDS):
        _take_kernel(shot)
    shot.settings, shot.link_settings = read_settings(shot.links)
    with _excused(shot, *RULESETS):
        take_rulesets(shot, show, previous)
    return shot


def _take_kernel(shot: Snapshot) -> None:
    with open_netlink() as netlink:
        links = dump(netlink.get_links)
        names = shot.links = {link["index"]: link.get_attr("IFLA_IFNAME") for link in links}
        _part(shot, ("link",), lambda: link_facts(netlink, links, names))
        _part(shot, ("address",), lambda: address_facts(netlink, names))
        _part(shot, ("route",), lambda: route_facts(netlink, names))
        _part(shot, ("rule",), lambda: rule_facts(netlink))
        _part(shot, ("neighbour",), lambda: neighbour_facts(netlink, names))
        _part(shot, ("qdisc", "class", "filter"), lambda: traffic_facts(netlink, names))


def _part(shot: Snapshot, kinds: tuple[str, ...], read: Callable[[], Iterable[Fact]]) -> None:
    with _excused(shot, *kinds):
        shot.facts |= collect(read())


_NOT_IN_THIS_KERNEL = frozenset({errno.EOPNOTSUPP, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


@contextmanager
def _excused(shot: Snapshot, *kinds: str) -> Iterator[None]:
    """Notes that some kinds cannot be looked at: a strange answer must not keep a plugin from being run."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  # nobody knows all that can go wrong in reading what another kernel says
        number = getattr(error, "code", getattr(error, "errno", None))
        if number not in _NOT_IN_THIS_KERNEL:
            reason = os.strerror(number) if isinstance(number, int) else repr(error)
            shot.unseen[kinds[0]] = f"{kinds[0]}s cannot be read: {reason}"
            shot.lost.update(kinds)
