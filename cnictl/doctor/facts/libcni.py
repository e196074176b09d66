"""Which libcni is inside a container runtime, and what that means; from the ``go.mod`` of each release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.version import SpecVersion

if TYPE_CHECKING:
    from collections.abc import Mapping

Version = tuple[int, ...]

_RELEASES: Mapping[str, tuple[tuple[Version, Version], ...]] = {
    "containerd": (
        ((1, 4), (0, 8, 0)),
        ((1, 5), (0, 8, 1)),
        ((1, 6, 0), (1, 0, 1)),
        ((1, 6, 4), (1, 1, 0)),
        ((1, 6, 5), (1, 1, 1)),
        ((1, 7), (1, 1, 2)),
        ((2, 0), (1, 2, 3)),
        ((2, 1), (1, 3, 0)),
    ),
    "cri-o": (
        ((1, 17), (0, 7, 2)),
        ((1, 19), (0, 8, 0)),
        ((1, 21), (0, 8, 1)),
        ((1, 23), (1, 0, 1)),
        ((1, 23, 4), (1, 1, 1)),
        ((1, 24), (1, 1, 0)),
        ((1, 24, 2), (1, 1, 1)),
        ((1, 25), (1, 1, 2)),
        ((1, 31), (1, 2, 3)),
        ((1, 33), (1, 3, 0)),
    ),
    "cri-dockerd": (((0, 2), (0, 8, 0)), ((0, 3, 1), (1, 1, 2))),
    "podman": (
        ((1, 8), (0, 7, 2)),
        ((2, 1), (0, 8, 0)),
        ((3, 0), (0, 8, 1)),
        ((4, 0), (1, 0, 1)),
        ((4, 1), (1, 1, 0)),
        ((4, 2), (1, 1, 2)),
    ),
}
"""From which release of a runtime on it has which libcni."""

DEFAULTS_VERSION: Version = (1, 1, 0)
"""From this libcni on a config without a cniVersion can be deleted as well as added."""


def libcni_of(runtime: str, version: Version | None) -> Version | None:
    """The libcni inside a runtime; ``None`` when it is not known.

    Args:
        runtime: Its name.
        version: Its version.
    """
    if version is None:
        return None
    return next((libcni for since, libcni in reversed(_RELEASES.get(runtime, ())) if version >= since), None)


def newest_spec(libcni: Version) -> SpecVersion:
    """The newest spec version that a libcni knows."""
    if libcni >= (1, 2):
        return SpecVersion.V1_1_0
    return SpecVersion.V1_0_0 if libcni >= (1, 0) else SpecVersion.V0_4_0
