"""Whether what plugins and runtimes keep can be written, stays as long as it must, and is theirs alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.host.api import Unanswered
from cnictl.report.action import ChangeMode
from cnictl.report.finding import Applicable, Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.foreign.mountinfo import Mount
    from cnictl.host.api import FileStatus, Space

BASE = "/var/lib/cni"
_RESULTS, _NETWORKS = f"{BASE}/results", f"{BASE}/networks"
_FEW_INODES = 100
_FAIL_PART, _FAIL_BYTES = 0.01, 1 << 30
_WARN_PART, _WARN_BYTES = 0.05, 10 << 30
"""On a large disk a small part is still a lot."""
_VOLATILE = frozenset({"tmpfs", "ramfs"})
_OTHERS_WRITE, _GROUP_WRITES = 0o002, 0o020


@check(
    "CNI877",
    "state-not-writable",
    Severity.ERROR,
    "disk",
    reads=f"the mounts and the room below {BASE}, the directories of leases, and /run/netns",
    well="leases, cached results and network namespaces have room",
    leads_to=("add-fails", "del-fails"),
    symptoms=(r"read-only file system", r"no space left on device", r"disk quota exceeded"),
)
def state_not_writable(node: Node) -> Iterator[Hit]:
    """What plugins and runtimes have to write down cannot be written: the file system is read-only or full.

    Why:
        No pod starts, and none goes: 'failed to set network "cni-loopback" cached result: open ...: read-only file
        system', or "no space left on device". The latter comes also when there is room and no inode is left, as many
        small files use them up. `df -h` and `df -i` show both, `findmnt` what is mounted how.
    Bad:
        /dev/sda1 /var/lib/cni ext4 ro,relatime
    Good:
        /dev/sda1 /var/lib/cni ext4 rw,relatime
    Fix:
        See why the kernel has made it read-only, repair it and mount it again; delete what fills it.
    Reference:
        mount(8), errors=remount-ro; containerd documentation, "Operations"
    """
    paths = [path for path in (BASE, *_lease_dirs(node), _RESULTS, "/run") if node.host.status(path)]
    done: set[str] = set()
    for path in paths:
        mount = node.mounts.at(path)
        target = mount.target if mount else path
        if target not in done:
            done.add(target)
            yield from _read_only(path, mount)
            if mount is None or not _is_read_only(mount):
                yield from _full(node, path, target)


def _lease_dirs(node: Node) -> list[str]:
    """Where the leases of the node's networks lie."""
    return sorted({store.directory for store in node.state.stores} or {_NETWORKS})


def _is_read_only(mount: Mount) -> bool:
    return "ro" in mount.options or "ro" in mount.super_options


def _read_only(path: str, mount: Mount | None) -> Iterator[Hit]:
    if mount is not None and _is_read_only(mount):
        same = path == mount.target
        where, which = (path, " is") if same else (f"{path} lies on {mount.target}", ", which is")
        message = f"{where} ({mount.kind} on {mount.source}){which} mounted read-only"
        fix = Fix(f"`dmesg | grep -i error` shows why; after a repair, `mount -o remount,rw {mount.target}`")
        yield Hit(Location(path), message, fix, {"mount": mount.target, "kind": mount.kind})


def _full(node: Node, path: str, target: str) -> Iterator[Hit]:
    try:
        space = node.host.space(path)
    except Unanswered:
        if not node.host.live and not node.mounts.all:
            raise
        return
    few = space.inodes > 0 and space.free_inodes < _FEW_INODES
    severity = Severity.ERROR if few or _is_below(space, _FAIL_PART, _FAIL_BYTES) else None
    if severity is None and not _is_below(space, _WARN_PART, _WARN_BYTES):
        return
    what = f"{space.free_inodes} inodes" if few else f"{space.free / 2**20:.0f} of {space.size / 2**20:.0f} MiB"
    message = f"only {what} are left on {target}" + (f", where {path} lies" if path != target else "")
    find = f"du --inodes -xd2 {target} | sort -n | tail" if few else f"du -xd2 {target} | sort -n | tail"
    evidence: dict[str, object] = {"free": space.free, "freeInodes": space.free_inodes}
    yield Hit(
        Location(path),
        message,
        Fix(f"`{find}` shows what fills it; delete what is not needed"),
        evidence,
        severity or Severity.WARNING,
    )


def _is_below(space: Space, part: float, most: int) -> bool:
    return space.size > 0 and space.free < min(part * space.size, most)


@check(
    "CNI878",
    "state-not-kept-or-open",
    Severity.WARNING,
    "disk",
    reads=f"the mounts, owners and permissions of {BASE}, its directories and those of leases",
    well="leases and cached results stay equally long, and only root can change them",
    leads_to=("leak",),
)
def state_not_kept_or_open(node: Node) -> Iterator[Hit]:
    """Leases and cached results do not last equally long, or users other than root can change them.

    Why:
        Leases on a disk outlive a reboot, and cached results in memory do not: nobody knows then whose the leases
        are, and the addresses are lost. Whoever can write there can take addresses from pods, or have a plugin that
        runs as root delete and write whatever they want.
    Bad:
        drwxrwxrwx root root /var/lib/cni/networks
    Good:
        drwxr-xr-x root root /var/lib/cni/networks
    Fix:
        Have both on one file system; take the right to write from everybody but root: `chmod go-w PATH`.
    Reference:
        containernetworking/plugins issue 697; the host-local plugin's manual, dataDir
    """
    directories = [path for path in (BASE, *_lease_dirs(node), _NETWORKS, _RESULTS) if node.host.status(path)]
    if not directories:
        message = f"there is no {BASE}, so nothing is kept yet"
        raise Skip(message)
    for path in dict.fromkeys(directories):
        yield from _open(node, path)
    yield from _volatile(node)


def _open(node: Node, path: str) -> Iterator[Hit]:
    status = node.host.status(path)
    if status is None or not status.is_dir:
        return
    mode = status.permissions
    if status.uid != 0:
        message = f"{path} belongs to the user number {status.uid}, who can give addresses away and take them"
        yield Hit(Location(path), message, Fix(f"`chown root:root {path}`"), {"uid": status.uid})
    if _is_open(status):
        message = f"users other than root can write to {path} (mode {mode:04o})"
        closed = mode & ~(_OTHERS_WRITE | _GROUP_WRITES)
        fix = Fix(f"`chmod go-w {path}`", Applicable.SAFE, actions=(ChangeMode(path, closed),))
        yield Hit(Location(path), message, fix, {"mode": f"{mode:04o}"})


def _is_open(status: FileStatus) -> bool:
    by_group = bool(status.permissions & _GROUP_WRITES) and status.gid != 0
    return by_group or bool(status.permissions & _OTHERS_WRITE)


def _volatile(node: Node) -> Iterator[Hit]:
    there = [path for path in _lease_dirs(node) if node.host.status(path)]
    on_disk = [path for path in there if _kind(node, path) not in (None, *_VOLATILE)]
    if on_disk and node.host.status(_RESULTS) and _kind(node, _RESULTS) in _VOLATILE:
        message = (
            f"{_RESULTS} is in memory and {on_disk[0]} on a disk, so after each boot addresses stay taken for pods "
            "that are gone"
        )
        fix = Fix('have both on the disk, or both in memory with "dataDir": "/run/cni/networks" for host-local')
        yield Hit(Location(_RESULTS), message, fix, {"leases": on_disk})


def _kind(node: Node, path: str) -> str | None:
    mount = node.mounts.at(path)
    return mount.kind if mount else None
