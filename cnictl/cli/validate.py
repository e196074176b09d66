"""``cnictl validate``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import BinDir, Ignore, Select, Talking, format_option, takes
from cnictl.cli.validation import Validation
from cnictl.errors import ExitCode, UsageError
from cnictl.model.version import SpecVersion, names
from cnictl.render import renderer
from cnictl.runtime.selection import Runtime

if TYPE_CHECKING:
    from cnictl.report.report import Report

app = new_app()

_RUNTIMES = tuple(runtime.value for runtime in Runtime)


def _known_runtime(name: str | None) -> str | None:
    if name is not None and name not in _RUNTIMES:
        message = f"{name!r} is no runtime here; there are {', '.join(_RUNTIMES)}"
        raise typer.BadParameter(message)
    return name


def _known_versions(given: list[str] | None) -> list[str] | None:
    for text in given or ():
        if SpecVersion.of(text) is None:
            message = f"there is no CNI spec {text!r}; the versions are {names()}"
            raise typer.BadParameter(message)
    return given


@dataclass(kw_only=True, repr=False, eq=False)
class ValidateOptions(Talking):
    """The options of ``cnictl validate``."""

    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", help="Files, directories, or - for stdin. [default: /etc/cni/net.d]"),
    ] = None
    format: Annotated[str, format_option("report")] = "text"
    select: Select = None
    ignore: Ignore = None
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings too.")] = False
    fix: Annotated[bool, typer.Option("--fix", help="Apply the safe fixes; nothing else in a file changes.")] = False
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would change; exit with 1 if it would.")] = False
    runtime: Annotated[
        str | None,
        typer.Option(metavar="|".join(_RUNTIMES), callback=_known_runtime, help="Judge directories as it loads them."),
    ] = None
    spec_version: Annotated[
        list[str] | None,
        typer.Option(
            metavar="V", callback=_known_versions, help="Judge by this version, not the declared one. Repeatable."
        ),
    ] = None
    matrix: Annotated[bool, typer.Option("--matrix", help="Show which file goes with which spec version.")] = False
    with_plugins: Annotated[
        bool, typer.Option("--with-plugins", help="Ask the installed plugins too: are they there, do they speak it?")
    ] = False
    bin_dir: BinDir = None
    schema_dir: Annotated[
        list[str] | None,
        typer.Option(metavar="DIR", help="Schemas of plugins of your own, TYPE.schema.json. Repeatable."),
    ] = None
    baseline: Annotated[
        str | None, typer.Option(metavar="FILE", help="Known findings, which are not reported again.")
    ] = None
    write_baseline: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write what is found to a baseline, and exit with 0.")
    ] = None
    config: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Settings file. [default: the nearest .cnictl.toml or pyproject.toml]"),
    ] = None
    no_config: Annotated[bool, typer.Option("--no-config", help="Read no settings file.")] = False

    def check(self) -> None:
        """Refuses options that do not go together.

        Raises:
            UsageError: They do not.
        """
        both = (
            (self.fix and self.diff, "--fix and --diff do not go together", "--diff shows, --fix writes"),
            (self.matrix and (self.fix or self.diff), "--matrix changes nothing", "run it without --fix and --diff"),
            (bool(self.spec_version) and (self.fix or self.diff), "--fix goes by the declared version", None),
            (self.diff and self.format != "text", "--diff prints a diff, which has no other format", None),
            (self.matrix and self.format not in ("text", "json"), "--matrix is text or json", None),
            (
                bool(self.write_baseline) and (self.matrix or self.diff or bool(self.baseline)),
                "--write-baseline goes with neither --matrix, --diff nor --baseline",
                None,
            ),
            (self.matrix and bool(self.baseline), "--matrix knows no baseline", None),
            (bool(self.config) and self.no_config, "--config and --no-config do not go together", None),
        )
        for wrong, message, hint in both:
            if wrong:
                raise UsageError(message, hint=hint)

    @property
    def asks(self) -> bool:
        """Whether installed plugins are asked."""
        return self.with_plugins or bool(self.bin_dir)


@app.command(
    cls=Command,
    epilog="""\b
Examples:
  cnictl validate                           the node's own configs
  cnictl validate net.d/ deploy/cni.yaml    directories, files, manifests
  cnictl validate --fix net.d/              mends what leaves no doubt
  cnictl validate --runtime containerd /etc/cni/net.d
                                            which file wins, and why
  cnictl validate --matrix net.d/           which spec versions work
  helm template cni/ | cnictl validate -f sarif -""",
)
@takes(ValidateOptions)
def validate(options: ValidateOptions) -> int:
    """Judge network configs: what is wrong, where, and what to do.

    Every file is checked for valid JSON, the structure of the CNI spec's versions, the chain of plugins, the keys of
    known plugins, and addresses; configs inside Kubernetes manifests too. `cnictl explain CODE` tells more about a
    finding.
    """
    options.check()
    validation = Validation(options)
    with validation.schemas():
        if options.diff:
            return validation.show_fixes()
        if options.matrix:
            return _show_matrix(options, validation)
        if options.fix:
            validation.apply_fixes()
        report = validation.report()
    if options.write_baseline:
        return validation.write_baseline(report, options.write_baseline)
    renderer("report", options.format)(report, options.out)
    return _end(options, report)


def _show_matrix(options: ValidateOptions, validation: Validation) -> int:
    matrix = validation.matrix()
    renderer("matrix", options.format)(matrix, options.out)
    for error in matrix.errors:
        options.err.line(f"cnictl: {error.message}")
    if matrix.errors:
        return ExitCode.UNABLE
    return ExitCode.NO if matrix.refused else ExitCode.OK


def _end(options: ValidateOptions, report: Report) -> int:
    if options.format == "text":
        for error in report.errors:
            options.err.line(f"cnictl: {error.message}")
            if error.hint:
                options.say(f"  hint: {error.hint}")
        if report.findings():
            options.say("`cnictl explain CODE` tells more about a code.")
    if report.errors:
        return ExitCode.UNABLE
    return ExitCode.NO if report.refused else ExitCode.OK
