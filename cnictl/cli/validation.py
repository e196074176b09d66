"""What ``cnictl validate`` does: options and settings together, and the files they are about."""

from __future__ import annotations

import gc
import os
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cnictl.cli.options import bin_dirs, conf_dir, split_codes
from cnictl.cli.own_schemas import nearest_settings, own_schemas
from cnictl.errors import ExitCode, InputError, UsageError
from cnictl.foreign.settings import Settings, read_settings
from cnictl.model.files import DEFAULT_CONF_DIR
from cnictl.model.version import SpecVersion
from cnictl.render.paper import plural
from cnictl.report.overrides import FileIgnores
from cnictl.report.policy import Policy, matches
from cnictl.report.report import Report
from cnictl.runtime.selection import Runtime
from cnictl.text.edit import write_atomically
from cnictl.text.source import MAX_BYTES, STDIN
from cnictl.validate.engine import How
from cnictl.validate.paths import Judgement, judge_file, judge_path, read_any
from cnictl.validate.registry import all_rules
from cnictl.validate.stale import stale_entries

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from cnictl.cli.validate import ValidateOptions
    from cnictl.report.baseline import Baseline
    from cnictl.report.matrix import Matrix
    from cnictl.report.report import FileReport
    from cnictl.text.source import Source
    from cnictl.validate.installed import InstalledPlugins


_PATIENCE = 10.0
"""Seconds that an installed plugin may take to say which versions it speaks; others answer in milliseconds."""

_YOUNG = 200_000
"""New objects before Python looks for garbage among them, in place of 700: nearly all of a config's tree is in use."""


