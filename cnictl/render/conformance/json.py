"""The test of a plugin as JSON: ``cnictl.conformance/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.shape import write_json
from cnictl.render.steps import step_shape

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.conformance import Conformance


def render(conformance: Conformance, paper: Paper, *, verbose: bool = False) -> None:
    """Writes one JSON document (``schemas/output/conformance.schema.json``); it always holds everything."""
    del verbose
    document = {
        "schema": "cnictl.conformance/1",
        "plugin": conformance.plugin,
        "path": conformance.path,
        "network": conformance.network,
        "role": conformance.role,
        "supportedVersions": list(conformance.spoken),
        "seconds": conformance.seconds,
        "conforms": conformance.conforms,
        "cases": [{"cniVersion": case.version, **step_shape(case.result)} for case in conformance.cases],
        "summary": {"cases": len(conformance.cases), **conformance.counts()},
    }
    write_json(document, paper.stream)
