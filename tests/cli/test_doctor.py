"""``cnictl doctor`` as a user calls it; what each check finds is tested in ``tests/checks``."""

from __future__ import annotations

import pytest

from cnictl.doctor.registry import all_checks

NODE = {
    "etc/cni/net.d/10-pods.conflist": (
        '{"cniVersion": "0.3.1",\n "name": "pods", "plugins": [\n  {"type": "bridge", "ipam": {"type": "host-local"}}]}'
    ),
    "opt/cni/bin/bridge": "",
    "opt/cni/bin/host-local": "",
    "var/lib/kubelet/kubeadm-flags.env": 'KUBELET_KUBEADM_ARGS="--network-plugin=cni"\n',
}


@pytest.fixture
def root(tmp_path):
    """A node without loopback, with an old config and an old kubelet flag."""
    for name, text in NODE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if "/bin/" in name:
            path.chmod(0o755)
    return tmp_path


def test_a_sick_node(cnictl, root):
    ended = cnictl("doctor", "--root", root)
    assert ended.status == 1
    assert "warn  CNI804" in ended.out
    assert "fail  CNI811" in ended.out
    assert "kubeadm-flags.env:1:" in ended.out
    assert ended.out.splitlines()[-1].startswith(f"{len(all_checks())} checks: ")
    assert ended.err == "`cnictl explain CODE` tells more about a code.\n"


def test_a_check_that_cannot_be_made_is_skipped_with_the_reason(cnictl, root):
    data = cnictl("doctor", "--root", root, "-f", "json").data
    skipped = {check["code"]: check["summary"] for check in data["checks"] if check["status"] == "skip"}
    assert skipped
    assert all(len(reason) > 20 for reason in skipped.values())
    assert data["summary"]["skip"] == len(skipped)
    assert data["node"]["live"] is False


def test_checks_are_chosen_by_code_name_and_category(cnictl, root):
    def codes(*options):
        data = cnictl("doctor", "--root", root, "-f", "json", *options).data
        return [check["code"] for check in data["checks"]]

    everything = codes()
    assert codes("--select", "CNI804") == ["CNI804"]
    assert codes("--select", "loopback-missing") == ["CNI804"]
    assert codes("--select", "kubelet") == ["CNI811", "CNI812"]
    others = [code for code in everything if code not in ("CNI804", "CNI811", "CNI812")]
    assert codes("--ignore", "kubelet,CNI804") == others


def test_the_story_of_dockershim_is_selected_as_a_whole(cnictl, root):
    data = cnictl("doctor", "--root", root, "-f", "json", "--select", "dockershim").data
    chosen = {check["code"]: check["category"] for check in data["checks"]}
    assert {"CNI804", "CNI809", "CNI811", "CNI812", "CNI813", "CNI816", "CNI829", "CNI830", "CNI835"} <= chosen.keys()
    assert chosen["CNI804"] == "loopback"
    assert "CNI801" not in chosen


def test_the_runtime_can_be_named(cnictl, root):
    (root / "etc/crio").mkdir()
    (root / "etc/crio/crio.conf").write_text('[crio.network]\nnetwork_dir = "/srv/crio"\n')
    (root / "etc/containerd").mkdir()
    (root / "etc/containerd/config.toml").write_text('[plugins.cri.cni]\nconf_dir = "/srv/containerd"\n')

    def where(*options):
        return cnictl("doctor", "--root", root, "-f", "json", "--select", "CNI801", *options).data["node"]["confDir"]

    assert where() == "/srv/containerd"
    assert where("--runtime", "cri-o") == "/srv/crio"
    assert where("--cri-socket", "unix:///var/run/crio/crio.sock") == "/srv/crio"
    assert where("--runtime", "none") == "/etc/cni/net.d"
    assert where("--runtime", "cri-o", "--conf-dir", "/srv/own") == "/srv/own"


def test_a_runtime_that_is_none(cnictl):
    ended = cnictl("doctor", "--runtime", "docker")
    assert ended.status == 2
    assert "there are auto, containerd, cri-o, podman, none" in ended.err


def test_nothing_failed_is_exit_0(cnictl, root):
    assert cnictl("doctor", "--root", root, "--ignore", "CNI8").status == 0
    assert cnictl("doctor", "--root", root, "--select", "CNI801").status == 0


def test_the_list_says_what_each_check_reads(cnictl):
    ended = cnictl("doctor", "--list")
    assert ended.status == 0
    assert len(ended.out.splitlines()) == len(all_checks())
    assert all(": reads " in line for line in ended.out.splitlines())


def test_verbose_names_what_is_well(cnictl, root):
    assert "ok    CNI801" in cnictl("doctor", "--root", root, "-v").out
    assert "ok    CNI801" not in cnictl("doctor", "--root", root).out


def test_this_very_machine(cnictl):
    ended = cnictl("doctor", "-f", "json")
    assert ended.status in (0, 1)
    assert ended.data["node"]["live"] is True
    assert ended.data["summary"]["error"] == 0


def test_a_directory_of_ones_own(cnictl, root):
    data = cnictl("doctor", "--root", root, "--conf-dir", "/etc/other", "--bin-dir", "/opt/other", "-f", "json").data
    assert (data["node"]["confDir"], data["node"]["binDirs"]) == ("/etc/other", ["/opt/other"])


def test_the_environment_names_the_config_directory_of_a_live_node(cnictl, root, monkeypatch):
    monkeypatch.setenv("NETCONFPATH", "/srv/own")
    assert cnictl("doctor", "-f", "json", "--select", "CNI801").data["node"]["confDir"] == "/srv/own"
    mounted = cnictl("doctor", "--root", root, "-f", "json", "--select", "CNI801").data
    assert mounted["node"]["confDir"] == "/etc/cni/net.d"
