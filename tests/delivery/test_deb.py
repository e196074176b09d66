"""The Debian package, in a root file system that has nothing else."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from docs.deploy.package.wheels import VERSIONS
from tests.delivery.tour import PLAIN, TOUR, Installed, lay_out, visit
from tests.support.command import PROJECT
from tests.support.node import Node, plugin_dir

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.delivery, pytest.mark.xdist_group("delivery-deb")]

BRIDGE = {
    "cniVersion": "1.0.0",
    "name": "pods",
    "plugins": [{"type": "bridge", "bridge": "cni7", "ipam": {"type": "host-local", "subnet": "10.77.0.0/24"}}],
}


def files(root: Path) -> set[str]:
    """Every file and directory, but for the notes that dpkg makes for itself."""
    found = {str(path.relative_to(root)) for path in root.rglob("*")}
    return {path for path in found if not path.startswith(("var/log/", "var/lib/dpkg/", "tmp/", "var/cache/"))}


def in_root(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["chroot", str(root), *command], env=PLAIN, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def installed(root, deb, share) -> Installed:
    """The package, installed by dpkg."""

    def make(_: Path) -> None:
        lay_out(root / "tmp")
        (root / "tmp" / deb.name).write_bytes(deb.read_bytes())
        done = in_root(root, "dpkg", "--install", f"/tmp/{deb.name}")
        assert done.returncode == 0, done.stderr

    share("installed", make)
    return Installed(["chroot", str(root), "cnictl"], root / "tmp", "/tmp", PLAIN)


@pytest.mark.parametrize("stop", TOUR)
def test_the_main_commands_run(installed, stop):
    visit(installed, stop)


def test_lintian_finds_neither_errors_nor_warnings(deb):
    command = ["lintian", "--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0", str(deb)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=PLAIN)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_man_page_is_found(installed, root):
    manual = root / "usr" / "share" / "man"
    pages = sorted((PROJECT / "docs" / "man").iterdir())
    assert pages
    for page in pages:
        command = ["man", "-M", str(manual), "-w", page.suffix[1:], page.stem]
        shown = subprocess.run(command, capture_output=True, text=True, check=False, env=PLAIN)
        assert shown.stdout.strip() == str(manual / f"man{page.suffix[1:]}" / f"{page.name}.gz")


def test_the_shells_find_the_completions(installed, root):
    done = in_root(root, "bash", "-c", ". /usr/share/bash-completion/completions/cnictl && complete -p cnictl")
    assert done.returncode == 0, done.stderr
    share = root / "usr" / "share"
    assert (share / "zsh" / "vendor-completions" / "_cnictl").read_text().startswith("#compdef cnictl")
    assert (share / "fish" / "vendor_completions.d" / "cnictl.fish").is_file()


def test_bytecode_is_there_before_the_first_start(installed, root):
    modules = {path.stem for path in (root / "usr" / "lib" / "cnictl" / "cnictl" / "cli").glob("*.py")}
    cached = (root / "usr" / "lib" / "cnictl" / "cnictl" / "cli" / "__pycache__").glob("*.pyc")
    assert {path.name.partition(".")[0] for path in cached} == modules


def test_nothing_of_the_environment_decides_what_is_imported(installed, root):
    (root / "tmp" / "typer.py").write_text("raise SystemExit('taken')")
    ended = installed.run("explain", "CNI305", PYTHONPATH="/tmp", PYTHONSTARTUP="/tmp/typer.py")
    assert (ended.status, ended.err) == (0, "")


def test_the_copyright_file_has_the_licence_of_all_that_is_carried(installed, root):
    text = (root / "usr" / "share" / "doc" / "cnictl" / "copyright").read_text()
    carried = {path.name for path in (root / "usr" / "lib" / "cnictl").iterdir()} - {"cnictl", "__pycache__"}
    named = set(re.findall(r"usr/lib/cnictl/([^/\s]+)", text))
    assert {name for name in carried if not name.startswith("cnictl-")} <= named
    for paragraph in re.split(r"\n\n(?=Files:)", text)[1:]:
        assert re.search(r"^Copyright: \S", paragraph, re.MULTILINE), paragraph


def test_it_goes_with_the_pythons_that_it_has_modules_for(installed, root):
    wanted = in_root(root, "dpkg-query", "--show", "--showformat", "${Depends}", "cnictl").stdout
    following = int(VERSIONS[-1].partition(".")[2]) + 1
    assert f"python3 (>= {VERSIONS[0]}~), python3 (<< 3.{following}~)" in wanted


@pytest.mark.netns
def test_it_runs_real_plugins(installed, root):
    (root / "tmp" / "pods.conflist").write_text(json.dumps(BRIDGE))
    (root / "opt" / "cni" / "bin").mkdir(parents=True, exist_ok=True)
    with Node() as node:
        node.run("mount", "--bind", str(plugin_dir()), str(root / "opt" / "cni" / "bin"))
        node.run("ip", "netns", "add", "pod")
        for place in ("run", "proc"):
            node.run("mount", "--rbind", f"/{place}", str(root / place))
        exec_ = ["chroot", str(root), "cnictl", "exec"]
        added = node.run(*exec_, "add", "/tmp/pods.conflist", "pod")
        assert json.loads(added.stdout)["ips"][0]["address"].startswith("10.77.0.")
        assert "10.77.0." in node.run("ip", "netns", "exec", "pod", "ip", "address").stdout
        node.run(*exec_, "del", "/tmp/pods.conflist", "pod")
        assert "10.77.0." not in node.run("ip", "netns", "exec", "pod", "ip", "address").stdout


def test_purging_it_leaves_nothing(installed, root, tmp_path):
    """In a copy, because other tests go on with the root."""
    copy = tmp_path / "root"
    subprocess.run(["cp", "--archive", "--reflink=auto", str(root), str(copy)], check=True)
    done = in_root(copy, "dpkg", "--purge", "cnictl")
    assert (done.returncode, done.stderr) == (0, "")
    assert not [path for path in files(copy) if "cnictl" in path]
