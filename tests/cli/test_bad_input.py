"""Whatever a user hands in: one clear error, the exit code of the contract, and never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.command import CNICTL, run_process
from tests.support.turns import CONTAINER_ID

NOOP = '#!/bin/sh\necho \'{"cniVersion": "1.0.0"}\'\n'


def one_error(ended, *words: str) -> None:
    """One error on stderr, in one voice, with a hint at most."""
    lines = ended.err.splitlines()
    assert lines[0].startswith("cnictl: ")
    assert all(line.startswith("  ") for line in lines[1:]), ended.err
    assert "Traceback" not in ended.err
    assert "a bug in cnictl" not in ended.err
    for word in words:
        assert word in ended.err


@pytest.fixture
def network(tmp_path):
    """A network whose one plugin, ``mine``, is still to be put into ``bin``."""
    (tmp_path / "bin").mkdir()
    path = tmp_path / "net.conflist"
    path.write_text('{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "mine"}]}')
    return path


@pytest.fixture
def exec_add(cnictl, tmp_path, network):
    """Runs ``exec add`` with that network, on the namespace that we are in."""

    def call(*more, netns="/proc/self/ns/net"):
        places = ("--bin-dir", tmp_path / "bin", "--cache-dir", tmp_path / "cache")
        return cnictl("exec", "add", network, netns, *places, *more)

    return call


@pytest.fixture
def plugin(tmp_path, network):
    """Writes the plugin ``mine``."""

    def write(text: str, mode: int = 0o755) -> None:
        path = network.parent / "bin" / "mine"
        path.write_text(text)
        path.chmod(mode)

    return write


# Files


@pytest.mark.parametrize("command", [["validate"], ["exec", "add"]], ids=" ".join)
def test_no_such_file(cnictl, tmp_path, command):
    ended = cnictl(*command, tmp_path / "missing.conflist", *["x"][: len(command) - 1])
    assert ended.status == 2
    assert f"cnictl: {tmp_path}/missing.conflist: no such file or directory\n" in ended.err


def test_no_such_directory(cnictl, tmp_path):
    ended = cnictl("validate", f"{tmp_path}/missing/")
    assert ended.status == 2
    assert "missing/: no such file or directory" in ended.err


def test_an_empty_directory(cnictl, tmp_path):
    ended = cnictl("validate", tmp_path)
    assert ended.status == 2
    assert f"{tmp_path}: holds no config: no name in it ends in .conflist, .conf, .json" in ended.err


def test_the_default_directory_that_is_not_there(cnictl, tmp_path, monkeypatch):
    monkeypatch.setenv("NETCONFPATH", str(tmp_path / "missing"))
    ended = cnictl("validate")
    assert ended.status == 2
    assert f"{tmp_path}/missing: no such file or directory" in ended.err


@pytest.mark.parametrize("kind", ["directory", "file"])
def test_no_permission_to_read(tmp_path, kind):
    """Root may read everything, so this runs as somebody else where it can."""
    if os.geteuid() == 0 and not os.access("/usr/bin/setpriv", os.X_OK):
        pytest.skip("needs setpriv to become an ordinary user")
    (tmp_path / "net.d").mkdir()
    file = tmp_path / "net.d" / "10-net.conflist"
    file.write_text("{}")
    locked = file.parent if kind == "directory" else file
    locked.chmod(0)
    code = "import sys; from cnictl.cli.entry import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "validate", str(locked)]
    if os.geteuid() == 0:
        # Without the right to overlook permissions, root is an owner like any other.
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    locked.chmod(0o700)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert f"cnictl: {locked}: permission denied" in done.stderr


def test_a_file_that_is_not_utf8(cnictl, tmp_path):
    path = tmp_path / "latin.conflist"
    path.write_bytes('{"cniVersion": "1.0.0", "name": "pöds"}'.encode("latin-1"))
    ended = cnictl("validate", path)
    assert ended.status == 1
    assert "error[CNI003]" in ended.out
    assert "latin.conflist:1:35" in ended.out
    assert cnictl("exec", "add", path, "x").status == 2


def test_twenty_megabytes_of_brackets(cnictl, tmp_path):
    path = tmp_path / "deep.conflist"
    path.write_text("[" * 20_000_000)
    began = time.process_time()
    ended = cnictl("validate", path)
    assert time.process_time() - began < 10
    assert ended.status in (1, 2)
    assert ended.out.count("error[") + ended.err.count("cnictl: ") == 1
    assert len(ended.out) < 2000


def test_a_fifo_is_not_waited_for(cnictl, tmp_path):
    path = tmp_path / "pipe.conflist"
    os.mkfifo(path)
    for command in (["validate", path], ["exec", "add", path, "x"]):
        ended = cnictl(*command)
        assert ended.status == 2
        assert "pipe.conflist: is a named pipe, not a file" in ended.err
    ended = cnictl("validate", tmp_path)  # a runtime stops at it, so it is what is wrong with the directory
    assert ended.status == 1
    assert ended.out.startswith("error[CNI605]: ")


def test_a_directory_in_place_of_a_file(cnictl, tmp_path):
    (tmp_path / "10.conflist").mkdir()
    ended = cnictl("exec", "add", tmp_path / "10.conflist", "x")
    assert ended.status == 2
    one_error(ended, "10.conflist: is a directory, not a file")


def test_one_bad_file_does_not_hide_the_others(cnictl, tmp_path, good):
    ended = cnictl("validate", good, tmp_path / "missing.conflist")
    assert ended.status == 2
    assert ended.out == "1 file: no problems, 1 not read\n"


def test_a_file_name_that_is_no_utf8(tmp_path):
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.conflist")
    ended = run_process("validate", name)
    assert ended.status == 2
    assert "\ufffd.conflist: no such file or directory" in ended.err


# Plugins


def test_a_plugin_that_is_missing(exec_add):
    ended = exec_add()
    assert ended.status == 2
    one_error(ended, 'plugin "mine" is not in', "hint: install the product that brings mine")


def test_a_plugin_that_is_a_directory(exec_add, network):
    (network.parent / "bin" / "mine").mkdir()
    ended = exec_add()
    assert ended.status == 2
    one_error(ended, "bin/mine is a directory, not a plugin")


def test_a_plugin_without_the_run_bit(exec_add, plugin):
    plugin(NOOP, mode=0o644)
    ended = exec_add()
    assert ended.status == 2
    one_error(ended, "bin/mine is not executable", "hint: chmod 755")


def test_a_plugin_that_prints_garbage(exec_add, plugin):
    plugin("#!/bin/sh\necho 'hello, world'\n")
    ended = exec_add()
    assert ended.status == 1
    one_error(ended, 'plugin "mine" failed (ADD): printed no JSON: "hello, world"')


def test_a_plugin_that_hangs(exec_add, plugin):
    plugin("#!/bin/sh\nexec sleep 1000\n")
    began = time.monotonic()
    ended = exec_add("--timeout", "0.3")
    assert time.monotonic() - began < 5
    assert ended.status == 1
    one_error(ended, "did not end within 0.3 s and was stopped")


def test_a_plugin_that_is_for_another_machine(exec_add, plugin):
    plugin("\x7fELF, and not of this machine")
    ended = exec_add()
    assert ended.status == 2
    one_error(ended, "bin/mine cannot be started: exec format error", "another architecture")


def test_a_plugin_with_an_interpreter_that_is_missing(exec_add, plugin):
    plugin("#!/no/such/shell\n")
    ended = exec_add()
    assert ended.status == 2
    one_error(ended, "cannot be started: no such file or directory", "its interpreter or loader is missing")


def test_a_plugin_that_refuses(exec_add, plugin, network):
    plugin('#!/bin/sh\necho \'{"code": 7, "msg": "bad subnet", "details": "it is full"}\'\necho more >&2\nexit 1\n')
    ended = exec_add("--container-id", CONTAINER_ID)
    assert ended.status == 1
    assert 'cnictl: plugin "mine" failed (ADD): bad subnet; it is full (code 7)' in ended.err
    assert "mine: more\n" in ended.err
    answer = exec_add("--container-id", CONTAINER_ID, "-f", "json")
    assert answer.data == {"cniVersion": "1.0.0", "code": 7, "msg": "bad subnet", "details": "it is full"}


# Namespaces


def test_no_network_namespace_of_that_name(exec_add, plugin):
    plugin(NOOP)
    ended = exec_add(netns="no-such-namespace")
    assert ended.status == 2
    one_error(ended, 'there is no network namespace "no-such-namespace" in /run/netns', "hint: `ip netns add")


def test_something_else_than_a_namespace(exec_add, plugin, network):
    plugin(NOOP)
    ended = exec_add(netns=str(network))
    assert ended.status == 2
    one_error(ended, f"{network} is not a network namespace")


@pytest.mark.parametrize("netns", ["pid:0", "pid:999999999", "pid:x", "pid:", "", ".."])
def test_names_that_cannot_be_a_namespace(exec_add, plugin, netns):
    plugin(NOOP)
    ended = exec_add(netns=netns)
    assert ended.status == 2
    one_error(ended)


def test_not_root(tmp_path, network):
    """Without root's rights a namespace cannot be made, and nothing is left of the attempt."""
    places = ["--bin-dir", str(tmp_path / "bin"), "--cache-dir", str(tmp_path / "cache")]
    command = [*CNICTL, "exec", "add", str(network), str(tmp_path / "web"), "--create-netns", *places]
    (tmp_path / "bin" / "mine").write_text(NOOP)
    (tmp_path / "bin" / "mine").chmod(0o755)
    if os.geteuid() == 0:
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no permission to make the network namespace" in done.stderr
    assert "hint: run as root" in done.stderr
    assert not (tmp_path / "web").exists()


