"""``cnictl validate --fix`` and ``--diff``."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cnictl.errors import ExitCode, InputError, UsageError
from cnictl.model.files import suffix_of
from cnictl.render.paper import plural
from cnictl.text.edit import write_atomically
from cnictl.text.printable import printable
from cnictl.text.source import STDIN, read_source
from cnictl.validate.fixing import Fixed, fix
from cnictl.validate.paths import judge_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.cli.validation import Validation
    from cnictl.report.report import FileReport, Report
    from cnictl.text.source import Source


class Mended(NamedTuple):
    """A file that can be mended."""

    source: Source
    fixed: Fixed

    @property
    def path(self) -> str:
        """What it is called afterwards."""
        name = self.source.path
        if self.fixed.suffix is None:
            return name
        return name.removesuffix(suffix_of(name)) + self.fixed.suffix


def wanted(validation: Validation, report: Report) -> Report:
    """What the user wants to hear of, known or not."""
    return report.under(validation.policy, ignores=validation.ignores)


def apply_fixes(validation: Validation) -> None:
    """Mends every file as far as a program may, and says what was done.

    Raises:
        UsageError: Standard input was to be mended.
        InputError: A file cannot be written; those before it are mended.
    """
    if STDIN in validation.paths:
        message = "--fix writes to files, and standard input is none"
        raise UsageError(message, hint="give the file's path, or see the change with --diff")
    count, files = 0, 0
    for mended in _mended(validation):
        if not _write(mended, validation):
            continue
        count += mended.fixed.count
        files += 1
        validation.paths = [mended.path if path == mended.source.path else path for path in validation.paths]
    done = f"mended {plural(count, 'finding')} in {plural(files, 'file')}" if files else "nothing to mend"
    validation.options.say(done)


def _write(mended: Mended, validation: Validation) -> bool:
    old, new = Path(mended.source.path), Path(mended.path)
    if new != old and os.path.lexists(new):
        validation.options.err.line(f"cnictl: {old} is not mended: it would become {new}, which is there already")
        return False
    if new == old:
        write_atomically(new, mended.fixed.text)
    else:
        _rename(old, new, mended.fixed.text)
        validation.options.say(f"{old} is now {new}")
    return True


def _rename(old: Path, new: Path, text: str) -> None:
    """Gives a file its new text and then its new name, so that there is one config at every moment."""
    write_atomically(old, text)
    try:
        old.rename(new)
    except OSError as error:
        message = f"{old}: it is mended, and must be renamed to {new.name}: {error.strerror}"
        raise InputError(message) from error


def show_fixes(validation: Validation) -> int:
    """Prints what `apply_fixes` would change, as a diff."""
    found = False
    for mended in _mended(validation):
        found = True
        for line in _diff(mended):
            validation.options.out.stream.write(line)
    if not found:
        validation.options.say("nothing to mend")
    return ExitCode.NO if found else ExitCode.OK


def _diff(mended: Mended) -> Iterator[str]:
    old, new = (text.splitlines(keepends=True) for text in (mended.source.text, mended.fixed.text))
    for line in difflib.unified_diff(old, new, mended.source.name, mended.path):
        body = line.removesuffix("\n").removesuffix("\r")
        yield printable(body) + "\n"
        if not line.endswith("\n"):
            yield "\\ No newline at end of file\n"
    if old == new:
        yield f"rename from {printable(mended.source.name)}\nrename to {printable(mended.path)}\n"


def _mended(validation: Validation) -> Iterator[Mended]:
    judged = validation.judged()
    report = wanted(validation, judged)
    for error in judged.errors:
        validation.options.err.line(f"cnictl: {error.message}")
    mendable = [file for file in report.files if any(each.fix and each.fix.automatic for each in file.findings)]
    # A config in a manifest is mended in the manifest, and standard input can be read once only.
    for source in {file.source.outermost.path: file.source.outermost for file in mendable}.values():
        current = source if source.path == STDIN else read_source(source.path)
        if current.bad_bytes is not None:
            validation.options.err.line(f"cnictl: {source.name} is not mended: {current.bad_bytes.reason}")
            continue
        fixed = fix(current, lambda text: _reports(validation, text))
        if fixed.count:
            yield Mended(current, fixed)


def _reports(validation: Validation, source: Source) -> tuple[FileReport, ...]:
    from cnictl.report.report import Report

    return wanted(validation, Report(tuple(judge_file(source, validation.how)))).files
