"""GC and STATUS."""

from __future__ import annotations

import base64

from tests.interop.build import ADD, FIRST, SECOND, Files, cached, case, conf, entry, network, refuses, result, results
from tests.interop.scene import Step

_GC, _STATUS = Step("gc"), Step("status")
_NEW = network(version="1.1.0") | results("1.1.0")
_CAPABLE = network(FIRST, SECOND | {"capabilities": {"mac": True}}, version="1.1.0")
_ENTRY = entry(netns="/run/no/such")
_OLDER = cached(_ENTRY)
_OTHER = cached(_ENTRY | {"networkName": "other"}, name="other")


def _gone(files: Files = _NEW, **keys: object) -> Files:
    """A network, and a container in the cache whose namespace is gone; it was added with the network as it is."""
    config = base64.b64encode(files["conf/10-net.conflist"].encode()).decode()
    usual = {"netns": "/run/no/such", "config": config, "result": result("1.1.0")}
    return files | cached(entry(**usual | keys))


CASES = (
    case("status", "STATUS of a network of 1.1.0", _STATUS, write=_NEW),
    case("status-old", "STATUS of a network that has none", _STATUS),
    case("status-fails", "a plugin is not ready", _STATUS, write=_NEW | refuses("first", "STATUS", 50)),
    case(
        "status-fails-second", "the second plugin is not ready", _STATUS, write=_NEW | refuses("second", "STATUS", 51)
    ),
    case("status-missing", "STATUS, and the second plugin is not installed", _STATUS, write=_NEW, plugins=("first",)),
    case("status-attached", "STATUS while a container is attached", ADD, _STATUS, write=_NEW),
    case("gc-nothing", "GC of a network without containers", _GC, write=_NEW),
    case("gc-gone", "GC when a container's namespace is gone", _GC, write=_gone(cniArgs=[["A", "1"]])),
    case(
        "gc-changed",
        "GC when the config is another one than at ADD",
        _GC,
        write=_NEW | cached(entry(netns="/run/no/such")),
    ),
    case("gc-gone-old", "GC of a network that has no GC", _GC, write=_gone(network(), result=result())),
    case("gc-alive", "GC when a container is alive", ADD, _GC, write=_NEW),
    case(
        "gc-others",
        "GC leaves other networks alone",
        _GC,
        write=_NEW | _OTHER,
    ),
    case("gc-disabled", "disableGC", _GC, write=_gone(network(version="1.1.0", disableGC=True))),
    case("gc-fails", "the first plugin refuses GC", _GC, write=_NEW | refuses("first", "GC")),
    case("gc-del-fails", "a plugin refuses DEL in a GC", _GC, write=_gone() | refuses("second", "DEL")),
    case(
        "gc-caps",
        "GC with capability arguments in the cache",
        _GC,
        write=_gone(_CAPABLE, capabilityArgs={"mac": "x"}),
    ),
    case(
        "gc-garbage",
        "GC passes over cache files that nobody can read",
        _GC,
        write=_NEW | cached("{]", name="x") | cached("", name="y"),
    ),
    case(
        "gc-legacy",
        "GC passes over a bare result, as before libcni 0.8",
        _GC,
        write=_NEW | cached({"cniVersion": "1.1.0"}),
    ),
    case(
        "gc-key-case",
        "GC reads an entry whose keys have other letters",
        _GC,
        write=_NEW | cached({key.upper(): value for key, value in _ENTRY.items()}),
    ),
    case(
        "gc-broken-config", "GC with a broken file before the network's", _GC, write=_NEW | conf("99-bad.conflist", "{")
    ),
)
