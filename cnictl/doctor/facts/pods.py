"""Which containers there are on a node, and which are certainly gone."""

from __future__ import annotations

import posixpath
import re
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.doctor.facts.cri import UNIMPLEMENTED
from cnictl.doctor.facts.kinds import KINDS
from cnictl.host.api import Unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnictl.doctor.node import Node
    from cnictl.foreign.mountinfo import Mount

SETTLED = 300.0
"""Seconds after which something that belongs to no container is left over. Runtimes make a sandbox known only when its
network is there, and the kubelet gives them four minutes for that."""

_OF_PROCESS = re.compile(r"(/proc/[0-9]+)/(?:task/[0-9]+/)?ns/net")


class Fate(StrEnum):
    """What is known of a container."""

    ALIVE = "alive"
    GONE = "gone"
    """It is certain: the runtime that answers does not know it, and it has no network namespace."""
    UNKNOWN = "unknown"


class Pod(NamedTuple):
    """A pod's sandbox, as a runtime knows it.

    Attributes:
        id: Its ID, which is the container ID for CNI.
        name: The pod's name.
        namespace: The pod's namespace.
        ready: Whether it runs.
    """

    id: str
    name: str
    namespace: str
    ready: bool

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.namespace}/{self.name}"


class Pods:
    """What exists.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @cached_property
    def sandboxes(self) -> Mapping[str, Pod]:
        """The pods' sandboxes that the runtimes know, the stopped ones too, by their IDs.

        Raises:
            Unanswered: A runtime does not answer, or there is none that could be asked.
        """
        answers = [self._ask(socket) for socket in self.sockets]
        known = [answer for answer in answers if answer is not None]
        if not known:
            message = "there is no container runtime that could be asked which containers there are"
            raise Unanswered(message)
        return {pod.id: pod for answer in known for pod in _pods(answer)}

    @cached_property
    def netns_mounts(self) -> Mapping[str, Mount] | None:
        """The network namespaces that are mounted somewhere, by their paths; ``None`` when that cannot be told."""
        table = self.node.mounts.table
        if table is None:
            return None
        mounts = (mount for mount in table if mount.kind == "nsfs" and mount.root.startswith("net:"))
        return {plain_path(mount.target): mount for mount in mounts}

    def has_netns(self, path: str) -> bool | None:
        """Whether there is a network namespace at a path; ``None`` when that cannot be told.

        A process that has the number of one that is gone keeps its namespace from being called gone.
        """
        if not path.startswith("/") or "\0" in path:
            return None
        process = _OF_PROCESS.fullmatch(path)
        if process:
            return self.node.host.status(process[1]) is not None if self.node.host.live else None
        return None if self.netns_mounts is None else plain_path(path) in self.netns_mounts

    def fate_of(self, container_id: str, netns: str = "") -> Fate:
        """What is known of a container.

        Args:
            container_id: Its ID.
            netns: The path of its network namespace; empty when nobody has noted it.
        """
        there = self.has_netns(netns)
        if there or container_id in self.known:
            return Fate.ALIVE
        if self.trouble is None:  # all runtimes have answered
            return Fate.UNKNOWN if netns and there is None else Fate.GONE
        return Fate.GONE if there is False and not self.sockets and self.node.host.live else Fate.UNKNOWN

    def name_of(self, container_id: str) -> str:
        """What to call a container: the pod's name where a runtime knows it, or the beginning of its ID."""
        pod = self.known.get(container_id)
        return pod.title if pod else container_id[:13]

    @cached_property
    def trouble(self) -> str | None:
        """Why it is not known which containers there are; ``None`` when it is."""
        try:
            self.sandboxes  # noqa: B018  # asking is enough
        except Unanswered as reason:
            return str(reason)
        return None

    @cached_property
    def known(self) -> Mapping[str, Pod]:
        """The same as `sandboxes`, none where they cannot be known."""
        return self.sandboxes if self.trouble is None else {}

    @cached_property
    def sockets(self) -> list[str]:
        """The sockets of runtimes that are there."""
        usual = (socket for kind in KINDS for socket in kind.sockets)
        paths = dict.fromkeys((*usual, self.node.all_runtimes.socket))
        return [path for path in paths if path and self.node.host.status(path) is not None]

    def _ask(self, socket: str) -> list[Any] | None:
        """The sandboxes that a runtime knows; ``None`` when it has nothing to do with pods."""
        answer = self.node.host.cri(socket, "sandboxes")
        if isinstance(answer, list):
            return answer
        trouble = answer if isinstance(answer, dict) else {}
        if trouble.get("code") == UNIMPLEMENTED:
            return None
        message = f"{socket} does not tell which containers there are: {trouble.get('error', 'no list')}"
        raise Unanswered(message)


def _pods(answer: list[Any]) -> Iterator[Pod]:
    for item in answer:
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            yield Pod(item["id"], str(item.get("name")), str(item.get("namespace")), item.get("state") == "ready")


def plain_path(path: str) -> str:
    """A path without detours; ``/var/run`` is ``/run``."""
    path = posixpath.normpath(path)
    return path.removeprefix("/var") if path.startswith("/var/run/") else path
