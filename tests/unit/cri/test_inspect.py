"""CRI-O's own questions, and who else may answer them."""

from __future__ import annotations

import json
import time

import pytest

from cnictl.cri.inspect import CrioConfig, CrioInfo, crio_config, crio_info
from cnictl.errors import CriError, CriGarbled, CriNotASocket, CriSocketMissing, CriTimeout, CriTooLarge
from tests.support.cri import FakeRuntime, FakeSocket

TOML = """
[crio]
  log_dir = "/var/log/crio/pods"
  since = 2024-01-01
  [crio.network]
    cni_default_network = "pods"
    network_dir = "/etc/cni/net.d/"
    plugin_dirs = ["/opt/cni/bin/", "/usr/libexec/cni"]
"""


def say(*pieces, pause=0.0):
    """A server that reads a question, and says something piece by piece."""

    def answer(connection, over):
        questions.append(connection.recv(65536))
        for piece in pieces:
            connection.sendall(piece.encode() if isinstance(piece, str) else piece)
            if over.wait(pause):
                break

    questions: list[bytes] = []
    answer.questions = questions  # type: ignore[attr-defined]
    return answer


def page(text, status="200 OK"):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(text.encode())}\r\nContent-Type: application/toml\r\n\r\n{text}"


def trouble(place, answer, **options):
    with FakeSocket(place, answer) as server, pytest.raises(CriError) as caught:
        crio_config(server.path, **options)
    return type(caught.value), caught.value.reason


def test_config(place):
    answer = say(page(TOML))
    with FakeSocket(place, answer):
        config = crio_config(str(place))
    assert config.network_dir == "/etc/cni/net.d/"
    assert config.plugin_dirs == ("/opt/cni/bin/", "/usr/libexec/cni")
    assert config.default_network == "pods"
    assert config.tables["crio"]["since"] == "2024-01-01"
    assert CrioConfig.from_dict(json.loads(json.dumps(config.as_dict()))) == config
    (question,) = answer.questions
    assert question.startswith(b"GET /config HTTP/1.1\r\nHost: localhost\r\n")


def test_a_config_without_a_network_is_one():
    config = CrioConfig({"crio": {"network": {"network_dir": 7, "plugin_dirs": [7, "/a"]}}})
    assert (config.network_dir, config.default_network, config.plugin_dirs) == ("", "", ("/a",))


def test_info(place):
    data = {"storage_driver": "overlay", "storage_root": "/var/lib/containers/storage", "cgroup_driver": "systemd"}
    with FakeSocket(place, say(page(json.dumps(data | {"default_id_mappings": {}})))):
        assert crio_info(str(place)) == CrioInfo(*data.values())


@pytest.mark.parametrize("data", ["[]", "{}", "null"])
def test_an_info_in_another_shape_is_empty(place, data):
    with FakeSocket(place, say(page(data))):
        assert crio_info(str(place)) == CrioInfo("", "", "")


def test_a_page_in_pieces_is_read_whole(place):
    text = f"x = '{'ä' * 100_000}'"
    chunks = [f"{len(piece.encode()):x}\r\n{piece}\r\n" for piece in (text[:10], text[10:])]
    head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with FakeSocket(place, say(*head, *chunks, "0\r\n\r\n")):
        assert crio_config(str(place)).tables == {"x": "ä" * 100_000}


def test_containerd_is_not_taken_for_crio(place):
    with FakeRuntime(place, {}), pytest.raises(CriGarbled, match="it does not speak HTTP"):
        crio_config(str(place))


@pytest.mark.parametrize(
    ("pieces", "reason"),
    [
        ([b"\0\0\4\4\0\0\0\0\0"], "it does not speak HTTP/1.1, as CRI-O does ("),
        ([""], "it does not speak HTTP/1.1, as CRI-O does ("),
        (["HTTP/1.1 200 OK\r\n" + "X: y\r\n" * 1000], "it does not speak HTTP/1.1, as CRI-O does ("),
        (["HTTP/1.1 200 OK\r\nX: " + "y" * 100_000], "it does not speak HTTP/1.1, as CRI-O does ("),
        (
            ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
            "it does not speak HTTP/1.1, as CRI-O does (",
        ),
        (["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx = 1\n"], "the answer breaks off"),
        (["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"], "the answer breaks off"),
        ([page("404 page not found", "404 Not Found")], "it answers GET /config with the HTTP status 404"),
        ([page("x = ")], "the answer to GET /config cannot be read: "),
        ([page("x = " + "[" * 100_000)], "the answer to GET /config cannot be read: "),
    ],
)
def test_an_answer_that_is_none_is_told_from_one(place, pieces, reason):
    kind, words = trouble(place, say(*pieces))
    assert kind is CriGarbled
    assert words.startswith(reason)


@pytest.mark.parametrize(
    "pieces",
    [[""] * 100, list(page("x" * 1000)), ["HTTP/1.1 100 Continue\r\n\r\n"] * 1000],
    ids=["silence", "drip", "wait"],
)
def test_whoever_does_not_come_to_an_end_is_left_in_time(place, pieces):
    began = time.monotonic()
    assert trouble(place, say(*pieces, pause=0.02), timeout=0.3) == (CriTimeout, "no whole answer came within 0.3 s")
    assert time.monotonic() - began < 3


def test_a_giant_answer_is_not_read(place):
    head = "HTTP/1.1 200 OK\r\n\r\n"
    assert trouble(place, say(head, "x" * 1002), limit=1000) == (CriTooLarge, "the answer is larger than 1000 bytes")


def test_a_socket_that_cannot_be_asked(place):
    with pytest.raises(CriSocketMissing):
        crio_config(str(place))
    place.touch()
    with pytest.raises(CriNotASocket):
        crio_info(str(place))
