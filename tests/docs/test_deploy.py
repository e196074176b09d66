"""What lies in ``docs/deploy`` is what the programs that read it want."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from tests.support.checkups import report, sick, well
from tests.support.command import CNICTL, PROJECT
from tests.support.skips import ANSIBLE, cannot_test

DEPLOY = PROJECT / "docs" / "deploy"
MANIFESTS: list[dict[str, Any]] = list(yaml.safe_load_all((DEPLOY / "daemonset.yaml").read_text()))
CONFIG_MAP, DAEMON_SET = MANIFESTS
POD = DAEMON_SET["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
DETECTOR = DEPLOY / "node-problem-detector"
CONFIG = json.loads((DETECTOR / "cnictl.json").read_text())
PAGE = (PROJECT / "docs" / "how-to" / "watch-a-fleet.md").read_text()


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A ``cnictl`` to be found by name."""
    path = tmp_path / "bin" / "cnictl"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\nexec {CNICTL[0]} -m cnictl "$@"\n')
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    return path


class TestDaemonSet:
    @pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest["kind"])
    @pytest.mark.parametrize("version", ["1.30", kubernetes_validate.latest_version()])
    def test_it_is_what_kubernetes_takes(self, manifest, version):
        kubernetes_validate.validate(manifest, version, strict=True)

    def test_the_node_is_mounted_and_cannot_be_changed(self):
        mounts = {mount["name"]: mount for mount in CONTAINER["volumeMounts"]}
        volumes = {volume["name"]: volume for volume in POD["volumes"]}
        assert mounts.keys() == volumes.keys()
        assert mounts["host"]["mountPath"] == "/host"
        assert mounts["host"]["readOnly"]
        assert volumes["host"]["hostPath"]["path"] == "/"
        writable = {name for name, mount in mounts.items() if not mount.get("readOnly")}
        assert writable == {"textfile", "scratch"}

    def test_it_runs_where_pods_have_no_network_and_has_no_more_rights_than_it_needs(self):
        security = CONTAINER["securityContext"]
        assert POD["hostNetwork"]
        assert POD["tolerations"] == [{"operator": "Exists"}]
        assert not POD["automountServiceAccountToken"]
        assert not security["privileged"]
        assert not security["allowPrivilegeEscalation"]
        assert security["readOnlyRootFilesystem"]
        assert security["capabilities"]["drop"] == ["ALL"]

    def test_the_labels_of_the_pods_are_those_that_are_looked_for(self):
        labels = DAEMON_SET["spec"]["template"]["metadata"]["labels"]
        assert DAEMON_SET["spec"]["selector"]["matchLabels"] == labels
        assert f"-l app.kubernetes.io/name={labels['app.kubernetes.io/name']}" in PAGE

    @pytest.mark.usefixtures("program")
    def test_its_script_writes_metrics_and_prints_a_report_each_time(self, tmp_path):
        root = tmp_path / "host"
        (root / "etc").mkdir(parents=True)
        script = CONFIG_MAP["data"]["examine.sh"].replace("/textfile/", f"{tmp_path}/").replace("/host", str(root))
        assert script.startswith("#!/bin/sh\n")
        done = subprocess.run(
            ["timeout", "--signal", "TERM", "20", "sh", "-c", f"{script.replace('sleep', 'exit 0; sleep')}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["schema"] == "cnictl.doctor/1"
        assert "cnictl_doctor_check_status" in (tmp_path / "cnictl.prom").read_text()


class TestNodeProblemDetector:
    """The rules are those of its ``CustomPluginConfig.Validate`` and of ``docs/custom_plugin_monitor.md``."""

    def test_the_config_has_the_keys_that_it_knows(self):
        assert CONFIG["plugin"] == "custom"
        assert CONFIG.keys() <= {"plugin", "pluginConfig", "source", "metricsReporting", "conditions", "rules"}
        assert CONFIG["pluginConfig"].keys() <= {
            "invoke_interval",
            "timeout",
            "max_output_length",
            "concurrency",
            "enable_message_change_based_condition_update",
            "skip_initial_status",
        }
        for rule in CONFIG["rules"]:
            assert rule.keys() <= {"type", "condition", "reason", "path", "args", "timeout"}
        for condition in CONFIG["conditions"]:
            assert condition.keys() == {"type", "reason", "message"}

    def test_every_permanent_rule_has_a_condition(self):
        conditions = {condition["type"] for condition in CONFIG["conditions"]}
        for rule in CONFIG["rules"]:
            assert rule["type"] in ("temporary", "permanent")
            assert rule["type"] == "temporary" or rule["condition"] in conditions
            assert Path(rule["path"]).name == "cnictl.sh"
        names = [*conditions, *(rule["reason"] for rule in CONFIG["rules"])]
        assert all(re.fullmatch(r"([A-Z][A-Za-z0-9]*)+", name) for name in names)

    def test_the_doctor_ends_before_the_detectors_time_is_up(self):
        whole = seconds(CONFIG["pluginConfig"]["timeout"])
        assert all(seconds(rule["timeout"]) <= whole < seconds("5m") for rule in CONFIG["rules"])
        doctor = re.search(r"--timeout (\d+)", (DETECTOR / "cnictl.sh").read_text())
        assert doctor
        assert int(doctor[1]) < min(seconds(rule["timeout"]) for rule in CONFIG["rules"])

    @pytest.mark.parametrize("status", [0, 1, 2])
    def test_the_script_ends_as_the_doctor_does(self, tmp_path, status):
        program = tmp_path / "mine"
        program.write_text(f'#!/bin/sh\necho "$*"\nexit {status}\n')
        program.chmod(0o755)
        done = run_script(CNICTL=str(program), ROOT="/host")
        assert (done.returncode, done.stdout) == (status, "doctor --root /host --timeout 30 --format npd\n")

    def test_without_the_program_the_answer_is_unknown(self):
        done = run_script(CNICTL="no-such-program")
        assert (done.returncode, done.stdout) == (2, "unknown: no-such-program is not installed here\n")

    @pytest.mark.usefixtures("program")
    def test_with_the_program_it_is_one_short_line(self, tmp_path):
        (tmp_path / "etc").mkdir()
        done = run_script(CNICTL="cnictl", ROOT=str(tmp_path))
        assert done.returncode == 1
        assert done.stdout.startswith("CNI8")
        assert len(done.stdout.encode()) <= CONFIG["pluginConfig"]["max_output_length"] + 1


def seconds(text: str) -> int:
    return int(text[:-1]) * {"s": 1, "m": 60}[text[-1]]


def run_script(**variables: str) -> subprocess.CompletedProcess[str]:
    script = str(DETECTOR / "cnictl.sh")
    return subprocess.run([script], env=os.environ | variables, capture_output=True, text=True, check=False)


PLAYBOOK = DEPLOY / "ansible" / "doctor.yaml"


@pytest.fixture
def play(program, tmp_path):
    """Runs the playbook on this machine; skipped without Ansible, and failed with ``CI``."""
    if shutil.which("ansible-playbook") is None:
        cannot_test(ANSIBLE, "needs ansible-playbook: `CI=1 .ci/packages` installs it")

    def call(*options: str) -> subprocess.CompletedProcess[str]:
        home = {"ANSIBLE_HOME": str(tmp_path / "ansible"), "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local")}
        # PYTHONPATH is for cnictl's own interpreter; Ansible has one of its own.
        environment = os.environ | home | {"ANSIBLE_NOCOLOR": "1", "LC_ALL": "C.UTF-8"}
        environment.pop("PYTHONPATH")
        command = ["ansible-playbook", "-i", "localhost,", str(PLAYBOOK), *options]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)

    return call


@pytest.mark.e2e
class TestAnsible:
    def test_the_playbook_can_be_read(self, play):
        done = play("--syntax-check")
        assert done.returncode == 0, done.stderr

    def test_it_examines_fetches_and_merges(self, play, program, tmp_path):
        place = tmp_path / "reports"
        place.mkdir()
        for name, checkup in (("worker-8", sick()), ("worker-9", well())):
            (place / f"{name}.json").write_text(json.dumps(report(checkup, name)))
        program.write_text(f'#!/bin/sh\ncd {PROJECT} && exec {CNICTL[0]} -m cnictl "$@"\n')
        done = play(
            *("--connection", "local", "-e", f"cnictl_program={program}", "-e", f"cnictl_reports={place}"),
            *("-e", "cnictl_privileged=false", "-e", f"ansible_remote_tmp={tmp_path}/remote"),
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads((place / "localhost.json").read_text())["schema"] == "cnictl.doctor/1"
        assert re.search(r"\d of 3 nodes failed", done.stdout)
        assert "worker-8" in (place / "fleet.html").read_text()
        assert not re.search(r"(failed|unreachable)=[1-9]", done.stdout)
