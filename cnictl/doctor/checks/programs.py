"""Whether the plugins' files can be run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.doctor.checks.plugins import runs_loopback
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.errors import PluginError, PluginTimeout
from cnictl.invoke.find import REFERENCE_PLUGINS
from cnictl.report.action import ChangeMode
from cnictl.report.finding import Applicable, Fix, Location, Severity
from cnictl.runtime.selection import Runtime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.programs import Program
    from cnictl.doctor.node import Node

_NO_PERMISSION = "permission denied"
_NO_FORMAT = "exec format error"
_NO_FILE = "no such file or directory"


class Trouble(NamedTuple):
    """Why a file cannot be run.

    Attributes:
        message: What is wrong with it.
        error: What the runtime says, after the path.
        fix: What to do.
    """

    message: str
    error: str
    fix: Fix


@check(
    "CNI847",
    "plugin-not-runnable",
    Severity.ERROR,
    "plugins",
    reads="the files of the plugins that are used: permissions, headers, interpreters, libraries, and mounts",
    well="every plugin that is used is a program that this node can run",
    leads_to=("add-fails", "del-fails", "wrong-network"),
    symptoms=(
        r"fork/exec \S+: (?:permission denied|exec format error|no such file or directory)",
        r"netplugin failed with no error message: signal: (?:segmentation fault|bus error)",
        r"error while loading shared libraries",
    ),
)
def plugin_not_runnable(node: Node) -> Iterator[Hit]:
    r"""The file of a plugin cannot be run on this node.

    It is not executable, lies on a file system that is mounted with noexec, was built for another kind of machine,
    was not downloaded whole, is a web page or an archive instead of a program, or needs an interpreter or a library
    that is not there.

    Why:
        Nothing notices before the first pod starts: the node is Ready, and every pod fails with "netplugin failed with
        no error message: fork/exec /opt/cni/bin/bridge: exec format error", "permission denied", "no such file or
        directory" although the file is there, or "signal: segmentation fault". `file` and `ls -l` on the path show what
        it is.
    Bad:
        /opt/cni/bin/bridge for aarch64 on a node that is x86-64
    Good:
        /opt/cni/bin/bridge for the node's own kind of machine, with mode 0755
    Fix:
        chmod 755 where only the permission is missing; otherwise install the plugin again, from the archive for this
        kind of machine, and compare its checksum.
    Reference:
        execve(2); CNI spec 1.1.0, section 2 "Execution Protocol"
    """
    told: set[str] = set()
    for path, severity in used_files(node):
        trouble = trouble_of(node, path)
        if trouble is not None and trouble.message not in told:  # a mount is of all plugins in a directory
            told.add(trouble.message)
            message = f'{trouble.message}; pods fail with "{trouble.error}"'
            yield Hit(Location(path), message, trouble.fix, {"error": trouble.error}, severity)


def used_files(node: Node) -> list[tuple[str, Severity | None]]:
    """The files of the plugins that are used, each once, with how much they matter.

    Raises:
        Skip: Nothing is used.
    """
    files: dict[str, Severity | None] = {}
    loopback = node.plugin_path("loopback") if runs_loopback(node) else None
    try:
        for plugin in node.uses.types:
            path, use = node.plugin_path(plugin), node.uses.of(plugin)
            if path is not None and use is not None:
                files.setdefault(path, use.severity)
    except Skip:
        if loopback is None:
            raise
    if loopback is not None:
        files[loopback] = None
    return list(files.items())


def trouble_of(node: Node, path: str) -> Trouble | None:
    """Why a file cannot be run; ``None`` when nothing is wrong with it that can be seen."""
    status, program = node.host.status(path), node.programs.at(path)
    if status is not None and not status.is_executable:
        fix = Fix(f"`chmod 755 {path}`", Applicable.SAFE, actions=(ChangeMode(path, 0o755),))
        return Trouble(f"{path} is not executable (mode {status.permissions:04o})", _exec(path, _NO_PERMISSION), fix)
    if program is None:
        return None
    return _of_content(node, program) or _of_needs(node, program) or _of_mount(node, path)


def _exec(path: str, reason: str) -> str:
    return f"fork/exec {path}: {reason}"


def _again(path: str) -> Fix:
    source = "github.com/containernetworking/plugins/releases"
    where = f" from {source}" if path.rpartition("/")[2] in REFERENCE_PLUGINS else ""
    return Fix(f"install {path} again{where}, and compare its checksum with that of the release")


def _of_content(node: Node, program: Program) -> Trouble | None:
    path = program.path
    if program.disguise is not None:
        return Trouble(f"{path} is {program.disguise}, not a program for Linux", _exec(path, _NO_FORMAT), _again(path))
    if node.programs.is_foreign(program) and program.elf and node.programs.native and node.programs.native.elf:
        mine, other = node.programs.native.elf.machine_name, program.elf.machine_name
        fix = Fix(f"install {path} again, from the archive for {mine}")
        message = f"{path} is a program for {other}, and this node is {mine}"
        return Trouble(message, _exec(path, _NO_FORMAT), fix)
    if program.missing_bytes:
        whole = program.size + program.missing_bytes
        message = f"{path} is cut off: it has {program.size} of at least {whole} bytes"
        return Trouble(message, "signal: segmentation fault", _again(path))
    return None


def _of_needs(node: Node, program: Program) -> Trouble | None:
    path, interpreter = program.path, program.interpreter
    if interpreter is not None and interpreter.endswith("\r"):
        message = f'{path} has Windows line ends, so that the kernel looks for an interpreter "{interpreter[:-1]}\\r"'
        return Trouble(message, _exec(path, _NO_FILE), Fix(f"`sed -i 's/\\r$//' {path}`"))
    if interpreter is not None and node.host.status(interpreter) is None:
        what = "interpreter" if program.is_script else "loader"
        message = f"{path} needs the {what} {interpreter or 'without a name'}, which is not there"
        fix = Fix(f"install a build of {path} that is linked statically, or what brings {interpreter}")
        if program.is_script:
            fix = Fix(f"install {interpreter}, or write the path of one that is there into the first line of {path}")
        return Trouble(message, _exec(path, _NO_FILE), fix)
    missing = node.programs.missing_libraries(program)
    if missing:
        message = f"{path} needs {', '.join(missing)}, which no library directory has"
        fix = Fix(f"install what brings {missing[0]}, or a build of {path} that is linked statically")
        return Trouble(message, f"error while loading shared libraries: {missing[0]}", fix)
    return None


def _of_mount(node: Node, path: str) -> Trouble | None:
    directory, _, name = path.rpartition("/")
    target = node.host.link_target(directory)
    real = f"{target}/{name}" if target and target.startswith("/") else path
    mount = node.programs.no_exec_mount(real)
    if mount is None:
        return None
    message = f"{directory} lies on {mount}, which is mounted with noexec"
    fix = Fix(f"`mount -o remount,exec {mount}`, and take noexec out of its line in /etc/fstab")
    return Trouble(message, _exec(path, _NO_PERMISSION), fix)


@check(
    "CNI848",
    "plugin-does-not-answer",
    Severity.ERROR,
    "plugins",
    reads="each used plugin's answer to VERSION",
    well="every plugin answers",
    leads_to=("add-fails", "del-fails", "wrong-network"),
    symptoms=(
        r"netplugin failed with no error message: (?:exit status|signal: killed)",
        r"failed to unmarshal raw result",
        r'netplugin failed: "',
    ),
)
def plugin_does_not_answer(node: Node) -> Iterator[Hit]:
    """A plugin does not answer VERSION, the question which versions of CNI it speaks.

    Why:
        What crashes, hangs or prints something else on this simplest of all questions will hardly set up a network:
        pods fail with "netplugin failed with no error message", "failed to unmarshal raw result: unexpected end of JSON
        input", or wait until the runtime gives up. CRI-O and podman ask this themselves, and pass over a network with a
        plugin that fails.
    Bad:
        CNI_COMMAND=VERSION /opt/cni/bin/bridge prints nothing
    Good:
        CNI_COMMAND=VERSION /opt/cni/bin/bridge prints {"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}
    Fix:
        Install the plugin again; run it as above to see what it says.
    Reference:
        CNI spec 1.1.0, section 2 "VERSION"
    """
    for path, severity in used_files(node):
        plugin = path.rpartition("/")[2]
        if trouble_of(node, path) is not None:
            continue  # that is why
        answer = node.plugin_versions(plugin)
        if not isinstance(answer, Exception):
            continue
        # An error object is an answer, and runtimes that do not ask never hear it.
        polite = isinstance(answer, PluginError) and plugin not in REFERENCE_PLUGINS
        harmless = polite and node.choice.runtime is not Runtime.CRIO
        verb = "hangs" if isinstance(answer, PluginTimeout) else "does not tell which versions it speaks"
        message = f'the plugin "{plugin}" {verb}: {answer}'
        fix = Fix(f"see it yourself: `CNI_COMMAND=VERSION {path} </dev/null`; then install {plugin} again")
        yield Hit(Location(path), message, fix, severity=Severity.WARNING if harmless else severity)
