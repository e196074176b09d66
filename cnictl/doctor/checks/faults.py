"""What ``validate`` finds in the node's configs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.doctor.checks.config import first_fault
from cnictl.doctor.facts.directory import directory_of
from cnictl.doctor.registry import Hit, check
from cnictl.model.files import SUFFIXES, suffix_of
from cnictl.report.finding import Applicable, Fix, Location, Severity
from cnictl.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.node import Node
    from cnictl.report.finding import Finding
    from cnictl.validate.directory import Directory
    from cnictl.validate.registry import DirectoryHit

_SAID_ELSEWHERE = {
    "CNI022": "placeholders are found below",
    "CNI201": "CNI806",
    "CNI202": "CNI805",
    "CNI203": "CNI805",
    "CNI205": "CNI807",
    "CNI208": "no runtime of Kubernetes runs CHECK",
    "CNI416": "CNI857",
    "CNI433": "pods work without, and whether they reach themselves can be seen on their links",
    "CNI601": "CNI842",
    "CNI605": "CNI802",
    "CNI606": "CNI845",
    "CNI607": "CNI845",
    "CNI612": "CNI802",
    "CNI614": "CNI801",
}
"""What other checks say of the same cause, with what is known of the node."""
_BY_VERSION = "CNI206"
"""What is known of a plugin's versions without asking it."""
_LOOPBACK_FIRST = "CNI613"
"""Pods whose whole network is the loopback interface."""
_BACKUPS = ("CNI603", "CNI604")
_UNFILLED = re.compile(r"__[A-Z][A-Z0-9_]*__|\{\{[^{}\n]*\}\}|\$\{[A-Za-z_][A-Za-z0-9_]*\}|\$\([A-Z][A-Z0-9_]*\)")
"""What installers fill in: Calico's placeholders, those of Go and Helm, of shells, and of Kubernetes."""


@check(
    "CNI840",
    "config-faults",
    Severity.ERROR,
    "config files",
    reads="every config, as `cnictl validate` does",
    well="`cnictl validate` finds nothing wrong with the configs",
    leads_to=("add-fails", "del-fails"),
    symptoms=(
        r"invalid CIDR address",
        r"invalid range set \d+",
        r"Network has host bits set",
        r"too small to allocate from",
        r"subnets \S+ and \S+ overlap",
        r"must be called as (?:a )?chained plugin",
        r"failed to find network info for sandbox",
        r"IPAM plugin returned missing IP config",
        r"cannot set hairpin mode and promiscuous mode at the same time",
        r"cannot unmarshal .* into Go struct field",
        r"no master plugin was found",
    ),
)
def config_faults(node: Node) -> Iterator[Hit]:
    """A network config can be loaded, and is wrong nevertheless.

    Each finding has the code of the rule of `cnictl validate` that found it; `cnictl explain` tells about it. Of a
    config that pods do not get, what is wrong is less severe. A placeholder that an installer should have filled in is
    found here too.

    Why:
        Runtimes load such a config and report NetworkReady; plugins refuse it when a pod starts, such as with "invalid
        CIDR address", or do not do what was meant. `cnictl validate /etc/cni/net.d` shows the same.
    Bad: 10-pods.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge",
           "ipam": {"type": "host-local", "subnet": "10.1.0.7/24"}}]}
    Good: 10-pods.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "isGateway": true,
           "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}}]}
    Fix:
        Do what the finding says; `cnictl validate --fix` mends what leaves no doubt.
    Reference:
        CNI spec 1.1.0, section 1 "Network configuration format"
    """
    for config in node.configs:
        if config.document is not None and first_fault(config, config.document) is None:
            yield from _unfilled(node, config)
            yield from _faults(node, config)
    for rule_code, hit in _about_directory(directory_of(node)):
        yield from _directory_hit(node, rule_code, hit)


def _faults(node: Node, config: NodeConfig) -> Iterator[Hit]:
    from cnictl.validate.engine import How, judge

    if config.document is None:
        return
    report = judge(config.document.source, How(templates=False))
    unfilled = [hit.location for hit in _unfilled(node, config)]
    for finding in report.findings:
        severity = _severity(node, config, finding)
        told = any(_within(place, finding.location) for place in unfilled)
        if severity is not Severity.NOTE and not told and not report.silences(finding):
            fix = finding.fix or Fix("see `cnictl explain` for the way out")
            yield Hit(
                finding.location, _of(config.path, finding.message), fix, finding.evidence, severity, finding.code
            )


def _of(path: str, message: str) -> str:
    """What a rule says, with the file, which its own reader knows and a node's does not."""
    return message if path in message else f"{path}: {message}"


def _within(inner: Location, outer: Location) -> bool:
    """Whether one place in a file is in another, which is in a single line."""
    same = inner.line == outer.line == outer.end_line
    return same and (outer.column or 0) <= (inner.column or 0) and (inner.end_column or 0) <= (outer.end_column or 0)


def _severity(node: Node, config: NodeConfig, finding: Finding) -> Severity:
    """How bad a finding is on this node; ``NOTE`` for what is not told here."""
    known = finding.code == _BY_VERSION and node.executor is not None  # then the plugins are asked
    if known or finding.code in _SAID_ELSEWHERE or finding.severity is Severity.NOTE:
        return Severity.NOTE
    loses = node.milder_for(config) is not None
    if finding.severity is Severity.ERROR:
        return Severity.WARNING if loses else Severity.ERROR
    return Severity.NOTE if loses else Severity.WARNING


def _unfilled(node: Node, config: NodeConfig) -> Iterator[Hit]:
    """Placeholders that nobody has filled in."""
    if config.document is None:
        return
    source = config.document.source
    for match in _UNFILLED.finditer(source.text):
        message = f"{config.path}: the placeholder {match[0]} was not filled in, so plugins take it literally"
        fix = Fix(
            "delete the network product's pod on this node, so that its installer writes the file again; the log of "
            "that installer says why it did not fill it in"
        )
        yield Hit(Location.in_text(source, Span(*match.span())), message, fix, severity=node.milder_for(config))


def _about_directory(directory: Directory) -> Iterator[tuple[str, DirectoryHit]]:
    from cnictl.validate.registry import all_rules

    for rule in all_rules():
        if rule.on_directory and rule.code not in _SAID_ELSEWHERE:
            yield from ((rule.code, hit) for hit in rule.on_directory(directory))


def _directory_hit(node: Node, code: str, hit: DirectoryHit) -> Iterator[Hit]:
    path = f"{node.conf_dir.rstrip('/')}/{hit.file}" if hit.file else node.conf_dir
    config = next((each for each in node.configs if each.path == path), None)
    place = config.location(hit.label) if config else Location(path)
    severity = Severity.WARNING
    if code == _LOOPBACK_FIRST and node.has_kubelet:
        severity = Severity.ERROR
    elif code in _BACKUPS and suffix_of(path) not in SUFFIXES:
        severity = Severity.NOTE  # cilium, minikube and people leave them there, and no runtime reads them
    elif code in _BACKUPS and config is node.choice.first_loadable:
        return  # that it wins is told by another check
    elif config is not None and node.milder_for(config) is not None and node.choice.runtime is not None:
        severity = Severity.NOTE
    yield Hit(
        place,
        _of(path, hit.message),
        hit.fix or Fix("see `cnictl explain`", Applicable.MANUAL),
        hit.evidence,
        severity,
        code,
    )
