"""How the manual is built: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from cnictl import __version__  # noqa: E402
from docs.generating import write_reference  # noqa: E402

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "cnictl"
author = "the cnictl authors"
copyright = f"2026, {author}"  # noqa: A001  # Sphinx wants it by this name
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "examples", "reference/parts"]
html_theme = "furo"
html_title = f"cnictl {version}"
nitpicky = True
smartquotes = False  # what stands in quotes is to be copied
myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]
# What docstrings have in backticks are names of the code: those that are public become links.
default_role = "py:obj"
nitpick_ignore_regex = [
    ("py:obj", ".*"),
    # Types of the standard library: where these are described cannot be asked for without the internet.
    ("py:class", r"(.*\.)?(Path|PathLike|Event)"),
    # What is not public, and stands in the signature of something that is.
    ("py:(class|exc)", r"(.*\.)?(Source|Document|BadResult)"),
]
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_use_ivar = True
# Examples of what is wrong are no valid JSON, so a lexer would complain about them.
suppress_warnings = ["misc.highlighting_failure"]


def setup(app: Sphinx) -> None:
    """Writes the pages that come from the code, before Sphinx reads any."""
    app.connect("builder-inited", lambda _app: write_reference(HERE / "reference"))
    app.connect("autodoc-process-bases", show_public_bases)


def show_public_bases(_app: Sphinx, _name: str, _cls: type, _options: object, bases: list[type]) -> None:
    """Shows what a private base class is made of in its place."""
    bases[:] = [above for base in bases for above in (base.__bases__ if base.__name__.startswith("_") else [base])]
