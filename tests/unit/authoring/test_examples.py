"""The examples in the documentation of the library are right."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

MODULES = ("chain", "entry", "generate", "subnets", "upgrade")


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_right(name):
    failed, tried = doctest.testmod(import_module(f"cnictl.authoring.{name}"))
    assert failed == 0
    assert tried > 0
