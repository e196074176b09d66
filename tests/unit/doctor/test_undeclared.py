"""A config without a version gets one by a program only where nothing can go wrong."""

from __future__ import annotations

import json

import pytest

from cnictl.doctor.engine import examine
from cnictl.doctor.registry import all_checks
from cnictl.report.finding import Applicable
from tests.nodes.kinds import KINDS, VERSIONS, network

CONFIG = "etc/cni/net.d/10-pods.conflist"
CHECKS = [check for check in all_checks() if check.code == "CNI806"]


def fix_of(kind, tmp_path, **changes):
    config = {key: value for key, value in network().items() if key != "cniVersion"} | changes
    kind.files[CONFIG] = json.dumps(config, indent=2)
    [result] = examine(kind.node(tmp_path), CHECKS).checks
    [finding] = result.findings
    return finding.fix


@pytest.mark.parametrize(
    ("host", "version"),
    [("kubeadm with containerd 1.6", "1.0.0"), ("kubeadm with containerd 2", "1.1.0")],
)
def test_the_newest_version_that_all_know_is_added(tmp_path, host, version):
    kind = KINDS[host]()
    fix = fix_of(kind, tmp_path)
    assert fix.applicable is Applicable.SAFE
    [action] = fix.actions
    assert (action.path, action.replacing) == (f"/{CONFIG}", kind.files[CONFIG])
    assert json.loads(action.content) == network() | {"cniVersion": version}
    assert action.content.replace(f'"cniVersion": "{version}",\n  ', "") == kind.files[CONFIG]


def test_an_empty_version_is_replaced(tmp_path):
    [action] = fix_of(KINDS["kubeadm with containerd 1.6"](), tmp_path, cniVersion="").actions
    assert json.loads(action.content)["cniVersion"] == "1.0.0"


def test_where_a_plugin_does_not_tell_somebody_has_to_look(tmp_path):
    kind = KINDS["kubeadm with containerd 1.6"]()
    del kind.files["opt/cni/bin/portmap"]
    fix = fix_of(kind, tmp_path)
    assert (fix.applicable, fix.actions) == (Applicable.UNSAFE, ())


def test_where_plugins_are_too_old_for_what_kubernetes_wants_somebody_has_to_look(tmp_path):
    kind = KINDS["kubeadm with containerd 1.6"]()
    kind.plugins["portmap"] = VERSIONS[:4]
    assert fix_of(kind, tmp_path).actions == ()


@pytest.mark.parametrize("changes", [{"cniVersion": None}, {"cniVersions": []}])
def test_what_stands_in_the_place_of_a_version_stays(tmp_path, changes):
    assert fix_of(KINDS["kubeadm with containerd 1.6"](), tmp_path, **changes).actions == ()
