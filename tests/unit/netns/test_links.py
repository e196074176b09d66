from __future__ import annotations

from cnictl.netns.links import vlan_words


def vlan(vid, flags=0):
    return {"vid": vid, "flags": flags}


def test_vlans_of_a_port():
    pvid, untagged, begin, end = 0x2, 0x4, 0x8, 0x10
    infos = [vlan(1, pvid | untagged), vlan(7), vlan(100, begin), vlan(103, end)]
    infos += [vlan(200, begin | untagged), vlan(201, end | untagged)]
    assert vlan_words(infos) == "1 pvid untagged, 7, 100-103, 200-201 untagged"
