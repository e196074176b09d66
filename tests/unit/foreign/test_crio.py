"""CRI-O's and podman's configs: files that lie one over the other."""

from __future__ import annotations

import pytest

from cnictl.foreign.containers_conf import PLUGIN_DIRS, ContainersConf
from cnictl.foreign.crio import CrioConfig, is_usual_name
from cnictl.text.source import Source


def sources(*texts):
    return [Source(f"{number}.conf", text.encode()) for number, text in enumerate(texts)]


def test_the_last_file_counts_key_by_key():
    config = CrioConfig(
        sources(
            '[crio.network]\nnetwork_dir = "/a"\nplugin_dirs = ["/p"]\n',
            '[crio.network]\nnetwork_dir = "/b/"\n[crio.runtime]\ncgroup_manager = "cgroupfs"\n',
            '[crio.image]\npause_image = "k8s.gcr.io/pause:3.2"\n[crio.api]\nlisten = "/l"\n',
        )
    )
    assert (config.network_dir.value, config.network_dir.origin) == ("/b/", "1.conf:2")
    assert (config.plugin_dirs.value, config.plugin_dirs.origin) == (["/p"], "0.conf:3")
    assert config.cgroup_manager.value == "cgroupfs"
    assert config.pause_image.value == "k8s.gcr.io/pause:3.2"
    assert config.listen.value == "/l"


def test_defaults():
    config = CrioConfig(sources("", "[crio", '[crio.network]\nnetwork_dir = ""\n'))
    assert config.network_dir.value == "/etc/cni/net.d/"
    assert config.plugin_dirs.value == ["/opt/cni/bin/"]
    assert config.default_network.value == ""
    assert config.grace_period.value == "0s"
    assert config.cgroup_manager.value == "systemd"
    assert [file.source.path for file in config.broken] == ["1.conf"]


def test_the_old_spelling_adds_a_directory():
    config = CrioConfig(sources('[crio.network]\nplugin_dir = "/old"\n'))
    assert (config.plugin_dirs.value, config.plugin_dirs.origin) == (["/opt/cni/bin/", "/old"], "0.conf:2")
    both = CrioConfig(sources('[crio.network]\nplugin_dir = "/old"\nplugin_dirs = ["/old", "/new"]\n'))
    assert both.plugin_dirs.value == ["/old", "/new"]


@pytest.mark.parametrize(
    ("name", "usual"),
    [
        ("10-crio.conf", True),
        ("00-default", True),
        ("x.toml", True),
        ("10-crio.conf.bak", False),
        ("10-crio.conf~", False),
        (".10-crio.conf.swp", False),
        ("crio.conf.rpmnew", False),
    ],
)
def test_names_of_drop_ins(name, usual):
    assert is_usual_name(name) is usual


def test_podman():
    config = ContainersConf(sources('[network]\nnetwork_backend = "cni"\n', '[network]\nnetwork_config_dir = "/n"\n'))
    assert (config.backend.value, config.config_dir.value, config.default_network.value) == ("cni", "/n", "podman")
    assert config.plugin_dirs.value == list(PLUGIN_DIRS)
    assert ContainersConf([]).config_dir.value == "/etc/cni/net.d"
