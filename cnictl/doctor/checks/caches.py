"""The result caches: what runtimes need to remove a pod."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.checks.addresses import shown
from cnictl.doctor.pasted import for_each
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.model.files import DEFAULT_CACHE_DIR
from cnictl.report.action import DeleteFile
from cnictl.report.finding import Applicable, Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.state import Cache
    from cnictl.doctor.node import Node
    from cnictl.runtime.cache import DamagedEntry

_EMPTY = ("it is empty", "it is no JSON object")
"""What is wrong with a cache file that holds nothing of any use."""
_KUBELETS = f"{DEFAULT_CACHE_DIR}/cache/results"
"""Where the kubelet kept it up to 1.23, and cri-dockerd does."""
_USUAL = f"{DEFAULT_CACHE_DIR}/results"


@check(
    "CNI884",
    "cache-unusable",
    Severity.WARNING,
    "leftovers",
    reads="the result caches in /var/lib/cni/results and beside it",
    well="every cached attachment can be read",
    leads_to=("del-fails", "leak"),
    symptoms=(
        r"cached result: decoding version from network config",
        r"failed to get network \S+ cached result",
    ),
)
def cache_unusable(node: Node) -> Iterator[Hit]:
    """A file that a runtime needs to remove a pod cannot be used.

    Why:
        When a pod is connected, the runtime keeps the result in a file, and hands it to the plugins when it removes the
        pod. With libcni before 1.2 (containerd 1.x, CRI-O of that time) a file that is empty or cut short keeps the pod
        in Terminating with 'failed to get network "pods" cached result: decoding version from network config:
        unexpected end of JSON input'. Newer ones go on without it, and leave behind what only the file told. Where two
        runtimes have a cache each, none of them removes what the other one has added.
    Bad:
        /var/lib/cni/results/pods-4d8fa635222f-eth0 with 0 bytes, as a full disk leaves it
    Good:
        /var/lib/cni/results/pods-4d8fa635222f-eth0 with the JSON object that ADD has written
    Fix:
        Delete the file: there is nothing in it that could be used.
    Reference:
        CNI spec 1.1.0, section 2, "DEL: Remove container from network, or un-apply modifications"
    """
    if not node.state.caches:
        message = "no runtime has cached an attachment here"
        raise Skip(message)
    for cache in node.state.caches:
        yield from _damaged(node, cache)
    yield from _split(node)


def _damaged(node: Node, cache: Cache) -> Iterator[Hit]:
    files = [file for file in cache.damaged if not file.is_legacy]
    if files:
        names = shown([f"{file.path.rpartition('/')[2]} ({file.reason})" for file in files])
        message = f"{cache.directory} holds {_files(files)} that no runtime can use: {names}"
        yield Hit(_place(cache, files), message, _delete(node, files), {"files": [file.path for file in files[:100]]})


def _files(files: list[DamagedEntry]) -> str:
    return "a file" if len(files) == 1 else f"{len(files)} files"


def _place(cache: Cache, files: list[DamagedEntry]) -> Location:
    return Location(files[0].path if len(files) == 1 else cache.directory)


def _delete(node: Node, files: list[DamagedEntry]) -> Fix:
    """What holds nothing may be deleted by a program; what holds something else is to be looked at."""
    command = for_each("rm", [file.path for file in files])
    if any(file.reason not in _EMPTY for file in files):
        return Fix(f"see what they hold; when it is nothing that is needed: {command}")
    return Fix(command, Applicable.SAFE, actions=tuple(DeleteFile(file.path, node.text(file.path)) for file in files))


def _split(node: Node) -> Iterator[Hit]:
    """Two runtimes that keep attachments apart: what one has added, the other does not delete."""
    used = {cache.directory for cache in node.state.caches if cache.entries}
    if {_USUAL, _KUBELETS} <= used:
        message = f"attachments are kept in {_USUAL} and in {_KUBELETS}, so two runtimes have made pods here"
        fix = Fix(f"when no pod is left that docker made (`docker ps`): `rm -r {_KUBELETS}`")
        yield Hit(Location(_KUBELETS), message, fix, severity=Severity.NOTE)
