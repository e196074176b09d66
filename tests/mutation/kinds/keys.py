"""Keys that are misspelt or missing, and values of the wrong type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.report.finding import Severity
from cnictl.schema import is_reference
from tests.mutation.configs import YES
from tests.mutation.registry import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutation.configs import Change, Good, Steps

FREE = {"args", "sysctl", "capabilities", "delegate", "cniVersions", "name", "cniVersion", "disableCheck"}
"""What other kinds are about, or what holds keys of one's own."""


def _is_typed(good: Good, path: Steps) -> bool:
    """Whether a plugin reads what is at ``path``, and nothing else is about it."""
    return bool(path and good.owner(path)) and not FREE.intersection(path)


def _places(good: Good) -> Iterator[tuple[Steps, Any]]:
    """Every key of a plugin that is read, with its value."""
    for path, value in good.walk():
        if _is_typed(good, path) and isinstance(path[-1], str) and path[-1] != "type":
            yield path, value


def _read_by_reference(good: Good, path: Steps) -> bool:
    return is_reference(good.owner(path))


def _swapped(key: str) -> str:
    middle = len(key) // 2
    return key[: middle - 1] + key[middle] + key[middle - 1] + key[middle + 1 :]


NEEDED = {"subnet", "addresses", "address", "dst", "master", "vrfname", "pciBusID", "kernelpath", "ipam", "ranges"}
"""Keys without which the plugin does not work: the finding may say so at what lacks them."""


def _misspelt(good: Good, path: Steps, wrong: str) -> Change:
    above = [path[:end] for end in range(len(path))] if path[-1] in NEEDED else []
    return good.rename(path, wrong, *above)


@kind("key: letters swapped", Severity.WARNING, errors=2)
def key_swapped(good: Good) -> Iterator[Change]:
    for path, _ in _places(good):
        wrong = _swapped(str(path[-1]))
        if _read_by_reference(good, path) and wrong != path[-1]:
            yield _misspelt(good, path, wrong)


@kind("key: letter dropped", Severity.WARNING, errors=2)
def key_dropped(good: Good) -> Iterator[Change]:
    for path, _ in _places(good):
        if _read_by_reference(good, path):
            yield _misspelt(good, path, str(path[-1])[:-1])


@kind("key: letter doubled", Severity.WARNING, errors=2)
def key_doubled(good: Good) -> Iterator[Change]:
    for path, _ in _places(good):
        if _read_by_reference(good, path):
            yield _misspelt(good, path, str(path[-1])[0] + str(path[-1]))


@kind("key: written with _ or -", Severity.WARNING, errors=2)
def key_snake(good: Good) -> Iterator[Change]:
    for path, _ in _places(good):
        key = str(path[-1])
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
        if _read_by_reference(good, path) and snake != key:
            yield _misspelt(good, path, snake)
            yield _misspelt(good, path, snake.replace("_", "-"))


@kind("key of a vendor's plugin misspelt", Severity.NOTE, errors=2)
def vendor_key(good: Good) -> Iterator[Change]:
    for path, _ in _places(good):
        wrong = _swapped(str(path[-1]))
        if not _read_by_reference(good, path) and wrong != path[-1]:
            yield good.rename(path, wrong, path[:-1])


@kind("key in another letter case", Severity.WARNING)
def key_case(good: Good) -> Iterator[Change]:
    for path, _ in _places(good):
        key = str(path[-1])
        for wrong in sorted({key.upper(), key.lower(), key[0].upper() + key[1:]} - {key}):
            if key not in ("ipam", "dns") and _read_by_reference(good, path):  # libcni reads these two in any case
                yield good.rename(path, wrong, path[:-1])


@kind("key of another plugin", Severity.WARNING)
def foreign_key(good: Good) -> Iterator[Change]:
    foreign = {"ptp": "hairpinMode", "macvlan": "vlan", "ipvlan": "isGateway", "portmap": "hairpinMode", "dummy": "mtu"}
    for path, plugin in good.plugins(*foreign):
        yield good.put((*path, foreign[plugin["type"]]), 7 if foreign[plugin["type"]] in ("vlan", "mtu") else True)


def _typed(good: Good, *types: type) -> Iterator[tuple[Steps, Any]]:
    """Values of these types, also those in lists."""
    for path, value in good.walk():
        apart = not path or path[-1] in ("ipam", "dns", "type") or path[-2:-1] == ("plugins",)
        if type(value) in types and not apart and _is_typed(good, path):
            yield path, value


@kind("number as string")
def number_as_string(good: Good) -> Iterator[Change]:
    return (good.put(path, str(value)) for path, value in _typed(good, int))


