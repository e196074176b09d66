"""What the node will do at its next boot, and how something is kept for it."""

from __future__ import annotations

import pytest

from cnictl.doctor.facts.keeping import load_and_keep, set_and_keep
from cnictl.doctor.node import Node
from cnictl.report.action import LoadModule, SetSysctl, WriteFile
from cnictl.report.finding import Applicable
from tests.support.nodes import Link, NodeTree, plant

FORWARD = "net.ipv4.ip_forward"
RP = "net.ipv4.conf.eth0.rp_filter"


@pytest.fixture
def made(tmp_path):
    """Makes a node with these files."""
    return lambda **files: Node(NodeTree(plant(tmp_path / "node", {"etc/hostname": "a", **files.get("files", files)})))


def node(made, files):
    return made(files=files)


def decided(node, name=FORWARD):
    setting = node.boot.setting_of(name)
    return (setting.value, setting.location.file, setting.location.line) if setting else None


def test_the_last_name_counts_whichever_directory_it_is_in(made):
    files = {
        "etc/sysctl.d/10-a.conf": f"{FORWARD}=1\n",
        "run/sysctl.d/30-c.conf": f"#\n{FORWARD}=3\n",
        "usr/lib/sysctl.d/20-b.conf": f"{FORWARD}=2\n",
        "usr/lib/sysctl.d/99-x.conf.bak": f"{FORWARD}=9\n",
    }
    assert decided(node(made, files)) == ("3", "/run/sysctl.d/30-c.conf", 2)


def test_of_files_with_one_name_that_in_etc_counts(made):
    files = {
        "etc/sysctl.d/50.conf": f"{FORWARD}=1",
        "run/sysctl.d/50.conf": f"{FORWARD}=2",
        "usr/local/lib/sysctl.d/50.conf": f"{FORWARD}=3",
        "usr/lib/sysctl.d/50.conf": f"{FORWARD}=4",
        "lib/sysctl.d/50.conf": f"{FORWARD}=5",
    }
    assert decided(node(made, files)) == ("1", "/etc/sysctl.d/50.conf", 1)


def test_a_link_to_dev_null_hides_a_file(made):
    files = {"etc/sysctl.d/50.conf": Link("/dev/null"), "usr/lib/sysctl.d/50.conf": f"{FORWARD}=0"}
    assert decided(node(made, files)) is None


def test_sysctl_conf_is_last_where_systemd_does_not_read_the_files(made):
    files = {"etc/sysctl.d/99-z.conf": f"{FORWARD}=1", "etc/sysctl.conf": f"{FORWARD}=0"}
    assert decided(node(made, files)) == ("0", "/etc/sysctl.conf", 1)


def test_systemd_reads_it_by_a_link_alone(made):
    files = {
        "usr/lib/systemd/systemd-sysctl": "",
        "etc/sysctl.conf": f"{FORWARD}=0",
        "etc/sysctl.d/98.conf": f"{FORWARD}=1",
    }
    assert decided(node(made, files)) == ("1", "/etc/sysctl.d/98.conf", 1)


def test_as_debian_has_it(made):
    files = {
        "usr/lib/systemd/systemd-sysctl": "",
        "etc/sysctl.conf": f"{FORWARD}=0",
        "etc/sysctl.d/98.conf": f"{FORWARD}=1",
        "etc/sysctl.d/99-sysctl.conf": Link("../sysctl.conf"),
    }
    assert decided(node(made, files)) == ("0", "/etc/sysctl.d/99-sysctl.conf", 1)


def test_one_that_is_named_counts_more_than_later_wildcards(made):
    files = {"etc/sysctl.d/10.conf": f"{RP} = 2\n", "etc/sysctl.d/90.conf": "net.ipv4.conf.*.rp_filter = 1\n"}
    assert decided(node(made, files), RP) == ("2", "/etc/sysctl.d/10.conf", 1)
    assert node(made, files).boot.value_of("net.ipv4.conf.eth1.rp_filter") == "1"


def test_a_setting_can_be_kept_from_wildcards(made):
    files = {"etc/sysctl.d/50.conf": "net.ipv4.conf.*.rp_filter = 1\n-net.ipv4.conf.all.rp_filter\n"}
    made_node = node(made, files)
    assert made_node.boot.value_of("net.ipv4.conf.all.rp_filter") is None
    assert made_node.boot.value_of(RP) == "1"


def test_modules_of_all_the_files(made):
    files = {
        "etc/modules-load.d/k8s.conf": "overlay\n br-netfilter # bridged\n;no\n",
        "usr/lib/modules-load.d/k8s.conf": "not-this\n",
        "usr/lib/modules-load.d/virt.conf": "veth\n",
        "etc/modules": "# comment\nip_vs\n\n",
    }
    assert node(made, files).boot.modules == {"overlay", "br_netfilter", "veth", "ip_vs"}


def test_a_setting_is_made_and_kept(made):
    fix = set_and_keep(node(made, {}), FORWARD, "1")
    path = "/etc/sysctl.d/99-cnictl-ipv4-ip_forward.conf"
    assert fix.actions == (SetSysctl(FORWARD, "1"), WriteFile(path, "net.ipv4.ip_forward = 1\n"))
    assert fix.applicable is Applicable.SAFE
    assert fix.description == f"`sysctl -w {FORWARD}=1 && echo '{FORWARD} = 1' > {path}`"


def test_what_is_kept_already_is_only_made(made):
    fix = set_and_keep(node(made, {"etc/sysctl.d/k8s.conf": f"{FORWARD} = 1\n"}), FORWARD, "1")
    assert fix.actions == (SetSysctl(FORWARD, "1"),)


@pytest.mark.parametrize("path", ["etc/sysctl.conf", "etc/sysctl.d/zz.conf"])
def test_a_file_that_would_still_win_has_to_be_corrected(made, path):
    fix = set_and_keep(node(made, {path: f"\n{FORWARD} = 0\n"}), FORWARD, "1")
    assert not fix.actions
    assert fix.description == f"in /{path}, line 2, write {FORWARD} = 1, then run `sysctl -w {FORWARD}=1`"


def test_a_value_with_spaces_is_quoted(made):
    fix = set_and_keep(node(made, {}), "net.ipv4.ip_local_port_range", "32768 60999", safe=False)
    assert fix.description.startswith("`sysctl -w net.ipv4.ip_local_port_range='32768 60999' && echo ")
    assert fix.applicable is Applicable.UNSAFE


def test_a_module_is_loaded_and_kept(made):
    fix = load_and_keep(node(made, {}), "br_netfilter", "CONFIG_BRIDGE_NETFILTER")
    path = "/etc/modules-load.d/cnictl-br_netfilter.conf"
    assert fix.actions == (LoadModule("br_netfilter"), WriteFile(path, "br_netfilter\n"))
