"""ADD, and whether its result is true."""

from __future__ import annotations

from ipaddress import ip_interface
from typing import TYPE_CHECKING, Any

from cnictl.conformance.registry import Flaw, Seen, Skip, case, should
from cnictl.conformance.verdict import failed, judged_result, printed
from cnictl.errors import CNIError
from cnictl.throwaway.look import look

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.conformance.bench import Bench
    from cnictl.conformance.container import Container
    from cnictl.netns.survey import Survey


@case("CNI940", "spec-add", "ADD")
def add(bench: Bench) -> Iterator[Seen | Flaw]:
    """ADD fails, or prints something else than a result of the version that it was asked in.

    Why:
        The runtime cannot read the result, and no container is started.
    Bad:
        a line of a log in front of the result; "ip4" in version 1.0.0; another "cniVersion" than that of the config
    Good:
        {"cniVersion": "1.0.0", "interfaces": [...], "ips": [...]} on stdout, and logs on stderr
    Fix:
        Print the result as the version of the config has it, and nothing else to stdout.
    Reference:
        CNI spec 1.1.0, section 2, "ADD", and section 5, "ADD Success"
    """
    try:
        with bench.attached() as container:
            if container.answer is not None:
                yield from judged_result(bench, container.answer)
    except CNIError as error:
        yield failed(error, "ADD")


@case("CNI941", "spec-result", "result as in the kernel", needs=("spec-add",), roles=("interface", "chained"))
def result(bench: Bench) -> Iterator[Seen | Flaw]:
    """What ADD reports is not what there is.

    Why:
        Kubernetes looks for the pod at the addresses of the result, and CHECK compares with it.
    Bad:
        a result with eth0 and 10.1.0.5/24, and no such interface or address in the container
    Good:
        each interface of the result is there with its MAC, and each address at the interface that its index names
    Fix:
        Make the result from what the kernel says when all is done, not from what was to be done.
    Reference:
        CNI spec 1.1.0, section 2, "ADD", and section 5, "ADD Success"
    """
    with bench.attached() as container:
        inside = container.survey()
        yield from _interface(bench, container, inside)
        data = container.result or {}
        yield from _interfaces(container, data.get("interfaces", []), inside)
        yield from _indexes(data)
        yield from _addresses(data, inside)


def _interface(bench: Bench, container: Container, inside: Survey) -> Iterator[Seen | Flaw]:
    """Whether the plugin has made what it was told to make, and reports it."""
    if bench.role != "interface":
        return
    name = container.ifname
    if name not in [link.name for link in inside.links]:
        yield Flaw(f"ADD: there is no {name} in the container", "give the interface the name in CNI_IFNAME")
    elif bench.version.has_result_list and name not in [entry["name"] for entry in _inside(container)]:
        yield Flaw(f'ADD: the result does not name {name} among its "interfaces"', "name every interface that it makes")
    else:
        yield Seen(f"{name} is in the container")


def _inside(container: Container) -> list[dict[str, Any]]:
    """The interfaces of a result that are in the container."""
    return [entry for entry in (container.result or {}).get("interfaces", []) if entry.get("sandbox")]


def _interfaces(container: Container, entries: list[dict[str, Any]], inside: Survey) -> Iterator[Seen | Flaw]:
    there = {True: inside, False: look()}
    for entry in entries:
        name, mac, sandbox = entry.get("name"), entry.get("mac"), entry.get("sandbox")
        link = next((link for link in there[bool(sandbox)].links if link.name == name), None)
        if link is None:
            where = "in the container" if sandbox else "on the node"
            yield Flaw(f"ADD: the result names the interface {name}, which is not {where}", "name what is there")
        # A bridge on the node takes the MAC of its lowest port, and that may be another container's.
        elif sandbox and mac and mac.lower() != link.mac:
            yield Flaw(f"ADD: the result says that {name} has the MAC {mac}, and it has {link.mac}")
        elif sandbox and sandbox != container.attachment.netns:
            yield should(f'ADD: {name} has the sandbox "{sandbox}"', f'write CNI_NETNS, "{container.attachment.netns}"')
        else:
            yield Seen(f"{name} {link.mac}".rstrip())


def _indexes(data: dict[str, Any]) -> Iterator[Flaw]:
    number = len(data.get("interfaces", []))
    for ip in data.get("ips", []):
        index = ip.get("interface")
        if index is not None and not 0 <= index < number:
            message = f'ADD: {ip.get("address")} has the "interface" {index}, and there are {number} interfaces'
            yield Flaw(message, "count from 0")


