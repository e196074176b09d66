"""The hooks for pre-commit are what the page says, and they work in a real repository."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

from cnictl.foreign.settings import read_settings
from tests.support.command import PROJECT
from tests.support.skips import PRE_COMMIT, cannot_test

if TYPE_CHECKING:
    from pathlib import Path

HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text())
}
CONFIGS, MANIFESTS = HOOKS
PAGE = (PROJECT / "docs" / "how-to" / "pre-commit.md").read_text(encoding="utf-8")
PARTS = (
    *("cnictl", "completions", "schemas", "docs/deploy/package/man_pages.py"),
    *("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"),
)
"""What a checkout needs to be installed from."""

GOOD = (PROJECT / "docs" / "examples" / "30-bridge.conflist").read_text()
BAD = GOOD.replace('"isGateway"', '"isGatway"')
MANIFEST = """\
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: pods}
spec:
  config: |
"""
OTHERS = {
    "package.json": '{"name": "mine", "type": "module"}',
    "cni/package.json": '{"name": "mine", "type": "module"}',
    "cni/nginx.conf": "server {}",
    "net.d/README.md": "# Networks",
    "values.yaml": "cni:\n  plugins: [a, b]\n",
    "chart/templates/all.yaml": "{{- if .Values.on }}\nkind: ConfigMap\n{{ end }}",
    "service.yml": "---\nkind: Service\n---\nkind: Service\n",
}
OFFLINE = r"Name or service not known|name resolution|ConnectionError|Network is unreachable|No matching distribution"


def takes(hook: str, path: str) -> bool:
    return re.search(HOOKS[hook]["files"], path) is not None


@pytest.mark.parametrize(
    "path",
    [
        "10-net.conflist",
        "deploy/networks/pods.conflist",
        "net.d/10-net.conf",
        "etc/cni/net.d/10-net.json",
        "roles/cni/files/net.d/a.conf",
        "cni/10-net.conf",
        "deploy/cni/99-loopback.json",
    ],
)
def test_configs_are_taken(path):
    assert takes(CONFIGS, path)
    assert not takes(MANIFESTS, path)


@pytest.mark.parametrize(
    "path",
    [
        "package.json",
        "cni/package.json",
        "cni/tsconfig.json",
        "cni/nginx.conf",
        "cni/testdata/10-result.json",
        "net.d/README.md",
        "net.d/pods/10-drop-in.conf",
        "internet.d/a.conf",
        "mycni/10-net.conf",
        "net.d.json",
        "a.conflist.bak",
        "nginx.conf",
        "a.conf",
    ],
)
def test_other_files_are_not(path):
    assert not takes(CONFIGS, path)
    assert not takes(MANIFESTS, path)


@pytest.mark.parametrize("path", ["nad.yaml", "deploy/nad.yml"])
def test_manifests_are_taken(path):
    assert takes(MANIFESTS, path)
    assert not takes(CONFIGS, path)


def test_the_page_has_the_hooks_that_there_are():
    shown = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
    ids = [hook["id"] for part in shown for repo in part["repos"] for hook in repo["hooks"]]
    assert set(ids) == set(HOOKS)


def test_the_settings_on_the_page_are_read(tmp_path):
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "pyproject.toml"
    path.write_text(text)
    assert read_settings(path).per_file_ignores


class Ended(NamedTuple):
    status: int
    out: str


class Workshop(NamedTuple):
    """A repository that uses the hooks."""

    place: Path
    home: Path

    def run(self, *words: str) -> Ended:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        # Nothing is written outside these directories, and no setting of whoever runs the tests counts.
        environment |= {"PRE_COMMIT_HOME": str(self.home), "PRE_COMMIT_COLOR": "never", "GIT_CONFIG_GLOBAL": os.devnull}
        environment |= {"VIRTUALENV_OVERRIDE_APP_DATA": str(self.home / "virtualenv"), "PIP_NO_CACHE_DIR": "1"}
        environment.pop("PYTHONPATH", None)
        done = subprocess.run(
            words, cwd=self.place, env=environment, text=True, check=False, timeout=300, capture_output=True
        )
        return Ended(done.returncode, done.stdout + done.stderr)

    def git(self, *words: str) -> str:
        ended = self.run("git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words)
        assert ended.status == 0, ended.out
        return ended.out.strip()

    def hook(self, *words: str) -> Ended:
        self.git("add", "--all")
        return self.run(sys.executable, "-m", "pre_commit", "run", "--all-files", *words)

    def write(self, name: str, text: str) -> None:
        path = self.place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def make_checkout(top: Path) -> None:
    repository = Workshop(top / "cnictl", top / "home")
    for part in PARTS:
        source, target = PROJECT / part, repository.place / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    repository.git("init", "--quiet")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "all")


@pytest.fixture(scope="module")
def checkout(share):
    """A repository with this version of cnictl, and the directory in which pre-commit installs it once."""
    if importlib.util.find_spec("pre_commit") is None or not shutil.which("git"):
        cannot_test(PRE_COMMIT, "needs pre-commit and git")
    top = share("hooks", make_checkout)
    return Workshop(top / "cnictl", top / "home")


@pytest.fixture
def workshop(checkout, tmp_path):
    """A repository with a good config and files of other kinds."""
    made = Workshop(tmp_path, checkout.home)
    made.git("init", "--quiet")
    hooks = [{"id": CONFIGS, "args": ["--strict"]}, {"id": MANIFESTS}]
    repo = {"repo": str(checkout.place), "rev": checkout.git("rev-parse", "HEAD"), "hooks": hooks}
    made.write(".pre-commit-config.yaml", yaml.safe_dump({"repos": [repo]}))
    for name, text in {**OTHERS, "net.d/30-bridge.conflist": GOOD}.items():
        made.write(name, text)
    installed = made.run(sys.executable, "-m", "pre_commit", "install-hooks")
    if installed.status and re.search(OFFLINE, installed.out):
        cannot_test(PRE_COMMIT, "needs a package index")
    assert installed.status == 0, installed.out
    return made


def test_a_repository_without_mistakes_passes(workshop):
    ended = workshop.hook()
    assert ended.status == 0, ended.out
    assert ended.out.count("Passed") == 2


def test_a_mistake_in_a_config_is_found(workshop):
    workshop.write("net.d/40-bad.conflist", BAD)
    ended = workshop.hook(CONFIGS)
    assert ended.status == 1
    assert '"isGatway"' in ended.out
    assert "net.d/40-bad.conflist:" in ended.out
    assert set(re.findall(r"--> ([^:]+):", ended.out)) == {"net.d/40-bad.conflist"}


def test_a_mistake_in_a_manifest_is_found(workshop):
    workshop.write("nad.yaml", MANIFEST + "".join(f"    {line}\n" for line in GOOD.splitlines()))
    assert workshop.hook(MANIFESTS).status == 0
    # One that is an error: this hook is not strict here.
    worse = GOOD.replace('"name": "pods",', '"name": "po/ds",')
    workshop.write("nad.yaml", MANIFEST + "".join(f"    {line}\n" for line in worse.splitlines()))
    ended = workshop.hook(MANIFESTS)
    assert ended.status == 1
    assert "nad.yaml:" in ended.out


def test_without_files_that_concern_it_nothing_is_judged(workshop):
    workshop.git("add", "--all")
    ended = workshop.run(sys.executable, "-m", "pre_commit", "run", CONFIGS, "--files", *OTHERS)
    assert ended.status == 0
    assert "no files to check" in ended.out
