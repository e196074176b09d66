"""Which files of a config directory a runtime takes, and why not the others.

Nothing here reads a file: the directory is described by `Candidate`s. Each runtime has a way of its own, taken from
its source: containerd (go-cni ``loadFromConfDir``), CRI-O (ocicni ``loadNetworks``), cnitool and others that ask for a
network by its name (libcni ``LoadNetworkConf``), and multus, which looks for the network that it is to wrap
(``findMasterPlugin``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from cnictl.model.files import LIST_SUFFIX, SINGLE_SUFFIXES, SUFFIXES, config_names, suffix_of
from cnictl.model.structure import structure_faults
from cnictl.model.view import NetworkView
from cnictl.text.node import ObjectNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cnictl.model.structure import Fault
    from cnictl.text.document import Document

Kind: TypeAlias = Literal["file", "directory", "dangling-link", "unreadable"]
Status: TypeAlias = Literal["taken", "passed-over", "ignored", "refused"]
Cause: TypeAlias = Literal["", "blocked", "duplicate", "own"]


class Runtime(StrEnum):
    """Who loads the directory."""

    CONTAINERD = "containerd"
    CRIO = "cri-o"
    LIBCNI = "libcni"
    MULTUS = "multus"

    @property
    def called(self) -> str:
        """Its name in sentences."""
        return "CRI-O" if self is Runtime.CRIO else self.value


@dataclass(frozen=True)
class Candidate:
    """An entry of a config directory.

    Attributes:
        name: Its name in the directory.
        kind: What it is; a link is what it leads to, and one to a directory is ``unreadable``, as for libcni.
        network: The network's name; ``None`` when there is none that can be read.
        is_list: Whether it holds a list; ``None`` when it could not be parsed.
        refused: Why libcni refuses to load its content.
        unusable: Why no plugin will work with it although libcni loads it; CRI-O asks the plugins first.
    """

    name: str
    kind: Kind = "file"
    network: str | None = None
    is_list: bool | None = None
    refused: str | None = None
    unusable: str | None = None

    @property
    def fault(self) -> str | None:
        """Why libcni fails when it reads this; ``None`` when it does not."""
        return _FAULTS.get(self.kind) or self.refused


_FAULTS = {"dangling-link": "the link leads nowhere", "unreadable": "there is no file to read behind the name"}


def candidate(name: str, document: Document, *, drop_ins: bool = False) -> Candidate:
    """What a runtime sees in a file.

    Args:
        name: The file's name, whose ending picks the parser.
        document: Its text, parsed.
        drop_ins: Whether a directory beside it holds plugins for its network.
    """
    root = document.root if document.complete else None
    if not isinstance(root, ObjectNode):
        return Candidate(name, refused=_text_fault(document) or "it is no JSON object")
    network = NetworkView(document, root)
    in_list = suffix_of(name) == LIST_SUFFIX
    faults = list(structure_faults(document)) if in_list == network.is_list else []
    fatal = next((fault.message for fault in faults if not _tolerated(fault, network)), None)
    return Candidate(
        name,
        network=network.name,
        is_list=network.is_list,
        refused=_text_fault(document) or (fatal if in_list == network.is_list else _misplaced(root, drop_ins=drop_ins)),
        unusable=next((fault.message for fault in faults if fault.kind in _ASKED), None),
    )


def _text_fault(document: Document) -> str | None:
    """Why Go's parser refuses the text: of two equal keys it takes the last, and bad bytes in strings it replaces."""
    bad = document.source.bad_bytes
    passed = ("duplicate-key",) if bad is None or bad.offset == 0 else ("duplicate-key", "not-utf8")
    return next((problem.message for problem in document.problems if problem.kind not in passed), None)


def _misplaced(root: ObjectNode, *, drop_ins: bool) -> str | None:
    """Why a list cannot be read as a single plugin, or the reverse; ``None`` in the rare cases when it can."""
    if "plugins" in root:
        member = root.folded("type")
        fits = member is not None and member.node.kind == "string" and member.node.value
        return None if fits else "it holds a list of plugins, and only a .conflist file is read as a list"
    name = root.child("name")
    fits = drop_ins and name is not None and name.kind == "string"
    return None if fits else 'a .conflist file needs the key "plugins"'


_ASKED = ("version-malformed", "version-unknown", "type-invalid")
"""What only those notice who ask the plugins, as CRI-O does before it takes a file."""


def _tolerated(fault: Fault, network: NetworkView) -> bool:
    """Whether libcni loads a file with this fault, so that it shows when the first pod starts."""
    if fault.kind in ("name-missing", "name-invalid") and not network.is_list:
        return fault.kind == "name-missing" or _kind_at(fault, network) in ("null", "string")
    if fault.kind == "version-malformed" and "cniVersions" in network.node:
        return False
    if fault.kind == "type-invalid" and _text_at(fault, network) == '""':
        return False
    return fault.kind in ("name-invalid", *_ASKED, "ipam-invalid") and _kind_at(fault, network) == "string"


def _kind_at(fault: Fault, network: NetworkView) -> str:
    return {'"': "string", "n": "null"}.get(_text_at(fault, network)[:1], "")


def _text_at(fault: Fault, network: NetworkView) -> str:
    """The value that a fault is about, as it is written."""
    return network.document.source.text[slice(*fault.label.span)]


class Verdict(NamedTuple):
    """What becomes of an entry of the directory."""

    name: str
    status: Status
    reason: str
    """One sentence for people, without a full stop."""
    cause: Cause = ""
    """Why it is passed over: another file is broken (``blocked``) or has the same network (``duplicate``), or the
    runtime wrote it itself (``own``)."""


