"""``cnictl.pyz``: one file that runs wherever there is a Python, and says in one line why not elsewhere."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.delivery.tour import PLAIN, TOUR, Installed, lay_out, visit
from tests.support.command import PROJECT
from tests.support.users import NOBODY

pytestmark = [pytest.mark.delivery, pytest.mark.xdist_group("delivery-zipapp")]

PYENV = Path("/root/.pyenv/versions")
NEW = ("3.11", "3.12", "3.13", "3.14")
OLD = ("3.6", "3.9", "3.10")


def pythons(versions: tuple[str, ...]) -> list[str]:
    """The interpreters of these versions that there are on this machine."""
    places = [Path("/usr/bin"), *(found / "bin" for version in versions for found in PYENV.glob(f"{version}.*"))]
    found = {str(place / f"python{version}") for place in places for version in versions}
    return sorted(path for path in found if os.access(path, os.X_OK))


def running() -> str:
    """The interpreter of the tests, outside its virtual environment."""
    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}")


@pytest.fixture
def program(pyz, tmp_path) -> Installed:
    """The program with a home directory that is empty, run by the interpreter of the tests."""
    home = tmp_path / "home"
    home.mkdir()
    return Installed([running(), str(pyz)], tmp_path, str(tmp_path), {**PLAIN, "HOME": str(home)})


def trees(place: Path) -> list[str]:
    """What a cache directory holds."""
    return sorted(path.name for path in place.iterdir())


def covered(program: Installed, *commands: str) -> Installed:
    """The same where mounts cover places of the machine, so that none of it is used or changed."""
    script = "; ".join([*commands, 'exec "$@"'])
    return program._replace(command=["unshare", "--mount", "sh", "-ec", script, "sh", *program.command])


READ_ONLY = "mount -t tmpfs -o ro none /var/cache"


@pytest.fixture(scope="module", params=sorted({running(), *pythons(NEW)}))
def installed(request, pyz, tmp_path_factory) -> Installed:
    """The program, run by each of the interpreters."""
    place = tmp_path_factory.mktemp("pyz")
    lay_out(place)
    return Installed([request.param, str(pyz)], place, str(place), {**PLAIN, "HOME": str(place)})


class TestInterpreters:
    @pytest.mark.parametrize("stop", TOUR)
    def test_the_main_commands_run(self, installed, stop):
        visit(installed, stop)

    def test_it_is_a_program(self, pyz, tmp_path):
        shutil.copy(pyz, tmp_path / "cnictl")
        path = f"{Path(running()).parent}:{PLAIN['PATH']}"
        subprocess.run([str(tmp_path / "cnictl"), "--version"], env={"PATH": path, "HOME": str(tmp_path)}, check=True)

    def test_python_3_6_can_read_as_far_as_the_line_that_refuses_it(self):
        start = PROJECT / "docs" / "deploy" / "package" / "start" / "__main__.py"
        head = start.read_text().partition("import _imp")[0]
        ast.parse(head, feature_version=(3, 6))

    @pytest.mark.parametrize("python", [running(), *pythons(OLD)])
    def test_an_old_python_is_told_so(self, python, pyz):
        pretend = "import sys, runpy; sys.version_info = min(sys.version_info, (3, 10, 1)); "
        command = [python, "-c", f"{pretend} sys.argv = [{str(pyz)!r}]; runpy.run_path({str(pyz)!r}, None, '__main__')"]
        done = subprocess.run(command, capture_output=True, text=True, env=PLAIN, check=False)
        assert done.returncode == 2
        assert done.stderr.startswith(f"cnictl: needs Python 3.11 or newer, and {python} is 3.")
        assert len(done.stderr.splitlines()) == 2

    def test_an_interpreter_without_modules_is_told_for_which_there_are(self, program, pyz):
        pretend = "import _imp, runpy; _imp.extension_suffixes = lambda: ['.cpython-399-riscv64-linux-gnu.so']; "
        code = f"{pretend} runpy.run_path({str(pyz)!r}, None, '__main__')"
        ended = program._replace(command=[running(), "-c", code]).run()
        assert ended.status == 2
        assert ended.err.startswith(
            "cnictl: this file has nothing compiled for cpython-399-riscv64-linux-gnu, only for "
        )
        assert "cpython-314-aarch64-linux-gnu" in ended.err

    def test_what_else_is_installed_counts_for_nothing(self, program, tmp_path):
        for name in ("typer", "cnictl", "pydantic"):
            (tmp_path / f"{name}.py").write_text("raise SystemExit('taken')")
        ended = program.run("explain", "CNI305", PYTHONPATH=str(tmp_path))
        assert (ended.status, ended.err) == (0, "")


class TestUnpacking:
    def test_only_the_first_start_unpacks(self, program, tmp_path):
        cache = tmp_path / "home" / ".cache" / "cnictl"
        program.run("--version")
        first = [(path.name, path.stat().st_ino) for path in cache.iterdir()]
        assert program.run("explain", "CNI305").status == 0
        assert [(path.name, path.stat().st_ino) for path in cache.iterdir()] == first
        assert len(first) == 1
        assert list(cache.rglob("*.pyc"))

    def test_many_may_start_at_once(self, program, tmp_path):
        command = [*program.command, "--version"]
        starts = [subprocess.Popen(command, env=program.environment, stdout=subprocess.PIPE) for _ in range(6)]
        assert {start.communicate()[0][:7] for start in starts} == {b"cnictl "}
        assert len(trees(tmp_path / "home" / ".cache" / "cnictl")) == 1

    def test_what_a_killed_start_has_left_does_no_harm(self, program, tmp_path):
        cache = tmp_path / "home" / ".cache" / "cnictl"
        start = subprocess.Popen([*program.command, "--version"], env=program.environment, stdout=subprocess.DEVNULL)
        while not (cache.exists() and trees(cache)) and start.poll() is None:
            time.sleep(0.001)
        start.send_signal(signal.SIGKILL)
        start.wait()
        (left,) = trees(cache)
        assert left.startswith("."), "it was killed too late"
        os.utime(cache / left, (0, 0))
        assert program.run("--version").status == 0
        assert [name.startswith(".") for name in trees(cache)] == [False]

    def test_another_version_is_removed_when_it_is_old(self, program, tmp_path):
        cache = tmp_path / "home" / ".cache" / "cnictl"
        for name in ("0.0.1-old", "0.0.2-new"):
            (cache / name / "cnictl").mkdir(parents=True)
        os.utime(cache / "0.0.1-old", (0, 0))
        program.run("--version")
        assert [name for name in trees(cache) if name.startswith("0.0.")] == ["0.0.2-new"]

    def test_root_without_a_home_uses_the_cache_of_the_system(self, program):
        script = "mount -t tmpfs none /var/cache; " + '"$@"; ls -A /var/cache/cnictl'
        command = ["unshare", "--mount", "sh", "-ec", script, "sh", *program.command]
        ended = program._replace(command=command, environment=PLAIN).run("--version")
        assert len(ended.out.splitlines()) == 2, ended

    def test_where_nothing_can_be_written_a_temporary_directory_does(self, program, tmp_path):
        place = tmp_path / "temporary"
        place.mkdir()
        there = covered(program, READ_ONLY, f"mount -t tmpfs -o ro none {tmp_path}/home")
        assert there.run("explain", "CNI305", TMPDIR=str(place)).status == 0
        (tree,) = (place / "cnictl-0").iterdir()
        (tree / "typer" / "main.py").unlink()  # as what cleans up old files does
        (tree / "rich" / "console.py").write_text("")
        assert there.run("explain", "CNI305", TMPDIR=str(place)).status == 0
        assert trees(place / "cnictl-0") == [tree.name]

    def test_where_there_is_no_place_at_all_it_says_so(self, program, tmp_path):
        there = covered(program, READ_ONLY, f"mount -t tmpfs -o ro none {tmp_path}")
        ended = there.run("--version", TMPDIR=str(tmp_path))
        assert ended.status == 2
        assert ended.err == (
            f"cnictl: finds no place to unpack: {tmp_path}/home/.cache/cnictl: Read-only file system; "
            f"/var/cache/cnictl: Read-only file system; {tmp_path}/cnictl-0: Read-only file system\n"
            "  hint: set XDG_CACHE_HOME to a directory of yours\n"
        )

    def test_a_file_system_that_runs_nothing_is_left_out(self, program, tmp_path):
        there = covered(program, READ_ONLY, f"mount -t tmpfs -o noexec none {tmp_path}")
        ended = there.run("--version", TMPDIR=str(tmp_path))
        assert f"{tmp_path}/home/.cache/cnictl: mounted noexec" in ended.err

    def test_a_file_that_was_damaged_on_the_way_is_not_run(self, program, pyz, tmp_path):
        content = bytearray(pyz.read_bytes())
        content[-2_000_000:-1_000_000] = bytes(1_000_000)
        (tmp_path / "damaged.pyz").write_bytes(content)
        ended = program._replace(command=[running(), str(tmp_path / "damaged.pyz")]).run("--version")
        assert ended.status == 2
        assert ended.err.startswith(f"cnictl: {tmp_path}/damaged.pyz is damaged: ")


class TestStrangers:
    """Whoever can write where cnictl is imported from, is whoever runs it."""

    @pytest.fixture
    def trap(self, program, tmp_path):
        """A temporary directory for everyone, in which somebody has made what cnictl will look for."""
        program.run("--version")
        (tree,) = (tmp_path / "home" / ".cache" / "cnictl").iterdir()
        place = tmp_path / "temporary"
        shutil.copytree(tree, place / "cnictl-0" / tree.name)
        (place / "cnictl-0" / tree.name / "cnictl" / "cli" / "entry.py").write_text("print('taken')")
        place.chmod(0o1777)
        shutil.rmtree(tree)
        return place

    @pytest.mark.parametrize("theirs", ["owner", "mode"])
    def test_what_others_have_made_or_can_change_is_not_run(self, program, tmp_path, trap, theirs):
        if theirs == "owner":
            os.chown(trap / "cnictl-0", NOBODY, NOBODY)
        else:
            (trap / "cnictl-0").chmod(0o777)
        there = covered(program, READ_ONLY, f"mount -t tmpfs -o ro none {tmp_path}/home")
        ended = there.run("--version", TMPDIR=str(trap))
        assert (ended.status, ended.out) == (2, "")
        assert f"{trap}/cnictl-0: others can write there" in ended.err

    def test_root_unpacks_nothing_in_the_home_of_somebody_else(self, program, tmp_path):
        os.chown(tmp_path / "home", NOBODY, NOBODY)
        there = covered(program, "mount -t tmpfs none /var/cache")
        assert there.run("--version").status == 0
        assert not list((tmp_path / "home").rglob("*.py"))

    def test_a_tree_that_others_can_reach_by_a_link_is_not_run(self, program, tmp_path, trap):
        (tmp_path / "home" / ".cache" / "cnictl").rmdir()
        os.chown(trap / "cnictl-0", NOBODY, NOBODY)
        (tmp_path / "home" / ".cache" / "cnictl").symlink_to(trap / "cnictl-0")
        there = covered(program, "mount -t tmpfs none /var/cache")
        ended = there.run("--version")
        assert ended.status == 0
        assert "taken" not in ended.out
