from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.foreign.link_match import LinkLook, is_unmanaged, network_file_matches, unmanaged_devices
from cnictl.foreign.systemd import read_unit
from cnictl.text.source import Source

VETH = LinkLook("veth01234567", "veth")
CALI = LinkLook("cali0123456789a", "veth")


def matches(text, link=VETH):
    return network_file_matches(read_unit([Source("/etc/systemd/network/x.network", text.encode())]), link)


@pytest.mark.parametrize(
    "text",
    [
        "[Match]\nName=*\n",
        "[Match]\nName=eth* veth*\n",
        "[Match]\nType=ether\n",
        "[Match]\nKind=veth\nName=!cali* eth*\n",
        "[Match]\nDriver=veth\n",
    ],
)
def test_files_that_mean_a_veth(text):
    assert matches(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[Network]\nDHCP=yes\n",
        "[Match]\n",
        "[Match]\nName=en*\n",
        "[Match]\nType=ether\nKind=!*\n",
        "[Match]\nName=!veth* cni*\n",
        "[Match]\nName=*\nMACAddress=52:54:00:12:34:56\n",
        "[Match]\nName=*\nType=wlan\n",
        "[Link]\nName=*\n",
    ],
)
def test_files_that_do_not(text):
    assert not matches(text)


def left_alone(*texts, link=CALI):
    specs = unmanaged_devices(Source(f"/{index}.conf", text.encode()) for index, text in enumerate(texts))
    return is_unmanaged(specs, link)


def test_what_networkmanager_leaves_alone():
    assert left_alone("[keyfile]\nunmanaged-devices=interface-name:tunl*;interface-name:cali*\n")
    assert left_alone("[keyfile]\nunmanaged-devices = driver:veth\n")
    assert left_alone("[keyfile]\nunmanaged-devices=type:veth,interface-name:x\n")
    assert left_alone("[keyfile]\nunmanaged-devices=*;except:interface-name:eth0\n")
    assert left_alone("[keyfile]\nunmanaged-devices=interface-name:=cali0123456789a\n")


def test_what_it_does_not():
    assert not left_alone()
    assert not left_alone("[main]\nunmanaged-devices=interface-name:cali*\n")
    assert not left_alone("[keyfile]\n#unmanaged-devices=interface-name:cali*\n")
    assert not left_alone("[keyfile]\nunmanaged-devices=*;except:interface-name:cali*\n")
    assert not left_alone("[keyfile]\nunmanaged-devices=interface-name:=cali*\n")
    assert not left_alone("[keyfile]\nunmanaged-devices=mac:52:54:00:12:34:56\n")


def test_a_later_file_replaces_and_plus_adds():
    first = "[keyfile]\nunmanaged-devices=interface-name:cali*\n"
    assert not left_alone(first, "[keyfile]\nunmanaged-devices=interface-name:docker0\n")
    assert left_alone(first, "[keyfile]\nunmanaged-devices+=interface-name:docker0\n")


@given(st.text())
def test_any_text(text):
    assert matches(text) in (True, False)
    assert left_alone(text) in (True, False)
    assert left_alone(f"[keyfile]\nunmanaged-devices={text}") in (True, False)
