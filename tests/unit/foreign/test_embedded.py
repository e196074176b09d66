"""Configs inside manifests: which strings are taken for one, and that each character is found in the file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.foreign.embedded import Origin, is_manifest, looks_like_config, read_manifest
from cnictl.text.edit import Edit, apply_edits
from cnictl.text.source import Source, Span

MANIFESTS = Path(__file__).parent / "manifests"
CONFIG = '{"cniVersion": "1.0.0", "name": "x", "type": "bridge"}'
NAD = "apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\nmetadata: {name: n}\nspec:\n  config: "


def read(text, path="x.yaml"):
    return read_manifest(Source(path, text if isinstance(text, bytes) else text.encode()))


def only(text, path="x.yaml"):
    manifest = read(text, path)
    assert manifest.problem is None
    (config,) = manifest.configs
    aligned(config)
    return config


def aligned(config):
    """Every character is found in the file, in order, as itself or as what begins its escape."""
    places = [config.outer_offset(index) for index in range(len(config.text))]
    assert places == sorted(places)
    for char, place in zip(config.text, places, strict=True):
        there = config.outer.text[place]
        if not char.isspace():
            assert there == char or (there == "\\" and config.style in {"double", "json"})
    if config.text.strip():
        assert config.outer_offset(len(config.text)) == config.outer_offset(10**9) > places[-1]


@pytest.mark.parametrize(
    ("name", "origins", "styles"),
    [
        ("kube-flannel.yaml", [("ConfigMap", "kube-flannel/kube-flannel-cfg", "/data/cni-conf.json", 1)], ["literal"]),
        ("calico.yaml", [("ConfigMap", "kube-system/calico-config", "/data/cni_network_config", 0)], ["literal"]),
        (
            "multus.yaml",
            [
                ("DaemonSet", "kube-system/kube-multus-ds", "/spec/template/spec/containers/0/env/0/value", 0),
                ("ConfigMap", "multus-cni-config", "/data/cni-conf.json", 1),
            ],
            ["single", "literal"],
        ),
        (
            "macvlan-nad.json",
            [("NetworkAttachmentDefinition", "default/macvlan-conf", "/items/0/spec/config", 0)],
            ["json"],
        ),
        ("network-operator.yaml", [("Network", "cluster", "/spec/additionalNetworks/0/rawCNIConfig", 0)], ["double"]),
    ],
)
def test_real_manifests(name, origins, styles):
    source = Source(name, (MANIFESTS / name).read_bytes())
    assert is_manifest(source)
    manifest = read_manifest(source)
    assert (manifest.template, manifest.problem) == (False, None)
    assert [config.origin for config in manifest.configs] == [Origin(*origin) for origin in origins]
    assert [config.style for config in manifest.configs] == styles
    for config in manifest.configs:
        aligned(config)
        assert (config.name, config.path, config.outer) == (name, name, source)
        if name != "calico.yaml":
            assert isinstance(json.loads(config.text), dict)


def test_a_key_is_found_at_its_line_and_column_in_the_file():
    source = Source("calico.yaml", (MANIFESTS / "calico.yaml").read_bytes())
    (config,) = read_manifest(source).configs
    assert config.position(config.text.index('"mtu"')) == (18, 11)
    assert config.line(18) == '          "mtu": __CNI_MTU__,'
    assert config.position(len(config.text)) == (27, 6)


def test_a_template_that_is_no_yaml_is_no_problem():
    source = Source("chart.yaml", (MANIFESTS / "chart.yaml").read_bytes())
    assert read_manifest(source) == ((), True, None, ())
    assert is_manifest(Source("-", source.data))


@pytest.mark.parametrize("mark", ["{{ .x }}", "{% x %}", "${VAR}", "__PLACEHOLDER__"])
def test_marks_of_templates(mark):
    assert read(f"a: b: {mark}\n") == ((), True, None, ())


@pytest.mark.parametrize(
    ("written", "position"),
    [
        ("|\n    \n    {\n      'a': 1\n    }\n", (8, 7)),
        ("|2-  # why\n      {\n    'a': 1}\n", (7, 5)),
        (">+\n    {\n\n      'a': 1\n     }\n\n", (8, 7)),
        ("|\r\n    {\r\n    \t'a': 1}\r\n", (7, 6)),
        ("\"{ \\\n     \\u0020\\\n\\t'a': 1}\"\n", (7, 3)),
        ("'{\n\n   ''a'': 1}'\n", (7, 4)),
        ("&anchor !!str # why\n    \"\\x7b'a': 1}\"\n", (6, 10)),
        ("x\n    'a'\n", (6, 5)),
    ],
)
def test_positions_in_every_style(written, position):
    text = NAD + written
    newline = "\r\n" if "\r\n" in written else "\n"
    config = only(text if newline == "\n" else NAD.replace("\n", newline) + written)
    assert config.position(config.text.index("'a'")) == position


@pytest.mark.parametrize("compiled", [True, False])
def test_without_libyaml_the_places_are_the_same(compiled, monkeypatch):
    monkeypatch.setattr(yaml, "__with_libyaml__", compiled and yaml.__with_libyaml__)
    config = only(f"\ufeffa: \U0001f600\r\nb: &x !!str # c\r\n  '{CONFIG}'\r\n")
    assert config.position(0) == (3, 4)
    problem = read("\ufeffa: \U0001f600\nb: c: d\n").problem
    assert problem is not None
    assert problem.span == (10, 11)


def test_a_byte_order_mark_counts_as_a_character():
    config = only("\ufeffa: '" + CONFIG + "'\n")
    assert config.position(0) == (1, 6)


def test_characters_beyond_16_bits_in_json_are_one():
    config = only(
        '\ufeff{"apiVersion": "v1", "kind": "X", "x": "{\\"cniVersion\\": \\"\\ud83d\\ude00\\", \\"type\\": 1 }"}',
        "x.json",
    )
    assert config.text == '{"cniVersion": "\U0001f600", "type": 1 }'
    assert config.outer.text[config.outer_offset(len(config.text) - 1) :] == '}"}'


def test_what_is_declared_counts_whatever_it_holds():
    assert only(NAD + "'{broken'\n").text == "{broken"
    assert only(NAD + "' '\n").text == " "
    assert only("kind: ConfigMap\nmetadata: {}\ndata:\n  10-x.conflist: '[]'\n").origin.name is None


@pytest.mark.parametrize("written", ["''", "null", "", "~", "{}", "[]", "{type: bridge}"])
def test_without_a_config_multus_reads_a_file_of_the_node(written):
    assert read(NAD + written + "\n")[:3] == ((), False, None)


@pytest.mark.parametrize(
    "text",
    [
        CONFIG,
        f" \n{CONFIG}",
        '{"plugins": [{"type": "bridge"}]}',
        '{"plugins": [,{"type": "bridge"}] // x',
        '{"name": "x", "type": "bridge", "ipam": {},}',
        "{'cniVersion' : '1.0.0', 'type': 'bridge'}",
    ],
)
def test_what_looks_like_a_config(text):
    assert looks_like_config(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        f"# {CONFIG}",
        f"[{CONFIG}]",
        f"cat <<EOF\n{CONFIG}\nEOF",
        '{"Network": "10.244.0.0/16", "Backend": {"Type": "vxlan"}}',
        '{"name": "x", "type": "module", "plugins": ["react"]}',
        '{"name": "x", "type": "bridge"}',
        json.dumps({"spec": CONFIG}),
        '{"apiVersion": "v1", "kind": "X", "config": ' + CONFIG + "}",
    ],
)
def test_what_does_not(text):
    assert not looks_like_config(text)


@pytest.mark.parametrize(
    ("path", "text", "answer"),
    [
        ("x.yaml", CONFIG, True),
        ("x.YML", "", True),
        ("x.conflist", "apiVersion: v1\n", False),
        ("x.json", CONFIG, False),
        ("x.json", '{"apiVersion": "v1", "kind": "List"}', True),
        ("x.json", '{"apiVersion": "v1", "kind": "X", "cniVersion": "1.0.0"}', False),
        ("x.json", '{"cniVersion": "1.0.0", "args": {"apiVersion": "v1", "kind": "X"}}', False),
        ("x.json", '{"apiVersion": "v1", "kind": "X", "spec": {"config": "{\\"cniVersion\\":', True),
        ("x.json", '{"cniVersion": "1", "x": {"apiVersion": "v1", "kind": "X",', False),
        ("-", "# c\napiVersion: v1\n", True),
        ("-", "---\na: 1\n", True),
        ("-", f"---\n# c\n{CONFIG}", False),
        ("-", f"# c\n{CONFIG}\n", False),
        ("-", f"{{{{ if x }}}}\n{CONFIG}\n", False),
        ("-", "", False),
        ("-", "-----BEGIN CERTIFICATE-----", False),
    ],
)
def test_what_is_a_manifest(path, text, answer):
    assert is_manifest(Source(path, text.encode())) is answer


def test_the_question_alone_loads_no_yaml():
    code = (
        "import sys; from cnictl.foreign.embedded import is_manifest as i; from cnictl.text.source import Source as S;"
    )
    code += "i(S('-', b'a: 1')); sys.exit('yaml' in sys.modules or 'cnictl.foreign.scalars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "span", "message"),
    [
        ("a: b: c\n", (4, 5), "mapping values are not allowed"),
        ("a: 1\nb: *x\n", (8, 10), "there is no anchor &x before *x"),
        ("a: \x07\n", (3, 4), "control characters"),
        ("\ufeffa:\n\t- b\n", (4, 5), "cannot start any token"),
        ("[" * 5000, (1000, 1001), "nested deeper than 1000 levels"),
        (b"a: \xff\n", (3, 4), "byte 0xff is not UTF-8"),
    ],
)
def test_what_cannot_be_read(text, span, message):
    manifest = read(text)
    assert manifest.problem is not None
    assert manifest.problem.span == span
    assert message in manifest.problem.message or "special characters" in manifest.problem.message


def test_configs_before_the_mistake_are_found():
    manifest = read(f"a: '{CONFIG}'\n---\na: b: c\n")
    assert len(manifest.configs) == 1
    assert manifest.problem is not None


def test_broken_json_is_told_of_as_json():
    problem = read('{"apiVersion": "v1", "kind": "List" "items": []}', "x.json").problem
    assert problem is not None
    assert problem.message.startswith("no valid JSON: a comma is missing")


def test_an_alias_is_the_same_config():
    assert only(f"x: &x '{CONFIG}'\ny: *x\n").origin.pointer == "/x"
    assert only("x: &x '{'\n" + NAD + "*x\n").origin.pointer == "/spec/config"


def test_aliases_do_not_explode():
    lines = [f"a: &a ['{CONFIG}']"]
    lines += [f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]" for n in range(20)]
    assert only("\n".join([*lines, "z: &z [*z]"])).origin.pointer == "/a/0"


@settings(max_examples=300)
@given(st.one_of(st.text(), st.text("-:[]{}&*!|>'\"%@`#, \n\t\\ab\ufeff\u2028\x85"), st.binary()))
def test_nothing_raises(text):
    data = text if isinstance(text, bytes) else text.encode(errors="replace")
    for path in ("x.yaml", "x.json"):
        read_manifest(Source(path, data))
        is_manifest(Source(path, data))


WORDS = st.text(" \t\n\"'\\{}[]:,#&*a\u00e9\U0001f600\u2028\x85-|>/", max_size=12)


@st.composite
def manifests(draw):
    """A config in a manifest, in any style."""
    data = {"cniVersion": "1.0.0", "name": draw(WORDS), "plugins": [{"type": draw(WORDS)}]}
    text = json.dumps(data, indent=draw(st.sampled_from([None, 1, 4, "\t"])), ensure_ascii=draw(st.booleans()))
    text = draw(st.sampled_from(["", "\n", "  ", "\n  \n"])) + text + draw(st.sampled_from(["", "\n", "\n\n", " \n"]))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    manifest = {"apiVersion": "v1", "kind": "NetworkAttachmentDefinition", "spec": {"config": text}}
    style = draw(st.sampled_from(["json", "|", ">", "'", '"', None]))
    if style == "json":
        return text, json.dumps(manifest, indent=draw(st.sampled_from([None, 2])), ensure_ascii=draw(st.booleans()))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    width, indent = draw(st.sampled_from([10, 40, 10**6])), draw(st.sampled_from([2, 5]))
    written = yaml.dump(manifest, default_style=style, width=width, indent=indent, allow_unicode=draw(st.booleans()),
                        line_break=newline)  # fmt: skip
    return yaml.safe_load(written)["spec"]["config"], draw(st.sampled_from(["", "\ufeff"])) + written


EDITS = st.sampled_from(["", "x", '"a": 1,\n  "b"', "it's", 'q"\\'])


@settings(max_examples=300, deadline=None)
@given(manifests(), EDITS, st.randoms(use_true_random=False))
def test_what_was_written_is_found_and_can_be_edited(written, new, random):
    value, text = written
    config = only(text)
    assert config.text == value
    start = random.randrange(len(value))
    edit = Edit(Span(start, min(start + random.randrange(20), len(value))), new)
    outer = config.outer_edit(edit)
    if outer is not None and "\u2028" not in value and "\x85" not in value:
        again = read(apply_edits(config.outer.text, [outer])).configs[0]
        assert "".join(again.text.split()) == "".join(apply_edits(value, [edit]).split())


def test_edits_that_a_style_does_not_allow():
    assert only(NAD + "|\n    {\n    }\n").outer_edit(Edit(Span(0, 1), "")) is None
    assert only(NAD + ">\n    {\n    }\n").outer_edit(Edit(Span(1, 3), "")) is None
    assert only(NAD + "abc\n").outer_edit(Edit(Span(1, 1), "")) is None
    edit = only(NAD + "|\n    {\n    }\n").outer_edit(Edit(Span(1, 1), "\n  x"))
    assert edit is not None
    assert edit.text == "\n      x"
