"""Configs in another version of the spec: what is written, and what is told of what that means."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.authoring.configs import Config, choose, configs_in
from cnictl.authoring.spoken import for_kubernetes
from cnictl.authoring.upgrade import CHANGED, LOST, NOTE, Upgrade, upgrade
from cnictl.errors import UsageError
from cnictl.model.version import SpecVersion
from cnictl.text.source import Source
from cnictl.validate.installed import InstalledPlugin

SINGLE = """{
    "cniVersion": "0.2.0",
    "name": "pods",
    "type": "bridge",
    "ipam": {
        "type": "host-local",
        "subnet": "10.1.0.0/24"
    }
}
"""
LIST = """{
  "cniVersion": "1.0.0",
  "name": "pods",
  "disableCheck": true,
  "plugins": [
    {
      "type": "bridge",
      "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
"""
VERSIONS = [str(version) for version in SpecVersion]


class Installed:
    """Plugins that answer what a test says."""

    def __init__(self, default: tuple[str, ...], **answers: InstalledPlugin) -> None:
        self.default, self.answers = default, answers

    def of(self, plugin: str) -> InstalledPlugin:
        return self.answers.get(plugin, InstalledPlugin(versions=self.default))


def config(text: str, path: str = "net.conflist", name: str | None = None) -> Config:
    return choose(configs_in(Source(path, text.encode())), name)


def done(text: str, version: str, path: str = "net.conflist", installed=None) -> Upgrade:
    return upgrade(config(text, path), SpecVersion(version), installed)


def told(change: Upgrade, kind: str) -> list[str]:
    return [note.message for note in change.notes if note.kind == kind]


def test_a_single_plugin_becomes_a_list():
    change = done(SINGLE, "1.0.0", "10-pods.conf")
    assert change.path == "10-pods.conflist"
    assert json.loads(change.text) == {
        "cniVersion": "1.0.0",
        "name": "pods",
        "plugins": [{"type": "bridge", "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}}],
    }
    assert told(change, CHANGED) == ['"cniVersion" is now 1.0.0', "it is a list of one plugin now"]
    assert told(change, NOTE) == ["runtimes can call CHECK, which asks whether a pod's network is still as it was made"]
    assert change.losses == []


def test_and_a_list_the_config_of_a_single_plugin():
    there = done(SINGLE, "1.0.0", "10-pods.conf")
    back = done(there.text, "0.2.0", there.path)
    assert (back.path, back.text) == ("10-pods.conf", SINGLE)
    assert told(back, NOTE)[0].startswith("runtimes no longer call CHECK")


def test_only_the_version_changes_where_nothing_else_has_to():
    assert done(LIST, "0.4.0").text == LIST.replace('"1.0.0"', '"0.4.0"')
    assert done(SINGLE, "0.1.0", "a.conf").text == SINGLE.replace("0.2.0", "0.1.0")
    same = done(LIST, "1.0.0")
    assert (same.changed, same.notes) == (False, ())


def test_a_version_that_is_not_declared_is_added():
    assert (
        json.loads(done(SINGLE.replace('"cniVersion": "0.2.0",', ""), "0.2.0", "a.conf").text)["cniVersion"] == "0.2.0"
    )
    without = LIST.replace('  "cniVersion": "1.0.0",\n', "")
    assert done(without, "1.0.0").text == LIST


def test_what_single_plugins_have_no_place_for_is_lost():
    change = done(LIST, "0.2.0")
    assert told(change, LOST) == [
        "portmap is left out: before 0.3.0 a network has one plugin",
        '"disableCheck" is left out: before 0.3.0 there are no lists that have it',
    ]
    assert json.loads(change.text)["type"] == "bridge"
    assert change.path == "net.conf"


def test_several_versions_are_offered_since_1_1_0():
    several = LIST.replace('"cniVersion": "1.0.0",', '"cniVersion": "1.0.0", "cniVersions": ["1.0.0", "1.1.0"],')
    change = done(several, "1.0.0")
    assert told(change, LOST) == ["1.1.0 is not offered any more, for runtimes would take that"]
    assert json.loads(change.text) == {**json.loads(LIST), "cniVersions": ["1.0.0"]}
    assert json.loads(done(several, "0.4.0").text) == json.loads(LIST.replace('"1.0.0"', '"0.4.0"'))
    up = done(several, "1.1.0")
    assert json.loads(up.text)["cniVersions"] == ["1.0.0", "1.1.0"]
    assert up.losses == []


def test_a_plugin_that_does_not_speak_the_version():
    calico = '{"cniVersion": "0.3.1", "name": "a", "plugins": [{"type": "calico", "ipam": {"type": "calico-ipam"}}]}'
    assert told(done(calico, "1.1.0"), LOST)[0].startswith("calico does not speak 1.1.0, and no pod would start")
    firewall = LIST.replace('{"type": "portmap", "capabilities": {"portMappings": true}}', '{"type": "firewall"}')
    assert "firewall does not speak 0.3.1" in told(done(firewall, "0.3.1"), LOST)[0]


def test_an_installed_plugin_that_does_not_speak_it():
    installed = Installed(("0.4.0", "1.0.0"), portmap=InstalledPlugin(missing="no portmap in /opt/cni/bin"))
    change = done(LIST, "1.1.0", installed=installed)
    assert told(change, LOST) == [
        "the installed bridge does not speak 1.1.0, and no pod would start: it speaks 0.4.0, 1.0.0",
        "the installed host-local does not speak 1.1.0, and no pod would start: it speaks 0.4.0, 1.0.0",
        "no portmap in /opt/cni/bin, so nobody knows whether it speaks 1.1.0",
    ]
    assert done(LIST, "0.4.0", installed=Installed(("0.4.0",))).losses == []


def test_more_addresses_than_a_version_has_room_for():
    two = SINGLE.replace("0.2.0", "0.4.0").replace(
        '"subnet": "10.1.0.0/24"', '"ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "10.2.0.0/24"}]]'
    )
    assert "a result of spec 0.2.0 holds one (CNI210)" in told(done(two, "0.2.0", "a.conf"), LOST)[0]


@pytest.mark.parametrize(
    ("text", "spoken", "expected"),
    [
        (SINGLE, ("0.4.0", "1.0.0", "1.1.0"), "1.0.0"),
        (SINGLE, ("0.3.1", "0.4.0"), "0.4.0"),
        (LIST.replace("1.0.0", "1.1.0"), ("0.4.0", "1.0.0", "1.1.0"), "1.1.0"),
        (LIST.replace("1.0.0", "1.1.0"), ("0.4.0", "1.0.0"), "1.0.0"),
        (SINGLE, (), "1.0.0"),
        (SINGLE.replace("bridge", "cni-kindnet"), (), "0.4.0"),
    ],
)
def test_what_kubernetes_wants(text, spoken, expected):
    network = config(text, "a.conf" if "plugins" not in text else "a.conflist").network
    assert str(for_kubernetes(network, Installed(spoken))) == expected


def test_what_kubernetes_cannot_have():
    with pytest.raises(UsageError, match="and the installed bridge does not speak"):
        for_kubernetes(config(SINGLE, "a.conf").network, Installed(("0.3.1",)))
    with pytest.raises(UsageError, match="weave-net does not speak"):
        for_kubernetes(config(SINGLE.replace('"bridge"', '"weave-net"'), "a.conf").network, Installed(()))


def test_what_stands_in_a_manifest():
    body = "".join(f"    {line}\n" for line in SINGLE.splitlines())
    nad = f"kind: NetworkAttachmentDefinition\nmetadata:\n  name: pods\nspec:\n  config: |\n{body}"
    change = upgrade(config(nad, "nad.yaml"), SpecVersion.V1_0_0)
    assert change.path == "nad.yaml"
    assert '      "plugins": [\n' in change.text
    assert configs_in(Source("nad.yaml", change.text.encode()))[0].network.is_list
    assert upgrade(config(change.text, "nad.yaml"), SpecVersion.V0_2_0).text == nad
    line = json.dumps(json.loads(SINGLE))
    quoted = f"kind: NetworkAttachmentDefinition\nspec:\n  config: '{line}'\n"
    assert (
        "it stays the config of a single plugin" in told(upgrade(config(quoted, "n.yaml"), SpecVersion.V1_0_0), NOTE)[0]
    )
    data = f"kind: ConfigMap\ndata:\n  10-pods.conf: '{line}'\n"
    stays = upgrade(config(data, "n.yaml"), SpecVersion.V1_0_0)
    assert "the name under which it stands" in told(stays, NOTE)[0]
    assert '"cniVersion": "1.0.0"' in stays.text


def test_a_list_needs_a_name_and_a_plugin():
    nameless = SINGLE.replace('    "name": "pods",\n', "")
    assert told(done(nameless, "1.0.0", "a.conf"), NOTE)[0].endswith("a list needs a name")
    with pytest.raises(UsageError, match="there is no plugin in it"):
        done('{"cniVersion": "1.0.0", "name": "a", "plugins": []}', "0.4.0")


@settings(deadline=None, max_examples=60)
@given(
    path=st.sampled_from(["a.conf", "a.conflist"]),
    steps=st.lists(st.sampled_from(VERSIONS), min_size=1, max_size=5),
    indent=st.sampled_from([None, 2, 4, "\t"]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_any_way_through_the_versions_keeps_the_meaning(path, steps, indent, newline):
    plugin = {"type": "of-nobody", "n": 10**20, "é": [1.50, {"a": None}], "s": "x\\ny"}
    single = {"cniVersion": "0.4.0", "name": "pods", **plugin}
    listed = {"cniVersion": "0.4.0", "name": "pods", "plugins": [plugin]}
    text = json.dumps(single if path == "a.conf" else listed, indent=indent, ensure_ascii=False).replace("\n", newline)
    for version in steps:
        change = done(text, version, path)
        assert change.losses == []
        text, path = change.text, change.path
    data = json.loads(text)
    assert data["cniVersion"] == steps[-1]
    assert data["name"] == "pods"
    [entry] = data.get("plugins", [data])
    assert {key: value for key, value in entry.items() if key not in ("cniVersion", "name")} == plugin
    assert path.endswith("list") is ("plugins" in data)
