from __future__ import annotations

import doctest
import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnictl.model.capability
from cnictl.errors import UsageError
from cnictl.model.capability import (
    PROTOCOLS,
    UNLIMITED_BURST,
    bandwidth_limit,
    parse_bandwidth,
    parse_port,
    parse_quantity,
)


def test_the_examples_in_the_documentation_are_right():
    failed, tried = doctest.testmod(cnictl.model.capability)
    assert failed == 0
    assert tried >= 3


# Ports


@pytest.mark.parametrize(
    ("text", "host", "container", "protocol"),
    [
        ("8080:80", 8080, 80, "tcp"),
        ("8080:80/tcp", 8080, 80, "tcp"),
        ("53:53/udp", 53, 53, "udp"),
        ("53:53/UDP", 53, 53, "udp"),
        ("9:9/sctp", 9, 9, "sctp"),
        ("1:65535", 1, 65535, "tcp"),
        ("65535:1", 65535, 1, "tcp"),
        ("0080:080", 80, 80, "tcp"),
    ],
)
def test_ports_on_every_address_of_the_host(text, host, container, protocol):
    mapping = parse_port(text)
    assert mapping == {"hostPort": host, "containerPort": container, "protocol": protocol}
    assert list(mapping) == ["hostPort", "containerPort", "protocol"]


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        (
            "127.0.0.1:53:5353/udp",
            {"hostPort": 53, "containerPort": 5353, "protocol": "udp", "hostIP": "127.0.0.1"},
        ),
        ("[::1]:80:80", {"hostPort": 80, "containerPort": 80, "protocol": "tcp", "hostIP": "::1"}),
        ("[FD00:0::1]:80:81", {"hostPort": 80, "containerPort": 81, "protocol": "tcp", "hostIP": "fd00::1"}),
        ("[::ffff:10.0.0.1]:80:80", {"hostPort": 80, "containerPort": 80, "protocol": "tcp", "hostIP": "10.0.0.1"}),
    ],
)
def test_ports_on_one_address_of_the_host(text, mapping):
    assert parse_port(text) == mapping


FORM = "it is not of the form [IP:]HOSTPORT:CONTAINERPORT[/PROTOCOL]"
RANGE = "ports are 1 to 65535"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", FORM),
        ("80", FORM),
        ("80:", FORM),
        (":80", FORM),
        ("80:80/", FORM),
        ("80:80\n", FORM),
        (" 80:80", FORM),
        ("-1:80", FORM),
        ("+80:80", FORM),
        ("80:80/tcp/udp", FORM),
        ("80-81:80-81", FORM),
        ("٨٠:80", FORM),
        ("::1:80:80", FORM),
        ("[]:80:80", FORM),
        ("[::1]80:80", FORM),
        ("9" * 5000 + ":80", FORM),
        ("0:80", RANGE),
        ("80:0", RANGE),
        ("65536:80", RANGE),
        ("80:65536", RANGE),
        ("999999999:80", RANGE),
        ("80:80/icmp", "the protocols are tcp, udp, sctp"),
        ("80:80/tcp6", "the protocols are tcp, udp, sctp"),
        ("localhost:80:80", '"localhost" is no IP address'),
        ("10.0.0:80:80", '"10.0.0" is no IP address'),
        ("10.0.0.1/8:80:80", '"10.0.0.1/8" has a prefix length, and only the address belongs here'),
        ("[fe80::1%eth0]:80:80", '"fe80::1%eth0" is no IP address'),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_ports_that_cannot_be_are_named_with_the_reason(text, reason):
    with pytest.raises(UsageError) as caught:
        parse_port(text)
    assert str(caught.value) == f'the port mapping "{text}" cannot be used: {reason}'
    assert caught.value.hint == "an example is 8080:80/tcp"


def test_the_protocols_are_those_of_the_convention():
    assert PROTOCOLS == ("tcp", "udp", "sctp")


# Quantities


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("5", 5),
        ("+5", 5),
        ("007", 7),
        ("1k", 1_000),
        ("10M", 10_000_000),
        ("1G", 10**9),
        ("1T", 10**12),
        ("1P", 10**15),
        ("1E", 10**18),
        ("1Ki", 1024),
        ("64Mi", 64 * 1024**2),
        ("1Gi", 1024**3),
        ("1Ti", 1024**4),
        ("1Pi", 1024**5),
        ("1Ei", 1024**6),
        ("1.5k", 1_500),
        ("1.5Ki", 1536),
        (".5M", 500_000),
        ("5.", 5),
        ("1e3", 1_000),
        ("1E3", 1_000),
        ("1e+3", 1_000),
        ("5e-1", 1),
        ("1500m", 2),
        ("2000m", 2),
        ("1m", 1),
        ("1u", 1),
        ("1n", 1),
        ("0m", 0),
        ("0.1", 1),
        ("1.0001Ki", 1025),
        ("9007199254740993", 2**53 + 1),  # more than a float can tell
        ("1e99", 10**99),
    ],
)
def test_quantities_are_exact_and_rounded_up(text, number):
    assert parse_quantity(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        ".",
        "-1",
        "-0",
        "++1",
        "k",
        "Ki",
        "1K",
        "1ki",
        "1kb",
        "1 k",
        "1M ",
        "10M\n",
        "1.2.3",
        "1,5",
        "0x10",
        "1e",
    ],
    ids=ascii,
)
def test_what_is_no_quantity_is_named(text):
    _assert_no_quantity(text)


