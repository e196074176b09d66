"""What the result cache holds, and what is made of what others left in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.interop.build import (
    ADD,
    CHECK,
    CONTAINER_ID,
    DEL,
    FIRST,
    cached,
    case,
    conf,
    entry,
    network,
    result,
    results,
)

if TYPE_CHECKING:
    from tests.interop.scene import Case

_OLD = {"cniVersion": "0.4.0", "name": "net", "plugins": [FIRST]}
_NAME = f"cache/results/net-{CONTAINER_ID}-eth0"
_LATER = {"type": "second", "added": "later"}


def _found(name: str, about: str, content: object) -> tuple[Case, Case]:
    """A case for each verb that meets this file."""
    check = case(f"check-{name}", f"CHECK meets {about}", CHECK, write=cached(content))
    return check, case(f"del-{name}", f"DEL meets {about}", DEL, write=cached(content))


CASES = (
    *_found("cache-empty", "an empty cache file", ""),
    *_found("cache-garbage", "a cache file that is no JSON", "{]"),
    *_found("cache-cut", "a cache file that ends too early", '{"kind":"cniCacheV1","contai'),
    *_found("cache-legacy", "a bare result, as before libcni 0.8", result("0.4.0")),
    *_found("cache-legacy-oldest", "a bare result of the oldest form", result("0.2.0")),
    *_found("cache-no-result", "an entry without a result", entry(result=None)),
    *_found(
        "cache-null-result",
        "an entry whose result is null",
        f'{{"kind":"cniCacheV1","containerId":"{CONTAINER_ID}","ifName":"eth0","networkName":"net","result":null}}',
    ),
    *_found("cache-other-kind", "an entry of another kind", entry(kind="cniCacheV9")),
    *_found("cache-bad-config", "an entry whose config is no base64", entry(config="%%%")),
    *_found("cache-bad-version", "a result of an unknown version", entry(result={"cniVersion": "7.0.0"})),
    *_found(
        "cache-nil-address",
        "an address that Go printed as nil",
        entry(result={"cniVersion": "1.0.0", "ips": [{"address": "<nil>"}]}),
    ),
    *_found("cache-no-netns", "an entry from before netns was kept", entry(netns=None)),
    *_found("cache-empty-object", "an empty object", {}),
    *_found(
        "cache-key-case",
        "keys in other letters",
        {"Kind": "cniCacheV1", "containerID": CONTAINER_ID, "IFNAME": "eth0", "networkname": "net", "RESULT": result()},
    ),
    case(
        "cache-older-result",
        "a result of 0.4.0, and the config has become 1.0.0",
        CHECK,
        DEL,
        write=cached(entry(result=result("0.4.0"))),
    ),
    case(
        "cache-newer-result",
        "a result of 1.0.0, and the config has become 0.4.0",
        CHECK,
        DEL,
        write=network(version="0.4.0") | cached(entry()),
    ),
    case(
        "cache-of-others",
        "other attachments' entries stay",
        ADD,
        DEL,
        write=cached(entry(ifName="eth7"), ifname="eth7"),
    ),
    case(
        "config-changed",
        "the config is another one when CHECK and DEL come",
        ADD,
        CHECK._replace(write=network(FIRST | {"level": 2}, _LATER)),
        DEL,
    ),
    case("config-shorter", "a plugin was taken out before DEL", ADD, DEL._replace(write=network(FIRST))),
    case("config-gone", "the config is gone when DEL comes", ADD, DEL._replace(write={"conf/10-net.conflist": None})),
    case(
        "config-raised",
        "the config is of a newer version when CHECK and DEL come",
        ADD,
        CHECK._replace(write=network(version="1.1.0")),
        DEL,
        write=conf("10-net.conflist", _OLD) | results("0.4.0"),
    ),
    case(
        "config-lowered",
        "the config is of a version without CHECK when DEL comes",
        ADD,
        DEL._replace(write=network(version="0.3.1")),
    ),
    case("cache-lost", "the cache was emptied between ADD and DEL", ADD, DEL._replace(write={_NAME: None})),
    case(
        "cache-broken-between", "the entry is damaged between ADD and DEL", ADD, CHECK._replace(write={_NAME: ""}), DEL
    ),
)
