"""Makes SVG of what a scene shows, for light and for dark pages; nothing in it is fetched from elsewhere."""

from __future__ import annotations

import io
import re
from html import escape
from typing import TYPE_CHECKING

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from docs.pictures.scenes import SCENES, WIDTH

if TYPE_CHECKING:
    from docs.pictures.scenes import Scene

Colour = tuple[int, int, int]

_FONTS = 'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace'
_FORMAT = f"""\
<svg viewBox="0 0 {{width}} {{height}}" xmlns="http://www.w3.org/2000/svg" xml:space="preserve" role="img">
<title>@TITLE@</title>
<style>
.{{unique_id}}-matrix {{{{ font-family: {_FONTS}; font-size: {{char_height}}px; line-height: {{line_height}}px; }}}}
.{{unique_id}}-title {{{{ font-family: {_FONTS}; font-size: 18px; }}}}
{{styles}}
</style>
<defs>
<clipPath id="{{unique_id}}-clip-terminal">
<rect x="0" y="0" width="{{terminal_width}}" height="{{terminal_height}}"/>
</clipPath>
{{lines}}
</defs>
{{chrome}}
<g transform="translate({{terminal_x}}, {{terminal_y}})" clip-path="url(#{{unique_id}}-clip-terminal)">
{{backgrounds}}
<g class="{{unique_id}}-matrix">
{{matrix}}
</g>
</g>
</svg>
"""
"""rich's own would ask a server for its font."""


def _theme(background: Colour, text: Colour, *colours: Colour) -> TerminalTheme:
    return TerminalTheme(background, text, list(colours))


# Black, red, green, yellow, blue, magenta, cyan, white.
THEMES = {
    "light": _theme(
        (255, 255, 255),
        (31, 35, 40),
        (36, 41, 47),
        (190, 24, 38),
        (17, 99, 41),
        (125, 78, 0),
        (9, 105, 218),
        (120, 60, 190),
        (20, 105, 125),
        (110, 119, 129),
    ),
    "dark": _theme(
        (13, 17, 23),
        (230, 237, 243),
        (72, 79, 88),
        (255, 123, 114),
        (86, 211, 100),
        (227, 179, 65),
        (121, 192, 255),
        (210, 168, 255),
        (86, 212, 221),
        (177, 186, 196),
    ),
}


def pictures() -> dict[str, str]:
    """Every picture as SVG, by the name of its file."""
    return {f"{scene.name}.{theme}.svg": _draw(scene, theme) for scene in SCENES for theme in THEMES}


def _draw(scene: Scene, theme: str) -> str:
    console = Console(
        record=True,
        width=WIDTH,
        height=1,
        file=io.StringIO(),
        color_system="standard",
        force_terminal=True,
        no_color=False,
    )
    console.print(Text.from_ansi(scene.shown()))
    svg = console.export_svg(
        title="",
        theme=THEMES[theme],
        code_format=_FORMAT.replace("@TITLE@", escape(scene.about).replace("{", "{{").replace("}", "}}")),
        unique_id=f"{scene.name}-{theme}",
    )
    # The frame of rich is made for dark pages.
    svg = svg.replace("rgba(255,255,255,0.35)", "rgba(128,128,128,0.5)")
    return re.sub(r"\s*\n\s*", "\n", svg.strip()) + "\n"
