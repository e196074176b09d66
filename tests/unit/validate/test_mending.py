from __future__ import annotations

import json

import pytest

from cnictl.model.version import SpecVersion
from cnictl.model.view import NetworkView, view
from cnictl.text.edit import apply_edits
from cnictl.validate.mending import add_capability, make_list, mend_syntax, renamed, set_version, spoken_by_all
from tests.support.documents import document


def network(text: str) -> NetworkView:
    found = view(document(text))
    assert found is not None
    return found


def mended(text: str) -> str:
    problems = document(text).problems
    return apply_edits(text, [edit for problem in problems for edit in mend_syntax(problem, text)])


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("\ufeff{}", "{}"),
        ("[1, ]", "[1 ]"),
        ("[1,\n]", "[1\n]"),
        ("[,1,,2]", "[1,2]"),
        ("[1 2]", "[1, 2]"),
        ("[1\n 2]", "[1,\n 2]"),
        ('{"a" 1}', '{"a": 1}'),
        ('{"a"1}', '{"a": 1}'),
        ('{"a"\n1}', '{"a":\n1}'),
        ('{"a"=1}', '{"a":1}'),
        ("{'a': \u201cb\u201d}", '{"a": "b"}'),
        ("['\u00e9']", '["\u00e9"]'),
        ("['']", '[""]'),
        ("{a: 1, $b-c: 2}", '{"a": 1, "$b-c": 2}'),
        ("[True, FALSE, None, nil, Null]", "[true, false, null, null, null]"),
        ("[1] // x", "[1]"),
        ("[1] // x\r\n", "[1]\r\n"),
        ("// x\r\n[1]", "[1]"),
        ("  # x\n  // y\n[1]", "[1]"),
        ("[1, // x\r\n2]", "[1,\r\n2]"),
        ("[1, /* x */ 2]", "[1, 2]"),
        ("[1 /* x */, 2]", "[1, 2]"),
        ("[1, 2 /* x */]", "[1, 2]"),
        ("[/* x */ 1]", "[1]"),
        ("[ /* x */ 1 ]", "[ 1 ]"),
        ("/* x */ [1]", "[1]"),
        ('{"a": /* x */ 1}', '{"a": 1}'),
        ('{"a":/* x */1}', '{"a":1}'),
        ("[1/* x */2]", "[1, 2]"),
        ("[1 // x\n, 2]", "[1\n, 2]"),
        ("[\n  1, /* x\n  y */ 2\n]", "[\n  1,\n  2\n]"),
        ("[\r\n\t1, /* x\r\n  y */ 2\r\n]", "[\r\n\t1,\r\n\t2\r\n]"),
        ("[1 /* x\n y */, 2]", "[1, 2]"),
        ('{"a": /* x\n y */ 1}', '{"a": 1}'),
        ("[1 , // x\n]", "[1\n]"),
        ("[1 ,\n]", "[1\n]"),
        ("[1 , ]", "[1  ]"),
        ("// x\n\n[1]", "[1]"),
        ("[\n  // x\n\n  1\n]", "[\n  1\n]"),
        ("[\n  1,\n\n  // x\n\n  2\n]", "[\n  1,\n\n  2\n]"),
        ("[\n  1,\n  // x\n\n  2\n]", "[\n  1,\n\n  2\n]"),
        ("[\n  1,\n\n  // x\n  2\n]", "[\n  1,\n\n  2\n]"),
        ("[\n  1\n\n  // x\n]", "[\n  1\n]"),
        ("[1]\n\n# x\n", "[1]\n"),
        ("[1,\r\n  /* x\r\n  y */  \r\n2]", "[1,\r\n2]"),
        ("[1,\n /* x */ 2]", "[1,\n 2]"),
        ("[1 /**/2]", "[1, 2]"),
        ("[1]\n/* x */", "[1]\n"),
        ("[1]/* x", "[1]"),
    ],
)
def test_what_leaves_no_doubt(text, after):
    assert mended(text) == after
    assert document(after).problems == []


@pytest.mark.parametrize(
    "text",
    ["['a\tb']", "[undefined]", "[01]", "[1.0.0]", '["a\tb"]', '["\\x"]', "{} {}", "", "[1", "[1}", '{"a": 1, "a": 2}'],
)
def test_what_may_mean_several_things(text):
    assert mended(text) == text


