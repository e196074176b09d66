"""What is known of an attachment when only its names are given.

libcni's callers ask for the cached config and parameters, and then run DEL with them. Here the runtime does it itself.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from cnictl import Attachment, CacheDamaged, UsageError
from cnictl.runtime.load import kept_network
from tests.libcni.scene import BOTH, C1, SINGLE, asked, keep, kept

GIVEN = replace(C1, args=(("A", "B"), ("C", "D")), capability_args={"mac": "0a:58:0a:01:00:05"})


@BOTH
@pytest.mark.libcni(83)
def test_the_names_are_enough_to_know_the_arguments(cni, plugin, shape):
    plugins = [{"type": kind, "capabilities": {"mac": True}} for kind in shape.types]
    network = shape.network(capabilities={"mac": True}) if shape is SINGLE else shape.network(plugins=plugins)
    cni.add(network, GIVEN)
    entry = kept(cni)
    assert entry.attachment == GIVEN
    assert kept_network(entry) == network
    cni.delete(network, Attachment("c1", "/run/netns/other"))
    run = plugin("a").runs[-1]
    assert (run.verb, run.config["runtimeConfig"]) == ("DEL", {"mac": "0a:58:0a:01:00:05"})
    names = {name: run.environment[f"CNI_{name}"] for name in ("CONTAINERID", "NETNS", "IFNAME", "ARGS")}
    assert names == {"CONTAINERID": "c1", "NETNS": "/run/netns/other", "IFNAME": "eth0", "ARGS": "A=B;C=D"}


@BOTH
@pytest.mark.libcni(84, 85, 86)
@pytest.mark.parametrize(
    ("name", "attachment", "missing"),
    [
        ("", C1, "the network name"),
        ("net", replace(C1, container_id=""), "the container ID"),
        ("net", replace(C1, ifname=""), "the interface name"),
    ],
)
def test_a_name_that_is_missing_is_named_before_the_cache_is_read(cni, shape, name, attachment, missing):
    # libcni's DEL overlooks it.
    network = replace(shape.network(), name=name)
    for verb in (cni.add, cni.check, cni.delete):
        with pytest.raises(UsageError, match=f"^{missing} is empty$"):
            verb(network, attachment)
    assert asked(cni) == []
    assert not cni.cache.directory.exists()


@pytest.mark.libcni(87)
def test_garbage_tells_nothing(cni):
    path = keep(cni, "adfadsfasdfasfdsafaf")
    with pytest.raises(CacheDamaged, match=f"^{path} is damaged"):
        cni.cache.read("net", C1)


@pytest.mark.libcni(88)
def test_what_is_not_there_is_not_known(cni):
    assert cni.cache.read("net", C1) is None
    keep(cni, {})
    assert cni.cache.read("net", replace(C1, ifname="eth1")) is None
