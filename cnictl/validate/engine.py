"""Runs every rule over a file and makes findings of what they yield."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnictl.report.finding import Finding, Location
from cnictl.report.report import FileReport
from cnictl.text.parser import parse
from cnictl.text.template import fill, is_template
from cnictl.validate.context import DROP_IN, ConfigFile
from cnictl.validate.ignores import ignores_of
from cnictl.validate.installed import Use
from cnictl.validate.registry import Hit, Rule, all_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cnictl.model.version import SpecVersion
    from cnictl.text.node import Label
    from cnictl.text.source import Source
    from cnictl.validate.installed import InstalledPlugins
    from cnictl.validate.registry import DirectoryHit

TEMPLATE = "CNI022"
"""The one finding about a template that cannot be read before it is filled in."""


EXCESSIVE = "CNI126"
"""The one finding about a list as a whole that is too long to be judged so."""


@dataclass(frozen=True)
class How:
    """How to judge.

    Attributes:
        versions: The spec versions to judge by, in place of the declared one.
        installed: The installed plugins, when they are to be asked too.
        templates: Whether placeholders are excused.
    """

    versions: tuple[SpecVersion, ...] = ()
    installed: InstalledPlugins | None = None
    templates: bool = True


AS_DECLARED = How()

NO_CONFIG: dict[str, object] = {"network": None, "cniVersion": None, "plugins": []}
"""The facts of a file that holds no config, or none that can be read."""


def judge(source: Source, how: How = AS_DECLARED, kind: str | None = None) -> FileReport:
    """Everything that is wrong with a network config.

    Args:
        source: The config.
        how: How to judge it.
        kind: The kind of the Kubernetes object that it stands in; ``None`` for a file of its own.

    Returns:
        The findings in the order of the text, and what the file holds.
    """
    return report_on(read_config(source, how, kind), how)


def report_on(files: Sequence[ConfigFile], how: How) -> FileReport:
    """The same for a config that has been read already.

    Args:
        files: The config, once for each version to judge it by.
        how: How to judge it.
    """
    source = files[0].document.source
    findings = sorted(_in_all_versions(files, how), key=in_order)
    ignores = tuple(ignores_of(files[0]))
    hits = _about_findings(files[0], findings)
    stale = [finding_of(rule, hit, Location.of(source, hit.label)) for rule, hit in hits]
    return FileReport(source, _facts(files[0], how), tuple(sorted([*findings, *stale], key=in_order)), ignores)


def read_config(source: Source, how: How, kind: str | None = None) -> list[ConfigFile]:
    """Reads a config so that rules can look at it, once for each version to judge it by.

    Args:
        source: The config.
        how: How it is to be judged.
        kind: The kind of the Kubernetes object that it stands in; ``None`` for a file of its own.
    """
    return [_read(source, how, kind, version) for version in how.versions or (None,)]


def _read(source: Source, how: How, kind: str | None, assumed: SpecVersion | None) -> ConfigFile:
    binary = source.bad_bytes is not None or "\0" in source.text
    if binary or not how.templates or not is_template(source.text):
        live = not how.templates and kind in (None, DROP_IN)
        return ConfigFile(parse(source), kind=kind, assumed=assumed, live=live)
    filled = fill(source.text)
    document = parse(source, filled.text)
    return ConfigFile(
        document,
        kind=kind,
        assumed=assumed,
        placeholders=filled.places,
        is_json=filled.is_json,
        decides=filled.decides,
    )


def _in_all_versions(files: Sequence[ConfigFile], how: How) -> Iterator[Finding]:
    """The findings by each version, each of them once; those that not every version has say which have it."""
    by_version = [{in_order(finding): finding for finding in _findings(file, how)} for file in files]
    everything = {key: finding for findings in by_version for key, finding in findings.items()}
    for key, finding in everything.items():
        having = [str(file.assumed) for file, findings in zip(files, by_version, strict=True) if key in findings]
        yield finding if len(having) == len(files) else finding.with_evidence("specVersions", having)


def _findings(file: ConfigFile, how: How) -> Iterator[Finding]:
    for rule in all_rules():
        for hit in _hits(rule, file, how):
            if counts(rule, hit.label, file):
                yield finding_of(rule, hit, Location.of(file.document.source, hit.label))


def counts(rule: Rule, label: Label, file: ConfigFile) -> bool:
    """Whether a finding would still be one after a template is filled in; where there is no template, always.

    Args:
        rule: Whose finding it is.
        label: Its place.
        file: The config.
    """
    if not file.placeholders or rule.code == TEMPLATE:
        return True
    if file.document.problems and not file.is_json:
        return False
    span = label.span
    if file.decides and (rule.on_network or file.document.source.text[span.start] in "{["):
        return False
    return not file.is_filled_in(span)


def _hits(rule: Rule, file: ConfigFile, how: How) -> Iterator[Hit]:
    if rule.on_file:
        yield from rule.on_file(file)
    if rule.on_network and file.kind != DROP_IN:  # what is one of a list is no list
        for network in file.networks:
            if not network.is_excessive or rule.code == EXCESSIVE:
                yield from rule.on_network(network)
    if rule.on_plugin or rule.on_use:
        yield from _hits_on_plugins(rule, file, how)


def _hits_on_plugins(rule: Rule, file: ConfigFile, how: How) -> Iterator[Hit]:
    for plugin in (plugin for network in file.networks for plugin in network.judged_plugins):
        if rule.on_plugin and (not rule.types or plugin.type in rule.types):
            yield from rule.on_plugin(plugin)
        if rule.on_use and how.installed:
            for name, node in plugin.executables():
                yield from rule.on_use(Use(plugin, name, node, how.installed.of(name)))


def _about_findings(file: ConfigFile, findings: Sequence[Finding]) -> Iterable[tuple[Rule, Hit]]:
    for rule in all_rules():
        if rule.on_findings:
            yield from ((rule, hit) for hit in rule.on_findings(file, findings))


def finding_of(rule: Rule, hit: Hit | DirectoryHit, location: Location) -> Finding:
    """What a rule yielded, as users get it.

    Args:
        rule: The rule.
        hit: What it yielded.
        location: The place in the file that the user wrote.
    """
    return Finding(
        code=rule.code,
        name=rule.name,
        severity=rule.severity,
        message=hit.message,
        location=location,
        why=rule.explanation.why,
        fix=hit.fix,
        evidence=hit.evidence,
        reference=rule.explanation.reference,
        masked=isinstance(hit, Hit) and hit.masked,
    )


def in_order(finding: Finding) -> tuple[int, int, str, str, str]:
    """What findings of a file are sorted by: their place in the text."""
    where = finding.location
    return where.line or 0, where.column or 0, finding.code, finding.message, where.pointer or ""


def _facts(file: ConfigFile, how: How) -> dict[str, object]:
    network = file.network
    if network is None:
        return NO_CONFIG
    judged = [str(version) for version in how.versions]
    return {
        "network": network.name,
        "cniVersion": network.declared,
        "plugins": [plugin.type for plugin in network.plugins],
        **({"judgedAs": judged} if judged else {}),
        **({"template": True} if file.placeholders else {}),
    }
