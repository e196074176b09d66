"""The files of plugins, and which of them a node can run."""

from __future__ import annotations

import pytest

from cnictl.doctor.node import Node
from tests.support.nodes import Denied, Link, NodeTree, plant
from tests.support.programs import AARCH64, ARM, X86_64, elf

SHELL = {"bin/sh": elf(interpreter="/lib64/ld.so", needed=("libc.so.6",)), "lib/x86_64-linux-gnu/libc.so.6": b""}
BRIDGE = "/opt/cni/bin/bridge"


@pytest.fixture
def programs(tmp_path):
    """Makes a node of files and looks at its programs."""

    def make(entries, **options):
        return Node(NodeTree(plant(tmp_path, entries), **options)).programs

    return make


@pytest.mark.parametrize(
    ("content", "disguise"),
    [
        (b"", "an empty file"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"PK\x03\x04", "a zip archive"),
        (bytes(257) + b"ustar\x00", "a tar archive"),
        (b"\n <!DOCTYPE HTML>", "a web page"),
        (b"\xef\xbb\xbf<html>", "a web page"),
        (b"<?xml version='1.0'?>", "an XML document"),
        (b'{"message": "Not Found"}', "a JSON text"),
        (b"version https://git-lfs.github.com/spec/v1", "a pointer of Git LFS, not the file itself"),
        (b"MZ\x90", "a program for Windows"),
        (b"Not Found\n", "a text without a #! line"),
        (b"\x00\x01\x02", "neither a program nor a script"),
        (b"\x7fELF\x02", "only the beginning of a program"),
        (b"#!/bin/sh\n", None),
        (elf(), None),
    ],
)
def test_what_lies_there_instead_of_a_program(programs, content, disguise):
    assert programs({"opt/cni/bin/bridge": content}).at(BRIDGE).disguise == disguise


@pytest.mark.parametrize(
    ("first", "interpreter"),
    [
        (b"#!/bin/sh\n", "/bin/sh"),
        (b"#! /usr/bin/env python3\n", "/usr/bin/env"),
        (b"#!/bin/sh\r\n", "/bin/sh\r"),
        (b"#!\t/bin/sh\t-e\n", "/bin/sh"),
        (b"#!\n", ""),
        (b"#!", ""),
    ],
)
def test_what_interprets_a_script(programs, first, interpreter):
    assert programs({"opt/cni/bin/bridge": first}).at(BRIDGE).interpreter == interpreter


def test_what_is_no_file_is_no_program(programs):
    found = programs({"opt/cni/bin/bridge/x": "", "opt/cni/bin/link": Link("nowhere"), "opt/cni/bin/no": Denied()})
    assert [found.at(f"/opt/cni/bin/{name}") for name in ("bridge", "link", "no", "none")] == [None] * 4


@pytest.mark.parametrize(
    ("shell", "machine", "foreign"),
    [
        (X86_64, X86_64, False),
        (X86_64, AARCH64, True),
        (X86_64, 3, False),
        (AARCH64, ARM, False),
        (ARM, AARCH64, False),  # the kernel may be of 64 bits although the programs are not
        (AARCH64, X86_64, True),
    ],
)
def test_programs_for_other_machines(programs, shell, machine, foreign):
    found = programs({"bin/sh": elf(shell), "opt/cni/bin/bridge": elf(machine)})
    assert found.is_foreign(found.at(BRIDGE)) is foreign


def test_the_node_is_what_its_other_programs_are(programs):
    found = programs({"bin/sh": "#!/bin/busybox\n", "usr/bin/kubelet": elf(AARCH64), "opt/cni/bin/bridge": elf()})
    assert found.is_foreign(found.at(BRIDGE))


def test_libraries_are_looked_for_where_the_loader_does(programs):
    needed = elf(interpreter="/lib64/ld.so", needed=("libc.so.6", "liba.so", "libb.so", "/opt/x.so"))
    configured = {"etc/ld.so.conf.d/a.conf": "# more\n/opt/a\n", "opt/a/liba.so": ""}
    found = programs({**SHELL, **configured, "opt/cni/bin/bridge": needed})
    assert found.missing_libraries(found.at(BRIDGE)) == ["libb.so"]


def test_no_library_is_missed_when_those_of_the_shell_are_not_found_either(programs):
    needed = elf(interpreter="/lib64/ld.so", needed=("libb.so",))
    found = programs({"bin/sh": SHELL["bin/sh"], "opt/cni/bin/bridge": needed})
    assert found.missing_libraries(found.at(BRIDGE)) == []


def test_the_innermost_mount_counts_and_of_two_at_one_place_the_last(programs):
    lines = ["/ rw", "/opt rw,noexec", "/opt/cni rw,noexec", "/opt/cni rw"]
    text = "".join(f"{n} 1 8:{n} / {line} shared:1 - ext4 /dev/sda{n} rw\n" for n, line in enumerate(lines))
    found = programs({"proc/1/mountinfo": text})
    assert found.no_exec_mount(BRIDGE) is None
    assert found.no_exec_mount("/opt/other") == "/opt"
    assert found.no_exec_mount("/optimum") is None


def test_no_table_of_mounts_at_all(programs):
    assert programs({"etc/hostname": "x"}).no_exec_mount(BRIDGE) is None
