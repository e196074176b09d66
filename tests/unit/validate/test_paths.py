from __future__ import annotations

import pytest

from cnictl.errors import SourceError, SourceNotFound
from cnictl.runtime.selection import Runtime
from cnictl.text.source import Source
from cnictl.validate.engine import How
from cnictl.validate.paths import judge_file, judge_path

GOOD = '{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true}]}'
YAML = "kind: ConfigMap\ndata:\n  a.conflist: '" + GOOD + "'\n  b.conflist: '{'\n"


def found(path, **options) -> list[tuple[str, list[str]]]:
    done = judge_path(str(path), **options)
    return [(file.source.name.rpartition("/")[2], [each.code for each in file.findings]) for file in done.files]


def test_a_file(tmp_path):
    path = tmp_path / "a.conflist"
    path.write_text(GOOD)
    assert found(path) == [("a.conflist", [])]


@pytest.mark.parametrize("name", ["a.yaml", "a.yml", "a.YAML", "a", "a.txt"])
def test_a_manifest(name):
    files = judge_file(Source(name, YAML.encode()))
    assert [file.facts["network"] for file in files] == ["pods", None]
    assert [file.facts["within"]["pointer"] for file in files] == ["/data/a.conflist", "/data/b.conflist"]  # type: ignore[index]
    assert [finding.location.line for finding in files[1].findings] == [4]


def test_a_manifest_without_configs_is_worth_a_word_only_when_it_was_named():
    source = Source("a.yaml", b"kind: ConfigMap\n")
    assert [finding.code for file in judge_file(source) for finding in file.findings] == ["CNI024"]
    assert judge_file(source, named=False) == []


def test_a_directory(tmp_path):
    (tmp_path / "20.conflist").write_text(GOOD.replace("pods", "other"))
    (tmp_path / "10.conf").write_text("{")
    (tmp_path / "README").write_text("{")
    (tmp_path / "m.yaml").write_text(YAML)
    (tmp_path / "x.yaml").write_text("kind: Other\n")
    files = found(tmp_path)
    assert [name for name, _ in files] == ["10.conf", "20.conflist", "m.yaml", "m.yaml"]


ONLY_NAMED = '{"cniVersion": "1.1.0", "name": "pods"}'


def add_plugin(directory, name: str = "a.conf") -> None:
    (directory / "pods").mkdir()
    (directory / "pods" / name).write_text('{"type": "ptp", "ipam": {"type": "dhcp"}}')


def test_a_list_needs_no_plugins_when_there_are_some_beside_it(tmp_path):
    path = tmp_path / "10.conflist"
    path.write_text(ONLY_NAMED)
    assert found(path) == [("10.conflist", ["CNI106"])]
    add_plugin(tmp_path)
    assert found(path) == [("10.conflist", [])]
    assert found(tmp_path) == [("10.conflist", []), ("a.conf", [])]


@pytest.mark.parametrize(
    ("name", "text", "beside"),
    [
        ("10.conf", ONLY_NAMED, "a.conf"),
        ("10.conflist", ONLY_NAMED, "a.json"),
        ("10.conflist", ONLY_NAMED.replace("{", '{"loadOnlyInlinedPlugins": true, '), "a.conf"),
        ("10.conflist", ONLY_NAMED.replace("pods", "../net/pods"), "a.conf"),
        ("10.conflist", ONLY_NAMED.replace('"pods"', "7"), "a.conf"),
    ],
)
def test_a_list_without_plugins_is_none_where_nobody_adds_any(tmp_path, name, text, beside):
    directory = tmp_path / "net"
    directory.mkdir()
    (directory / name).write_text(text)
    add_plugin(directory, beside)
    assert found(directory / name) == [(name, ["CNI106"])]


def test_plugins_beside_a_list_are_judged_as_such(tmp_path):
    (tmp_path / "10.conflist").write_text(GOOD)
    (tmp_path / "pods").mkdir()
    (tmp_path / "pods" / "a.conf").write_text('{"type": "tuning", "mtu": "1"}')
    (tmp_path / "pods" / "b.txt").write_text("{")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "c.conf").write_text("{")
    assert dict(found(tmp_path))["a.conf"] == ["CNI402"]
    assert "c.conf" not in dict(found(tmp_path))


def test_what_cannot_be_read_keeps_nothing_from_being_judged(tmp_path):
    (tmp_path / "10.conflist").write_text(GOOD)
    (tmp_path / "20.conflist").write_bytes(b" " * 3_000_000)
    done = judge_path(str(tmp_path))
    assert [error.message.partition("/20.conflist: ")[2] for error in done.errors] == ["is 2.9 MiB, the limit is 2 MiB"]
    assert "10.conflist" in [file.source.name.rpartition("/")[2] for file in done.files]


def test_a_directory_without_configs(tmp_path):
    (tmp_path / "sub").mkdir()
    with pytest.raises(SourceError, match="holds no config") as caught:
        judge_path(str(tmp_path))
    assert caught.value.hint is not None
    assert caught.value.hint.endswith("/sub")


@pytest.mark.parametrize("path", ["", "/no/such", "a\0b"])
def test_no_such_path(path):
    with pytest.raises(SourceNotFound):
        judge_path(path)


def test_a_runtime_has_a_verdict_on_each_file(tmp_path):
    (tmp_path / "10.conflist").write_text(GOOD)
    (tmp_path / "20.conflist").write_text(GOOD.replace("pods", "other"))
    done = judge_path(str(tmp_path), runtime=Runtime.CONTAINERD)
    assert [file.facts["verdict"]["status"] for file in done.files] == ["taken", "passed-over"]  # type: ignore[index]
    assert "CNI601" in found(tmp_path, runtime=Runtime.CONTAINERD)[1][1]


def test_placeholders_are_not_excused_for_a_runtime(tmp_path):
    (tmp_path / "10.conflist").write_text(GOOD.replace('"bridge"', '"bridge", "bridge": "__X__"'))
    assert found(tmp_path) == [("10.conflist", ["CNI022"])]
    assert found(tmp_path, runtime=Runtime.CRIO) == [("10.conflist", ["CNI028"])]


def test_templates_are_excused_or_not(tmp_path):
    (tmp_path / "10.conflist").write_text(GOOD.replace("true", "__X__"))
    assert found(tmp_path) == [("10.conflist", ["CNI022"])]
    assert found(tmp_path, how=How(templates=False))[0][1] == ["CNI017"]
