"""Runs DEL for what pods have left, with the config that they were added with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.errors import RepairFailed
from cnictl.model.attachment import Attachment
from cnictl.runtime.cni import CNI
from cnictl.runtime.garbage import to_delete
from cnictl.runtime.load import kept_network

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from cnictl.report.action import Detach


def detacher(cache_dir: Path, bin_dirs: Sequence[Path] | None = None) -> Callable[[Detach], None]:
    """What runs DEL for an attachment.

    Args:
        cache_dir: Base directory of the result cache.
        bin_dirs: Plugin directories; the usual ones when ``None``.
    """
    cni = CNI(bin_dirs, cache_dir=cache_dir)

    def detach(action: Detach) -> None:
        entry = cni.cache.read(action.network, Attachment(action.container_id, "", action.ifname))
        network = kept_network(entry) if entry is not None else None
        if entry is None or network is None:
            message = f"the cache does not hold the config that {action.container_id} was added with"
            raise RepairFailed(message)
        cni.delete(network, to_delete(entry))

    return detach
