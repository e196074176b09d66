"""``containers.conf``, which podman and its relatives read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.foreign.layers import Layers

if TYPE_CHECKING:
    from cnictl.foreign.setting import Setting

FILES = ("/usr/share/containers/containers.conf", "/etc/containers/containers.conf")
"""The files, in the order in which they are read."""
DROP_INS = "/etc/containers/containers.conf.d"
"""Its files that end in ``.conf`` are read behind them, in the order of their names."""
PLUGIN_DIRS = (
    "/usr/local/libexec/cni",
    "/usr/libexec/cni",
    "/usr/local/lib/cni",
    "/usr/lib/cni",
    "/opt/cni/bin",
)


class ContainersConf(Layers):
    """What podman works with."""

    @property
    def backend(self) -> Setting:
        """``cni``, ``netavark``, or empty: podman chose itself."""
        return self.get("network", "network_backend", default="")

    @property
    def plugin_dirs(self) -> Setting:
        """The directories of CNI plugins."""
        return self.get("network", "cni_plugin_dirs", default=list(PLUGIN_DIRS))

    @property
    def config_dir(self) -> Setting:
        """The directory of CNI configs; with netavark it is that of netavark's files."""
        found = self.get("network", "network_config_dir", default="")
        return found if found.text else found._replace(value="/etc/cni/net.d", source=None)

    @property
    def default_network(self) -> Setting:
        """The network of containers that ask for none."""
        return self.get("network", "default_network", default="podman")
