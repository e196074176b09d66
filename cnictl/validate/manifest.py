"""A Kubernetes manifest, or another YAML file, under judgement: the configs in it are judged one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cnictl.foreign.embedded import Manifest
    from cnictl.text.source import Source


class ManifestFile(NamedTuple):
    """What a rule about a manifest looks at."""

    source: Source
    manifest: Manifest
    named: bool
    """Whether the user named this very file, so that silence would be no answer."""
