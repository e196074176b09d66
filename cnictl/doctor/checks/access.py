"""Who may change configs and plugins, and who may read credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.doctor.facts.directory import directory_of
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.report.action import ChangeMode
from cnictl.report.finding import Applicable, Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.host.api import FileStatus

_GROUP_MAY_WRITE, _OTHERS_MAY_WRITE, _OTHERS_MAY_ENTER = 0o020, 0o002, 0o001
_NOT_OWNER = 0o077
_STICKY = 0o1000
_SETUID = 0o6000
_CREDENTIALS = ("/etc/cni/net.d/calico-kubeconfig", "/etc/cni/net.d/multus.d/multus.kubeconfig")


class _Owned(NamedTuple):
    """Something that only root is to write.

    Attributes:
        path: Where it lies.
        what: What it is, with an article.
        status: Its kind, permissions and owner.
    """

    path: str
    what: str
    status: FileStatus


@check(
    "CNI845",
    "writable-by-others",
    Severity.WARNING,
    "config files",
    reads="permissions and owners of configs, plugins, their directories, and credentials of network products",
    well="only root may change configs and plugins, and read credentials",
)
def writable_by_others(node: Node) -> Iterator[Hit]:
    """Users other than root can change a config or a plugin, or read the credentials of a network product.

    Why:
        Plugins run as root, and configs say which programs run and with what. Whoever can write one of them can become
        root on the node; whoever can read the credentials can do in the cluster what the network product can. CIS
        benchmarks report both. `ls -l` on the path shows the permissions and the owner.
    Bad:
        -rwxrwxrwx root root /opt/cni/bin/bridge
    Good:
        -rwxr-xr-x root root /opt/cni/bin/bridge
    Fix:
        `chmod go-w PATH` and `chown root:root PATH`; `chmod 600 PATH` for credentials.
    Reference:
        CIS Kubernetes Benchmark, 1.1.9 and 1.1.10 "Ensure that the Container Network Interface file permissions are
        set" and "file ownership is set to root:root"
    """
    for owned in _owned(node):
        yield from _writable(node, owned)
    yield from _credentials(node)
    yield from _secrets(node)


def _owned(node: Node) -> Iterator[_Owned]:
    paths = [(node.conf_dir, "the config directory"), *((each.path, "the config") for each in node.configs)]
    paths += [(directory, "the plugin directory") for directory in node.bin_dirs]
    for directory in node.bin_dirs:
        names = node.names_in(directory)
        paths += [(f"{directory.rstrip('/')}/{name}", "the plugin") for name in names]
    for path, what in dict(paths).items():
        status = node.host.status(path)
        if status is not None and (status.is_file or status.is_dir):
            yield _Owned(path, what, status)


def _writable(node: Node, owned: _Owned) -> Iterator[Hit]:
    path, what, status = owned
    mode = status.permissions
    by_group = bool(mode & _GROUP_MAY_WRITE) and status.gid != 0
    by_all = bool(mode & _OTHERS_MAY_WRITE) and not (status.is_dir and mode & _STICKY)
    if by_all or by_group:
        who = "every user" if by_all else f"the group number {status.gid}"
        mended = mode & ~(_GROUP_MAY_WRITE | _OTHERS_MAY_WRITE)
        fix = Fix(
            f"`chmod go-w {path}`, and check that nobody has changed it: `ls -l {path}`",
            Applicable.SAFE,
            actions=(ChangeMode(path, mended),),
        )
        yield Hit(Location(path), f"{who} can change {what} {path} (mode {mode:04o})", fix, {"mode": f"{mode:04o}"})
    elif status.uid != 0:
        user = _users(node).get(status.uid)
        whose = f"the user {user}" if user else f"the user number {status.uid}, unknown on this node"
        message = f"{what} {path} belongs to {whose}, who can change it"
        # Archives are often unpacked with the owner that they were made by, who is nobody here.
        severity = Severity.WARNING if user else Severity.NOTE
        yield Hit(Location(path), message, Fix(f"`chown root:root {path}`"), {"uid": status.uid}, severity)
    if status.is_file and what == "the plugin" and mode & _SETUID:
        message = f"{what} {path} runs with its owner's rights, whoever starts it (mode {mode:04o})"
        yield Hit(Location(path), message, Fix(f"`chmod u-s,g-s {path}`"), severity=Severity.WARNING)


def _users(node: Node) -> dict[int, str]:
    lines = (line.split(":") for line in (node.text("/etc/passwd") or "").splitlines())
    return {int(fields[2]): fields[0] for fields in lines if len(fields) > 3 and fields[2].isdecimal()}  # noqa: PLR2004  # its fields


def _credentials(node: Node) -> Iterator[Hit]:
    directory = node.conf_dir.rstrip("/")
    own = [f"{directory}/{name}" for name in node.names_in(directory) if name.endswith("kubeconfig")]
    folder = node.host.status(directory)
    if folder is not None and not folder.permissions & _OTHERS_MAY_ENTER:
        return
    for path in dict.fromkeys((*own, *_CREDENTIALS)):
        status = node.host.status(path)
        if status is not None and status.is_file and status.permissions & _NOT_OWNER & 0o044:
            message = f"users other than root can read {path}, which holds credentials (mode {status.permissions:04o})"
            yield Hit(Location(path), message, _only_root(path), severity=Severity.WARNING)


def _secrets(node: Node) -> Iterator[Hit]:
    """Configs with a token or a password in them."""
    from cnictl.validate.registry import all_rules

    rule = next(rule for rule in all_rules() if rule.code == "CNI607")
    try:
        hits = list(rule.on_directory(directory_of(node))) if rule.on_directory else []
    except Skip:
        return
    for hit in hits:
        path = f"{node.conf_dir.rstrip('/')}/{hit.file}"
        yield Hit(Location(path), f"{path}: {hit.message}", _only_root(path), hit.evidence, Severity.WARNING)


def _only_root(path: str) -> Fix:
    return Fix(f"`chmod 600 {path}`", Applicable.SAFE, actions=(ChangeMode(path, 0o600),))
