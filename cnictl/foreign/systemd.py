"""Units of systemd with their drop-ins, and the command line that a service is started with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cnictl.report.finding import Location
from cnictl.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cnictl.text.source import Source

UNIT_DIRS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
"""Where units lie, the directory that wins first; the last one is another name of the one before it by now."""

_LINE = re.compile(r"^[ \t]*(?:\[(?P<section>[^\]\n]*)\]|(?P<key>[A-Za-z][\w-]*)[ \t]*=[ \t]*)", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*[#;][^\n]*\n?", re.MULTILINE)
_PREFIX = re.compile(r"[-@:+!|]*")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_ASSIGNMENT = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=", re.MULTILINE)


class Piece(NamedTuple):
    """A character of a value, and where it stands."""

    text: str
    source: Source
    at: int


class Word(NamedTuple):
    """A word of a command line.

    Attributes:
        text: It, without quotes, and with variables filled in.
        source: The file in which it stands: a variable's value stands where it is set.
        span: Its first to its last character there.
    """

    text: str
    source: Source
    span: Span

    @property
    def location(self) -> Location:
        """Its place."""
        return Location.in_text(self.source, self.span)


class Assignment(NamedTuple):
    """A ``KEY=VALUE`` of a unit.

    Attributes:
        section: The section that it stands in.
        key: The key.
        source: The file.
        span: The value.
    """

    section: str
    key: str
    source: Source
    span: Span

    @property
    def value(self) -> str:
        """The value, lines that go on joined."""
        return "".join(piece.text for piece in self.pieces).strip()

    @property
    def pieces(self) -> list[Piece]:
        """The value's characters; a comment between lines that go on is none of them."""
        text = self.source.text
        found, at = [], self.span.start
        while at < self.span.end:
            if text.startswith(("\\\n", "\\\r\n"), at):
                found.append(Piece(" ", self.source, at))
                at = text.index("\n", at) + 1
                while comment := _COMMENT.match(text, at, self.span.end):
                    at = comment.end()
                continue
            found.append(Piece(text[at], self.source, at))
            at += 1
        return found


@dataclass(frozen=True)
class Unit:
    """A unit with its drop-ins.

    Attributes:
        sources: Its files, in the order in which they count.
        assignments: What they say, in this order.
    """

    sources: tuple[Source, ...]
    assignments: tuple[Assignment, ...]

    def all(self, key: str, section: str = "Service") -> tuple[Assignment, ...]:
        """What counts of the assignments of a key: an empty one takes back all before it."""
        found: list[Assignment] = []
        for each in self.assignments:
            if (each.section, each.key) == (section, key):
                found = [*found, each] if each.value else []
        return tuple(found)

    @property
    def environment_files(self) -> tuple[str, ...]:
        """The files that it takes variables from, in their order."""
        return tuple(each.value.lstrip("-").strip("\"'") for each in self.all("EnvironmentFile"))

    def command(self, read: Callable[[str], Source | None]) -> list[Word]:
        """The words of the command that it starts, variables filled in; none when it starts nothing.

        Args:
            read: Gives the text of a file with variables; ``None`` when there is none that can be read.
        """
        starts = self.all("ExecStart")
        if not starts:
            return []
        variables = self._variables(read)
        pieces = starts[-1].pieces
        text = "".join(piece.text for piece in pieces)
        prefix = _PREFIX.match(text)
        return list(_expanded(pieces[prefix.end() if prefix else 0 :], variables))

    def _variables(self, read: Callable[[str], Source | None]) -> dict[str, list[Piece]]:
        variables: dict[str, list[Piece]] = {}
        for each in self.all("Environment"):
            for word in _words(each.pieces):
                name, equals, _ = "".join(piece.text for piece in word).partition("=")
                if equals:
                    variables[name] = word[len(name) + 1 :]
        for path in self.environment_files:
            source = read(path)
            if source is not None:
                variables |= environment_of(source)
        return variables


