"""CNI401 to CNI407: the keys of a plugin, as its schema has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.report.finding import Severity
from cnictl.validate.registry import Hit, file_rule, safe, unsafe
from cnictl.validate.rules.addresses import dhcp_option
from cnictl.validate.rules.bandwidth import rate_without_burst
from cnictl.validate.rules.ranges import no_address_range
from cnictl.validate.rules.routes import route_destination

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cnictl.text.node import Label
    from cnictl.validate.context import ConfigFile


def _violations(file: ConfigFile, kind: str) -> Iterator[Hit]:
    for violation in file.violations:
        if violation.kind == kind:
            fix = safe(violation.fix, *violation.edits) if violation.edits else unsafe(violation.fix)
            yield Hit(violation.label, violation.message, fix)


def _as_written(file: ConfigFile, hits: Iterable[Hit]) -> Iterator[Hit]:
    """The same with numbers as they stand in the text: what the message has of 1450e0 is its value, 1450.0."""
    for hit in hits:
        written = file.document.source.text[slice(*hit.label.span)]
        is_number = _NUMBER.fullmatch(written) is not None
        yield hit._replace(message=_SHOWN.sub(rf"\g<1>{written}", hit.message)) if is_number else hit


_NUMBER = re.compile(r"-?[0-9][-+.0-9eE]*")
_SHOWN = re.compile(r"(, and this is (?:written as )?)-?[0-9](?:[-+.0-9e]*[0-9])?")
"""A number at the end of a message, or before the comma that follows it."""


@file_rule("CNI401", "unknown-key", Severity.WARNING)
def unknown_key(file: ConfigFile) -> Iterator[Hit]:
    """A plugin does not read a key that it is given.

    Why:
        Unknown keys are passed over without a word, at every level. Whoever wrote it believes that it works.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGatway": true}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true}]}
    Fix:
        Correct the spelling, or remove the key. Remarks can be kept under keys that begin with "_".
    Reference:
        containernetworking/plugins, the NetConf structure of each plugin
    """
    hits = list(_violations(file, "unknown-key"))
    said = _reported_as_missing(file) if hits else set()
    yield from (hit for hit in hits if hit.label not in said)


def _reported_as_missing(file: ConfigFile) -> set[Label]:
    """The keys that other rules report because something is missing that they were to be."""
    plugins = [plugin for network in file.networks for plugin in network.judged_plugins]
    said = {hit.label for plugin in plugins for rule in _SAY_WHAT_IS_MISSING for hit in rule(plugin)}
    return said | {hit.label for plugin in plugins if plugin.type == "bandwidth" for hit in rate_without_burst(plugin)}


_SAY_WHAT_IS_MISSING = (no_address_range, route_destination, dhcp_option)


@file_rule("CNI402", "wrong-type", Severity.ERROR)
def wrong_type(file: ConfigFile) -> Iterator[Hit]:
    """A value has the wrong type.

    Why:
        The plugin fails with "json: cannot unmarshal ... into Go struct field" when the first pod starts. Numbers and
        true or false in quotes are the usual case.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": "true"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true}]}
    Fix:
        Write the value in the type that the key has.
    Reference:
        containernetworking/plugins, the NetConf structure of each plugin
    """
    yield from _as_written(file, _violations(file, "wrong-type"))


@file_rule("CNI403", "value-not-allowed", Severity.ERROR)
def value_not_allowed(file: ConfigFile) -> Iterator[Hit]:
    """A value is none of those that the plugin knows.

    Why:
        The plugin refuses it when the first pod starts, such as macvlan with "unknown macvlan mode". Letter case
        counts.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "isGateway": true, "ipMasq": true, "ipMasqBackend": "nft"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "isGateway": true, "ipMasq": true, "ipMasqBackend": "nftables"}]}
    Fix:
        Write one of the values in the message.
    Reference:
        containernetworking/plugins, the documentation of each plugin
    """
    yield from _violations(file, "value-not-allowed")


@file_rule("CNI404", "out-of-range", Severity.ERROR)
def out_of_range(file: ConfigFile) -> Iterator[Hit]:
    """A value is too small, too large, too short or too long.

    Why:
        The plugin or the kernel refuses it when the first pod starts: a bridge name of 16 characters with "numerical
        result out of range", a VLAN of 4095 with "invalid VLAN ID".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "vlan": 4095}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "vlan": 4094}]}
    Fix:
        Choose a value within the limits in the message.
    Reference:
        containernetworking/plugins, the documentation of each plugin
    """
    yield from _violations(file, "out-of-range")


@file_rule("CNI405", "missing-key", Severity.ERROR)
def missing_key(file: ConfigFile) -> Iterator[Hit]:
    """A key is missing without which the plugin does not work.

    Why:
        The plugin refuses the config when the first pod starts: host-local with "IP <nil> not v4 nor v6" when a range
        has no subnet, vlan with '"master" field is required'.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"gateway": "10.1.0.1"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "host-local",
            "ranges": [[{"subnet": "10.1.0.0/24", "gateway": "10.1.0.1"}]]}}]}
    Fix:
        Add the key.
    Reference:
        containernetworking/plugins, the documentation of each plugin
    """
    yield from _violations(file, "missing-key")


@file_rule("CNI406", "key-case", Severity.WARNING)
def key_case(file: ConfigFile) -> Iterator[Hit]:
    """A key differs from a known one by letter case only.

    Why:
        Go finds keys in any letter case, so plugins written in Go read it. Other programs, and the schemas of editors,
        do not.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isgateway": true}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true}]}
    Fix:
        Write the key as in the message.
    Reference:
        Go documentation, package encoding/json, function Unmarshal
    """
    yield from _violations(file, "key-case")


@file_rule("CNI407", "integer-as-float", Severity.ERROR)
def integer_as_float(file: ConfigFile) -> Iterator[Hit]:
    """A whole number is written with a fraction or an exponent.

    Why:
        JSON Schema takes 1450.0 for an integer, Go does not: the plugin fails with "json: cannot unmarshal number
        1450.0 into Go struct field". Programs that read and write the file as floats leave it behind.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": 1450.0}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": 1450}]}
    Fix:
        Write the digits alone.
    Reference:
        Go documentation, package encoding/json, function Unmarshal
    """
    yield from _as_written(file, _violations(file, "integer-as-float"))
