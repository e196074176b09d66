"""``cnictl validate``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import Ignore, Select, Talking, conf_dir, format_option, split_codes, takes
from cnictl.errors import ExitCode, InputError, SourceError, UsageError
from cnictl.model.files import SUFFIXES, config_names
from cnictl.render import renderer
from cnictl.report.policy import Policy
from cnictl.report.report import Report
from cnictl.text.source import STDIN, read_source, source_error
from cnictl.validate.engine import judge
from cnictl.validate.registry import all_rules

if TYPE_CHECKING:
    from cnictl.report.report import FileReport

app = new_app()


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

    def policy(self) -> Policy:
        """What the user wants to hear.

        Raises:
            UsageError: A code or name matches no rule.
        """
        policy = Policy(split_codes(self.select), split_codes(self.ignore), self.strict)
        unmatched = policy.unmatched(all_rules())
        if unmatched:
            message = f"no rule has a code that begins with {unmatched[0]}, or this name"
            raise UsageError(message, hint="`cnictl rules` lists them")
        return policy


@app.command(
    cls=Command,
    epilog="""\b
Examples:
  cnictl validate                        the node's own configs
  cnictl validate net.d/ more.conflist   directories and files
  kubectl get cm cni -o json | jq -r '.data["10-net.conflist"]' \\
    | cnictl validate -
  cnictl validate --strict --ignore CNI205 -f json net.d/""",
)
@takes(ValidateOptions)
def validate(options: ValidateOptions) -> int:
    """Judge network configs: what is wrong, where, and what to do.

    Every file is checked for valid JSON, the structure of the CNI spec's versions, the chain of plugins, the keys of
    known plugins, and addresses. `cnictl explain CODE` tells more about a finding.
    """
    report = _judge(options).under(options.policy())
    renderer("report", options.format)(report, options.out)
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


def _judge(options: ValidateOptions) -> Report:
    files: list[FileReport] = []
    errors: list[InputError] = []
    for path in options.paths or [str(conf_dir(None))]:
        try:
            names = _files(path)
        except InputError as error:
            errors.append(error)
            continue
        for name in names:
            try:
                file = judge(read_source(name))
            except InputError as error:
                errors.append(error)
            else:
                files.append(file)
                options.detail(_description(file))
    return Report(tuple(files), tuple(errors))


def _files(path: str) -> list[str]:
    """The files that a path stands for: itself, or the configs in a directory."""
    if path == STDIN or not Path(path).is_dir():
        return [path]
    try:
        names = config_names(os.listdir(path))  # noqa: PTH208  # names, not paths
    except OSError as error:
        raise source_error(path, error) from error
    files = [os.path.join(path, name) for name in names if not Path(path, name).is_dir()]  # noqa: PTH118
    if not files:
        raise SourceError(path, f"holds no config: no name in it ends in {', '.join(SUFFIXES)}")
    return files


def _description(file: FileReport) -> str:
    plugins = file.facts["plugins"]
    chain = " -> ".join(map(str, plugins)) if isinstance(plugins, list) else ""
    facts = f"network {file.facts['network']}, cniVersion {file.facts['cniVersion']}, {chain or 'no plugins'}"
    return f"{file.source.name}: {facts}"
