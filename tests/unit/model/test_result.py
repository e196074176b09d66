from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.model.result import DNS, BadResult, Interface, IPConfig, Result, Route, decode_result
from cnictl.model.version import SpecVersion

V02, V031, V04 = SpecVersion.V0_2_0, SpecVersion.V0_3_1, SpecVersion.V0_4_0
V10, V11 = SpecVersion.V1_0_0, SpecVersion.V1_1_0
PAIRS = [SpecVersion.V0_1_0, V02]
NUMBERED = [SpecVersion.V0_3_0, V031, V04]

FULL = {
    "cniVersion": "1.1.0",
    "interfaces": [
        {"name": "cbr7", "mac": "0a:00:27:00:00:07"},
        {
            "name": "eth0",
            "mac": "0a:58:0a:14:03:02",
            "mtu": 9000,
            "sandbox": "/run/netns/blue",
            "pciID": "0000:3b:02.1",
        },
        {"name": "user", "socketPath": "/run/vhost.sock"},
    ],
    "ips": [
        {"interface": 1, "address": "10.20.3.2/24", "gateway": "10.20.3.1"},
        {"interface": 0, "address": "fd00::2/64"},
    ],
    "routes": [
        {"dst": "0.0.0.0/0"},
        {"dst": "10.99.0.0/16", "gw": "10.20.3.9", "mtu": 1400, "advmss": 1360, "priority": 50, "table": 0, "scope": 0},
        {"dst": "::/0", "gw": "fd00::1"},
    ],
    "dns": {"nameservers": ["10.20.3.53"], "domain": "corp.example", "search": ["a", "b"], "options": ["ndots:2"]},
}
PAIR = {
    "cniVersion": "0.2.0",
    "ip4": {
        "ip": "10.20.3.2/24",
        "gateway": "10.20.3.1",
        "routes": [{"dst": "0.0.0.0/0"}, {"dst": "10.99.0.0/16", "gw": "10.20.3.9"}],
    },
    "ip6": {"ip": "fd00::2/64", "routes": [{"dst": "::/0", "gw": "fd00::1"}]},
    "dns": FULL["dns"],
}


def refusal(data, assumed: SpecVersion = V11) -> str:
    with pytest.raises(BadResult) as caught:
        decode_result(data, assumed)
    return str(caught.value)


# Each shape by itself


def test_the_newest_shape_is_read():
    result = decode_result(FULL, V02)
    assert result.version is V11
    assert result.interfaces == (
        Interface("cbr7", "0a:00:27:00:00:07"),
        Interface("eth0", "0a:58:0a:14:03:02", 9000, "/run/netns/blue", "", "0000:3b:02.1"),
        Interface("user", socket_path="/run/vhost.sock"),
    )
    assert result.ips == (IPConfig("10.20.3.2/24", 1, "10.20.3.1"), IPConfig("fd00::2/64", 0))
    assert result.routes == (
        Route("0.0.0.0/0"),
        Route("10.99.0.0/16", "10.20.3.9", 1400, 1360, 50, 0, 0),
        Route("::/0", "fd00::1"),
    )
    assert result.dns == DNS(("10.20.3.53",), "corp.example", ("a", "b"), ("ndots:2",))
    assert [ip.family for ip in result.ips] == [4, 6]
    assert [route.family for route in result.routes] == [4, 4, 6]


def test_the_oldest_shape_is_read_with_the_routes_of_both_families():
    result = decode_result(PAIR, V11)
    assert result.version is V02
    assert result.ips == (IPConfig("10.20.3.2/24", None, "10.20.3.1"), IPConfig("fd00::2/64"))
    assert result.routes == (Route("0.0.0.0/0"), Route("10.99.0.0/16", "10.20.3.9"), Route("::/0", "fd00::1"))
    assert result.interfaces == ()


@pytest.mark.libcni(207)
@pytest.mark.parametrize("data", [FULL, PAIR], ids=["list", "pair"])
def test_a_result_is_written_as_it_was_read(data):
    written = decode_result(data, V11).encode()
    assert written == data
    assert list(written) == list(data)


def test_the_order_of_the_keys_is_libcnis():
    written = decode_result(FULL, V11).encode(V04)
    assert list(written) == ["cniVersion", "interfaces", "ips", "routes", "dns"]
    assert list(written["ips"][0]) == ["version", "interface", "address", "gateway"]


