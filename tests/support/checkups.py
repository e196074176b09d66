"""Checkups with everything in them that a format has to cope with, and reports of a small fleet."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

from cnictl.render import renderer
from cnictl.render.paper import Paper
from cnictl.report.finding import Applicable, Finding, Fix, Location, Severity, Status
from cnictl.report.report import Cause, CheckResult, Checkup

BEGAN = 1_767_225_600.25
"""2026-01-01T00:00:00Z and a bit."""
HOSTILE = "a<script>alert(1)</script>&\"'\x1b[31m\n::error::\x00\ud800]]>"
"""A text that wants to be taken for markup, for a command to a terminal, and for the end of a section."""
INSTALL = Fix("apt install containernetworking-plugins", Applicable.MANUAL)
NODE = {
    "hostname": "worker-1",
    "live": True,
    "confDir": "/etc/cni/net.d",
    "configs": ["/etc/cni/net.d/10-pods.conflist"],
    "binDirs": ["/opt/cni/bin"],
    "runtimes": ["containerd"],
    "kubelet": True,
}


def finding(code: str, message: str, *, severity: Severity = Severity.ERROR, file: str = "", line: int | None = None):
    location = Location(file, line, 3, line, 9) if line else Location(file)
    return Finding(code, f"name-of-{code.lower()}", severity, message, location, "Pods do not start.", INSTALL)


def check(code: str, category: str, status: Status, summary: str, *findings: Finding) -> CheckResult:
    return CheckResult(code, f"name-of-{code.lower()}", category, status, summary, findings, 1.5)


def sick() -> Checkup:
    """A node with two causes, what follows from one of them, a leak, a note, a check that broke, and many skips."""
    missing = finding("CNI804", 'the plugin "loopback" is not in /opt/cni/bin', file="/opt/cni/bin")
    hostile = finding("CNI821", f"the network {HOSTILE} is broken", file=f"/etc/cni/net.d/{HOSTILE}", line=7)
    leaks = [
        finding("CNI850", f"10.1.0.{number} is leased to a container that is gone", severity=Severity.WARNING)
        for number in range(2, 40)
    ]
    note = finding("CNI830", "there are two configs, and the second is not used", severity=Severity.NOTE)
    mounted = "the plugins of a node that is only mounted are not run, so they cannot be asked"
    skips = [check(f"CNI86{number}", "firewall", Status.SKIP, "nft is not installed") for number in range(6)]
    return Checkup(
        NODE,
        (
            check("CNI801", "config files", Status.OK, "there is a network config"),
            check("CNI804", "loopback", Status.FAIL, missing.message, missing),
            check("CNI805", "versions", Status.SKIP, mounted),
            check("CNI821", "config files", Status.FAIL, hostile.message, hostile),
            check("CNI830", "config files", Status.OK, "every config is used", note),
            check("CNI840", "runtime", Status.ERROR, "it did not end in time; something that it asked does not answer"),
            check("CNI845", "runtime", Status.FAIL, "containerd is not ready", finding("CNI845", "it is not ready")),
            check("CNI850", "leaks", Status.WARN, f"{leaks[0].message} (and 37 more)", *leaks),
            *skips,
        ),
        (
            Cause("CNI804", missing.message, INSTALL.description, ("CNI845",)),
            Cause("CNI821", hostile.message, "cnictl validate --fix"),
        ),
        BEGAN,
        0.42,
    )


def well() -> Checkup:
    """A node on which nothing is wrong."""
    return replace(
        sick(), checks=[each for each in sick().checks if each.status in (Status.OK, Status.SKIP)], causes=()
    )


def rendered(form: str, checkup: Checkup, *, width: int | None = None, **more: bool) -> str:
    """A checkup in a format."""
    stream = io.StringIO()
    renderer("checkup", form)(checkup, Paper(stream, width=width), **more)
    return stream.getvalue()


def report(checkup: Checkup, hostname: str | None, **facts: object) -> Any:
    """What ``doctor -f json`` writes on a node of another name."""
    node = {**checkup.node, **facts, "hostname": hostname}
    return json.loads(rendered("json", replace(checkup, node={k: v for k, v in node.items() if v is not None})))
