from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.errors import ExitCode, UsageError
from cnictl.model.attachment import DEFAULT_IFNAME, Attachment, parse_args
from cnictl.model.names import ALLOWED

NETNS = "/run/netns/blue"


def test_an_attachment_has_the_usual_interface_and_no_arguments():
    attachment = Attachment("pod42", NETNS)
    assert (attachment.ifname, attachment.args, attachment.capability_args) == ("eth0", (), {})
    assert attachment.ifname == DEFAULT_IFNAME
    assert attachment.args_text == ""
    assert attachment.fault() is None


def test_an_attachment_cannot_be_changed():
    attachment = Attachment("pod42", NETNS)
    with pytest.raises(dataclasses.FrozenInstanceError):
        attachment.ifname = "eth1"  # type: ignore[misc]


def test_a_namespace_may_be_gone():
    assert Attachment("pod42", "").fault() is None


@pytest.mark.parametrize(
    ("attachment", "fault"),
    [
        (Attachment("", NETNS), "the container ID is empty"),
        (Attachment("pod42\n", NETNS), f'the container ID "pod42\n" is not valid: it {ALLOWED}'),
        (Attachment("../x", NETNS), f'the container ID "../x" is not valid: it {ALLOWED}'),
        (Attachment("pod42", NETNS, ""), "the interface name is empty"),
        (Attachment("pod42", NETNS, "a" * 16), 'the interface name "aaaaaaaaaaaaaaaa" is longer than 15 bytes'),
        (Attachment("pod42", "/run/\x00"), "'/run/\\x00' cannot be the path of a network namespace"),
    ],
)
def test_what_cannot_be_attached_is_said(attachment, fault):
    assert attachment.fault() == fault


@pytest.mark.parametrize(
    "pair", [("", "v"), ("a=b", "v"), ("a;b", "v"), ("K", "v;IP=10.0.0.1"), ("K", "\0"), ("\0", "v")]
)
def test_a_pair_that_would_become_another_one_is_refused(pair):
    key, value = pair
    fault = f'CNI_ARGS cannot carry {key}={value}: there is no way to quote ";" or "=" in it'
    assert Attachment("pod42", NETNS, args=(("IgnoreUnknown", "1"), pair)).fault() == fault


def test_the_arguments_are_joined_in_their_order():
    args = (("IgnoreUnknown", "1"), ("IP", ""), ("K8S_POD_NAME", "web"))
    attachment = Attachment("pod42", NETNS, args=args)
    assert attachment.fault() is None
    assert attachment.args_text == "IgnoreUnknown=1;IP=;K8S_POD_NAME=web"


@pytest.mark.libcni(198)
@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", ()),
        ("A=1", (("A", "1"),)),
        ("IgnoreUnknown=1;K8S_POD_NAME=web", (("IgnoreUnknown", "1"), ("K8S_POD_NAME", "web"))),
        ("A=1;A=2", (("A", "1"), ("A", "2"))),
        ("IP=10.0.0.5/24,fd00::5/64", (("IP", "10.0.0.5/24,fd00::5/64"),)),
        (" A = b ", ((" A ", " b "),)),
        ("ä=ü", (("ä", "ü"),)),
    ],
)
def test_arguments_are_read_in_their_order(text, pairs):
    assert parse_args(text) == pairs


@pytest.mark.libcni(201)
@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("A", "A"),
        ("A=", "A="),
        ("=1", "=1"),
        ("=", "="),
        ("A=1=2", "A=1=2"),
        ("A==", "A=="),
        (";", ""),
        ("A=1;", ""),
        (";A=1", ""),
        ("A=1;;B=2", ""),
        ("A=1;B", "B"),
        ("IgnoreUnknown=0, Unk=nown", "IgnoreUnknown=0, Unk=nown"),
    ],
)
def test_a_piece_that_cnitool_refuses_is_named(text, piece):
    with pytest.raises(UsageError) as caught:
        parse_args(text)
    assert str(caught.value) == f'CNI_ARGS has the piece "{piece}", which is not of the form KEY=VALUE'
    assert caught.value.hint == "the form is KEY=VALUE;KEY=VALUE"
    assert caught.value.exit_code == ExitCode.UNABLE


PART = st.text(st.characters(exclude_characters=";=\x00", exclude_categories=["Cs"]), min_size=1, max_size=8)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(PART, PART), max_size=5).map(tuple))
def test_arguments_that_are_accepted_are_read_back(args):
    attachment = Attachment("pod42", NETNS, args=args)
    assert attachment.fault() is None
    assert parse_args(attachment.args_text) == args


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=30) | st.text(st.sampled_from("A=1;"), max_size=12))
def test_any_text_is_arguments_or_a_usage_error(text):
    try:
        args = parse_args(text)
    except UsageError:
        return
    assert ";".join(f"{key}={value}" for key, value in args) == text
