"""``cnictl validate --fix`` and ``--diff``."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cnictl.cli.diffs import Rewrite, show_diff
from cnictl.cli.renaming import write_renamed
from cnictl.errors import ExitCode, InputError, UsageError
from cnictl.model.version import SpecVersion
from cnictl.render.paper import plural
from cnictl.report.report import Report
from cnictl.text.edit import write_atomically
from cnictl.text.source import STDIN, read_source
from cnictl.validate.context import DROP_IN
from cnictl.validate.engine import judge
from cnictl.validate.fixing import Fixed, fix, renamed_path
from cnictl.validate.paths import MANIFEST_BYTES, judge_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.cli.validation import Validation
    from cnictl.report.report import FileReport
    from cnictl.text.source import Source


class Mended(NamedTuple):
    """A file that can be mended."""

    source: Source
    fixed: Fixed

    @property
    def path(self) -> str:
        """What it is called afterwards."""
        return renamed_path(self.source.path, self.fixed.suffix)

    @property
    def name(self) -> str:
        """The same for people."""
        return renamed_path(self.source.name, self.fixed.suffix)


def wanted(validation: Validation, report: Report) -> Report:
    """What the user wants to hear of, known or not."""
    return report.under(validation.policy, ignores=validation.ignores)


def apply_fixes(validation: Validation) -> None:
    """Mends every file as far as a program may, and says what was done.

    Raises:
        UsageError: Standard input was to be mended.
    """
    if STDIN in validation.paths:
        message = "--fix writes to files, and standard input is none"
        raise UsageError(message, hint="give the file's path, or see the change with --diff")
    count, files = 0, 0
    for mended in _mended(validation, validation.judged()):
        try:
            _write(mended, validation)
        except InputError as error:
            validation.unmended.append(error)
            continue
        count += mended.fixed.count
        files += 1
        validation.paths = [mended.path if path == mended.source.path else path for path in validation.paths]
    if validation.unmended and not files:
        return
    done = f"mended {plural(count, 'finding')} in {plural(files, 'file')}" if files else "nothing to mend"
    validation.options.say(done)


def _write(mended: Mended, validation: Validation) -> None:
    old, new = Path(mended.source.path), Path(mended.path)
    if new == old:
        write_atomically(new, mended.fixed.text)
    else:
        write_renamed(old, new, mended.fixed.text)
        validation.options.say(f"{old} is now {new}")


def show_fixes(validation: Validation) -> int:
    """Prints what `apply_fixes` would change, as a diff."""
    out, err = validation.options.out, validation.options.err
    judged = validation.judged()
    found = False
    for mended in _mended(validation, judged):
        found = True
        show_diff(Rewrite(mended.source.name, mended.source.text, mended.name, mended.fixed.text), out)
    if not found:
        validation.options.say("nothing to mend")
    for error in judged.errors:
        err.line(f"cnictl: {error.message}")
    if judged.errors:
        return ExitCode.UNABLE
    return ExitCode.NO if found else ExitCode.OK


def _mended(validation: Validation, judged: Report) -> Iterator[Mended]:
    report = _mendable(validation, wanted(validation, judged))
    mendable = [file for file in report.files if any(each.fix and each.fix.automatic for each in file.findings)]
    # A config in a manifest is mended in the manifest, and standard input can be read once only.
    for file in {os.path.realpath(file.source.outermost.path): file for file in mendable}.values():
        source = file.source.outermost
        try:
            current = source if source.path == STDIN else read_source(source.path, MANIFEST_BYTES)
        except InputError as error:  # it was there a moment ago
            validation.unmended.append(error)
            continue
        if current.bad_bytes is not None:
            validation.options.err.line(f"cnictl: {source.name} is not mended: {current.bad_bytes.reason}")
            continue
        fixed = fix(current, partial(_reports, validation, file), os.path.lexists)
        if fixed.taken is not None:
            validation.options.err.line(f"cnictl: {source.name} keeps its name: {fixed.taken} is there already")
        if fixed.count:
            yield Mended(current, fixed)


def _reports(validation: Validation, before: FileReport, source: Source) -> tuple[FileReport, ...]:
    """What is wrong with a file while it is mended."""
    if before.facts.get("dropIn"):
        files = [_judge_drop_in(validation, before, source)]
    else:
        files = judge_file(source, validation.how)
    return _mendable(validation, wanted(validation, Report(tuple(files)))).files


_RENAMES_WHAT_WORKS = "CNI125"
"""The fix that gives a new name to a file that runtimes read as it is."""


def _mendable(validation: Validation, report: Report) -> Report:
    """The report without fixes that could change which file of a directory a runtime takes.

    They are applied to files that the user named, and not to those that were found in a directory.
    """
    named = {os.path.realpath(path) for path in validation.paths}
    files = [
        file
        if os.path.realpath(file.source.outermost.path) in named
        else replace(file, findings=tuple(each for each in file.findings if each.code != _RENAMES_WHAT_WORKS))
        for file in report.files
    ]
    return replace(report, files=tuple(files))


def _judge_drop_in(validation: Validation, before: FileReport, source: Source) -> FileReport:
    versions = before.facts.get("judgedAs")
    known = tuple(map(SpecVersion, versions)) if isinstance(versions, list) else ()
    return judge(source, replace(validation.how, versions=known), DROP_IN)
