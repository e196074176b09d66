"""What a path stands for: a config, a manifest with configs in it, or a directory of them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cnictl.errors import InputError, SourceError
from cnictl.foreign.embedded import EmbeddedSource, is_manifest, read_manifest
from cnictl.model.files import DEFAULT_CONF_DIR, SINGLE_SUFFIXES, SUFFIXES, config_names, suffix_of
from cnictl.report.finding import Location
from cnictl.report.report import FileReport
from cnictl.text.source import MAX_BYTES, STDIN, Source, read_source, too_large
from cnictl.validate.context import DROP_IN
from cnictl.validate.directory import Directory, broken_drop_ins, gets_plugins, is_meant, read_directory
from cnictl.validate.engine import (
    AS_DECLARED,
    NO_CONFIG,
    How,
    counts,
    finding_of,
    in_order,
    judge,
    read_config,
    report_on,
)
from cnictl.validate.manifest import ManifestFile
from cnictl.validate.registry import DirectoryHit, Rule, all_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cnictl.report.finding import Finding
    from cnictl.runtime.selection import Runtime, Verdict
    from cnictl.validate.context import ConfigFile
    from cnictl.validate.directory import Listing

MANIFEST_SUFFIXES = (".yaml", ".yml")
"""What Kubernetes manifests end in, which are looked for in directories too."""


MANIFEST_BYTES = 32 * 1024 * 1024
"""The largest manifest that is read, in bytes: what a Helm chart or `kubectl get` prints can be long."""


@dataclass
class Judgement:
    """What was found in files.

    Attributes:
        files: One entry for each config, and for each file without one that there is something to say about.
        errors: Files that could not be read.
        left_out: Files in directories that hold no config, although they have the name of one.
        unsearched: Directories in directories.
    """

    files: list[FileReport] = field(default_factory=list)
    errors: list[InputError] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    unsearched: list[str] = field(default_factory=list)


def judge_path(path: str, how: How = AS_DECLARED, runtime: Runtime | None = None, *, alone: bool = True) -> Judgement:
    """Judges a file, a directory, or standard input.

    Args:
        path: Where it is; ``-`` is standard input.
        how: How to judge it.
        runtime: The runtime that a directory is judged for; ``None`` for what is wrong for all of them.
        alone: Whether it is all that is judged, so that silence about it would be no answer.

    Raises:
        InputError: It cannot be read.
    """
    if path != STDIN and os.path.isdir(path):  # noqa: PTH112  # a name that no Path could hold is answered too
        return judge_directory(path, how, runtime)
    return Judgement(judge_file(read_any(path), how, named=alone))


def read_any(path: str) -> Source:
    """Reads a config or a manifest, each up to the size that it may have.

    Args:
        path: Where it is; ``-`` is standard input.

    Raises:
        InputError: It cannot be read.
    """
    source = read_source(path, MANIFEST_BYTES)
    if len(source.data) > MAX_BYTES and not is_manifest(source):
        raise too_large(source.name, len(source.data))
    return source


def judge_file(source: Source, how: How = AS_DECLARED, *, named: bool = True) -> list[FileReport]:
    """Judges a config, or each config in a manifest.

    Args:
        source: The file.
        how: How to judge it.
        named: Whether the user named this very file and no other.
    """
    if not is_manifest(source):
        return [report_on(_read_file(source, how), how)]
    file = ManifestFile(source, read_manifest(source), named)
    hits = ((rule, hit) for rule in all_rules() if rule.on_manifest for hit in rule.on_manifest(file))
    about = tuple(finding_of(rule, hit, Location.of(source, hit.label)) for rule, hit in hits)
    whole = [FileReport(source, NO_CONFIG, about)] if about else []
    return whole + [_embedded(config, how) for config in file.manifest.configs]


def _read_file(source: Source, how: How) -> list[ConfigFile]:
    """A config that is a file, once for each version to judge it by."""
    files = read_config(source, how)
    for file in files:
        file.gets_plugins = gets_plugins(file)
    return files


def _embedded(config: EmbeddedSource, how: How) -> FileReport:
    report = judge(config, how, config.origin.kind)
    within = {key: value for key, value in config.origin._asdict().items() if value not in (None, "")}
    return replace(report, facts={**report.facts, "within": within})


def judge_directory(path: str, how: How = AS_DECLARED, runtime: Runtime | None = None) -> Judgement:
    """Judges the configs in a directory one by one, and then the directory as a whole.

    Args:
        path: The directory.
        how: How to judge the configs.
        runtime: The runtime that it is judged for; ``None`` for what is wrong for all of them.

    Raises:
        SourceError: It cannot be read, or there is nothing in it to judge.
    """
    how = replace(how, templates=how.templates and runtime is None)
    listing = read_directory(path)
    done = Judgement()
    sources = {source.path: source for source in _sources(listing, done)}
    configs = {name: source for name, source in sources.items() if suffix_of(name) in SUFFIXES}
    files = {name: _read_file(source, how) for name, source in configs.items() if not is_manifest(source)}
    shared = runtime is None and how.templates and not _is_config_directory(path)
    if shared:
        _leave_out(sources, files, done)
    listing = listing.without(map(_base, done.left_out))
    directory = Directory(listing, {_base(name): versions[0] for name, versions in files.items()}, runtime)
    directory.broken = broken_drop_ins(directory)
    for name, source in sources.items():
        done.files += [report_on(files[name], how)] if name in files else judge_file(source, how, named=False)
    done.files += _drop_ins(directory, done, how)
    done.files = _with(directory, done.files)
    done.unsearched = _unsearched(directory) if shared else []
    if not sources and not done.errors and not done.files:
        raise _empty(listing, done.left_out)
    return done


def _is_config_directory(path: str) -> bool:
    """Whether runtimes read all of a directory, by its name: that of a node, of an image, or of files for a node."""
    return _base(os.path.realpath(path)) == _base(DEFAULT_CONF_DIR)


def _leave_out(sources: dict[str, Source], files: dict[str, list[ConfigFile]], done: Judgement) -> None:
    """Takes away what other programs have in a directory."""
    done.left_out += [name for name, versions in files.items() if not is_meant(versions[0])]
    for name in done.left_out:
        del sources[name], files[name]
    data = [error.path for error in done.errors if isinstance(error, SourceError) and _is_data(error.path)]
    done.errors = [error for error in done.errors if getattr(error, "path", None) not in data]
    done.left_out += data


def _is_data(path: str) -> bool:
    """Whether a file is too long for a config and does not look like one."""
    try:
        source = read_source(path, MANIFEST_BYTES)
    except InputError:
        return False
    return suffix_of(path) in SINGLE_SUFFIXES and len(source.data) > MAX_BYTES and "cniVersion" not in source.text


def _unsearched(directory: Directory) -> list[str]:
    """The directories in a directory of which nothing was read."""
    networks = {network.name for network in directory.lists}
    names = [name for name in directory.drop_ins if not name.startswith(".") and name not in networks]
    return [os.path.join(directory.path, name) for name in names]  # noqa: PTH118


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _sources(listing: Listing, done: Judgement) -> Iterator[Source]:
    """The files to judge: what runtimes read, and manifests."""
    names = [entry.name for entry in listing.entries if entry.kind in ("file", "unknown")]
    manifests = [name for name in names if suffix_of(name) in MANIFEST_SUFFIXES]
    yield from _read([os.path.join(listing.path, name) for name in (*config_names(names), *manifests)], done)  # noqa: PTH118


def _read(paths: Iterable[str], done: Judgement) -> Iterator[Source]:
    for path in paths:
        try:
            yield read_any(path)
        except InputError as error:
            done.errors.append(error)


def _drop_ins(directory: Directory, done: Judgement, how: How) -> Iterator[FileReport]:
    """The plugins that libcni adds to the lists from directories beside them."""
    for network in directory.lists:
        entries = directory.drop_ins_of(network) if network.name else ()
        names = [entry.name for entry in entries if suffix_of(entry.name) == ".conf" and not entry.unreadable]
        own = how.versions or ((network.version,) if network.version else ())
        paths = [os.path.join(directory.path, network.name or "", name) for name in names]  # noqa: PTH118
        for source in _read(paths, done):
            report = judge(source, replace(how, versions=own), DROP_IN)
            yield replace(report, facts={**report.facts, "dropIn": True})


def _about(directory: Directory) -> Iterator[tuple[Rule, DirectoryHit]]:
    for rule in all_rules():
        if rule.on_directory:
            yield from ((rule, hit) for hit in rule.on_directory(directory))


def _with(directory: Directory, files: list[FileReport]) -> list[FileReport]:
    """The reports together with what is wrong with the directory, each finding with the file that it is about."""
    found: dict[str, list[Finding]] = {}
    by_path = {report.source.path: report.source for report in files}
    for rule, hit in _about(directory):
        file = directory.files.get(hit.file)
        if file is not None and hit.label is not None and not counts(rule, hit.label, file):
            continue
        path = os.path.join(directory.path, hit.file) if hit.file else directory.path  # noqa: PTH118
        source = by_path.setdefault(path, Source(path, b""))
        location = Location(source.name) if hit.label is None else Location.of(source, hit.label)
        found.setdefault(path, []).append(finding_of(rule, hit, location))
    verdicts = {os.path.join(directory.path, verdict.name): verdict for verdict in directory.verdicts}  # noqa: PTH118
    files = [_with_verdict(report, verdicts.get(report.source.path), directory.runtime) for report in files]
    merged = [_merged(report, found.pop(report.source.path, [])) for report in files]
    return merged + [FileReport(by_path[path], NO_CONFIG, tuple(more)) for path, more in sorted(found.items())]


def _with_verdict(report: FileReport, verdict: Verdict | None, runtime: Runtime | None) -> FileReport:
    """The report with what the runtime makes of the file."""
    if verdict is None or runtime is None:
        return report
    facts = {"runtime": runtime.value, "status": verdict.status, "reason": verdict.reason}
    return replace(report, facts={**report.facts, "verdict": facts})


def _merged(report: FileReport, more: list[Finding]) -> FileReport:
    return replace(report, findings=tuple(sorted([*report.findings, *more], key=in_order)))


def _empty(listing: Listing, left_out: list[str]) -> SourceError:
    reason = f"holds no config: no name in it ends in {', '.join((*SUFFIXES, *MANIFEST_SUFFIXES))}"
    if left_out:
        reason = f"holds no config: {_base(left_out[0])} has no key of one"
    folders = [entry.name for entry in listing.entries if entry.kind == "directory" and entry.name[0] != "."]
    example = os.path.join(listing.path, *folders[:1])  # noqa: PTH118
    hint = f"directories in it are not searched; name them, such as {example}" if folders else None
    return SourceError(listing.path, reason, hint=hint)
