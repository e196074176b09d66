"""Answers that go into a file when the user wants it."""

from __future__ import annotations

from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnictl.render.paper import Paper
from cnictl.text.edit import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator

Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to this file, whole or not at all, instead of stdout."),
]


@contextmanager
def answer(paper: Paper, output: str | None) -> Iterator[Paper]:
    """Where an answer is to be written: standard output, or a file that gets all of it at once when it is complete.

    Args:
        paper: Standard output.
        output: The file; ``None`` for standard output.

    Raises:
        SourceError: The file cannot be written.
    """
    if output is None:
        yield paper
        return
    stream = StringIO()
    yield Paper(stream)
    # What is no character, such as half of a surrogate pair from a JSON escape, cannot be written as it is.
    text = stream.getvalue().encode(errors="backslashreplace").decode()
    write_atomically(Path(output), text)
