"""What the doctor found on many nodes as JSON: ``cnictl.fleet/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.render.shape import write_json

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.fleet import Difference, Fleet, FleetCause, FleetCheck, NodeReport, Share


def render(fleet: Fleet, paper: Paper, *, verbose: bool = False) -> None:
    """Writes the fleet as one JSON document (``schemas/output/fleet.schema.json``); it always holds everything."""
    del verbose
    counts = fleet.counts()
    document = {
        "schema": "cnictl.fleet/1",
        "causes": [_cause(cause) for cause in fleet.causes()],
        "checks": [_check(check) for check in fleet.checks()],
        "differences": [_difference(difference) for difference in fleet.differences()],
        "nodes": [_node(report) for report in fleet.nodes.values()],
        "unread": [unread._asdict() for unread in fleet.unread],
        "summary": {"nodes": len(fleet.nodes), **counts, "older": fleet.older, "unread": len(fleet.unread)},
    }
    write_json(document, paper.stream)


def _cause(cause: FleetCause) -> dict[str, Any]:
    return {
        "code": cause.code,
        "name": cause.name,
        "status": cause.status.value,
        "first": cause.first,
        "wordings": [wording._asdict() for wording in cause.wordings],
        "explains": list(cause.explains),
        "nodes": list(cause.nodes),
    }


def _check(check: FleetCheck) -> dict[str, Any]:
    return {
        "code": check.code,
        "name": check.name,
        "category": check.category,
        "nodes": {status.value: list(nodes) for status, nodes in check.nodes.items()},
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "fact": difference.fact,
        "usual": _share(difference.usual) if difference.usual else None,
        "others": [_share(share) for share in difference.others],
    }


def _share(share: Share) -> dict[str, Any]:
    return {"value": share.value, "nodes": list(share.nodes)}


def _node(report: NodeReport) -> dict[str, Any]:
    return {
        "name": report.name,
        "file": report.file,
        "began": report.began,
        "status": report.status.value,
        "causes": [cause.code for cause in report.causes],
    }
