from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cnictl.text.node import ArrayNode, Node, ObjectNode
from cnictl.text.parser import MAX_DEPTH
from cnictl.text.scan import MAX_PROBLEMS
from cnictl.text.source import MAX_BYTES
from tests.support.documents import document, json_values

# What is right


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", "None"),
        ("true", "True"),
        ("false", "False"),
        ("0", "0"),
        ("-0", "0"),
        ("-0.0", "-0.0"),
        ("1.0", "1.0"),
        ("1e3", "1000.0"),
        ("1E-2", "0.01"),
        ("9007199254740993", "9007199254740993"),
        ("18446744073709551616", "18446744073709551616"),
        ("1e-400", "0.0"),
        ('""', "''"),
        (r'"\"\\\/\b\f\n\r\t\u00e9"', repr('"\\/\b\f\n\r\té')),
        (r'"\ud83d\ude00"', "'😀'"),
        ("[]", "[]"),
        ("{}", "{}"),
        (' \t\r\n[ 1 , "a" ] \n', "[1, 'a']"),
        ('{"a": {"b": [null]}}', "{'a': {'b': [None]}}"),
    ],
)
def test_json_is_read_without_a_word(text, value):
    parsed = document(text)
    assert parsed.problems == []
    assert parsed.root
    assert repr(parsed.root.value) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [(r'"\ud800"', "\ufffd"), (r'"a\ud800b"', "a\ufffdb"), (r'"\udc00\ud800"', "\ufffd\ufffd")],
)
def test_half_of_a_surrogate_pair_becomes_the_replacement_character_as_in_go(text, value):
    parsed = document(text)
    assert parsed.root
    assert parsed.root.value == value
    assert parsed.problems == []


def test_of_equal_keys_both_are_kept_and_the_last_one_counts():
    parsed = document('{"a": 1,\n "b": 2,\n "a": 3}')
    assert isinstance(parsed.root, ObjectNode)
    assert [(member.name, member.node.value) for member in parsed.root.members] == [("a", 1), ("b", 2), ("a", 3)]
    assert parsed.root.value == {"a": 3, "b": 2}
    [problem] = parsed.problems
    assert (problem.kind, problem.message) == ("duplicate-key", 'the key "a" stands in line 1 already')
    assert parsed.source.position(problem.span.start) == (3, 2)


def test_keys_are_equal_by_what_they_mean_not_by_how_they_are_written():
    [problem] = document(r'{"a": 1, "\u0061": 2}').problems
    assert (problem.kind, problem.span) == ("duplicate-key", (9, 17))


# What is wrong and understood: (text, what was meant, then kind, start, end, message and fix of each problem)