def _addresses(data: dict[str, Any], inside: Survey) -> Iterator[Seen | Flaw]:
    there = {(entry.link, ip_interface(entry.address)) for entry in inside.addresses}
    for link, address in _reported(data):
        names = {name for name, found in there if found == ip_interface(address)}
        if not names:
            yield Flaw(f"ADD: the result names {address}, which the container does not have", "give it the address")
        elif link and link not in names:
            yield Flaw(f"ADD: the result has {address} at {link}, and it is at {', '.join(names)}")
        else:
            yield Seen(address)


def _reported(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The addresses of a result that are in the container, each with the name of its interface if there is one."""
    entries = data.get("interfaces", [])
    for ip in data.get("ips", []):
        index = ip.get("interface")
        entry = entries[index] if index is not None and 0 <= index < len(entries) else None
        if entry is None or entry.get("sandbox"):
            yield entry["name"] if entry else "", ip["address"]
    for family in ("ip4", "ip6"):
        if data.get(family):
            yield "", data[family]["ip"]


@case("CNI942", "spec-ipam-result", "an IPAM plugin's result", needs=("spec-add",), since="0.3.0", roles=("ipam",))
def ipam_result(bench: Bench) -> Iterator[Seen | Flaw]:
    """An IPAM plugin reports interfaces.

    Why:
        The plugin that has asked for an address takes them for its own, and gives the address to the wrong one.
    Bad:
        {"cniVersion": "1.0.0", "interfaces": [{"name": "eth0"}], "ips": [{"address": "10.1.0.5/24", "interface": 0}]}
    Good:
        {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/24", "gateway": "10.1.0.1"}]}
    Fix:
        Leave out "interfaces", and "interface" of each address.
    Reference:
        CNI spec 1.1.0, section 5, "Delegated plugins (IPAM)"
    """
    with bench.attached() as container:
        data = container.result or {}
        if data.get("interfaces"):
            yield Flaw('ADD: an IPAM plugin has no "interfaces" to report', 'leave out "interfaces"')
        indexed = [ip for ip in data.get("ips", []) if ip.get("interface") is not None]
        if indexed:
            yield Flaw(f'ADD: {indexed[0]["address"]} has an "interface"', 'leave out "interface"')
        elif not data.get("ips"):
            yield Flaw('ADD: there is no address in "ips"', 'print "ips"')
        else:
            yield Seen(", ".join(ip["address"] for ip in data["ips"]))


_DNS = {"nameservers": ["192.0.2.53"], "domain": "example.org", "search": ["example.org"]}


@case("CNI943", "spec-prev-result", "prevResult handed on", needs=("spec-add",), since="0.3.0", roles=("chained",))
def prev_result(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin drops something of the result of the plugins in front of it.

    Why:
        The result of the last plugin is that of the network: what is not in it does not exist for the runtime.
    Bad:
        a plugin that prints {"cniVersion": "1.0.0"}, as it has made nothing itself
    Good:
        the prevResult that was on stdin, with what the plugin has changed
    Fix:
        Print prevResult, with your changes in it.
    Reference:
        CNI spec 1.1.0, section 2, "ADD", and section 5, "ADD Success"
    """
    container = bench.container()
    try:
        bench.prepare(container)
        container.before = {**(container.before or {}), "dns": _DNS}
        container.answer = bench.ask("ADD", container)
        yield from _handed_on(container, list(judged_result(bench, container.answer)))
    finally:
        bench.finish(container)


def _handed_on(container: Container, judged: list[Seen | Flaw]) -> Iterator[Seen | Flaw]:
    if container.answer is None or not container.answer.ok:
        message = "ADD fails with name servers in prevResult"
        raise Skip(message)
    yield from (found for found in judged if isinstance(found, Flaw))
    data, _ = printed(container.answer)
    before = container.before or {}
    for key, name in (("interfaces", "name"), ("ips", "address"), ("routes", "dst")):
        kept = [entry.get(name) for entry in data.get(key, [])]
        lost = [entry.get(name) for entry in before.get(key, []) if entry.get(name) not in kept]
        for what in lost:
            yield Flaw(f'ADD: {what} was in "{key}" of prevResult, and is not in the result', "hand it on")
        if not lost:
            yield Seen(f"{len(kept)} {key}")
    if data.get("dns") != before["dns"]:
        yield Flaw('ADD: "dns" of prevResult is not in the result as it was', "hand it on")
