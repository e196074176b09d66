"""Runs every rule over a file and makes findings of what they yield."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.report.finding import Finding, Location
from cnictl.report.report import FileReport
from cnictl.text.parser import parse
from cnictl.validate.context import ConfigFile
from cnictl.validate.registry import Hit, Rule, all_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.text.source import Source


def judge(source: Source) -> FileReport:
    """Everything that is wrong with a network config.

    Args:
        source: The file.

    Returns:
        The findings in the order of the text, and what the file holds.
    """
    file = ConfigFile(parse(source))
    findings = [_finding(rule, hit, source) for rule in all_rules() for hit in _hits(rule, file)]
    findings.sort(key=lambda finding: (finding.location.line or 0, finding.location.column or 0, finding.code))
    return FileReport(source, _facts(file), tuple(findings))


def _hits(rule: Rule, file: ConfigFile) -> Iterator[Hit]:
    if rule.on_file:
        yield from rule.on_file(file)
    if rule.on_network and file.network:
        yield from rule.on_network(file.network)
    if rule.on_plugin:
        for plugin in file.plugins:
            if not rule.types or plugin.type in rule.types:
                yield from rule.on_plugin(plugin)


def _finding(rule: Rule, hit: Hit, source: Source) -> Finding:
    return Finding(
        code=rule.code,
        name=rule.name,
        severity=rule.severity,
        message=hit.message,
        location=Location.of(source, hit.label),
        why=rule.explanation.why,
        fix=hit.fix,
        evidence=hit.evidence,
        reference=rule.explanation.reference,
    )


def _facts(file: ConfigFile) -> dict[str, object]:
    network = file.network
    if network is None:
        return {"network": None, "cniVersion": None, "plugins": []}
    return {
        "network": network.name,
        "cniVersion": network.version_text,
        "plugins": [plugin.type for plugin in network.plugins],
    }
