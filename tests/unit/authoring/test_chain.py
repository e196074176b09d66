"""Edits of chains: only what is said changes, and what is added and removed again leaves no trace."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.authoring.chain import Place, add, configs_in, fitting, move, remove, types_of
from cnictl.authoring.configs import Config, choose
from cnictl.errors import InputError, UsageError
from cnictl.text.source import Source
from cnictl.validate.paths import judge_file

PRETTY = """{
\t"cniVersion": "1.0.0",  "name":"pods",
    "plugins": [
        {   "type":"bridge" , "mtu": 1400, "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}},
        {
          "type": "bandwidth",
          "capabilities": {"bandwidth": true}
        }   ]
}
"""
COMPACT = (
    '{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","ipam":{"type":"host-local",'
    '"ranges":[[{"subnet":"10.1.0.0/24"}]]}}]}'
)
NAD = """# the second network
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata:
  name: storage
  namespace: lab
spec:
  config: |
    {
      "cniVersion": "1.0.0",
      "name": "storage",
      "plugins": [
        {
          "type": "macvlan",
          "master": "eth1",
          "ipam": {"type": "dhcp"}
        }
      ]
    }
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cni}
data:
  other: unchanged
  10-pods.conflist: '{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam":
    {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}'
"""


def config(text: str, path: str = "net.conflist", name: str | None = None) -> Config:
    return choose(configs_in(Source(path, text.encode())), name)


def again(change, name: str | None = None) -> Config:
    return config(change.text, change.before.source.outermost.path, name)


def test_a_new_plugin_looks_like_the_one_beside_it():
    change = add(config(PRETTY), "tuning", {"mtu": 1400})
    assert change.plugins == ["bridge", "tuning", "bandwidth"]
    assert change.message == "tuning is added behind bridge"
    inserted = ',\n        {"type": "tuning", "mtu": 1400}'
    assert change.text == PRETTY.replace("]]}},", "]]}}" + inserted + ",")
    assert add(config(PRETTY), "firewall", place=Place(after="bandwidth")).text == PRETTY.replace(
        "        }   ]", '        },\n        {\n          "type": "firewall"\n        }   ]'
    )


def test_one_line_stays_one_line():
    assert add(config(COMPACT), "portmap").text == COMPACT.replace(
        "]]}}]}", ']]}},{"type":"portmap","capabilities":{"portMappings":true}}]}'
    )


def test_line_ends_are_those_of_the_file():
    text = PRETTY.replace("\n", "\r\n")
    change = add(config(text), "firewall", place=Place(after="bandwidth"))
    assert "\n" not in change.text.replace("\r\n", "")
    assert remove(again(change), "firewall").text == text


def test_twice_is_once():
    change = add(again(add(config(PRETTY), "portmap")), "portmap")
    assert (change.changed, change.message) == (False, "portmap is in the chain already")
    gone = remove(config(PRETTY), "portmap")
    assert (gone.changed, gone.message) == (False, "portmap is not in the chain")
    stays = move(config(PRETTY), "bandwidth")
    assert (stays.changed, stays.message) == (False, "bandwidth stands there already")
    same = add(again(add(config(PRETTY), "tuning", {"mtu": 1400})), "tuning", {"mtu": 1400})
    assert not same.changed
    with pytest.raises(UsageError, match="its mtu is not what you say"):
        add(again(add(config(PRETTY), "tuning", {"mtu": 1400})), "tuning", {"mtu": 1300})


@pytest.mark.parametrize(
    ("types", "plugin", "index"),
    [
        ([], "portmap", 0),
        (["bridge"], "portmap", 1),
        (["bridge", "bandwidth"], "portmap", 1),
        (["bridge", "firewall", "bandwidth"], "portmap", 2),
        (["bridge", "portmap"], "bandwidth", 2),
        (["bridge", "portmap", "bandwidth"], "tuning", 1),
        (["bridge", "portmap", "istio-cni"], "bandwidth", 2),
        (["bridge", "portmap"], "istio-cni", 2),
        (["cilium-cni"], "portmap", 1),
        (["calico", "cilium-cni"], "portmap", 1),
        (["bridge", "tuning"], "sbr", 1),
        (["bridge", "route-override"], "sbr", 2),
        (["portmap"], "bridge", 0),
        (["bridge", "of-nobody"], "portmap", 1),
        (["bridge", "portmap"], "of-nobody", 2),
    ],
)
def test_the_place_that_fits(types, plugin, index):
    assert fitting(types, plugin) == index


def test_a_plugin_that_is_there_and_is_told_nothing_is_told():
    mute = PRETTY.replace(',\n          "capabilities": {"bandwidth": true}', "")
    change = add(config(mute), "bandwidth")
    assert change.message == "bandwidth is in the chain already, and is told bandwidth now"
    assert json.loads(change.text)["plugins"][1]["capabilities"] == {"bandwidth": True}
    refused = add(config(PRETTY.replace('"bandwidth": true', '"bandwidth": false')), "bandwidth")
    assert not refused.changed


def test_a_place_that_is_named():
    two = config(add(config(PRETTY), "portmap").text)
    assert add(two, "firewall", place=Place(at=2)).plugins == ["bridge", "firewall", "portmap", "bandwidth"]
    assert add(two, "firewall", place=Place(before="bandwidth")).plugins[2] == "firewall"
    assert move(two, "portmap", Place(after="bandwidth")).plugins == ["bridge", "bandwidth", "portmap"]
    assert move(two, "bandwidth", Place(at=2)).plugins == ["bridge", "bandwidth", "portmap"]


def test_what_is_moved_keeps_its_layout_and_moves_back_to_the_last_blank():
    text = add(config(PRETTY), "portmap").text
    there = move(config(text), "portmap", Place(after="bandwidth"))
    assert there.text != text
    assert move(config(there.text), "portmap", Place(at=2)).text == text


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda: add(config(PRETTY), "portmapp"), '"portmapp" is no plugin that is known'),
        (lambda: add(config(PRETTY), "a/b"), "is a path"),
        (lambda: add(config(PRETTY), "ptp"), r"ptp .*\(CNI520\)|makes the interface a second time"),
        (lambda: add(config(NAD, "nad.yaml", "storage"), "bandwidth"), "bandwidth needs a veth pair"),
        (lambda: remove(config(PRETTY), "bridge"), "and it is the first"),
        (lambda: remove(config(COMPACT), "bridge"), "bridge is the only plugin"),
        (lambda: move(config(PRETTY), "bandwidth", Place(at=1)), "and it is the first"),
        (lambda: move(config(PRETTY), "portmap"), "portmap is not in the chain"),
        (lambda: add(config(PRETTY), "portmap", place=Place(at=9)), "the chain has no place 9"),
        (lambda: add(config(PRETTY), "portmap", place=Place(before="sbr")), "sbr is not in the chain"),
        (lambda: add(config('{"name": "a", "type": "bridge"}', "a.conf"), "portmap"), "config of a single plugin"),
        (lambda: add(config('{"name": "a", "plugins": [1]}'), "portmap"), "is not a list of plugins"),
        (lambda: remove(config(PRETTY), "bandwidth", 1), "number 1 of the chain is not bandwidth"),
    ],
)
def test_what_is_refused(edit, message):
    with pytest.raises(UsageError, match=message):
        edit()


def test_a_plugin_of_nobodys_may_be_called_nearly_like_another():
    assert add(config(PRETTY), "my-firewall").plugins == ["bridge", "bandwidth", "my-firewall"]
    assert "portmapp" in add(config(PRETTY), "portmapp", force=True).plugins


def test_what_is_forced_is_told():
    change = move(config(PRETTY), "bandwidth", Place(at=1), force=True)
    assert change.plugins == ["bandwidth", "bridge"]
    assert "CNI301" in {finding.code for finding in change.findings}


def test_one_of_several_of_a_type():
    twice = add(config(PRETTY), "tuning").text.replace('"capabilities": {"bandwidth": true}', '"mtu": 1400')
    twice = twice.replace('"type": "bandwidth"', '"type": "tuning"')
    with pytest.raises(UsageError, match="tuning is in the chain 2 times"):
        remove(config(twice), "tuning")
    assert remove(config(twice), "tuning", 2).plugins == ["bridge", "tuning"]


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("{", "net.conflist", "net.conflist:1: "),
        ('{"plugins": [],}', "net.conflist", "a comma stands before"),
        ("[]", "net.conflist", "a network config is a JSON object"),
        ("kind: Pod\n", "pod.yaml", "no network config stands in it"),
        ("kind: [\n", "pod.yaml", "pod.yaml:"),
    ],
)
def test_files_that_hold_no_config(text, path, message):
    with pytest.raises(InputError, match=message):
        config(text, path)
    with pytest.raises(InputError, match="is not UTF-8"):
        configs_in(Source("net.conflist", b"\xff"))


def test_a_config_in_a_manifest_is_edited_there():
    change = add(config(NAD, "nad.yaml", "storage"), "tuning", {"mtu": 1400})
    lines = ["        },", "        {", '          "type": "tuning",', '          "mtu": 1400', "        }"]
    assert change.text == NAD.replace("        }\n      ]", "\n".join(lines) + "\n      ]")
    assert remove(again(change, "lab/storage"), "tuning").text == NAD
    quoted = add(config(NAD, "nad.yaml", "pods"), "portmap")
    assert quoted.plugins == ["bridge", "portmap"]
    assert remove(again(quoted, "pods"), "portmap").text == NAD
    assert len(judge_file(Source("nad.yaml", quoted.text.encode()))) == 2


def test_which_config_of_a_manifest_is_meant():
    with pytest.raises(UsageError, match="2 configs in it could be meant"):
        config(NAD, "nad.yaml")
    with pytest.raises(UsageError, match='no network in it is called "x"'):
        config(NAD, "nad.yaml", "x")
    assert types_of(config(NAD, "nad.yaml", "cni")) == ["bridge"]


def test_a_config_that_cannot_be_edited_where_it_stands():
    folded = NAD.replace("config: |", "config: >")
    change = add(config(folded, "nad.yaml", "storage"), "tuning")
    assert types_of(again(change, "storage")) == ["macvlan", "tuning"]


CHAINED = ("portmap", "bandwidth", "tuning", "firewall", "sbr", "of-nobody")
LAYOUTS = (None, 1, 2, "\t")
EDITS = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "move"]), st.sampled_from(CHAINED), st.integers(1, 7)), max_size=8
)


@settings(deadline=None, max_examples=60)
@given(
    edits=EDITS,
    indent=st.sampled_from(LAYOUTS),
    newline=st.sampled_from(["\n", "\r\n"]),
    chained=st.lists(st.sampled_from(CHAINED), unique=True, max_size=3),
)
def test_any_sequence_of_edits_keeps_json_and_every_untouched_plugin(edits, indent, newline, chained):
    plugins = [{"type": "bridge", "x": [1, {"y": " ] , "}]}, *({"type": each, "mark": each * 2} for each in chained)]
    head = {"cniVersion": "1.0.0", "name": "pods", "plugins": plugins, "cnictl/note": "é ☃"}
    text = json.dumps(head, indent=indent, ensure_ascii=False).replace("\n", newline)
    array = config(text).network.node.child("plugins")
    assert array is not None
    span = array.span
    before, behind = text[: span.start], text[span.end :]
    expected = [each["type"] for each in plugins]
    for verb, plugin, at in edits:
        current = config(text)
        place = Place(at=min(at, len(expected)))
        if verb == "add":
            change = add(current, plugin, place=place, force=True)
            if plugin not in expected:
                expected.insert(min(at, len(expected)) - 1, plugin)
        elif verb == "remove" or plugin not in expected:
            change = remove(current, plugin, force=True)
            expected = [each for each in expected if each != plugin]
        else:
            change = move(current, plugin, place, force=True)
            expected.remove(plugin)
            expected.insert(min(at, len(expected) + 1) - 1, plugin)
        text = change.text
    data = json.loads(text)
    assert [each["type"] for each in data["plugins"]] == expected
    assert text.startswith(before)
    assert text.endswith(behind)
    assert {key: value for key, value in data.items() if key != "plugins"} == {
        key: value for key, value in head.items() if key != "plugins"
    }
    untouched = [each for each in plugins if not any(each["type"] == plugin for _, plugin, _ in edits)]
    written = [json.dumps(each, indent=indent, ensure_ascii=False) for each in untouched]
    margin = "" if indent is None else 2 * (indent if isinstance(indent, str) else indent * " ")
    assert all(each.replace("\n", f"{newline}{margin}") in text for each in written)
    assert newline == "\r\n" or "\r" not in text


@settings(deadline=None, max_examples=60)
@given(
    plugin=st.sampled_from(CHAINED),
    at=st.integers(1, 3),
    indent=st.sampled_from(LAYOUTS),
    newline=st.sampled_from(["\n", "\r\n"]),
    separators=st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]),
)
def test_what_is_added_and_removed_leaves_no_trace(plugin, at, indent, newline, separators):
    data = {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}, {"type": "vrf", "vrfname": "blue"}]}
    text = json.dumps(data, indent=indent, separators=separators).replace("\n", newline)
    change = add(config(text), plugin, place=Place(at=at), force=True)
    assert change.text != text
    assert remove(config(change.text), plugin, force=True).text == text


def written_as(style: str, text: str) -> str:
    """A manifest with a config in it, the way that a style of YAML or JSON has it."""
    if style in ("|", ">", "|-"):
        body = "".join(f"      {line}\n" for line in text.splitlines())
        return f"kind: NetworkAttachmentDefinition\nspec:\n  config: {style}\n{body}  more: 1\n"
    if style == "'":
        return f"kind: NetworkAttachmentDefinition\nspec: {{config: '{text.replace(chr(39), chr(39) * 2)}'}}\n"
    data = {"apiVersion": "v1", "kind": "NetworkAttachmentDefinition", "spec": {"config": text}}
    return json.dumps(data, indent=1)


@settings(deadline=None, max_examples=60)
@given(
    plugin=st.sampled_from(CHAINED),
    at=st.integers(1, 3),
    style=st.sampled_from(["|", "|-", ">", "'", "json"]),
    indent=st.sampled_from([None, 2, 4]),
)
def test_in_a_manifest_too_what_is_added_and_removed_leaves_no_trace(plugin, at, style, indent):
    data = {"cniVersion": "1.0.0", "name": "it's", "plugins": [{"type": "bridge"}, {"type": "vrf", "vrfname": "blue"}]}
    text = written_as(style, json.dumps(data, indent=None if style == "'" else indent))
    change = add(config(text, "nad.yaml"), plugin, place=Place(at=at), force=True)
    assert change.plugins.index(plugin) == at - 1
    assert remove(config(change.text, "nad.yaml"), plugin, force=True).text == text
