"""Writes the man pages, from the pages of the manual: `make man`."""

from __future__ import annotations

import re
import sys
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from docutils.nodes import SkipNode, Text
from sphinx.application import Sphinx
from sphinx.writers.manpage import ManualPageTranslator

from cnictl import __version__
from docs.generating import commands, write_pages

if TYPE_CHECKING:
    from docutils.nodes import Element

HERE = Path(__file__).resolve().parents[2]
SETTINGS = "cnictl.toml"
_RELEASE = re.compile(rf"^## \[{re.escape(__version__)}\] - (\d{{4}}-\d\d-\d\d)$", re.MULTILINE)


class ManPage(ManualPageTranslator):
    """Sphinx's writer of man pages, with options as man pages have them: names in bold, and values in italics."""

    document_start = "Made from the pages of cnictl's manual: change those, not this file."

    def header(self) -> str:
        """The line of the title, with the date of the release; Sphinx would take today's where there is none."""
        title, section = self._docinfo["title"], self._docinfo["manual_section"]
        date = release_date((HERE / "CHANGELOG.md").read_text(encoding="utf-8"))
        head = f'.TH "{title.upper()}" "{section}" "{date}" "cnictl {__version__}" "cnictl"\n'
        # Words are neither stretched nor broken, so that they can be copied and searched for.
        return f"{head}.nr HY 0\n.nh\n.ad l\n.SH NAME\n{title} \\- {self._docinfo['subtitle']}\n"

    def visit_desc_signature(self, node: Any) -> None:  # noqa: ANN401  # docutils' own
        """Begins an option."""
        self.visit_definition_list_item(node)
        self.body.append("\n")

    def visit_desc_name(self, _node: Element) -> None:
        """Begins the name of an option."""
        self.body.append(r"\fB")

    def depart_desc_name(self, _node: Element) -> None:
        """Ends it."""
        self.body.append(r"\fP")

    def visit_desc_addname(self, node: Element) -> None:
        """Shows what stands behind a name: a comma and another name, or what stands for its value."""
        text = node.astext()
        value = text.strip(", ")
        self.body.append(text.removesuffix(value) + r"\fI" if value else text)
        self.visit_Text(Text(value))
        self.body.append(r"\fP" if value else "")
        raise SkipNode

    def _visit_reference_no_macro(self, node: Element) -> None:
        """Shows the text of a link, whose target no man page has."""

    def _depart_reference_no_macro(self, node: Element) -> None:
        """Ends it."""

    def astext(self) -> str:
        """The page, without spaces below titles, and with neighbouring options in one list."""
        text = re.sub(r"^(\.S[HS] .*\n)\.sp\n", r"\1", super().astext(), flags=re.MULTILINE)
        return text.replace(".UNINDENT\n.INDENT 0.0\n.TP", ".TP")


def release_date(changelog: str) -> str:
    """The day on which this version was released; empty before it is.

    Args:
        changelog: The text of the changelog.
    """
    found = _RELEASE.search(changelog)
    return found[1] if found else ""


def write_man_pages(directory: Path) -> None:
    """Writes all man pages.

    Args:
        directory: Where to.

    Raises:
        RuntimeError: Sphinx had something to complain about.
    """
    with TemporaryDirectory() as place:
        source = Path(place) / "source"
        write_pages(source / "commands", commands.pages())
        (source / "settings.md").write_text((HERE / "docs" / "reference" / "settings.md").read_text(encoding="utf-8"))
        warnings = StringIO()
        app = Sphinx(source, None, directory, Path(place), "man", _settings(), None, warnings)
        app.set_translator("man", ManPage, override=True)
        app.build()
    if warnings.getvalue():
        raise RuntimeError(warnings.getvalue())


def _settings() -> dict[str, Any]:
    """Sphinx' settings: those of `docs/conf.py` that matter here, and which pages there are."""
    pages: list[tuple[str, str, str, list[str], int]] = [
        (f"commands/{name}", name, line, [], 1) for name, line in commands.summaries().items()
    ]
    return {
        "extensions": ["myst_parser"],
        "root_doc": "commands/index",
        "man_pages": [*pages, ("settings", SETTINGS, "settings of cnictl validate", [], 5)],
        "myst_enable_extensions": ["deflist"],
        "smartquotes": False,
        "suppress_warnings": ["myst.xref_missing", "toc.not_included"],
    }


if __name__ == "__main__":
    write_man_pages(Path(sys.argv[1]))
