"""An attachment: one container joined to one network by one interface."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnictl.errors import UsageError
from cnictl.model.names import container_id_fault, ifname_fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULT_IFNAME = "eth0"


@dataclass(frozen=True)
class Attachment:
    """Whom to attach, and with what parameters (CNI spec 1.1.0, section 2, "Parameters").

    Attributes:
        container_id: The runtime's name for the container.
        netns: Path of its network namespace; may be empty for DEL, when the namespace is gone.
        ifname: Name of the interface to make inside it, at most 15 bytes.
        args: Pairs for ``CNI_ARGS``, in order.
        capability_args: Values for ``runtimeConfig`` by capability name, such as ``portMappings``. A plugin
            gets those that it declares.
    """

    container_id: str
    netns: str
    ifname: str = DEFAULT_IFNAME
    args: tuple[tuple[str, str], ...] = ()
    capability_args: Mapping[str, Any] = field(default_factory=dict)

    def fault(self) -> str | None:
        """Why this attachment cannot be used with any verb; ``None`` when it can."""
        if "\x00" in self.netns:
            return f"{self.netns!r} cannot be the path of a network namespace"
        return container_id_fault(self.container_id) or ifname_fault(self.ifname) or _args_fault(self.args)

    @property
    def args_text(self) -> str:
        """The value of ``CNI_ARGS``."""
        return ";".join(f"{key}={value}" for key, value in self.args)


def _args_fault(args: Iterable[tuple[str, str]]) -> str | None:
    for key, value in args:
        if not key or "=" in key or ";" in key or ";" in value or "\x00" in key + value:
            return f'CNI_ARGS cannot carry {key}={value}: there is no way to quote ";" or "=" in it'
    return None


def parse_args(text: str) -> tuple[tuple[str, str], ...]:
    """Reads ``K=V;K2=V2``, the form of ``CNI_ARGS``, as strictly as cnitool does.

    Raises:
        UsageError: A piece is not of the form ``K=V``.
    """
    pairs = []
    for piece in text.split(";") if text else ():
        key, _, value = piece.partition("=")
        if not key or not value or "=" in value:
            message = f'CNI_ARGS has the piece "{piece}", which is not of the form KEY=VALUE'
            raise UsageError(message, hint="the form is KEY=VALUE;KEY=VALUE")
        pairs.append((key, value))
    return tuple(pairs)
