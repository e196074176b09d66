"""Names of networks, containers and interfaces.

libcni looks at them in ADD, when it comes to a plugin; here every verb does, before anything else.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from cnictl import UsageError
from tests.libcni.scene import C1, CHAIN, asked

NET = CHAIN.network()


@pytest.mark.libcni(40, 182, 223)
def test_a_container_id_of_odd_characters_is_refused_with_code_4(cni, command):
    ended = command("add", CHAIN.document(), "--container-id", "1234%%%")
    assert ended.data["code"] == 4
    assert ended.data["msg"].startswith('the container ID "1234%%%" is not valid: ')
    assert asked(cni) == []


@pytest.mark.libcni(182)
def test_a_container_id_is_not_empty(cni):
    # libcni says code 3, which the spec has for a container that a plugin does not know.
    with pytest.raises(UsageError, match=r"^the container ID is empty$"):
        cni.add(NET, replace(C1, container_id=""))
    assert asked(cni) == []


@pytest.mark.libcni(182)
def test_a_container_id_is_a_hexadecimal_number_as_a_rule(cni):
    cni.add(NET, replace(C1, container_id="4d8fa6352222f3bd4e81ea75f2b7f4a3"))
    assert asked(cni) == ["ADD a", "ADD b", "ADD c"]


@pytest.mark.libcni(41, 183, 232)
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "the network name is empty"),
        ("1234%%%", 'the network name "1234%%%" is not valid: '),
        ("te%%st", 'the network name "te%%st" is not valid: '),
    ],
)
def test_a_network_name_that_cannot_be_is_refused_with_code_7(cni, command, name, reason):
    ended = command("add", CHAIN.document(name=name))
    assert ended.data["code"] == 7
    assert f": {reason}" in ended.data["msg"]
    assert asked(cni) == []


@pytest.mark.libcni(183)
def test_a_network_has_a_name_of_letters_digits_and_some_more(cni):
    cni.add(replace(NET, name="Test-1.a_b"), C1)
    assert asked(cni) == ["ADD a", "ADD b", "ADD c"]


@pytest.mark.libcni(42)
def test_an_interface_name_is_not_empty(cni):
    with pytest.raises(UsageError, match=r"^the interface name is empty$"):
        cni.add(NET, replace(C1, ifname=""))
    assert asked(cni) == []


@pytest.mark.libcni(43, 44, 45, 46, 47, 48, 184, 224)
@pytest.mark.parametrize(
    ("ifname", "reason"),
    [
        ("1234567890123456", "is longer than 15 bytes"),
        ("123456789012345678", "is longer than 15 bytes"),
        (".", 'cannot be "."'),
        ("..", 'cannot be ".."'),
        ("test/test", "has a character that is not allowed"),
        ("/test", "has a character that is not allowed"),
        ("test:test", "has a character that is not allowed"),
        ("test test", "has a character that is not allowed"),
    ],
)
def test_an_interface_name_that_cannot_be_is_refused_with_code_4(cni, command, ifname, reason):
    ended = command("add", CHAIN.document(), "--ifname", ifname)
    assert ended.data["code"] == 4
    assert ended.data["msg"].startswith("the interface name ")
    assert reason in ended.data["msg"]
    assert asked(cni) == []
