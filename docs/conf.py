"""How the manual is built: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from cnictl import __version__  # noqa: E402
from docs.generate import write_reference  # noqa: E402

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "cnictl"
author = "the cnictl authors"
copyright = f"2026, {author}"  # noqa: A001  # Sphinx wants it by this name
version = release = __version__

extensions = ["myst_parser"]
exclude_patterns = ["_build", "examples"]
html_theme = "furo"
html_title = f"cnictl {version}"
nitpicky = True
smartquotes = False  # what stands in quotes is to be copied
myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]
# Examples of what is wrong are no valid JSON, so a lexer would complain about them.
suppress_warnings = ["misc.highlighting_failure"]


def setup(app: Sphinx) -> None:
    """Writes the pages that come from the code, before Sphinx reads any."""
    app.connect("builder-inited", lambda _app: write_reference(HERE / "reference"))
