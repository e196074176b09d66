"""What a plugin must refuse, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.conformance.registry import Flaw, Seen, Skip, case, should
from cnictl.conformance.verdict import Refusal, error_object, printed, quoted, refused
from cnictl.model.version import SpecVersion
from cnictl.report.finding import Severity
from cnictl.throwaway.mounts import STATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.conformance.bench import Bench
    from cnictl.conformance.container import Container, State

_NO_VERSION = "9.9.9"
_INVALID_CONFIG = (6, 7)


@case("CNI933", "spec-command", "an unknown CNI_COMMAND, and none")
def command(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin takes a command that it does not know, or none at all, for one that it knows.

    Why:
        A newer runtime asks for something that the plugin cannot do, and takes it for done; or a container is attached
        by a call that was none.
    Bad:
        a script whose last branch, for every other command, is ADD
    Good:
        {"cniVersion": "1.0.0", "code": 4, "msg": "unknown CNI_COMMAND: FROBNICATE"}, and exit status 1
    Fix:
        Compare CNI_COMMAND with each command, and fail with code 4 when it is none of them.
    Reference:
        CNI spec 1.1.0, section 2, "Parameters", and section 5, "Error"
    """
    container = bench.container()
    try:
        answer = bench.ask("FROBNICATE", container)
        yield from refused(bench, answer, Refusal("CNI_COMMAND=FROBNICATE", (4,)))
        yield from _without_command(bench, container)
    finally:
        bench.finish(container)


def _without_command(bench: Bench, container: Container) -> Iterator[Seen | Flaw]:
    """Some plugins say what they are when somebody runs them by hand, which the spec does not forbid."""
    answer = bench.ask("", container, variables={"CNI_COMMAND": None})
    if answer.ok and not answer.stdout.strip():
        yield Seen("without CNI_COMMAND: it prints nothing to stdout")
    else:
        yield from refused(bench, answer, Refusal("without CNI_COMMAND", (4,)))


_REQUIRED = {
    "ADD": ("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"),
    "CHECK": ("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"),
    "DEL": ("CNI_CONTAINERID", "CNI_IFNAME"),
}
_IMPOSSIBLE = frozenset({"CNI_NETNS", "CNI_IFNAME"})
"""Without which no interface can be made, so that success is a lie."""


