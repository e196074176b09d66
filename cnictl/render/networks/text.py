"""What runtimes make of a config directory, for people: a table of files and runtimes, and the reasons below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnictl.render.networks import ConfigEntry, Selection
    from cnictl.render.paper import Paper, Piece
    from cnictl.runtime.selection import Runtime

_CELL = 13
"""Columns of a cell: the longest word in it, ``passed over``, and what parts it from the next."""
_STYLE = {"default": "ok", "loaded": "ok", "refused": "error", "passed over": "dim", "unknown": "dim"}


def render(selection: Selection, paper: Paper) -> None:
    """Writes the table, a paragraph for each file with what is in it and why, and who would have no network."""
    looked_at = [entry for entry in selection.entries if not _is_ignored(entry)]
    if _fits(looked_at, selection, paper):
        _table(looked_at, selection, paper)
    for entry in looked_at:
        _details(entry, selection, paper)
    _ignored(selection, paper)
    for runtime in selection.without:
        paper.paragraph(("no network: ", "error"), f"{runtime.called} would have none from {selection.directory}")


def _is_ignored(entry: ConfigEntry) -> bool:
    return all(verdict.status == "ignored" for verdict in entry.verdicts.values())


def _widest(entries: Iterable[ConfigEntry]) -> int:
    return max((len(entry.name) for entry in entries), default=0)


def _fits(entries: list[ConfigEntry], selection: Selection, paper: Paper) -> bool:
    """Whether the table can be read on this paper; where it cannot, the paragraphs tell all that it would."""
    needed = _widest(entries) + 2 + _CELL * len(selection.runtimes)
    return bool(entries) and (paper.width is None or needed <= paper.width + _CELL - len("passed over"))


def _table(entries: list[ConfigEntry], selection: Selection, paper: Paper) -> None:
    width = max(_widest(entries), len("file")) + 2
    titles = [f"{runtime.value:<{_CELL}}" for runtime in selection.runtimes]
    paper.line((f"{'file':<{width}}{''.join(titles)}".rstrip(), "bold"))
    for entry in entries:
        words = [_word(entry, runtime, selection) for runtime in selection.runtimes]
        cells: list[Piece] = [(word, _STYLE[word]) for word in words]
        gaps = [" " * (_CELL - len(word)) for word in words[:-1]]
        paper.line(
            f"{entry.name:<{width}}", *(piece for pair in zip(cells, gaps, strict=False) for piece in pair), cells[-1]
        )
    paper.blank()


def _word(entry: ConfigEntry, runtime: Runtime, selection: Selection) -> str:
    if entry.is_unread:
        return "unknown"
    status = entry.verdicts[runtime].status
    if status == "taken":
        return "default" if selection.defaults[runtime] == entry.name else "loaded"
    return status.replace("-", " ")


def _details(entry: ConfigEntry, selection: Selection, paper: Paper) -> None:
    paper.line((entry.name, "bold"))
    paper.paragraph("", _content(entry), indent=2)
    if entry.is_unread:
        return
    for (word, reason), runtimes in _by_reason(entry, selection).items():
        text = f"{', '.join(runtime.value for runtime in runtimes)}: {reason}"
        paper.paragraph((f"{word:<{_CELL}}", _STYLE[word]), text, indent=2)


def _content(entry: ConfigEntry) -> str:
    if entry.is_unread:
        return "it cannot be read by this user, so what becomes of it and of those after it is not known"
    if entry.network is None and not entry.plugins:
        return "no network that can be read"
    facts = [
        f'network "{entry.network}"' if entry.network is not None else "a network without a name",
        f"cniVersion {entry.version}" if entry.version else "no cniVersion",
        " -> ".join(entry.plugins) or "no plugins",
        f"and the plugins in {', '.join(entry.drop_ins)}" if entry.drop_ins else "",
    ]
    return ", ".join(filter(None, facts))


def _by_reason(entry: ConfigEntry, selection: Selection) -> dict[tuple[str, str], list[Runtime]]:
    """The runtimes that say the same of a file, together."""
    found: dict[tuple[str, str], list[Runtime]] = {}
    for runtime, verdict in entry.verdicts.items():
        found.setdefault((_word(entry, runtime, selection), verdict.reason), []).append(runtime)
    return found


def _ignored(selection: Selection, paper: Paper) -> None:
    """What no runtime looks at: one line for each, because all of them say the same."""
    for entry in selection.entries:
        if _is_ignored(entry):
            verdict = next(iter(entry.verdicts.values()))
            paper.paragraph((f"{entry.name}: ", "dim"), f"ignored: {verdict.reason}")
