"""What is attached, for people: a line for each attachment, stale ones in colour."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from cnictl.render.paper import plural
from cnictl.runtime.attachments import State, addresses_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnictl.render.paper import Paper
    from cnictl.runtime.attachments import Inventory, KnownAttachment, UnclearFile
    from cnictl.runtime.leases import Lease

_STYLE = {
    State.ATTACHED: "ok",
    State.GONE: "warning",
    State.UNKNOWN: "dim",
    State.INTERRUPTED: "warning",
    State.UNDER_WAY: "dim",
}


def render(inventory: Inventory, paper: Paper) -> None:
    """Writes a line for each attachment, for each file that cannot be used, and for each lost lease."""
    now = time.time()
    for attachment in inventory.attachments:
        _attachment(attachment, paper, now)
    for file in inventory.unclear:
        _unclear(file, paper, now)
    if inventory.leases:
        _leases(inventory.leases, paper, now)
    paper.line((_summary(inventory), "bold"))


def _summary(inventory: Inventory) -> str:
    stale = sum(each.is_stale for each in inventory.attachments)
    damaged = sum(not file.is_legacy for file in inventory.unclear)
    parts = [
        f"{plural(len(inventory.attachments), 'attachment')} in {inventory.cache_dir}",
        f"{stale} stale" if stale else "",
        plural(damaged, "damaged file") if damaged else "",
        f"{plural(len(inventory.leases), 'lease')} without attachment" if inventory.leases else "",
    ]
    return ", ".join(filter(None, parts))


def _attachment(attachment: KnownAttachment, paper: Paper, now: float) -> None:
    entry = attachment.entry
    facts = [
        f"{attachment.verb} was begun and not ended" if attachment.state is State.INTERRUPTED else "",
        ", ".join(addresses_of(entry.result)),
        _netns(attachment),
        _pod(dict(entry.args)),
        *_capabilities(entry.capability_args),
        _age(attachment.modified, now),
    ]
    names = f"{entry.network} {entry.container_id} {entry.ifname}: "
    paper.paragraph(
        (f"{attachment.state.value:<11}  ", _STYLE[attachment.state]), names + "; ".join(filter(None, facts))
    )


def _netns(attachment: KnownAttachment) -> str:
    netns = attachment.entry.netns
    return f"netns {netns}{' is gone' if attachment.state is State.GONE else ''}" if netns else "no netns in the file"


def _pod(args: Mapping[str, str]) -> str:
    """The pod that a runtime of Kubernetes tells with the arguments."""
    name = args.get("K8S_POD_NAME")
    return f"pod {args.get('K8S_POD_NAMESPACE', '')}/{name}" if name else ""


def _unclear(file: UnclearFile, paper: Paper, now: float) -> None:
    head, style = ("legacy", "dim") if file.is_legacy else ("damaged", "warning")
    facts = [file.reason, ", ".join(file.addresses), _age(file.modified, now)]
    paper.paragraph((f"{head:<11}  ", style), f"{file.path}: {'; '.join(filter(None, facts))}")


def _leases(leases: list[Lease], paper: Paper, now: float) -> None:
    paper.line(("leases without attachment", "bold"))
    for lease in leases:
        holder = f"{lease.container_id} {lease.ifname}".strip() or "no container in the file"
        text = f"{lease.network} {lease.address}: {holder}; {lease.path}; {_age(lease.modified, now)}"
        paper.paragraph(("leaked       ", "warning"), text)


_SPANS = ((86400, "d"), (3600, "h"), (60, "min"))


def _age(modified: float | None, now: float) -> str:
    """How long ago a file was written, roughly."""
    if modified is None:
        return ""
    seconds = max(int(now - modified), 0)
    number, unit = next(((seconds // span, unit) for span, unit in _SPANS if seconds >= span), (seconds, "s"))
    return f"{number} {unit} old"


def _capabilities(arguments: Mapping[str, Any]) -> Iterator[str]:
    """The capability arguments in short; what a runtime has sent empty is left out."""
    for name, value in arguments.items():
        if value in (None, "", [], {}, 0):
            continue
        short = _SHORT[name](value) if name in _SHORT else value if isinstance(value, (str, int)) else None
        yield name if short is None else f"{name} {short}"


def _folded(value: object) -> dict[str, Any]:
    """An object with its keys in lower case: containerd writes ``HostPort`` where others write ``hostPort``."""
    return {key.lower(): item for key, item in value.items()} if isinstance(value, dict) else {}


def _ports(value: object) -> str | None:
    ports = [_folded(item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    shown = (f"{_ip(port)}{port.get('hostport')}->{port.get('containerport')}/{_protocol(port)}" for port in ports)
    return " ".join(shown) or None


def _ip(port: Mapping[str, Any]) -> str:
    ip = str(port.get("hostip") or "")
    return "" if not ip else f"[{ip}]:" if ":" in ip else f"{ip}:"


def _protocol(port: Mapping[str, Any]) -> str:
    return str(port.get("protocol") or "tcp").lower()


def _rates(value: object) -> str | None:
    keys = _folded(value)
    rates = ((way, keys.get(f"{way}rate")) for way in ("ingress", "egress"))
    return " ".join(f"{way} {_bits(rate)}" for way, rate in rates if rate) or None


def _bits(rate: object) -> str:
    """Bits per second, as people write them."""
    if not isinstance(rate, int):
        return str(rate)
    steps = ((10**9, "G"), (10**6, "M"), (10**3, "k"))
    return next((f"{rate // step}{unit}" for step, unit in steps if rate % step == 0), str(rate))


_SHORT = {"portMappings": _ports, "bandwidth": _rates}