@pytest.mark.parametrize(
    "text",
    ["e3", "1e3k", "1e100", "٣", "inf", "NaN", "9" * 31, "1." + "0" * 31, "9" * 5000],
    ids=lambda value: ascii(value)[:20],
)
def test_what_is_too_much_for_a_quantity_is_named(text):
    _assert_no_quantity(text)


def _assert_no_quantity(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_quantity(text)
    assert str(caught.value) == f'"{text}" is no quantity'
    assert caught.value.hint == "quantities look like 500k, 10M, 1.5G or 64Mi"


DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}


@settings(deadline=None, max_examples=100)
@given(st.decimals(0, 10**12, places=6), st.sampled_from(sorted(DECIMAL)))
def test_a_decimal_quantity_is_what_exact_arithmetic_says(number, suffix):
    wanted = math.ceil(Fraction(10) ** DECIMAL[suffix] * Fraction(number))
    assert parse_quantity(f"{number:f}{suffix}") == wanted


@settings(deadline=None, max_examples=100)
@given(st.decimals(0, 10**12, places=6), st.integers(1, 6))
def test_a_binary_quantity_is_what_exact_arithmetic_says(number, power):
    suffix = "KMGTPE"[power - 1] + "i"
    wanted = math.ceil(1024**power * Fraction(number))
    assert parse_quantity(f"{number:f}{suffix}") == wanted


# Bandwidth


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        (
            "ingress=10M,egress=1k",
            {
                "ingressRate": 10_000_000,
                "ingressBurst": 4_294_967_295,
                "egressRate": 1_000,
                "egressBurst": 4_294_967_295,
            },
        ),
        ("egress=64Ki", {"egressRate": 65_536, "egressBurst": 4_294_967_295}),
        ("ingress=1M,ingress-burst=2M", {"ingressRate": 1_000_000, "ingressBurst": 2_000_000}),
        ("egress-burst=5,egress=1", {"egressRate": 1, "egressBurst": 5}),
        ("ingress=0", {"ingressRate": 0, "ingressBurst": 0}),
        ("ingress=1,ingress=2", {"ingressRate": 2, "ingressBurst": 4_294_967_295}),
    ],
)
def test_bandwidth_is_read_in_bits(text, limits):
    assert parse_bandwidth(text) == limits


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("", ""),
        ("10M", "10M"),
        ("ingress", "ingress"),
        ("ingress:1M", "ingress:1M"),
        ("Ingress=1M", "Ingress=1M"),
        ("ingress=1M,", ""),
        ("ingress=1M, egress=1M", " egress=1M"),
        ("upload=1M", "upload=1M"),
        ("=1M", "=1M"),
    ],
)
def test_a_piece_that_is_no_limit_is_named(text, piece):
    with pytest.raises(UsageError) as caught:
        parse_bandwidth(text)
    assert str(caught.value) == f'the bandwidth "{text}" has the piece "{piece}"'
    assert caught.value.hint == "an example is ingress=10M,egress=10M, in bits per second"


@pytest.mark.parametrize(("text", "value"), [("ingress=", ""), ("ingress=fast", "fast"), ("egress=1=2", "1=2")])
def test_a_rate_that_is_no_quantity_is_named(text, value):
    with pytest.raises(UsageError) as caught:
        parse_bandwidth(text)
    assert str(caught.value) == f'"{value}" is no quantity'


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_a_burst_needs_its_rate(direction):
    text = f"{direction}-burst=1M"
    with pytest.raises(UsageError) as caught:
        parse_bandwidth(text)
    assert str(caught.value) == f'the bandwidth "{text}" has a burst for {direction} and no rate'
    assert caught.value.hint == f"add {direction}=RATE"


def test_rate_and_burst_are_both_zero_or_neither_is():
    assert bandwidth_limit("egress", 7) == {"egressRate": 7, "egressBurst": UNLIMITED_BURST}
    assert bandwidth_limit("egress", 7, 9) == {"egressRate": 7, "egressBurst": 9}
    assert bandwidth_limit("egress", 0) == {"egressRate": 0, "egressBurst": 0}


# Anything


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=20) | st.from_regex(r"[\[\]:./a-f0-9tcpudinge=,;kMGi+eE-]{0,30}", fullmatch=True))
@pytest.mark.parametrize("read", [parse_port, parse_bandwidth, parse_quantity])
def test_any_text_is_understood_or_a_usage_error(read, text):
    try:
        found = read(text)
    except UsageError:
        return
    assert found or found == 0
