"""Units, drop-ins and the command line that comes of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.foreign.systemd import environment_of, read_unit
from cnictl.text.source import Source

KUBEADM = """# Note: This dropin only works with kubeadm and kubelet v1.11+
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/b --kubeconfig=/k"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
"""
UNIT = "[Unit]\nDescription=kubelet\n\n[Service]\nExecStart=/usr/bin/kubelet\nRestart=always\n[Install]\nWantedBy=x\n"
FILES = {
    "/var/lib/kubelet/kubeadm-flags.env": 'KUBELET_KUBEADM_ARGS="--a=1 --b"\n',
    "/etc/default/kubelet": "# KUBELET_EXTRA_ARGS=--no\nKUBELET_EXTRA_ARGS=--c 'two words'\n",
}


def source(text, path="kubelet.service"):
    return Source(path, text.encode())


def read(path):
    return source(FILES[path], path) if path in FILES else None


def words(*texts, reading=read):
    return [word.text for word in read_unit(map(source, texts)).command(reading)]


def test_the_command_of_kubeadms_kubelet():
    unit = read_unit([source(UNIT), source(KUBEADM, "10-kubeadm.conf")])
    command = unit.command(read)
    assert [word.text for word in command] == [
        "/usr/bin/kubelet",
        "--bootstrap-kubeconfig=/b",
        "--kubeconfig=/k",
        "--config=/var/lib/kubelet/config.yaml",
        "--a=1",
        "--b",
        "--c",
        "two",
        "words",
    ]
    places = {word.text: (word.location.file, word.location.line, word.location.column) for word in command}
    assert places["--kubeconfig=/k"] == ("10-kubeadm.conf", 3, 64)
    assert places["--b"] == ("/var/lib/kubelet/kubeadm-flags.env", 1, 29)
    assert places["--c"] == ("/etc/default/kubelet", 2, 20)
    assert unit.environment_files == tuple(FILES)


def test_files_that_may_be_missing():
    assert words(UNIT, KUBEADM, reading=lambda _: None)[-1] == "--config=/var/lib/kubelet/config.yaml"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[Service]\nExecStart=/a b \\\n  c \\\n# no\n  d\nExecReload=x\n", ["/a", "b", "c", "d"]),
        ("[Service]\r\nExecStart=/a b \\\r\n  c\r\n", ["/a", "b", "c"]),
        ("[Service]\nExecStart=-@/a \"b c\" 'd e' f\\ g\n", ["/a", "b c", "d e", "f g"]),
        (
            "[Service]\nEnvironment=A=1 'B=2 3'\nExecStart=/a $A $B ${B} x${A}y $C ${C}\n",
            ["/a", "1", "2", "3", "2 3", "x1y"],
        ),
        ("[Service]\nExecStart=/a\nExecStart=\n", []),
        ("[Service]\nEnvironment=A=1\nEnvironment=\nExecStart=/a $A\n", ["/a"]),
        ("[Unit]\nExecStart=/a\n", []),
        ("ExecStart=/a\n", []),
        ("", []),
        ("[Service]\nExecStart=/a", ["/a"]),
        ("[Service]\nExecStart=/a \\", ["/a"]),
    ],
)
def test_commands(text, wanted):
    assert words(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A=1\n#B=2\n;C=3\n D = 4 \nexport E=5", {"A": "1", "D": "4", "E": "5"}),
        ("A='x  y' # z\n", {"A": "x  y # z"}),
        ('A="x \\\n y"\n', {"A": "x   y"}),
        ("A=\nB", {"A": ""}),
        ("A=1\nA=2\n", {"A": "2"}),
        ("A=it's", {"A": "it's"}),
    ],
)
def test_files_of_variables(text, wanted):
    found = environment_of(source(text))
    assert {name: "".join(piece.text for piece in pieces) for name, pieces in found.items()} == wanted


@given(st.text(alphabet="[Service]\nExtraEnvom=/a $\\\"'{}#;\r ", max_size=80))
def test_any_text_is_read(text):
    whole = f"[Service]\nEnvironment={text}\nEnvironmentFile=/f\nExecStart=/x $A {text}"
    unit = read_unit([source(text), source(whole)])
    for word in unit.command(lambda path: source(text, path)):
        assert 0 <= word.span.start < word.span.end <= len(word.source.text)
