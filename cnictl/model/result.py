"""The result of ADD, and how it reads in every version of the spec.

There are three shapes (CNI spec, "Success"; in each version's own document):

* 0.1.0 and 0.2.0: one ``ip4`` and one ``ip6``, each with its routes;
* 0.3.0 to 0.4.0: ``interfaces``, ``ips`` (each with ``version``), ``routes``, ``dns``;
* 1.0.0 and later: the same without ``version``.

In memory there is one: `Result`. `decode_result` reads any shape, `Result.encode` writes any.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.model.address import parse_cidr, parse_ip
from cnictl.model.version import SpecVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class BadResult(ValueError):  # becomes a ProtocolViolation where the exchange is known
    """A result that cannot be read; the text says which key and why."""


class Interface(NamedTuple):
    """A link that exists after ADD.

    Attributes:
        name: Its name.
        mac: Hardware address.
        mtu: Maximum transmission unit in bytes; 0 when not given. Since 1.1.0.
        sandbox: Path of the network namespace it is in; empty on the host.
        socket_path: Path of a socket file for user-space networking. Since 1.1.0.
        pci_id: PCI address of the device behind it. Since 1.1.0.
    """

    name: str
    mac: str = ""
    mtu: int = 0
    sandbox: str = ""
    socket_path: str = ""
    pci_id: str = ""


class IPConfig(NamedTuple):
    """An address that was given to the container.

    Attributes:
        address: With its prefix length, such as ``10.1.0.5/16``.
        interface: Index into the result's interfaces; ``None`` when not given.
        gateway: Default gateway of this subnet, or an empty string.
    """

    address: str
    interface: int | None = None
    gateway: str = ""

    @property
    def family(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.address else 4


class Route(NamedTuple):
    """A route in the container.

    Attributes:
        dst: Destination with its prefix length.
        gw: Next hop; empty means the gateway of the address of the same family.
        mtu: Path MTU in bytes. This and all below since 1.1.0.
        advmss: Maximal segment size to advertise, in bytes.
        priority: Metric; lower is preferred.
        table: Routing table.
        scope: 0 global, 253 link, 254 host.
    """

    dst: str
    gw: str = ""
    mtu: int = 0
    advmss: int = 0
    priority: int = 0
    table: int | None = None
    scope: int | None = None

    @property
    def family(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.dst else 4


class DNS(NamedTuple):
    """What belongs into the container's ``resolv.conf``."""

    nameservers: tuple[str, ...] = ()
    domain: str = ""
    search: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def encode(self) -> dict[str, Any]:
        """As JSON data; empty keys are left out."""
        keys: dict[str, Any] = {"nameservers": list(self.nameservers), "domain": self.domain}
        keys |= {"search": list(self.search), "options": list(self.options)}
        return {key: value for key, value in keys.items() if value}


