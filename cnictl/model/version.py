"""The versions of the CNI spec, and what each of them has."""

from __future__ import annotations

from enum import Enum
from functools import total_ordering


@total_ordering
class SpecVersion(Enum):
    """A published version of the CNI spec; later ones compare greater.

    Support is matched by exact string everywhere in CNI: ``1.0`` and ``v1.0.0`` are not ``1.0.0``.
    """

    V0_1_0 = "0.1.0"
    V0_2_0 = "0.2.0"
    V0_3_0 = "0.3.0"
    V0_3_1 = "0.3.1"
    V0_4_0 = "0.4.0"
    V1_0_0 = "1.0.0"
    V1_1_0 = "1.1.0"

    @classmethod
    def of(cls, text: str) -> SpecVersion | None:
        """The version with exactly this name, or ``None``."""
        return _BY_NAME.get(text)

    @property
    def has_result_list(self) -> bool:
        """Whether results have the shape with ``ips`` (since 0.3.0) rather than ``ip4`` and ``ip6``."""
        return self >= SpecVersion.V0_3_0

    @property
    def has_ip_version(self) -> bool:
        """Whether each entry of ``ips`` carries ``version`` (0.3.0 to 0.4.0)."""
        return SpecVersion.V0_3_0 <= self <= SpecVersion.V0_4_0

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, SpecVersion):
            return NotImplemented
        return _ORDER[self] < _ORDER[other]

    def __str__(self) -> str:
        return self.value


_BY_NAME = {version.value: version for version in SpecVersion}
_ORDER = {version: index for index, version in enumerate(SpecVersion)}

DEFAULT = SpecVersion.V0_1_0
"""What a config without ``cniVersion`` means, as in libcni."""

NEWEST = SpecVersion.V1_1_0

VERB_SINCE = {
    "ADD": SpecVersion.V0_1_0,
    "DEL": SpecVersion.V0_1_0,
    "VERSION": SpecVersion.V0_2_0,
    "CHECK": SpecVersion.V0_4_0,
    "GC": SpecVersion.V1_1_0,
    "STATUS": SpecVersion.V1_1_0,
}
"""The first version that has each verb."""

KUBERNETES_MINIMUM = SpecVersion.V0_4_0
"""The oldest version that Kubernetes supports (Kubernetes documentation, "Network Plugins")."""

KUBERNETES_RECOMMENDED = SpecVersion.V1_0_0
"""The version that Kubernetes recommends (same page)."""


def names() -> str:
    """All versions, for messages."""
    *others, last = (version.value for version in SpecVersion)
    return f"{', '.join(others)} and {last}"
