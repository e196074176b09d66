from __future__ import annotations

from ipaddress import ip_network

import pytest

from cnictl.model.special import special_use


@pytest.mark.parametrize(
    ("network", "use"),
    [
        ("127.5.0.0/16", "loopback addresses"),
        ("0.0.0.0/0", "the unspecified address"),
        ("239.0.0.0/24", "multicast addresses"),
        ("::/64", "the unspecified and the loopback address"),
        ("fe80::/64", "link-local addresses"),
        ("10.0.0.0/8", None),
        ("fd00::/8", None),
    ],
)
def test_what_a_network_is_set_aside_for(network, use):
    assert special_use(ip_network(network)) == use
