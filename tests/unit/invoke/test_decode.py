from __future__ import annotations

import json
import time

import pytest

from cnictl.errors import (
    CNIError,
    ExitCode,
    LimitedConnectivity,
    PluginCrashed,
    PluginError,
    PluginNotAvailable,
    PluginTimeout,
    ProtocolViolation,
    TryAgainLater,
    UnknownContainer,
)
from cnictl.invoke.decode import PluginInfo, failure_of, plugin_info_of, require_success, result_of
from cnictl.model.result import IPConfig
from cnictl.model.version import SpecVersion
from tests.support.plugins import exchange

V1 = SpecVersion.V1_0_0


def failed(stdout: bytes = b"", status: int | None = 1, **outcome: object) -> CNIError:
    run = exchange(stdout, status=status, **outcome)
    error = failure_of(run)
    assert getattr(error, "exchange", None) is run
    assert error.exit_code == ExitCode.NO
    return error


# Failures


@pytest.mark.libcni(209)
def test_an_error_object_becomes_an_error_with_all_its_parts():
    error = failed(b'{"cniVersion":"1.0.0","code":7,"msg":"no ipam","details":"key \\"ipam\\" is missing"}')
    assert isinstance(error, PluginError)
    assert (error.code, error.msg, error.details) == (7, "no ipam", 'key "ipam" is missing')
    assert str(error) == 'no ipam; key "ipam" is missing (code 7)'
    assert error.hint == "`cnictl validate` shows what is wrong with the config"


@pytest.mark.libcni(209)
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (0, PluginError),
        (3, UnknownContainer),
        (7, PluginError),
        (11, TryAgainLater),
        (50, PluginNotAvailable),
        (51, LimitedConnectivity),
        (100, PluginError),
        (999, PluginError),
    ],
)
def test_the_code_decides_the_class(code, kind):
    error = failed(json.dumps({"code": code, "msg": "m"}).encode())
    assert type(error) is kind
    assert str(error) == f"m (code {code})"


def test_advice_is_found_by_the_details_too():
    error = failed(b'{"code":999,"msg":"failed","details":"operation not permitted"}')
    assert error.hint == "plugins change the host's network, so run as root"


@pytest.mark.parametrize(
    ("stdout", "code", "text"),
    [
        (b'{"msg":"no code"}', 0, "no code (code 0)"),
        (b"{}", 0, "error code 0 without a message"),
        (b'{"code":5,"msg":null}', 5, "error code 5 without a message"),
        (b'{"Code":5,"MSG":"in capitals"}', 5, "in capitals (code 5)"),
        (b'{"code":5,"msg":["not","a","string"]}', 5, "['not', 'a', 'string'] (code 5)"),
        (b'\n  {"code":5,\n  "msg":"m"}\n\n', 5, "m (code 5)"),
    ],
    ids=["no-code", "empty-object", "null-message", "capitals", "message-is-a-list", "white-space"],
)
def test_sloppy_error_objects_are_understood(stdout, code, text):
    error = failed(stdout)
    assert isinstance(error, PluginError)
    assert (error.code, str(error)) == (code, text)


@pytest.mark.parametrize(
    "stdout",
    [
        b'time="now" level=info msg="starting"\n{"code":7,"msg":"last"}',
        b'{"level":"info"}\n{"level":"warn"}\n{"code":7,"msg":"last"}\n',
        b'{"cniVersion":"1.0.0"}{\n    "code": 7,\n    "msg": "last"\n}',
        b'{"cniVersion":"1.0.0"}\n{\n  "code": 7,\n  "msg": "last"\n}\n',
        b'{"ips":[\n{"address":"10.1.0.1/24"}\n]}\n{"code":7,"msg":"last","details":""}',
    ],
    ids=["log-line", "json-log", "result-and-error", "result-and-error-on-lines", "result-of-several-lines"],
)
def test_on_a_noisy_stdout_the_error_object_at_its_end_counts(stdout):
    error = failed(stdout)
    assert isinstance(error, PluginError)
    assert (error.code, error.msg) == (7, "last")


def test_an_error_object_is_not_taken_apart():
    error = failed(b'{"code":7,"msg":"outer","details":\n{"code":8,"msg":"inner"}\n}')
    assert isinstance(error, PluginError)
    assert (error.code, error.msg) == (7, "outer")