@pytest.mark.parametrize(
    ("version", "data"),
    [
        *((version, {"dns": {}}) for version in (*PAIRS, *NUMBERED)),
        (V10, {}),
        (V11, {}),
    ],
)
def test_an_empty_result_has_dns_where_libcni_always_writes_it(version, data):
    assert Result(version).encode() == {"cniVersion": str(version)} | data


@pytest.mark.parametrize("version", SpecVersion)
def test_a_result_without_a_version_has_the_one_that_is_assumed(version):
    assert decode_result({}, version) == Result(version)
    assert decode_result({"cniVersion": "", "dns": None, "ips": None, "ip4": None}, version) == Result(version)


@pytest.mark.libcni(216, 217)
def test_index_zero_stays_and_no_index_is_invented():
    result = decode_result({"ips": [{"address": "10.0.0.1/8", "interface": 0}, {"address": "10.0.0.2/8"}]}, V10)
    assert [ip.interface for ip in result.ips] == [0, None]
    assert result.encode()["ips"] == [{"interface": 0, "address": "10.0.0.1/8"}, {"address": "10.0.0.2/8"}]


def test_addresses_are_written_as_go_writes_them():
    data = {
        "ips": [{"address": "FD00:0::1/64", "gateway": "FD00::FF"}, {"address": "::ffff:10.0.0.1/120"}],
        "routes": [{"dst": "10.1.2.3/08", "gw": "::ffff:10.0.0.9"}],
    }
    result = decode_result(data, V10)
    assert [(ip.address, ip.gateway) for ip in result.ips] == [("fd00::1/64", "fd00::ff"), ("10.0.0.1/24", "")]
    assert result.routes == (Route("10.1.2.3/8", "10.0.0.9"),)
    assert result.encode(V04)["ips"][1]["version"] == "4"


def test_the_version_of_an_address_is_not_believed():
    data = {"cniVersion": "0.4.0", "ips": [{"version": "6", "address": "10.0.0.1/8"}, {"address": "fd00::1/64"}]}
    assert [ip["version"] for ip in decode_result(data, V04).encode()["ips"]] == ["4", "6"]


def test_keys_are_found_in_any_letter_case_and_written_in_the_right_one():
    data = {
        "CNIVERSION": "1.1.0",
        "IPs": [{"Address": "10.0.0.1/8"}],
        "Interfaces": [{"NAME": "eth0", "pciid": "x"}],
        "DNS": {"Domain": "d"},
    }
    assert decode_result(data, V02).encode() == {
        "cniVersion": "1.1.0",
        "interfaces": [{"name": "eth0", "pciID": "x"}],
        "ips": [{"address": "10.0.0.1/8"}],
        "dns": {"domain": "d"},
    }


@pytest.mark.parametrize("version", [V02, V04, V11])
def test_unknown_keys_stay_in_the_results_own_version(version):
    extra = {"x-vendor": {"big": 2**70}, "args": None}
    data = Result(version, ips=(IPConfig("10.0.0.1/8"),)).encode() | extra
    result = decode_result(data, V10)
    assert result.encode() == data
    assert not extra.keys() & result.encode(V10).keys()
    assert result.losses(version) == []
    assert result.losses(V10) == ["the keys x-vendor, args, which the spec does not know"]


def test_what_was_read_does_not_make_results_different():
    assert decode_result(FULL, V11) == replace(decode_result(FULL, V11), raw=None)


# What cannot be read


@pytest.mark.parametrize("version", ["1.0", "2.0.0", "v1.0.0", "1.0.0\n", "0.4567.0"])
def test_a_version_that_was_never_published_is_refused(version):
    expected = f'its "cniVersion" is "{version}", which no version of the spec has'
    assert refusal({"cniVersion": version}) == expected


