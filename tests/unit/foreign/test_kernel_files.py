"""What the kernel shows of itself: sockets, locks, its configuration and its modules."""

from __future__ import annotations

import gzip
import os
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.foreign.kernel_build import build_options, module_names
from cnictl.foreign.listeners import Listener, listeners_in
from cnictl.foreign.locks import Lock, locks_in

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
ROW = "   0: {}:{:04X} 00000000:0000 {} 00000000:00000000 00:00000000 00000000     0        0 20914 1 0 100 0 0 10 0\n"


@pytest.mark.parametrize(
    ("digits", "address"),
    [
        ("00000000", "0.0.0.0"),
        ("0100007F", "127.0.0.1"),
        ("0205A8C0", "192.168.5.2"),
        ("00000000000000000000000000000000", "::"),
        ("00000000000000000000000001000000", "::1"),
        ("000080FE00000000FF0050C2B2A1E3FE", "fe80::c250:ff:fee3:a1b2"),
    ],
)
def test_who_listens(digits, address):
    text = HEAD + ROW.format(digits, 8080, "0A") + ROW.format(digits, 22, "01")
    assert list(listeners_in("tcp", text)) == [Listener("tcp", ip_address(address), 8080)]


def test_udp_sockets_without_a_peer():
    text = HEAD + ROW.format("00000000", 53, "07") + ROW.format("00000000", 54, "01")
    assert [listener.port for listener in listeners_in("udp", text)] == [53]


def test_lines_that_are_none():
    assert list(listeners_in("tcp", "a b c 0A\n0: x:y z 0A\n0: 0000:0016 z 0A\n")) == []


def test_locks_that_are_held():
    text = (
        "1: FLOCK  ADVISORY  WRITE 4711 08:01:77 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 4712 08:01:77 0 EOF\n"
        "2: POSIX  ADVISORY  READ -1 00:19:1234 0 EOF\nx\n"
    )
    assert list(locks_in(text)) == [
        Lock(4711, 77, "08:01", "FLOCK", "WRITE"),
        Lock(-1, 1234, "00:19", "POSIX", "READ"),
    ]
    assert [lock.is_on(os.makedev(8, 1), 77) for lock in locks_in(text)] == [True, False]


CONFIG = b'CONFIG_VETH=m\nCONFIG_BRIDGE=y\n# CONFIG_IPVLAN is not set\nCONFIG_HZ=250\nCONFIG_CMDLINE="a"\n'


@pytest.mark.parametrize("data", [CONFIG, gzip.compress(CONFIG)], ids=["plain", "compressed"])
def test_how_a_kernel_was_built(data):
    assert build_options(data) == {"CONFIG_VETH": "m", "CONFIG_BRIDGE": "y", "CONFIG_IPVLAN": "n"}


def test_a_configuration_that_is_cut_short():
    assert build_options(gzip.compress(CONFIG)[:12]) in ({}, build_options(b""))
    assert build_options(b"\x1f\x8b\xff") == {}


def test_modules_by_their_files():
    lines = ["kernel/net/8021q/8021q.ko.zst: kernel/net/802/garp.ko.zst", "kernel/net/sched/sch-tbf.ko", "", "x"]
    assert module_names(lines) == {"8021q", "sch_tbf"}


@given(st.binary(max_size=100))
def test_no_bytes_break_them(data):
    text = data.decode(errors="replace")
    list(listeners_in("tcp", text))
    list(locks_in(text))
    build_options(data)
    build_options(b"\x1f\x8b" + data)
    module_names(text.splitlines())
