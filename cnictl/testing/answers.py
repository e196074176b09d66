"""What a plugin answers when nobody scripted anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.model.version import NEWEST, SpecVersion

if TYPE_CHECKING:
    from collections.abc import Sequence

ALL_VERSIONS = tuple(str(version) for version in SpecVersion)


def version_answer(versions: Sequence[str] = ALL_VERSIONS) -> dict[str, Any]:
    """The answer to VERSION (CNI spec 1.1.0, section 5, "Version").

    Args:
        versions: The versions that the plugin speaks, the newest last.
    """
    return {"cniVersion": versions[-1] if versions else str(NEWEST), "supportedVersions": list(versions)}
