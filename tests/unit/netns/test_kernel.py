from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pyroute2.netlink import NLM_F_DUMP_INTR
from pyroute2.netlink.exceptions import NetlinkError

from cnictl.netns import kernel
from cnictl.netns.kernel import dump, generation, link_name, open_netlink


def message(number, flags=0):
    return {"number": number, "header": {"flags": flags}}


def answering(*answers):
    rest = list(answers)
    return lambda: rest.pop(0)


def test_what_changed_while_the_kernel_told_it_is_asked_for_again():
    ask = answering([message(1), message(2, NLM_F_DUMP_INTR)], [message(1), message(3)])
    assert [found["number"] for found in dump(ask)] == [1, 3]


def test_what_changes_all_the_time_is_taken_as_it_is():
    ask = answering(*[[message(number, NLM_F_DUMP_INTR)] for number in range(9)])
    assert [found["number"] for found in dump(ask)] == [4]


def test_the_loopback_link_is_there_without_any_privilege():
    with open_netlink() as netlink:
        assert "lo" in {link.get_attr("IFLA_IFNAME") for link in dump(netlink.get_links)}


def test_two_threads_take_turns():
    with open_netlink():
        other = threading.Thread(target=generation)
        other.start()
        other.join(0.05)
        assert other.is_alive()
    other.join(5)
    assert not other.is_alive()


@pytest.mark.parametrize("error", [NetlinkError(22), OSError(93, "Protocol not supported")])
def test_a_kernel_without_nftables_has_no_generation(monkeypatch, error):
    def fail():
        raise error

    monkeypatch.setattr(kernel, "NFTSocket", fail)
    assert generation() is None


def test_no_file_and_no_thread_is_left():
    def look():
        with open_netlink() as netlink:
            dump(netlink.get_routes)
        generation()

    look()
    before = len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
    for _ in range(20):
        look()
    assert (len(list(Path("/proc/self/fd").iterdir())), threading.active_count()) == before


def test_a_link_without_a_name_here_is_in_another_namespace():
    assert (link_name({2: "eth0"}, 2), link_name({}, 5)) == ("eth0", "if5")