class Validation:
    """One run.

    Args:
        options: What the user asked for.

    Raises:
        SourceError: The settings file cannot be read.
        UsageError: A code or name matches no rule.
    """

    def __init__(self, options: ValidateOptions) -> None:
        self.options = options
        self.paths = options.paths or [str(conf_dir(None))]
        self.settings = self._settings()
        self.policy = self._policy()
        self.unmended: list[InputError] = []
        self.left_out: dict[str, None] = {}
        self.unsearched: dict[str, None] = {}

    def _settings(self) -> Settings:
        if self.options.no_config:
            return Settings()
        return read_settings(Path(self.options.config)) if self.options.config else nearest_settings()

    def _policy(self) -> Policy:
        options, settings = self.options, self.settings
        policy = Policy(
            split_codes(options.select) or settings.select,
            split_codes(options.ignore) or settings.ignore,
            options.strict or settings.strict,
        )
        per_file = tuple(code for entry in settings.per_file_ignores for code in entry.codes)
        unmatched = [*policy.unmatched(all_rules()), *Policy(ignore=per_file).unmatched(all_rules())]
        if unmatched:
            given = unmatched[0] in (*split_codes(options.select), *split_codes(options.ignore))
            where = "" if given else f"{settings.path}: "
            raise _no_rule(unmatched[0], where, "--select" if unmatched[0] in policy.select else "--ignore")
        return policy

    def schemas(self) -> AbstractContextManager[None]:
        """Makes the schemas of the user count."""
        return own_schemas(self.settings, self.options.schema_dir)

    @cached_property
    def how(self) -> How:
        """How to judge."""
        options = self.options
        versions = tuple(SpecVersion(text) for text in options.spec_version or ())
        # What a runtime would read as it is must not have placeholders any more.
        home = os.path.realpath(DEFAULT_CONF_DIR)
        live = any(home in (path, os.path.dirname(path)) for path in map(os.path.realpath, self.paths))  # noqa: PTH120
        excused = bool(options.paths) and options.runtime is None and not live
        return How(versions, self._installed() if options.asks else None, excused)

    def _installed(self) -> InstalledPlugins:
        from cnictl.runtime.cni import CNI
        from cnictl.validate.installed import InstalledPlugins

        return InstalledPlugins(CNI(bin_dirs(self.options.bin_dir), timeout=_PATIENCE))

    @cached_property
    def ignores(self) -> FileIgnores:
        """What the settings do not want to hear about some files."""
        root = Path(self.settings.path).absolute().parent if self.settings.path else ""
        return FileIgnores(self.settings.per_file_ignores, root)

    @cached_property
    def baseline(self) -> Baseline | None:
        """What is known already; nothing while a new baseline is written."""
        path = self.options.baseline or self.settings.baseline
        if not path or self.options.write_baseline:
            return None
        from cnictl.report.baseline import read_baseline

        return read_baseline(path)

    def judged(self, how: How | None = None) -> Report:
        """Everything that is found, before anything is left out."""
        gc.set_threshold(_YOUNG)
        files: list[FileReport] = []
        errors: list[InputError] = []
        for path in self.paths:
            try:
                done = self._judged(path, how or self.how)
            except InputError as error:
                errors.append(error)
            else:
                files += done.files
                errors += done.errors
                self.left_out |= dict.fromkeys(done.left_out)
                self.unsearched |= dict.fromkeys(done.unsearched)
        told = {error.message: error for error in (*errors, *self.unmended)}  # a schema may fail for every file
        return Report(tuple(files), tuple(told.values()))

    def _judged(self, path: str, how: How) -> Judgement:
        alone = len(self.paths) == 1
        if path == STDIN:
            return Judgement(judge_file(self._stdin, how, named=alone))
        return judge_path(path, how, self.runtime, alone=alone)

    @cached_property
    def _stdin(self) -> Source:
        """Standard input, which can be read once, however often it is judged."""
        return read_any(STDIN)

    @property
    def runtime(self) -> Runtime | None:
        """The runtime that directories are judged for."""
        return Runtime(self.options.runtime) if self.options.runtime else None

    def report(self) -> Report:
        """What the user wants to hear, with what silences nothing."""
        judged = self.judged()
        for file in judged.files:
            self._tell(file)
        self._tell_what_is_not_judged()
        report = judged.under(self.policy, ignores=self.ignores, baseline=self.baseline)
        if self.policy.select or self.policy.ignore:  # what is left out now may be what an entry is for
            return report
        if self.options.write_baseline:  # it is about configs
            return report
        return report.and_files(
            stale_entries(judged.names, self.settings.path, self.ignores, self.baseline, self._baseline_name)
        )

    @property
    def _baseline_name(self) -> str:
        return str(self.options.baseline or self.settings.baseline or "")

    def _tell(self, file: FileReport) -> None:
        plugins = file.facts["plugins"]
        chain = " -> ".join(map(str, plugins)) if isinstance(plugins, list) else ""
        facts = f"network {file.facts['network']}, cniVersion {file.facts['cniVersion']}, {chain or 'no plugins'}"
        self.options.detail(f"{file.source.name}: {facts}")

    def _tell_what_is_not_judged(self) -> None:
        named = set(map(os.path.abspath, self.paths))
        folders = [path for path in self.unsearched if os.path.abspath(path) not in named]  # noqa: PTH100
        for path in (*self.left_out, *folders):
            self.options.detail(f"{path}: not judged")
        if self.left_out:
            self.options.say(f"left out, with no key of a network config: {_some(list(self.left_out))}")
        if folders:
            self.options.say(f"subdirectories are not searched; name them, or use a glob: {_some(folders)}")

    def matrix(self) -> Matrix:
        """Which file goes with which spec version."""
        from cnictl.cli.fixes import wanted
        from cnictl.report.matrix import matrix_of

        versions = self.how.versions or tuple(SpecVersion)
        reports = {}
        for version in versions:
            reports[str(version)] = wanted(self, self.judged(replace(self.how, versions=(version,))))
        return matrix_of(reports, demanded=bool(self.how.versions))

    def apply_fixes(self) -> None:
        """Applies the safe fixes to the files, and says what was done."""
        from cnictl.cli.fixes import apply_fixes

        apply_fixes(self)

    def show_fixes(self) -> int:
        """Prints what would be changed."""
        from cnictl.cli.fixes import show_fixes

        return show_fixes(self)

    def write_baseline(self, report: Report, path: str) -> int:
        """Writes what was found to a file, so that it is not reported again."""
        from cnictl.report.baseline import Baseline, read_baseline

        if report.errors:
            for error in report.errors:
                self.options.err.line(f"cnictl: {error.message}")
            return ExitCode.UNABLE
        if Path(path).exists() and Path(path).stat().st_size:
            read_baseline(path)  # what is no baseline must not be lost
        found = report.findings()
        text = Baseline.of(found, os.path.dirname(os.path.abspath(path))).text()  # noqa: PTH100, PTH120
        if len(text.encode()) > MAX_BYTES:
            message = f"{len(found)} findings are too many for a baseline"
            raise UsageError(message, hint="leave out some with --ignore, or keep a baseline for each directory")
        write_atomically(Path(path), text)
        self.options.say(f"{path} knows {plural(len(found), 'finding')}; give it with --baseline {path}")
        return ExitCode.OK


def _no_rule(pattern: str, where: str, option: str) -> UsageError:
    """What to say to a code that no rule has; the checks of a node are loaded for that alone."""
    from cnictl.cli.catalogue import all_explanations

    if any(matches(pattern, explanation) for explanation in all_explanations()):
        message = f"{where}{pattern} is about nodes, and configs are judged here"
        return UsageError(message, hint=f"`cnictl doctor {option} {pattern}` looks at a node")
    message = f"{where}no rule has a code that begins with {pattern}, or this name"
    return UsageError(message, hint="`cnictl rules` lists them")


def _some(paths: list[str]) -> str:
    """The first of some paths, and how many there are beside it."""
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {plural(len(paths) - 1, 'other')}"
