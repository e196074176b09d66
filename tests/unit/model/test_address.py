from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.model.address import parse_cidr, parse_ip


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("0.0.0.0", "0.0.0.0"),
        ("255.255.255.255", "255.255.255.255"),
        ("::", "::"),
        ("FD00::A", "fd00::a"),
        ("2001:db8:0:0:0:0:0:1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),  # Go prints it as IPv4
        ("::10.0.0.1", "::a00:1"),
    ],
)
def test_addresses_are_read_as_go_reads_them(text, read):
    assert str(parse_ip(text)) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 10.0.0.1",
        "10.0.0.1\n",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.01",
        "010.0.0.1",
        "0x0a.0.0.1",
        "167772161",
        "١٠.0.0.1",
        "fe80::1%eth0",
        "fe80::1%",
        "[::1]",
        ":::",
        "1::2::3",
        "12345::",
        "dhcp",
        "\ud800",
    ],
)
def test_what_is_no_address_is_named(text):
    with pytest.raises(ValueError, match="is no IP address") as caught:
        parse_ip(text)
    assert str(caught.value) == f'"{text}" is no IP address'


def test_an_address_without_a_place_for_a_prefix_length_refuses_one():
    with pytest.raises(ValueError, match="prefix length") as caught:
        parse_ip("10.0.0.1/24")
    assert str(caught.value) == '"10.0.0.1/24" has a prefix length, and only the address belongs here'


@pytest.mark.libcni(205)
@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.1.2.3/16", "10.1.2.3/16"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("10.0.0.1/32", "10.0.0.1/32"),
        ("10.0.0.1/024", "10.0.0.1/24"),
        ("FD00:0::5/64", "fd00::5/64"),
        ("::/0", "::/0"),
        ("::1/128", "::1/128"),
        ("::ffff:10.0.0.1/120", "10.0.0.1/24"),
        ("::ffff:10.0.0.1/96", "10.0.0.1/0"),
        ("::ffff:10.0.0.1/64", "::ffff:a00:1/64"),
    ],
)
def test_networks_keep_their_host_bits(text, read):
    assert str(parse_cidr(text)) == read


@pytest.mark.parametrize("text", ["", "10.0.0.1", "fd00::1", "any"])
def test_a_network_needs_its_prefix_length(text):
    with pytest.raises(ValueError, match="prefix length") as caught:
        parse_cidr(text)
    assert str(caught.value) == f'"{text}" has no prefix length such as /24'


@pytest.mark.parametrize("text", ["/24", "10.0.0/24", "10.0.0.256/24", "fe80::1%eth0/64", "1.2.3/45", " 10.0.0.1/8"])
def test_a_network_without_an_address_is_named_in_full(text):
    with pytest.raises(ValueError, match="is no IP address") as caught:
        parse_cidr(text)
    assert str(caught.value) == f'"{text}" is no IP address'


@pytest.mark.parametrize(
    ("address", "prefix", "range_"),
    [
        ("10.0.0.1", "33", "an IPv4 one is 0 to 32"),
        ("10.0.0.1", "", "an IPv4 one is 0 to 32"),
        ("10.0.0.1", "-1", "an IPv4 one is 0 to 32"),
        ("10.0.0.1", "+8", "an IPv4 one is 0 to 32"),
        ("10.0.0.1", "255.255.255.0", "an IPv4 one is 0 to 32"),
        ("10.0.0.1", "24/8", "an IPv4 one is 0 to 32"),
        ("10.0.0.1", "24\n", "an IPv4 one is 0 to 32"),
        ("10.0.0.1", "٨", "an IPv4 one is 0 to 32"),
        ("10.0.0.1", "²", "an IPv4 one is 0 to 32"),
        ("10.0.0.1", "9" * 5000, "an IPv4 one is 0 to 32"),
        ("fd00::1", "129", "an IPv6 one is 0 to 128"),
        ("::ffff:10.0.0.1", "129", "an IPv6 one is 0 to 128"),
    ],
    ids=ascii,
)
def test_a_prefix_length_that_cannot_be_is_named(address, prefix, range_):
    text = f"{address}/{prefix}"
    with pytest.raises(ValueError, match="has the prefix length") as caught:
        parse_cidr(text)
    assert str(caught.value) == f'"{text}" has the prefix length "{prefix}", and {range_}'


@settings(deadline=None, max_examples=100)
@given(st.ip_addresses())
def test_every_address_is_read_back_from_what_it_prints(address):
    read = parse_ip(str(address))
    assert read in (address, getattr(address, "ipv4_mapped", None))
    assert str(parse_cidr(f"{read}/{read.max_prefixlen}")) == f"{read}/{read.max_prefixlen}"


@settings(deadline=None, max_examples=100)
@given(st.text(st.sampled_from("0123456789abf:./%[] ٣²\n"), max_size=30) | st.text(max_size=20))
@pytest.mark.parametrize("read", [parse_ip, parse_cidr])
def test_any_text_is_an_address_or_a_value_error(read, text):
    try:
        found = read(text)
    except ValueError as error:
        said = str(error)
    else:
        said = f'"{text}" '
        assert str(read(str(found))) == str(found)
    assert said.startswith(f'"{text}" ')
