"""The names that `import cnictl` promises."""

from __future__ import annotations

import ast
import inspect
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import cnictl
from cnictl import errors
from tests.support.command import PROJECT


def imports_for_type_checkers() -> dict[str, str]:
    """The names that type checkers see, with their modules."""
    tree = ast.parse(Path(inspect.getfile(cnictl)).read_text())
    blocks = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module or "" for node in imports for alias in node.names}


def test_type_checkers_and_the_table_see_the_same():
    assert imports_for_type_checkers() == cnictl._MODULES


@pytest.mark.parametrize("name", sorted(cnictl._MODULES))
def test_every_name_is_there_and_documented(name):
    value = getattr(cnictl, name)
    assert value is getattr(import_module(cnictl._MODULES[name]), name)
    assert inspect.getdoc(value)


def test_every_error_is_public_and_drawn_in_the_tree():
    kinds = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.CNIError)]
    public = {kind.__name__ for kind in kinds if not kind.__name__.startswith("_")}
    assert public <= set(cnictl.__all__)
    assert all(name in (errors.__doc__ or "") for name in public)


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = cnictl.nothing


def test_the_names_are_offered():
    assert set(cnictl.__all__) <= set(dir(cnictl))


def test_the_package_is_typed():
    assert (PROJECT / "cnictl" / "py.typed").is_file()


def test_dependencies_have_a_range_and_a_lock():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    lock = (PROJECT / "requirements.lock").read_text().lower()
    for requirement in project["project"]["dependencies"]:
        assert ">=" in requirement
        assert "<" in requirement
        assert f"\n{requirement.split('>=')[0].lower()}==" in f"\n{lock}"
