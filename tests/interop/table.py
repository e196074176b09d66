"""All cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.interop.cases import arguments, cache, configs, failures, results, upkeep, versions

if TYPE_CHECKING:
    from tests.interop.scene import Case

CASES: tuple[Case, ...] = (
    *versions.CASES,
    *results.CASES,
    *failures.CASES,
    *cache.CASES,
    *arguments.CASES,
    *configs.CASES,
    *upkeep.CASES,
)