@pytest.mark.parametrize(
    ("types", "version"),
    [
        ([], "1.0.0"),
        (["bridge"], "1.0.0"),
        (["no-such-plugin", "bridge"], "None"),
        (["firewall", "bridge"], "1.0.0"),
    ],
)
def test_the_version_that_all_speak(types, version):
    plugins = json.dumps([{"type": name} for name in types])
    assert str(spoken_by_all(network(f'{{"plugins": {plugins}}}'))) == version


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ('{"name": "a"}', '{"cniVersion": "0.4.0", "name": "a"}'),
        ('{"name": "a", "cniVersion": null}', '{"name": "a", "cniVersion": "0.4.0"}'),
        ('{"name": "a", "cniVersion": ["x"]}', '{"name": "a", "cniVersion": "0.4.0"}'),
        ("{}", '{"cniVersion": "0.4.0"}'),
    ],
)
def test_the_version_is_written(text, after):
    assert apply_edits(text, set_version(network(text), SpecVersion.V0_4_0)) == after


@pytest.mark.parametrize(
    ("plugin", "after"),
    [
        ('{"type": "x"}', '{"type": "x", "capabilities": {"y": true}}'),
        ('{"type": "x", "capabilities": {}}', '{"type": "x", "capabilities": {"y": true}}'),
        ('{"type": "x", "capabilities": {"z": true}}', '{"type": "x", "capabilities": {"z": true, "y": true}}'),
        ('{"type": "x", "capabilities": {"y": false}}', None),
        ('{"type": "x", "Capabilities": {"z": true}}', '{"type": "x", "Capabilities": {"z": true, "y": true}}'),
        ('{"type": "x", "capabilities": null}', None),
        ('{"type": "x", "capabilities": []}', None),
        ('{"type": "x", "capabilities": "y"}', None),
    ],
)
def test_a_capability_is_declared(plugin, after):
    text = f'{{"plugins": [{plugin}]}}'
    edits = add_capability(network(text).plugins[0], "y")
    assert apply_edits(text, edits) == f'{{"plugins": [{after or plugin}]}}'
    assert bool(edits) is (after is not None)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_list_is_made(end):
    text = end.join([" {", '  "cniVersion": "1.0.0", "name": "\u00e9",', '  "type": "x"', "}", ""])
    lines = [" {", '  "cniVersion": "1.0.0",', '  "name": "\u00e9",', '  "plugins": [', "    {"]
    lines += ['      "type": "x"', "    }", "  ]", "}", ""]
    assert apply_edits(text, make_list(network(text))) == end.join(lines)


@pytest.mark.parametrize("text", ['{"type": "x"}', '{"type": "x", "name": 5, "cniVersion": ["y"]}'])
def test_a_list_is_made_of_what_is_there(text):
    made = apply_edits(text, make_list(network(text)))
    assert json.loads(made) == {"plugins": [json.loads(text)]}


@pytest.mark.parametrize(
    ("single", "plugin"),
    [
        ('{"cniVersion": "1.0.0", "name": "n", "type": "x"}', '{"type": "x"}'),
        ('{"type": "x", "cniVersion": "1.0.0", "name": "n"}', '{"type": "x"}'),
        ('{ "name": "n", "type": "x" , "cniVersion": "1.0.0" }', '{ "type": "x" }'),
        ('{"NAME": "n", "type": "x", "cniversion": "1.0.0", "mtu": 1}', '{"type": "x", "mtu": 1}'),
        ('{"name": "m", "name": "n", "type": "x", "cniVersion": "1.0.0"}', '{"type": "x"}'),
        ('{"cniVersion": "1.0.0","name": "n","a": {"name": 1},"type": "x"}', '{"a": {"name": 1},"type": "x"}'),
    ],
)
def test_name_and_version_move_up_to_the_list(single, plugin):
    made = apply_edits(single, make_list(network(single)))
    assert made == f'{{\n  "cniVersion": "1.0.0",\n  "name": "n",\n  "plugins": [\n    {plugin}\n  ]\n}}'


def test_an_empty_version_is_not_moved_but_left_out():
    made = apply_edits('{"cniVersion": "", "type": "x"}', make_list(network('{"cniVersion": "", "type": "x"}')))
    assert json.loads(made) == {"plugins": [{"type": "x"}]}


def test_a_new_name_is_a_fix_that_a_program_can_apply():
    fix = renamed("rename it", ".conflist")
    assert (fix.automatic, fix.edits, fix.suffix) == (True, (), ".conflist")
