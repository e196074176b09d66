"""The wheel, installed by pipx and by uv where nothing of the checkout can be seen."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from docs.deploy.package.wheels import LOCK
from tests.delivery.tour import PLAIN, TOUR, Installed, lay_out, visit
from tests.support.command import PROJECT

pytestmark = [pytest.mark.delivery, pytest.mark.xdist_group("delivery-wheel")]

COMPLETIONS = (
    "bash-completion/completions/cnictl",
    "zsh/site-functions/_cnictl",
    "fish/vendor_completions.d/cnictl.fish",
)

# With the checkout covered, nothing in it can be what is run, not even by mistake.
HIDDEN = ["unshare", "--mount", "sh", "-c", f'mount -t tmpfs none {PROJECT} && exec "$@"', "sh"]


def settings(home: Path) -> dict[str, str]:
    """The environment of somebody who has nothing yet, and gets the locked versions."""
    constraints = home / "constraints.txt"
    constraints.write_text(
        "".join(f"{pin}\n" for pin in re.findall(r"^[\w.-]+==[^ \\]+", LOCK.read_text(), re.MULTILINE))
    )
    proxies = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_"))}
    return {
        **proxies,
        **PLAIN,
        "HOME": str(home),
        "PIP_CONSTRAINT": str(constraints),
        "UV_CONSTRAINT": str(constraints),
        "UV_PYTHON_DOWNLOADS": "never",
    }


def by_pipx(home: Path, wheel: Path) -> None:
    run([shutil.which("pipx") or "pipx", "install", str(wheel)], settings(home))


def by_uv(home: Path, wheel: Path) -> None:
    """uv is a wheel itself."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(home / "uv"), "uv"]
    run(pip, settings(home) | {"PIP_CONSTRAINT": ""})
    python = str(Path(sys.base_prefix) / "bin" / "python3")
    run([str(home / "uv" / "bin" / "uv"), "tool", "install", "--python", python, str(wheel)], settings(home))


def run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session", params=[by_pipx, by_uv])
def installed(request, share, wheel) -> Installed:
    """The program that an installer has put into a home directory."""

    def make(home: Path) -> None:
        lay_out(home / "files")
        request.param(home, wheel)

    home = share(request.param.__name__, make)
    program = home / ".local" / "bin" / "cnictl"
    return Installed([*HIDDEN, str(program)], home / "files", str(home / "files"), {**PLAIN, "HOME": str(home)})


@pytest.mark.parametrize("stop", TOUR)
def test_the_main_commands_run(installed, stop):
    visit(installed, stop)


def test_man_pages_and_completions_are_where_man_and_shells_look(installed):
    share = Path(os.path.realpath(installed.command[-1])).parents[1] / "share"
    pages = {path.name for path in (PROJECT / "docs" / "man").iterdir()}
    assert {path.name for path in share.glob("man/man*/*")} == pages
    command = ["man", "-M", str(share / "man"), "-w", "cnictl-validate"]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    assert shown.stdout.strip() == str(share / "man" / "man1" / "cnictl-validate.1")
    for path in (
        "bash-completion/completions/cnictl",
        "zsh/site-functions/_cnictl",
        "fish/vendor_completions.d/cnictl.fish",
    ):
        assert (share / path).is_file()


def test_it_holds_the_package_and_nothing_of_the_tests(wheel):
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
        assert "cnictl/py.typed" in archive.namelist()
        assert "cnictl/schemas/plugins/bridge.schema.json" in archive.namelist()
    version = wheel.name.split("-")[1]
    assert tops == {"cnictl", f"cnictl-{version}.dist-info", f"cnictl-{version}.data"}
