"""CNI0xx: the file and its JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.report.finding import Severity
from cnictl.text.node import Label
from cnictl.text.parser import parse
from cnictl.text.source import Source, Span
from cnictl.validate.mending import mend_syntax
from cnictl.validate.registry import Hit, file_rule, manual, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.validate.context import ConfigFile


def _problems(file: ConfigFile, kind: str) -> Iterator[Hit]:
    for problem in file.problems(kind):
        edits = mend_syntax(problem, file.document.source.text)
        fix = safe(problem.fix, *edits) if edits else manual(problem.fix)
        yield Hit(Label(problem.span, ""), problem.message, fix)


@file_rule("CNI001", "unexpected-text", Severity.ERROR)
def unexpected_text(file: ConfigFile) -> Iterator[Hit]:
    """Something in the file makes no sense in JSON.

    Why:
        Runtimes read configs with Go's strict JSON parser. It refuses the file with "invalid character ... looking
        for beginning of value", and the node reports that no network is configured.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}, ...]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Remove the text. If it is a placeholder, let the installer that owns the file fill it in.
    Reference:
        RFC 8259, section 2 "JSON Grammar"
    """
    yield from _problems(file, "unexpected-text")


@file_rule("CNI002", "empty-file", Severity.ERROR)
def empty_file(file: ConfigFile) -> Iterator[Hit]:
    """The file is empty.

    Why:
        An empty file with a config's name is read like any other: containerd stops at it with "unexpected end of
        JSON input" and loads no network at all. It is usually what a full disk or a crashed installer left behind.
    Bad: 10-net.conflist
        (nothing but white space)
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Let the installer write the file again, or remove it.
    Reference:
        RFC 8259, section 2 "JSON Grammar"
    """
    yield from _problems(file, "empty-file")


@file_rule("CNI003", "not-utf8", Severity.ERROR)
def not_utf8(file: ConfigFile) -> Iterator[Hit]:
    r"""The file is not encoded in UTF-8.

    The example is shown as an escape; what is wrong is the byte itself in the file.

    Why:
        A file in UTF-16 is refused. A single byte of another encoding is replaced by U+FFFD without a word, so that
        the plugin gets another name, path or key than the one that was written.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "bridge": "caf\xe9"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "bridge": "cafe"}]}
    Fix:
        Save the file as UTF-8, for example with `iconv -t UTF-8`.
    Reference:
        RFC 8259, section 8.1 "Character Encoding"
    """
    yield from _problems(file, "not-utf8")


@file_rule("CNI004", "byte-order-mark", Severity.ERROR)
def byte_order_mark(file: ConfigFile) -> Iterator[Hit]:
    r"""The file begins with a byte order mark.

    The mark is invisible in most editors; the example shows it as an escape.

    Why:
        Go's JSON parser refuses it with "invalid character 'ï' looking for beginning of value", although the file
        looks flawless. Editors on Windows write it.
    Bad: 10-net.conflist
        \ufeff{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Save the file as "UTF-8 without BOM", or run `sed -i '1s/^\xEF\xBB\xBF//' FILE`.
    Reference:
        RFC 8259, section 8.1 "Character Encoding"
    """
    yield from _problems(file, "byte-order-mark")


@file_rule("CNI005", "trailing-comma", Severity.ERROR)
def trailing_comma(file: ConfigFile) -> Iterator[Hit]:
    """A comma stands before a closing bracket.

    Why:
        Go's JSON parser refuses the whole file with "invalid character ']' looking for beginning of value" or
        "invalid character '}' looking for beginning of object key string".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Remove the comma.
    Reference:
        RFC 8259, sections 4 "Objects" and 5 "Arrays"
    """
    yield from _problems(file, "trailing-comma")


@file_rule("CNI006", "comment", Severity.ERROR)
def comment(file: ConfigFile) -> Iterator[Hit]:
    """The file has a comment.

    Why:
        JSON has no comments. Go's parser refuses the whole file with "invalid character '/' looking for beginning of
        value". The example in the CNI spec itself carries comments and cannot be copied as it is.
    Bad: 10-net.conflist
        {
          // the pods' network
          "cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]
        }
    Good: 10-net.conflist
        {
          "cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]
        }
    Fix:
        Remove the comment. A remark can be kept at the top of a list under a key of its own, such as "_comment",
        which libcni passes over.
    Reference:
        RFC 8259, section 2 "JSON Grammar"
    """
    yield from _problems(file, "comment")


@file_rule("CNI007", "missing-comma", Severity.ERROR)
def missing_comma(file: ConfigFile) -> Iterator[Hit]:
    r"""A comma is missing between two values.

    Why:
        Go's JSON parser refuses the whole file with "invalid character '\"' after object key:value pair".
    Bad: 10-net.conflist
        {
          "cniVersion": "1.0.0"
          "name": "pods",
          "plugins": [{"type": "bridge"}]
        }
    Good: 10-net.conflist
        {
          "cniVersion": "1.0.0",
          "name": "pods",
          "plugins": [{"type": "bridge"}]
        }
    Fix:
        Write the comma.
    Reference:
        RFC 8259, sections 4 "Objects" and 5 "Arrays"
    """
    yield from _problems(file, "missing-comma")


@file_rule("CNI008", "wrong-quotes", Severity.ERROR)
def wrong_quotes(file: ConfigFile) -> Iterator[Hit]:
    """A string is in single or typographic quotes.

    Why:
        Only the plain double quote begins a string in JSON. Go's parser refuses the whole file with "invalid character
        ... looking for beginning of object key string", or "of value". Typographic quotes come from word processors,
        web pages and chat programs.
    Bad: 10-net.conflist
        {'cniVersion': "1.0.0", “name”: "pods", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Write plain double quotes.
    Reference:
        RFC 8259, section 7 "Strings"
    """
    yield from _problems(file, "wrong-quotes")


@file_rule("CNI009", "unquoted-key", Severity.ERROR)
def unquoted_key(file: ConfigFile) -> Iterator[Hit]:
    """A key is not in quotes.

    Why:
        JavaScript and YAML allow it, JSON does not: Go's parser refuses the whole file with "invalid character 'n'
        looking for beginning of object key string".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", name: "pods", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Put the key in double quotes.
    Reference:
        RFC 8259, section 4 "Objects"
    """
    yield from _problems(file, "unquoted-key")


@file_rule("CNI010", "duplicate-key", Severity.WARNING)
def duplicate_key(file: ConfigFile) -> Iterator[Hit]:
    """The same key stands twice in one object.

    Why:
        Go's parser takes the last one without a word, while whoever reviews the file reads the first.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": 1450, "mtu": 1500}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": 1500}]}
    Fix:
        Keep one of the two.
    Reference:
        RFC 8259, section 4 "Objects"
    """
    yield from _problems(file, "duplicate-key")


@file_rule("CNI011", "text-after-end", Severity.ERROR)
def text_after_end(file: ConfigFile) -> Iterator[Hit]:
    """There is text after the end of the document.

    Why:
        A file holds one JSON document. Go's parser refuses the whole file with "invalid character '{' after top-level
        value". Two installers that append to the same file, or a bracket too many, end like this.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
        {"cniVersion": "1.0.0", "name": "more", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Keep one document in the file and move the other into a file of its own.
    Reference:
        RFC 8259, section 2 "JSON Grammar"
    """
    for hit in _problems(file, "text-after-end"):
        yield _second_object(file, hit) if file.is_stream else hit


def _second_object(file: ConfigFile, hit: Hit) -> Hit:
    start, end = hit.label.span
    rest = parse(Source("", file.document.source.text[start:end].encode())).root
    span = Span(start, start + rest.span.end if rest else end)
    message = "a second object begins here, and runtimes refuse a file that holds more than one"
    return hit._replace(label=Label(span, ""), message=message, fix=manual("move it into a file of its own"))


@file_rule("CNI012", "truncated", Severity.ERROR)
def truncated(file: ConfigFile) -> Iterator[Hit]:
    """The file ends before the document does.

    Why:
        Go's parser refuses the whole file with "unexpected end of JSON input". A bracket was forgotten, or the file
        was cut off by a full disk or an interrupted copy.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Close the brackets, or let the installer write the file again.
    Reference:
        RFC 8259, section 2 "JSON Grammar"
    """
    yield from _problems(file, "truncated")


@file_rule("CNI013", "bad-literal", Severity.ERROR)
def bad_literal(file: ConfigFile) -> Iterator[Hit]:
    """A literal is not spelt as in JSON.

    Why:
        The literals of JSON are true, false and null, in lower case. Go's parser refuses the whole file with "invalid
        character 'T' looking for beginning of value". True, False and None are Python, nil is Go.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": True}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true}]}
    Fix:
        Write true, false or null.
    Reference:
        RFC 8259, section 3 "Values"
    """
    yield from _problems(file, "bad-literal")


@file_rule("CNI014", "bad-string", Severity.ERROR)
def bad_string(file: ConfigFile) -> Iterator[Hit]:
    r"""A string is not closed, or has a character that JSON does not allow in it.

    Why:
        Go's parser refuses the whole file: with "invalid character '\n' in string literal" when the closing quote is
        missing, with "invalid character 'x' in string escape code" for a backslash that begins no escape.
    Bad: 10-net.conflist
        {
          "cniVersion": "1.0.0",
          "name": "pods,
          "plugins": [{"type": "bridge"}]
        }
    Good: 10-net.conflist
        {
          "cniVersion": "1.0.0",
          "name": "pods",
          "plugins": [{"type": "bridge"}]
        }
    Fix:
        Close the string; write \\ for a backslash and \t for a tab.
    Reference:
        RFC 8259, section 7 "Strings"
    """
    yield from _problems(file, "bad-string")


@file_rule("CNI015", "too-deep", Severity.ERROR)
def too_deep(file: ConfigFile) -> Iterator[Hit]:
    """The document is nested deeper than any config.

    Why:
        No network config is nested deeper than about ten levels. This one goes beyond a hundred, so it is something
        else, or what wrote it is broken; Go's parser stops at ten thousand.
    Bad: 10-net.conflist
        {"plugins": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Look at what wrote the file.
    Reference:
        RFC 8259, section 9 "Parsers"
    """
    yield from _problems(file, "too-deep")


@file_rule("CNI016", "missing-colon", Severity.ERROR)
def missing_colon(file: ConfigFile) -> Iterator[Hit]:
    r"""There is no colon between a key and its value.

    Why:
        Go's parser refuses the whole file with "invalid character '\"' after object key".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name" "pods", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Write a colon.
    Reference:
        RFC 8259, section 4 "Objects"
    """
    yield from _problems(file, "missing-colon")


@file_rule("CNI017", "unquoted-value", Severity.ERROR)
def unquoted_value(file: ConfigFile) -> Iterator[Hit]:
    """A value is neither a number nor in quotes.

    Why:
        Go's parser refuses the whole file with "invalid character '.' after object key:value pair", or "... looking for
        beginning of value". Addresses, versions and names are strings; a placeholder that nobody filled in looks like
        this too.
    Bad: 10-net.conflist
        {"cniVersion": 1.0.0, "name": "pods", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Put the value in double quotes, or fill the placeholder in.
    Reference:
        RFC 8259, section 3 "Values"
    """
    yield from _problems(file, "unquoted-value")


@file_rule("CNI018", "mismatched-bracket", Severity.ERROR)
def mismatched_bracket(file: ConfigFile) -> Iterator[Hit]:
    """A bracket is closed by the wrong kind of bracket.

    Why:
        Go's parser refuses the whole file with "invalid character '}' after array element", or "invalid character ']'
        after object key:value pair". One bracket too many or too few shifts all that follow.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Close the brackets in the reverse order in which they were opened.
    Reference:
        RFC 8259, section 2 "JSON Grammar"
    """
    yield from _problems(file, "mismatched-bracket")


@file_rule("CNI019", "bad-number", Severity.ERROR)
def bad_number(file: ConfigFile) -> Iterator[Hit]:
    """A number is not written as in JSON.

    Why:
        Go's parser refuses the whole file with "invalid character '1' after object key:value pair", or "... looking for
        beginning of value". JSON has neither leading zeros nor a leading plus or point, no hexadecimal numbers, no NaN
        and no Infinity.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": 01450}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": 1450}]}
    Fix:
        Write a plain decimal number.
    Reference:
        RFC 8259, section 6 "Numbers"
    """
    yield from _problems(file, "bad-number")


@file_rule("CNI020", "extra-comma", Severity.ERROR)
def extra_comma(file: ConfigFile) -> Iterator[Hit]:
    """A comma has no value before it.

    Why:
        Go's parser refuses the whole file with "invalid character ',' looking for beginning of value". It is what is
        left when an entry is deleted without its comma.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},, {"type": "tuning"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}, {"type": "tuning"}]}
    Fix:
        Remove the comma.
    Reference:
        RFC 8259, sections 4 "Objects" and 5 "Arrays"
    """
    yield from _problems(file, "extra-comma")
