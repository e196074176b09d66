"""The network's name, its version, and the names of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.report.finding import Severity
from tests.mutation.registry import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutation.configs import Change, Good, Steps

NAME: Steps = ("name",)
VERSION: Steps = ("cniVersion",)


@kind("name with characters that are not allowed", everywhere=True)
def name_characters(good: Good) -> Iterator[Change]:
    name = good.data["name"]
    for value in (f"my/{name}", f"my {name}", f".{name}", f"-{name}", f"{name}\n", f"{name}ß", f"{name}:0", f" {name}"):
        yield good.put(NAME, value)


@kind("name empty", everywhere=True)
def name_empty(good: Good) -> Iterator[Change]:
    yield good.put(NAME, "")


@kind("name no string", everywhere=True)
def name_no_string(good: Good) -> Iterator[Change]:
    for value in (5, True, ["pods"], {"name": "pods"}):
        yield good.put(NAME, value)


@kind("version deleted", Severity.WARNING, everywhere=True, errors=3)
def version_deleted(good: Good) -> Iterator[Change]:
    if "cniVersions" not in good.data:
        yield good.drop(VERSION)


@kind("key cniVersion misspelt", Severity.WARNING, everywhere=True, errors=3)
def version_misspelt(good: Good) -> Iterator[Change]:
    if "cniVersions" not in good.data:
        for key in ("cniVersoin", "cniversion", "CNIVersion", "cni_version", "version", "cniVerison"):
            if "plugins" in good.data or key.casefold() != "cniversion":
                yield good.rename(VERSION, key, ())


@kind("version no string", everywhere=True)
def version_no_string(good: Good) -> Iterator[Change]:
    values: tuple[Any, ...] = (1.0, 1, True, ["1.0.0"], {})
    for value in values:
        yield good.put(VERSION, value)


@kind("version with v, two parts or letters", everywhere=True)
def version_malformed(good: Good) -> Iterator[Change]:
    version = good.data["cniVersion"]
    for value in (f"v{version}", version.rpartition(".")[0], version.replace(".", ","), version.replace("0", "O")):
        yield good.put(VERSION, value)
    for value in (
        f"{version}.0",
        f" {version}",
        f"{version}-rc1",
        version.replace(".", ".."),
        "latest",
        f"{version}\n",
    ):
        yield good.put(VERSION, value)


@kind("version that was never published", everywhere=True)
def version_unknown(good: Good) -> Iterator[Change]:
    if "cniVersions" not in good.data:
        for value in ("0.3.2", "0.5.0", "1.2.0", "1.0.1", "2.0.0", "0.4.1", "9.9.9"):
            yield good.put(VERSION, value)


@kind("version older than lists", Severity.WARNING, everywhere=True, errors=3)
def version_before_lists(good: Good) -> Iterator[Change]:
    if "plugins" in good.data and "cniVersions" not in good.data:
        yield good.put(VERSION, "0.2.0")
        yield good.put(VERSION, "0.1.0")


@kind("version older than a plugin", everywhere=True)
def version_too_old(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("firewall", "vrf"):
        if "cniVersions" not in good.data:
            oldest = {"firewall": "0.3.1", "vrf": "0.3.0"}[plugin["type"]]
            yield good.put(VERSION, oldest, path, (*path, "type"))


@kind("version newer than a plugin", everywhere=True)
def version_too_new(good: Good) -> Iterator[Change]:
    limited = ("calico", "weave-net", "cni-kindnet", "azure-vnet", "spiderpool", "coil", "terway")
    for path, _ in good.plugins(*limited):
        yield good.put(VERSION, "1.1.0", path, (*path, "type"))


@kind("versions with an entry that is none", everywhere=True)
def versions_invalid(good: Good) -> Iterator[Change]:
    if "plugins" in good.data:
        for value in ("1.0.f", "v1.0.0", "", 1.0, None):
            yield good.put(("cniVersions",), ["0.4.0", value], ("cniVersions", 1))
        yield good.put(("cniVersions",), "1.0.0")
        yield good.put(("cniVersions",), {"1.0.0": True})


@kind("versions of which runtimes choose one that is none", everywhere=True)
def versions_chosen(good: Good) -> Iterator[Change]:
    if "plugins" in good.data and good.data["cniVersion"] < "1.1.0":
        for value in ("1.1", "1.0.5", "1.0.00001"):
            yield good.put(("cniVersions",), ["0.4.0", value], ("cniVersions", 1))


@kind("versions before they existed", Severity.NOTE, everywhere=True)
def versions_early(good: Good) -> Iterator[Change]:
    if "plugins" in good.data and good.data["cniVersion"] < "1.1.0":
        yield good.put(("cniVersions",), [good.data["cniVersion"]])


def _misspelt(word: str) -> Iterator[str]:
    """Words as fingers write them: letters swapped, dropped, doubled."""
    middle = len(word) // 2
    yield word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    yield word[:middle] + word[middle + 1 :]
    yield word[:middle] + word[middle] + word[middle:]


REFERENCE = (
    *("bridge", "ptp", "macvlan", "ipvlan", "vlan", "host-device", "loopback", "dummy"),
    *("portmap", "bandwidth", "firewall", "tuning", "sbr", "vrf"),
)


@kind("type of a reference plugin misspelt", Severity.WARNING)
def type_misspelt(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins(*REFERENCE):
        for wrong in _misspelt(plugin["type"]):
            if wrong != plugin["type"]:
                yield good.put((*path, "type"), wrong, path)


@kind("type of a vendor's plugin misspelt", Severity.WARNING)
def vendor_type_misspelt(good: Good) -> Iterator[Change]:
    vendors = ("calico", "flannel", "cilium-cni", "multus", "kube-ovn", "weave-net", "istio-cni", "azure-vnet")
    for path, plugin in good.plugins(*vendors):
        for wrong in _misspelt(plugin["type"]):
            yield good.put((*path, "type"), wrong, path)


@kind("type in another letter case or with _ for -", Severity.WARNING)
def type_case(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins(*REFERENCE):
        yield good.put((*path, "type"), plugin["type"].title(), path)
        if "-" in plugin["type"]:
            yield good.put((*path, "type"), plugin["type"].replace("-", "_"), path)
            yield good.put((*path, "type"), plugin["type"].replace("-", ""), path)


@kind("type of ipam misspelt", Severity.WARNING)
def ipam_type_misspelt(good: Good) -> Iterator[Change]:
    for path, ipam in good.ipams("host-local", "static", "dhcp", "calico-ipam", "whereabouts"):
        for wrong in (*_misspelt(ipam["type"]), ipam["type"].title(), ipam["type"].replace("-", "_")):
            if wrong != ipam["type"]:
                yield good.put((*path, "type"), wrong, path)
