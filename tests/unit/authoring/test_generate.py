"""Generated configs: what the options make of them, and that nothing is ever found in them."""

from __future__ import annotations

import json
from ipaddress import IPv4Network, IPv6Network
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.authoring.generate import Recipe, generate, to_text
from cnictl.errors import UsageError
from cnictl.model.names import ifname_fault
from cnictl.model.network import NetworkConfigList
from cnictl.model.version import SpecVersion
from cnictl.text.source import Source
from cnictl.validate.engine import judge

LISTS = [str(version) for version in SpecVersion if version >= SpecVersion.V0_3_0]


def made(**options: Any) -> dict[str, Any]:
    settings = {key: options.pop(key) for key in ("bridge", "mtu") if key in options}
    given = {key: value for key, value in settings.items() if value is not None}
    return generate(Recipe(**({"name": "pods", "subnets": ["10.88.0.0/16"], "settings": given} | options)))


def refusal(**options: Any) -> tuple[str, str | None]:
    with pytest.raises(UsageError) as caught:
        made(**options)
    return str(caught.value), caught.value.hint


def found_in(config: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (finding.code, finding.message) for finding in judge(Source("x.conflist", to_text(config).encode())).findings
    ]


def test_a_bridge():
    assert made() == {
        "cniVersion": "1.0.0",
        "name": "pods",
        "plugins": [
            {
                "type": "bridge",
                "bridge": "cni-pods",
                "isGateway": True,
                "ipMasq": True,
                "hairpinMode": True,
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": "10.88.0.0/16"}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            }
        ],
    }


def test_a_bridge_with_everything():
    config = made(
        portmap=True,
        bandwidth=True,
        bridge="br7",
        mtu=1450,
        cni_version="0.4.0",
        subnets=["fd00:88::/64", "10.88.0.0/16"],
    )
    bridge, portmap, bandwidth = config["plugins"]
    assert config["cniVersion"] == "0.4.0"
    assert (bridge["bridge"], bridge["mtu"]) == ("br7", 1450)
    assert bridge["ipam"]["ranges"] == [[{"subnet": "fd00:88::/64"}], [{"subnet": "10.88.0.0/16"}]]
    assert bridge["ipam"]["routes"] == [{"dst": "::/0"}, {"dst": "0.0.0.0/0"}]
    assert portmap == {"type": "portmap", "capabilities": {"portMappings": True}}
    assert bandwidth == {"type": "bandwidth", "capabilities": {"bandwidth": True}}


def test_ipam_comes_last_where_people_look_for_it():
    assert list(made(mtu=1500)["plugins"][0]) == [
        "type",
        "bridge",
        "isGateway",
        "ipMasq",
        "hairpinMode",
        "mtu",
        "ipam",
    ]


@pytest.mark.parametrize(
    ("version", "portmap", "bandwidth", "mtu", "subnets", "bridge"),
    list(
        product(
            LISTS,
            [False, True],
            [False, True],
            [None, 1450],
            [("10.88.0.0/16",), ("fd00::/64",), ("10.88.0.0/16", "fd00::/64"), ("fd00::/64", "10.88.0.0/16")],
            [None, "br7"],
        )
    ),
)
def test_nothing_is_found_in_any_combination(version, portmap, bandwidth, mtu, subnets, bridge):
    config = made(cni_version=version, portmap=portmap, bandwidth=bandwidth, mtu=mtu, subnets=subnets, bridge=bridge)
    assert found_in(config) == []


def networks(home: IPv4Network | IPv6Network) -> st.SearchStrategy[str]:
    """Networks inside a private one, of every size that leaves addresses to give out."""
    sizes = st.integers(home.prefixlen, home.max_prefixlen - 4)
    numbers = st.integers(int(home.network_address), int(home.broadcast_address))
    return st.builds(lambda number, size: str(type(home)((number, size), strict=False)), numbers, sizes)


IPV4, IPV6 = networks(IPv4Network("10.0.0.0/8")), networks(IPv6Network("fd00::/8"))


@settings(deadline=None)
@given(
    name=st.from_regex(r"\A[a-zA-Z0-9][a-zA-Z0-9_.\-]{0,40}\Z"),
    subnets=st.tuples(IPV4) | st.tuples(IPV6) | st.tuples(IPV4, IPV6) | st.tuples(IPV6, IPV4),
    bridge=st.none() | st.text(min_size=1, max_size=16).filter(lambda text: not ifname_fault(text)),
    mtu=st.none() | st.integers(1280, 65535),
)
def test_whatever_is_made_is_accepted_by_the_validator_and_by_the_loader(name, subnets, bridge, mtu):
    config = made(name=name, subnets=subnets, bridge=bridge, mtu=mtu, portmap=True, bandwidth=True)
    assert found_in(config) == []
    assert ifname_fault(config["plugins"][0]["bridge"]) is None
    network = NetworkConfigList.from_bytes(to_text(config).encode())
    assert (network.name, [plugin.type for plugin in network.plugins]) == (name, ["bridge", "portmap", "bandwidth"])


@pytest.mark.parametrize(
    ("given_text", "written"),
    [
        ("10.88.0.0/16", "10.88.0.0/16"),
        ("10.88.0.0/28", "10.88.0.0/28"),
        ("FD00:0:0::/64", "fd00::/64"),
        ("fd00::/124", "fd00::/124"),
        ("::ffff:10.1.0.0/112", "10.1.0.0/16"),
        ("192.168.0.0/16", "192.168.0.0/16"),
        ("100.64.0.0/10", "100.64.0.0/10"),
        ("240.0.0.0/8", "240.0.0.0/8"),
    ],
)
def test_a_subnet_is_written_as_plugins_write_it(given_text, written):
    assert made(subnets=[given_text])["plugins"][0]["ipam"]["ranges"] == [[{"subnet": written}]]


EXAMPLE = "an example is 10.88.0.0/16"
SMALL = "a node with 110 pods needs /25 or larger for IPv4"
PRIVATE = "private networks are 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and fd00::/8"
ONE_EACH = "a bridge can be the gateway of one subnet of each family"


@pytest.mark.parametrize(
    ("subnets", "message", "hint"),
    [
        ([], "no subnet to give addresses from", "add --subnet, for example --subnet 10.88.0.0/16"),
        ([""], 'the subnet "" has no prefix length such as /24', EXAMPLE),
        (["10.88.0.0"], 'the subnet "10.88.0.0" has no prefix length such as /24', EXAMPLE),
        (["pods/16"], 'the subnet "pods/16" is no IP address', EXAMPLE),
        (["10.88/16"], 'the subnet "10.88/16" is no IP address', EXAMPLE),
        (["010.88.0.0/16"], 'the subnet "010.88.0.0/16" is no IP address', EXAMPLE),
        (["fe80::%eth0/64"], 'the subnet "fe80::%eth0/64" is no IP address', EXAMPLE),
        (
            ["10.88.0.0/33"],
            'the subnet "10.88.0.0/33" has the prefix length "33", and an IPv4 one is 0 to 32',
            EXAMPLE,
        ),
        (
            ["fd00::/129"],
            'the subnet "fd00::/129" has the prefix length "129", and an IPv6 one is 0 to 128',
            EXAMPLE,
        ),
        (
            ["10.88.0.0/255.255.0.0"],
            'the subnet "10.88.0.0/255.255.0.0" has the prefix length "255.255.0.0", and an IPv4 one is 0 to 32',
            EXAMPLE,
        ),
        (["10.88.0.1/16"], "the subnet 10.88.0.1/16 has host bits set", "the network is 10.88.0.0/16"),
        (["fd00::1/64"], "the subnet fd00::1/64 has host bits set", "the network is fd00::/64"),
        (["10.88.0.0/29"], "the subnet 10.88.0.0/29 is too small for pods", SMALL),
        (["10.88.0.1/32"], "the subnet 10.88.0.1/32 is too small for pods", SMALL),
        (["fd00::/125"], "the subnet fd00::/125 is too small for pods", SMALL),
        (["0.0.0.0/0"], "the subnet 0.0.0.0/0 has the unspecified address in it, which pods cannot use", PRIVATE),
        (["127.1.0.0/16"], "the subnet 127.1.0.0/16 has loopback addresses in it, which pods cannot use", PRIVATE),
        (["64.0.0.0/2"], "the subnet 64.0.0.0/2 has loopback addresses in it, which pods cannot use", PRIVATE),
        (["224.0.0.0/24"], "the subnet 224.0.0.0/24 has multicast addresses in it, which pods cannot use", PRIVATE),
        (
            ["::/64"],
            "the subnet ::/64 has the unspecified and the loopback address in it, which pods cannot use",
            PRIVATE,
        ),
        (["fe80::/64"], "the subnet fe80::/64 has link-local addresses in it, which pods cannot use", PRIVATE),
        (["ff02::/64"], "the subnet ff02::/64 has multicast addresses in it, which pods cannot use", PRIVATE),
        (["10.1.0.0/16", "10.2.0.0/16"], "two IPv4 subnets, 10.1.0.0/16 and 10.2.0.0/16", ONE_EACH),
        (["fd00::/64", "10.1.0.0/16", "fd01::/64"], "two IPv6 subnets, fd00::/64 and fd01::/64", ONE_EACH),
        (
            ["10.1.0.0/16", "::ffff:10.2.0.0/112"],
            "two IPv4 subnets, 10.1.0.0/16 and ::ffff:10.2.0.0/112",
            ONE_EACH,
        ),
    ],
)
def test_subnets_that_cannot_be_used(subnets, message, hint):
    assert refusal(subnets=subnets) == (message, hint)


@pytest.mark.parametrize(
    ("name", "bridge"),
    [
        ("a", "cni-a"),
        ("a" * 11, "cni-" + "a" * 11),
        ("a.B_c-1", "cni-a.B_c-1"),
        ("a" * 12, "cni-f24abc34b13"),
        ("a" * 13, None),
    ],
)
def test_the_bridge_is_named_after_the_network(name, bridge):
    written = made(name=name)["plugins"][0]["bridge"]
    assert len(written) <= 15
    assert bridge in (None, written)


def test_long_names_that_begin_alike_have_bridges_of_their_own():
    bridges = [made(name=f"a-network-with-a-long-name-{number}")["plugins"][0]["bridge"] for number in range(100)]
    assert len(set(bridges)) == 100
    assert all(len(bridge) == 15 for bridge in bridges)


@pytest.mark.parametrize("bridge", ["x", "x" * 15, "br-0.1", "é" * 7])
def test_names_that_a_bridge_can_have(bridge):
    assert made(bridge=bridge)["plugins"][0]["bridge"] == bridge


@pytest.mark.parametrize("bridge", ["", "x" * 16, "é" * 8, "a/b", "a b", " ", "a\n", "a:b", "br%d", ".", "..", "a\0"])
def test_names_that_a_bridge_cannot_have(bridge):
    assert refusal(bridge=bridge) == (
        f'"{bridge}" cannot be the name of a bridge',
        "it has 1 to 15 bytes, none of them / : % or white space",
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "the network name is empty"),
        (
            "a b",
            'the network name "a b" is not valid: it begins with a letter or digit and has only letters, digits, _',
        ),
        ("-a", 'the network name "-a" is not valid: it begins'),
        ("../a", 'the network name "../a" is not valid: it begins'),
        ("a\n", 'the network name "a\n" is not valid: it begins'),
    ],
)
def test_names_that_a_network_cannot_have(name, message):
    assert refusal(name=name)[0].startswith(message)


