"""The Python library: directives by which Sphinx takes each public name from its docstring."""

from __future__ import annotations

import ast
import inspect
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import cnictl
import cnictl.testing
from cnictl.errors import ExitCode
from cnictl.runtime.cache import CacheEntry
from cnictl.runtime.garbage import Plan
from cnictl.runtime.journal import Intent
from cnictl.testing import pytest_plugin
from docs.generating.prose import definitions, fenced, joined, prose

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_FIRST = ("CNI", "NetworkConfigList", "Attachment", "Result")
"""What one begins with."""
_METHODS = (classmethod, staticmethod, property, cached_property)


def parts() -> dict[str, str]:
    """The lists of names, by the names of their files."""
    errors = [name for name in cnictl.__all__ if _is_error(name)]
    others = [name for name in dict.fromkeys((*_FIRST, *cnictl.__all__)) if name not in (*errors, "__version__")]
    return {
        "python-names": _listed(cnictl, others),
        "python-errors": _listed(cnictl, sorted(errors, key=_depth)),
        "python-handed": joined(fenced(_of_class(each), "{eval-rst}") for each in (CacheEntry, Intent, Plan, ExitCode)),
        "python-testing": _listed(cnictl.testing, cnictl.testing.__all__),
        "python-fixtures": definitions((f"`{name}`", prose(text)) for name, text in _fixtures()) + "\n",
    }


def _is_error(name: str) -> bool:
    value = getattr(cnictl, name)
    return isinstance(value, type) and issubclass(value, cnictl.CNIError)


def _depth(name: str) -> list[str]:
    """Sorts an error behind those that it is one of."""
    return [each.__name__ for each in reversed(getattr(cnictl, name).__mro__)]


def _listed(module: ModuleType, names: list[str]) -> str:
    return joined(fenced(_directive(module, name), "{eval-rst}") for name in names)


def _directive(module: ModuleType, name: str) -> str:
    value = getattr(module, name)
    if not isinstance(value, type):
        return f".. autofunction:: {module.__name__}.{name}"
    return _of_class(value, module.__name__)


def _of_class(cls: type, module: str | None = None) -> str:
    """The directive of a class.

    Args:
        cls: The class.
        module: The module that exports it; that which it is in when ``None``.
    """
    is_error = issubclass(cls, Exception)
    lines = [
        f".. {'autoexception' if is_error else 'autoclass'}:: {module or cls.__module__}.{cls.__name__}",
        f":members: {', '.join(_members(cls))}" if _members(cls) else "",
        ":show-inheritance:" if is_error else "",
    ]
    return "\n   ".join(filter(None, lines))


def _members(cls: type) -> list[str]:
    """The methods and properties of a class, without the fields that its docstring describes."""
    public = ((name, value) for name, value in vars(cls).items() if not name.startswith("_"))
    return [name for name, value in public if inspect.isfunction(value) or isinstance(value, _METHODS)]


def _fixtures() -> Iterator[tuple[str, str]]:
    """The fixtures for pytest, each with the first paragraph of its docstring."""
    tree = ast.parse(Path(pytest_plugin.__file__).read_text(encoding="utf-8"))
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and "pytest.fixture" in map(ast.unparse, function.decorator_list):
            yield function.name, (ast.get_docstring(function) or "").partition("\n\n")[0]
