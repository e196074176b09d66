from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from cnictl.errors import NamespaceDenied, NamespaceError, NamespaceNotFound, UsageError
from cnictl.netns.handle import identity, netns_path, require_netns
from tests.support.users import ordinary_user

NO_NETNS_HINT = "`ip netns add NAME` makes one, and `ip netns list` shows what there is"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("blue", "/run/netns/blue"),
        ("cni-3f1c.x_y", "/run/netns/cni-3f1c.x_y"),
        ("...", "/run/netns/..."),
        ("pid:1234", "/proc/1234/ns/net"),
        ("/run/netns/blue", "/run/netns/blue"),
        ("/proc/1/ns/net", "/proc/1/ns/net"),
        ("./pid:1", "/somewhere/pid:1"),
        ("dir/blue", "/somewhere/dir/blue"),
    ],
)
def test_a_user_names_a_namespace_by_name_process_or_path(text, path, monkeypatch):
    monkeypatch.setattr("os.getcwd", lambda: "/somewhere")
    assert netns_path(text) == Path(path)


@pytest.mark.parametrize(
    "text", ["pid:", "pid:abc", "pid:-1", "pid:1 ", "pid:1/../2", "pid:\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_a_process_is_a_number(text):
    with pytest.raises(UsageError) as caught:
        netns_path(text)
    assert str(caught.value) == f'"{text}" is no process: pid: must be followed by a number'
    assert caught.value.hint == "an example is pid:1234"


@pytest.mark.parametrize("text", ["", ".", "..", "a\0b", "/run/netns/a\0b"])
def test_what_cannot_be_a_file_name_is_refused(text):
    with pytest.raises(UsageError) as caught:
        netns_path(text)
    assert str(caught.value) == f'"{text}" cannot be the name of a network namespace'


@pytest.mark.parametrize("process", ["self", str(os.getpid()), "thread-self"], ids=["self", "PID", "thread-self"])
def test_a_network_namespace_is_accepted(process):
    require_netns(Path(f"/proc/{process}/ns/net"))


def test_a_link_to_a_network_namespace_is_one(tmp_path):
    (tmp_path / "link").symlink_to("/proc/self/ns/net")
    require_netns(tmp_path / "link")


def no_netns(path: Path) -> NamespaceError:
    with pytest.raises(NamespaceError) as caught:
        require_netns(path)
    return caught.value


def regular_file(path: Path) -> None:
    path.write_text("not a namespace")


def named_pipe(path: Path) -> None:
    os.mkfifo(path)  # opening it for reading in the ordinary way would wait for a writer for ever


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def link_to_another_kind_of_namespace(path: Path) -> None:
    path.symlink_to("/proc/self/ns/mnt")


def link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/null")


@pytest.mark.parametrize(
    "make",
    [regular_file, Path.mkdir, named_pipe, unix_socket, link_to_another_kind_of_namespace, link_to_a_device],
    ids=lambda make: make.__name__,
)
def test_what_is_no_network_namespace_is_refused_without_waiting(tmp_path, monkeypatch, make):
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    path = Path("thing")
    make(path)
    error = no_netns(path)
    assert type(error) is NamespaceError
    assert (str(error), error.hint) == ("thing is not a network namespace", NO_NETNS_HINT)


def test_a_missing_name_is_told_with_the_way_to_make_it():
    error = no_netns(Path("/run/netns/cnictl-test-is-not-there"))
    assert type(error) is NamespaceNotFound
    assert str(error) == 'there is no network namespace "cnictl-test-is-not-there" in /run/netns'
    assert error.hint == "`ip netns add cnictl-test-is-not-there` makes it, and so does --create-netns with add"


@pytest.mark.parametrize("missing", ["/proc/4194305/ns/net", "/proc/self/ns/net/below", "/nowhere/at/all"])
def test_a_missing_path_is_told_as_such(missing):
    error = no_netns(Path(missing))
    assert type(error) is NamespaceNotFound
    assert str(error) == f"there is no network namespace {missing}"
    assert error.hint == "is the process or container gone?"


def test_a_namespace_that_may_not_be_opened_is_told_from_one_that_is_not_there(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "blue").touch()
    closed.chmod(0)
    with ordinary_user():
        error = no_netns(closed / "blue")
    assert type(error) is NamespaceDenied
    assert str(error) == f"no permission for the network namespace {closed}/blue"
    assert error.hint == "run as root"


@pytest.mark.parametrize("path", ["/proc/self/ns/net", "/proc/self/ns/mnt", "/dev/null", "/nowhere"])
def test_looking_leaves_no_file_open(path):
    before = os.open("/dev/null", os.O_RDONLY)
    os.close(before)
    with suppress(NamespaceError):
        require_netns(Path(path))
    after = os.open("/dev/null", os.O_RDONLY)
    os.close(after)
    assert after == before


def test_a_namespace_has_an_identity_that_lasts(tmp_path):
    (tmp_path / "blue").touch()
    (tmp_path / "link").symlink_to("blue")
    assert identity(tmp_path / "blue") == identity(tmp_path / "link") is not None


def test_two_namespaces_differ(tmp_path):
    (tmp_path / "blue").touch()
    (tmp_path / "red").touch()
    assert identity(tmp_path / "blue") != identity(tmp_path / "red")


def test_a_later_namespace_with_the_inode_of_an_earlier_one_differs_from_it(tmp_path):
    """The kernel gives the numbers of namespaces out again; here a later change of the inode stands for that."""
    path = tmp_path / "blue"
    path.touch()
    before = identity(path)
    time.sleep(0.02)  # longer than the kernel's clock tick
    path.chmod(0o600)
    assert identity(path) != before


def test_nothing_has_no_identity(tmp_path):
    assert identity(tmp_path / "blue") is None