def test_a_cache_that_cannot_be_written(exec_add, plugin, tmp_path):
    plugin(NOOP)
    (tmp_path / "cache").write_text("in the way")
    ended = exec_add()
    assert ended.status == 2
    one_error(ended, "cache")


# Arguments


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Usage: cnictl"),
        (["exec"], "Usage: cnictl exec"),
        (["frobnicate"], "no such command 'frobnicate'"),
        (["validat"], "Did you mean 'validate'"),
        (["validate", "--frobnicate"], "no such option: --frobnicate"),
        (["validate", "-f", "xml"], "'xml' is no format here; there are text, json, github, gitlab, junit, sarif"),
        (["validate", "--select", "CNI999"], "no rule has a code that begins with CNI999"),
        (["validate", "--ignore", "no-such-rule"], "no rule has a code that begins with no-such-rule"),
        (["doctor", "--select", "nonsense"], 'no check has a code that begins with "nonsense"'),
        (["doctor", "--timeout", "soon"], "'soon' is not a number"),
        (["doctor", "--timeout", "0"], "--timeout is 0, and it must be more than 0"),
        (["doctor", "--root", "/no/such/root"], "/no/such/root: no such file or directory"),
        (["doctor", "--root", "/etc/hostname"], "/etc/hostname: is not a directory"),
        (["explain"], "missing argument 'CODE'"),
        (["explain", "CNI30"], 'there is no code or name "CNI30"'),
        (["explain", "portmap-without-capabilty"], "did you mean portmap-without-capability?"),
        (["generate"], "missing argument 'KIND'"),
        (["generate", "brigde", "--name", "x"], "did you mean bridge?"),
        (["generate", "bridge"], "missing option '--name'"),
        (["generate", "bridge", "--name", "a b", "--subnet", "10.0.0.0/24"], "a b"),
        (["generate", "bridge", "--name", "x", "--subnet", "10.0.0.0/33"], "10.0.0.0/33"),
        (["generate", "bridge", "--name", "x", "--subnet", "10.0.0.0/24", "--mtu", "big"], "'big' is not a whole"),
        (["generate", "bridge", "--name", "x", "--subnet", "10.0.0.0/24", "-o", "/no/such/file"], "/no/such/file"),
        (["exec", "add", "x"], "missing argument 'NETNS'"),
        (["exec", "remove", "x", "y"], "no such command 'remove'"),
    ],
    ids=" ".join,
)
def test_arguments_that_cannot_be_understood(cnictl, arguments, words):
    ended = cnictl(*arguments)
    assert (ended.status, ended.out) == (2, "")
    assert words in ended.err
    if not words.startswith("Usage"):
        one_error(ended)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--timeout", "-1"], "--timeout is -1"),
        (["--cap", "portMappings"], '--cap "portMappings" is not of the form NAME=JSON'),
        (["--cap", "portMappings=[1"], "--cap portMappings holds no JSON"),
        (["--port", "80"], '"80"'),
        (["--port", "99999:80"], "99999"),
        (["--bandwidth", "10M"], "10M"),
        (["--args", "NAME"], "NAME"),
        (["--ifname", "a/b"], "a/b"),
        (["--container-id", "../../etc"], "../../etc"),
        (["--pod", "/no/such/pod.yaml"], "/no/such/pod.yaml: no such file or directory"),
    ],
    ids=" ".join,
)
def test_options_of_exec_that_cannot_be_understood(exec_add, plugin, options, words, tmp_path):
    plugin('#!/bin/sh\ntouch "$0.ran"\n')
    ended = exec_add(*options)
    assert ended.status == 2
    one_error(ended, words)
    assert sorted(path.name for path in (tmp_path / "bin").iterdir()) == ["mine"]
    assert not list(tmp_path.glob("cache/results/*"))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CAP_ARGS", "[]", "CAP_ARGS must hold a JSON object"),
        ("CAP_ARGS", "{", "CAP_ARGS holds no JSON"),
        ("CNI_ARGS", "nonsense", "nonsense"),
        ("CNI_PATH", "bin", 'CNI_PATH holds "bin", which depends on where you stand'),
        ("CNI_IFNAME", "a:b", "a:b"),
    ],
)
def test_settings_that_cannot_be_understood(cnictl, network, plugin, tmp_path, monkeypatch, name, value, words):
    plugin(NOOP)
    monkeypatch.setenv("CNI_PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("CNI_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv(name, value)
    ended = cnictl("exec", "add", network, "/proc/self/ns/net")
    assert ended.status == 2
    one_error(ended, words)


def test_a_network_that_is_not_there(cnictl, good, tmp_path):
    (tmp_path / "20-broken.conflist").write_text("{")
    ended = cnictl("exec", "add", "nothing", "x", "--conf-dir", tmp_path)
    assert ended.status == 2
    assert f'cnictl: no network named "nothing" in {tmp_path}\n  hint: the networks there are: pods\n' in ended.err
    assert "cnictl: not loaded: " in ended.err
    assert "20-broken.conflist" in ended.err


def test_a_network_that_must_not_be_run(cnictl, tmp_path):
    path = tmp_path / "net.conflist"
    path.write_text('{"cniVersion": "1.0.0",\n "name": "../x", "plugins": [{"type": "bridge"}]}')
    ended = cnictl("exec", "del", path, "x")
    assert ended.status == 2
    one_error(ended, "net.conflist:2:10: ", f"hint: `cnictl validate {path}` shows every problem in it")


# The edge


def test_a_bug_is_one_line_and_a_file(cnictl, good, monkeypatch, tmp_path):
    def broken(*_, **__):
        message = "unexpected"
        raise RuntimeError(message)

    monkeypatch.setattr("cnictl.cli.validation.judge_path", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ended = cnictl("validate", good)
    assert ended.status == 2
    first, second = ended.err.splitlines()
    assert first == "cnictl: a bug in cnictl: RuntimeError: unexpected"
    report = second.removeprefix("  hint: please report it with ")
    assert "RuntimeError: unexpected" in Path(report).read_text(encoding="utf-8")


def test_a_reader_that_goes_away_is_not_worth_a_word():
    command = " ".join(CNICTL)
    script = f"{command} rules | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""
    assert done.returncode in (0, 2)


@pytest.mark.parametrize("arguments", [["--version"], ["rules"], ["rules", "-f", "json"]], ids=" ".join)
def test_a_full_disk_is_said(arguments):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*CNICTL, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "cnictl: the answer could not be written: No space left on device\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_add_ends_with_130_and_says_what_became_of_it(tmp_path, network, plugin, number):
    plugin('#!/bin/sh\n[ "$CNI_COMMAND" = ADD ] || exit 0\ntouch "$0.began"\nexec sleep 1000\n')
    places = ["--bin-dir", str(tmp_path / "bin"), "--cache-dir", str(tmp_path / "cache")]
    command = [*CNICTL, "exec", "add", str(network), "/proc/self/ns/net", *places]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "bin" / "mine.began").exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (130, "")
    assert err == "cnictl: interrupted\n  everything was undone: DEL succeeded for every plugin of the chain\n"
