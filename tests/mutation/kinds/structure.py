"""The document is not the list or the plugin that a runtime loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.report.finding import Severity
from tests.mutation.configs import YES
from tests.mutation.registry import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutation.configs import Change, Good


@kind("document is no object", everywhere=True)
def no_object(good: Good) -> Iterator[Change]:
    for value in (None, [good.data], "bridge", 5):
        yield good.put((), value)


@kind("name deleted", everywhere=True)
def name_deleted(good: Good) -> Iterator[Change]:
    yield good.drop(("name",))


@kind("plugins deleted", everywhere=True)
def plugins_deleted(good: Good) -> Iterator[Change]:
    if "plugins" in good.data:
        yield good.drop(("plugins",))


@kind("plugins no array", everywhere=True)
def plugins_no_array(good: Good) -> Iterator[Change]:
    if "plugins" in good.data:
        for value in (None, good.data["plugins"][0], "bridge", True, 1):
            yield good.put(("plugins",), value)


@kind("plugins empty", everywhere=True)
def plugins_empty(good: Good) -> Iterator[Change]:
    if "plugins" in good.data:
        yield good.put(("plugins",), [])


@kind("plugin no object", everywhere=True)
def plugin_no_object(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins():
        if path:
            for value in (None, plugin["type"], [plugin], 0):
                yield good.put(path, value)


@kind("plugin empty", everywhere=True)
def plugin_empty(good: Good) -> Iterator[Change]:
    return (good.put(path, {}) for path, _ in good.plugins() if path)


@kind("type deleted", everywhere=True)
def type_deleted(good: Good) -> Iterator[Change]:
    return (good.drop((*path, "type")) for path, _ in good.plugins())


@kind("type no string", everywhere=True)
def type_no_string(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins():
        for value in (7, True, [plugin["type"]], {"name": plugin["type"]}):
            yield good.put((*path, "type"), value)


@kind("type with slash, blank or empty", everywhere=True)
def type_with_slash(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins():
        for value in ("", f"/opt/cni/bin/{plugin['type']}", f"../{plugin['type']}", "..", f"{plugin['type']}\n"):
            yield good.put((*path, "type"), value)


@kind("list in a .conf", everywhere=True)
def list_in_conf(good: Good) -> Iterator[Change]:
    if "plugins" in good.data:
        yield good.called("10-net.conf", ("plugins",))
        yield good.called("10-net.json", ("plugins",))


@kind("single plugin in a .conflist", everywhere=True)
def single_in_conflist(good: Good) -> Iterator[Change]:
    if "plugins" not in good.data:
        yield good.called("10-net.conflist", ("type",))


@kind("list and single plugin at once", Severity.WARNING, everywhere=True)
def list_and_single(good: Good) -> Iterator[Change]:
    if "plugins" in good.data:
        yield good.put(("type",), "bridge", ("plugins",), ())


@kind("flag is neither true nor false", everywhere=True)
def flag_invalid(good: Good) -> Iterator[Change]:
    if "plugins" in good.data:
        values: tuple[Any, ...] = (1, 0, "yes", "1", None, [], " true")
        for value in values:
            yield good.put(("disableCheck",), value)


@kind("flag as string", Severity.WARNING, everywhere=True)
def flag_as_string(good: Good) -> Iterator[Change]:
    if "plugins" in good.data:
        yield good.put(("disableCheck",), "true")
        yield good.put(("loadOnlyInlinedPlugins",), "False")


@kind("key of the list misspelt", Severity.WARNING, everywhere=True)
def list_key_misspelt(good: Good) -> Iterator[Change]:
    if "plugins" in good.data and "disableCheck" not in good.data:
        for key in ("disablecheck", "disableChek", "disable_check", "dissableCheck", "DisableCheck"):
            yield good.put((key,), YES)


@kind("needed key of the list misspelt", everywhere=True)
def needed_key_misspelt(good: Good) -> Iterator[Change]:
    for key in ("name", "plugins"):
        if key in good.data:
            for wrong in (key[:-1], key[::-1], key[0] + key, f"_{key}"):
                yield good.rename((key,), wrong, ())
    if "plugins" in good.data:
        yield good.rename(("name",), "Name", ())
        yield good.rename(("plugins",), "Plugins", ())


@kind("capabilities no object of true and false", everywhere=True)
def capabilities_invalid(good: Good) -> Iterator[Change]:
    for path, value in good.keys("capabilities"):
        yield good.put(path, list(value))
        yield good.put(path, "portMappings")
        yield good.put(path, YES)
        for name in value:
            yield good.put((*path, name), "true")
            yield good.put((*path, name), 1)
            yield good.put((*path, name), {})


@kind("dns of the wrong shape")
def dns_invalid(good: Good) -> Iterator[Change]:
    for path, _ in good.plugins("bridge", "ptp", "macvlan", "tap"):
        place = (*path, "dns")
        yield good.put(place, ["10.96.0.10"])
        yield good.put(place, "10.96.0.10")
        yield good.put(place, {"nameservers": "10.96.0.10"}, (*place, "nameservers"))
        yield good.put(place, {"nameservers": [10]}, (*place, "nameservers", 0))
        yield good.put(place, {"search": "example.org"}, (*place, "search"))
        yield good.put(place, {"domain": ["example.org"]}, (*place, "domain"))


@kind("ipam no object", everywhere=True)
def ipam_no_object(good: Good) -> Iterator[Change]:
    for path, ipam in good.ipams():
        for value in ([ipam], ipam["type"], True, 1):
            yield good.put(path, value)


@kind("type of ipam deleted or empty")
def ipam_type_deleted(good: Good) -> Iterator[Change]:
    for path, _ in good.ipams("host-local", "static"):
        least = (path[:-1],)  # a plugin that cannot do without addresses lacks its IPAM plugin
        if good.at(path[:-1])["type"] in ("ptp", "vlan", "dummy", "ipvlan"):
            yield good.drop((*path, "type"), *least)
            yield good.put((*path, "type"), "", path, *least)


@kind("type of ipam deleted, addresses optional", Severity.WARNING)
def ipam_type_optional(good: Good) -> Iterator[Change]:
    for path, _ in good.ipams("host-local", "static"):
        if good.at(path[:-1])["type"] in ("bridge", "macvlan", "host-device", "tap"):
            yield good.drop((*path, "type"), path[:-1])
            yield good.put((*path, "type"), "", path, path[:-1])


@kind("type of ipam invalid", everywhere=True)
def ipam_type_invalid(good: Good) -> Iterator[Change]:
    for path, ipam in good.ipams():
        for value in (7, [ipam["type"]], f"/opt/cni/bin/{ipam['type']}", "..", False):
            yield good.put((*path, "type"), value)


@kind("prevResult or runtimeConfig stored", Severity.WARNING, everywhere=True)
def result_stored(good: Good) -> Iterator[Change]:
    for path, _ in good.plugins():
        yield good.put((*path, "prevResult"), {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/16"}]})
        yield good.put((*path, "runtimeConfig"), {"mac": "0a:58:0a:01:00:05"})


@kind("prevResult no object", everywhere=True)
def result_no_object(good: Good) -> Iterator[Change]:
    for path, _ in good.plugins():
        yield good.put((*path, "prevResult"), [])
        yield good.put((*path, "prevResult"), "none")


@kind("name or version in an entry that differs", Severity.NOTE, everywhere=True)
def nested_differs(good: Good) -> Iterator[Change]:
    for path, _ in good.plugins():
        if path:
            yield good.put((*path, "name"), f"other-{path[-1]}")
            yield good.put((*path, "cniVersion"), "0.2.0")
