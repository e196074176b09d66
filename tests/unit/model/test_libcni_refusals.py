"""What libcni refuses to load, row by row, and what `validate` says of it.

A row that libcni refuses gets an error. One that it loads gets none, unless it fails as soon as it is used.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from cnictl.report.finding import Finding, Severity
from cnictl.text.source import Source
from cnictl.validate.engine import judge

LIST = "10-net.conflist"
SINGLE = ("10-net.conf", "10-net.json")


class Row(NamedTuple):
    """One row of a table: what it is about, and the text of a file."""

    name: str
    text: str | bytes
    files: tuple[str, ...] = (LIST,)


def top(members: str) -> str:
    """A list with these members at its top."""
    return f'{{{members}, "name": "pods", "plugins": [{{"type": "vendor"}}]}}'


def entry(members: str, *, kind: str = '"type": "vendor", ') -> str:
    """A list whose second plugin has these members."""
    return f'{{"cniVersion": "1.0.0", "name": "pods", "plugins": [{{"type": "first"}}, {{{kind}{members}}}]}}'


def named(name: str) -> str:
    """A list with this name, written as JSON."""
    return f'{{"cniVersion": "1.0.0", "name": {name}, "plugins": [{{"type": "vendor"}}]}}'


def single(members: str) -> str:
    """A single plugin with these members."""
    return f'{{"type": "vendor", {members}}}'


GOOD = named('"pods"')
GOOD_SINGLE = single('"cniVersion": "1.0.0", "name": "pods"')


def broken(good: str) -> dict[str, str | bytes]:
    """What is wrong with a text, and the text."""
    return {
        "a byte order mark": b"\xef\xbb\xbf" + good.encode(),
        "a comment": good.replace("{", "{ // remark\n", 1),
        "a comment in /* */": good.replace("{", "{ /* remark */", 1),
        "a trailing comma": good[:-1] + ",}",
        "data behind the end": good + "\nEOF",
        "two documents": good + good,
        "no document": "",
        "half of a document": good[: len(good) // 2],
        "10001 levels": good[:-1] + ', "x": ' + "[" * 10001 + "]" * 10001 + "}",
    }


FILES_REFUSED = [
    Row("a list in a .conf or .json has no type", GOOD, SINGLE),
    Row("a single plugin in a .conflist has no plugins", GOOD_SINGLE),
    *(Row(f"{what} in a list", text) for what, text in broken(GOOD).items()),
    *(Row(f"{what} in a single plugin", text, SINGLE[:1]) for what, text in broken(GOOD_SINGLE).items()),
]
FILES_LOADED = [
    Row("a list in a .conflist", GOOD),
    Row("a single plugin in a .conf or .json", GOOD_SINGLE, SINGLE),
    Row("the same key twice: the last counts", top('"cniVersion": "0.4.0", "cniVersion": "1.0.0"')),
    Row("blanks behind the end", GOOD + " \r\n\t\n"),
    Row(
        "flags of a list in a single plugin mean nothing",
        single('"cniVersion": "1.0.0", "name": "pods", "disableCheck": 7, "loadOnlyInlinedPlugins": "x"'),
        SINGLE,
    ),
    Row("a file that is called .conflist", GOOD, (".conflist",)),
]

DOCUMENTS_REFUSED = [
    *(Row(f"the document is {text[:4]}", text) for text in ("null", "[]", '"pods"', "5", "true", f"[{GOOD}]")),
    Row("name missing", '{"cniVersion": "1.0.0", "plugins": [{"type": "vendor"}]}'),
    *(Row(f"name is {value}", named(value)) for value in ("5", "null", "true", "[]", "{}")),
    Row("name of a single plugin no string", single('"cniVersion": "1.0.0", "name": 5'), SINGLE),
    Row("Name is not name", '{"cniVersion": "1.0.0", "Name": "pods", "plugins": [{"type": "vendor"}]}'),
    *(Row(f"cniVersion is {value}", top(f'"cniVersion": {value}')) for value in ("1.0", "1", "null", "true", "[]")),
    Row("cniVersion of a single plugin no string", single('"cniVersion": 1.0, "name": "pods"'), SINGLE),
    *(
        Row(f"cniVersions is {value}", top(f'"cniVersion": "1.0.0", "cniVersions": {value}'))
        for value in ("null", '"1.0.0"', "{}", "1.0", "[1.0]", "[null]", '["1.0.0", 7]')
    ),
    *(
        Row(f"cniVersions has {value}", top(f'"cniVersion": "1.0.0", "cniVersions": ["0.4.0", "{value}"]'))
        for value in ("1.0.f", "v1.0.0", "1.0.0.0", "latest", "1..0", "1.0.0-rc1")
    ),
    Row("cniVersions beside a cniVersion that is none", top('"cniVersion": "1.0.f", "cniVersions": ["1.0.0"]')),
    *(
        Row(f"{flag} is {value}", top(f'"cniVersion": "1.0.0", "{flag}": {value}'))
        for flag in ("disableCheck", "disableGC", "loadOnlyInlinedPlugins")
        for value in ("1", "0", '"1"', '""', "null", '" true"', '"yes"', "[]", "{}")
    ),
    Row(
        "no plugins, and no others are to be loaded",
        '{"cniVersion": "1.0.0", "name": "x", "loadOnlyInlinedPlugins": true}',
    ),
    *(
        Row(f"plugins is {value}", f'{{"cniVersion": "1.0.0", "name": "pods", "plugins": {value}}}')
        for value in ("null", "{}", '"vendor"', "true", "[]", '{"type": "vendor"}')
    ),
]
DOCUMENTS_LOADED = [
    Row("cniVersion absent counts as 0.1.0", '{"name": "pods", "plugins": [{"type": "vendor"}]}'),
    Row("cniVersion empty counts as absent", top('"cniVersion": ""')),
    Row("CNIVersion is not cniVersion", top('"CNIVersion": "1.0.0"')),
    Row("cniVersion null in a single plugin", single('"cniVersion": null, "name": "pods"'), SINGLE),
    Row("keys of a single plugin in any case", '{"Type": "vendor", "NAME": "pods", "CniVersion": "1.0.0"}', SINGLE),
    Row("cniVersions without cniVersion", top('"cniVersions": ["0.4.0", "1.0.0"]')),
    Row("cniVersions beside cniVersion", top('"cniVersion": "1.0.0", "cniVersions": ["0.1.0", "0.4.0"]')),
    Row("cniVersions empty", top('"cniVersion": "1.0.0", "cniVersions": []')),
    Row("cniVersions has a newer one, which is skipped", top('"cniVersion": "1.0.0", "cniVersions": ["99.0.0"]')),
    Row("cniVersion newer, and an older one is offered", top('"cniVersion": "9.9.9", "cniVersions": ["1.1.0"]')),
    *(
        Row(f"{flag} is {value}", top(f'"cniVersion": "1.0.0", "{flag}": {value}'))
        for flag in ("disableCheck", "disableGC", "loadOnlyInlinedPlugins")
        for value in ("true", "false", '"true"', '"False"', '"TRUE"')
    ),
    Row("keys that nobody knows", top('"cniVersion": "1.0.0", "vendor.example/key": {"x": [1, null]}')),
]
DOCUMENTS_FAIL = [
    Row("cniVersion is no version: what was added cannot be deleted", top('"cniVersion": "garbage"')),
    Row("cniVersion newer than all: every plugin refuses it", top('"cniVersion": "9.9.9"')),
    Row(
        "cniVersions: the one that is chosen, by its numbers, is none",
        top('"cniVersion": "1.0.0", "cniVersions": ["1.1"]'),
    ),
    Row("cniVersion newer than all, and no other is offered", top('"cniVersion": "9.9.9", "cniVersions": []')),
    *(
        Row(f"cniVersion {value}: no plugin lists it so", top(f'"cniVersion": "{value}"'))
        for value in ("1", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "+1.0.0", "1.0.-0", "1.0.0-rc1", " 1.0.0", "1.0.0\\n")
    ),
    Row("name missing in a single plugin: it cannot be asked for", single('"cniVersion": "1.0.0"'), SINGLE),
]

ENTRIES_REFUSED = [
    *(
        Row(
            f"the plugin is {value}",
            f'{{"cniVersion": "1.0.0", "name": "pods", "plugins": [{{"type": "a"}}, {value}]}}',
        )
        for value in ("null", "{}", "[]", '"vendor"', "7", '[{"type": "vendor"}]')
    ),
    *(Row(f"type is {value}", entry(f'"type": {value}', kind="")) for value in ("null", '""', "7", "true", "[]", "{}")),
    Row("type missing", entry('"mtu": 1450', kind="")),
    Row("type of a single plugin empty", '{"cniVersion": "1.0.0", "name": "pods", "type": ""}', SINGLE),
    Row("type of a single plugin no string", '{"cniVersion": "1.0.0", "name": "pods", "type": ["a"]}', SINGLE),
    *(
        Row(f"capabilities is {value}", entry(f'"capabilities": {value}'))
        for value in ('["portMappings"]', '"portMappings"', "true", "1", '{"x": "true"}', '{"x": 1}', '{"x": {}}')
    ),
    *(Row(f"ipam is {value}", entry(f'"ipam": {value}')) for value in ("[]", '"host-local"', "true", "7")),
    *(Row(f"type of ipam is {value}", entry(f'"ipam": {{"type": {value}}}')) for value in ("7", "true", "[]", "{}")),
    *(
        Row(f"dns is {value}", entry(f'"dns": {value}'))
        for value in (
            *("[]", '"10.0.0.1"', "true", '{"nameservers": "10.0.0.1"}', '{"nameservers": [7]}', '{"domain": []}'),
            *('{"search": {}}', '{"options": "ndots:5"}', '{"options": [true]}', '{"domain": 7}'),
        )
    ),
    *(Row(f"prevResult is {value}", entry(f'"prevResult": {value}')) for value in ("[]", '"none"', "7", "true")),
    Row("Type in any case is read, and this one is no string", entry('"TYPE": 7', kind="")),
    Row("IPAM in any case is read, and this one is no object", entry('"IPAM": []')),
]
ENTRIES_LOADED = [
    Row("type in any case", entry('"Type": "vendor"', kind="")),
    Row("ipam in any case", entry('"IPAM": {"Type": "host-local", "subnet": "10.1.0.0/24"}')),
    *(Row(f"{key} is null", entry(f'"{key}": null')) for key in ("capabilities", "ipam", "dns", "prevResult", "mtu")),
    Row("a capability is null", entry('"capabilities": {"portMappings": null}')),
    Row("type of ipam missing, null or empty", entry('"ipam": {}')),
    Row("type of ipam null", entry('"ipam": {"type": null}')),
    Row("type of ipam empty", entry('"ipam": {"type": ""}')),
    Row("dns empty", entry('"dns": {}')),
    Row("a list of dns is null", entry('"dns": {"nameservers": null, "domain": null}')),
    Row("keys that nobody knows", entry('"x": {"y": [1, "<&>", null]}, "_comment": "a"')),
    Row("numbers that lose digits on the way", entry('"x": 9007199254740993, "y": 1.0, "z": 1e3')),
    Row("half of a surrogate pair", entry('"x": "\\ud800"')),
]

NAMES_GOOD = ("pods", "a", "0", "P.o-d_s", "9lives", "a..", "x" * 200)
NAMES_BAD = (
    "",
    ".pods",
    "-pods",
    "_pods",
    ".",
    "..",
    "po ds",
    "po/ds",
    "../pods",
    "pöds",
    "pods\\n",
    "pods:0",
    "te%%st",
    "ä",
)
TYPES_BAD = ("a/b", "/opt/cni/bin/bridge", "../bridge", ".", "..", "./bridge")
TYPES_GOOD = ("bridge2", "my_plugin", "win-bridge.exe", "A")

NAMES_REFUSED = [
    *(Row(f"network name {name!r}", named(f'"{name}"')) for name in NAMES_BAD),
    *(Row(f"network name {name!r} of a single plugin", single(f'"name": "{name}"'), SINGLE) for name in NAMES_BAD),
    *(Row(f"type {name!r}", entry(f'"type": "{name}"', kind="")) for name in TYPES_BAD),
    *(Row(f"type of ipam {name!r}", entry(f'"ipam": {{"type": "{name}"}}')) for name in TYPES_BAD),
    Row("type with a backslash, which the spec names as an example", entry('"type": "a\\\\b"', kind="")),
]
NAMES_LOADED = [
    *(Row(f"network name {name[:9]!r}", named(f'"{name}"')) for name in NAMES_GOOD),
    *(Row(f"type {name!r}", entry(f'"type": "{name}"', kind="")) for name in TYPES_GOOD),
]


def errors(file: str, text: str | bytes) -> list[Finding]:
    data = text if isinstance(text, bytes) else text.encode()
    return [one for one in judge(Source(file, data)).findings if one.severity is Severity.ERROR]


def cases(*tables: list[Row]) -> list[object]:
    """A case for each row and file."""
    rows = [row for table in tables for row in table]
    return [pytest.param(file, row.text, id=f"{row.name} ({file})") for row in rows for file in row.files]


@pytest.mark.parametrize(("file", "text"), cases(FILES_REFUSED, DOCUMENTS_REFUSED, ENTRIES_REFUSED))
def test_what_libcni_does_not_load_is_an_error(file, text):
    assert errors(file, text)


@pytest.mark.parametrize(("file", "text"), cases(FILES_LOADED, DOCUMENTS_LOADED, ENTRIES_LOADED, NAMES_LOADED))
def test_what_libcni_loads_is_none(file, text):
    assert errors(file, text) == []


@pytest.mark.parametrize(("file", "text"), cases(DOCUMENTS_FAIL, NAMES_REFUSED))
def test_what_it_loads_and_cannot_use_is_one(file, text):
    assert errors(file, text)


@pytest.mark.parametrize(("file", "text"), cases(DOCUMENTS_REFUSED, ENTRIES_REFUSED, DOCUMENTS_FAIL, NAMES_REFUSED))
def test_one_reason_is_enough(file, text):
    assert len(errors(file, text)) <= 1