def select(runtime: Runtime, candidates: Sequence[Candidate]) -> tuple[Verdict, ...]:
    """What becomes of every entry of a directory.

    Args:
        runtime: Who loads it.
        candidates: The entries, in any order.

    Returns:
        A verdict for each, in the order in which the runtime reads them; those that it never reads are last.
    """
    by_name = {candidate.name: candidate for candidate in candidates}
    names = [name for name in config_names(by_name) if by_name[name].kind != "directory"]
    ignored = sorted(by_name.keys() - set(names))
    verdicts = _WAYS[runtime]([by_name[name] for name in names])
    return (*verdicts, *(_ignored(by_name[name]) for name in ignored))


def _ignored(candidate: Candidate) -> Verdict:
    if candidate.kind == "directory":
        return Verdict(candidate.name, "ignored", "no network is looked for in directories")
    return Verdict(candidate.name, "ignored", f"its name ends in none of {', '.join(SUFFIXES)}")


def _containerd(files: list[Candidate]) -> Iterator[Verdict]:
    """The first file decides, well or not; the usual ``max_conf_num = 1`` is taken for granted."""
    for first in files[:1]:
        if first.fault:
            why = f"containerd gives up at this file and loads no network: {first.fault}"
            yield Verdict(first.name, "refused", why)
            yield from _blocked(files[1:], f"containerd gives up at {first.name}, which it cannot load")
        else:
            yield Verdict(first.name, "taken", "it is the first by name, so it is the network of all pods")
            why = f"containerd takes the first file by name only, which is {first.name}"
            yield from (Verdict(other.name, "passed-over", why) for other in files[1:])


def _blocked(files: list[Candidate], why: str) -> Iterator[Verdict]:
    yield from (Verdict(file.name, "passed-over", why, "blocked") for file in files)


def _crio(files: list[Candidate]) -> Iterator[Verdict]:
    """Broken files are skipped one by one; a single plugin without a name is called as its file."""
    owners: dict[str, str] = {}
    for file in files:
        fault = file.fault or file.unusable
        name = file.network or file.name
        if fault:
            yield Verdict(file.name, "refused", f"CRI-O skips this file: {fault}")
        elif name in owners:
            yield _duplicate(file, name, owners[name])
        else:
            first = "it is the first that can be loaded, so it is the network of all pods"
            why = first if not owners else f'pods can ask for it by its name, "{name}"'
            owners[name] = file.name
            yield Verdict(file.name, "taken", why)


def _duplicate(file: Candidate, network: str, owner: str) -> Verdict:
    return Verdict(file.name, "passed-over", f'{owner} has the network "{network}" already', "duplicate")


def _libcni(files: list[Candidate]) -> Iterator[Verdict]:
    """Lists are searched first, then single plugins; the first broken file ends the search for all that follow."""
    ordered = sorted(files, key=lambda file: suffix_of(file.name) != LIST_SUFFIX)
    owners: dict[str, str] = {}
    for index, file in enumerate(ordered):
        if file.fault:
            why = f"libcni gives up at this file, for every network that it has not found before: {file.fault}"
            yield Verdict(file.name, "refused", why)
            yield from _blocked(ordered[index + 1 :], f"libcni gives up at {file.name}, which it reads before")
            return
        yield _by_name(file, owners)


def _by_name(file: Candidate, owners: dict[str, str]) -> Verdict:
    if not file.network:
        return Verdict(file.name, "passed-over", "its network has no name that could be asked for")
    owner = owners.setdefault(file.network, file.name)
    if owner != file.name:
        return _duplicate(file, file.network, owner)
    return Verdict(file.name, "taken", f'it is found by its network\'s name, "{file.network}"')


def _multus(files: list[Candidate]) -> Iterator[Verdict]:
    """The first file that is not its own becomes its main network, well or not; ``.json`` does not count."""
    others = [file for file in files if not file.name.startswith("00-multus") and suffix_of(file.name) != ".json"]
    master = next(iter(others), None)
    for file in files:
        if file is master:
            yield _master(file)
        elif file not in others:
            yield _never_master(file)
        elif master is not None:
            yield _behind_master(file, master)


def _behind_master(file: Candidate, master: Candidate) -> Verdict:
    if master.fault:
        return Verdict(file.name, "passed-over", f"multus gives up at {master.name}, which it cannot load", "blocked")
    why = f"multus takes the first file by name as its main network, which is {master.name}"
    return Verdict(file.name, "passed-over", why)


def _never_master(file: Candidate) -> Verdict:
    """What becomes of a file that multus does not look at, wherever it stands among the others."""
    if file.name.startswith("00-multus"):
        return Verdict(file.name, "passed-over", "multus writes files of this name itself and never wraps them", "own")
    why = f"multus looks for its main network in files that end in {LIST_SUFFIX} or {SINGLE_SUFFIXES[0]} only"
    return Verdict(file.name, "passed-over", why)


def _master(file: Candidate) -> Verdict:
    if file.fault:
        why = f"multus takes this file for its main network and cannot work with it: {file.fault}"
        return Verdict(file.name, "refused", why)
    return Verdict(file.name, "taken", "it is the first by name, so it is multus' main network, that of all pods")


_WAYS: dict[Runtime, Callable[[list[Candidate]], Iterator[Verdict]]] = {
    Runtime.CONTAINERD: _containerd,
    Runtime.CRIO: _crio,
    Runtime.LIBCNI: _libcni,
    Runtime.MULTUS: _multus,
}
