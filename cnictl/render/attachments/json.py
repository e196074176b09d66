"""What is attached, as JSON: ``cnictl.attachments/1``."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from cnictl.runtime.attachments import addresses_of

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.runtime.attachments import Inventory, KnownAttachment, UnclearFile
    from cnictl.runtime.leases import Lease


def render(inventory: Inventory, paper: Paper) -> None:
    """Writes all that is known as one JSON document (``schemas/output/attachments.schema.json``)."""
    members: list[tuple[str, str | list[Any]]] = [
        ("schema", "cnictl.attachments/1"),
        ("cacheDir", str(inventory.cache_dir)),
        ("attachments", [_attachment(each) for each in inventory.attachments]),
        ("unclear", [_unclear(file) for file in inventory.unclear]),
        ("leases", [_lease(lease) for lease in inventory.leases]),
        ("unread", list(inventory.unread)),
    ]
    # Each item on a line of its own: laid out key by key, ten thousand of them would take a second.
    lines = (f"  {json.dumps(key)}: {_laid_out(value)}" for key, value in members)
    paper.stream.write("{\n" + ",\n".join(lines) + "\n}\n")


def _laid_out(value: str | list[Any]) -> str:
    if isinstance(value, str) or not value:
        return _ENCODER.encode(value)
    return "[\n" + ",\n".join(f"    {_ENCODER.encode(item)}" for item in value) + "\n  ]"


_ENCODER = json.JSONEncoder(ensure_ascii=False)


def _attachment(attachment: KnownAttachment) -> dict[str, Any]:
    entry = attachment.entry
    return {
        "network": entry.network,
        "containerId": entry.container_id,
        "ifname": entry.ifname,
        "netns": entry.netns or None,
        "state": attachment.state.value,
        "verb": attachment.verb,
        "stale": attachment.is_stale,
        "addresses": list(addresses_of(entry.result)),
        "args": dict(entry.args),
        "capabilityArgs": dict(entry.capability_args),
        "file": attachment.entry.path,
        "modified": _moment(attachment.modified),
    }


def _unclear(file: UnclearFile) -> dict[str, Any]:
    return {
        "file": file.path,
        "kind": "legacy" if file.is_legacy else "damaged",
        "reason": file.reason,
        "addresses": list(file.addresses),
        "modified": _moment(file.modified),
    }


def _lease(lease: Lease) -> dict[str, Any]:
    return {
        "network": lease.network,
        "address": lease.address,
        "containerId": lease.container_id or None,
        "ifname": lease.ifname or None,
        "file": lease.path,
        "modified": _moment(lease.modified),
    }


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
