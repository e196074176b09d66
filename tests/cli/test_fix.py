"""``cnictl validate --fix`` and ``--diff``."""

from __future__ import annotations

import difflib
import json
import os
import random
import stat
import subprocess
from pathlib import Path

import pytest

from cnictl.cli import fixes
from cnictl.text.source import Source, read_source
from cnictl.validate import fixing
from cnictl.validate.paths import judge_file
from tests.support.command import run_process
from tests.support.users import let_in, ordinary_user

IPAM = '"ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}'
BRIDGE = '{"type": "bridge", "bridge": "cni0", ' + IPAM + "}"
PORTMAP = '{"type": "portmap", "capabilities": {"portMappings": true}}'


def listed(*plugins: str, top: str = '"cniVersion": "1.0.0", "name": "pods"') -> str:
    return f'{{{top}, "plugins": [{", ".join(plugins)}]}}\n'


# What is wrong, the code that says so, and the text after the fix.
MENDED = {
    "byte-order-mark": ("CNI004", "\ufeff" + listed(BRIDGE), listed(BRIDGE)),
    "trailing-comma": ("CNI005", listed(BRIDGE + ","), listed(BRIDGE)),
    "missing-comma": ("CNI007", listed(f"{BRIDGE} {PORTMAP}"), listed(f"{BRIDGE}, {PORTMAP}")),
    "comment": ("CNI006", "// pods\n" + listed(BRIDGE), listed(BRIDGE)),
    "comment-behind": ("CNI006", listed(BRIDGE)[:-1] + " # pods\n", listed(BRIDGE)),
    "comment-inside": ("CNI006", listed(BRIDGE + "/* , */"), listed(BRIDGE)),
    "wrong-quotes": ("CNI008", listed(BRIDGE).replace('"bridge",', "'bridge',"), listed(BRIDGE)),
    "typographic-quotes": ("CNI008", listed(BRIDGE).replace('"cni0"', "\u201ccni0\u201d"), listed(BRIDGE)),
    "unquoted-key": ("CNI009", listed(BRIDGE).replace('"name"', "name"), listed(BRIDGE)),
    "bad-literal": ("CNI013", listed(BRIDGE, PORTMAP.replace("true", "True")), listed(BRIDGE, PORTMAP)),
    "missing-colon": ("CNI016", listed(BRIDGE).replace('"name":', '"name"'), listed(BRIDGE)),
    "equals-sign": ("CNI016", listed(BRIDGE).replace('"name":', '"name"='), listed(BRIDGE)),
    "extra-comma": ("CNI020", listed(f"{BRIDGE},", PORTMAP), listed(BRIDGE, PORTMAP)),
    "flag-as-string": (
        "CNI117",
        listed(BRIDGE, top='"cniVersion": "1.0.0", "name": "pods", "disableCheck": "True"'),
        listed(BRIDGE, top='"cniVersion": "1.0.0", "name": "pods", "disableCheck": true'),
    ),
    "unknown-list-key": (
        "CNI118",
        listed(BRIDGE, top='"cniVersion": "1.0.0", "name": "pods", "disablecheck": true'),
        listed(BRIDGE, top='"cniVersion": "1.0.0", "name": "pods", "disableCheck": true'),
    ),
    "version-missing": ("CNI201", listed(BRIDGE, top='"name": "pods"'), listed(BRIDGE)),
    "version-misspelt": ("CNI201", listed(BRIDGE).replace("cniVersion", "cniversion"), listed(BRIDGE)),
    "version-malformed": ("CNI202", listed(BRIDGE).replace('"1.0.0"', '"v1.0"'), listed(BRIDGE)),
    "version-deprecated": ("CNI205", listed(BRIDGE).replace('"1.0.0"', '"0.2.0"'), listed(BRIDGE)),
    "no-port-mappings": ("CNI305", listed(BRIDGE, '{"type": "portmap"}'), listed(BRIDGE, PORTMAP)),
    "no-bandwidth": (
        "CNI306",
        listed(BRIDGE, '{"type": "bandwidth", "capabilities": {}}'),
        listed(BRIDGE, '{"type": "bandwidth", "capabilities": {"bandwidth": true}}'),
    ),
    "unknown-key": (
        "CNI401",
        listed(BRIDGE.replace('"cni0"', '"cni0", "hairpinMod": true')),
        listed(BRIDGE.replace('"cni0"', '"cni0", "hairpinMode": true')),
    ),
    "wrong-type": (
        "CNI402",
        listed(BRIDGE.replace('"cni0"', '"cni0", "mtu": "1450"')),
        listed(BRIDGE.replace('"cni0"', '"cni0", "mtu": 1450')),
    ),
    "host-bits": (
        "CNI512",
        listed(BRIDGE.replace("]]}", ']], "routes": [{"dst": "10.9.1.1/16"}]}')),
        listed(BRIDGE.replace("]]}", ']], "routes": [{"dst": "10.9.0.0/16"}]}')),
    ),
}


