"""The container runtimes of a node, and the one that gives pods their network."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from cnictl.doctor.facts.kinds import KINDS, kinds_at, plain_socket
from cnictl.doctor.facts.runtime import Runtime

if TYPE_CHECKING:
    from cnictl.doctor.facts.kinds import Kind
    from cnictl.doctor.node import Node

CHOICES = ("auto", "containerd", "cri-o", "podman", "none")
"""What a user may say that the runtime is."""


class Runtimes:
    """The runtimes.

    Args:
        node: The node.
        wanted: The one that the user says counts, one of `CHOICES`.
        socket: The socket of it that the user names.
    """

    def __init__(self, node: Node, wanted: str = "auto", socket: str | None = None) -> None:
        self.node = node
        self.wanted = wanted
        self.socket = plain_socket(socket) if socket else None

    @cached_property
    def all(self) -> list[Runtime]:
        """Those of which there is a trace."""
        return [Runtime(self.node, kind) for kind in KINDS if self._has_trace(kind)]

    def _has_trace(self, kind: Kind) -> bool:
        status = self.node.host.status
        if any(map(status, kind.traces)):
            return True
        # Two products share a socket, and only their directories tell which it is.
        others = [each for each in KINDS if each is not kind and set(each.sockets) & set(kind.sockets)]
        shared = any(status(trace) for each in others for trace in each.traces)
        return not shared and any(map(status, kind.sockets))

    @cached_property
    def counting(self) -> Runtime | None:
        """The one that gives pods their network; ``None`` when there is none, or none can be told.

        It is the one that the user names, or else the one that the kubelet talks to, or else one that runs, or else one
        of which there is a trace, those of Kubernetes first. A containerd beside others may well be docker's.
        """
        if self.wanted == "none":
            return None
        if self.wanted != "auto":
            return self._named(self.wanted)
        if self.socket:
            return self._at(self.socket)
        return self._of_kubelet() or self._running() or next(iter(self._cri), None) or next(iter(self.all), None)

    def _named(self, name: str) -> Runtime:
        found = [runtime for runtime in self.all if runtime.name == name]
        kind = found[0].kind if found else next(kind for kind in KINDS if kind.name == name)
        return Runtime(self.node, kind, self.socket)

    def _at(self, socket: str) -> Runtime:
        """The runtime at a socket; what nobody knows is taken for containerd."""
        kinds = kinds_at(socket) or KINDS[:1]
        traced = [runtime.kind for runtime in self.all if runtime.kind in kinds]
        return Runtime(self.node, (traced or list(kinds))[0], socket)

    def _of_kubelet(self) -> Runtime | None:
        endpoint = self.node.kubelet.endpoint
        if endpoint is None or not kinds_at(endpoint.value):
            return None
        return self._at(plain_socket(endpoint.value))

    def _running(self) -> Runtime | None:
        others_first = sorted(self._cri, key=lambda runtime: runtime.kind is KINDS[0])
        return next((runtime for runtime in others_first if runtime.runs), None)

    @cached_property
    def _cri(self) -> list[Runtime]:
        """Those that a kubelet could talk to, one that has its CRI switched off last."""
        found = [runtime for runtime in self.all if runtime.name != "podman"]
        return sorted(found, key=lambda runtime: bool(runtime.containerd and runtime.containerd.cri_disabled))
