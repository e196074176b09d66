from __future__ import annotations

import pytest

from cnictl.invoke.advice import advice


@pytest.mark.parametrize(
    ("message", "beginning"),
    [
        ("failed to create bridge: Operation not permitted", "plugins change the host's network, so run as root"),
        (
            "failed to allocate for range 0: no IP addresses available in range set: 10.1.0.1-10.1.0.254",
            "the pool is used up",
        ),
        (
            "10.1.0.2 has been allocated to c1, duplicate allocation is not allowed",
            "this container has an address already",
        ),
        ('"cni0" already has an IP address different from 10.1.0.1/24', "the bridge has another network's address"),
        ("container veth name (eth0) peer provided (veth1) already exists", "the interface is there already"),
        ('failed to find plugin "host-local" in path [/opt/cni/bin]', "a plugin calls another one"),
        ("error dialing DHCP daemon: dial unix /run/cni/dhcp.sock", "the dhcp plugin needs its daemon"),
        ("failed to locate iptables: not found", "install iptables"),
        ('exec: "iptables": executable file not found in $PATH', "install iptables"),
        ("operation not supported", "this kernel lacks a feature"),
        ("must be called as chained plugin", "the plugin needs the result of one before it"),
    ],
)
def test_messages_that_plugins_are_known_for_are_recognized_whatever_their_code(message, beginning):
    text = advice(999, message)
    assert text is not None
    assert text.startswith(beginning)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (1, "plugin and config share no version: write a cniVersion that the plugin speaks"),
        (3, "the plugin does not know this container: there is nothing to clean up"),
        (7, "`cnictl validate` shows what is wrong with the config"),
        (11, "try again in a moment"),
    ],
)
def test_the_specs_codes_have_advice_of_their_own(code, text):
    assert advice(code, "something else") == text


def test_the_message_says_more_than_the_code():
    assert advice(11, "permission denied") == "plugins change the host's network, so run as root"


@pytest.mark.parametrize("code", [0, 50, 99, 100, 999])
def test_nothing_is_made_up_about_what_is_not_known(code):
    assert advice(code, "something else") is None
