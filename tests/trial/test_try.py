"""`cnictl try` as a user calls it."""

from __future__ import annotations

import contextlib
import errno
import json
import socket
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from cnictl.errors import CNIError
from cnictl.invoke import enclosure
from cnictl.throwaway import mounts
from tests.support.command import PROJECT, Ended, run_here
from tests.support.throwaway import as_user, run_try

EXAMPLE = PROJECT / "docs" / "examples" / "30-bridge.conflist"
LIMITS = ("--bandwidth", "ingress=20M,egress=40M,ingress-burst=1M,egress-burst=1M")
SCHEMAS = PROJECT / "schemas" / "output"


@pytest.fixture
def broken(tmp_path):
    """A network whose pods cannot reach their gateway."""
    case = json.loads((Path(__file__).parent / "gallery" / "gateway-outside-subnet.json").read_text())
    path = tmp_path / "10-pods.conflist"
    path.write_text(json.dumps(case["config"], indent=2))
    return path


def statuses(ended) -> dict[str, str]:
    return {step["code"]: step["status"] for step in ended.data["steps"]}


def quickest(times: int) -> Ended:
    """The first trial that was quick enough, or the last one: the machine may have other things to do."""
    ended = run_try(EXAMPLE, "--port", "8080:80/tcp", *LIMITS, "-f", "json")
    assert ended.status == 0, ended.out + ended.err
    return ended if times == 1 or ended.data["seconds"] < 5 else quickest(times - 1)


@pytest.mark.netns
@pytest.mark.alone
def test_the_reference_chain_takes_less_than_five_seconds():
    ended = quickest(5)
    assert ended.data["seconds"] < 5
    found = statuses(ended)
    assert {code for code, status in found.items() if status == "skip"} == {"CNI916", "CNI917"}
    measured = next(step for step in ended.data["steps"] if step["code"] == "CNI914")["evidence"]
    assert len(measured) == 4
    for line in measured:
        rate = float(line.split()[2])
        limit = 20 if "ingress" in line else 40
        assert abs(rate / limit - 1) <= 0.2, line
    ports = next(step for step in ended.data["steps"] if step["code"] == "CNI911")["evidence"]
    assert {line.split()[1] for line in ports} == {"8080/tcp"}


@pytest.mark.netns
def test_the_json_document_is_as_its_schema_says(broken):
    ended = run_try(broken, "-f", "json")
    assert ended.status == 1
    registry = Registry().with_resources(
        (path.name, Resource.from_contents(json.loads(path.read_text()))) for path in SCHEMAS.glob("*.json")
    )
    schema = json.loads((SCHEMAS / "trial.schema.json").read_text())
    Draft202012Validator(schema, registry=registry).validate(ended.data)
    assert ended.data["summary"]["steps"] == len(ended.data["steps"])


@pytest.mark.netns
def test_a_pipeline_gets_junit_and_an_annotation_at_the_line(broken, tmp_path):
    ended = run_try(broken, "-f", "junit", "-o", tmp_path / "try.xml")
    assert ended.status == 1
    suite = ET.fromstring((tmp_path / "try.xml").read_text())[0]
    failures = [case.get("name") for case in suite if case.find("failure") is not None]
    assert any(name.startswith("CNI907") for name in failures if name)
    assert int(suite.get("tests", 0)) == len(suite.findall("testcase"))
    assert int(suite.get("skipped", 0)) == sum(case.find("skipped") is not None for case in suite)
    annotations = run_try(broken, "-f", "github").out.splitlines()
    line = 1 + next(number for number, text in enumerate(broken.read_text().splitlines()) if '"ipam"' in text)
    assert any(f"file={broken},line={line}," in text and "CNI907" in text for text in annotations)


@pytest.mark.netns
def test_a_pod_manifest_says_which_ports_and_limits():
    ended = run_try(EXAMPLE, "--pod", PROJECT / "docs" / "examples" / "pod.yaml", "-f", "json", "--pods", "1")
    ports = next(step for step in ended.data["steps"] if step["code"] == "CNI911")["evidence"]
    assert ports
    assert not any("30080" in line for line in ports)


@pytest.mark.netns
@pytest.mark.skipif(not as_user(), reason="no ordinary user may run a Python of this version")
def test_an_ordinary_user_gets_the_same_verdicts():
    mine, theirs = run_try(EXAMPLE, "-f", "json"), run_try(EXAMPLE, "-f", "json", user=True)
    assert theirs.status == 0, theirs.out + theirs.err
    assert statuses(theirs) == statuses(mine)


@pytest.mark.netns
def test_a_setting_of_the_node_can_be_changed(broken):
    config = json.loads(EXAMPLE.read_text())
    config["plugins"] = config["plugins"][:1]
    config["plugins"][0]["hairpinMode"] = False
    config["plugins"][0]["ipam"]["ranges"] = [[{"subnet": "10.1.0.0/24"}]]
    del config["plugins"][0]["ipMasq"]
    broken.write_text(json.dumps(config))
    asked = ("-f", "json", "--port", "8080:80")
    assert statuses(run_try(broken, *asked))["CNI909"] == "ok"
    ended = run_try(broken, *asked, "--sysctl", "net.ipv4.icmp_echo_ignore_all=1", "--sysctl", "net.none=1")
    assert ended.status == 2
    assert "--sysctl net.none: no such file" in ended.err


@pytest.mark.netns
def test_a_network_is_found_by_its_name_and_read_from_stdin(tmp_path):
    (tmp_path / "10-pods.conflist").write_text(EXAMPLE.read_text())
    named = run_try("pods", "--conf-dir", tmp_path, "-f", "json", "--pods", "1")
    assert (named.status, named.data["file"]) == (0, str(tmp_path / "10-pods.conflist"))
    piped = run_try("-", "-f", "json", "--pods", "1", keys='{"cniVersion": "1.0.0", "type": "loopback"}')
    assert piped.status == 1
    assert "CNI901" in {code for code, status in statuses(piped).items() if status == "fail"}


