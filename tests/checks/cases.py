"""The cases of the checks: a folder for each code, with a folder for each node and what is expected of it.

``root`` holds the node's files. ``plugins.json`` is there where its plugins can be run, and says what they answer to
VERSION: the arguments of `cnictl.testing.FakeExecutor.script` by plugin. ``answers.json`` holds what else the node
answers, as `tests.support.nodes.NodeTree` takes it: links, rules, programs, and so on. What git cannot keep, or what a
link on the machine of whoever runs the tests would change, is in `MADE`.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnictl.doctor.engine import examine
from cnictl.doctor.node import Node
from cnictl.doctor.registry import all_checks
from cnictl.testing import FakeExecutor
from cnictl.text.source import MAX_BYTES
from tests.support.nodes import ELSEWHERE, NETNS, Denied, Entry, Folder, Link, NodeTree, Pipe, own_netns, plant

if TYPE_CHECKING:
    from cnictl.report.finding import Finding
    from cnictl.report.report import CheckResult

ROOT = Path(__file__).parent
EXPECTED = "expected.json"
ANSWERS = "plugins.json"
MORE_ANSWERS = "answers.json"
CONFIGS = "etc/cni/net.d"

MADE: dict[str, dict[str, Entry]] = {
    "CNI801/denied": {CONFIGS: Denied()},
    "CNI801/directory-is-a-link": {CONFIGS: Link("/run/cni")},
    "CNI801/empty": {CONFIGS: Folder()},
    "CNI801/file-is-a-link": {f"{CONFIGS}/10-pods.conflist": Link("/usr/share/cni/pods")},
    "CNI802/dangling-link": {f"{CONFIGS}/10-pods.conflist": Link("/usr/share/cni/pods")},
    "CNI802/denied": {f"{CONFIGS}/10-pods.conflist": Denied()},
    "CNI802/denied-and-broken": {f"{CONFIGS}/10-pods.conflist": Denied()},
    "CNI802/link-in-the-root": {f"{CONFIGS}/10-pods.conflist": Link("/usr/share/cni/pods")},
    "CNI802/links-in-a-circle": {f"{CONFIGS}/10-pods.conflist": Link("10-pods.conflist")},
    "CNI802/named-pipe": {f"{CONFIGS}/10-pods.conflist": Pipe()},
    "CNI802/too-large": {f"{CONFIGS}/10-pods.conflist": b" " * (MAX_BYTES + MAX_BYTES // 4)},
    "CNI803/dangling-link": {"opt/cni/bin/bridge": Link("/usr/lib/cni/bridge")},
    "CNI803/directory-is-a-link": {"opt/cni/bin": Link("/usr/lib/cni")},
    "CNI803/links": {"opt/cni/bin/bridge": Link("/usr/lib/cni/bridge")},
    "CNI803/no-plugin-of-any-kind": {"opt/cni/bin": Folder()},
    "CNI804/cri-o": {"opt/cni/bin": Folder()},
    "CNI804/link": {"opt/cni/bin/loopback": Link("../../../usr/lib/cni/loopback")},
    "CNI804/podman": {"opt/cni/bin": Folder()},
    "CNI805/none-is-installed": {"opt/cni/bin": Folder()},
    "CNI843/link": {f"{CONFIGS}/10-pods.conflist": Link("/opt/product/pods.conflist")},
    "CNI843/link-of-a-config-that-loses": {f"{CONFIGS}/20-old.conflist": Link("/opt/product/old.conflist")},
    "CNI843/link-into-the-nix-store": {f"{CONFIGS}/10-pods.conflist": Link("/nix/store/abc-pods/pods.conflist")},
    "CNI809/another-network-namespace": {NETNS: ELSEWHERE},
    "CNI809/denied": {"proc/sys/net/bridge/bridge-nf-call-iptables": Denied()},
    "CNI810/another-network-namespace": {NETNS: ELSEWHERE},
    "CNI811/drop-in-is-masked": {"etc/systemd/system/kubelet.service.d/20-network.conf": Link("/dev/null")},
    "CNI814/at-boot": {
        "etc/systemd/system/multi-user.target.wants/containerd.service": Link(
            "/usr/lib/systemd/system/containerd.service"
        )
    },
    "CNI838/stub-as-a-link": {"etc/resolv.conf": Link("../run/systemd/resolve/stub-resolv.conf")},
    "CNI811/links": {"etc/default/kubelet": Link("/etc/kubernetes/flags")},
    "CNI895/cloud-setup": {
        "etc/systemd/system/timers.target.wants/nm-cloud-setup.timer": Link(
            "/usr/lib/systemd/system/nm-cloud-setup.timer"
        )
    },
    "CNI895/enabled-in-an-image": {
        "etc/systemd/system/multi-user.target.wants/NetworkManager.service": Link(
            "/usr/lib/systemd/system/NetworkManager.service"
        )
    },
    "CNI862/masked-by-a-link": {"etc/sysctl.d/99-hardening.conf": Link("/dev/null")},
    **{
        f"CNI870/{name}": {
            "etc/systemd/system/multi-user.target.wants/firewalld.service": Link(
                "/usr/lib/systemd/system/firewalld.service"
            )
        }
        for name in (
            "firewalld",
            "firewalld-trusts-all",
            "firewalld-trusts-the-bridge",
            "firewalld-trusts-the-pods",
            "firewalld-with-broken-zones",
        )
    },
}
"""What a tree has besides its files, by case."""


def folders() -> list[Path]:
    """The folders, one for each code."""
    return sorted(path for path in ROOT.iterdir() if path.is_dir() and path.name != "__pycache__")


def cases() -> list[str]:
    """All cases, as ``CODE/name``."""
    return [f"{folder.name}/{path.name}" for folder in folders() for path in sorted(folder.iterdir())]


def expected(case: str) -> dict[str, Any]:
    """What is expected of a node."""
    outcome: dict[str, Any] = json.loads((ROOT / case / EXPECTED).read_bytes())
    return outcome


def node_of(case: str, root: Path) -> Node:
    """The node of a case, made in a directory that is not there yet."""
    shutil.copytree(ROOT / case / "root", root)
    made = MADE.get(case, {})
    plant(root, made)
    if (root / "proc").is_dir() and NETNS not in made:
        own_netns(root)
    denied = [f"/{name}" for name, entry in made.items() if isinstance(entry, Denied)]
    answers, others = ROOT / case / ANSWERS, ROOT / case / MORE_ANSWERS
    more = json.loads(others.read_bytes()) if others.exists() else None
    if not answers.exists():
        return Node(NodeTree(root, denied=denied, live=more is not None, answers=more))
    executor = FakeExecutor()
    for plugin, answer in json.loads(answers.read_bytes()).items():
        executor.script(plugin, "VERSION", **_as_bytes(answer))
    return Node(NodeTree(root, denied=denied, live=True, answers=more), executor)


def _as_bytes(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value.encode() if isinstance(value, str) else value for key, value in answer.items()}


def result_of(case: str, root: Path) -> CheckResult:
    """What the check of a case says about its node."""
    code = case.partition("/")[0]
    checkup = examine(node_of(case, root), [check for check in all_checks() if check.code == code])
    return checkup.checks[0]


def row(finding: Finding, root: Path) -> dict[str, Any]:
    """A finding as ``expected.json`` has it; where the tree lies is ``ROOT``."""
    place = {"file": finding.location.file, "line": finding.location.line, "column": finding.location.column}
    fix = finding.fix.description if finding.fix else ""
    return {
        **{key: value for key, value in place.items() if value is not None},
        "severity": finding.severity.value,
        "message": finding.message,
        "fix": fix.replace(str(root), "ROOT"),
    }
