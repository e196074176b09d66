"""Hosts: nothing leads out of a mounted root, nothing that is read can hang or swell."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cnictl.errors import SourceError, SourceNotFound
from cnictl.host.local import LocalHost, netns_of
from cnictl.host.rooted import RootedHost
from cnictl.text.source import MAX_BYTES
from tests.support.nodes import ELSEWHERE, NETNS, Folder, Link, Pipe, own_netns, plant
from tests.support.users import ordinary_user

if TYPE_CHECKING:
    from cnictl.host.api import FileStatus, Host


def kind_of(status: FileStatus | None) -> tuple[str, bool]:
    """What there is, and whether it can be executed."""
    assert status is not None
    kinds = {"file": status.is_file, "dir": status.is_dir, "socket": status.is_socket, "other": True}
    return next(kind for kind, is_it in kinds.items() if is_it), status.is_executable


@pytest.fixture
def root(tmp_path):
    plant(tmp_path, {"secret": "of this machine", "node/etc/hostname": "node-1\n"})
    return tmp_path / "node"


def why(host: Host, path: str) -> str:
    with pytest.raises(SourceError) as caught:
        host.read_bytes(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/etc/hostname", "etc/hostname"),
        ("etc//./hostname/", "etc/hostname"),
        ("/", ""),
        ("/..", ""),
        ("/../../secret", "secret"),
        ("/etc/../../../secret", "secret"),
        ("/absolute", "etc/hostname"),
        ("/relative", "etc/hostname"),
        ("/through/hostname", "etc/hostname"),
        ("/through/../x", "x"),
        ("/out-by-dots", "secret"),
        ("/out-by-path", "tmp/secret"),
        ("/out-by-dots/deeper", "secret/deeper"),
        ("/to-root/etc", "etc"),
        ("/chain", "etc/hostname"),
        ("/dangling", "not/there"),
        ("/etc/up", "secret"),
        ("/missing/../etc/hostname", "etc/hostname"),
    ],
)
def test_links_are_followed_inside_the_root(root, path, where):
    links = {
        "absolute": "/etc/hostname",
        "relative": "etc/hostname",
        "through": "/etc",
        "out-by-dots": "../../../../secret",
        "out-by-path": "/tmp/secret",
        "to-root": "/",
        "chain": "absolute",
        "dangling": "/not/there",
        "etc/up": "../../secret",
    }
    plant(root, {name: Link(target) for name, target in links.items()})
    assert RootedHost(root).where(path) == root / where


def test_no_link_shows_what_lies_beside_the_root(root, tmp_path):
    plant(root, {"a": Link("../secret"), "b": Link(str(tmp_path / "secret")), "c": Link(".."), "d": Link("/proc/self")})
    host = RootedHost(root)
    for path in ("/a", "/b", "/c/secret", "/../secret", "/d/root"):
        assert why(host, path) == f"{path}: no such file or directory"
        assert host.status(path) is None
    assert host.list_dir("/c") == ["a", "b", "c", "d", "etc"]
    assert host.list_dir("/../..") == ["a", "b", "c", "d", "etc"]


def test_a_root_that_is_a_link_itself(root, tmp_path):
    plant(tmp_path, {"host": Link("node")})
    assert RootedHost(tmp_path / "host").read_bytes("/etc/hostname") == b"node-1\n"
    assert RootedHost(str(tmp_path / "host")).read_bytes("/etc/hostname") == b"node-1\n"


@pytest.mark.parametrize("links", [{"a": "a"}, {"a": "/b", "b": "a"}, {"a": "a/x"}, {"a": "../a/../a"}])
def test_links_in_a_circle(root, links):
    plant(root, {name: Link(target) for name, target in links.items()})
    host = RootedHost(root)
    assert why(host, "/a") == "/a: has too many levels of symbolic links"
    assert host.status("/a") is None
    with pytest.raises(SourceError, match=r"^/a: has too many levels of symbolic links$"):
        host.list_dir("/a")


@pytest.mark.parametrize(("length", "ends"), [(40, True), (41, False)])
def test_as_many_links_as_the_kernel_follows(root, length, ends):
    plant(root, {str(number): Link(str(number + 1)) for number in range(1, length)})
    plant(root, {str(length): Link("/etc/hostname")})
    host = RootedHost(root)
    assert (host.status("/1") is not None) is ends
    if ends:
        assert host.read_bytes("/1") == b"node-1\n"
    else:
        assert why(host, "/1") == "/1: has too many levels of symbolic links"


def test_a_root_that_is_not_there(tmp_path):
    with pytest.raises(SourceNotFound) as caught:
        RootedHost(tmp_path / "nothing")
    assert str(caught.value) == f"{tmp_path}/nothing: no such file or directory"


def test_a_root_that_is_a_file(tmp_path):
    plant(tmp_path, {"file": ""})
    with pytest.raises(SourceNotFound) as caught:
        RootedHost(tmp_path / "file")
    assert str(caught.value) == f"{tmp_path}/file: is not a directory"
    assert caught.value.hint == "give the directory that a root is mounted at"


def test_only_regular_files_are_read(root):
    plant(root, {"pipe": Pipe(), "folder": Folder(), "link": Link("/pipe")})
    host = RootedHost(root)
    assert why(host, "/pipe") == "/pipe: is a named pipe, not a file"
    assert why(host, "/link") == "/link: is a named pipe, not a file"
    assert why(host, "/folder") == "/folder: is a directory, not a file"
    assert why(host, "/etc/hostname/x") == "/etc/hostname/x: no such file or directory"
    assert why(host, "/a\0b") == "'/a\\x00b': no file can have this name"
    assert host.status("/a\0b") is None


def test_a_socket_is_no_file(root, monkeypatch):
    monkeypatch.chdir(root)  # the address of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        host = RootedHost(root)
        assert why(host, "/socket") == "/socket: is a socket, not a file"
        assert kind_of(host.status("/socket")) == ("socket", True)


def test_a_file_is_read_up_to_the_limit(root):
    plant(root, {"full": b"x" * MAX_BYTES, "more": b"x" * (MAX_BYTES + 1)})
    with (root / "huge").open("wb") as file:
        file.truncate(5 * 1024**3)
    host = RootedHost(root)
    assert len(host.read_bytes("/full")) == MAX_BYTES
    assert why(host, "/more") == "/more: is 2.0 MiB, the limit is 2 MiB"
    assert why(host, "/huge") == "/huge: is 5120.0 MiB, the limit is 2 MiB"


def test_bytes_are_bytes(root):
    plant(root, {"latin-1": b"gr\xfcn\r\n", "empty": b""})
    host = RootedHost(root)
    assert host.read_bytes("/latin-1") == b"gr\xfcn\r\n"
    assert host.read_bytes("/empty") == b""


def test_names_are_sorted_by_their_bytes(root):
    names = ["10-b", "9-a", "B", "a", ".hidden", "é", "ｚ", "\U0001f600"]  # a wide letter is meant
    plant(root, {f"dir/{name}": "" for name in names})
    assert RootedHost(root).list_dir("/dir") == sorted(names, key=str.encode)
    plant(root, {os.fsdecode(b"dir/\xff"): ""})
    assert RootedHost(root).list_dir("/dir")[-1] == os.fsdecode(b"\xff")


def test_directories_that_cannot_be_listed(root):
    host = RootedHost(root)
    for path in ("/nothing", "/etc/hostname"):
        with pytest.raises(SourceNotFound) as caught:
            host.list_dir(path)
        assert str(caught.value) == f"{path}: no such file or directory"


def test_what_is_there(root):
    plant(root, {"bin/tool": "", "folder": Folder(), "tool": Link("/bin/tool"), "dangling": Link("/x"), "pipe": Pipe()})
    host = RootedHost(root)
    assert kind_of(host.status("/bin/tool")) == ("file", True)
    assert kind_of(host.status("/tool")) == ("file", True)
    assert kind_of(host.status("/etc/hostname")) == ("file", False)
    assert kind_of(host.status("/folder")) == ("dir", True)
    assert kind_of(host.status("/pipe")) == ("other", False)
    (root / "bin/tool").chmod(0o610)
    assert kind_of(host.status("/bin/tool")) == ("file", True), "the group's will do"
    assert host.status("/dangling") is None
    assert host.status("/nothing") is None


@pytest.mark.parametrize("host_class", [LocalHost, RootedHost])
def test_what_may_not_be_read(host_class):
    with tempfile.TemporaryDirectory() as directory:  # everybody may look into it, unlike into pytest's own
        Path(directory).chmod(0o755)
        plant(Path(directory), {"file": "x", "folder/file": "x"})
        (Path(directory) / "file").chmod(0)
        (Path(directory) / "folder").chmod(0)
        host, prefix = (LocalHost(), directory) if host_class is LocalHost else (RootedHost(directory), "")
        try:
            with ordinary_user():
                with pytest.raises(SourceError) as caught:
                    host.read_bytes(f"{prefix}/file")
                with pytest.raises(SourceError) as caught_too:
                    host.list_dir(f"{prefix}/folder")
                assert kind_of(host.status(f"{prefix}/file")) == ("file", False)
                assert host.status(f"{prefix}/folder/file") is None
        finally:
            (Path(directory) / "folder").chmod(0o700)
            shutil.rmtree(Path(directory) / "folder")
    assert str(caught.value) == f"{prefix}/file: permission denied"
    assert caught.value.hint == "run as the file's owner or as root"
    assert str(caught_too.value) == f"{prefix}/folder: permission denied"
    assert not isinstance(caught.value, SourceNotFound)


def test_the_network_namespace_of_a_mounted_node(root, monkeypatch):
    assert not RootedHost(root).same_netns(), "it cannot be told"
    own_netns(root)
    assert RootedHost(root).same_netns()
    (root / NETNS).unlink()
    plant(root, {NETNS: ELSEWHERE})
    assert not RootedHost(root).same_netns()
    monkeypatch.setattr("cnictl.host.rooted.netns_of", lambda _path: None)
    assert not RootedHost(root).same_netns(), "it cannot be told here either"


def test_the_machine_itself(tmp_path):
    plant(tmp_path, {"file": "x", "dir/b": "", "dir/a": "", "link": Link("file")})
    host = LocalHost()
    assert host.live
    assert not RootedHost(tmp_path).live
    assert host.where("/etc/../etc/hostname") == Path("/etc/../etc/hostname")
    assert host.read_bytes(f"{tmp_path}/link") == b"x"
    assert host.list_dir(f"{tmp_path}/dir") == ["a", "b"]
    assert kind_of(host.status(f"{tmp_path}/dir")) == ("dir", True)
    assert host.status(f"{tmp_path}/nothing") is None
    with pytest.raises(SourceNotFound):
        host.read_bytes(f"{tmp_path}/nothing")


def test_the_network_namespace_of_the_machine_itself(monkeypatch):
    host = LocalHost()
    monkeypatch.setattr("cnictl.host.local.netns_of", lambda path: "net:[1]" if "/1/" in str(path) else "net:[2]")
    assert not host.same_netns()
    monkeypatch.setattr("cnictl.host.local.netns_of", lambda _path: "net:[1]")
    assert host.same_netns()
    monkeypatch.setattr("cnictl.host.local.netns_of", lambda path: None if "/1/" in str(path) else "net:[2]")
    assert host.same_netns(), "who may not look at the first process is on the node itself"


def test_the_identity_of_a_network_namespace(tmp_path):
    assert netns_of(Path("/proc/self/ns/net")) == os.readlink("/proc/self/ns/net")  # noqa: PTH115  # the text
    assert netns_of(tmp_path / "nothing") is None
    assert netns_of(tmp_path) is None


@pytest.mark.parametrize("live", [True, False])
def test_names_that_nothing_can_have_are_not_there(tmp_path, live):
    host = LocalHost() if live else RootedHost(tmp_path)
    for ask in (host.read_bytes, host.list_dir, lambda path: host.read_part(path, 0, 1)):
        with pytest.raises(SourceNotFound, match=r"no (file|directory) can have this name"):
            ask("/etc/a\0b")
    assert host.status("/etc/a\0b") is None


def test_a_part_is_read_of_a_file_alone(tmp_path):
    plant(tmp_path, {"file": "abc", "pipe": Pipe()})
    assert LocalHost().read_part(f"{tmp_path}/file", 1, 5) == b"bc"
    for path in ("/dev/null", f"{tmp_path}/pipe", str(tmp_path)):
        with pytest.raises(SourceError, match="not a file"):
            LocalHost().read_part(path, 0, 1)


@pytest.mark.parametrize(
    "address", ["tcp:a..b:80", f"tcp:{'a' * 70}.example:80", "tcp:::1:x", "tcp:h:99999999", "unix:/a\0b"]
)
def test_there_is_nobody_at_an_address_that_can_be_none(address, monkeypatch):
    monkeypatch.setattr(LocalHost, "same_netns", lambda _self: True)
    assert LocalHost().connect(address) is not None