@pytest.mark.parametrize("mtu", [1280, 65535])
def test_mtus_at_the_limits(mtu):
    assert made(mtu=mtu)["plugins"][0]["mtu"] == mtu


@pytest.mark.parametrize("mtu", [-1, 0, 1279, 65536])
def test_mtus_that_no_bridge_has(mtu):
    assert refusal(mtu=mtu) == (
        f"the MTU {mtu} is not between 1280 and 65535",
        "1450 suits an overlay on a network with 1500",
    )


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0"])
def test_versions_from_before_lists(version):
    assert refusal(cni_version=version) == (
        f"cniVersion {version} is from before lists of plugins",
        "choose 0.3.1 or newer; Kubernetes recommends 1.0.0",
    )


@pytest.mark.parametrize("version", ["", "1.0", "v1.0.0", "1.2.0", "1.0.0 "])
def test_versions_that_are_none(version):
    message = f"there is no CNI spec {version}; the versions are 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0 and 1.1.0"
    assert refusal(cni_version=version) == (message, None)


def test_the_text_of_a_file():
    config = {"name": "pods", "plugins": [{"type": "bridge", "ipMasq": True}]}
    assert to_text(config) == (
        '{\n  "name": "pods",\n  "plugins": [\n    {\n      "type": "bridge",\n      "ipMasq": true\n    }\n  ]\n}\n'
    )
    text = to_text(made(portmap=True))
    assert json.loads(text) == made(portmap=True)
    assert text.splitlines()[:3] == ["{", '  "cniVersion": "1.0.0",', '  "name": "pods",']
    assert text.endswith("}\n")
    assert not text.endswith("\n\n")
