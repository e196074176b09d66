"""CRI-O's config: ``crio.conf``, and every file of ``crio.conf.d`` over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.foreign.layers import Layers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnictl.foreign.setting import Setting
    from cnictl.text.source import Source

DROP_INS = "/etc/crio/crio.conf.d"
DEFAULT_SOCKET = "/var/run/crio/crio.sock"


class CrioConfig(Layers):
    """What CRI-O works with.

    Args:
        sources: ``crio.conf`` and the drop-ins, in the order of their names.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        super().__init__(sources)

    def network(self, key: str, default: object) -> Setting:
        """A setting of the network table."""
        return self.get("crio", "network", key, default=default)

    @property
    def network_dir(self) -> Setting:
        """The config directory."""
        found = self.network("network_dir", "/etc/cni/net.d/")
        return found if found.text else found._replace(value="/etc/cni/net.d/")

    @property
    def plugin_dirs(self) -> Setting:
        """The plugin directories; the old ``plugin_dir`` is one more, behind them."""
        found, old = self.network("plugin_dirs", ["/opt/cni/bin/"]), self.network("plugin_dir", "")
        more = [old.value] if old.text and old.text not in found.texts else []
        shown = old if more and found.is_default else found
        return shown._replace(value=[*found.texts, *more])

    @property
    def default_network(self) -> Setting:
        """The network that it waits for; empty when it takes the first one."""
        return self.network("cni_default_network", "")

    @property
    def grace_period(self) -> Setting:
        """How long the network may be away before it is told to be not ready; ``0s``: it is never looked at again."""
        return self.network("cni_status_grace_period", "0s")

    @property
    def cgroup_manager(self) -> Setting:
        """``systemd`` or ``cgroupfs``."""
        return self.get("crio", "runtime", "cgroup_manager", default="systemd")

    @property
    def pause_image(self) -> Setting:
        """The image of the pause container; empty for its own choice."""
        return self.get("crio", "image", "pause_image", default="")

    @property
    def listen(self) -> Setting:
        """Its socket."""
        return self.get("crio", "api", "listen", default=DEFAULT_SOCKET)


def is_usual_name(name: str) -> bool:
    """Whether a file of ``crio.conf.d`` is called as one that is meant to count; CRI-O reads all of them.

    Its own packages call theirs ``10-crio.conf``; OpenShift has ``00-default`` without an ending.
    """
    _, dot, suffix = name.rpartition(".")
    return not name.startswith(".") and not name.endswith("~") and (not dot or suffix in ("conf", "toml"))
