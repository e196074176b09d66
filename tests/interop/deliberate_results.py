"""What cnictl does otherwise with what plugins answer, with what is kept of it, and everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.interop.adapt import (
    all_delete,
    all_of,
    asked,
    at,
    cached,
    deletes,
    denied,
    environment,
    failed,
    prev_result,
    refused,
    rolled_back,
    stdin,
    stdout,
    told_what_is_valid,
    without_capabilities,
    without_deletes,
)
from tests.interop.build import CONTAINER_ID, result
from tests.interop.deviation import Deviation, same

if TYPE_CHECKING:
    from tests.interop.adapt import Adapt

_PORTS = {"portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]}
_ARGS, _RUNTIME = environment(CNI_ARGS="A=1"), stdin(runtimeConfig=_PORTS)
_AS_ADDED = deletes(all_of(stdin(cniVersion="1.0.0"), prev_result(result())))
_OLDEST = {
    "cniVersion": "1.0.0",
    "ips": [{"address": "10.1.0.5/24", "gateway": "10.1.0.1"}],
    "routes": [{"dst": "0.0.0.0/0", "gw": "10.1.0.1"}],
}
_UNKNOWN = {
    "cniVersion": "1.0.0",
    "interfaces": [{"name": "eth0"}],
    "ips": [{"address": "10.1.0.5/24"}],
    "routes": [{"dst": "0.0.0.0/0"}],
    "vendor": {"id": 7},
}


def _new_last(version: str) -> Adapt:
    new = result(version, 6)
    return all_of(at("add", stdout(new)), cached(result=new))


RESULTS = (
    Deviation(
        "A result in another version than the config's",
        "is handed on, printed and kept as it is",
        "is converted to the config's version; it is an error when that cannot express it",
        "CNI spec, section 5: a result has the version of the config",
        {
            "result-older-inside": at("add", prev_result(result())),
            "result-oldest-inside": at("add", prev_result(_OLDEST)),
            "result-newer-inside": at("add", prev_result(result("0.4.0"))),
            "result-older-last": _new_last("1.0.0"),
            "result-newer-last": _new_last("0.4.0"),
            "single-no-version": all_of(at("add", stdout(result("0.1.0"))), cached(result=result("0.1.0"))),
            "result-newer-no-ips": failed,
        },
    ),
    Deviation(
        "A key at the top of a result that no version has",
        "is dropped",
        "is kept, printed and handed on",
        "a later plugin may need what the runtime does not know",
        {
            "result-unknown-keys": at("add", prev_result(_UNKNOWN)),
            "result-unknown-keys-last": all_of(
                at("add", stdout(_UNKNOWN)), cached(result=_UNKNOWN), prev_result(_UNKNOWN)
            ),
        },
    ),
    Deviation(
        "An address without `address` in a result",
        "is kept as the text `<nil>`, and every CHECK fails",
        "is an error of the plugin",
        "a result that nobody can use must not be kept",
        same(failed, "result-no-address"),
    ),
    Deviation(
        "A plugin prints an error object and ends with success",
        "an empty result",
        "is an error of the plugin",
        "the container has no network, and somebody must learn it",
        same(failed, "result-error-object"),
    ),
    Deviation(
        "ADD fails halfway",
        "what the first plugins made stays",
        "DEL is run over the whole chain, unless the container was attached before; `--no-rollback` leaves it",
        "CNI spec, section 3; CNI issue 775",
        {},
        rolled_back,
    ),
    Deviation(
        "CHECK of what was never added",
        "plugins run without `prevResult`",
        "is refused",
        "CNI spec, section 2, CHECK: it must not be called for such a container",
        {
            "check-unknown": refused,
            "check-after-del": at("check", refused),
        },
    ),
    Deviation(
        "CHECK and DEL without arguments",
        "plugins get none",
        "plugins get those of ADD, from the cache",
        "CNI spec, section 2, CHECK: all parameters must be those of ADD",
        {
            "args-only-at-add": all_of(at("check", _ARGS), at("del", _ARGS)),
            "caps-only-at-add": all_of(at("check", _RUNTIME), at("del", _RUNTIME)),
        },
    ),
    Deviation(
        "A cache entry whose `config` is damaged",
        "its result is lost too: plugins get an empty one",
        "its result is used",
        "the plugins can do more with it",
        same(prev_result(result()), "check-cache-bad-config", "del-cache-bad-config"),
    ),
    Deviation(
        "GC without a list of what is valid",
        "cnitool deletes every container of the network",
        "those whose namespace is still there are kept",
        "a command that tidies up must not cut off what works",
        {"gc-alive": at("gc", without_deletes)},
    ),
    Deviation(
        "What GC tells the plugins",
        "cnitool tells them nothing",
        "they are told what is valid, also when that is nothing",
        "CNI spec, section 2, GC: the list is a part of its input",
        {"gc-alive": at("gc", told_what_is_valid({"containerID": CONTAINER_ID, "ifname": "eth0"}))},
        at("gc", told_what_is_valid()),
    ),
    Deviation(
        "GC deletes a container whose namespace is gone",
        "with the path that is not there",
        "with an empty `CNI_NETNS`",
        "an empty one says that it is gone",
        same(
            deletes(environment(CNI_NETNS="")),
            "gc-gone",
            "gc-gone-old",
            "gc-changed",
            "gc-caps",
            "gc-key-case",
            "gc-del-fails",
        ),
    ),
    Deviation(
        "GC deletes a container, and the config is another one by now",
        "with the config of now",
        "with the config that it was added with",
        "a plugin that was taken out of the config would never clean up",
        same(_AS_ADDED, "gc-changed", "gc-key-case"),
    ),
    Deviation(
        "A plugin refuses DEL in a GC",
        "those before it in the chain are not asked",
        "all others are asked",
        "GC is to remove what can be removed",
        same(all_delete, "gc-del-fails"),
    ),
    Deviation(
        "`capabilities` in the config",
        "plugins get it",
        "plugins do not",
        "CNI spec, section 3: it must not be set",
        {},
        without_capabilities,
    ),
    Deviation(
        "A plugin does not speak the config's version",
        "nobody asks; what comes of it is left to the plugin",
        "each plugin is asked (VERSION) before the first ADD, and ADD is refused",
        "CNI spec, section 1, version considerations; nothing has to be undone",
        same(denied, "plugin-speaks-other-versions"),
        asked,
    ),
)
