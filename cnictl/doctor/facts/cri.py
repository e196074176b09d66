"""What a container runtime says of itself over CRI, each thing asked once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from cnictl.cri.answers import Status, Version
from cnictl.cri.inspect import CrioConfig

if TYPE_CHECKING:
    from cnictl.cri.record import Record
    from cnictl.host.api import Host

_Answer = TypeVar("_Answer", bound="Record")

UNIMPLEMENTED = 12
"""gRPC's code for a service that is not there: containerd answers so when its CRI plugin is switched off."""


class Trouble(NamedTuple):
    """Why a runtime did not answer.

    Attributes:
        reason: In words.
        kind: The name of the error's class, such as ``CriSocketMissing``.
        code: gRPC's code, when the runtime refused.
    """

    reason: str
    kind: str = ""
    code: int | None = None


class Cri:
    """A runtime's socket.

    Args:
        host: The node.
        socket: The path.
    """

    def __init__(self, host: Host, socket: str) -> None:
        self.host = host
        self.socket = socket

    @cached_property
    def version(self) -> Version | Trouble:
        """Which runtime it is.

        Raises:
            Unanswered: The node is not live.
        """
        return self._ask("version", Version)

    @cached_property
    def status(self) -> Status | Trouble:
        """How it is.

        Raises:
            Unanswered: The node is not live.
        """
        return self._ask("status", Status)

    @cached_property
    def crio_config(self) -> CrioConfig | Trouble:
        """The config that CRI-O works with.

        Raises:
            Unanswered: The node is not live.
        """
        return self._ask("crio-config", CrioConfig)

    def _ask(self, question: str, kind: type[_Answer]) -> _Answer | Trouble:
        answer: Any = self.host.cri(self.socket, question)
        if isinstance(answer, dict) and "error" in answer:
            code = answer.get("code")
            return Trouble(str(answer["error"]), str(answer.get("kind", "")), code if isinstance(code, int) else None)
        try:
            return kind.from_dict(answer)
        except ValueError as error:
            return Trouble(f"its answer cannot be understood: {error}", "CriGarbled")
