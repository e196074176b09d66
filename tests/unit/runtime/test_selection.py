from __future__ import annotations

import json

import pytest

from cnictl.runtime.selection import Candidate, Runtime, candidate, select
from cnictl.text.parser import parse
from cnictl.text.source import Source

PODS = Candidate("10-pods.conflist", network="pods", is_list=True)
STORAGE = Candidate("20-storage.conf", network="storage", is_list=False)
BROKEN = Candidate("05-broken.conflist", refused="a comma is missing")
GONE = Candidate("06-gone.json", "dangling-link")
FOLDER = Candidate("00-folder.conf", "directory")
README = Candidate("README")

IN_A_LIST = {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
SINGLE = {"cniVersion": "1.0.0", "name": "pods", "type": "bridge"}


def short(runtime, *candidates):
    """Name, status and cause of every verdict."""
    return [(verdict.name, verdict.status, verdict.cause) for verdict in select(runtime, candidates)]


def reasons(runtime, *candidates):
    return {verdict.name: verdict.reason for verdict in select(runtime, candidates)}


def seen(name, document, **more):
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    return candidate(name, parse(Source(name, text)), **more)


@pytest.mark.parametrize("runtime", Runtime)
def test_an_empty_directory(runtime):
    assert select(runtime, []) == ()


@pytest.mark.parametrize("runtime", Runtime)
def test_directories_and_other_names_are_ignored_and_come_last(runtime):
    assert short(runtime, README, FOLDER, PODS) == [
        ("10-pods.conflist", "taken", ""),
        ("00-folder.conf", "ignored", ""),
        ("README", "ignored", ""),
    ]
    assert reasons(runtime, README)["README"] == "its name ends in none of .conflist, .conf, .json"


@pytest.mark.parametrize("runtime", Runtime)
def test_every_entry_gets_one_verdict_with_a_sentence(runtime):
    candidates = [
        README,
        FOLDER,
        STORAGE,
        PODS,
        GONE,
        BROKEN,
        Candidate("30.json", "unreadable"),
        Candidate("00-multus.conf"),
    ]
    verdicts = select(runtime, candidates)
    assert sorted(verdict.name for verdict in verdicts) == sorted(each.name for each in candidates)
    assert all(verdict.reason and not verdict.reason.endswith(".") for verdict in verdicts)


def test_names_are_compared_letter_by_letter():
    files = [Candidate(name) for name in ("5-a.conf", "10-a.json", "A.conflist", "a.conf")]
    assert [verdict.name for verdict in select(Runtime.CRIO, files)] == [
        "10-a.json",
        "5-a.conf",
        "A.conflist",
        "a.conf",
    ]


def test_containerd_takes_the_first():
    assert short(Runtime.CONTAINERD, STORAGE, PODS) == [
        ("10-pods.conflist", "taken", ""),
        ("20-storage.conf", "passed-over", ""),
    ]


@pytest.mark.parametrize("first", [BROKEN, GONE, Candidate("07.conf", "unreadable")])
def test_containerd_gives_up_at_a_first_file_that_is_broken(first):
    assert short(Runtime.CONTAINERD, PODS, first) == [
        (first.name, "refused", ""),
        ("10-pods.conflist", "passed-over", "blocked"),
    ]


def test_containerd_does_not_come_to_a_broken_file_behind_the_first():
    broken = Candidate("20.conf", refused="it is empty")
    assert short(Runtime.CONTAINERD, PODS, broken)[1] == ("20.conf", "passed-over", "")


def test_containerd_takes_what_no_plugin_can_work_with():
    first = Candidate("01.conf", network="x", unusable="there is no CNI spec 9.9.9")
    assert short(Runtime.CONTAINERD, PODS, first)[0] == ("01.conf", "taken", "")


def test_crio_skips_broken_files_and_takes_all_others():
    unusable = Candidate("01.conf", network="x", unusable="there is no CNI spec 9.9.9")
    assert short(Runtime.CRIO, STORAGE, PODS, BROKEN, GONE, unusable) == [
        ("01.conf", "refused", ""),
        ("05-broken.conflist", "refused", ""),
        ("06-gone.json", "refused", ""),
        ("10-pods.conflist", "taken", ""),
        ("20-storage.conf", "taken", ""),
    ]
    told = reasons(Runtime.CRIO, STORAGE, PODS)
    assert "the network of all pods" in told["10-pods.conflist"]
    assert '"storage"' in told["20-storage.conf"]


def test_crio_takes_the_first_of_two_with_one_name():
    other = Candidate("30.conf", network="pods")
    assert short(Runtime.CRIO, PODS, other)[1] == ("30.conf", "passed-over", "duplicate")
    assert reasons(Runtime.CRIO, PODS, other)["30.conf"] == '10-pods.conflist has the network "pods" already'


def test_crio_calls_a_network_without_a_name_as_its_file():
    nameless, of_that_name = Candidate("10.conf"), Candidate("20.conf", network="10.conf")
    assert short(Runtime.CRIO, nameless, of_that_name) == [
        ("10.conf", "taken", ""),
        ("20.conf", "passed-over", "duplicate"),
    ]


def test_libcni_reads_lists_before_single_plugins():
    single = Candidate("01.conf", network="pods")
    assert short(Runtime.LIBCNI, single, PODS, STORAGE) == [
        ("10-pods.conflist", "taken", ""),
        ("01.conf", "passed-over", "duplicate"),
        ("20-storage.conf", "taken", ""),
    ]


def test_libcni_gives_up_at_a_broken_file_for_all_behind_it():
    after = Candidate("07.conflist", network="x")
    assert short(Runtime.LIBCNI, PODS, after, STORAGE, Candidate("08.conflist", refused="no")) == [
        ("07.conflist", "taken", ""),
        ("08.conflist", "refused", ""),
        ("10-pods.conflist", "passed-over", "blocked"),
        ("20-storage.conf", "passed-over", "blocked"),
    ]


def test_libcni_finds_lists_before_a_broken_single_plugin():
    assert short(Runtime.LIBCNI, GONE, PODS, STORAGE) == [
        ("10-pods.conflist", "taken", ""),
        ("06-gone.json", "refused", ""),
        ("20-storage.conf", "passed-over", "blocked"),
    ]


def test_libcni_cannot_be_asked_for_a_network_without_a_name():
    assert short(Runtime.LIBCNI, Candidate("10.conf"), Candidate("20.conf", network="")) == [
        ("10.conf", "passed-over", ""),
        ("20.conf", "passed-over", ""),
    ]


def test_multus_takes_the_first_that_is_not_its_own():
    own = Candidate("00-multus.conf", network="multus-cni-network")
    json_file = Candidate("01.json", network="x")
    assert short(Runtime.MULTUS, own, json_file, PODS, STORAGE) == [
        ("00-multus.conf", "passed-over", "own"),
        ("01.json", "passed-over", ""),
        ("10-pods.conflist", "taken", ""),
        ("20-storage.conf", "passed-over", ""),
    ]


@pytest.mark.parametrize("master", [BROKEN, Candidate("01.conf", "unreadable")])
def test_multus_cannot_work_with_a_first_file_that_is_broken(master):
    assert short(Runtime.MULTUS, master, PODS) == [
        (master.name, "refused", ""),
        ("10-pods.conflist", "passed-over", "blocked"),
    ]


def test_a_good_list_and_a_good_single_plugin():
    assert seen("a.conflist", IN_A_LIST) == Candidate("a.conflist", network="pods", is_list=True)
    assert seen("a.conf", SINGLE) == Candidate("a.conf", network="pods", is_list=False)
    assert seen("a.json", SINGLE) == Candidate("a.json", network="pods", is_list=False)


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"null", b"7", b"{,}", b"{} {}", b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b"// x\n{}"]
)
@pytest.mark.parametrize("name", ["a.conflist", "a.conf"])
def test_what_is_no_json_object_is_refused(name, text):
    assert seen(name, text).refused


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("a.conf", IN_A_LIST),
        ("a.conflist", SINGLE),
        ("a.conf", {**IN_A_LIST, "type": ""}),
        ("a.conf", {**IN_A_LIST, "type": 7}),
        ("a.conflist", {**IN_A_LIST, "name": None}),
        ("a.conflist", {**IN_A_LIST, "name": 7}),
        ("a.conf", {**SINGLE, "name": 7}),
        ("a.conflist", {**IN_A_LIST, "cniVersion": None}),
        ("a.conf", {**SINGLE, "cniVersion": 1.0}),
        ("a.conflist", {**IN_A_LIST, "plugins": []}),
        ("a.conflist", {**IN_A_LIST, "plugins": None}),
        ("a.conflist", {**IN_A_LIST, "plugins": [{"type": ""}]}),
        ("a.conflist", {**IN_A_LIST, "plugins": [{"type": 7}]}),
        ("a.conflist", {**IN_A_LIST, "plugins": [{"type": "bridge", "ipam": 7}]}),
        ("a.conflist", {**IN_A_LIST, "plugins": [{"type": "bridge", "capabilities": {"mac": "yes"}}]}),
        ("a.conflist", {**IN_A_LIST, "disableCheck": 1}),
        ("a.conflist", {**IN_A_LIST, "cniVersions": ["x"]}),
        ("a.conflist", {**IN_A_LIST, "cniVersions": ["1.0.0"], "cniVersion": "x"}),
        ("a.conflist", {"cniVersion": "1.0.0", "plugins": [{"type": "bridge"}]}),
    ],
)
def test_what_libcni_refuses(name, document):
    assert seen(name, document).refused


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("a.conflist", {**IN_A_LIST, "name": ""}),
        ("a.conflist", {**IN_A_LIST, "name": "p@ds"}),
        ("a.conf", {**SINGLE, "name": None}),
        ("a.conf", {"type": "bridge"}),
        ("a.conf", {**IN_A_LIST, "type": "bridge"}),
        ("a.conflist", {**IN_A_LIST, "disableCheck": "TRUE"}),
        ("a.conflist", {**IN_A_LIST, "plugins": [{"type": "bridge", "ipam": {"type": "a/b"}}]}),
        ("a.conflist", b'{"name": "a", "name": "b", "plugins": [{"type": "x\xff"}]}'),
    ],
)
def test_what_libcni_loads(name, document):
    assert (seen(name, document).refused, seen(name, document).unusable) == (None, None)


@pytest.mark.parametrize(
    "more", [{"cniVersion": "9.9.9"}, {"cniVersion": "v1"}, {"plugins": [{"type": "/opt/cni/bin/bridge"}]}]
)
def test_what_shows_only_when_the_plugins_are_asked(more):
    found = seen("a.conflist", {**IN_A_LIST, **more})
    assert found.refused is None
    assert found.unusable


def test_a_list_can_have_all_its_plugins_beside_it():
    document = {"cniVersion": "1.1.0", "name": "pods"}
    assert seen("a.conflist", document).refused
    assert seen("a.conflist", document, drop_ins=True).refused is None
    assert seen("a.conflist", {"cniVersion": "1.1.0"}, drop_ins=True).refused
    assert seen("a.conf", document, drop_ins=True).refused


def test_runtimes_have_the_names_of_their_makers():
    assert [runtime.called for runtime in Runtime] == ["containerd", "CRI-O", "libcni", "multus"]