def codes(ended) -> list[str]:
    return [finding["code"] for file in ended.data["files"] for finding in file["findings"]]


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes a file exactly as it is given, in the current directory."""
    monkeypatch.chdir(tmp_path)

    def call(text: str | bytes, name: str = "net.conflist") -> Path:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return call


@pytest.mark.parametrize("kind", MENDED)
def test_what_leaves_no_doubt_is_mended(cnictl, write, kind):
    code, bad, good = MENDED[kind]
    path = write(bad)
    assert code in codes(cnictl("validate", "-f", "json", path))
    ended = cnictl("validate", "--fix", path)
    assert path.read_text() == good
    assert ended.status == 0
    assert ended.err.startswith("mended 1 finding in 1 file\n")
    again = cnictl("validate", "--fix", "-f", "json", path)
    assert (again.err, path.read_text()) == ("nothing to mend\n", good)
    assert codes(again) == []


@pytest.mark.parametrize("kind", MENDED)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_rest_of_the_file_is_as_it_was(cnictl, write, kind, end):
    _, bad, good = MENDED[kind]

    def around(text: str) -> bytes:
        note = f'{{{end}\t"_note" :  "\u00e9\u4e2d\\u00e9 \u2028",{end}  '
        head = "\ufeff" if text.startswith("\ufeff") else ""
        text = text.removeprefix("\ufeff")
        return (head + text.replace("\n", end).replace("{", note, 1).removesuffix(end)).encode()

    if bad.startswith("//"):
        path = write(b"// pods" + end.encode() + around(bad.removeprefix("// pods\n")))
    else:
        path = write(around(bad))
    cnictl("validate", "--fix", path)
    expected = around(good)
    if kind == "version-missing":  # it comes first
        expected = expected.replace(b'"cniVersion": "1.0.0", ', b"", 1)
        expected = expected.replace(b'"_note"', f'"cniVersion": "1.0.0",{end}  "_note"'.encode(), 1)
    assert path.read_bytes() == expected


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_comments_go_with_their_lines_and_nothing_else(cnictl, write, end):
    lines = [
        "/* a",
        "   b */",
        "{",
        '  "cniVersion": "1.0.0", // one',
        "  // a line",
        "",
        '  "name": "pods", /* two */',
        '  "plugins": [ # three',
        f"    {BRIDGE} /* four */ , {PORTMAP}",
        "  ]",
        "} // end",
    ]
    kept = ["{", '  "cniVersion": "1.0.0",', "", '  "name": "pods",', '  "plugins": [']
    kept += [f"    {BRIDGE} , {PORTMAP}", "  ]", "}"]
    path = write(end.join(lines))
    assert cnictl("validate", "--fix", path).status == 0
    assert path.read_bytes().decode() == end.join(kept)


def test_what_a_comment_keeps_apart_stays_apart(cnictl, write):
    path = write(listed(BRIDGE + "//,\n" + PORTMAP))
    cnictl("validate", "--fix", path)
    assert len(json.loads(path.read_text())["plugins"]) == 2


@pytest.mark.parametrize(
    "text",
    [
        listed(BRIDGE.replace('"cni0"', "'a\\tb'")),
        listed(BRIDGE.replace('"cni0"', "'a\tb'")),
        listed(BRIDGE.replace('"cni0"', "\u201ca\u201d")).replace('"pods"', '"pods'),
        listed(BRIDGE) + listed(BRIDGE),
        listed(BRIDGE)[:-4],
        listed("{}"),
        "",
        "[]",
        "\0",
    ],
)
def test_what_may_mean_two_things_is_left_as_it_is(cnictl, write, text):
    path = write(text)
    ended = cnictl("validate", "--fix", path)
    assert (ended.status, ended.err.splitlines()[0]) == (1, "nothing to mend")
    assert path.read_bytes() == text.encode()


QUOTES = [at for at, char in enumerate(listed(BRIDGE)) if char == '"']


@pytest.mark.parametrize("first", QUOTES[:-1])
def test_missing_quotes_are_never_made_worse(write, first):
    """A missing quote turns the rest of its line inside out, and a second one hides that."""
    text = listed(BRIDGE)
    for second in [at for at in QUOTES if first <= at < first + 60]:
        broken = "".join(char for at, char in enumerate(text) if at not in (first, second))
        fixed = fixing.fix(Source("net.conflist", broken.encode()), judge_file).text
        assert fixed == broken or json.loads(fixed) == json.loads(text)


def test_a_file_that_is_not_utf8_is_left_as_it_is(cnictl, write):
    data = listed(BRIDGE + ",").encode().replace(b"pods", b"p\xff")
    path = write(data)
    ended = cnictl("validate", "--fix", path)
    assert "net.conflist is not mended: byte 0xff is not UTF-8" in ended.err
    assert path.read_bytes() == data


def test_a_fix_never_brings_another_error_to_light(cnictl, write):
    """A misspelt key has no effect, and so its bad value has none; put right, the plugin would refuse it."""
    text = listed(BRIDGE.replace('"cni0"', '"cni0", "hairpinmod": "sometimes"') + ",")
    path = write(text)
    cnictl("validate", "--fix", path)
    assert path.read_text() == text.replace("},]", "}]")


@pytest.mark.parametrize(("wrong", "right"), [('"true"', "true"), ('"maybe"', '"maybe"')])
def test_a_key_in_another_case_is_mended_whatever_its_value(cnictl, write, wrong, right):
    plugin = BRIDGE.replace('"cni0"', f'"cni0", "isgateway": {wrong}')
    path = write(listed(plugin.replace("ipam", "Ipam")))
    cnictl("validate", "--fix", path)
    assert f'"isGateway": {right}' in path.read_text()


def test_what_is_ignored_is_left_as_it_is(cnictl, write):
    bad = listed(BRIDGE.replace('"cni0"', '"cni0", "mtu": "1450"') + ",")
    path = write(bad)
    assert cnictl("validate", "--fix", "--ignore", "CNI402", path).status == 0
    assert path.read_text() == bad.replace("},]", "}]")
    path = write(bad)
    cnictl("validate", "--fix", "--select", "CNI402", path)
    assert path.read_text() == bad.replace('"1450"', "1450")
    silenced = bad.replace('"pods"', '"pods", "cnictl/ignore": {"CNI402": "as it was"}')
    path = write(silenced)
    cnictl("validate", "--fix", path)
    assert path.read_text() == silenced.replace("},]", "}]")


def test_what_the_settings_ignore_in_a_file_is_left_as_it_is(cnictl, write):
    write('per-file-ignores = {"old/*" = ["CNI005"]}', ".cnictl.toml")
    old, new = write(listed(BRIDGE + ","), "old/net.conflist"), write(listed(BRIDGE + ","))
    assert cnictl("validate", "--fix", old, new).status == 0
    assert (old.read_text(), new.read_text()) == (listed(BRIDGE + ","), listed(BRIDGE))


def test_what_is_known_is_mended_all_the_same(cnictl, write):
    path = write(listed(BRIDGE + ","))
    cnictl("validate", "--write-baseline", "known.json", path)
    cnictl("validate", "--fix", "--baseline", "known.json", path)
    assert path.read_text() == listed(BRIDGE)


def test_mode_owner_and_link_are_kept(cnictl, write):
    path = write(listed(BRIDGE + ","), "real/net.conflist")
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 12345, 54321)
    before = path.stat()
    link = Path("net.conflist")
    link.symlink_to(path)
    assert cnictl("validate", "--fix", link).status == 0
    after = path.stat()
    assert link.is_symlink()
    assert path.read_text() == listed(BRIDGE)
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert [entry.name for entry in path.parent.iterdir()] == ["net.conflist"]


def test_a_directory_that_may_not_be_written_to(cnictl, tmp_path):
    folder = tmp_path / "net.d"
    folder.mkdir()
    path = folder / "net.conflist"
    path.write_text(listed(BRIDGE + ","))
    let_in(tmp_path)
    folder.chmod(0o555)
    path.chmod(0o444)
    with ordinary_user():
        ended = cnictl("validate", "--fix", path)
    assert (ended.status, ended.err.splitlines()[0]) == (2, f"cnictl: {path}: permission denied")
    assert path.read_text() == listed(BRIDGE + ",")


def test_a_file_that_is_gone_meanwhile(cnictl, write, monkeypatch):
    path = write(listed(BRIDGE + ","))

    def vanish(name: str, limit: int):
        path.unlink()
        return read_source(name, limit)

    monkeypatch.setattr(fixes, "read_source", vanish)
    ended = cnictl("validate", "--fix", path)
    assert (ended.status, ended.err) == (2, "cnictl: net.conflist: no such file or directory\n")
    assert not path.exists()


def test_a_missing_file_is_told_once(cnictl, write):
    write(listed(BRIDGE + ","), "a.conflist")
    ended = cnictl("validate", "--fix", "a.conflist", "no.conflist")
    assert ended.status == 2
    assert ended.err.count("no.conflist: no such file") == 1
    assert Path("a.conflist").read_text() == listed(BRIDGE)
    ended = cnictl("validate", "--diff", "a.conflist", "no.conflist")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.count("no.conflist: no such file") == 1


def test_a_list_gets_the_name_of_one(cnictl, write):
    path = write(listed(BRIDGE + ","), "net.conf")
    ended = cnictl("validate", "--fix", path)
    assert (ended.status, ended.out) == (0, "1 file: no problems\n")
    assert ended.err == "net.conf is now net.conflist\nmended 2 findings in 1 file\n"
    assert not path.exists()
    assert Path("net.conflist").read_text() == listed(BRIDGE)


@pytest.mark.parametrize("suffix", ["conf", "json", "conflist"])
def test_a_single_plugin_is_put_into_a_list(cnictl, write, suffix):
    single = '{"cniVersion": "1.0.0", "name": "pods",\r\n "type": "bridge", "bridge": "cni0", ' + IPAM + "}"
    path = write(single, f"net.{suffix}")
    assert cnictl("validate", "--fix", path) == cnictl("validate", "--fix", Path("net.conflist"))._replace(
        err=("" if suffix == "conflist" else f"net.{suffix} is now net.conflist\n") + "mended 1 finding in 1 file\n"
    )
    text = Path("net.conflist").read_bytes().decode()
    plugin = {key: value for key, value in json.loads(single).items() if key not in ("cniVersion", "name")}
    assert json.loads(text) == {"cniVersion": "1.0.0", "name": "pods", "plugins": [plugin]}
    assert "\n" not in text.replace("\r\n", "")


def test_a_name_that_is_taken_is_not_taken_again(cnictl, write):
    old, there = write(listed(BRIDGE), "net.conf"), write("mine", "net.conflist")
    ended = cnictl("validate", "--fix", old)
    assert ended.err.startswith("cnictl: net.conf keeps its name: net.conflist is there already\nnothing to mend\n")
    assert (ended.status, old.read_text(), there.read_text()) == (1, listed(BRIDGE), "mine")
    there.unlink()
    there.symlink_to("nowhere")
    assert "is there already" in cnictl("validate", "--fix", old).err


@pytest.mark.parametrize("single", [True, False])
def test_the_rest_is_mended_where_the_name_is_taken(cnictl, write, single):
    whole = listed(BRIDGE.replace('"cni0"', '"cni0", "mtu": 1450'))
    right = f'{{"cniVersion": "1.0.0", "name": "pods", {BRIDGE[1:-1]}, "mtu": 1450}}\n' if single else whole
    old, there = write(right.replace("1450", '"1450"'), "net.conf"), write("mine", "net.conflist")
    assert "net.conf keeps its name: net.conflist is there already" in cnictl("validate", "--diff", old).err
    ended = cnictl("validate", "--fix", old)
    lines = ["cnictl: net.conf keeps its name: net.conflist is there already", "mended 1 finding in 1 file"]
    assert ended.err.splitlines()[:2] == lines
    assert (old.read_text(), there.read_text()) == (right, "mine")


def test_a_link_is_renamed_and_its_file_mended(cnictl, write):
    real = write(listed(BRIDGE + ","), "real/net.conf")
    Path("net.conf").symlink_to(real)
    assert cnictl("validate", "--fix", "net.conf").status == 0
    assert Path("net.conflist").readlink() == real
    assert real.read_text() == listed(BRIDGE)


def test_a_plugin_in_a_directory_beside_its_list_stays_one(cnictl, write):
    write(listed(BRIDGE), "net.d/10-pods.conflist")
    path = write('{"type": "tuning", "mtu": "1400",}', "net.d/pods/tuning.conf")
    ended = cnictl("validate", "--fix", "net.d/")
    assert (ended.status, ended.err) == (0, "mended 2 findings in 1 file\n")
    assert path.read_text() == '{"type": "tuning", "mtu": 1400}'


def test_standard_input_is_shown_and_not_mended():
    ended = run_process("validate", "--fix", "-", stdin=listed(BRIDGE + ","))
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("cnictl: --fix writes to files, and standard input is none\n")
    ended = run_process("validate", "--diff", "-", stdin=listed(BRIDGE + ","))
    assert ended.status == 1
    assert ended.out.startswith("--- <stdin>\n+++ <stdin>\n")


NAD = "apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\nmetadata: {name: pods} # \u00e9\nspec:\n"
INDENTED = json.dumps(json.loads(listed(BRIDGE, '{"type": "portmap"}')), indent=2)
GOOD = json.loads(listed(BRIDGE, PORTMAP))
MANIFESTS = {
    "literal": NAD + "  config: |-\n" + "".join(f"    {line}\n" for line in INDENTED.splitlines()),
    "folded": NAD + "  config: >\n    " + listed(BRIDGE, '{"type": "portmap"}') + "\n---\nkind: Other\n",
    "single": NAD + "  config: '" + listed(BRIDGE, '{"type": "portmap"}').strip() + "'\n",
    "double": NAD + "  config: " + json.dumps(INDENTED) + "\n",
    "json": json.dumps(
        {"apiVersion": "v1", "kind": "NetworkAttachmentDefinition", "metadata": {"name": "pods"}, "spec": {}}
    ).replace('"spec": {}', '"spec": {"config": ' + json.dumps(INDENTED) + "}"),
}


@pytest.mark.parametrize("style", MANIFESTS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_config_is_mended_inside_its_manifest(cnictl, write, style, end):
    import yaml

    path = write(MANIFESTS[style].replace("\n", end), "net.json" if style == "json" else "net.yaml")
    before = path.read_bytes().decode()
    ended = cnictl("validate", "--fix", path)
    after = path.read_bytes().decode()
    assert (ended.status, ended.err) == (0, "mended 1 finding in 1 file\n")
    assert json.loads(next(iter(yaml.safe_load_all(after)))["spec"]["config"]) == GOOD
    pieces = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    assert {name for name, *_ in pieces} == {"equal", "insert"}  # nothing was taken away
    assert after.count("\n") - after.count("\r\n") == (after.count("\n") if end == "\n" else 0)
    assert cnictl("validate", "--fix", path).err == "nothing to mend\n"


def test_a_config_that_is_written_on_plain_lines_is_left_as_it_is(cnictl, write):
    text = NAD + "  config:\n    x\n"
    assert cnictl("validate", "--fix", write(text, "net.yaml")).err.startswith("nothing to mend\n")
    assert Path("net.yaml").read_text() == text


def test_several_configs_of_one_manifest(cnictl, write):
    text = "\n---\n".join([MANIFESTS["single"], MANIFESTS["literal"], MANIFESTS["double"]])
    path = write(text, "net.yaml")
    assert cnictl("validate", "--fix", path).err == "mended 3 findings in 1 file\n"
    assert path.read_text().count("portMappings") == 3


@pytest.mark.parametrize("kind", MENDED)
@pytest.mark.parametrize("end", ["\n", "\r\n", " "])
def test_the_diff_is_one_for_patch(cnictl, write, kind, end):
    _, bad, _ = MENDED[kind]
    text = bad.replace(", ", f",{end}\t").replace('"cni0"', '"c\u00e9\x85\u2028"')
    path = write(text.removesuffix("\n"), "a net.conflist")
    ended = cnictl("validate", "--diff", path)
    assert (ended.status, path.read_bytes()) == (1, text.removesuffix("\n").encode())
    cnictl("validate", "--fix", path)
    mended = path.read_bytes()
    write(text.removesuffix("\n"), "a net.conflist")
    done = subprocess.run(
        ["patch", "-p0", "--binary"], input=ended.out.encode(), capture_output=True, check=False, timeout=20
    )
    assert done.returncode == 0, done.stdout
    assert path.read_bytes() == mended


def test_the_diff_names_what_is_renamed(cnictl, write):
    write(listed(BRIDGE), "net.conf")
    assert cnictl("validate", "--diff", "net.conf").out == "rename from net.conf\nrename to net.conflist\n"
    assert Path("net.conf").exists()
    write(listed(BRIDGE + ","), "net.conf")
    assert cnictl("validate", "--diff", "net.conf").out.startswith("--- net.conf\n+++ net.conflist\n@@")


def test_nothing_to_show(cnictl, good):
    assert cnictl("validate", "--diff", good) == (0, "", "nothing to mend\n")
    assert cnictl("validate", "--diff", "-q", good) == (0, "", "")


def mistakes(text: str, chance: random.Random) -> str:
    """Breaks a good config in ways that leave no doubt about what was meant."""
    for old, new in (
        ("}", ",}"),
        ("]", ",]"),
        (", ", ",, "),
        ('": ', '" '),
        ('": ', '" = '),
        ('"name"', "name"),
        ('"cni0"', "'cni0'"),
        ("true", "True"),
        ("false", "FALSE"),
        ("1450", '"1450"'),
        ("{", "{ // a comment\n"),
        ("\n", " # another\n"),
        ('"hairpinMode"', '"hairpinmode"'),
        (', "capabilities": {"portMappings": true}', ""),
    ):
        if old in text and chance.random() < 0.4:
            places = [at for at in range(len(text)) if text.startswith(old, at)]
            at = chance.choice(places)
            text = text[:at] + new + text[at + len(old) :]
    return chance.choice(["", "\ufeff", "/* a\nb */\n"]) + text


@pytest.mark.parametrize("seed", range(60))
def test_a_config_that_was_broken_is_what_it_was(cnictl, write, seed):
    chance = random.Random(seed)
    bridge = BRIDGE.replace('"cni0"', '"cni0", "mtu": 1450, "hairpinMode": true, "isGateway": false')
    good = json.loads(listed(bridge, PORTMAP))
    text = json.dumps(good, indent=chance.choice([None, 1, "\t"]))
    if chance.random() < 0.5:
        text = text.replace("\n", "\r\n")
    path = write(mistakes(text, chance))
    broken = path.read_text()
    ended = cnictl("validate", "--fix", "-f", "json", path)
    assert json.loads(path.read_bytes()) == good, broken
    assert codes(ended) == []
