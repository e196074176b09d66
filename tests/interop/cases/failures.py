"""Plugins that fail, that are missing, or that say too much."""

from __future__ import annotations

from tests.interop.build import ADD, ALL, CHECK, DEL, FIRST, SECOND, case, network, refuses, results, says

_OTHER = says("first", "ADD", {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.77/24"}]})

CASES = (
    case("fails-first", "the first plugin refuses ADD", ADD, write=refuses("first", "ADD")),
    case("fails-second", "the second plugin refuses ADD", ADD, DEL, write=refuses("second", "ADD", 11, "details")),
    case(
        "fails-code-text",
        "an error object whose code is a text",
        ADD,
        write=says("first", "ADD", {"code": "7", "msg": "x"}, status=1),
    ),
    case("fails-empty-object", "an empty error object", ADD, write=says("first", "ADD", {}, status=1)),
    case("fails-silently", "a plugin fails and says nothing", ADD, write=says("first", "ADD", status=3)),
    case(
        "fails-with-stderr",
        "a plugin fails and says why on stderr",
        ADD,
        write=says("first", "ADD", status=3, stderr="no disk\n"),
    ),
    case("fails-with-text", "a plugin fails and prints a text", ADD, write=says("first", "ADD", "panic!", status=2)),
    case(
        "fails-with-result",
        "a plugin prints a result and fails",
        ADD,
        write=results() | says("first", "ADD", {"ips": []}, status=1),
    ),
    case(
        "fails-check",
        "a plugin refuses CHECK; those behind it are not asked",
        ADD,
        CHECK,
        write=refuses("first", "CHECK"),
    ),
    case("fails-check-second", "the second plugin refuses CHECK", ADD, CHECK, write=refuses("second", "CHECK", 3)),
    case(
        "fails-del",
        "a plugin refuses DEL; those before it are not asked, and the cache stays until it succeeds",
        ADD,
        DEL,
        DEL._replace(write={"answers/second/DEL/status": "0"}),
        write=refuses("second", "DEL"),
    ),
    case(
        "fails-del-unknown",
        "a plugin answers DEL that it does not know the container",
        ADD,
        DEL,
        write=refuses("second", "DEL", 3),
    ),
    case(
        "fails-add-again",
        "a second ADD that fails; the cache keeps the first",
        ADD,
        ADD._replace(write=refuses("second", "ADD")),
    ),
    case(
        "stderr-on-success",
        "plugins log to stderr although all went well",
        write=results() | says("first", "CHECK", stderr="a note\n") | says("second", "DEL", stderr="another\n"),
    ),
    case(
        "stdout-ignored",
        "what is printed at CHECK and DEL does not matter",
        write=says("first", "CHECK", "blah") | says("first", "DEL", '{"code": 7, "msg": "x"}'),
    ),
    case("missing-first", "the first plugin is not installed", ADD, CHECK, DEL, plugins=("second",)),
    case("missing-second", "the second plugin is not installed", ADD, plugins=("first",)),
    case("missing-at-del", "a plugin is gone when DEL comes", ADD, DEL._replace(write={"bin/first": None})),
    case("missing-at-check", "a plugin is gone when CHECK comes", ADD, CHECK._replace(write={"bin/second": None})),
    case(
        "plugin-is-directory",
        "in the place of a plugin is a directory",
        ADD,
        write={"bin/second/x": ""},
        plugins=("first",),
    ),
    case("plugin-not-executable", "a plugin that cannot be run", ADD, write={"bin/second": "x"}, plugins=("first",)),
    case("plugin-type-slash", "a type with a slash in it", ADD, write=network(FIRST, {"type": "../bin/second"})),
    case("plugin-twice", "a plugin that is in the chain twice", write=network(FIRST, SECOND, FIRST | {"level": 3})),
    case("chain-of-four", "four plugins, two of them twice", write=network(FIRST, SECOND, FIRST, SECOND)),
    case(
        "add-twice", "two ADDs; the second result is kept", *ALL[:1], ADD._replace(write=network(FIRST) | _OTHER), DEL
    ),
    case("del-twice", "two DELs", ADD, DEL, DEL),
    case("del-unknown", "DEL of what was never added", DEL),
    case("check-unknown", "CHECK of what was never added", CHECK),
    case("check-after-del", "CHECK of what was deleted", ADD, DEL, CHECK),
)
