"""What the formats are that commands can answer in, from the renderers."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import iter_modules

import cnictl.render
from docs.generating.documents import call_of, documents
from docs.generating.prose import definitions, joined, prose

_DOCUMENT = re.compile(r"``cnictl\.([\w-]+)/\d+``")
"""How the docstring of a renderer names the JSON document that it writes."""


def results() -> dict[str, str]:
    """The JSON documents of all kinds of results, by the folders of their renderers, in the order of that list."""
    kinds = [module.name for module in iter_modules(cnictl.render.__path__) if module.ispkg]
    return {kind: found[1] for kind in kinds if (found := _DOCUMENT.search(_first_line(f"{kind}.json")))}


def parts() -> dict[str, str]:
    """What each command can print, by the name of its file."""
    calls = {kind: call_of(documents()[document]) or "" for kind, document in results().items()}
    sections = (
        f"## {prose(call)}\n\n{_formats(kind)}" for kind, call in sorted(calls.items(), key=lambda each: each[1])
    )
    return {"formats": joined(sections)}


def _formats(kind: str) -> str:
    names = cnictl.render.formats(kind)
    return definitions((f"`{name}`", _linked(_first_line(f"{kind}.{name}"))) for name in names)


def _linked(text: str) -> str:
    """The first line of a renderer, with a link to what is said of its document."""
    return re.sub(r"`cnictl\.([\w-]+)/\d+`", r"[\g<0>](json.md#\1)", prose(text))


def _first_line(module: str) -> str:
    return (import_module(f"cnictl.render.{module}").__doc__ or "").strip().partition("\n")[0]
