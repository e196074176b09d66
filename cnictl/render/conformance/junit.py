"""The test of a plugin as JUnit XML: a suite for each version of the spec, a test for each case."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from cnictl.render.steps import junit_case, junit_suite, write_xml

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.conformance import Conformance


def render(conformance: Conformance, paper: Paper, *, verbose: bool = False) -> None:
    """Writes a test for each case: one that failed says why, what was skipped says the reason."""
    del verbose
    counts = conformance.counts()
    numbers = {"tests": str(len(conformance.cases)), "failures": str(counts["fail"]), "errors": str(counts["error"])}
    time = f"{conformance.seconds:.3f}"
    root = ET.Element("testsuites", {"name": "cnictl conformance", **numbers, "time": time})
    for version in conformance.versions():
        results = [case.result for case in conformance.cases if case.version == version]
        suite = junit_suite(root, f"{conformance.plugin} {version}", results)
        for result in results:
            junit_case(suite, result, f"cnictl.conformance.{conformance.plugin}")
    write_xml(root, paper)