UNDERSTOOD: list[tuple[str, Any, list[tuple[str, int, int, str, str]]]] = [
    ("[1,]", [1], [("trailing-comma", 2, 3, "a comma stands before the closing ]", "remove the comma")]),
    (
        '{"a": 1 , }',
        {"a": 1},
        [("trailing-comma", 8, 9, "a comma stands before the closing }", "remove the comma")],
    ),
    ("[1,,2]", [1, 2], [("extra-comma", 3, 4, "a comma without a value before it", "remove the comma")]),
    ("[,1]", [1], [("extra-comma", 1, 2, "a comma without a value before it", "remove the comma")]),
    ("[,]", [], [("extra-comma", 1, 2, "a comma without a value before it", "remove the comma")]),
    ("[1 2]", [1, 2], [("missing-comma", 2, 2, "a comma is missing between two values", "write a comma")]),
    (
        '{"a": 1\n\n "b": 2}',
        {"a": 1, "b": 2},
        [("missing-comma", 7, 7, "a comma is missing at the end of line 1", "write a comma")],
    ),
    ('{"a" 1}', {"a": 1}, [("missing-colon", 4, 4, 'a colon is missing after "a"', "write :")]),
    (
        '{"a" = 1}',
        {"a": 1},
        [("missing-colon", 5, 6, "a key and its value are joined by a colon, not by =", "write :")],
    ),
    ("[1] // one", [1], [("comment", 4, 10, "JSON has no comments", "remove the comment")]),
    ("# one\n[1]", [1], [("comment", 0, 5, "JSON has no comments", "remove the comment")]),
    ("[/* one\n */1]", [1], [("comment", 1, 11, "JSON has no comments", "remove the comment")]),
    ("// a\n// b\n[1]", [1], [("comment", 0, 9, "JSON has no comments", "remove the comment")]),
    ("[1]/* open", [1], [("comment", 3, 10, "JSON has no comments", "remove the comment")]),
    (
        "{'a': `b`}",
        {"a": "b"},
        [
            ("wrong-quotes", 1, 4, "strings in JSON are in double quotes, not in '", 'write "a"'),
            ("wrong-quotes", 6, 9, "strings in JSON are in double quotes, not in `", 'write "b"'),
        ],
    ),
    (
        '[“a”, “b"]',
        ["a", "b"],
        [
            ("wrong-quotes", 1, 4, "strings in JSON are in double quotes, not in “", 'write "a"'),
            ("wrong-quotes", 6, 9, "strings in JSON are in double quotes, not in “", 'write "b"'),
        ],
    ),
    ("{a-b: 1}", {"a-b": 1}, [("unquoted-key", 1, 4, "the key a-b is not in quotes", 'write "a-b"')]),
    (
        "[True, NULL, None, undefined]",
        [True, None, None, None],
        [
            ("bad-literal", 1, 5, "True is no JSON literal", "write true"),
            ("bad-literal", 7, 11, "NULL is no JSON literal", "write null"),
            ("bad-literal", 13, 17, "None is no JSON literal", "write null"),
            ("bad-literal", 19, 28, "undefined is no JSON literal", "write null"),
        ],
    ),
    (
        '["a\tb"]',
        ["a\tb"],
        [("bad-string", 3, 4, "a bare control character (U+0009) in a string", r"write \u0009")],
    ),
    (
        "{} {}",
        {},
        [("text-after-end", 3, 5, "text after the end of the document: {}", "keep one document in the file")],
    ),
    ("{}}", {}, [("text-after-end", 2, 3, "text after the end of the document: }", "keep one document in the file")]),
    (
        "{}\u00a0\n",
        {},
        [
            (
                "text-after-end",
                2,
                3,
                "text after the end of the document: white space (U+00A0)",
                "keep one document in the file",
            )
        ],
    ),
    (
        "\ufeff{}",
        {},
        [
            (
                "byte-order-mark",
                0,
                1,
                "the file begins with a byte order mark (U+FEFF)",
                "save the file as UTF-8 without BOM",
            )
        ],
    ),
]


@pytest.mark.parametrize(("text", "meant", "problems"), UNDERSTOOD)
def test_a_usual_mistake_is_named_and_what_was_meant_is_read(text, meant, problems):
    parsed = document(text)
    assert [(p.kind, *p.span, p.message, p.fix) for p in parsed.problems] == problems
    assert parsed.complete
    assert parsed.root
    assert parsed.root.value == meant


# What is wrong and leaves doubt: the tree has what is written, and the document is not complete


@pytest.mark.parametrize(
    ("text", "kind", "span", "message", "fix"),
    [
        ("[bridge]", "unquoted-value", (1, 7), "bridge is neither a number nor in quotes", 'write "bridge"'),
        ("[/etc/cni]", "unquoted-value", (1, 9), "/etc/cni is neither a number nor in quotes", 'write "/etc/cni"'),
        ("[10.0.0.1]", "unquoted-value", (1, 9), "10.0.0.1 is neither a number nor in quotes", 'write "10.0.0.1"'),
        ("[²]", "unquoted-value", (1, 2), "² is neither a number nor in quotes", 'write "²"'),
        ("[-]", "unquoted-value", (1, 2), "- is neither a number nor in quotes", 'write "-"'),
        (r'["a\q"]', "bad-string", (3, 5), r"\q is no JSON escape", r"write \\ for a backslash"),
        (
            r'["a\u12"]',
            "bad-string",
            (1, 8),
            r"a \u escape needs four hexadecimal digits",
            r"write it as \u00e9",
        ),
        ("[1e999]", "bad-number", (1, 6), "the number is too large", "write a number that fits into 64 bits"),
        *(
            (f"[{word}]", "bad-number", (1, 1 + len(word)), f"{word} is no JSON number", "write a plain decimal number")
            for word in ("01", "-01", "+1", ".5", "1.", "0x1f", "0b1", "1_000", "NaN", "-Infinity", "1.e5")
        ),
    ],
)
def test_a_value_that_is_not_understood_is_kept_as_it_is_written(text, kind, span, message, fix):
    parsed = document(text)
    [problem] = parsed.problems
    assert problem == (kind, span, message, fix, True)
    assert isinstance(parsed.root, ArrayNode)
    assert len(parsed.root.items) == 1
    assert not parsed.complete


