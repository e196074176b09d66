"""The edits behind safe fixes: what exactly a program writes where."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from cnictl.model.version import KUBERNETES_RECOMMENDED, SpecVersion
from cnictl.model.view import top_level
from cnictl.report.finding import Applicable, Fix
from cnictl.schema import plugin_facts
from cnictl.text.change import put_first, put_last, replace_value
from cnictl.text.edit import Edit
from cnictl.text.node import ObjectNode
from cnictl.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cnictl.model.view import NetworkView, PluginView
    from cnictl.text.document import Problem


def mend_syntax(problem: Problem, text: str) -> tuple[Edit, ...]:
    """What makes JSON of a mistake that leaves no doubt about what was meant; nothing for all others.

    Args:
        problem: The mistake.
        text: The text that it is in.
    """
    mend = _SYNTAX.get(problem.kind)
    edit = mend(problem.span, text) if mend else None
    return () if edit is None else (edit,)


def _remove(span: Span, text: str) -> Edit:
    del text
    return Edit(span, "")


def _remove_comma(span: Span, text: str) -> Edit:
    """Takes the blanks before the comma away as well when nothing else than a comment follows on its line."""
    last = _LAST_ON_LINE.match(text, span.end) is not None
    return Edit(Span(_start_of_blanks(text, span.start), span.end) if last else span, "")


_LAST_ON_LINE = re.compile(r"[ \t]*(?:\r?\n|\Z|//|/\*|#)")


def _start_of_blanks(text: str, end: int) -> int:
    while end and text[end - 1] in " \t":
        end -= 1
    return end


def _remove_comment(span: Span, text: str) -> Edit:
    """Takes a comment away, and of the lines and blanks around it what a person would not leave."""
    start = _start_of_blanks(text, span.start)
    end = span.start + len(text[slice(*span)].rstrip("\r"))  # it belongs to the line's end
    line_end = _LINE_END.match(text, end)
    at_line_start = start == 0 or text[start - 1] == "\n"
    if line_end is None:
        return _inside_line(Span(span.start, end), text, at_line_start=at_line_start)
    if at_line_start:
        return Edit(_with_blank_lines(Span(start, line_end.end()), text), "")
    return Edit(Span(start, line_end.start(1)), "")


_LINE_END = re.compile(r"[ \t]*(\r?\n|\Z)")


def _inside_line(span: Span, text: str, *, at_line_start: bool) -> Edit:
    """The edit for a comment that something follows on its line."""
    start = _start_of_blanks(text, span.start)
    end = _behind(_BLANKS, text, span.end)
    closes = text[end] in ",]}"
    if at_line_start or (start == span.start and text[start - 1] in "[{"):
        return Edit(Span(span.start, end), "")
    if "\n" in text[slice(*span)] and not closes and text[start - 1] != ":":
        return Edit(Span(start, end), _new_line(text, start))  # the comment kept two lines apart
    if closes or end > span.end:
        return Edit(Span(start, span.end), "")
    return Edit(span, " " if start == span.start and text[start - 1].isalnum() and text[end].isalnum() else "")


_BLANKS = re.compile(r"[ \t]*")


def _new_line(text: str, at: int) -> str:
    """The end of the line, and as many blanks as the line begins with."""
    line = text.rfind("\n", 0, at) + 1
    return ("\r\n" if "\r\n" in text else "\n") + text[line : _behind(_BLANKS, text, line)]


def _behind(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _with_blank_lines(span: Span, text: str) -> Span:
    """The lines of a comment, with the empty ones that would be left behind: two in a row, or next to a bracket."""
    after, before = _behind(_EMPTY_LINES, text, span.end), span.start
    while (line := text.rfind("\n", 0, max(before - 1, 0)) + 1) < before and text[line:before].isspace():
        before = line
    closes = _CLOSES.match(text, after) is not None
    opens = text[max(before - 3, 0) : before].rstrip()[-1:] in ("", "[", "{")
    if closes or opens or before < span.start:
        return Span(before if closes else span.start, after)
    return span


_EMPTY_LINES = re.compile(r"(?:[ \t]*\r?\n)*")
_CLOSES = re.compile(r"\s*(?:[]}]|\Z)")


def _insert_comma(span: Span, text: str) -> Edit:
    del text
    return Edit(Span(span.start, span.start), ",")


def _colon(span: Span, text: str) -> Edit:
    blank = text[span.end : span.end + 1].isspace()
    return Edit(span, ":" if blank or text[slice(*span)] == "=" else ": ")


def _right_quotes(span: Span, text: str) -> Edit | None:
    inside = text[span.start + 1 : span.end - 1]
    return None if re.search(r'["\\\x00-\x1f]', inside) else Edit(span, f'"{inside}"')


def _in_quotes(span: Span, text: str) -> Edit:
    return Edit(span, json.dumps(text[slice(*span)], ensure_ascii=False))


_LITERALS = {"true": "true", "false": "false", "null": "null", "none": "null", "nil": "null"}


def _literal(span: Span, text: str) -> Edit | None:
    right = _LITERALS.get(text[slice(*span)].lower())
    return None if right is None else Edit(span, right)


_SYNTAX: dict[str, Callable[[Span, str], Edit | None]] = {
    "byte-order-mark": _remove,
    "trailing-comma": _remove_comma,
    "extra-comma": _remove_comma,
    "comment": _remove_comment,
    "missing-comma": _insert_comma,
    "missing-colon": _colon,
    "wrong-quotes": _right_quotes,
    "unquoted-key": _in_quotes,
    "bad-literal": _literal,
}


def spoken_by_all(network: NetworkView) -> SpecVersion | None:
    """The newest version up to the one Kubernetes recommends that every plugin speaks; ``None`` if none is known.

    A plugin that nothing is known of may speak any of them, so there is none then.
    """
    return network.once(_spoken_by_all)


def _spoken_by_all(network: NetworkView) -> SpecVersion | None:
    facts = [plugin_facts(name) for plugin in network.plugins for name, _ in plugin.executables()]
    candidates = [version for version in SpecVersion if version <= KUBERNETES_RECOMMENDED]
    for version in reversed(candidates):
        if all(known and known.oldest <= version and version <= (known.newest or version) for known in facts):
            return version
    return None


def set_version(network: NetworkView, version: SpecVersion) -> tuple[Edit, ...]:
    """Writes the spec version that a config declares; nothing where several are offered, and one has to go."""
    if "cniVersions" in network.node:
        return ()
    declared = top_level(network.node, "cniVersion")
    if declared is None:
        return (put_first(network.document.source.text, network.node, "cniVersion", str(version)),)
    return (replace_value(declared, str(version)),)


def add_capability(plugin: PluginView, capability: str) -> tuple[Edit, ...]:
    """Declares a capability of a plugin; nothing when what is there cannot be added to."""
    text = plugin.network.document.source.text
    declared = plugin.value_of("capabilities")
    if declared is None:
        return (put_last(text, plugin.node, "capabilities", {capability: True}),)
    if not isinstance(declared, ObjectNode):
        return ()
    written = declared.member(capability)
    if written is not None:
        return ()  # somebody switched it off
    return (put_last(text, declared, capability, value=True),)


def make_list(network: NetworkView) -> tuple[Edit, ...]:
    """Makes a list of a config for a single plugin: its object goes one level deeper, its name and version stay.

    In a list libcni reads these two at the top, and writes them into each plugin's object over what is there.
    """
    node, text = network.node, network.document.source.text
    newline = "\r\n" if "\r\n" in text else "\n"
    top = {"cniVersion": network.declared, "name": network.name}
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in top.items() if value]
    moved = [key.casefold() for key, value in top.items() if value is not None]
    inner = without_members(text, node, moved).replace("\n", "\n    ")
    whole = [f"{{{newline}", *(line + newline for line in lines), f'  "plugins": [{newline}    ', inner]
    return (Edit(node.span, "".join([*whole, f"{newline}  ]{newline}}}"])),)


def without_members(text: str, node: ObjectNode, names: Sequence[str]) -> str:
    """The text of an object without some of its members; one at least is left.

    Args:
        text: The text that the object stands in.
        node: The object.
        names: The keys of those members, in lower case; how they are written in the text does not matter.
    """
    left = [member for member in node.members if member.name.casefold() not in names]
    pieces: list[str] = []
    at = node.span.start
    for member, following in pairwise(node.members[: node.members.index(left[-1]) + 1]):
        if member not in left:
            pieces.append(text[at : member.key_span.start])
            at = following.key_span.start
    end = node.members[-1].node.span.end
    return "".join([*pieces, text[at : left[-1].node.span.end], text[end : node.span.end]])


def renamed(description: str, suffix: str, *edits: Edit) -> Fix:
    """A safe fix after which the file's name ends in something else."""
    return Fix(description, Applicable.SAFE, edits, suffix)
