"""Headers of programs."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.foreign.elf import read_elf
from cnictl.foreign.gobuild import GoBuild, read_go_build
from tests.support.programs import AARCH64, PPC64, S390X, X86_64, elf, reference_plugin


def reader(data):
    """What reads these bytes as a file's."""
    return lambda offset, size: data[offset : offset + size]


def read(data):
    return read_elf(reader(data))


@pytest.mark.parametrize(
    ("machine", "big_endian", "name"),
    [
        (X86_64, False, "x86-64"),
        (AARCH64, False, "aarch64"),
        (PPC64, False, "ppc64le"),
        (PPC64, True, "ppc64"),
        (S390X, True, "s390x"),
        (999, False, "machine 999"),
    ],
)
def test_for_which_machine_a_program_is(machine, big_endian, name):
    assert read(elf(machine, big_endian=big_endian)).machine_name == name


def test_a_program_that_stands_on_its_own():
    data = elf()
    program = read(data)
    assert (program.interpreter, program.needed, program.library_dirs) == (None, (), ())
    assert program.image_end == program.file_end == len(data)
    assert program.section(b".text") is None


@pytest.mark.parametrize("big_endian", [False, True])
def test_what_a_program_needs(big_endian):
    needed = ("liba.so", "libb.so.2")
    program = read(elf(big_endian=big_endian, interpreter="/lib/ld.so.1", needed=needed, run_path="$ORIGIN/x:/opt/lib"))
    assert program.interpreter == "/lib/ld.so.1"
    assert program.needed == ("liba.so", "libb.so.2")
    assert program.library_dirs == ("$ORIGIN/x", "/opt/lib")


def test_where_a_program_that_is_cut_off_would_end():
    data = elf(room=5000)
    assert read(data[:300]).image_end == len(data)


@pytest.mark.parametrize("size", [0, 3, 4, 20, 51, 63, 64, 119])
def test_the_beginning_of_a_program_is_none(size):
    assert read(elf()[:size]) is None


def test_a_program_of_32_bits():
    head = b"\x7fELF\x01\x01\x01" + bytes(9)
    head += struct.pack("<HHIIIIIHHHHHH", 2, 40, 1, 0x8000, 52, 0, 0, 52, 32, 1, 40, 0, 0)
    data = head + struct.pack("<IIIIIIII", 1, 0, 0x8000, 0, 84, 84, 7, 4)
    program = read(data)
    assert (program.machine_name, program.wide, program.image_end) == ("arm", False, 84)
    assert program.offset_of(0x8010) == 0x10
    assert program.offset_of(0x9000) is None


def test_this_very_interpreter():
    data = Path("/proc/self/exe").resolve().read_bytes()
    program = read(data)
    assert program.file_end <= len(data)
    assert program.section(b".text") is not None
    assert read_go_build(program) is None


def test_how_a_release_was_built():
    build = read_go_build(read(reference_plugin("bridge", "v1.6.2", go="go1.23.2")))
    assert build == GoBuild(
        "go1.23.2",
        "github.com/containernetworking/plugins/plugins/main/bridge",
        ("github.com/containernetworking/plugins", "(devel)"),
        {},
        {
            "-ldflags": "-extldflags -static "
            "-X github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion=v1.6.2"
        },
    )
    assert build.version == build.revision == "v1.6.2"


def test_versions_of_modules():
    module = "path\texample.org/x\nmod\texample.org/x\tv0.3.0\th1:=\ndep\texample.org/y\tv1.2.3\th1:=\n"
    build = read_go_build(read(elf(go="go1.20", module=module)))
    assert build is not None
    assert (build.version, dict(build.dependencies)) == ("v0.3.0", {"example.org/y": "v1.2.3"})


def test_a_build_that_tells_nothing():
    build = read_go_build(read(elf(go="go1.20")))
    assert build is not None
    assert (build.go, build.path, build.version, build.revision) == ("go1.20", "", None, "")


def test_before_go_1_18_the_texts_are_behind_pointers():
    body = bytearray(elf(room=2000))
    module = b"0" * 16 + b"path\texample.org/old\n" + b"1" * 16
    base, at = 0x400000, 1024
    body[at + 200 : at + 207] = b"go1.16."[:7]
    body[at + 300 : at + 300 + len(module)] = module
    body[at + 100 : at + 116] = struct.pack("<QQ", base + at + 200, 6)
    body[at + 120 : at + 136] = struct.pack("<QQ", base + at + 300, len(module))
    header = b"\xff Go buildinf:\x08\x00" + struct.pack("<QQ", base + at + 100, base + at + 120)
    body[at : at + len(header)] = header
    build = read_go_build(read(bytes(body)))
    assert build is not None
    assert (build.go, build.path) == ("go1.16", "example.org/old")


@given(st.binary(max_size=400))
def test_any_bytes_are_no_trouble(data):
    for content in (data, b"\x7fELF" + data, b"\x7fELF\x02\x01\x01" + data):
        program = read(content)
        if program is not None:
            assert program.machine_name
            program.interpreter, program.needed, program.library_dirs, program.image_end, program.file_end  # noqa: B018
            program.section(b".text")
            read_go_build(program)


@given(st.data())
def test_a_program_with_some_wrong_bytes_is_no_trouble(data):
    whole = bytearray(elf(interpreter="/lib/ld.so", needed=("libc.so",), go="go1.20", module="path\tx\n", room=64))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    program = read(bytes(whole))
    if program is not None:
        program.interpreter, program.needed, program.library_dirs, program.image_end, program.file_end  # noqa: B018
        program.section(b".go.buildinfo")
        read_go_build(program)