# What ends the parse


@pytest.mark.parametrize(
    ("text", "kind", "span", "message", "fix"),
    [
        ("", "empty-file", (0, 0), "the file is empty", "write a network config into it, or remove it"),
        (" \n", "empty-file", (0, 0), "the file is empty", "write a network config into it, or remove it"),
        (
            "[1}",
            "mismatched-bracket",
            (2, 3),
            "} stands here, but the array that begins in line 1 needs ]",
            "write ]",
        ),
        (
            '{\n"a": [\n1}',
            "mismatched-bracket",
            (10, 11),
            "} stands here, but the array that begins in line 2 needs ]",
            "write ]",
        ),
        (
            '{"a": [1\n\n',
            "truncated",
            (8, 8),
            "the file ends inside the array that begins in line 1",
            "restore the rest of the file, or add ]",
        ),
        (
            '\n{"a":',
            "truncated",
            (6, 6),
            "the file ends inside the object that begins in line 2",
            "restore the rest of the file, or add }",
        ),
        (
            '{"a"',
            "truncated",
            (4, 4),
            "the file ends inside the object that begins in line 1",
            "restore the rest of the file, or add }",
        ),
        (
            '{"a": 1,',
            "truncated",
            (8, 8),
            "the file ends inside the object that begins in line 1",
            "restore the rest of the file, or add }",
        ),
        (
            '{"a": "b\n}',
            "bad-string",
            (6, 8),
            "the string is not closed on its line",
            'add the closing "',
        ),
        (
            '["\\u12',
            "bad-string",
            (1, 6),
            "the string is not closed on its line",
            'add the closing "',
        ),
        ("['a\n]", "bad-string", (1, 3), "the string is not closed on its line", 'put it in " quotes'),
        (
            '{"a":}',
            "unexpected-text",
            (5, 6),
            "a value is missing before }",
            "write the value, or remove the key",
        ),
        (
            '{"a": , "b": 1}',
            "unexpected-text",
            (6, 7),
            "a value is missing before ,",
            "write the value, or remove the key",
        ),
        *(
            (
                text,
                "unexpected-text",
                span,
                message,
                "remove it, or put it in quotes if it is a value",
            )
            for text, span, message in (
                ("[...]", (1, 4), "unexpected ..."),
                ("{1: 2}", (1, 3), "unexpected 1:"),
                (":", (0, 1), "unexpected :"),
                ("[\u00a01]", (1, 2), "unexpected white space (U+00A0)"),
                ("{\u3000}", (1, 2), "unexpected white space (U+3000)"),
                ("{:}", (1, 2), "unexpected :"),
                ("[<%= " + "x" * 40 + "]", (1, 4), "unexpected <%="),
                (f"[@{'x' * 40}]", (1, 42), f"unexpected @{'x' * 26}..."),
            )
        ),
    ],
)
def test_where_nothing_sensible_follows_the_parse_ends_with_one_problem(text, kind, span, message, fix):
    parsed = document(text)
    [problem] = parsed.problems
    assert problem == (kind, span, message, fix, True)
    assert parsed.root is None


def test_a_closing_bracket_without_an_opening_one_is_a_missing_value():
    [problem] = document("]").problems
    assert (problem.kind, problem.message) == ("unexpected-text", "a value is missing before ]")