@pytest.mark.parametrize(
    ("stdout", "quoted"),
    [
        (b"Segmentation fault", "Segmentation fault"),
        (b'{"code":7,"msg":"cut of', '{"code":7,"msg":"cut of'),
        (b'{"code":7}\ntrailing words', '{"code":7} trailing words'),
        (b'["code",7]', '["code",7]'),
        (b"null", "null"),
        (b'{"code":NaN}', '{"code":NaN}'),
        (b"\xff\xfe", "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"),
        (b"x" * 100, "x" * 77 + "..."),
        (b"[" * 100_000, "[" * 77 + "..."),
    ],
    ids=["words", "cut-off", "words-after", "array", "null", "nan", "no-utf8", "long", "deep"],
)
def test_a_failure_without_an_error_object_quotes_what_was_printed(stdout, quoted):
    error = failed(stdout, status=3)
    assert type(error) is ProtocolViolation
    assert str(error) == f'failed with exit status 3 and printed no error object: "{quoted}"'


def test_looking_for_the_error_in_a_long_log_takes_no_time():
    log = b'{"level":"info","msg":"something happened"}\n' * 100_000
    began = time.process_time()
    assert type(failed(log + b"the end")) is ProtocolViolation
    assert time.process_time() - began < 3


@pytest.mark.parametrize("code", ["-1", '"7"', "7.5", "true", "null", "[]"])
def test_a_code_that_is_no_number_from_0_up_is_a_violation(code):
    error = failed(f'{{"code":{code},"msg":"m"}}'.encode())
    assert type(error) is ProtocolViolation
    assert str(error).startswith(f"failed with the code {code}, which is no number from 0 up: ")
    assert '"msg":"m"' in str(error)


@pytest.mark.libcni(162, 163)
@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        (b"", " and said nothing"),
        (b"starting\nno such device\n", ": no such device"),
        (b"starting\npanic: nil pointer\n\ngoroutine 1 [running]:\nmain.main()\n", ": panic: nil pointer"),
        (b"\xff\n", ": \N{REPLACEMENT CHARACTER}"),
        (b"y" * 300, f": {'y' * 197}..."),
    ],
    ids=["nothing", "last-line", "panic", "no-utf8", "long"],
)
def test_a_failure_without_stdout_is_a_crash_that_tells_the_last_words(stderr, words):
    error = failed(b" \n", status=2, stderr=stderr)
    assert type(error) is PluginCrashed
    assert str(error) == f"failed with exit status 2{words}"


@pytest.mark.parametrize(
    ("signal", "stderr", "text"),
    [
        (9, b"", "was ended by SIGKILL"),
        (11, b"loading\nboom\n", "was ended by SIGSEGV: boom"),
        (60, b"", "was ended by signal 60"),
    ],
)
def test_a_signal_is_a_crash_whatever_was_printed(signal, stderr, text):
    error = failed(b'{"code":7,"msg":"m"}', status=None, signal=signal, stderr=stderr)
    assert type(error) is PluginCrashed
    assert str(error) == text


def test_a_timeout_is_a_timeout_however_the_plugin_ended_then():
    error = failed(b'{"code":7,"msg":"m"}', status=None, signal=15, timed_out=True, limit=2.5)
    assert isinstance(error, PluginTimeout)
    assert str(error) == "did not end within 2.5 s and was stopped"
    assert error.after == 2.5


# Success


def test_success_is_asked_of_the_exit_status_alone():
    require_success(exchange(b"not looked at", status=0))
    with pytest.raises(PluginError, match=r"^m \(code 7\)$"):
        require_success(exchange(b'{"code":7,"msg":"m"}', status=1))


def test_a_result_is_read_in_the_version_that_it_names():
    result = result_of(exchange(b'{"cniVersion":"0.2.0","ip4":{"ip":"10.1.0.5/16"}}'), V1)
    assert result.version is SpecVersion.V0_2_0
    assert result.ips == (IPConfig("10.1.0.5/16"),)


@pytest.mark.parametrize("stdout", [b"{}", b"null", b'{"cniVersion":""}', b'{"cniVersion":null}'])
def test_a_result_that_names_no_version_has_that_of_the_config(stdout):
    result = result_of(exchange(stdout), V1)
    assert (result.version, result.ips, result.interfaces) == (V1, (), ())


