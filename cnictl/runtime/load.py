"""Finds the network that a user means (libcni ``LoadNetworkConf`` and ``LoadConfList``)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cnictl.errors import InputError, InvalidConfig, NetworkNotFound
from cnictl.model.dropin import drop_ins
from cnictl.model.files import LIST_SUFFIX, SUFFIXES, config_names, suffix_of
from cnictl.model.network import NetworkConfigList
from cnictl.model.view import view
from cnictl.text.parser import parse
from cnictl.text.source import STDIN, read_source, source_error

if TYPE_CHECKING:
    from pathlib import Path

    from cnictl.model.view import NetworkView
    from cnictl.runtime.cache import CacheEntry


def load_network(text: str, conf_dir: Path) -> NetworkConfigList:
    """Loads the network that a user named.

    Args:
        text: A path (it has a ``/`` or ends in ``.conflist``, ``.conf`` or ``.json``), ``-`` for standard
            input, or the name of a network in the config directory.
        conf_dir: The config directory.

    Raises:
        SourceError: A file or the directory cannot be read.
        InvalidConfig: The config is there and must not be run.
        NetworkNotFound: The directory has no network of that name.
    """
    if text == STDIN or "/" in text or suffix_of(text) in SUFFIXES:
        return NetworkConfigList.from_file(text)
    return find_network(text, conf_dir)


def find_network(name: str, conf_dir: Path) -> NetworkConfigList:
    """Finds a network by its name, in libcni's order: lists first, then single-plugin files.

    Unlike libcni, one broken file does not hide the others: it matters only when it is the wanted network,
    or when nothing else has the name.

    Raises:
        SourceError: The directory cannot be read.
        InvalidConfig: The network is there and must not be run.
        NetworkNotFound: No file has the name.
    """
    try:
        names = config_names(os.listdir(conf_dir))  # noqa: PTH208  # names, not paths
    except OSError as error:
        raise source_error(str(conf_dir), error) from error
    refused: list[str] = []
    present: list[str] = []
    for file in sorted(names, key=lambda file: suffix_of(file) != LIST_SUFFIX):
        path = conf_dir / file
        try:
            source = read_source(str(path))
        except InputError as error:
            refused.append(str(error))
            continue
        document = parse(source)
        network = view(document)
        if network is not None and network.name == name:
            _require_suffix(network, path, added=bool(drop_ins(document, str(conf_dir))))
            return NetworkConfigList.from_document(document, str(conf_dir))
        if network is None or network.name is None:
            refused.append(f"{path}: it has no network name that can be read")
        else:
            present.append(network.name)
    raise NetworkNotFound(str(conf_dir), name, present=present, refused=refused)


def kept_network(entry: CacheEntry) -> NetworkConfigList | None:
    """The network that an attachment was added to, as it was then; ``None`` when it was not kept.

    Args:
        entry: What is kept of the attachment.
    """
    try:
        network = NetworkConfigList.from_bytes(entry.config)
    except InvalidConfig:
        return None
    return network if network.name == entry.network else None


def _require_suffix(network: NetworkView, path: Path, *, added: bool) -> None:
    """Refuses a list in a ``.conf`` and the reverse: in a directory the file's name picks the parser.

    A list to which plugins are ``added`` in a drop-in directory needs none of its own.
    """
    wants_list = suffix_of(path.name) == LIST_SUFFIX
    if network.is_list and not wants_list:
        raise InvalidConfig(str(path), "runtimes read a list only from a file that ends in .conflist")
    if wants_list and not network.is_list and not added:
        raise InvalidConfig(str(path), 'a .conflist file needs the key "plugins"')
