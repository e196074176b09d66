"""Tests that need what is not everywhere: skipped and counted where it is missing, failed where ``CI`` is set."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

REAL_PLUGINS = "with real plugins in network namespaces"
REAL_RUNTIMES = "with containerd and podman"
PRE_COMMIT = "with pre-commit"
ANSIBLE = "with Ansible"
PACKAGES = "with packages that are made and installed"

_BEGINNING = "not tested "


def cannot_test(way: str, reason: str) -> NoReturn:
    """Skips the test that calls this; with ``CI`` set it fails instead.

    Args:
        way: How it would have been tested, such as `REAL_PLUGINS`.
        reason: What is missing, and how to get it.
    """
    if os.environ.get("CI"):
        pytest.fail(f"CI is set, so this must not be skipped: {reason}", pytrace=False)
    pytest.skip(f"{_BEGINNING}{way}: {reason}")


def not_tested(skipped: Iterable[pytest.TestReport]) -> list[str]:
    """A line for each way and reason for which `cannot_test` has skipped tests.

    It goes by reports, because these come together from all processes that run tests side by side.

    Args:
        skipped: The reports of all tests that were skipped.
    """
    found = Counter(text for report in skipped if (text := _reason(report)).startswith(_BEGINNING))
    said = ((*text.removeprefix(_BEGINNING).partition(": "), number) for text, number in found.items())
    return [f"NOT TESTED {way} ({number} skipped): {reason}" for way, _, reason, number in said]


def _reason(report: pytest.TestReport) -> str:
    """Why it was skipped, as was said to `pytest.skip`."""
    return report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""