@pytest.mark.libcni(206, 208, 219)
@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"ips": {}}, '"ips" is not a list of objects'),
        ({"ips": [None]}, '"ips" is not a list of objects'),
        ({"interfaces": ["eth0"]}, '"interfaces" is not a list of objects'),
        ({"routes": "0.0.0.0/0"}, '"routes" is not a list of objects'),
        ({"dns": []}, '"dns" is not an object'),
        ({"dns": {"nameservers": "10.0.0.1"}}, '"dns.nameservers" is not a list of strings'),
        ({"dns": {"nameservers": ""}}, '"dns.nameservers" is not a list of strings'),
        ({"dns": {"search": ["a", 1]}}, '"dns.search" is not a list of strings'),
        ({"dns": {"options": False}}, '"dns.options" is not a list of strings'),
        ({"dns": {"domain": 1}}, '"dns.domain" is not a string'),
        ({"interfaces": [{"name": "a"}, {"name": 5}]}, '"interfaces[1].name" is not a string'),
        ({"interfaces": [{"mtu": "1500"}]}, '"interfaces[0].mtu" is not an integer'),
        ({"interfaces": [{"mtu": 1500.0}]}, '"interfaces[0].mtu" is not an integer'),
        ({"interfaces": [{"mtu": True}]}, '"interfaces[0].mtu" is not an integer'),
        ({"ips": [{}]}, '"ips[0].address" is missing'),
        ({"ips": [{"address": ""}]}, '"ips[0].address" is missing'),
        ({"ips": [{"address": 5}]}, '"ips[0].address" is not a string'),
        (
            {"ips": [{"address": "10.0.0.1"}]},
            '"ips[0].address" cannot be read: "10.0.0.1" has no prefix length such as /24',
        ),
        ({"ips": [{"address": "1.2.3/45"}]}, '"ips[0].address" cannot be read: "1.2.3/45" is no IP address'),
        (
            {"ips": [{"address": "1.2.3.4/99"}]},
            '"ips[0].address" cannot be read: "1.2.3.4/99" has the prefix length "99", and an IPv4 one is 0 to 32',
        ),
        ({"ips": [{"address": "10.0.0.1/8", "interface": "0"}]}, '"ips[0].interface" is not an integer'),
        (
            {"ips": [{"address": "10.0.0.1/8", "gateway": "gw"}]},
            '"ips[0].gateway" cannot be read: "gw" is no IP address',
        ),
        ({"routes": [{"gw": "10.0.0.1"}]}, '"routes[0].dst" is missing'),
        ({"routes": [{"dst": "0.0.0.0/0", "table": 1.5}]}, '"routes[0].table" is not an integer'),
        (
            {"routes": [{"dst": "0.0.0.0/0", "gw": "10.0.0.1/8"}]},
            '"routes[0].gw" cannot be read: "10.0.0.1/8" has a prefix length, and only the address belongs here',
        ),
    ],
)
def test_a_value_that_cannot_be_is_named_by_its_path(data, message):
    assert refusal(data) == message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"ip4": "10.0.0.1/8"}, '"ip4" is not an object'),
        ({"ip4": {}}, '"ip4.ip" is missing'),
        ({"ip6": {"ip": "fd00::1/64", "routes": [{}]}}, '"ip6.routes[0].dst" is missing'),
        ({"ip4": {"ip": "10.0.0.1/8", "gateway": 1}}, '"ip4.gateway" is not a string'),
    ],
)
def test_a_value_that_cannot_be_is_named_in_the_oldest_shape_too(data, message):
    assert refusal(data, V02) == message


# From one version to another


@pytest.mark.libcni(221)
def test_to_the_shape_with_versions_only_the_newest_keys_of_interfaces_are_lost():
    result = decode_result(FULL, V11)
    for version in NUMBERED:
        written = result.encode(version)
        assert written["cniVersion"] == str(version)
        assert written["interfaces"][1:] == [
            {"name": "eth0", "mac": "0a:58:0a:14:03:02", "sandbox": "/run/netns/blue"},
            {"name": "user"},
        ]
        assert [ip["version"] for ip in written["ips"]] == ["4", "6"]
        assert written["routes"] == FULL["routes"]
        assert result.losses(version) == ["mtu, socketPath and pciID of interfaces"]


@pytest.mark.libcni(220)
def test_one_zero_keeps_what_only_one_one_has_as_in_libcni():
    result = decode_result(FULL, V11)
    assert result.encode(V10) == FULL | {"cniVersion": "1.0.0"}
    assert decode_result(result.encode(V10), V11).encode(V11) == FULL
    assert result.losses(V10) == []


@pytest.mark.parametrize("version", PAIRS)
def test_the_oldest_shape_holds_one_address_of_each_family_and_plain_routes(version):
    result = decode_result(FULL, V11)
    assert result.encode(version) == PAIR | {"cniVersion": str(version)}
    assert result.losses(version) == ["3 interfaces", "mtu, advmss, priority, table and scope of routes"]


def test_the_oldest_shape_loses_further_addresses_and_routes_of_a_family_without_one():
    result = Result(
        V10,
        ips=(IPConfig("10.0.0.1/8"), IPConfig("10.0.0.2/8"), IPConfig("10.0.0.3/8")),
        routes=(Route("::/0"), Route("0.0.0.0/0")),
    )
    assert result.encode(V02) == {
        "cniVersion": "0.2.0",
        "ip4": {"ip": "10.0.0.1/8", "routes": [{"dst": "0.0.0.0/0"}]},
        "dns": {},
    }
    assert result.losses(V02) == [
        "2 more addresses than one of each family",
        "1 routes of a family without an address",
    ]


