"""CNI101 to CNI103, CNI106 to CNI108, CNI115 and CNI126: networks that libcni and the plugins refuse to load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.report.finding import Severity
from cnictl.validate.registry import Hit, file_rule, manual, network_rule, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView
    from cnictl.validate.context import ConfigFile


def faults_of(file: ConfigFile, kind: str) -> Iterator[Hit]:
    """What is yielded about the faults of one kind."""
    for fault in file.faults:
        if fault.kind == kind:
            fix = safe(fault.fix, *fault.edits) if fault.edits else manual(fault.fix)
            yield Hit(fault.label, fault.message, fix)


@file_rule("CNI101", "not-an-object", Severity.ERROR)
def not_an_object(file: ConfigFile) -> Iterator[Hit]:
    """The document is no JSON object.

    Why:
        A network config is one object. libcni refuses anything else with "error parsing configuration list".
    Bad: 10-net.conflist
        [{"cniVersion": "1.0.0", "name": "pods", "type": "bridge"}]
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Write one config to a file, as an object.
    Reference:
        CNI spec 1.1.0, section 1 "Network configuration format"
    """
    yield from faults_of(file, "not-an-object")


@file_rule("CNI102", "name-missing", Severity.ERROR)
def name_missing(file: ConfigFile) -> Iterator[Hit]:
    """The network has no name.

    Why:
        libcni refuses the file with "error parsing configuration list: no name", and plugins answer code 7 "missing
        network name". The name keys address pools and cached results, so nothing can take its place.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Add a name that is unique on the host.
    Reference:
        CNI spec 1.1.0, section 1 "Configuration format"
    """
    yield from faults_of(file, "name-missing")


@file_rule("CNI103", "name-invalid", Severity.ERROR)
def name_invalid(file: ConfigFile) -> Iterator[Hit]:
    """The network's name has characters that are not allowed.

    Why:
        Plugins answer code 7 "invalid characters found in network name". The name becomes part of file names below
        /var/lib/cni, which is why the spec is strict about it.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "my pods", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "my-pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Begin with a letter or digit and go on with letters, digits, underscores, dots and hyphens. Drain the node
        before you rename a network that is in use: its address pool is found by the name.
    Reference:
        CNI spec 1.1.0, section 1 "Configuration format"
    """
    yield from faults_of(file, "name-invalid")


@network_rule("CNI126", "too-many-plugins", Severity.WARNING)
def too_many_plugins(network: NetworkView) -> Iterator[Hit]:
    """The list has more plugins than any network needs.

    Of such a list the first 64 plugins are judged, each by itself, and not how they go together.

    Why:
        Each plugin is run for each pod, one after the other. The longest lists of real networks have ten; this one was
        most likely put together by a program that went wrong.
    Bad: 10-net.conflist
        a list with a hundred plugins
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true}]}
    Fix:
        Look at what wrote the file.
    Reference:
        CNI spec 1.1.0, section 3 "Execution of Network Configurations"
    """
    if network.is_excessive:
        message = f"the list has {len(network.plugins)} plugins"
        yield Hit(network.node.at(["plugins"]).label, message, manual("look at what wrote the file"))


@file_rule("CNI106", "plugins-missing", Severity.ERROR)
def plugins_missing(file: ConfigFile) -> Iterator[Hit]:
    """The document has neither a list of plugins nor the type of a single one.

    Why:
        There is nothing to run, and libcni refuses the file. Keys at the top of a list are found by their exact
        spelling, so "Plugins" is not "plugins".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "Plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Add "plugins", or correct its spelling.
    Reference:
        CNI spec 1.1.0, section 1 "Configuration format"
    """
    yield from faults_of(file, "plugins-missing")


@file_rule("CNI107", "plugins-not-an-array", Severity.ERROR)
def plugins_not_an_array(file: ConfigFile) -> Iterator[Hit]:
    """The plugins are not in an array.

    Why:
        libcni refuses the file with "invalid 'plugins' type".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": {"type": "bridge"}}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Write [ and ] around the plugins.
    Reference:
        CNI spec 1.1.0, section 1 "Configuration format"
    """
    yield from faults_of(file, "plugins-not-an-array")


@file_rule("CNI108", "plugins-empty", Severity.ERROR)
def plugins_empty(file: ConfigFile) -> Iterator[Hit]:
    """The list has no plugins.

    Why:
        libcni refuses the file with "no plugins in list".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": []}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Add a plugin that makes an interface, or remove the file.
    Reference:
        CNI spec 1.1.0, section 1 "Configuration format"
    """
    yield from faults_of(file, "plugins-empty")


@file_rule("CNI115", "flag-invalid", Severity.ERROR)
def flag_invalid(file: ConfigFile) -> Iterator[Hit]:
    """A flag of the list is neither true nor false.

    Why:
        libcni refuses the file with "invalid disableCheck type". It takes true and false, and the strings "true" and
        "false"; 0, 1, "yes" and null are none of these.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": "yes", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "bridge"}]}
    Fix:
        Write true or false.
    Reference:
        CNI spec 1.1.0, section 1 "Configuration format"
    """
    yield from faults_of(file, "flag-invalid")
