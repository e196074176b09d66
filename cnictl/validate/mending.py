"""The edits behind safe fixes: what exactly a program writes where."""

from __future__ import annotations

import json
import re
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
    from collections.abc import Callable

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


def _remove_comment(span: Span, text: str) -> Edit:
    """Takes the line away with a comment that has it to itself, and the blanks before one at a line's end."""
    start = len(text[: span.start].rstrip(" \t"))
    end = span.start + len(text[slice(*span)].rstrip("\r"))  # it belongs to the line's end
    line_end = re.compile(r"[ \t]*(\r?\n|\Z)").match(text, end)
    if line_end is None:
        return Edit(Span(span.start, end), "")
    alone = start == 0 or text[start - 1] == "\n"
    return Edit(Span(start, line_end.end() if alone else line_end.start(1)), "")


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
    "trailing-comma": _remove,
    "extra-comma": _remove,
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
    """Makes a list of a config for a single plugin: the plugin's object stays as it is, one level deeper."""
    node, text = network.node, network.document.source.text
    newline = "\r\n" if "\r\n" in text else "\n"
    top = {"cniVersion": network.declared, "name": network.name}
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in top.items() if value]
    inner = text[slice(*node.span)].replace("\n", "\n    ")
    whole = [f"{{{newline}", *(line + newline for line in lines), f'  "plugins": [{newline}    ', inner]
    return (Edit(node.span, "".join([*whole, f"{newline}  ]{newline}}}"])),)


def renamed(description: str, suffix: str, *edits: Edit) -> Fix:
    """A safe fix after which the file's name ends in something else."""
    return Fix(description, Applicable.SAFE, edits, suffix)
