from __future__ import annotations

import os

import pytest

from cnictl.model.files import DEFAULT_CONF_DIR, LIST_SUFFIX, SINGLE_SUFFIXES, SUFFIXES, config_names, suffix_of


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("10-net.conflist", ".conflist"),
        ("10-net.conf", ".conf"),
        ("net.json", ".json"),
        ("net.conflist.bak", ".bak"),
        (".conflist", ".conflist"),  # os.path.splitext says ""
        ("net.", "."),
        ("net", ""),
        ("", ""),
        ("net.d/10-net", ""),
        ("net.d/10-net.conf", ".conf"),
        ("net.CONF", ".CONF"),
        ("net.conf\n", ".conf\n"),
    ],
)
def test_the_suffix_begins_at_the_last_dot_of_the_name(name, suffix):
    assert suffix_of(name) == suffix


def test_a_directory_gives_its_configs_in_the_order_of_their_bytes():
    names = [
        "b.conf",
        "10-z.conflist",
        "a.conf.bak",
        "2.json",
        "B.conf",
        "é.conf",
        "z.conf",
        ".conf",
        "README",
        "c.CONF",
    ]
    wanted = [".conf", "10-z.conflist", "2.json", "B.conf", "b.conf", "z.conf", "é.conf"]
    assert config_names(names) == wanted


def test_names_that_are_not_utf8_are_sorted_by_their_bytes_too():
    raw = [b"\xff.conf", b"\xc3\xa9.conf", b"\x80.conf", b"z.conf"]
    wanted = [b"z.conf", b"\x80.conf", b"\xc3\xa9.conf", b"\xff.conf"]
    assert [os.fsencode(name) for name in config_names(map(os.fsdecode, raw))] == wanted


def test_no_names_give_no_configs():
    assert config_names([]) == []


def test_what_counts_as_a_config():
    assert (LIST_SUFFIX, SINGLE_SUFFIXES) == (".conflist", (".conf", ".json"))
    assert SUFFIXES == (".conflist", ".conf", ".json")
    assert DEFAULT_CONF_DIR == "/etc/cni/net.d"
