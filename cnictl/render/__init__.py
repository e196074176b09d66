"""Turns results into text, JSON and other formats.

Each kind of result is a folder here, and each format a module in it with a function ``render``: putting a file
there is all it takes to add a format.

============= =================================== ==========
folder        what it renders                     for
============= =================================== ==========
report        `cnictl.report.report.Report`       validate
matrix        `cnictl.report.matrix.Matrix`       validate
checkup       `cnictl.report.report.Checkup`      doctor
fleet         `cnictl.report.fleet.Fleet`         doctor merge
repairs       `cnictl.report.repair.Repair`       doctor --undo
trial         `cnictl.report.trial.Trial`         try
conformance   the test of a plugin                conformance
trace         the plugin runs of an operation     exec
changes       what plugin runs changed            exec
plan          what would be run                   exec
batch         what became of many attachments     exec
attachments   what is attached                    attachments
plugins       the installed plugins               plugins
networks      what each runtime would load        networks
chain         the plugins of a config             chain
upgrade       a config in another spec version    upgrade
runtime_config what plugins are told of a Pod     runtime-config
explanation   the text behind a code              explain
catalogue     all codes                           rules
schemas       all JSON Schemas                    schema
============= =================================== ==========
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def formats(kind: str) -> tuple[str, ...]:
    """The formats that a kind of result can be written in, ``text`` and ``json`` first."""
    package = import_module(f"{__name__}.{kind}")
    names = sorted(module.name for module in iter_modules(package.__path__))
    return tuple(sorted(names, key=lambda name: (name != "text", name != "json")))


def renderer(kind: str, format_name: str) -> Callable[..., Any]:
    """The function that writes a kind of result in a format, which must be one of `formats`."""
    function: Callable[..., Any] = import_module(f"{__name__}.{kind}.{format_name}").render
    return function
