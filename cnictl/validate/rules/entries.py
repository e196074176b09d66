"""CNI603 to CNI607: the names in a config directory, what is behind them, and who may touch it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.model.files import LIST_SUFFIX, SUFFIXES, suffix_of
from cnictl.model.view import top_level
from cnictl.report.finding import Severity
from cnictl.text.node import ObjectNode, walk
from cnictl.text.suggest import closest
from cnictl.validate.registry import DirectoryHit, directory_rule, manual
from cnictl.validate.rules.secrets import is_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView
    from cnictl.text.node import Label, Member
    from cnictl.validate.context import ConfigFile
    from cnictl.validate.directory import Directory, Entry

_NUMBERED = re.compile(r"[0-9]{2,3}-")
_AFTER_A_NUMBER = ("", ".cfg", ".cni", ".config", ".json5", ".jsonc", ".txt")
"""Endings that people give to configs, and to much else; with a number before the name a config is meant."""
_APPENDED = (".txt", ".yaml", ".yml")


def _meant_as_config(name: str) -> bool:
    """Whether no runtime reads the file although its name looks so."""
    suffix = suffix_of(name.lower())
    stem = name.lower().removesuffix(suffix)
    if suffix_of(name) in SUFFIXES or name.startswith(".") or "kubeconfig" in stem or _backup_of(name) is not None:
        return False
    if suffix in _AFTER_A_NUMBER and _NUMBERED.match(stem):
        return True
    if suffix in _APPENDED:
        return suffix_of(stem) in SUFFIXES
    return suffix in SUFFIXES or (suffix != ".config" and closest(suffix, (LIST_SUFFIX,)) is not None)


@directory_rule("CNI603", "ignored-name", Severity.WARNING)
def ignored_name(directory: Directory) -> Iterator[DirectoryHit]:
    """A file looks like a config, and no runtime reads a file of this name.

    Why:
        Runtimes read files that end in .conflist, .conf or .json, in lower case, and are silent about all others. Pods
        get another network than the one in the file, or none.
    Bad:
        /etc/cni/net.d/10-pods.CONFLIST
        /etc/cni/net.d/20-storage.conflist.yaml
    Good:
        /etc/cni/net.d/10-pods.conflist
        /etc/cni/net.d/README
    Fix:
        Rename the file so that it ends in .conflist; or move it away when it is not meant to be read.
    Reference:
        containernetworking/cni, function ConfFiles
    """
    for entry in directory.entries:
        if entry.kind in ("file", "unknown") and _meant_as_config(entry.name):
            message = f"no runtime reads this file: its name ends in none of {', '.join(SUFFIXES)}"
            yield DirectoryHit(entry.name, message, fix=manual("rename it so that it ends in .conflist"))


_LEFT_BEHIND = re.compile(
    r"(~|\.(bak|backup|old|orig|saved?|rpm(save|orig|new)|dpkg-(old|new|dist|bak|tmp)|ucf-(old|new|dist)|cilium_bak"
    r"|sw[op])[-._0-9]*|#)\Z",
    re.IGNORECASE,
)
_CLEAR_COPY = re.compile(
    r"(copy|backup) of .+|.+([._-](bak|orig)|\.(backup|old|saved?)| copy( \d+)?| \((copy|\d+)( \d+)?\))\d*",
    re.IGNORECASE,
)
_PERHAPS_COPY = re.compile(r"(.+)[-_](backup|copy|old|saved?)\d*", re.IGNORECASE)


def _backup_of(name: str) -> str | None:
    """The name of the config of which this is a backup that no runtime reads."""
    match = _LEFT_BEHIND.search(name)
    if match is None or suffix_of(name) in SUFFIXES:
        return None
    original = name[: match.start()].lstrip(".#")
    is_config = suffix_of(original) in SUFFIXES or match[0].lower() == ".cilium_bak" or _NUMBERED.match(original)
    return original if is_config else None


def _read_copy(name: str, names: frozenset[str]) -> str | None:
    """Why a file that runtimes read looks like no config of its own."""
    stem = name.removesuffix(suffix_of(name))
    if name.startswith("."):
        return "it is hidden, as the files are that editors and installers leave behind"
    if _CLEAR_COPY.fullmatch(stem):
        return "it has the name of a copy"
    match = _PERHAPS_COPY.fullmatch(stem)
    original = next((match[1] + suffix for suffix in SUFFIXES if match and match[1] + suffix in names), None)
    return f"it has the name of a copy of {original}" if original else None


@directory_rule("CNI604", "backup-file", Severity.WARNING)
def backup_file(directory: Directory) -> Iterator[DirectoryHit]:
    """A backup of a config, or what an editor or a package left behind, is in the config directory.

    Why:
        A backup whose name still ends in .conflist, .conf or .json is read as any other config, and becomes the pods'
        network when it is the first by name. One that is not read now can come back: cilium and others rename configs
        and restore them, and so do people in a hurry.
    Bad:
        /etc/cni/net.d/10-pods.bak.conflist    is read, and is the first by name
        /etc/cni/net.d/10-pods.conflist
        /etc/cni/net.d/20-flannel.conflist.cilium_bak
    Good:
        /etc/cni/net.d/10-pods.conflist
        /etc/cni/backup/10-pods.conflist
    Fix:
        Move it out of the directory.
    Reference:
        k8snetworkplumbingwg/multus-cni issue 972; containernetworking/cni, function ConfFiles
    """
    names = frozenset(entry.name for entry in directory.entries)
    for entry in directory.entries:
        if entry.kind not in ("file", "unknown"):
            continue
        original = _backup_of(entry.name)
        reason = _read_copy(entry.name, names) if suffix_of(entry.name) in SUFFIXES else None
        message = f"this looks like a backup of {original}" if original else f"runtimes read this file, and {reason}"
        if original or reason:
            yield DirectoryHit(entry.name, message, fix=manual("move it out of the directory"))


def _drop_ins(directory: Directory) -> Iterator[tuple[str, Label, Entry]]:
    """What libcni reads of the directories for further plugins: the network's file, its name's place, the entry."""
    for name, file in directory.files.items():
        network = file.network
        label = _name_label(network) if network and suffix_of(name) == ".conflist" else None
        for entry in directory.drop_ins_of(network) if network and label else ():
            if label and suffix_of(entry.name) == ".conf":
                yield name, label, entry


def _name_label(network: NetworkView) -> Label | None:
    name = top_level(network.node, "name")
    return name.label if name else None


@directory_rule("CNI605", "unreadable-entry", Severity.ERROR)
def unreadable_entry(directory: Directory) -> Iterator[DirectoryHit]:
    """Behind the name of a config there is nothing that could be read.

    Subdirectories are passed over, whatever their name; links to directories are not.

    Why:
        libcni reads everything whose name ends in .conflist, .conf or .json, and one failure ends the whole load:
        "no such file or directory" for a link that leads nowhere, "is a directory" for a link to one. A named pipe
        makes it wait for ever.
    Bad:
        /etc/cni/net.d/10-pods.conflist -> /run/product/pods.conflist    which is not there
    Good:
        /etc/cni/net.d/10-pods.conflist
    Fix:
        Remove it, or put a file in its place.
    Reference:
        containernetworking/cni, functions ConfFiles and NetworkConfFromFile
    """
    fix = manual("remove it, or put a file in its place")
    for entry in directory.entries:
        if entry.unreadable and suffix_of(entry.name) in SUFFIXES:
            yield DirectoryHit(entry.name, f"no config can be read here: {_behind(entry)}", fix=fix)
    for file, label, entry in _drop_ins(directory):
        if entry.unreadable:
            message = f"the further plugin {entry.name} of this network cannot be read: {_behind(entry)}"
            yield DirectoryHit(file, message, label, fix)


def _behind(entry: Entry) -> str:
    """What is there instead of a file."""
    link = f"the link to {entry.target}" if entry.target is not None else "it"
    what = {
        "dangling-link": "leads nowhere",
        "link-to-directory": "leads to a directory",
        "pipe": "is a named pipe" if entry.target is None else "leads to a named pipe",
        "socket": "is a socket" if entry.target is None else "leads to a socket",
    }
    return f"{link} {what.get(entry.kind, 'is a device' if entry.target is None else 'leads to a device')}"


_OTHERS_MAY_READ, _OTHERS_MAY_WRITE, _OTHERS_MAY_ENTER = 0o4, 0o2, 0o1


@directory_rule("CNI606", "writable-by-all", Severity.WARNING)
def writable_by_all(directory: Directory) -> Iterator[DirectoryHit]:
    """Every user of the node may change a config, or add one.

    Why:
        Plugins run as root with what the config says, and the config says which programs run. Whoever may write it can
        become root on the node.
    Bad:
        -rw-rw-rw- root root /etc/cni/net.d/10-pods.conflist
    Good:
        -rw-r--r-- root root /etc/cni/net.d/10-pods.conflist
    Fix:
        `chmod o-w FILE`, and look at what is in it.
    Reference:
        CIS Kubernetes Benchmark, 1.1.9 "Ensure that the Container Network Interface file permissions are set"
    """
    if directory.mode & _OTHERS_MAY_WRITE:
        message = f"every user may add configs to this directory (mode {directory.mode:04o})"
        yield DirectoryHit("", message, fix=manual("chmod o-w"))
    for entry in directory.entries:
        if entry.kind == "file" and entry.mode & _OTHERS_MAY_WRITE and suffix_of(entry.name) in SUFFIXES:
            message = f"every user may change this config (mode {entry.mode:04o})"
            yield DirectoryHit(entry.name, message, fix=manual("chmod o-w"))
    for file, label, entry in _drop_ins(directory):
        if entry.kind == "file" and entry.mode & _OTHERS_MAY_WRITE:
            message = f"every user may change the further plugin {entry.name} of this network (mode {entry.mode:04o})"
            yield DirectoryHit(file, message, label, manual("chmod o-w"))


@directory_rule("CNI607", "secret-readable", Severity.WARNING)
def secret_readable(directory: Directory) -> Iterator[DirectoryHit]:
    """A config holds a token, password or key, and every user of the node may read it.

    Why:
        Network products talk to the cluster with far-reaching rights, and whoever reads the token has them too. Only
        root has to read the file.
    Bad:
        -rw-r--r-- root root /etc/cni/net.d/10-calico.conflist    with "k8s_auth_token": "eyJhbGci..."
    Good:
        -rw------- root root /etc/cni/net.d/10-calico.conflist
    Fix:
        `chmod 600 FILE`; better, let the config name a kubeconfig that only root may read. Replace the token.
    Reference:
        CIS Kubernetes Benchmark, 1.1.9 "Ensure that the Container Network Interface file permissions are set"
    """
    if not directory.mode & _OTHERS_MAY_ENTER:
        return
    for entry in directory.entries:
        file = directory.files.get(entry.name)
        if file is None or not entry.mode & _OTHERS_MAY_READ:
            continue
        members = sorted(_secrets(file), key=lambda member: member.key_span)
        if members:
            named = ", ".join(f'"{member.name}"' for member in members)
            message = f"every user may read this file (mode {entry.mode:04o}), and it holds secrets: {named}"
            yield DirectoryHit(entry.name, message, fix=manual("chmod 600, and replace the secrets"))


def _secrets(file: ConfigFile) -> Iterator[Member]:
    for node in walk(file.network.node) if file.network else ():
        if isinstance(node, ObjectNode):
            yield from (member for member in node if is_secret(member) and not file.is_filled_in(member.node.span))
