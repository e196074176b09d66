from __future__ import annotations

from typing import NamedTuple

import pytest

from cnictl.report.finding import Finding, Location, Severity
from cnictl.report.overrides import FileIgnores, relative_name


class Pair(NamedTuple):
    glob: str
    codes: tuple[str, ...]


def finding(file: str, code: str = "CNI305") -> Finding:
    return Finding(code, f"name-of-{code.lower()}", Severity.ERROR, "no", Location(file))


@pytest.mark.parametrize(
    ("glob", "path", "matched"),
    [
        ("old/*", "/p/old/a.conf", True),
        ("old/*", "/p/old/deep/a.conf", True),
        ("old/**", "/p/old/deep/a.conf", True),
        ("old/*", "/p/new/a.conf", False),
        ("old/*", "/p/very/old/a.conf", False),
        ("old", "/p/old/a.conf", False),
        ("*/old/*", "/p/very/old/a.conf", True),
        ("*.conf", "/p/old/a.conf", True),
        ("*.conf", "/p/a.conflist", False),
        ("*.CONF", "/p/a.conf", False),
        ("a.conf", "/p/old/deep/a.conf", True),
        ("deep/a.conf", "/p/old/deep/a.conf", False),
        ("**/deep/a.conf", "/p/deep/a.conf", True),
        ("**/deep/a.conf", "/p/old/deep/a.conf", True),
        ("old/**/a.conf", "/p/old/a.conf", True),
        ("old/**/a.conf", "/p/old/very/deep/a.conf", True),
        ("x**/a.conf", "/p/xa.conf", False),
        ("./old/*", "/p/old/a.conf", True),
        ("./a.conf", "/p/a.conf", True),
        ("[ab].conf", "/p/b.conf", True),
        ("[[]ab].conf", "/p/[ab].conf", True),
        ("?.conf", "/p/a.conf", True),
        ("a.conf", "/p/a.conf\n", False),
        ("../other/*", "/other/a.conf", True),
        ("/etc/cni/net.d/*", "/etc/cni/net.d/a.conf", True),
        ("/etc/**/a.conf", "/etc/cni/net.d/a.conf", True),
        ("/p/old/*", "/p/old/a.conf", True),
        ("/old/*", "/p/old/a.conf", False),
        ("*", "/p/a.conf", True),
        ("<stdin>", "<stdin>", True),
        ("<stdin>", "-", True),
        ("*.conf", "<stdin>", False),
    ],
)
def test_a_glob_matches_the_path_from_the_root_or_the_base_name(glob, path, matched):
    ignores = FileIgnores([Pair(glob, ("CNI3",))], "/p")
    assert ignores.silences(finding(path)) is matched


def test_a_path_counts_from_where_the_user_stands(tmp_path, monkeypatch):
    (tmp_path / "deploy").mkdir()
    monkeypatch.chdir(tmp_path / "deploy")
    ignores = FileIgnores([Pair("deploy/old/*", ("CNI3",))], tmp_path)
    for path in ("old/a.conf", "./old/a.conf", "../deploy/old/a.conf", str(tmp_path / "deploy" / "old" / "a.conf")):
        assert ignores.silences(finding(path))
    assert not ignores.silences(finding("a.conf"))


def test_all_pairs_that_match_count():
    pairs = [Pair("*.conf", ("CNI3", "CNI4")), Pair("b.conf", ("CNI5",)), Pair("old/*", ("CNI4", "CNI1"))]
    ignores = FileIgnores(pairs, "/p")
    silenced = [
        code for code in ("CNI101", "CNI301", "CNI401", "CNI501") if ignores.silences(finding("/p/old/a.conf", code))
    ]
    assert silenced == ["CNI101", "CNI301", "CNI401"]
    assert not FileIgnores([]).silences(finding("/p/old/a.conf"))


def test_a_finding_is_silenced_by_the_beginning_of_its_code_or_by_its_name():
    ignores = FileIgnores([Pair("*", ("cni30", "name-of-cni401"))], "/p")
    assert [ignores.silences(finding("/p/a", code)) for code in ("CNI305", "CNI315", "CNI401", "CNI402")] == [
        True,
        False,
        True,
        False,
    ]


def test_pairs_that_silenced_nothing_are_known():
    used, also, wrong_code, wrong_file = pairs = [
        Pair("old/*", ("CNI3",)),
        Pair("a.conf", ("CNI305", "CNI4")),
        Pair("*.conf", ("CNI5",)),
        Pair("gone/*", ("CNI3",)),
    ]
    ignores = FileIgnores(pairs, "/p")
    assert ignores.unused() == pairs
    assert ignores.silences(finding("/p/old/a.conf"))
    assert ignores.unused() == [wrong_code, wrong_file]
    assert used not in ignores.unused()
    assert also not in ignores.unused()


def test_pairs_for_files_that_were_not_judged_are_not_accused():
    here, elsewhere = Pair("old/*", ("CNI3",)), Pair("gone/*", ("CNI3",))
    ignores = FileIgnores([here, elsewhere], "/p")
    assert ignores.unused(["/p/old/a.conf", "/p/b.conf"]) == [here]
    assert ignores.unused([]) == []


def test_one_pair_twice_is_two_pairs():
    ignores = FileIgnores([Pair("*", ("CNI3",)), Pair("*", ("CNI3",))], "/p")
    assert ignores.silences(finding("/p/a"))
    assert ignores.unused() == []


@pytest.mark.parametrize(
    ("path", "root", "name"),
    [
        ("/p/a/b.conf", "/p", "a/b.conf"),
        ("/p/a/../b.conf", "/p/", "b.conf"),
        ("/b.conf", "/p/q", "../../b.conf"),
        ("/p/b.conf", "/", "p/b.conf"),
        ("-", "/p", "<stdin>"),
        ("<stdin>", "/p", "<stdin>"),
        ("", "/p", ""),
        ("/p/\udcff.conf", "/p", "\udcff.conf"),
    ],
)
def test_names_are_as_seen_from_a_directory(path, root, name):
    assert relative_name(path, root) == name


def test_names_without_a_directory_are_as_seen_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert relative_name(str(tmp_path / "a.conf"), "") == "a.conf"
    assert relative_name("./a.conf", "") == "a.conf"


def test_a_current_directory_that_is_gone_does_no_harm(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert relative_name("a.conf", "/p") == "a.conf"
    assert relative_name("/p/a.conf", "/p") == "a.conf"
    assert FileIgnores([Pair("a.conf", ("CNI3",))], "/p").silences(finding("a.conf"))
