"""A checkup as metrics for the textfile collector of Prometheus' node exporter.

No label holds a path or a message, so that the number of series depends on the number of checks alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl import __version__
from cnictl.render.order import likely_causes
from cnictl.report.finding import Status
from cnictl.report.report import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cnictl.render.paper import Paper
    from cnictl.report.report import Checkup


class Sample(NamedTuple):
    """A number and what it is about."""

    labels: Mapping[str, str]
    value: float


class Metric(NamedTuple):
    """A metric, which is a gauge, with all its samples."""

    name: str
    help: str
    samples: Iterable[Sample]


def render(checkup: Checkup, paper: Paper, *, verbose: bool = False) -> None:
    """Writes the metrics in the text format of Prometheus ("Exposition formats"), without timestamps."""
    del verbose
    for metric in _metrics(checkup):
        paper.stream.write(f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} gauge\n")
        for sample in metric.samples:
            paper.stream.write(f"{metric.name}{_labels(sample.labels)} {_number(sample.value)}\n")


def _metrics(checkup: Checkup) -> Iterator[Metric]:
    yield _one("cnictl_build_info", "The version of cnictl that looked.", 1, version=__version__)
    yield Metric("cnictl_doctor_check_status", "Whether a check is in this state: 1 for one of them.", _states(checkup))
    found = count(checkup.findings()).items()
    yield Metric(
        "cnictl_doctor_findings",
        "How many things were found, by severity.",
        [Sample({"severity": severity}, number) for severity, number in found],
    )
    yield _one("cnictl_doctor_causes", "How many things are wrong by themselves.", len(likely_causes(checkup)))
    yield _one("cnictl_doctor_duration_seconds", "How long the examination took.", checkup.seconds)
    if checkup.began is not None:
        ended = checkup.began + checkup.seconds
        yield _one("cnictl_doctor_last_run_timestamp_seconds", "When the examination ended, since 1970.", ended)


def _one(name: str, text: str, value: float, **labels: str) -> Metric:
    return Metric(name, text, [Sample(labels, value)])


def _states(checkup: Checkup) -> Iterator[Sample]:
    for check in checkup.checks:
        labels = {"check": check.name, "code": check.code, "category": check.category}
        for status in Status:
            yield Sample({**labels, "status": status.value}, check.status is status)


def _labels(labels: Mapping[str, str]) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    """As short as can be: a time in seconds with its milliseconds, and whole numbers as such."""
    return f"{value:.3f}".rstrip("0").rstrip(".")
