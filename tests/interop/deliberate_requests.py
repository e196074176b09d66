"""What cnictl does otherwise before a plugin runs: what it refuses, finds and asks."""

from __future__ import annotations

from tests.interop.adapt import all_of, at, cached, environment, like, refused, stdin
from tests.interop.build import FIRST, SECOND
from tests.interop.deviation import Deviation, same
from tests.interop.recordings import seen_in
from tests.interop.scene import container_id

_VERBS = ("add", "check", "del")
_NAMED = "/run/netns/netns"
_WORKS = like(seen_in("version-1.0.0")[0])


def _list(*plugins: object) -> dict[str, object]:
    return {"cniVersion": "1.0.0", "name": "net", "plugins": list(plugins), "loadOnlyInlinedPlugins": True}


REQUESTS = (
    Deviation(
        "Names are checked",
        "by ADD only",
        "by every verb, before the disk is touched",
        "a container ID with `../` makes libcni's DEL remove a file outside its cache",
        same(refused, "ifname-slash-del", "name-bad-del", "name-bad-check"),
    ),
    Deviation(
        "`cniVersion` is no known version",
        "ADD runs; CHECK and DEL may fail for ever",
        "the config is refused",
        "what was added with it could not be deleted",
        same(refused, "version-garbage", "version-too-new", "version-two-parts"),
    ),
    Deviation(
        "`cniVersion` is missing or empty",
        "plugins get an empty one",
        "plugins get `0.1.0`, which it means",
        "CNI spec, section 3: plugins get the version that the runtime has chosen",
        same(stdin(cniVersion="0.1.0"), "version-absent", "version-empty", "single-no-version"),
    ),
    Deviation(
        "A plugin is missing or cannot be run",
        "found out when its turn comes; those before it have run",
        "all are found before the first one runs",
        "nothing has to be undone",
        same(
            refused,
            "missing-first",
            "missing-second",
            "plugin-is-directory",
            "plugin-not-executable",
            "status-missing",
            "plugin-type-slash",
        )
        | {"missing-at-check": at("check", refused), "missing-at-del": at("del", refused)},
    ),
    Deviation(
        "The network namespace is not there",
        "plugins find out",
        "ADD and CHECK are refused before the first plugin runs; DEL goes on",
        "nothing has to be undone",
        same(refused, "netns-missing-add", "netns-missing-check"),
    ),
    Deviation(
        "A namespace that is a name alone",
        "a file in the working directory",
        "a name under `/run/netns`; `./NAME` is a file",
        "that is where `ip netns` keeps them",
        {"netns-bare": environment(CNI_NETNS=_NAMED, CNI_CONTAINERID=container_id(_NAMED))},
    ),
    Deviation(
        "`CNI_IFNAME` is set and empty",
        "an error up to v1.3.0, `eth0` later",
        "`eth0`",
        "empty means not given",
        same(lambda _expected, moment: seen_in("version-1.0.0")[_VERBS.index(moment.step.verb)], "ifname-empty"),
    ),
    Deviation(
        "`CNI_PATH` has an empty element",
        "stands for the working directory or for `PATH`, and is handed on",
        "is passed over, and not handed on",
        "what runs must not depend on that",
        same(environment(CNI_PATH="{dir}/bin"), "path-empty-element"),
    ),
    Deviation(
        "`CNI_PATH` has a relative element",
        "is searched from where the process stands",
        "is refused",
        "what runs must not depend on that",
        same(refused, "path-relative", "path-relative-too"),
    ),
    Deviation(
        "A broken file in the config directory",
        "hides all networks behind it",
        "matters only when it is the one that is wanted",
        "nothing that works is lost",
        same(_WORKS, "broken-before", "no-plugins-before"),
    ),
    Deviation(
        "Plugins in the network's own directory",
        "are missing in the cache, so that a DEL from the cache misses them",
        "are in the cached list, which says `loadOnlyInlinedPlugins`",
        "all that ADD ran is deleted",
        {
            "drop-in": cached(config=_list(FIRST, SECOND)),
            "drop-in-alone": cached(config=_list(SECOND)),
        },
    ),
    Deviation(
        "The network is not in the config directory any more",
        "DEL fails",
        "DEL takes what the container was added with, from the cache, and says so",
        "whoever removes a network first must be able to remove its containers",
        {"config-gone": at("del", like(seen_in("del-twice")[1]))},
    ),
    Deviation(
        "Large integers in configs and `CAP_ARGS`",
        "become floating-point numbers, so they change above 2^53",
        "stay as they are written",
        "nothing is lost",
        {
            "big-integers": stdin(a=9007199254740993, b=-18446744073709551617),
            "caps-big-integer": all_of(
                stdin(runtimeConfig={"portMappings": 9007199254740993}),
                cached(capabilityArgs={"portMappings": 9007199254740993}),
            ),
        },
    ),
)