@dataclass(frozen=True)
class Result:
    """What ADD did.

    Attributes:
        version: The spec version it was written in.
        interfaces: Links, on the host and in the container.
        ips: Addresses.
        routes: Routes.
        dns: Resolver settings.
        raw: The data it was read from, keys unknown to the spec included.
    """

    version: SpecVersion
    interfaces: tuple[Interface, ...] = ()
    ips: tuple[IPConfig, ...] = ()
    routes: tuple[Route, ...] = ()
    dns: DNS = DNS()  # noqa: RUF009  # a tuple, never changed
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    def encode(self, version: SpecVersion | None = None) -> dict[str, Any]:
        """As JSON data in a version's shape, with libcni's order and rules for what is left out.

        In its own version a result also keeps the keys that the spec does not know, so that what one plugin
        tells the next is not lost.

        Args:
            version: The version to write; its own when ``None``.

        Raises:
            BadResult: The version's shape needs an address and there is none.
        """
        version = version or self.version
        data = self._encode_list(version) if version.has_result_list else self._encode_pair(version)
        return data | self._unknown() if version is self.version else data

    def _unknown(self) -> dict[str, Any]:
        """The keys that the spec does not know."""
        return {key: value for key, value in (self.raw or {}).items() if key.lower() not in _KNOWN}

    def _encode_list(self, version: SpecVersion) -> dict[str, Any]:
        """The shape of 0.3.0 and later."""
        data: dict[str, Any] = {"cniVersion": str(version)}
        data["interfaces"] = [_encode_interface(interface, version) for interface in self.interfaces]
        data["ips"] = [_encode_ip(ip, version) for ip in self.ips]
        data["routes"] = [_encode_route(route) for route in self.routes]
        data = {key: value for key, value in data.items() if value}
        dns = self.dns.encode()
        if dns or version.has_ip_version:
            data["dns"] = dns
        return data

    def _encode_pair(self, version: SpecVersion) -> dict[str, Any]:
        """The shape of 0.1.0 and 0.2.0."""
        data: dict[str, Any] = {"cniVersion": str(version)}
        for family in (4, 6):
            ip = next((ip for ip in self.ips if ip.family == family), None)
            if ip is not None:
                pair: dict[str, Any] = {"ip": ip.address, "gateway": ip.gateway}
                own = [route for route in self.routes if route.family == family]
                pair["routes"] = [{key: value for key, value in (("dst", r.dst), ("gw", r.gw)) if value} for r in own]
                data[f"ip{family}"] = {key: value for key, value in pair.items() if value}
        if not self.ips and self.version.has_result_list:
            message = f"a result without an address cannot be written in version {version}"
            raise BadResult(message)
        return {**data, "dns": self.dns.encode()}

    def losses(self, version: SpecVersion) -> list[str]:
        """What `encode` in this version leaves out, one sentence each."""
        lost = []
        if not version.has_result_list:
            families = {ip.family for ip in self.ips}
            surplus = len(self.ips) - len(families)
            stranded = sum(route.family not in families for route in self.routes)
            lost += [f"{surplus} more addresses than one of each family"] if surplus else []
            lost += [f"{stranded} routes of a family without an address"] if stranded else []
            lost += [f"{len(self.interfaces)} interfaces"] if self.interfaces else []
            if any(route != Route(route.dst, route.gw) for route in self.routes):
                lost.append("mtu, advmss, priority, table and scope of routes")
        elif version < SpecVersion.V1_0_0 and any(i.mtu or i.socket_path or i.pci_id for i in self.interfaces):
            lost.append("mtu, socketPath and pciID of interfaces")
        if version is not self.version and self._unknown():
            lost.append(f"the keys {', '.join(self._unknown())}, which the spec does not know")
        return lost


_KNOWN = frozenset({"cniversion", "interfaces", "ips", "routes", "dns", "ip4", "ip6"})


def _encode_interface(interface: Interface, version: SpecVersion) -> dict[str, Any]:
    keys: dict[str, Any] = {"mac": interface.mac}
    if version >= SpecVersion.V1_0_0:
        # libcni leaves 1.1.0's keys in a result that says 1.0.0; plugins of 1.0.0 ignore them.
        keys |= {"mtu": interface.mtu, "sandbox": interface.sandbox}
        keys |= {"socketPath": interface.socket_path, "pciID": interface.pci_id}
    else:
        keys |= {"sandbox": interface.sandbox}
    return {"name": interface.name} | {key: value for key, value in keys.items() if value}


def _encode_ip(ip: IPConfig, version: SpecVersion) -> dict[str, Any]:
    data: dict[str, Any] = {"version": str(ip.family)} if version.has_ip_version else {}
    if ip.interface is not None:
        data["interface"] = ip.interface
    data["address"] = ip.address
    return data | ({"gateway": ip.gateway} if ip.gateway else {})


def _encode_route(route: Route) -> dict[str, Any]:
    zero_is_absent = {"gw": route.gw, "mtu": route.mtu, "advmss": route.advmss, "priority": route.priority}
    data: dict[str, Any] = {"dst": route.dst} | {key: value for key, value in zero_is_absent.items() if value}
    none_is_absent = {"table": route.table, "scope": route.scope}
    return data | {key: value for key, value in none_is_absent.items() if value is not None}