@kind("number with fraction .0")
def number_as_float(good: Good) -> Iterator[Change]:
    return (good.put(path, float(value)) for path, value in _typed(good, int))


@kind("number with a fraction")
def fraction(good: Good) -> Iterator[Change]:
    return (good.put(path, value + 0.5) for path, value in _typed(good, int))


@kind("number with unit")
def unit(good: Good) -> Iterator[Change]:
    return (good.put(path, f"{value}M") for path, value in _typed(good, int))


@kind("number as true")
def number_as_boolean(good: Good) -> Iterator[Change]:
    return (good.put(path, YES) for path, _ in _typed(good, int))


@kind("true or false as string")
def boolean_as_string(good: Good) -> Iterator[Change]:
    return (good.put(path, str(value).lower()) for path, value in _typed(good, bool))


@kind("true or false as number")
def boolean_as_number(good: Good) -> Iterator[Change]:
    return (good.put(path, int(value)) for path, value in _typed(good, bool))


@kind("string as number")
def string_as_number(good: Good) -> Iterator[Change]:
    return (good.put(path, 7) for path, _ in _typed(good, str))


@kind("string as true")
def string_as_boolean(good: Good) -> Iterator[Change]:
    return (good.put(path, YES) for path, _ in _typed(good, str))


@kind("scalar as list")
def scalar_as_list(good: Good) -> Iterator[Change]:
    return (good.put(path, [value]) for path, value in _typed(good, str, int, bool))


@kind("scalar as object")
def scalar_as_object(good: Good) -> Iterator[Change]:
    return (good.put(path, {"value": value}) for path, value in _typed(good, str, int, bool))


@kind("list as scalar")
def list_as_scalar(good: Good) -> Iterator[Change]:
    for path, value in _typed(good, list):
        yield good.put(path, value[0] if isinstance(value[0], str) else "none")


@kind("list as object")
def list_as_object(good: Good) -> Iterator[Change]:
    for path, value in _typed(good, list):
        yield good.put(path, value[0] if isinstance(value[0], dict) else {"0": value[0]})


@kind("object as scalar or list")
def object_as_other(good: Good) -> Iterator[Change]:
    for path, value in _typed(good, dict):
        yield good.put(path, "none")
        yield good.put(path, [value])


@kind("sysctl as number")
def sysctl_as_number(good: Good) -> Iterator[Change]:
    for path, value in good.walk():
        if "sysctl" in path and isinstance(value, str):
            yield good.put(path, int(value))


NECESSARY = {
    "ptp": ("ipam",),
    "vlan": ("ipam", "master"),
    "dummy": ("ipam",),
    "vrf": ("vrfname",),
    "kube-ovn": ("server_socket",),
    "bond": ("mode", "links", "miimon"),
}


@kind("needed key deleted")
def needed_deleted(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins(*NECESSARY):
        for key in NECESSARY[plugin["type"]]:
            yield good.drop((*path, key), path)


@kind("needed string empty")
def needed_empty(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("vlan", "vrf", "bridge"):
        key = {"vlan": "master", "vrf": "vrfname", "bridge": "bridge"}[plugin["type"]]
        yield good.put((*path, key), "")


@kind("needed ipam empty")
def needed_ipam_empty(good: Good) -> Iterator[Change]:
    for path, _ in good.plugins("ptp", "vlan", "dummy"):
        yield good.put((*path, "ipam"), {}, path)
        yield good.put((*path, "ipam"), None, path)


@kind("ipam of ipvlan deleted")
def ipvlan_without(good: Good) -> Iterator[Change]:
    for path, _ in good.plugins("ipvlan"):
        yield good.drop((*path, "ipam"))


@kind("device of host-device deleted")
def device_deleted(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("host-device"):
        for key in [key for key in ("pciBusID", "kernelpath", "device", "hwaddr") if key in plugin]:
            yield good.drop((*path, key))
            yield good.put((*path, key), "", path)


@kind("half of the limits deleted")
def half_of_limits(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("bandwidth"):
        for key in [key for key in ("ingressRate", "ingressBurst", "egressRate", "egressBurst") if key in plugin]:
            other = key.replace("Rate", "_").replace("Burst", "Rate").replace("_", "Burst")
            yield good.drop((*path, key), (*path, other))
            yield good.put((*path, key), 0, (*path, other), path)


@kind("member of an entry deleted")
def member_deleted(good: Good) -> Iterator[Change]:
    for path, entry in good.walk():
        if isinstance(entry, dict) and path and isinstance(path[-1], int) and good.owner(path) != "ovs":
            for key in [key for key in ("subnet", "dst", "address", "minID", "maxID") if key in entry]:
                yield good.drop((*path, key))
