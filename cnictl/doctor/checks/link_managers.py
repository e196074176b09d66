"""Other programs that take pods' links into their own hands: systemd-networkd, udev, NetworkManager."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.foreign.link_match import LinkLook, is_unmanaged, network_file_matches, unmanaged_devices
from cnictl.foreign.systemd import read_unit
from cnictl.host.api import Unanswered
from cnictl.report.action import WriteFile
from cnictl.report.finding import Applicable, Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.foreign.systemd import Assignment, Unit

_PLACES = ("/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd", "/lib/systemd")
"""Where systemd's files lie, the one that counts most first."""
_NM_PLACES = ("/usr/lib/NetworkManager/conf.d", "/run/NetworkManager/conf.d", "/etc/NetworkManager/conf.d")
"""Where NetworkManager's files lie, the one that counts most last."""
_LOOKS = {
    "calico": (LinkLook("cali0123456789a", "veth"), LinkLook("vxlan.calico", "vxlan")),
    "flannel": (LinkLook("flannel.1", "vxlan"), LinkLook("veth01234567", "veth")),
    "aws-cni": (LinkLook("eni0123456789a", "veth"),),
    "bridge": (LinkLook("veth01234567", "veth"),),
    "ptp": (LinkLook("veth01234567", "veth"),),
    "cilium-cni": (LinkLook("lxc0123456789ab", "veth"),),
}
"""Links as the plugins name them, the ones first that matter most."""
_PATTERNS = {
    "calico": "cali* tunl* vxlan.calico",
    "flannel": "flannel* cni* veth*",
    "aws-cni": "eni*",
    "bridge": "veth*",
    "ptp": "veth*",
    "cilium-cni": "cilium_* lxc*",
}
"""The same as patterns."""
_TO_LEAVE = {
    "calico": "interface-name:cali*;interface-name:tunl*;interface-name:vxlan.calico;interface-name:wireguard.cali",
    "flannel": "interface-name:flannel*;interface-name:cni*",
}
"""What the products' documentation has NetworkManager leave alone."""
_WITH_RULES = ("cilium-cni", "aws-cni", "calico")
"""Plugins that put routes or rules beside the main table."""
_FOREIGN = ("ManageForeignRoutes", "ManageForeignRoutingPolicyRules")
_NO = ("no", "false", "0", "off", "n", "f")
_RESTART = "systemctl restart systemd-networkd"
_CLOUD_SETUP = (
    "/etc/systemd/system/NetworkManager.service.wants/nm-cloud-setup.service",
    "/etc/systemd/system/timers.target.wants/nm-cloud-setup.timer",
)
"""The links by which NetworkManager's helper for clouds is on."""


@check(
    "CNI895",
    "links-managed-elsewhere",
    Severity.WARNING,
    "links and routes",
    reads="every config, and the files of systemd-networkd, udev and NetworkManager",
    well="no other program changes pods' links, routes or rules",
    leads_to=("unreachable", "lost-at-boot"),
)
def links_managed_elsewhere(node: Node) -> Iterator[Hit]:
    """Another program configures pods' links, or removes their routes and rules.

    Why:
        All works until that program starts again or a link changes, as in an upgrade at night. systemd-networkd removes
        rules and routes that it does not know, and with them the way to Amazon's pods; Cilium marks its own as the
        kernel's since 1.14, and networkd leaves them. A .network file for all links has it ask for addresses on pods'
        veths; udev gives a veth another hardware address than the one that the pod was told. NetworkManager changes the
        routes of links that it was not told to leave alone. `networkctl list` and `nmcli device` show which links they
        configure.
    Bad:
        NetworkManager runs on a node with Calico, and no file says "unmanaged-devices=interface-name:cali*"
    Good:
        unmanaged-devices+=interface-name:cali*;interface-name:tunl* in /etc/NetworkManager/conf.d/calico.conf
    Fix:
        Tell the program to leave them alone, with the file that the finding names.
    Reference:
        Calico documentation, "Troubleshooting and diagnostics", section "Configure NetworkManager"; Cilium issue 18706
        and pull request 24288; Flatcar issue 278
    """
    types = [each for each in _LOOKS if each in node.promised.types]
    if not types:
        message = "no config has a plugin whose links are known"
        raise Skip(message)
    yield from _mac_policy(node, types)
    yield from _cloud_setup(node, types)
    unknown = None
    for program, work in (("systemd-networkd", _networkd), ("NetworkManager", _network_manager)):
        try:
            runs = node.services.starts_at_boot(f"{program}.service") or bool(node.host.processes([program]))
        except Unanswered as reason:
            unknown = reason
        else:
            yield from work(node, types) if runs else ()
    if unknown is not None:
        raise unknown