@pytest.mark.parametrize(
    ("stdout", "message"),
    [
        (b"", "ended with success and printed nothing"),
        (b" \n", "ended with success and printed nothing"),
        (b"hello", 'printed no JSON: "hello"'),
        (b"{}{}", 'printed no JSON: "{}{}"'),
        (b'log line\n{"ips":[]}', 'printed no JSON: "log line {"ips":[]}"'),
        (b'{"mtu":Infinity}', 'printed no JSON: "{"mtu":Infinity}"'),
        (b"[1]", "printed [1] instead of a result object"),
        (b'"x"', 'printed "x" instead of a result object'),
        (
            b'{"cniVersion":"1.0.0","code":7,"msg":"no ipam"}',
            "ended with success and printed an error: no ipam",
        ),
        (
            b'{"cniVersion":"9.9.9"}',
            'printed a result that cannot be used: its "cniVersion" is "9.9.9", which no version of the spec has',
        ),
        (
            b'{"cniVersion":"1.0.0","ips":[{"address":"10.1.0.5"}]}',
            (
                'printed a result that cannot be used: "ips[0].address" cannot be read: "10.1.0.5" has no '
                "prefix length such as /24"
            ),
        ),
    ],
)
def test_a_success_without_a_usable_result_is_a_violation(stdout, message):
    run = exchange(stdout)
    with pytest.raises(ProtocolViolation) as caught:
        result_of(run, V1)
    assert str(caught.value) == message
    assert caught.value.exchange is run


def test_a_result_that_was_cut_off_is_told_from_one_that_was_never_json():
    with pytest.raises(ProtocolViolation) as caught:
        result_of(exchange(b'{"cniVersion":"1.0', truncated=True), V1)
    assert str(caught.value) == 'printed no JSON in the 18 bytes that were kept: "{"cniVersion":"1.0"'


def test_a_whole_result_counts_although_something_else_was_cut_off():
    """The limit is for stderr too, and what is lost there does not harm the result."""
    assert result_of(exchange(b'{"cniVersion":"1.0.0"}', truncated=True), V1).version is V1


def test_a_failed_add_has_no_result():
    with pytest.raises(PluginError, match=r"^m \(code 7\)$"):
        result_of(exchange(b'{"code":7,"msg":"m"}', status=1), V1)


# VERSION


@pytest.mark.libcni(148, 187)
@pytest.mark.parametrize(
    ("stdout", "versions"),
    [
        (b'{"cniVersion":"1.1.0","supportedVersions":["0.4.0","1.0.0","1.1.0"]}', ("0.4.0", "1.0.0", "1.1.0")),
        (b'{"cniVersion":"0.2.0"}', ("0.1.0", "0.2.0")),
        (b'{"cniVersion":"0.2.0","supportedVersions":[]}', ("0.1.0", "0.2.0")),
        (b'{"cniVersion":"0.2.0","supportedVersions":["0.2.0"]}', ("0.2.0",)),
        (b'{"cniVersion":"1.0.0","supportedVersions":["0.999.0"]}', ("0.999.0",)),
    ],
)
def test_version_answers_are_taken_as_they_are(stdout, versions):
    assert plugin_info_of(exchange(stdout)) == PluginInfo(versions)


def test_a_plugin_from_before_version_speaks_0_1_0():
    answer = b'{"code":100,"msg":"unknown CNI_COMMAND: VERSION"}'
    assert plugin_info_of(exchange(answer, status=1)) == PluginInfo(("0.1.0",))


@pytest.mark.libcni(186)
@pytest.mark.parametrize(
    ("stdout", "message"),
    [
        (b"", "ended with success and printed nothing"),
        (b"1.0.0", 'printed no JSON: "1.0.0"'),
        (b"[]", 'answered VERSION with "[]"'),
        (b'{"supportedVersions":["1.0.0"]}', 'answered VERSION with "{"supportedVersions":["1.0.0"]}"'),
        (b'{"cniVersion":1}', 'answered VERSION with "{"cniVersion":1}"'),
        (b'{"cniVersion":"1.0.0"}', 'answered VERSION without a list of "supportedVersions"'),
        (
            b'{"cniVersion":"1.0.0","supportedVersions":"1.0.0"}',
            'answered VERSION without a list of "supportedVersions"',
        ),
        (b'{"cniVersion":"1.0.0","supportedVersions":[1]}', 'answered VERSION without a list of "supportedVersions"'),
    ],
)
def test_an_answer_to_version_that_names_no_versions_is_a_violation(stdout, message):
    with pytest.raises(ProtocolViolation) as caught:
        plugin_info_of(exchange(stdout))
    assert str(caught.value) == message


def test_a_failed_version_is_that_failure():
    with pytest.raises(PluginError, match=r"^unknown CNI_COMMAND: VERSION; really \(code 4\)$"):
        plugin_info_of(exchange(b'{"code":4,"msg":"unknown CNI_COMMAND: VERSION; really"}', status=1))