@pytest.mark.libcni(218)
def test_the_oldest_shape_needs_an_address_unless_it_was_the_shape_before():
    with pytest.raises(BadResult, match=r"^a result without an address cannot be written in version 0\.1\.0$"):
        Result(V04).encode(SpecVersion.V0_1_0)
    assert Result(V02).encode(SpecVersion.V0_1_0) == {"cniVersion": "0.1.0", "dns": {}}
    assert Result(V02).encode(V10) == {"cniVersion": "1.0.0"}


@pytest.mark.libcni(214, 215)
@pytest.mark.parametrize("version", NUMBERED)
def test_from_the_oldest_shape_and_back_nothing_changes(version):
    there = decode_result(PAIR, V02).encode(version)
    assert decode_result(there, V11).encode(V02) == PAIR


words = st.text("abc:/.-0", max_size=6)
counts = st.integers(0, 10**6)
v4 = st.builds("10.{}.{}.{}".format, *[st.integers(0, 255)] * 3)
v6 = st.integers(0, 0xFFFF).map("fd00::{:x}".format).map(lambda text: text.replace("::0", "::"))
cidrs = st.builds("{}/{}".format, v4, st.integers(0, 32)) | st.builds("{}/{}".format, v6, st.integers(0, 128))


@st.composite
def results(draw, version: SpecVersion = V11) -> Result:
    interfaces = draw(st.lists(st.builds(Interface, words, words, counts, words, words, words), max_size=3))
    indexes = st.none() | st.integers(0, len(interfaces) - 1) if interfaces else st.none()
    return Result(
        version,
        tuple(interfaces),
        tuple(draw(st.lists(st.builds(IPConfig, cidrs, indexes, st.just("") | v4), max_size=4))),
        tuple(
            draw(
                st.lists(
                    st.builds(
                        Route, cidrs, st.just("") | v6, counts, counts, counts, st.none() | counts, st.none() | counts
                    )
                    | cidrs.map(Route),
                    max_size=4,
                )
            )
        ),
        draw(
            st.builds(
                DNS, *[st.lists(words, max_size=2).map(tuple), words, *[st.lists(words, max_size=2).map(tuple)] * 2]
            )
        ),
    )


@settings(deadline=None, max_examples=50)
@given(results(), st.sampled_from([V10, V11]))
def test_the_newest_shape_loses_nothing(result, version):
    assert decode_result(result.encode(version), V02) == replace(result, version=version)
    assert result.losses(version) == []


@settings(deadline=None, max_examples=50)
@given(results(), st.sampled_from(NUMBERED))
def test_the_shape_with_versions_loses_what_its_interfaces_cannot_say(result, version):
    back = decode_result(result.encode(version), V02)
    plain = tuple(interface._replace(mtu=0, socket_path="", pci_id="") for interface in result.interfaces)
    assert back == replace(result, version=version, interfaces=plain)
    assert bool(result.losses(version)) is (plain != result.interfaces)


@settings(deadline=None, max_examples=80)
@given(results(), st.sampled_from(PAIRS))
def test_the_oldest_shape_loses_what_it_cannot_say_and_tells_whether_it_does(result, version):
    if not result.ips:
        with pytest.raises(BadResult):
            result.encode(version)
        return
    back = decode_result(result.encode(version), V11)
    first = {ip.family: ip._replace(interface=None) for ip in reversed(result.ips)}
    assert {ip.family: ip for ip in back.ips} == first
    assert len(back.ips) == len(first)
    kept = [
        Route(route.dst, route.gw)
        for family in (4, 6)
        if family in first
        for route in result.routes
        if route.family == family
    ]
    assert list(back.routes) == kept
    assert (back.interfaces, back.dns) == ((), result.dns)
    lossless = (
        len(result.ips) == len(first)
        and not result.interfaces
        and sorted(map(repr, kept)) == sorted(map(repr, result.routes))
    )
    assert (result.losses(version) == []) is lossless


@settings(deadline=None, max_examples=40)
@given(results(), st.sampled_from(list(SpecVersion)))
def test_a_second_conversion_to_the_same_version_changes_nothing(result, version):
    if result.ips:
        once = result.encode(version)
        assert decode_result(once, V02).encode(version) == once


# Every version to every other