def _networkd(node: Node, types: list[str]) -> Iterator[Hit]:
    yield from _foreign(node, types)
    yield from _grabbed(node, types)


def _foreign(node: Node, types: list[str]) -> Iterator[Hit]:
    """Whether networkd removes routes and rules that are not its own."""
    product = next((each for each in _WITH_RULES if each in types), None)
    if product is None:
        return
    unit = _settings(node)
    last = {each.key: each for each in unit.assignments if each.section == "Network"}
    on = [key for key in _FOREIGN if key not in last or last[key].value.lower() not in _NO]
    if on:
        source = unit.sources[0] if unit.sources else None
        path = "/etc/systemd/networkd.conf.d/cni.conf"
        whose = "Cilium before 1.14" if product == "cilium-cni" else product
        message = (
            f"systemd-networkd has {' and '.join(on)} on, so it removes what {whose} has put there when it restarts"
        )
        text = "[Network]\n" + "".join(f"{key}=no\n" for key in _FOREIGN)
        place = _where(source.path if source else path, last.get(on[0]))
        severity = None if product == "aws-cni" else Severity.NOTE
        yield Hit(place, message, _write(path, text, _RESTART), severity=severity)


def _settings(node: Node) -> Unit:
    """networkd's own settings: the first of the main files, then the drop-ins by their names."""
    paths = (f"{place}/networkd.conf" for place in _PLACES)
    main = next((source for path in paths if (source := node.source(path)) is not None), None)
    drop_ins = (node.source(path) for path in _by_name(node, "networkd.conf.d", ".conf"))
    return read_unit(source for source in (main, *drop_ins) if source is not None)


def _by_name(node: Node, directory: str, suffix: str) -> list[str]:
    """The files in the directories of a name, in the order of their names; of one name the first directory's counts."""
    paths: dict[str, str] = {}
    for place in _PLACES:
        for name in node.names_in(f"{place}/{directory}"):
            if name.endswith(suffix):
                paths.setdefault(name, f"{place}/{directory}/{name}")
    return [paths[name] for name in sorted(paths)]


def _unit(node: Node, path: str) -> Unit:
    """A file of the directory ``network`` with its drop-ins."""
    name = path.rpartition("/")[2]
    drop_ins = (node.source(each) for each in _by_name(node, f"network/{name}.d", ".conf"))
    return read_unit(source for source in (node.source(path), *drop_ins) if source is not None)


def _first(node: Node, link: LinkLook, suffix: str) -> tuple[str, Unit] | None:
    """The file that counts for a link: the first one whose ``[Match]`` means it."""
    units = ((path, _unit(node, path)) for path in _by_name(node, "network", suffix))
    return next(((path, unit) for path, unit in units if network_file_matches(unit, link)), None)


def _grabbed(node: Node, types: list[str]) -> Iterator[Hit]:
    """Files that have networkd configure pods' links."""
    told: set[str] = set()
    for look in (look for each in types for look in _LOOKS[each]):
        found = _first(node, look, ".network")
        if found is None or found[0] in told or _says(found[1], "Link", "Unmanaged", ("yes", "true", "1", "on")):
            continue
        path, unit = found
        told.add(path)
        names = " ".join(dict.fromkeys(" ".join(_PATTERNS[each] for each in types).split()))
        text = f"[Match]\nName={names}\n\n[Link]\nUnmanaged=yes\n"
        message = f"{path} is for pods' links too, so systemd-networkd configures {look.name}"
        match = next((each for each in unit.assignments if each.section == "Match"), None)
        yield Hit(_where(path, match), message, _write("/etc/systemd/network/00-cni.network", text, _RESTART))