def decode_result(data: Mapping[str, Any], assumed: SpecVersion) -> Result:
    """Reads a result in the shape of the version it names.

    Keys are found in any letter case, the last of several, and null counts as absent, as in libcni.

    Args:
        data: The JSON data.
        assumed: The version to take when the result names none.

    Raises:
        BadResult: The version is unknown, or a key has a value that it cannot have.
    """
    reader = _Reader(data, "")
    named = reader.get("cniVersion")
    text = named if isinstance(named, str) else ""
    version = SpecVersion.of(text) if text else assumed
    if version is None:
        message = f'its "cniVersion" is "{text}", which no version of the spec has'
        raise BadResult(message)
    dns = _decode_dns(reader.sub("dns"))
    if not version.has_result_list:
        pairs = [pair for key in ("ip4", "ip6") if (pair := reader.sub(key)) is not None]
        ips = tuple(IPConfig(pair.cidr("ip"), gateway=pair.ip("gateway")) for pair in pairs)
        routes = tuple(_decode_route(route) for pair in pairs for route in pair.subs("routes"))
        return Result(version, (), ips, routes, dns, data)
    return Result(
        version=version,
        interfaces=tuple(map(_decode_interface, reader.subs("interfaces"))),
        ips=tuple(map(_decode_ip, reader.subs("ips"))),
        routes=tuple(map(_decode_route, reader.subs("routes"))),
        dns=dns,
        raw=data,
    )


def _decode_interface(reader: _Reader) -> Interface:
    return Interface(
        name=reader.text("name"),
        mac=reader.text("mac"),
        mtu=reader.number("mtu") or 0,
        sandbox=reader.text("sandbox"),
        socket_path=reader.text("socketPath"),
        pci_id=reader.text("pciID"),
    )


def _decode_ip(reader: _Reader) -> IPConfig:
    return IPConfig(reader.cidr("address"), reader.number("interface"), reader.ip("gateway"))


def _decode_route(reader: _Reader) -> Route:
    return Route(
        dst=reader.cidr("dst"),
        gw=reader.ip("gw"),
        mtu=reader.number("mtu") or 0,
        advmss=reader.number("advmss") or 0,
        priority=reader.number("priority") or 0,
        table=reader.number("table"),
        scope=reader.number("scope"),
    )


def _decode_dns(reader: _Reader | None) -> DNS:
    if reader is None:
        return DNS()
    return DNS(reader.texts("nameservers"), reader.text("domain"), reader.texts("search"), reader.texts("options"))


class _Reader:
    """Typed access to an object of a result; what is wrong is named by its path."""

    def __init__(self, data: Mapping[str, Any], path: str) -> None:
        self.data = data
        self.path = path

    def get(self, key: str) -> object:
        wanted = key.casefold()
        found = [value for name, value in self.data.items() if name.casefold() == wanted]
        return found[-1] if found else None

    def bad(self, key: str, reason: str) -> BadResult:
        return BadResult(f'"{self.path}{key}" {reason}')

    def text(self, key: str) -> str:
        value = self.get(key)
        if value is None or isinstance(value, str):
            return value or ""
        raise self.bad(key, "is not a string")

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.get(key)
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise self.bad(key, "is not a list of strings")

    def number(self, key: str) -> int | None:
        value = self.get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise self.bad(key, "is not an integer")

    def _address(self, key: str, read: Callable[[str], object]) -> str:
        try:
            return str(read(self.text(key)))
        except BadResult:
            raise
        except ValueError as error:
            raise self.bad(key, f"cannot be read: {error}") from None

    def cidr(self, key: str) -> str:
        if not self.text(key):
            raise self.bad(key, "is missing")
        return self._address(key, parse_cidr)

    def ip(self, key: str) -> str:
        return self._address(key, parse_ip) if self.text(key) else ""

    def sub(self, key: str) -> _Reader | None:
        value = self.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.bad(key, "is not an object")
        return _Reader(value, f"{self.path}{key}.")

    def subs(self, key: str) -> list[_Reader]:
        value = self.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.bad(key, "is not a list of objects")
        return [_Reader(item, f"{self.path}{key}[{index}].") for index, item in enumerate(value)]