WRITTEN: dict[str, dict[str, object]] = {
    "pair": {
        "ip4": {"ip": "10.20.3.2/24", "gateway": "10.20.3.1", "routes": [{"dst": "0.0.0.0/0"}]},
        "ip6": {"ip": "fd00::2/64", "routes": [{"dst": "::/0", "gw": "fd00::1"}]},
        "dns": {},
    },
    "numbered": {
        "ips": [
            {"version": "4", "address": "10.20.3.2/24", "gateway": "10.20.3.1"},
            {"version": "6", "address": "fd00::2/64"},
        ],
        "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0", "gw": "fd00::1"}],
        "dns": {},
    },
    "plain": {
        "ips": [{"address": "10.20.3.2/24", "gateway": "10.20.3.1"}, {"address": "fd00::2/64"}],
        "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0", "gw": "fd00::1"}],
    },
}
SHAPES = {
    "0.1.0": "pair",
    "0.2.0": "pair",
    "0.3.0": "numbered",
    "0.3.1": "numbered",
    "0.4.0": "numbered",
    "1.0.0": "plain",
    "1.1.0": "plain",
}


@pytest.mark.libcni(211)
@pytest.mark.parametrize("target", SHAPES)
@pytest.mark.parametrize("origin", SHAPES)
def test_what_every_version_can_say_is_the_same_in_every_other(origin, target):
    result = decode_result({"cniVersion": origin} | WRITTEN[SHAPES[origin]], V11)
    assert result.version.value == origin
    assert result.ips == (IPConfig("10.20.3.2/24", None, "10.20.3.1"), IPConfig("fd00::2/64"))
    assert result.routes == (Route("0.0.0.0/0"), Route("::/0", "fd00::1"))
    assert result.encode(SpecVersion(target)) == {"cniVersion": target} | WRITTEN[SHAPES[target]]
    assert result.losses(SpecVersion(target)) == []


@pytest.mark.parametrize("version", PAIRS)
def test_the_oldest_shape_keeps_the_attributes_of_routes_on_the_way_up(version):
    route = {"dst": "10.1.0.0/16", "mtu": 1400, "table": 0}
    result = decode_result({"ip4": {"ip": "10.0.0.1/8", "routes": [route]}}, version)
    assert result.encode(V04)["routes"] == [route]
    assert result.encode(V11)["routes"] == [route]


@pytest.mark.parametrize("version", [*NUMBERED, V10, V11])
def test_the_keys_of_another_shape_are_not_read(version):
    result = decode_result({"ip4": {"ip": "10.0.0.1/8"}, "ip": [{"address": "10.0.0.2/8"}]}, version)
    assert result.ips == ()


@pytest.mark.parametrize("version", PAIRS)
def test_the_keys_of_later_shapes_are_not_read_in_the_oldest(version):
    result = decode_result({"ips": [{"address": "10.0.0.1/8"}], "interfaces": 7}, version)
    assert (result.ips, result.interfaces) == ((), ())


def test_of_several_spellings_of_a_key_the_last_one_wins_as_in_go():
    data = {"cniVersion": "0.4.0", "CniVersion": "1.0.0", "dns": {"DOMAIN": "a", "domain": "b", "Domain": "c"}}
    result = decode_result(data, V02)
    assert (result.version, result.dns.domain) == (V10, "c")


@pytest.mark.parametrize("value", [1, 1.0, True, False, 0, [], {}])
def test_a_version_that_is_no_string_counts_as_none_as_in_libcni(value):
    assert decode_result({"cniVersion": value}, V10).version == V10


plain_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | cidrs,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)
entries = st.dictionaries(
    st.sampled_from(
        ["ip", "address", "gateway", "routes", "dst", "gw", "interface", "name", "mtu", "domain", "search"]
    ),
    plain_data | cidrs | v4 | st.lists(st.fixed_dictionaries({"dst": cidrs | plain_data}), max_size=2),
    max_size=3,
)
answers = st.dictionaries(
    st.sampled_from(["cniVersion", "ip4", "ip6", "interfaces", "ips", "routes", "dns", "DNS", "own"]),
    plain_data | entries | st.lists(entries, max_size=2) | st.sampled_from(list(SHAPES)),
    max_size=4,
)


@settings(deadline=None, max_examples=150)
@given(answers, st.sampled_from(list(SpecVersion)))
def test_any_data_is_a_result_or_a_bad_one(data, version):
    try:
        result = decode_result(data, version)
    except BadResult:
        return
    own = result.encode()
    assert decode_result(own, V02) == result or result.version in PAIRS
    assert decode_result(own, V02).encode() == own
