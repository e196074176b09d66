from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from cnictl import errors
from cnictl.errors import (
    PLUGIN_ERRORS,
    ChainFailed,
    CNIError,
    ExitCode,
    GCFailed,
    IncompatibleVersion,
    InvalidConfig,
    NamespaceNotFound,
    NetworkNotFound,
    PluginCrashed,
    PluginError,
    PluginNotFound,
    PluginTimeout,
    ProtocolViolation,
    SourceNotFound,
    UnsupportedVerb,
    UsageError,
)
from tests.support.plugins import exchange

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, CNIError) and not name.startswith("_")
}


def public_parent(kind: type[CNIError]) -> str:
    return next(base.__name__ for base in kind.__mro__[1:] if not base.__name__.startswith("_"))


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes():
    drawn: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        before, branch, rest = line.partition("─ ")
        if branch:
            depth = len(before) // 3 - 1
            name = rest.split()[0]
            path[depth:] = [name]
            drawn[name] = path[depth - 1] if depth else "CNIError"
    assert drawn == {name: public_parent(kind) for name, kind in CLASSES.items() if kind is not CNIError}


def test_exit_codes_are_what_the_contract_says():
    assert {code.name: code.value for code in ExitCode} == {"OK": 0, "NO": 1, "UNABLE": 2, "INTERRUPTED": 130}


@pytest.mark.parametrize("kind", CLASSES.values())
def test_only_what_a_plugin_did_makes_the_answer_no(kind):
    if kind is ChainFailed:
        return  # its cause decides
    by_a_plugin = PluginError | ProtocolViolation | PluginCrashed | PluginTimeout | IncompatibleVersion | GCFailed
    assert kind.exit_code == (ExitCode.NO if issubclass(kind, by_a_plugin) else ExitCode.UNABLE)


def test_an_error_has_a_message_and_perhaps_a_way_out():
    error = UsageError("no", hint="yes")
    assert (str(error), error.message, error.hint) == ("no", "no", "yes")
    assert UsageError("no").hint is None


def test_a_file_at_fault_is_named_first():
    error = SourceNotFound("./f", "no such file or directory", hint="look elsewhere")
    assert str(error) == "./f: no such file or directory"
    assert (error.path, error.reason, error.hint) == ("./f", "no such file or directory", "look elsewhere")


def test_a_network_that_is_not_there_brings_up_those_that_are():
    error = NetworkNotFound("/etc/cni/net.d", "pods", present=["a", "b"], refused=["x: no JSON"])
    assert str(error) == 'no network named "pods" in /etc/cni/net.d'
    assert error.hint == "the networks there are: a, b"
    assert (error.directory, error.name, error.present, error.refused) == (
        "/etc/cni/net.d",
        "pods",
        ("a", "b"),
        ("x: no JSON",),
    )


def test_where_there_is_no_network_at_all_that_is_said():
    assert NetworkNotFound("/d", "pods").hint == "the directory holds no usable .conflist, .conf or .json file"


def test_an_invalid_config_is_placed_as_editors_place_it():
    error = InvalidConfig("f.conf", "no", line=3, column=7)
    assert str(error) == "f.conf:3:7: no"
    assert (error.path, error.reason, error.line, error.column) == ("f.conf", "no", 3, 7)
    assert error.hint == "`cnictl validate f.conf` shows every problem in it"
    assert str(InvalidConfig("f.conf", "no")) == "f.conf:1:1: no"


@pytest.mark.parametrize(
    ("searched", "reason", "message"),
    [
        ([Path("/opt/cni/bin"), "/usr/lib/cni"], None, 'plugin "x" is not in /opt/cni/bin, /usr/lib/cni'),
        ([], None, 'plugin "x" is not in an empty list of directories'),
        (["/opt/cni/bin"], "/opt/cni/bin/x is not executable", "/opt/cni/bin/x is not executable"),
    ],
)
def test_a_plugin_that_is_not_found_was_looked_for_somewhere(searched, reason, message):
    error = PluginNotFound("x", searched, reason=reason)
    assert str(error) == message
    assert (error.plugin, error.searched) == ("x", tuple(map(str, searched)))


@pytest.mark.parametrize(
    ("msg", "details", "message"),
    [
        ("no ipam", "", "no ipam (code 7)"),
        ("no ipam", "at all", "no ipam; at all (code 7)"),
        ("", "at all", "at all (code 7)"),
        ("", "", "error code 7 without a message"),
    ],
)
def test_a_plugins_error_keeps_all_its_parts(msg, details, message):
    run = exchange()
    error = PluginError(7, msg, details, run)
    assert str(error) == message
    assert (error.code, error.msg, error.details) == (7, msg, details)
    assert error.exchange is run


def test_the_codes_with_a_class_of_their_own_are_those_of_the_spec():
    assert {code: kind.__name__ for code, kind in PLUGIN_ERRORS.items()} == {
        3: "UnknownContainer",
        11: "TryAgainLater",
        50: "PluginNotAvailable",
        51: "LimitedConnectivity",
    }
    assert all(issubclass(kind, PluginError) for kind in PLUGIN_ERRORS.values())


@pytest.mark.parametrize(
    ("after", "message"),
    [
        (30.0, "did not end within 30 s and was stopped"),
        (0.5, "did not end within 0.5 s and was stopped"),
    ],
)
def test_a_plugin_that_takes_too_long_is_told_its_limit(after, message):
    error = PluginTimeout(after, exchange())
    assert (str(error), error.after) == (message, after)


def test_a_failed_chain_says_what_its_cause_says_and_keeps_everything():
    run = exchange()
    cause = PluginError(11, "later", "", run, hint="try again")
    error = ChainFailed("ADD", 1, "portmap", cause, exchanges=[run], rollback=["bridge: still there"])
    assert str(error) == 'plugin "portmap" failed (ADD): later (code 11)'
    assert (error.hint, error.exit_code) == ("try again", ExitCode.NO)
    assert (error.verb, error.index, error.plugin, error.cause) == ("ADD", 1, "portmap", cause)
    assert (error.exchanges, error.rollback) == ((run,), ("bridge: still there",))


def test_a_chain_that_could_not_be_run_is_no_answer_of_a_plugin():
    error = ChainFailed("DEL", 0, "bridge", PluginNotFound("bridge", ["/d"]))
    assert error.exit_code == ExitCode.UNABLE
    assert (error.exchanges, error.rollback) == ((), None)
    assert ChainFailed("ADD", 0, "x", NamespaceNotFound("gone"), rollback=[]).rollback == ()


def test_an_unsupported_verb_tells_the_version_that_has_it():
    error = UnsupportedVerb("CHECK", "0.3.1", "0.4.0")
    assert str(error) == "CHECK needs cniVersion 0.4.0 or newer, and the config says 0.3.1"
    assert error.hint == 'raise "cniVersion" to 0.4.0 or newer'
    assert (error.verb, error.version, error.since) == ("CHECK", "0.3.1", "0.4.0")
