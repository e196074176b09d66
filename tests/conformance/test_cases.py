"""Each case finds the plugin that does just this wrong, and none finds anything in one that does all right."""

from __future__ import annotations

import py_compile
import shutil
import sys
from pathlib import Path

import pytest

from cnictl.conformance.registry import all_cases
from cnictl.conformance.request import Request
from cnictl.conformance.run import Spoken, examine_plugin
from cnictl.model.network import NetworkConfigList
from cnictl.model.version import SpecVersion
from cnictl.report.finding import Status
from cnictl.report.policy import Policy

HERE = Path(__file__).parent
NAMES = ("maker", "giver", "changer")
NETWORK = {
    "cniVersion": "1.1.0",
    "name": "pods",
    "plugins": [{"type": "maker", "ipam": {"type": "giver"}}, {"type": "changer"}],
}

OF_ALL = ("any-id", "cut-ifname", "one-shape")
"""What no plugin of the network may do right, or the one that is asked for an address hides it."""

FAULTS = [
    ("CNI930", "maker", "version-needs-netns", "fail", "CNI_NETNS is missing"),
    ("CNI931", "maker", "version-strange", "warn", '"1.2" is no version'),
    ("CNI932", "maker", "version-own", "warn", "asked in 1.1.0, it answers in 0.1.0"),
    ("CNI933", "maker", "any-command", "fail", "CNI_COMMAND=FROBNICATE: it ends with success"),
    ("CNI934", "maker", "no-variables", "warn", "ADD without CNI_NETNS: it fails with code 999, and the spec has 4"),
    ("CNI935", "maker", "default-config", "fail", "ADD with nothing on stdin: it ends with success"),
    ("CNI936", "maker", "any-version", "fail", "a config of version 9.9.9: it prints a result of version 1.1.0"),
    ("CNI937", "maker", "any-id", "warn", 'CNI_CONTAINERID="../../outside": it ends with success'),
    ("CNI938", "maker", "cut-ifname", "fail", 'CNI_IFNAME="sixteen-letters1": it ends with success'),
    ("CNI939", "maker", "plain-error", "warn", "no error object"),
    ("CNI940", "maker", "log-on-stdout", "fail", 'it prints more in front of its answer: "attaching"'),
    ("CNI941", "maker", "lies", "fail", "the result names 10.77.0.250/24, which the container does not have"),
    ("CNI942", "giver", "reports-interfaces", "fail", 'an IPAM plugin has no "interfaces" to report'),
    ("CNI943", "changer", "drops-dns", "fail", '"dns" of prevResult is not in the result as it was'),
    ("CNI944", "maker", "wants-args", "fail", "ADD without CNI_ARGS: CNI_ARGS is not set (code 4)"),
    ("CNI945", "maker", "no-unknown-keys", "warn", "ADD with an unknown key: what is this? (code 999)"),
    ("CNI946", "maker", "short-read", "fail", "ADD with a config of 256 KiB: stdin is no JSON"),
    ("CNI947", "giver", "by-id", "fail", "with it the first one has lost /var/lib/cni/given/10.77.0.2"),
    ("CNI948", "maker", "replaces", "fail", "ADD with eth0 there: it ends with success"),
    ("CNI949", "maker", "reserves-first", "fail", "the file /var/lib/cni/marker-"),
    ("CNI950", "maker", "notes-late", "warn", "DEL after 25% of an ADD: the file /var/lib/cni/marker-"),
    ("CNI951", "giver", "no-lock", "fail", "4 containers at once: two have the address 10.77.0.2/24"),
    ("CNI952", "maker", "no-delegated-del", "fail", "DEL: giver is not asked"),
    ("CNI953", "maker", "no-del-on-failure", "warn", "ADD while giver fails: it is not asked for DEL"),
    ("CNI954", "maker", "check-fails", "fail", "CHECK right after ADD: it does not please me"),
    ("CNI955", "maker", "check-repairs", "fail", "CHECK: the file /var/lib/cni/given/repaired is left"),
    ("CNI956", "maker", "check-blind", "warn", "CHECK without eth0: it is content"),
    ("CNI957", "maker", "check-half-blind", "warn", "CHECK without 10.77.0.2/24: it is content"),
    ("CNI958", "giver", "check-blind", "warn", "CHECK without the reservation: it is content"),
    ("CNI959", "giver", "gc-all", "fail", "GC with a valid container: the file /var/lib/cni/given/10.77.0.2 is gone"),
    (
        "CNI960",
        "giver",
        "gc-nothing",
        "warn",
        "GC with a stale container: the file /var/lib/cni/given/10.77.0.3",
    ),
    ("CNI961", "giver", "gc-empty-fails", "fail", "GC with an empty list: nothing is valid"),
    ("CNI962", "giver", "no-status", "fail", "(code 4, where the spec has 50 and 51)"),
    ("CNI963", "changer", "leaks", "fail", "ADD and DEL: the route blackhole 198.18."),
    ("CNI963", "maker", "leaks", "fail", "ADD and DEL: the route blackhole 198.19."),
    ("CNI964", "maker", "del-once", "fail", "DEL again: there is no interface"),
    ("CNI965", "maker", "del-wants-netns", "fail", "DEL while CNI_NETNS leads nowhere: CNI_NETNS leads nowhere"),
    ("CNI966", "maker", "del-wants-prev-result", "warn", "DEL without prevResult: where is prevResult?"),
    ("CNI967", "maker", "del-once", "fail", "DEL of a container that never was: there is no interface"),
    ("CNI968", "giver", "del-wants-state", "warn", "DEL with its state lost: where are my files?"),
    ("CNI969", "maker", "leaves-child", "ok", "after ADD a process lives on: sleep 2"),
    ("CNI970", "maker", "one-shape", "fail", "version 0.2.0: ADD: its result is none of version 0.2.0"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Where the plugins' code is, compiled once for all of their runs."""
    directory = tmp_path_factory.mktemp("library")
    shutil.copy(HERE / "plugin.py", directory)
    py_compile.compile(str(directory / "plugin.py"), doraise=True)
    return directory


@pytest.fixture
def examined(tmp_path, library):
    """Tests a plugin of ours; what each case came to, by code."""

    def examine(name: str, fault: str = "", select: tuple[str, ...] = (), version: str = "1.1.0"):
        for other in NAMES:
            own = fault if other == name or fault in OF_ALL else ""
            code = f"import sys; sys.argv.append({own!r}); sys.path.insert(0, {str(library)!r}); import plugin"
            (tmp_path / other).write_text(f"#!{sys.executable} -ISB\n{code}\n")
            (tmp_path / other).chmod(0o755)
        request = Request(
            type=name,
            network=NetworkConfigList.from_dict(NETWORK),
            bin_dirs=[tmp_path],
            versions=(SpecVersion(version),),
            policy=Policy(select),
            timeout=10,
        )
        found = [each for each in examine_plugin(request) if not isinstance(each, Spoken)]
        return {each.result.code: each.result for each in found}

    return examine


@pytest.mark.netns
@pytest.mark.parametrize(("code", "name", "fault", "status", "says"), FAULTS, ids=[row[2] for row in FAULTS])
def test_the_case_finds_it(examined, code, name, fault, status, says):
    [result] = examined(name, fault, (code,)).values()
    assert says in result.summary
    assert result.status.value == status
    assert result.findings[0].reference.startswith("CNI spec")
    assert result.findings[0].fix.description


@pytest.mark.netns
@pytest.mark.parametrize(
    ("name", "version", "select"),
    [
        ("maker", "1.1.0", ()),
        ("maker", "0.2.0", ("CNI93", "CNI940", "CNI941", "CNI963", "CNI965")),
        ("giver", "1.1.0", ("CNI937", "CNI94", "CNI951", "CNI958", "CNI959", "CNI96")),
        ("changer", "1.1.0", ("CNI940", "CNI943", "CNI949", "CNI954", "CNI955", "CNI959", "CNI960", "CNI96")),
    ],
)
def test_a_plugin_that_does_all_right_passes(examined, name, version, select):
    results = examined(name, select=select, version=version)
    wrong = [result.summary for result in results.values() if result.findings or result.status is Status.ERROR]
    assert wrong == []
    assert len(results) == len([case for case in all_cases() if Policy(select).wants(case)])
    skipped = {result.summary for result in results.values() if result.status is Status.SKIP}
    allowed = ("it is about a plugin that", "the spec demands it from", "it asks no IPAM plugin", "it keeps no files")
    assert all(summary.startswith(allowed) for summary in skipped), skipped


def test_every_case_has_a_plugin_that_it_finds():
    assert {row[0] for row in FAULTS} == {case.code for case in all_cases()}


def test_cases_need_only_what_there_is():
    names = {case.name for case in all_cases()}
    assert all(set(case.needs) <= names for case in all_cases())
