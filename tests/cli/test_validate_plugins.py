"""``cnictl validate --with-plugins``: the installed plugins are asked, and none of them can do any harm."""

from __future__ import annotations

import json
import time

import pytest

from cnictl.cli import validation
from tests.support.plugins import write_plugin

ANSWER = """echo '{"cniVersion": "1.0.0", "supportedVersions": ["0.4.0", "1.0.0"]}'"""


@pytest.fixture
def bins(tmp_path):
    """A plugin directory in which each plugin notes that it was asked."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def add(name: str, script: str = ANSWER):
        return write_plugin(folder, f'echo "$CNI_COMMAND" >> "$0.log"\n{script}', name=name)

    add.folder = folder  # type: ignore[attr-defined]
    add("bridge")
    add("host-local")
    return add


def calls(bins, name: str) -> list[str]:
    log = bins.folder / f"{name}.log"
    return log.read_text().split() if log.exists() else []


@pytest.fixture
def asked(cnictl, tmp_path, bins):
    """Judges a list of these plugins; the codes with the places and messages."""

    def call(*plugins: str, version: str = "1.0.0", options: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
        path = tmp_path / "net.conflist"
        path.write_text(f'{{"cniVersion": "{version}", "name": "pods", "plugins": [{", ".join(plugins)}]}}')
        ended = cnictl("validate", "-f", "json", "--bin-dir", bins.folder, *options, path)
        found = [finding for file in ended.data["files"] for finding in file["findings"]]
        assert ended.status == any(finding["severity"] == "error" for finding in found)
        return [
            (finding["code"], finding["location"]["pointer"], finding["message"])
            for finding in found
            if finding["code"].startswith(("CNI7", "CNI111"))
        ]

    return call


def test_a_plugin_that_is_there_and_speaks_the_version(asked, bins):
    assert asked('{"type": "bridge", "isGateway": true}') == []
    assert calls(bins, "bridge") == ["VERSION"]


def test_each_is_asked_once(asked, bins, cnictl, tmp_path):
    plugin = '{"type": "bridge", "isGateway": true, "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}}'
    asked(plugin, plugin, options=("--spec-version", "0.4.0", "--spec-version", "1.0.0"))
    assert (calls(bins, "bridge"), calls(bins, "host-local")) == (["VERSION"], ["VERSION"])
    cnictl("validate", "--matrix", "--bin-dir", bins.folder, tmp_path / "net.conflist", tmp_path)
    assert len(calls(bins, "bridge")) == 2


def test_nobody_is_asked_without_being_told_to(cnictl, good, bins, monkeypatch):
    monkeypatch.setenv("CNI_PATH", str(bins.folder))
    cnictl("validate", good)
    assert calls(bins, "bridge") == []
    assert cnictl("validate", "--with-plugins", good).status == 0
    assert calls(bins, "bridge") == ["VERSION"]


def test_a_missing_one(asked, bins):
    ((code, pointer, message),) = asked('{"type": "bridge"}', '{"type": "gone"}')
    assert (code, pointer) == ("CNI701", "/plugins/1/type")
    assert message == f'plugin "gone" is not in {bins.folder}'


def test_one_that_cannot_be_run(asked, bins):
    bins("locked").chmod(0o644)
    (bins.folder / "folder").mkdir()
    (bins.folder / "text").write_text("no program")
    (bins.folder / "text").chmod(0o755)
    found = asked('{"type": "locked"}', '{"type": "folder"}', '{"type": "text"}')
    assert [code for code, *_ in found] == ["CNI701"] * 3
    assert [message.partition(f"{bins.folder}/")[2] for *_, message in found] == [
        "locked is not executable",
        "folder is a directory, not a plugin",
        "text cannot be started: exec format error",
    ]
    assert calls(bins, "locked") == []


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("true", "does not say which versions it speaks: ended with success and printed nothing"),
        ("echo nonsense", 'does not say which versions it speaks: printed no JSON: "nonsense"'),
        ("echo '[]'", "does not say which versions it speaks: answered VERSION with "),
        ("""echo '{"supportedVersions": [1]}'""", "does not say which versions it speaks: answered VERSION with "),
        ("printf '\\377\\000'", "does not say which versions it speaks: "),
        ("kill -SEGV $$", "does not say which versions it speaks: "),
        ("exit 3", "does not say which versions it speaks: "),
        ("""echo '{"code": 7, "msg": "not today"}'; exit 1""", "refuses to say which versions it speaks: not today"),
        ("head -c 9000000 /dev/zero", "does not say which versions it speaks: "),
    ],
)
def test_one_that_gives_no_answer(asked, bins, script, reason):
    bins("odd", script)
    ((code, pointer, message),) = asked('{"type": "odd"}')
    assert (code, pointer) == ("CNI703", "/plugins/0/type")
    assert message.startswith(f"the installed odd {reason}")


def test_one_that_hangs_is_not_waited_for(asked, bins, monkeypatch):
    monkeypatch.setattr(validation, "_PATIENCE", 0.3)
    bins("slow", "sleep 60")
    start = time.monotonic()
    ((code, _, message),) = asked('{"type": "slow"}', '{"type": "slow"}')[:1]
    assert time.monotonic() - start < 5
    assert (code, calls(bins, "slow")) == ("CNI703", ["VERSION"])
    assert "slow" in message


def test_one_that_is_too_old_or_too_new(asked, bins):
    bins("old", """echo '{"cniVersion": "0.2.0", "supportedVersions": ["0.1.0", "0.2.0"]}'""")
    bins("new", """echo '{"cniVersion": "1.1.0", "supportedVersions": ["1.1.0"]}'""")
    bins("odd", """echo '{"cniVersion": "7", "supportedVersions": ["7"]}'""")
    found = asked('{"type": "old"}', '{"type": "new"}', '{"type": "odd"}', '{"type": "bridge"}')
    assert found == [
        ("CNI702", "/plugins/0/type", "the installed old does not speak spec 1.0.0; it speaks 0.1.0, 0.2.0"),
        ("CNI702", "/plugins/1/type", "the installed new does not speak spec 1.0.0; it speaks 1.1.0"),
        ("CNI702", "/plugins/2/type", "the installed odd does not speak spec 1.0.0; it speaks 7"),
    ]
    assert asked('{"type": "old"}', options=("--spec-version", "0.2.0")) == []


def test_the_versions_are_part_of_the_matrix(cnictl, good, bins):
    ended = cnictl("validate", "--matrix", "-f", "json", "--bin-dir", bins.folder, good)
    answers = ended.data["files"][0]["versions"]
    assert [version for version, answer in answers.items() if answer["ok"]] == ["0.4.0", "1.0.0"]
    assert (ended.status, answers["1.1.0"]["code"]) == (0, "CNI702")


@pytest.mark.parametrize("name", ["../bin/bridge", "bin/bridge", "./bridge", "..", "a\\u0000b", ""])
def test_a_path_is_never_run(asked, bins, name):
    found = asked(f'{{"type": "{name}"}}', '{"type": "bridge", "ipam": {"type": "../bin/host-local"}}')
    assert {code for code, *_ in found} <= {"CNI111"}
    assert calls(bins, "host-local") == []
    assert len(calls(bins, "bridge")) == 1


def test_an_absolute_path_is_never_run(asked, bins):
    assert [code for code, *_ in asked(json.dumps({"type": str(bins.folder / "bridge")}))] == ["CNI111"]
    assert calls(bins, "bridge") == []


def test_the_plugins_of_addresses_and_of_delegates_are_asked_too(asked, bins):
    bins("flannel")
    found = asked(
        '{"type": "bridge", "isGateway": true, "ipam": {"type": "my-ipam"}}',
        '{"type": "flannel", "delegate": {"type": "my-bridge", "isDefaultGateway": true}}',
    )
    assert [(code, pointer) for code, pointer, _ in found] == [
        ("CNI701", "/plugins/0/ipam/type"),
        ("CNI701", "/plugins/1/delegate/type"),
    ]


def test_what_is_no_type_is_not_looked_for(asked, bins):
    found = asked('{"type": 5}', '{"type": null}', "{}", '{"type": ["bridge"]}', "7")
    found += asked('{"type": "bridge", "ipam": {"type": 5}}', '{"type": "bridge", "ipam": []}')
    assert {code for code, *_ in found} == {"CNI111"}


def test_a_directory_that_is_not_there(cnictl, good, tmp_path):
    ended = cnictl("validate", "-f", "json", "--bin-dir", tmp_path / "none", good)
    assert [finding["code"] for finding in ended.data["files"][0]["findings"]] == ["CNI701", "CNI701"]


OLD = "is older than v1.6.0 and"


def test_what_old_releases_do_not_read(asked, bins):
    bins("firewall")
    found = asked(
        '{"type": "bridge", "isGateway": true, "portIsolation": true, "ipam": {"type": "host-local", "ranges": [[{'
        '"subnet": "10.1.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}, {"dst": "10.9.0.0/16", "table": 7}]}}',
        '{"type": "firewall", "ingressPolicy": "isolated"}',
    )
    assert found == [
        ("CNI704", "/plugins/0/portIsolation", f'the installed bridge {OLD} passes over "portIsolation"'),
        ("CNI704", "/plugins/0/ipam/routes/1/table", f'the installed host-local {OLD} passes over "table"'),
        ("CNI704", "/plugins/1/ingressPolicy", f'the installed firewall {OLD} refuses the policy "isolated" of v1.7.0'),
    ]
    assert asked('{"type": "bridge", "isGateway": true}', '{"type": "firewall", "ingressPolicy": "same-bridge"}') == []
