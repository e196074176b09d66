"""``cnictl doctor merge``."""

from __future__ import annotations

import codecs
import sys
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import Common, Verbose, format_option, takes
from cnictl.cli.output import Output, answer
from cnictl.errors import ExitCode, InputError, SourceError
from cnictl.render import renderer
from cnictl.report.fleet import Fleet, read_report
from cnictl.text.source import STDIN, read_regular, source_error
from cnictl.text.stream import MOST_CHARACTERS, stream_documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

app = new_app()


@dataclass(kw_only=True, repr=False, eq=False)
class MergeOptions(Common):
    """The options of ``cnictl doctor merge``."""

    reports: Annotated[
        list[str],
        typer.Argument(
            metavar="REPORT", help="JSON of `cnictl doctor`: a file, a directory of *.json, or - for a stream of them."
        ),
    ]
    format: Annotated[str, format_option("fleet")] = "text"
    output: Output = None
    verbose: Verbose = False


@app.command(
    cls=Command,
    epilog="""\b
Examples:
  cnictl doctor merge reports/
  cnictl doctor merge node-1.json node-2.json -f html -o fleet.html
  kubectl logs -l app.kubernetes.io/name=cnictl-doctor --tail=-1 |
    cnictl doctor merge -

\b
Exit status: 0 nothing failed on any node, 1 a check failed on one of them,
2 no report could be read.""",
)
@takes(MergeOptions)
def merge(options: MergeOptions) -> int:
    """Fold the JSON reports of many nodes into one view.

    Which causes there are, on how many nodes and which ones, and which nodes differ from most in what they are. Of
    several reports of a node the newest counts.
    """
    fleet = Fleet()
    for place in options.reports:
        _take(place, fleet)
    with answer(options.out, options.output) as paper:
        renderer("fleet", options.format)(fleet, paper, verbose=options.verbose)
    if not fleet.nodes:
        return ExitCode.UNABLE
    return ExitCode.NO if fleet.counts()["fail"] else ExitCode.OK


def _take(place: str, fleet: Fleet) -> None:
    if place == STDIN:
        _take_stream("<stdin>", _reader(sys.stdin.buffer.read), fleet)
        return
    try:
        for path in _files(place):
            _take_file(path, fleet)
    except InputError as error:
        fleet.leave_out(place, _reason(error))


def _files(place: str) -> Sequence[str]:
    path = Path(place)
    if not path.is_dir():
        return [place]
    try:
        names = sorted(entry.name for entry in path.iterdir() if entry.suffix == ".json")
    except OSError as error:
        raise source_error(place, error) from error
    if not names:
        message = "it holds no *.json"
        raise InputError(message)
    return [f"{place.rstrip('/')}/{name}" for name in names]


def _take_file(path: str, fleet: Fleet) -> None:
    try:
        data = read_regular(path, limit=MOST_CHARACTERS)
    except InputError as error:
        fleet.leave_out(path, _reason(error))
    else:
        text = StringIO(data.decode(errors="replace"))
        _take_stream(path, lambda _: text.read(), fleet)


def _reason(error: InputError) -> str:
    """What is wrong with a file, without its name, which stands before it."""
    return error.reason if isinstance(error, SourceError) else error.message


def _reader(read: Callable[[int], bytes]) -> Callable[[int], str]:
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    return lambda size: decoder.decode(read(size))


def _take_stream(name: str, read: Callable[[int], str], fleet: Fleet) -> None:
    """Takes every report of a file, which may hold several, one after another or in an array."""
    stem = Path(name).stem
    number = 0
    for document in stream_documents(read):
        for value in _each(document.value):
            number += 1
            called = stem if number == 1 and name != "<stdin>" else f"{stem}:{number}"
            try:
                if document.fault:
                    raise InputError(document.fault)  # noqa: TRY301
                fleet.add(read_report(value, name, called))
            except InputError as error:
                fleet.leave_out(name, error.message)
    if not number:
        fleet.leave_out(name, "it is empty")


def _each(value: object) -> Iterator[object]:
    yield from value if isinstance(value, list) else (value,)
