"""VERSION."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.conformance.registry import Flaw, Seen, case, should
from cnictl.conformance.verdict import printed, quoted, succeeded
from cnictl.model.version import SpecVersion
from cnictl.report.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.conformance.bench import Bench
    from cnictl.invoke.invocation import Exchange

_OTHERS = ("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_ARGS", "CNI_PATH")


@case("CNI930", "spec-version", "VERSION with CNI_COMMAND alone", since="0.2.0")
def version(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin does not say which versions it speaks.

    Why:
        A runtime cannot know whether it can use the plugin, and refuses the network.
    Bad:
        a plugin that wants CNI_NETNS before it answers VERSION
    Good:
        {"cniVersion": "1.0.0", "supportedVersions": ["0.4.0", "1.0.0"]}
    Fix:
        Print the version object to stdout for CNI_COMMAND=VERSION, whatever else is set or not.
    Reference:
        CNI spec 1.1.0, section 2, "VERSION", and section 5, "Version"
    """
    exchange = _ask(bench)
    yield from succeeded(exchange, "VERSION")
    if not exchange.ok:
        return
    value, problem = printed(exchange)
    if problem:
        yield Flaw(f"VERSION: {problem}", "print the version object alone to stdout")
    elif not isinstance(value, dict) or not isinstance(value.get("cniVersion"), str):
        yield Flaw(f'VERSION: {quoted(exchange)} has no "cniVersion"', 'print "cniVersion" and "supportedVersions"')
    elif not _is_list(value.get("supportedVersions")):
        message = f'VERSION: {quoted(exchange)} has no list of "supportedVersions"'
        yield Flaw(message, 'print "supportedVersions", a list of strings')
    else:
        yield Seen(f"speaks {', '.join(value['supportedVersions'])}")


def _ask(bench: Bench) -> Exchange:
    without: dict[str, str | None] = dict.fromkeys(_OTHERS)
    return bench.ask("VERSION", variables=without, stdin=f'{{"cniVersion":"{bench.version}"}}'.encode())


def _is_list(value: Any) -> bool:  # noqa: ANN401  # any JSON value
    return isinstance(value, list) and bool(value) and all(isinstance(entry, str) for entry in value)


@case("CNI931", "spec-version-list", "versions that there are", needs=("spec-version",), since="0.2.0")
def version_list(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin names a version that nobody has published, or does not name the one that it is used with.

    Why:
        Versions are compared letter by letter, so 1.0 is not 1.0.0, and a runtime refuses the network.
    Bad:
        {"cniVersion": "1.0.0", "supportedVersions": ["0.4", "1.0"]}
    Good:
        {"cniVersion": "1.0.0", "supportedVersions": ["0.4.0", "1.0.0"]}
    Fix:
        Name the versions as the spec does: 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0.
    Reference:
        CNI spec 1.1.0, section 5, "Version"
    """
    value, _ = printed(_ask(bench))
    named = value["supportedVersions"]
    strange = [text for text in named if SpecVersion.of(text) is None]
    for text in strange:
        yield should(f'VERSION: "{text}" is no version of the spec that cnictl knows', "name published versions only")
    if str(bench.version) not in named:
        yield Flaw(f"VERSION: {bench.version} is not among {', '.join(named)}", f'add "{bench.version}"')
    elif not strange:
        yield Seen(f"{len(named)} published versions, {bench.version} among them")


@case(
    "CNI932",
    "spec-version-echo",
    "cniVersion as in the question",
    needs=("spec-version",),
    since="1.0.0",
    severity=Severity.WARNING,
)
def version_echo(bench: Bench) -> Iterator[Seen | Flaw]:
    """The answer to VERSION has another cniVersion than the question.

    The spec says that it is the value on input. The library that most plugins in Go are made with answers its own
    newest version, and no runtime is known to mind, so this is no error.

    Why:
        A runtime that reads the answer as one of its own version may not understand it.
    Bad:
        {"cniVersion": "1.1.0", "supportedVersions": [...]} as the answer to {"cniVersion": "1.0.0"}
    Good:
        {"cniVersion": "1.0.0", "supportedVersions": [...]} as the answer to {"cniVersion": "1.0.0"}
    Fix:
        Read the question from stdin, and print its cniVersion.
    Reference:
        CNI spec 1.1.0, section 5, "Version"
    """
    asked = [*[text for text in bench.spoken if text != str(bench.version)][-1:], str(bench.version)]
    for text in asked:
        exchange = bench.ask("VERSION", stdin=f'{{"cniVersion":"{text}"}}'.encode())
        value, _ = printed(exchange)
        answered = value.get("cniVersion") if isinstance(value, dict) else None
        if answered == text:
            yield Seen(f"asked in {text}, it answers in {text}")
        else:
            yield should(
                f"VERSION: asked in {text}, it answers in {answered}", 'print the "cniVersion" of the question'
            )
