"""The kinds of networks beside bridges: what their schemas say ends up in the config, and nothing is found in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.authoring.entry import new_entry, read_value, tuning_settings
from cnictl.authoring.generate import Recipe, generate, kinds, option_of, to_text
from cnictl.errors import UsageError
from cnictl.model.network import NetworkConfigList
from cnictl.schema import plugin_facts, plugin_hints, plugin_keys
from cnictl.text.source import Source
from cnictl.validate.engine import judge

SUBNET = "10.88.0.0/16"
NEEDED: dict[str, dict[str, Any]] = {
    "vlan": {"master": "eth0", "vlanId": 100},
    "host-device": {"device": "eth1"},
}
"""What must be said of these kinds."""


def made(kind: str, **options: Any) -> dict[str, Any]:
    needed = NEEDED.get(kind, {}) | options.pop("settings", {})
    return generate(Recipe(name="pods", kind=kind, settings=needed, **options))


def ipam_of(kind: str = "macvlan", **options: Any) -> Any:
    return made(kind, **options)["plugins"][0].get("ipam")


def refusal(kind: str, **options: Any) -> tuple[str, str | None]:
    with pytest.raises(UsageError) as caught:
        generate(Recipe(name="pods", kind=kind, **options))
    return str(caught.value), caught.value.hint


def addressed(kind: str) -> dict[str, Any]:
    facts = plugin_facts(kind)
    return {} if facts is None or facts.ipam == "none" else {"subnets": [SUBNET]}


def test_the_kinds_are_the_reference_plugins_that_make_interfaces():
    assert kinds() == ["bridge", "dummy", "host-device", "ipvlan", "loopback", "macvlan", "ptp", "tap", "vlan"]
    assert {"calico", "cilium-cni", "flannel", "sriov"} <= set(kinds(vendors=True))
    assert not {"portmap", "host-local", "istio-cni"} & set(kinds(vendors=True))


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_makes_the_interface_with_the_plugin_of_its_name(kind):
    config = made(kind, **addressed(kind))
    assert config["plugins"][0]["type"] == kind
    assert config["cniVersion"] == "1.0.0"


@pytest.mark.parametrize("kind", kinds(vendors=True))
def test_what_is_made_of_a_kind_is_loaded_or_refused_with_a_reason(kind):
    try:
        config = made(kind, **addressed(kind))
    except UsageError as error:
        assert plugin_hints(kind).requires or error.hint  # noqa: PT017
        return
    network = NetworkConfigList.from_dict(config)
    assert [plugin.type for plugin in network.plugins] == [kind]
    findings = judge(Source("x.conflist", to_text(config).encode())).findings
    assert [finding.code for finding in findings if finding.severity != "note"] == []


def test_the_order_of_plugins_is_that_of_their_schemas():
    config = made(
        "bridge",
        subnets=[SUBNET],
        portmap=True,
        bandwidth=True,
        firewall=True,
        sbr=True,
        tuning={"net.core.somaxconn": "512", "promisc": "true"},
    )
    types = [plugin["type"] for plugin in config["plugins"]]
    assert types == ["bridge", "sbr", "tuning", "firewall", "portmap", "bandwidth"]
    assert config["plugins"][2] == {"type": "tuning", "sysctl": {"net.core.somaxconn": "512"}, "promisc": True}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"subnets": [SUBNET]}, {"ranges": [[{"subnet": SUBNET}]], "routes": [{"dst": "0.0.0.0/0"}]}),
        (
            {"subnets": [f"{SUBNET},10.88.0.10-10.88.0.99"], "gateways": ["10.88.0.9"], "routes": []},
            {
                "ranges": [
                    [
                        {
                            "subnet": SUBNET,
                            "rangeStart": "10.88.0.10",
                            "rangeEnd": "10.88.0.99",
                            "gateway": "10.88.0.9",
                        }
                    ]
                ]
            },
        ),
        (
            {"subnets": ["10.1.0.0/16", "fd00::/64", "10.2.0.0/16"]},
            {
                "ranges": [[{"subnet": "10.1.0.0/16"}, {"subnet": "10.2.0.0/16"}], [{"subnet": "fd00::/64"}]],
                "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}],
            },
        ),
        (
            {"subnets": ["10.1.0.0/16", "10.2.0.0/16"], "one_of_each": True, "routes": ["10.9.0.0/16,10.1.0.7"]},
            {
                "ranges": [[{"subnet": "10.1.0.0/16"}], [{"subnet": "10.2.0.0/16"}]],
                "routes": [{"dst": "10.9.0.0/16", "gw": "10.1.0.7"}],
            },
        ),
    ],
)
def test_host_local(options, expected):
    assert ipam_of(**options) == {"type": "host-local", **expected}


def test_static_has_a_route_where_it_has_a_gateway():
    assert ipam_of(addresses=["10.88.0.5/16", "fd00::5/64"], gateways=["10.88.0.1"]) == {
        "type": "static",
        "addresses": [{"address": "10.88.0.5/16", "gateway": "10.88.0.1"}, {"address": "fd00::5/64"}],
        "routes": [{"dst": "0.0.0.0/0"}],
    }


def test_static_without_addresses_is_given_them_by_the_runtime():
    interface = made("macvlan", ipam="static")["plugins"][0]
    assert (interface["ipam"], interface["capabilities"]) == ({"type": "static"}, {"ips": True})


@pytest.mark.parametrize(("kind", "meant"), [("brigde", "bridge"), ("weave", "weave-net"), ("cilium", "cilium-cni")])
def test_what_was_meant(kind, meant):
    assert refusal(kind)[1] == f"did you mean {meant}?"


def test_capabilities_that_the_plugin_reads_are_declared():
    interface = generate(Recipe(name="vf", kind="host-device", ipam="none", capabilities=["deviceID"]))["plugins"][0]
    assert interface == {"type": "host-device", "capabilities": {"deviceID": True}}
    assert "(CNI304)" in refusal("macvlan", subnets=[SUBNET], capabilities=["portMappings"])[0]


def test_whereabouts_keeps_its_gateway_and_is_not_checked():
    config = made(
        "macvlan", ipam="whereabouts", subnets=["10.88.0.0/16,10.88.0.10-10.88.1.99"], gateways=["10.88.0.20"]
    )
    assert config["disableCheck"] is True
    assert config["plugins"][0]["ipam"] == {
        "type": "whereabouts",
        "range": SUBNET,
        "range_start": "10.88.0.10",
        "range_end": "10.88.1.99",
        "exclude": ["10.88.0.20/32"],
        "gateway": "10.88.0.20",
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    assert list(ipam_of(ipam="whereabouts", subnets=[SUBNET, "fd00::/64"])) == ["type", "ipRanges"]


def test_where_routes_are_moved_nobody_is_asked_whether_they_are_there():
    assert made("macvlan", subnets=[SUBNET], sbr=True)["disableCheck"] is True
    assert "disableCheck" not in made("macvlan", subnets=[SUBNET], sbr=True, cni_version="0.3.1")
    assert "disableCheck" not in made("macvlan", subnets=[SUBNET])


def test_dhcp_and_no_ipam_at_all():
    assert ipam_of(ipam="dhcp") == {"type": "dhcp"}
    layer2 = made("bridge", ipam="none")
    assert layer2["disableCheck"] is True
    assert layer2["plugins"] == [{"type": "bridge", "bridge": "cni-pods", "hairpinMode": True}]


def test_the_nodes_own_subnet_is_for_those_that_know_it():
    assert ipam_of("calico", subnets=["usePodCidr"])["subnet"] == "usePodCidr"
    both = ipam_of("calico", subnets=["usePodCidr", "usePodCidrIPv6"])
    assert both["ranges"] == [[{"subnet": "usePodCidr"}], [{"subnet": "usePodCidrIPv6"}]]
    assert "only calico replaces the word usePodCidr" in refusal("bridge", subnets=["usePodCidr"])[0]
    assert "once each" in refusal("calico", subnets=["usePodCidr", SUBNET])[0]


def test_a_stub_leads_nowhere():
    assert "routes" not in ipam_of("dummy", subnets=[SUBNET])


def test_a_vendors_plugin_is_alone_in_its_list_and_in_a_version_that_it_speaks():
    assert made("cilium-cni") == {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "cilium-cni"}]}
    assert made("cni-kindnet")["cniVersion"] == "0.4.0"
    assert ipam_of("calico") == {"type": "calico-ipam"}


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("brigde", {}, '"brigde" is no kind of network'),
        ("portmap", {}, "portmap makes no interface"),
        ("istio-cni", {}, "istio-cni makes no interface"),
        ("vlan", {"subnets": [SUBNET], "settings": {"master": "eth0"}}, "vlan needs --vlan-id"),
        ("host-device", {"subnets": [SUBNET]}, "host-device needs one of --device, --hwaddr"),
        ("loopback", {"subnets": [SUBNET]}, "loopback gives out no addresses"),
        ("macvlan", {}, "no subnet to give addresses from"),
        ("macvlan", {"ipam": "dhcpp"}, '"dhcpp" is no IPAM plugin'),
        ("macvlan", {"ipam": "dhcp", "subnets": [SUBNET]}, "--subnet means nothing to dhcp"),
        ("macvlan", {"ipam": "static", "subnets": [SUBNET]}, "static takes --address"),
        ("macvlan", {"ipam": "host-local", "addresses": ["10.0.0.1/8"]}, "host-local takes --subnet"),
        ("macvlan", {"ipam": "whereabouts", "addresses": ["10.0.0.1/8"]}, "whereabouts takes --subnet"),
        ("macvlan", {"addresses": ["10.0.0.1"]}, 'the address "10.0.0.1" has no prefix length'),
        ("macvlan", {"subnets": [SUBNET], "gateways": ["10.0.0.1"]}, "is in none of the subnets"),
        ("macvlan", {"subnets": [SUBNET], "gateways": ["x"]}, 'the gateway "x" is no IP address'),
        ("macvlan", {"subnets": [SUBNET], "routes": ["x"]}, 'the route "x"'),
        ("macvlan", {"subnets": [f"{SUBNET},10.88.0.10"]}, "is not of the form FIRST-LAST"),
        ("macvlan", {"subnets": [f"{SUBNET},10.89.0.1-10.89.0.9"]}, "is not in the subnet 10.88.0.0/16"),
        ("macvlan", {"subnets": [f"{SUBNET},x-y"]}, 'address "x" is no IP address'),
        ("macvlan", {"subnets": [SUBNET], "bandwidth": True}, "bandwidth needs a veth pair"),
        ("macvlan", {"subnets": [SUBNET], "portmap": True}, "the host cannot reach pods on macvlan"),
        ("ipvlan", {"ipam": "dhcp"}, "(CNI424)"),
        ("bridge", {"subnets": [SUBNET], "firewall": True, "cni_version": "0.3.1"}, "firewall speaks spec 0.4.0"),
        ("bridge", {"subnets": [SUBNET], "settings": {"promiscMode": True}}, "(CNI410)"),
        ("bridge", {"subnets": [SUBNET], "tuning": {"mtuu": "1"}}, 'tuning has no key "mtuu"'),
        ("bridge", {"subnets": [SUBNET], "tuning": {"mtu": "big"}}, '"mtu" is "big", and it must be a whole number'),
    ],
)
def test_what_cannot_be_made(kind, options, message):
    assert message in refusal(kind, **options)[0]


@settings(deadline=None, max_examples=60)
@given(
    kind=st.sampled_from(["bridge", "ptp", "macvlan", "ipvlan", "tap", "dummy"]),
    version=st.sampled_from(["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]),
    subnets=st.sampled_from([[SUBNET], ["fd00::/64"], [SUBNET, "fd00::/64"], [SUBNET, "10.99.0.0/24"]]),
    flags=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("portmap", "bandwidth", "firewall", "sbr"), st.sampled_from([True]))
    ),
    one_of_each=st.booleans(),
)
def test_whatever_is_asked_for_is_made_well_or_refused(kind, version, subnets, flags, one_of_each):
    recipe = Recipe(name="pods", kind=kind, cni_version=version, subnets=subnets, one_of_each=one_of_each, **flags)
    try:
        config = generate(recipe)
    except UsageError:
        return
    findings = judge(Source("x.conflist", to_text(config).encode())).findings
    assert {str(finding.severity) for finding in findings} <= {"note"}
    types = {plugin["type"] for plugin in config["plugins"]}
    assert types == {kind, *flags}


def test_the_hints_of_schemas_name_keys_that_there_are():
    for kind in kinds(vendors=True):
        hints, names = plugin_hints(kind), {key.name for key in plugin_keys(kind)}
        named = [hints.named] if hints.named else []
        assert {*hints.defaults, *named, *hints.need_ipam, *hints.requires, *hints.one_of, *hints.ask} <= names, kind
        facts = plugin_facts(kind)
        assert facts is not None
        assert set(hints.capabilities) <= facts.capabilities


@pytest.mark.parametrize(
    ("key", "option"),
    [
        ("mtu", "--mtu"),
        ("isGateway", "--is-gateway"),
        ("ipMasqBackend", "--ip-masq-backend"),
        ("DPDKMode", "--dpdkmode"),
        ("log_level", "--log-level"),
        ("log_level.omitempty", "--log-level-omitempty"),
        ("enable-debug", "--enable-debug"),
    ],
)
def test_an_option_for_a_key(key, option):
    assert option_of(key) == option


def test_values_are_read_as_the_schema_has_them():
    assert read_value("k", "strings", "a, b,") == ["a", "b"]
    assert read_value("k", "strings", '["a,b"]') == ["a,b"]
    assert read_value("k", "json", '{"a": 1}') == {"a": 1}
    assert read_value("k", "json", "plain") == "plain"
    assert read_value("k", "number", "1.5") == 1.5
    assert read_value("k", "string", "5") == "5"
    for kind, text in (("integer", "true"), ("integer", "1.5"), ("boolean", "1"), ("number", "x")):
        with pytest.raises(UsageError, match="must be"):
            read_value("k", kind, text)


def test_entries_of_plugins_without_a_schema_are_what_is_given():
    assert new_entry("mine", {"speed": 1}) == {"type": "mine", "speed": 1}
    assert tuning_settings({"net.ipv4.conf.IFNAME.rp_filter": "0"}) == {
        "sysctl": {"net.ipv4.conf.IFNAME.rp_filter": "0"}
    }
