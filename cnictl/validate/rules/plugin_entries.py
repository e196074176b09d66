"""CNI109 to CNI114 and CNI116: entries of a list that libcni and the plugins refuse to load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.report.finding import Severity
from cnictl.validate.registry import Hit, file_rule
from cnictl.validate.rules.structure import faults_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.validate.context import ConfigFile


@file_rule("CNI109", "plugin-not-an-object", Severity.ERROR)
def plugin_not_an_object(file: ConfigFile) -> Iterator[Hit]:
    """An entry of the list is no object.

    Why:
        libcni refuses the file with "failed to parse plugin config".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": ["bridge"]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Write an object with a "type".
    Reference:
        CNI spec 1.1.0, section 1 "Plugin configuration objects"
    """
    yield from faults_of(file, "plugin-not-an-object")


@file_rule("CNI110", "type-missing", Severity.ERROR)
def type_missing(file: ConfigFile) -> Iterator[Hit]:
    """A plugin has no type.

    Why:
        The type is the name of the executable. libcni refuses the file with "failed to parse plugin config: missing
        'type'".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"tpye": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Add "type".
    Reference:
        CNI spec 1.1.0, section 1 "Plugin configuration objects"
    """
    yield from faults_of(file, "type-missing")


@file_rule("CNI111", "type-invalid", Severity.ERROR)
def type_invalid(file: ConfigFile) -> Iterator[Hit]:
    """A plugin's type cannot be the name of an executable.

    Why:
        The type must be the bare name of a file in a plugin directory. A path is refused with "invalid plugin name".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "/opt/cni/bin/bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Write the name alone; the runtime knows the directories.
    Reference:
        CNI spec 1.1.0, section 1 "Plugin configuration objects"
    """
    yield from faults_of(file, "type-invalid")


@file_rule("CNI112", "capabilities-invalid", Severity.ERROR)
def capabilities_invalid(file: ConfigFile) -> Iterator[Hit]:
    """The capabilities are no object of true and false.

    Why:
        libcni refuses the whole file with "json: cannot unmarshal ... into Go struct field NetConf.capabilities".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "capabilities": ["mac"]}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "capabilities": {"mac": true}}]}
    Fix:
        Write an object with true for each capability.
    Reference:
        CNI spec 1.1.0, section 1 "Plugin configuration objects"
    """
    yield from faults_of(file, "capabilities-invalid")


@file_rule("CNI113", "ipam-invalid", Severity.ERROR)
def ipam_invalid(file: ConfigFile) -> Iterator[Hit]:
    """The ipam entry is no object, or its type is no name of an executable.

    Why:
        libcni refuses the whole file, or the plugin that calls the IPAM plugin fails with "invalid plugin name".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": "dhcp"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "dhcp"}}]}
    Fix:
        Write an object with a "type".
    Reference:
        CNI spec 1.1.0, section 1 "Plugin configuration objects"
    """
    yield from faults_of(file, "ipam-invalid")


@file_rule("CNI114", "dns-invalid", Severity.ERROR)
def dns_invalid(file: ConfigFile) -> Iterator[Hit]:
    """The resolver settings have the wrong shape.

    Why:
        libcni and the plugins refuse it: "dns" is an object, in which "nameservers", "search" and "options" are lists
        of strings and "domain" is a string.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "dns": {"nameservers": "10.0.0.2"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "dns": {"nameservers": ["10.0.0.2"]}}]}
    Fix:
        Write the value in the form that the key has.
    Reference:
        CNI spec 1.1.0, section 1 "Plugin configuration objects"
    """
    yield from faults_of(file, "dns-invalid")


@file_rule("CNI116", "prev-result-invalid", Severity.ERROR)
def prev_result_invalid(file: ConfigFile) -> Iterator[Hit]:
    """A stored prevResult is no object.

    Why:
        libcni refuses the file. The key does not belong into a file at all: the runtime writes it.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "prevResult": []}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Remove the key.
    Reference:
        CNI spec 1.1.0, section 3 "Deriving execution configuration from plugin configuration"
    """
    yield from faults_of(file, "prev-result-invalid")
