"""CNI101 to CNI116, CNI125 and CNI126: what libcni and the plugins refuse to load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.files import LIST_SUFFIX, SINGLE_SUFFIXES, suffix_of
from cnictl.report.finding import Severity
from cnictl.validate.mending import make_list, renamed
from cnictl.validate.registry import Hit, file_rule, manual, network_rule, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView
    from cnictl.validate.context import ConfigFile


def _faults(file: ConfigFile, kind: str) -> Iterator[Hit]:
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
    yield from _faults(file, "not-an-object")


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
    yield from _faults(file, "name-missing")


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
    yield from _faults(file, "name-invalid")


@file_rule("CNI104", "list-in-conf", Severity.ERROR)
def list_in_conf(file: ConfigFile) -> Iterator[Hit]:
    """A list of plugins is stored in a file for a single plugin.

    Why:
        Runtimes choose the parser by the file's name: a .conf or .json file must hold a single plugin. They refuse this
        one with "error parsing configuration: missing 'type'".
    Bad: 10-net.conf
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Rename the file so that it ends in .conflist.
    Reference:
        containernetworking/cni, libcni ConfFromFile; containerd issue 5225
    """
    network = file.network
    if network is None or not file.stands_alone or not network.is_list or suffix_of(file.path) not in SINGLE_SUFFIXES:
        return
    member = network.node.member("plugins")
    if member is not None and not network.node.folded("type"):
        suffix = suffix_of(file.path)
        message = f"a list of plugins is in a {suffix} file, which runtimes read as a single plugin"
        yield Hit(member.label, message, renamed(f"rename the file to end in {LIST_SUFFIX}", LIST_SUFFIX))


@file_rule("CNI105", "single-in-conflist", Severity.ERROR)
def single_in_conflist(file: ConfigFile) -> Iterator[Hit]:
    """A single plugin is stored in a file for a list.

    Why:
        Runtimes choose the parser by the file's name: a .conflist file must hold a list. They refuse this one with
        "no 'plugins' key" or "no plugins in list".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "type": "bridge"}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Put the plugin into a list under "plugins", with "cniVersion" and "name" beside it.
    Reference:
        CNI spec 1.1.0, section 1 "Configuration format"
    """
    network = file.network
    if network is None or not file.stands_alone or network.is_list or suffix_of(file.path) != LIST_SUFFIX:
        return
    if network.plugins:
        message = 'a single plugin is in a .conflist file, which needs "plugins"'
        fix = safe('put it into a list: "plugins": [{"type": ...}]', *make_list(network))
        yield Hit(network.node.label, message, fix)


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


@file_rule("CNI125", "single-plugin-config", Severity.NOTE)
def single_plugin_config(file: ConfigFile) -> Iterator[Hit]:
    """The file holds a single plugin, a form that the spec has given up.

    Why:
        Spec 1.0.0 has lists only. libcni still reads the old form; "disableCheck" and plugins from a drop-in directory
        have no effect in it, and no second plugin, such as portmap, can be added.
    Bad: 10-net.conf
        {"cniVersion": "1.0.0", "name": "pods", "type": "bridge", "isGateway": true}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true}]}
    Fix:
        Put the plugin into a list, and rename the file so that it ends in .conflist.
    Reference:
        CNI spec 1.0.0, "Removal of Non-list configurations"
    """
    network = file.network
    if network is None or not file.stands_alone or network.is_list or suffix_of(file.path) not in SINGLE_SUFFIXES:
        return
    if network.plugins and not file.faults and not file.document.problems:
        message = "a list of plugins is the form that the spec has had since 1.0.0"
        fix = renamed(
            f"put it into a list, and rename the file to end in {LIST_SUFFIX}", LIST_SUFFIX, *make_list(network)
        )
        yield Hit(network.node.label, message, fix)


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
    yield from _faults(file, "plugins-missing")


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
    yield from _faults(file, "plugins-not-an-array")


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
    yield from _faults(file, "plugins-empty")


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
    yield from _faults(file, "plugin-not-an-object")


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
    yield from _faults(file, "type-missing")


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
    yield from _faults(file, "type-invalid")


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
    yield from _faults(file, "capabilities-invalid")


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
    yield from _faults(file, "ipam-invalid")


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
    yield from _faults(file, "dns-invalid")


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
    yield from _faults(file, "flag-invalid")


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
    yield from _faults(file, "prev-result-invalid")