@pytest.mark.netns
def test_a_protocol_that_the_kernel_does_not_speak_is_skipped_and_others_are_tried():
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132):
        pytest.skip("this kernel speaks SCTP")
    ended = run_try(EXAMPLE, "--port", "8080:80/sctp", "-f", "json", "--pods", "1")
    assert statuses(ended)["CNI911"] == "skip"
    both = run_try(EXAMPLE, "--port", "8080:80/sctp", "--port", "53:53/udp", "-f", "json", "--pods", "1")
    evidence = next(step for step in both.data["steps"] if step["code"] == "CNI911")["evidence"]
    assert "hostPort 8080/sctp was skipped: this kernel does not speak sctp" in evidence
    assert any(line.startswith("hostPort 53/udp at ") for line in evidence)


@pytest.mark.netns
def test_the_tools_of_root_are_found_without_them_in_the_search_path(monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    ended = run_try(EXAMPLE, "-f", "json", "--pods", "1")
    assert ended.status == 0, ended.out


@pytest.mark.netns
def test_keep_opens_a_shell_in_the_node():
    commands = (
        "nsenter --net=/run/netns/kept-a ip -o addr show dev eth0\n"
        "nsenter --net=/run/netns/outside ip -o link | wc -l\nls /var/lib/cni/results\nexit\n"
    )
    ended = run_try(EXAMPLE, "--keep", "--pods", "1", keys=commands)
    assert ended.status == 0
    after = ended.out.partition(" steps in ")[2]
    assert "inet 10.89." in after
    assert "\n2\n" in after, "the machine outside has links besides lo and the uplink"
    assert "pods-kept-a-eth0" in after
    assert "kept-b has 10.89." in ended.err


@pytest.mark.netns
def test_what_cannot_be_tried_is_no_pass(tmp_path):
    config = {"type": "bridge", "isGateway": True, "ipam": {"type": "dhcp"}}
    (tmp_path / "10-pods.conf").write_text(json.dumps({"cniVersion": "1.0.0", "name": "pods", **config}))
    ended = run_try(tmp_path / "10-pods.conf", "-f", "json")
    assert ended.status == 2
    add = next(step for step in ended.data["steps"] if step["code"] == "CNI904")
    assert (add["status"], "its daemon" in add["summary"]) == ("skip", True)
    assert "CNI905" not in {code for code, status in statuses(ended).items() if status == "ok"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["missing.conflist"], "missing.conflist: no such file"),
        ([str(EXAMPLE), "--pods", "0"], "--pods is 0"),
        ([str(EXAMPLE), "--timeout", "0"], "--timeout is 0"),
        ([str(EXAMPLE), "--port", "http"], 'the port mapping "http"'),
        ([str(EXAMPLE), "--bandwidth", "10M"], 'the bandwidth "10M"'),
        ([str(EXAMPLE), "--sysctl", "kernel.panic=1"], '--sysctl "kernel.panic=1" is not of the form'),
        ([str(EXAMPLE), "--keep", "-f", "json"], "--keep opens a shell"),
        (["pods", "--conf-dir", str(EXAMPLE.parent / "manifests")], 'no network named "pods"'),
    ],
)
def test_what_cannot_be_understood_is_refused_before_anything_is_made(capsys, arguments, says):
    ended = run_here(capsys, "try", *arguments)
    assert ended.status == 2
    assert says in ended.err
    assert ended.out == ""


def test_who_may_make_no_namespaces_is_told_which_setting_forbids_it(capsys, monkeypatch):
    def refuse() -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(enclosure, "_unshare", refuse)
    ended = run_here(capsys, "try", str(EXAMPLE))
    assert ended.status == 2
    assert "no throwaway node can be made: the kernel refuses new namespaces" in ended.err
    assert "hint: " in ended.err


@pytest.mark.parametrize(("uid_map", "says"), [("0 1000 1", "is 1 (perm"), ("0 0 4294967295", "the kernel refuses")])
def test_a_user_whom_apparmor_forbids_to_mount_is_told_so(tmp_path, monkeypatch, uid_map, says):
    path = tmp_path / "kernel" / "apparmor_restrict_unprivileged_userns"
    path.parent.mkdir()
    path.write_text("1\n")
    monkeypatch.setattr(enclosure.why_forbidden, "__defaults__", (tmp_path,))
    monkeypatch.setattr(mounts, "_in_user_namespace", lambda: uid_map != "0 0 4294967295")

    def refuse(*_arguments: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/")

    monkeypatch.setattr(mounts, "_mount", refuse)
    with pytest.raises(CNIError) as caught:
        mounts.make_view()
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kernel.unprivileged_userns_clone", "0"),
        ("user.max_user_namespaces", "0"),
        ("kernel.apparmor_restrict_unprivileged_userns", "1"),
    ],
)
def test_the_setting_is_named(tmp_path, monkeypatch, name, value):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    path = tmp_path / name.replace(".", "/")
    path.parent.mkdir()
    path.write_text(f"{value}\n")
    error = PermissionError(errno.EPERM, "Operation not permitted", "/")
    message, hint = enclosure.why_forbidden(error, tmp_path)
    assert f"{name} is {value}" in message
    assert name not in enclosure.why_forbidden(error, tmp_path, user=False)[0]
    assert f"sysctl {name}=" in hint
    path.write_text("2\n")
    message, _ = enclosure.why_forbidden(PermissionError(errno.EPERM, "Operation not permitted"), tmp_path)
    assert name not in message
