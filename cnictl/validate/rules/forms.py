"""CNI104, CNI105 and CNI125: lists and single plugins, and the names of their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.files import LIST_SUFFIX, SINGLE_SUFFIXES, suffix_of
from cnictl.report.finding import Severity
from cnictl.validate.mending import make_list, renamed
from cnictl.validate.registry import Hit, file_rule, manual, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.validate.context import ConfigFile


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
    network, suffix = file.network, suffix_of(file.file_name or "")
    if network is None or not network.is_list or suffix not in _judged(file, SINGLE_SUFFIXES):
        return
    member = network.node.member("plugins")
    if member is None or network.node.folded("type"):
        return
    if file.stands_alone:
        message = f"a list of plugins is in a {suffix} file, which runtimes read as a single plugin"
        yield Hit(member.label, message, renamed(f"rename the file to end in {LIST_SUFFIX}", LIST_SUFFIX))
    else:
        message = f'a list of plugins is under "{file.file_name}", and runtimes read such a file as a single plugin'
        yield Hit(member.label, message, manual(f"rename the key to end in {LIST_SUFFIX}"))


def _judged(file: ConfigFile, suffixes: tuple[str, ...]) -> tuple[str, ...]:
    """The endings that count: what a ConfigMap has under a ``.json`` is given another name by what installs it."""
    return suffixes if file.stands_alone else tuple(suffix for suffix in suffixes if suffix != ".json")


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
    if network is None or network.is_list or suffix_of(file.file_name or "") != LIST_SUFFIX:
        return
    if network.plugins:
        place = "in a .conflist file" if file.stands_alone else f'under "{file.file_name}", a .conflist file'
        message = f'a single plugin is {place}, which needs "plugins"'
        fix = safe('put it into a list: "plugins": [{"type": ...}]', *make_list(network))
        yield Hit(network.node.label, message, fix)


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
