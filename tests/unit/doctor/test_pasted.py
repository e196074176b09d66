"""What is pasted from a fix runs as it stands, and does what it says to nothing else."""

from __future__ import annotations

import shlex

import pytest

from cnictl.doctor.pasted import for_each


@pytest.mark.parametrize("name", ["/a b", "/$(touch pwned)", "/it's", "/-rf", "/a;b", "/10.1.0.7"])
def test_a_name_is_one_word_of_the_command(name):
    text = for_each("rm", [name, "/x"])
    assert text[0] == text[-1] == "`"
    assert shlex.split(text[1:-1]) == ["rm", name, "/x"]


def test_of_many_a_few_are_named_and_the_command_is_whole():
    names = [f"/{number}" for number in range(5)]
    assert for_each("rm", names[:3]) == "`rm /0 /1 /2`"
    assert for_each("rm", names) == "`rm /0 /1 /2`, and likewise 2 more, which `--format json` lists"


def test_a_command_that_takes_one_name_is_given_several_times():
    removal = for_each("ip link del", ["bwp1", "bwp2", "bwp3", "bwp4"], at_once=False)
    whole = "`ip link del bwp1 && ip link del bwp2 && ip link del bwp3`"
    assert removal == f"{whole}, and likewise 1 more, which `--format json` lists"
