"""A page of HTML that stands alone: nothing is fetched, nothing is run, and no text can become markup."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, TextIO

from cnictl.text.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

_STYLE = """\
:root { color-scheme: light dark; --text: #1d232b; --dim: #5c6773; --paper: #f5f6f8; --card: #fff; --line: #d9dee5;
  --fail: #b3261e; --error: #8a3ffc; --warn: #8a5a00; --ok: #1a7f37; --note: #0b6bcb; --skip: #5c6773; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e8ed; --dim: #9aa5b1; --paper: #14181d; --card: #1d232a; --line: #343c46;
    --fail: #ff8a80; --error: #c9a5ff; --warn: #f2c14e; --ok: #6fdd8b; --note: #7cc0ff; --skip: #9aa5b1; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--text); line-height: 1.5;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; font-size: 1rem;
  -webkit-text-size-adjust: 100%; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.05rem; margin: 2rem 0 .6rem; }
p { margin: .35rem 0; }
small, .dim, dt { color: var(--dim); }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .9em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem;
  margin: .6rem 0; }
.cause { border-left: .35rem solid var(--warn); }
.cause.failed { border-left-color: var(--fail); }
.cause.first > p:first-child { font-size: 1.15rem; font-weight: 600; }
.next { display: block; background: var(--paper); border: 1px solid var(--line); border-radius: .4rem;
  padding: .5rem .7rem; margin: .5rem 0 .2rem; white-space: pre-wrap; user-select: all; }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; margin: .8rem 0; padding: 0; list-style: none; }
.chips li { border: 1px solid var(--line); border-radius: 1rem; padding: .1rem .7rem; background: var(--card); }
.status { display: inline-block; min-width: 3rem; font-weight: 700; }
.fail { color: var(--fail); } .error { color: var(--error); } .warn { color: var(--warn); }
.ok { color: var(--ok); } .note { color: var(--note); } .skip { color: var(--skip); }
details > summary { cursor: pointer; padding: .15rem 0; }
details.card > summary { font-weight: 600; }
summary small { font-weight: 400; }
.check { border-top: 1px solid var(--line); padding: .6rem 0; }
.check > p:first-child { margin-top: 0; }
.finding { margin: .5rem 0 .8rem; padding-left: .8rem; border-left: 2px solid var(--line); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem .9rem; margin: .3rem 0; }
dd { margin: 0; min-width: 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-top: 1px solid var(--line); }
th { font-weight: 600; }
td > p { margin: 0; }
thead tr > th { border-top: 0; }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .6rem; }
@media (max-width: 34rem) {
  main { padding: 1rem .7rem 2rem; }
  .card { padding: .7rem .8rem; }
  details > dl { grid-template-columns: 1fr; gap: 0; }
  details > dl > dd { margin-bottom: .35rem; }
  thead { display: none; }
  tr { display: block; border-top: 1px solid var(--line); padding: .4rem 0; }
  td { display: block; border: 0; padding: 0; }
}
@media print {
  :root { color-scheme: light; --text: #000; --dim: #444; --paper: #fff; --card: #fff; --line: #bbb;
    --fail: #900; --error: #505; --warn: #640; --ok: #040; --note: #036; --skip: #444; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  .card { border-radius: 0; }
  details::details-content { content-visibility: visible; height: auto; }
  .finding, .cause, tr { break-inside: avoid; }
  summary { list-style: none; }
}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may load for the page: nothing but the style that stands in it."""


class Markup(str):
    """A text that is HTML already; every other text is shown as it is."""

    __slots__ = ()


def element(name: str, *content: str, kind: str = "", is_open: bool = False) -> Markup:
    """An element with its content.

    Args:
        name: The element's name.
        content: What stands in it; a text that is no `Markup` is escaped.
        kind: Its classes.
        is_open: Whether it is a ``details`` that shows its content.
    """
    attributes = f' class="{escape(kind)}"' if kind else ""
    attributes += " open" if is_open else ""
    return Markup(f"<{name}{attributes}>{joined(content)}</{name}>")


def joined(parts: Iterable[str]) -> Markup:
    """Some parts one after another."""
    return Markup("".join(part if isinstance(part, Markup) else escape(printable(part)) for part in parts))


def write_page(title: str, content: Iterable[Markup], stream: TextIO) -> None:
    """Writes a whole page.

    Args:
        title: What browsers show as its name.
        content: The elements of its body.
        stream: Where to write.
    """
    stream.write(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"{element('title', title)}\n<style>\n{_STYLE}</style>\n</head>\n<body>\n<main>\n"
    )
    stream.writelines(f"{part}\n" for part in content)
    stream.write("</main>\n</body>\n</html>\n")


def status_word(status: str) -> Markup:
    """The word for a status in its colour."""
    return element("span", status, kind=f"status {status}")


def pairs(rows: Iterable[tuple[str, str]]) -> Markup:
    """Names and what belongs to them, without those that have nothing."""
    cells = (element("dt", name) + element("dd", value) for name, value in rows if value)
    return element("dl", *map(Markup, cells))


def chips(texts: Iterable[str]) -> Markup:
    """Short facts in a row."""
    return element("ul", *(element("li", text) for text in texts), kind="chips")
