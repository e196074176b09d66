"""Many nodes: the checkups of each, read from their JSON and folded into one view."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.errors import InputError
from cnictl.report.finding import Status
from cnictl.report.report import Cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SCHEMA = "cnictl.doctor/1"
WORST_FIRST = (Status.FAIL, Status.ERROR, Status.WARN, Status.OK)
"""What can be said of a node as a whole, the worst first."""
_WRONG = frozenset({Status.FAIL, Status.ERROR, Status.WARN})
_STATUSES = {status.value: status for status in Status}
_NO_NAME = ("", "localhost", "localhost.localdomain")
"""Host names that many nodes can have, so that they name none."""
_OWN = ("hostname", "live")
"""Facts in which nodes are not expected to be alike."""
_FEW_VALUES = 10
"""How many values a fact may have that most nodes do not share, to be worth showing."""
_DEEPEST = 3
"""How deep facts inside of facts are looked at."""


class BadCheck(NamedTuple):
    """A check that was not well on a node."""

    code: str
    name: str
    category: str
    status: Status


@dataclass(frozen=True, slots=True)
class NodeReport:
    """What is kept of the report of one node.

    Attributes:
        name: What the node is called.
        file: The file that the report came from.
        began: When it was examined, as RFC 3339 has it; ``None`` when the report does not say.
        counts: How many checks ended in each status.
        causes: What is wrong by itself, the most likely root cause first.
        bad: The checks that were not well.
        facts: What the node is, each fact as a text.
    """

    name: str
    file: str
    began: str | None
    counts: Mapping[Status, int]
    causes: Sequence[Cause]
    bad: Sequence[BadCheck]
    facts: Mapping[str, str]

    @property
    def status(self) -> Status:
        """That of its worst check; skipped ones say nothing about it."""
        return next((status for status in WORST_FIRST if self.counts.get(status)), Status.OK)


def read_report(document: object, file: str, name: str) -> NodeReport:
    """Reads the report of a node.

    Args:
        document: What ``cnictl doctor -f json`` has written.
        file: Where it came from.
        name: What to call a node whose report does not say what its name is.

    Raises:
        InputError: It is something else.
    """
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise InputError(_foreign(document))
    try:
        checks = document["checks"]
        counts = Counter(_STATUSES[check["status"]] for check in checks)
        wrong = [check for check in checks if _STATUSES[check["status"]] in _WRONG]
        facts = dict(_flat(document["node"]))
        hostname = str(document["node"].get("hostname") or "")
        return NodeReport(
            name if hostname in _NO_NAME else hostname,
            file,
            _text(document.get("began")) or None,
            counts,
            tuple(_causes(document, wrong)),
            tuple(_bad(check) for check in wrong),
            facts,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        message = f"it says that it is {SCHEMA}, and is not what cnictl writes"
        raise InputError(message) from error


def _foreign(document: object) -> str:
    kind = document.get("schema") if isinstance(document, dict) else None
    if isinstance(kind, str) and kind.startswith("cnictl.doctor/"):
        return f"it is {kind}, which this version of cnictl does not know"
    if isinstance(kind, str) and kind.startswith("cnictl."):
        return f"it is {kind}, not {SCHEMA}"
    return "it is no report of `cnictl doctor -f json`"


def _text(value: object) -> str:
    """A text that is kept once however many nodes have it."""
    return intern(value) if isinstance(value, str) else ""


def _bad(check: Mapping[str, Any]) -> BadCheck:
    code, name, category = (_text(check[key]) for key in ("code", "name", "category"))
    return BadCheck(code, name, category, _STATUSES[check["status"]])


def _causes(document: Mapping[str, Any], wrong: Sequence[Mapping[str, Any]]) -> Iterator[Cause]:
    """The causes that the report names; each check that failed where it does not."""
    for cause in document.get("causes") or ():
        explains = tuple(_text(code) for code in cause.get("explains") or ())
        yield Cause(_text(cause["code"]), _text(cause["message"]), _text(cause["command"]), explains)
    if "causes" not in document:
        for check in wrong:
            if check["status"] == Status.FAIL:
                yield Cause(_text(check["code"]), _text(check["summary"]), _first_fix(check["findings"]))


def _first_fix(findings: Sequence[Mapping[str, Any]]) -> str:
    return next((_text(finding["fix"]["description"]) for finding in findings if finding.get("fix")), "")


def _flat(facts: Mapping[str, object], prefix: str = "", depth: int = 1) -> Iterator[tuple[str, str]]:
    """Facts and those inside of them, each as a text."""
    for key, value in facts.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from _flat(value, f"{name}.", depth + 1)
        elif name not in _OWN:
            yield intern(name), intern(_shown(value))


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value) or "none"
    import json

    return json.dumps(value, ensure_ascii=False, sort_keys=True)


class Wording(NamedTuple):
    """What a cause says on some nodes."""

    message: str
    command: str
    nodes: int


@dataclass(frozen=True, slots=True)
class FleetCause:
    """A cause and the nodes that have it.

    Attributes:
        code: The code of the check that found it.
        name: The check's name; empty when no report says it.
        status: The worst status of the check on these nodes.
        nodes: Their names.
        first: On how many of them it is the most likely root cause.
        wordings: What it says there, that of most nodes first.
        explains: The codes of what follows from it.
    """

    code: str
    name: str
    status: Status
    nodes: tuple[str, ...]
    first: int
    wordings: tuple[Wording, ...]
    explains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FleetCheck:
    """A check that was not well on some nodes, and which ones."""

    code: str
    name: str
    category: str
    nodes: Mapping[Status, Sequence[str]]


class Share(NamedTuple):
    """The nodes that have the same value of a fact."""

    value: str | None
    """``None`` for those whose report does not have the fact."""
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact in which nodes are not alike.

    Attributes:
        fact: Its name, such as ``confDir``.
        usual: What more than half of the nodes have; ``None`` when no value is so common.
        others: The other values, that of most nodes first.
    """

    fact: str
    usual: Share | None
    others: tuple[Share, ...]