def test_one_run_shows_every_mistake_in_the_order_of_the_text():
    parsed = document('{\'a\': 1, // one\n b: True,\n "a": 2\n "c": 01,}\nend')
    assert [(p.kind, parsed.source.position(p.span.start)) for p in parsed.problems] == [
        ("wrong-quotes", (1, 2)),
        ("comment", (1, 10)),
        ("unquoted-key", (2, 2)),
        ("bad-literal", (2, 5)),
        ("duplicate-key", (3, 2)),
        ("missing-comma", (3, 8)),
        ("bad-number", (4, 7)),
        ("trailing-comma", (4, 9)),
        ("text-after-end", (5, 1)),
    ]
    assert parsed.root
    assert parsed.root.value == {"a": 2, "b": True, "c": "01"}


def test_bytes_that_are_not_utf_8_are_a_problem_and_the_rest_is_read():
    parsed = document(b'{"a": "\xff", "b": 1}')
    [problem] = parsed.problems
    assert problem == ("not-utf8", (7, 8), "byte 0xff is not UTF-8", "save the file as UTF-8", False)
    assert parsed.root
    assert parsed.root.value == {"a": "\ufffd", "b": 1}


def test_an_empty_text_with_a_mark_of_another_encoding_has_both_problems():
    assert [problem.kind for problem in document(b"\xff\xfe").problems] == ["not-utf8", "empty-file"]


# Depth, size and time


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a": ', "}")])
def test_nesting_is_followed_to_the_limit_and_no_further(opening, closing):
    depth = MAX_DEPTH - 1
    assert document(opening * depth + "[1]" + closing * depth).problems == []
    [problem] = document(opening * (depth + 1) + "[1]" + closing * (depth + 1)).problems
    assert (problem.kind, problem.fatal) == ("too-deep", True)
    assert problem.message == "nested deeper than 100 levels"
    assert problem.span.start == len(opening) * MAX_DEPTH


def test_twenty_megabytes_of_brackets_are_refused_at_once_with_one_problem():
    began = time.process_time()
    parsed = document("[" * 20_000_000)
    assert time.process_time() - began < 2
    assert parsed.root is None
    [problem] = parsed.problems
    assert problem == (
        "too-deep",
        (100, 101),
        "nested deeper than 100 levels",
        "this is no network config: look at what wrote it",
        True,
    )