def _says(unit: Unit, section: str, key: str, values: tuple[str, ...]) -> bool:
    return any((each.section, each.key) == (section, key) and each.value.lower() in values for each in unit.assignments)


def _mac_policy(node: Node, types: list[str]) -> Iterator[Hit]:
    """Whether udev gives pods' links other hardware addresses than their products have noted."""
    for product in (each for each in ("aws-cni", "flannel") if each in types):
        look = _LOOKS[product][0]
        found = _first(node, look, ".link")
        policy = [each for each in found[1].assignments if each.key == "MACAddressPolicy"] if found else []
        if found and policy and policy[-1].value == "persistent":
            name = "eni*" if product == "aws-cni" else "flannel*"
            text = f"[Match]\nOriginalName={name}\n\n[Link]\nMACAddressPolicy=none\n"
            message = f"udev gives {name} another hardware address than {product} has told, as {found[0]} says"
            if product == "flannel":
                message = (
                    f"udev may give {name} another hardware address than flannel before 0.15.1 has told the other nodes"
                )
            severity = Severity.NOTE if product == "flannel" else None
            yield Hit(
                _where(found[0], policy[-1]),
                message,
                _write(f"/etc/systemd/network/50-{product}.link", text),
                severity=severity,
            )


def _network_manager(node: Node, types: list[str]) -> Iterator[Hit]:
    """Whether NetworkManager was told to leave the links alone, and its helper for clouds is off."""
    specs = unmanaged_devices(source for path in _nm_files(node) if (source := node.source(path)) is not None)
    for product in (each for each in _TO_LEAVE if each in types):
        look = _LOOKS[product][0]
        if not is_unmanaged(specs, look):
            path = f"/etc/NetworkManager/conf.d/{product}.conf"
            message = f"NetworkManager was not told to leave the links of {product} alone, such as {look.name}"
            text = f"[keyfile]\nunmanaged-devices+={_TO_LEAVE[product]}\n"
            fix = _write(path, text, "systemctl reload NetworkManager")
            severity = None if product == "calico" else Severity.NOTE
            yield Hit(Location("/etc/NetworkManager/NetworkManager.conf"), message, fix, severity=severity)


def _cloud_setup(node: Node, types: list[str]) -> Iterator[Hit]:
    path = next((path for path in _CLOUD_SETUP if node.host.link_target(path) is not None), None)
    if path:
        message = "nm-cloud-setup is on, and makes routes and rules of its own, in which packets of pods are lost"
        fix = Fix(
            "`systemctl disable --now nm-cloud-setup.service nm-cloud-setup.timer`, then drain the node and restart it"
        )
        yield Hit(Location(path), message, fix, severity=Severity.ERROR if "aws-cni" in types else None)


def _nm_files(node: Node) -> list[str]:
    """Its files in the order in which they count: of one name the last directory's, and the main one first."""
    paths: dict[str, str] = {}
    for place in _NM_PLACES:
        paths |= {name: f"{place}/{name}" for name in node.names_in(place) if name.endswith(".conf")}
    return ["/etc/NetworkManager/NetworkManager.conf", *(paths[name] for name in sorted(paths))]


def _where(path: str, assignment: Assignment | None) -> Location:
    return Location(path) if assignment is None else Location.in_text(assignment.source, assignment.span)


def _write(path: str, text: str, then: str = "") -> Fix:
    """A file that tells a program to leave links alone; it counts when that program has read it."""
    directory, lines = path.rpartition("/")[0], text.replace("\n", "\\n")
    end = f" && {then}`" if then else "`; it counts for links that are made from then on"
    description = f"`mkdir -p {directory} && printf '{lines}' > {path}{end}"
    return Fix(description, Applicable.SAFE, actions=(WriteFile(path, text),))
