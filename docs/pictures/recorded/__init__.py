"""What was recorded in a throwaway node, as the renderers take it: JSON that cnictl itself has written."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from cnictl.invoke.invocation import Exchange, Invocation
from cnictl.report.finding import Applicable, Finding, Fix, Location, Severity, Status
from cnictl.report.trial import StepResult, Trial
from cnictl.runtime.attachments import Inventory, KnownAttachment, State
from cnictl.runtime.cache import CacheEntry
from cnictl.runtime.leases import Lease

HERE = Path(__file__).resolve().parent
TAKEN = "2026-01-12T09:30:30Z"
"""When the attachments were recorded; their files bear earlier times."""


def exchanges() -> list[Exchange]:
    """The plugin runs of ``exec add --trace -f json``."""
    return [_exchange(run) for run in _document("trace")["exchanges"]]


def _exchange(run: dict[str, Any]) -> Exchange:
    invocation = Invocation(run["plugin"], Path(run["path"]), run["verb"], run["environment"], _bytes(run["stdin"]))
    return Exchange(
        invocation, _bytes(run["stdout"]), run["stderr"].encode(), run["status"], seconds=run["milliseconds"] / 1000
    )


def _bytes(value: object) -> bytes:
    return (value if isinstance(value, str) else json.dumps(value)).encode()


def trial() -> Trial:
    """The trial of ``try -f json``."""
    document = _document("trial")
    facts = {key: document[key] for key in ("network", "cniVersion", "plugins")}
    return Trial(document["file"], facts, [_step(step) for step in document["steps"]], document["seconds"])


def _step(step: dict[str, Any]) -> StepResult:
    return StepResult(
        step["code"],
        step["name"],
        step["title"],
        Status(step["status"]),
        step["summary"],
        step["evidence"],
        [_finding(finding) for finding in step["findings"]],
        step["milliseconds"],
    )


def _finding(finding: dict[str, Any]) -> Finding:
    place, fix = finding["location"], finding["fix"]
    return Finding(
        finding["code"],
        finding["name"],
        Severity(finding["severity"]),
        finding["message"],
        Location(place["file"], place["line"], place["column"], pointer=place["pointer"]),
        finding["why"],
        Fix(fix["description"], Applicable(fix["applicable"])),
    )


def inventory() -> Inventory:
    """The attachments of ``attachments -f json``, as old as they were then."""
    document = _document("attachments")
    attachments = [_attachment(each) for each in document["attachments"]]
    return Inventory(Path(document["cacheDir"]), attachments, leases=[_lease(each) for each in document["leases"]])


def _attachment(each: dict[str, Any]) -> KnownAttachment:
    entry = CacheEntry(
        each["network"],
        each["containerId"],
        each["ifname"],
        each["netns"] or "",
        args=tuple(each["args"].items()),
        capability_args=each["capabilityArgs"],
        result={"cniVersion": "1.0.0", "ips": [{"address": address} for address in each["addresses"]]},
        path=each["file"],
    )
    return KnownAttachment(entry, State(each["state"]), _moment(each["modified"]), each["verb"])


def _lease(each: dict[str, Any]) -> Lease:
    return Lease(
        each["network"],
        each["address"],
        each["containerId"] or "",
        each["ifname"] or "",
        each["file"],
        _moment(each["modified"]),
    )


def _moment(text: str) -> float:
    """A point in time that is as long ago now as it was when it was recorded."""
    return time.time() - (datetime.fromisoformat(TAKEN) - datetime.fromisoformat(text)).total_seconds()


def _document(name: str) -> Any:  # noqa: ANN401  # a JSON document
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