@pytest.mark.parametrize(
    "piece",
    [
        '"\\q" ',
        "'a' ",
        "a:",
        "1",
        "1_",
        "/",
        "/*",
        "//\n",
        "\\",
        '"',
        "'",
        ",",
        "\n1",
        '"a',
        " ",
        "\t",
        "-",
        "0x",
        "\u00a0",
    ],
    ids=ascii,
)
@pytest.mark.parametrize("start", ["[", "{"])
def test_the_largest_text_is_judged_in_a_moment_whatever_it_repeats(start, piece):
    began = time.process_time()
    parsed = document(start + piece * (MAX_BYTES // len(piece.encode())) + "x")
    assert time.process_time() - began < 5  # what is quadratic takes minutes
    assert 0 < len(parsed.problems) <= MAX_PROBLEMS + 1


def test_after_a_thousand_mistakes_the_rest_is_not_read():
    assert len(document("[0" + ",,2" * (MAX_PROBLEMS - 1) + "]").problems) == MAX_PROBLEMS - 1
    parsed = document("[0" + ",,2" * MAX_PROBLEMS + "]")
    assert parsed.root is None
    assert len(parsed.problems) == MAX_PROBLEMS + 1
    assert parsed.problems[-1].kind == "unexpected-text"
    assert parsed.problems[-1].message == "the rest is not read: these are 1000 mistakes already"
    assert parsed.problems[-1].fatal


# What holds for every text


def nodes(node: Node) -> list[Node]:
    children: list[Node] = []
    if isinstance(node, ObjectNode):
        children = [member.node for member in node.members]
    elif isinstance(node, ArrayNode):
        children = node.items
    return [node, *(below for child in children for below in nodes(child))]


layouts = st.fixed_dictionaries(
    {"indent": st.sampled_from([None, 0, 2, "\t"]), "ensure_ascii": st.booleans()},
    optional={"separators": st.sampled_from([(",", ":"), (" ,\n", "\t: ")])},
)


@settings(deadline=None, max_examples=150)
@given(json_values, layouts)
def test_what_json_writes_is_read_back_with_exact_numbers(value, layout):
    parsed = document(json.dumps(value, **layout))
    assert parsed.problems == []
    assert parsed.root
    assert repr(parsed.root.value) == repr(value)


@settings(deadline=None, max_examples=100)
@given(json_values, layouts)
def test_every_node_knows_where_it_stands_and_how_to_get_there(value, layout):
    text = json.dumps(value, **layout)
    root = document(text).root
    assert root
    for node in nodes(root):
        assert repr(json.loads(text[slice(*node.span)])) == repr(node.value)
        path: list[str | int] = []
        above = node
        while above.parent:
            path.insert(0, above.token)
            above = above.parent
        assert root.at(path) is node
        if isinstance(node, ObjectNode):
            assert [json.loads(text[slice(*member.key_span)]) for member in node.members] == list(node.value)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", "A"]), st.integers()), max_size=6))
def test_no_member_is_lost_however_often_its_key_stands_there(pairs):
    parsed = document("{" + ",".join(f"{json.dumps(key)}:{number}" for key, number in pairs) + "}")
    assert isinstance(parsed.root, ObjectNode)
    assert [(member.name, member.node.value) for member in parsed.root.members] == pairs
    assert parsed.root.value == dict(pairs)
    assert len(parsed.problems) == len(pairs) - len(dict(pairs))
    assert {problem.kind for problem in parsed.problems} <= {"duplicate-key"}


HALF_PAIR = re.compile("[\ud800-\udfff]")


def strictly(text: str) -> Any:
    """What a strict parser reads, by the standard library."""

    def number(digits: str) -> float:
        if float(digits) in (float("inf"), float("-inf")):
            raise ValueError(digits)
        return float(digits)

    def constant(word: str) -> None:
        raise ValueError(word)

    return json.loads(text, parse_constant=constant, parse_float=number)


near_json = st.text("{}[]:,\"'`“\\/#*-+.=;0129eExutrnalsf \t\n\u00a0\x0b\x00\ufeff", max_size=40)


@st.composite
def damaged_json(draw):
    text = json.dumps(draw(json_values), indent=draw(st.sampled_from([None, 1])))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(start + 3, len(text))))
    return text[:start] + draw(near_json.map(lambda piece: piece[:3])) + text[end:]


@settings(deadline=None, max_examples=300)
@given(st.text() | near_json | damaged_json())
@example('"\\')
@example('["\\u')
@example("{} \x0b")
@example("[-")
def test_a_text_is_accepted_exactly_when_a_strict_parser_accepts_it(text):
    text = text.encode(errors="replace").decode()
    parsed = document(text)
    for problem in parsed.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
        assert problem.message.strip() == problem.message != ""
        assert problem.fix
    assert [problem.span for problem in parsed.problems] == sorted(problem.span for problem in parsed.problems)
    try:
        value = strictly(text)
    except ValueError:
        assert parsed.refused
    else:
        assert parsed.refused is None
        assert parsed.root
        if not HALF_PAIR.search(json.dumps(value, ensure_ascii=False)):
            assert repr(parsed.root.value) == repr(value)


@settings(deadline=None, max_examples=100)
@given(st.binary())
def test_bytes_of_any_kind_give_a_document(data):
    parsed = document(data)
    assert parsed.root or parsed.problems


def test_a_text_that_is_no_json_from_its_first_word_on_is_one_mistake():
    (problem,) = document("no config at all").problems
    assert (problem.kind, problem.span) == ("unquoted-value", (0, 2))


def test_yaml_is_called_so():
    (problem,) = document("name: pods\ntype: bridge\n").problems
    assert (problem.kind, problem.span) == ("unquoted-value", (0, 5))
    assert problem.message == "name: begins a YAML text, and a network config is JSON"
    assert problem.fix == "write it as JSON"