class Unread(NamedTuple):
    """Something that is no report, and why."""

    file: str
    reason: str


@dataclass
class Fleet:
    """The reports of many nodes, of each node the newest.

    Attributes:
        nodes: The report of each node, by its name.
        unread: What could not be read.
        older: How many reports of a node that has a newer one do not count.
    """

    nodes: dict[str, NodeReport] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    older: int = 0

    def add(self, report: NodeReport) -> None:
        """Takes one more report; of two reports of a node the newer one counts, or else the later."""
        known = self.nodes.get(report.name)
        self.older += known is not None
        if known is None or (report.began or "") >= (known.began or ""):
            self.nodes[report.name] = report

    def leave_out(self, file: str, reason: str) -> None:
        """Notes something that is no report."""
        self.unread.append(Unread(file, reason))

    def counts(self) -> dict[str, int]:
        """How many nodes are in each status, zeros included."""
        counted = Counter(report.status for report in self.nodes.values())
        return {status.value: counted[status] for status in WORST_FIRST}

    def causes(self) -> list[FleetCause]:
        """The causes: those that fail first, then those of most nodes."""
        found: dict[str, list[tuple[NodeReport, Cause]]] = {}
        for report in self.nodes.values():
            for cause in {cause.code: cause for cause in report.causes}.values():
                found.setdefault(cause.code, []).append((report, cause))
        names = {check.code: check.name for report in self.nodes.values() for check in report.bad}
        causes = [_fleet_cause(code, names.get(code, ""), where) for code, where in found.items()]
        return sorted(causes, key=lambda cause: (WORST_FIRST.index(cause.status), -len(cause.nodes), cause.code))

    def checks(self) -> list[FleetCheck]:
        """The checks that were not well on some nodes, in the order of their codes."""
        titles: dict[str, BadCheck] = {}
        nodes: dict[str, dict[Status, list[str]]] = {}
        for report in self.nodes.values():
            for check in report.bad:
                titles.setdefault(check.code, check)
                nodes.setdefault(check.code, {}).setdefault(check.status, []).append(report.name)
        return [FleetCheck(code, titles[code].name, titles[code].category, nodes[code]) for code in sorted(nodes)]

    def differences(self) -> list[Difference]:
        """The facts in which some nodes differ from most, in the order of their names."""
        names = sorted({name for report in self.nodes.values() for name in report.facts})
        found = (_difference(name, self.nodes.values()) for name in names)
        return [difference for difference in found if difference is not None]


def _fleet_cause(code: str, name: str, where: Sequence[tuple[NodeReport, Cause]]) -> FleetCause:
    statuses = {check.status for report, _ in where for check in report.bad if check.code == code}
    wordings = Counter((cause.message, cause.command) for _, cause in where).most_common()
    explains = dict.fromkeys(each for _, cause in where for each in cause.explains)
    return FleetCause(
        code,
        name,
        next((status for status in WORST_FIRST if status in statuses), Status.FAIL),
        tuple(report.name for report, _ in where),
        sum(report.causes[0].code == code for report, _ in where),
        tuple(Wording(message, command, nodes) for (message, command), nodes in wordings),
        tuple(explains),
    )


def _difference(fact: str, reports: Iterable[NodeReport]) -> Difference | None:
    """In what nodes differ in a fact; ``None`` when they do not, or when each has a value of its own."""
    holders: dict[str | None, list[str]] = {}
    for report in reports:
        holders.setdefault(report.facts.get(fact), []).append(report.name)
    shares = sorted(
        (Share(value, tuple(nodes)) for value, nodes in holders.items()), key=lambda share: -len(share.nodes)
    )
    number = sum(len(share.nodes) for share in shares)
    if len(shares) == 1:
        return None
    if 2 * len(shares[0].nodes) > number:
        return Difference(fact, shares[0], tuple(shares[1:]))
    return Difference(fact, None, tuple(shares)) if len(shares) <= min(_FEW_VALUES, number // 2) else None