@case("CNI934", "spec-variables", "a required variable is missing", since="0.4.0", severity=Severity.WARNING)
def variables(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin does not mind that a variable is missing that the spec requires, or does not name it.

    Why:
        A mistake of a runtime ends in a container without a network, or in one whose resources nobody can find again.
    Bad:
        {"code": 999, "msg": "failed to open netns: no such file or directory"} without CNI_NETNS
    Good:
        {"cniVersion": "1.0.0", "code": 4, "msg": "required env variables [CNI_NETNS] missing"}
    Fix:
        Look for the variables of the command before anything else, and fail with code 4 and their names.
    Reference:
        CNI spec 1.1.0, section 2, "CNI operations", and section 5, "Error"
    """
    container = bench.container()
    try:
        for verb, names in _REQUIRED.items():
            for name in names:
                yield from _missing(bench, container, verb, name)
    finally:
        bench.finish(container)


def _missing(bench: Bench, container: Container, verb: str, name: str) -> Iterator[Seen | Flaw]:
    impossible = verb == "ADD" and bench.makes_interface and name in _IMPOSSIBLE
    severity = Severity.ERROR if impossible else Severity.WARNING
    answer = bench.ask(verb, container, variables={name: None})
    yield from refused(bench, answer, Refusal(f"{verb} without {name}", (4,), severity=severity, names=name))


@case("CNI935", "spec-stdin", "stdin that is no config")
def stdin(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin does not mind that it cannot read its config.

    Why:
        The container is attached in a way that nobody has configured.
    Bad:
        a plugin that takes its defaults when stdin is empty
    Good:
        {"cniVersion": "1.0.0", "code": 6, "msg": "failed to decode the network config"}, and exit status 1
    Fix:
        Read stdin to its end, and fail with code 6 when it is no JSON object.
    Reference:
        CNI spec 1.1.0, section 5, "Error"
    """
    container = bench.container()
    try:
        for what, text in (("no JSON", b'{"cniVersion": '), ("nothing", b""), ("a JSON list", b"[]")):
            answer = bench.ask("ADD", container, stdin=text)
            yield from refused(bench, answer, Refusal(f"ADD with {what} on stdin", (*_INVALID_CONFIG, 5)))
    finally:
        bench.finish(container)


@case("CNI936", "spec-unsupported", "a version that the plugin does not speak", since="0.4.0")
def unsupported(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin works in a version of the spec that it does not speak.

    Why:
        The runtime reads the result as one of that version, and misunderstands it.
    Bad:
        a plugin that does not look at cniVersion
    Good:
        {"cniVersion": "1.0.0", "code": 1, "msg": "incompatible CNI versions"}, and nothing is changed
    Fix:
        Compare cniVersion with the versions that VERSION names, before anything is changed.
    Reference:
        CNI spec 1.1.0, section 5, "Error"; CNI spec 0.4.0, "Network Configuration"
    """
    container = bench.container()
    try:
        bench.prepare(container)
        before = bench.state()
        answer = bench.ask("ADD", container, keys={"cniVersion": _NO_VERSION})
        value, _ = printed(answer)
        if answer.ok and isinstance(value, dict) and value.get("cniVersion") != _NO_VERSION:
            message = f"a config of version {_NO_VERSION}: it prints a result of version {value.get('cniVersion')}"
            yield Flaw(message, "fail with code 1")
        else:
            what = f"a config of version {_NO_VERSION}"
            yield from refused(bench, answer, Refusal(what, (1,), SpecVersion.V0_1_0, Severity.WARNING))
            yield from _unchanged(bench, before, what) if not answer.ok else ()
    finally:
        bench.finish(container)


def _unchanged(bench: Bench, before: State, what: str) -> Iterator[Seen | Flaw]:
    for text in bench.differences(before):
        yield should(f"{what}: it fails, and {text}", "look at the version before anything is changed")


_INVALID_IDS = ("-begins-with-a-hyphen", "with a space", "../../outside")


@case("CNI937", "spec-container-id", "a container ID that cannot be one", since="1.0.0", severity=Severity.WARNING)
def container_id(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin takes a container ID that the spec does not allow.

    The spec says what a runtime may hand over, and not that plugins look at it, so this is no error.

    Why:
        Plugins make names of files of it, and with ../ in it a file is written, or removed, somewhere else.
    Bad:
        a plugin that writes to $STATE/$CNI_CONTAINERID for CNI_CONTAINERID=../../etc/x
    Good:
        {"cniVersion": "1.0.0", "code": 4, "msg": "invalid CNI_CONTAINERID"}
    Fix:
        Accept letters, digits, "_", "." and "-", the first a letter or digit, and fail with code 4 for all else.
    Reference:
        CNI spec 1.1.0, section 2, "Parameters"
    """
    container = bench.container()
    try:
        bench.prepare(container)
        for text in _INVALID_IDS:
            given = {"CNI_CONTAINERID": text}
            answer = bench.ask("ADD", container, variables=given)
            yield from refused(bench, answer, Refusal(f'CNI_CONTAINERID="{text}"', (4,), severity=Severity.WARNING))
            if answer.ok:
                bench.ask("DEL", container, variables=given)
    finally:
        bench.finish(container)


_INVALID_NAMES = ("sixteen-letters1", "with/slash", "..", "with space")


@case("CNI938", "spec-ifname", "an interface name that cannot be one", roles=("interface",))
def ifname(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin cannot make an interface with the name in CNI_IFNAME, and does not say so.

    Why:
        The container has an interface with another name, or none, and the runtime believes that all is well.
    Bad:
        a plugin that cuts off what is longer than 15 characters
    Good:
        {"cniVersion": "1.0.0", "code": 4, "msg": "interface name is too long"}
    Fix:
        Fail with code 4 for names that the kernel does not take.
    Reference:
        CNI spec 1.1.0, section 2, "Parameters"
    """
    for name in _INVALID_NAMES:
        container = bench.container(ifname=name)
        try:
            answer = bench.ask("ADD", container)
            links = [link.name for link in container.survey().links]
            if not (answer.ok and name in links):
                yield from refused(bench, answer, Refusal(f'CNI_IFNAME="{name}"', (4,)))
        finally:
            bench.finish(container)
    yield Seen(f"{len(_INVALID_NAMES)} names")


_RESERVED = range(100)
_KNOWN_CODES = frozenset({1, 2, 3, 4, 5, 6, 7, 11, 50, 51})


@case("CNI939", "spec-error-object", "the error object", severity=Severity.WARNING)
def error(bench: Bench) -> Iterator[Seen | Flaw]:
    """An error is not told as the spec wants it.

    Why:
        The runtime shows what it can read, and whoever looks at the pod's events is left without a reason.
    Bad:
        Error: something went wrong
    Good:
        {"cniVersion": "1.0.0", "code": 7, "msg": "no such subnet", "details": "10.1.0.0/33 has too long a prefix"}
    Fix:
        Print an object with cniVersion, a code that is a number, and a msg to stdout; codes from 100 on are your own.
    Reference:
        CNI spec 1.1.0, section 5, "Error"
    """
    answer = bench.ask("ADD", bench.container(netns=STATE / "nowhere"), stdin=b"no config")
    if answer.ok:
        message = "it does not fail with stdin that is no config, so there is no error to look at"
        raise Skip(message)
    found = error_object(answer)
    if found is None:
        yield should(f"an error: it prints {quoted(answer)} and no error object", "print an error object to stdout")
        return
    yield from _shape(found)


def _shape(found: dict[str, object]) -> Iterator[Seen | Flaw]:
    code, message = found.get("code"), found.get("msg")
    if not isinstance(found.get("cniVersion"), str):
        yield should('an error: the error object has no "cniVersion"', 'print "cniVersion", the version of the config')
    if not isinstance(message, str) or not message:
        yield should('an error: the error object has no "msg"', 'print "msg", one sentence')
    if not isinstance(code, int) or isinstance(code, bool):
        yield should('an error: the error object has no "code" that is a number', 'print "code", such as 7')
    elif code in _RESERVED and code not in _KNOWN_CODES:
        yield Flaw(f"an error: its code {code} is reserved, and means nothing", "use one of the spec, or 100")
    else:
        yield Seen(f"code {code}, and a message")
