"""Asks the kernel about the network namespace that the calling thread is in, by netlink."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from pyroute2 import IPRoute
from pyroute2.netlink import NLM_F_DUMP_INTR, NLM_F_REQUEST
from pyroute2.netlink.exceptions import NetlinkError
from pyroute2.netlink.nfnetlink.nftsocket import NFT_MSG_GETGEN, NFTSocket, nft_gen_msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pyroute2.netlink import nlmsg

LinkNamer = dict[int, str]
"""The names of links by their index."""

# pyroute2 logs a traceback for an attribute that is not as it expects, and nobody who uses cnictl can help it.
logging.getLogger("pyroute2").addHandler(logging.NullHandler())

_ALONE = Lock()
"""pyroute2 completes its classes when they are first used, and does not reckon with other threads."""
_TRIES = 5


@contextmanager
def open_netlink() -> Iterator[IPRoute]:
    """A netlink socket, which is closed at the end. Other threads wait for it.

    Raises:
        OSError: There can be none.
    """
    with _ALONE, IPRoute() as netlink:
        yield netlink


def dump(ask: Callable[..., Iterable[nlmsg]], *which: object, **how: object) -> list[nlmsg]:
    """All objects of a kind as they were at one moment, if the kernel can manage that.

    Args:
        ask: The method of `IPRoute` that asks for them.
        which: Its arguments.
        how: Its arguments with names.

    Raises:
        NetlinkError: The kernel refuses, or does not know such objects.
    """
    found: list[nlmsg] = []
    for _ in range(_TRIES):
        found = list(ask(*which, **how))
        if not any(message["header"]["flags"] & NLM_F_DUMP_INTR for message in found):
            break
    return found


def generation() -> int | None:
    """A number that is another one after each change of nftables' rules, those of iptables-nft included.

    ``None`` when the kernel has no nftables.
    """
    try:
        with _ALONE, NFTSocket() as netlink:
            [answer] = netlink.request_get(nft_gen_msg(), NFT_MSG_GETGEN, NLM_F_REQUEST)
    except (OSError, NetlinkError):
        return None
    number: int = answer.get_attr("NFTA_GEN_ID")
    return number


def link_name(names: LinkNamer, index: int) -> str:
    """A link's name, or ``if7`` for one that is in another namespace."""
    return names.get(index, f"if{index}")
