"""Validate, run and diagnose CNI network configurations.

::

    from cnictl import CNI, Attachment, NetworkConfigList

    network = NetworkConfigList.from_file("/etc/cni/net.d/10-net.conflist")
    cni = CNI(bin_dirs=["/opt/cni/bin"])
    result = cni.add(network, Attachment(container_id="c1", netns="/run/netns/c1", ifname="eth0"))

Importing this package costs next to nothing: each name is loaded when it is first used.
"""

from __future__ import annotations

TYPE_CHECKING = False
"""True for type checkers. Not from ``typing``, whose import would take as long as all else that ``--version`` does."""

__version__ = "0.1.0"

if TYPE_CHECKING:
    from cnictl.errors import (
        Busy as Busy,
        CacheDamaged as CacheDamaged,
        CacheError as CacheError,
        ChainFailed as ChainFailed,
        CNIError as CNIError,
        CriError as CriError,
        CriFailed as CriFailed,
        CriGarbled as CriGarbled,
        CriNotASocket as CriNotASocket,
        CriSocketDenied as CriSocketDenied,
        CriSocketMissing as CriSocketMissing,
        CriSocketRefused as CriSocketRefused,
        CriTimeout as CriTimeout,
        CriTooLarge as CriTooLarge,
        CriUnreachable as CriUnreachable,
        GCFailed as GCFailed,
        IncompatibleVersion as IncompatibleVersion,
        InputError as InputError,
        InternalError as InternalError,
        InvalidConfig as InvalidConfig,
        LimitedConnectivity as LimitedConnectivity,
        NamespaceDenied as NamespaceDenied,
        NamespaceError as NamespaceError,
        NamespaceNotFound as NamespaceNotFound,
        NetworkNotFound as NetworkNotFound,
        PluginCrashed as PluginCrashed,
        PluginError as PluginError,
        PluginNotAvailable as PluginNotAvailable,
        PluginNotFound as PluginNotFound,
        PluginTimeout as PluginTimeout,
        ProtocolViolation as ProtocolViolation,
        RepairFailed as RepairFailed,
        SourceError as SourceError,
        SourceNotFound as SourceNotFound,
        TryAgainLater as TryAgainLater,
        UnknownContainer as UnknownContainer,
        UnsupportedVerb as UnsupportedVerb,
        UsageError as UsageError,
    )
    from cnictl.invoke.decode import PluginInfo as PluginInfo
    from cnictl.invoke.executor import Executor as Executor, ProcessExecutor as ProcessExecutor, Recorder as Recorder
    from cnictl.invoke.invocation import Exchange as Exchange, Invocation as Invocation
    from cnictl.model.attachment import Attachment as Attachment
    from cnictl.model.network import NetworkConfigList as NetworkConfigList, PluginConfig as PluginConfig
    from cnictl.model.result import (
        DNS as DNS,
        Interface as Interface,
        IPConfig as IPConfig,
        Result as Result,
        Route as Route,
    )
    from cnictl.model.version import SpecVersion as SpecVersion
    from cnictl.runtime.cni import CNI as CNI
    from cnictl.runtime.garbage import Collected as Collected

_HOMES = {
    "cnictl.errors": (
        "Busy CNIError CacheDamaged CacheError ChainFailed CriError CriFailed CriGarbled CriNotASocket "
        "CriSocketDenied CriSocketMissing CriSocketRefused CriTimeout CriTooLarge CriUnreachable GCFailed "
        "IncompatibleVersion InputError InternalError InvalidConfig LimitedConnectivity NamespaceDenied "
        "NamespaceError NamespaceNotFound NetworkNotFound PluginCrashed PluginError PluginNotAvailable "
        "PluginNotFound PluginTimeout ProtocolViolation RepairFailed SourceError SourceNotFound TryAgainLater "
        "UnknownContainer UnsupportedVerb UsageError"
    ),
    "cnictl.invoke.decode": "PluginInfo",
    "cnictl.invoke.executor": "Executor ProcessExecutor Recorder",
    "cnictl.invoke.invocation": "Exchange Invocation",
    "cnictl.model.attachment": "Attachment",
    "cnictl.model.network": "NetworkConfigList PluginConfig",
    "cnictl.model.result": "DNS IPConfig Interface Result Route",
    "cnictl.model.version": "SpecVersion",
    "cnictl.runtime.cni": "CNI",
    "cnictl.runtime.garbage": "Collected",
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = [  # noqa: PLE0604  # the table is the one list of names; a test compares it with the imports above
    "__version__",
    *_MODULES,
]


def __getattr__(name: str) -> object:
    """Loads a public name on first use (PEP 562)."""
    if name not in _MODULES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    value: object = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