def read_unit(sources: Iterable[Source]) -> Unit:
    """Reads a unit.

    Args:
        sources: The unit's file, and its drop-ins in the order of their names.
    """
    files = tuple(sources)
    return Unit(files, tuple(each for source in files for each in _assignments(source)))


def _assignments(source: Source) -> Iterator[Assignment]:
    section, at = "", 0
    text = source.text
    while match := _LINE.search(text, at):
        if match["section"] is not None:
            section, at = match["section"].strip(), match.end()
            continue
        end = _value_end(text, match.end())
        yield Assignment(section, match["key"], source, Span(match.end(), end))
        at = end


def _value_end(text: str, start: int) -> int:
    """Where a value ends that may go on over several lines."""
    end = start
    while True:
        line_end = text.find("\n", end)
        if line_end < 0:
            return len(text)
        if not text[start:line_end].rstrip("\r").endswith("\\"):
            return line_end
        end = line_end + 1
        while comment := _COMMENT.match(text, end):
            end = comment.end()
        start = end


def environment_of(source: Source) -> dict[str, list[Piece]]:
    """The variables that a file sets, as ``EnvironmentFile=`` reads it: their values, without the quotes around."""
    found: dict[str, list[Piece]] = {}
    at = 0
    while match := _ASSIGNMENT.search(source.text, at):
        end = at = _value_end(source.text, match.end())
        pieces = Assignment("", match[1], source, Span(match.end(), end)).pieces
        found[match[1]] = [piece for word in _spaced(_words(pieces, quotes_inside=False)) for piece in word]
    return found


def _spaced(words: Iterable[list[Piece]]) -> Iterator[list[Piece]]:
    """Words with a blank between them again."""
    last: list[Piece] = []
    for word in words:
        if last and word:
            yield [Piece(" ", last[-1].source, last[-1].at)]
        yield word
        last = word


def _words(pieces: Iterable[Piece], *, quotes_inside: bool = True) -> Iterator[list[Piece]]:
    """Splits at blanks, and takes quotes away; what stands in quotes is not split.

    Args:
        pieces: The characters.
        quotes_inside: Whether quotes count in the middle of a word too.
    """
    word: list[Piece] = []
    quote, begun, escaped = "", False, False
    for piece in pieces:
        if escaped:
            word.append(piece)
            escaped = False
        elif piece.text == "\\" and quote != "'":
            escaped = begun = True
        elif quote:
            quote = "" if piece.text == quote else quote
            word += [piece] if quote else []
        elif piece.text in "\"'" and (quotes_inside or not begun):
            quote, begun = piece.text, True
        elif piece.text.isspace():
            if begun:
                yield word
            word, begun = [], False
        else:
            word.append(piece)
            begun = True
    if begun:
        yield word


def _expanded(pieces: list[Piece], variables: Mapping[str, list[Piece]]) -> Iterator[Word]:
    """Fills in variables: ``$NAME`` as a word of its own becomes several words, ``${NAME}`` one."""
    for word in _words(pieces):
        text = "".join(piece.text for piece in word)
        whole = _VARIABLE.fullmatch(text)
        if whole and whole[2]:
            yield from (_word(part) for part in _words(variables.get(whole[2], [])) if part)
        else:
            filled = _filled(word, text, variables)
            if filled:
                yield _word(filled)


def _filled(word: list[Piece], text: str, variables: Mapping[str, list[Piece]]) -> list[Piece]:
    found, at = [], 0
    for match in _VARIABLE.finditer(text):
        found += word[at : match.start()] + variables.get(match[1] or match[2], [])
        at = match.end()
    return found + word[at:]


def _word(pieces: list[Piece]) -> Word:
    """A word; its place is in the file in which it begins."""
    first = pieces[0]
    ends = [piece.at for piece in pieces if piece.source is first.source]
    return Word("".join(piece.text for piece in pieces), first.source, Span(min(ends), max(ends) + 1))
