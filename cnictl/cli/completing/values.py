"""Which words a parameter takes: by what help calls its value, or by that and the parameter's own name.

A parameter of which nothing is known here is named in `FREE`: a number, a new name, a text. A test walks every
parameter of every command and wants one or the other.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.cli.completing import index, live
from cnictl.cli.completing.commands import own_types
from cnictl.cli.completing.found import CONFIGS, MANIFESTS, NOTHING, SOURCES, Files, Found, Word
from cnictl.cli.options import bin_dirs, cache_dir, conf_dir
from cnictl.netns.handle import RUN_DIR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from cnictl.cli.completing.cursor import Cursor
    from cnictl.runtime.cache import CacheEntry


def values_at(cursor: Cursor) -> Found:
    """The values that can stand at the cursor.

    Args:
        cursor: The place of the value.
    """
    parameter = cursor.parameter
    if parameter.choices:
        found = Found([Word(choice) for choice in parameter.choices])
    else:
        found = (completer_of(cursor.path, parameter) or _nothing)(cursor)
    fresh = [word for word in found.words if word.text not in cursor.typed]
    return Found(fresh, found.files, parameter.metavar)


def completer_of(path: str, parameter: index.Parameter) -> Callable[[Cursor], Found] | None:
    """What knows the values of a parameter; ``None`` when nothing does.

    Args:
        path: The words of its command behind the program's name.
        parameter: The parameter; one with choices needs none.
    """
    if (path, parameter.name) == ("schema", "name"):
        return _schemas
    return _BY_NAME.get((parameter.metavar, parameter.name)) or _key_of(parameter) or _BY_METAVAR.get(parameter.metavar)


def is_free(parameter: index.Parameter) -> bool:
    """Whether a parameter takes what nobody can know: a number, a new name, a text."""
    return parameter.metavar in FREE or (parameter.metavar, parameter.name) in FREE


FREE = frozenset(
    {
        "[IP:]HOST:CONTAINER[/PROTO]",
        "CIDR",
        "CIDR[,FIRST-LAST]",
        "CIDR[,GATEWAY]",
        "IP",
        "JSON",
        "N",
        "NAME=VALUE",
        "NUMBER",
        "SECONDS",
        "TEXT",
        ("NAME", "name"),
    }
)
"""What help calls values that are free; where it calls others so, too, with the name of the parameter."""


def _nothing(_: Cursor) -> Found:
    return NOTHING


def _files(files: Files, _: Cursor) -> Found:
    return Found([], files)


def _words(kind: str, cursor: Cursor) -> Found:
    del cursor
    return Found([Word(name) for name in index.words(kind)])


def _or_files(words: Iterable[Word], files: Files, text: str) -> Found:
    """Names or files: those that are here are offered with the names, others once a directory is typed."""
    if "/" in text or text.startswith("~"):
        return Found([], files)
    here = (name for name in live.names_in(".") if name.rpartition(".")[2] in files.suffixes)
    return Found(_once([*words, *(Word(name, "file") for name in here)]), files)


def _networks(cursor: Cursor) -> Found:
    """Names in the config directory, and of what is attached where that is enough; files where those are read."""
    words = live.networks(_conf_dir(cursor)) if cursor.takes("conf_dir") else []
    if cursor.path in ("attachments", "exec check", "exec del"):
        words += [Word(entry.network, "attached") for entry in _attachments(cursor)]
    return _or_files(words, CONFIGS, cursor.text) if cursor.takes("conf_dir") else Found(_once(words))


def _once(words: Iterable[Word]) -> list[Word]:
    found: dict[str, Word] = {}
    for word in words:
        found.setdefault(word.text, word)
    return list(found.values())


def _conf_dir(cursor: Cursor) -> Path:
    return live.path_of(str(conf_dir(cursor.given("conf_dir"))))


def _attachments(cursor: Cursor) -> list[CacheEntry]:
    """What is attached; to the network that stands in the line, if one does."""
    given = cursor.given("cache_dir")
    entries = live.attachments(cache_dir(str(live.path_of(given)) if given else None))
    typed = cursor.given("network_name") or cursor.given("network")
    network = _network_name(str(typed), _conf_dir(cursor)) if typed and cursor.path != "runtime-config" else None
    return [entry for entry in entries if network in (None, entry.network)]


def _network_name(typed: str, directory: Path) -> str:
    return str(live.config_of(typed, directory).get("name") or typed)


def _namespaces(cursor: Cursor) -> Found:
    """Names under /run/netns, for ``check`` and ``del`` those first that are attached; paths and processes if begun."""
    if cursor.text.startswith("pid:"):
        return Found([Word(f"pid:{word.text}", word.help) for word in live.processes()])
    if "/" in cursor.text or cursor.text.startswith("~"):
        return Found([], Files())
    attached = _attachments(cursor) if cursor.path in ("exec check", "exec del") else []
    first = [Word(_short(entry.netns), f"attached as {entry.ifname}") for entry in attached if entry.netns]
    names = [Word(name, "network namespace") for name in live.namespaces()]
    return Found([*_once([*first, *names]), Word("pid:", "a process")])


def _short(netns: str) -> str:
    """A namespace by its name where the path is what the name stands for: the container's ID is made of it."""
    return netns.removeprefix(f"{RUN_DIR}/") if netns.count("/") == str(RUN_DIR).count("/") + 1 else netns


def _of_attachments(say: Callable[[CacheEntry], str], cursor: Cursor) -> Found:
    entries = _attachments(cursor)
    return Found(_once(Word(say(entry), f"{entry.network}, {entry.netns or 'no namespace'}") for entry in entries))


def _installed(cursor: Cursor) -> Found:
    return Found(live.plugins(_bin_dirs(cursor)))


def _plugin_or_path(cursor: Cursor) -> Found:
    """An installed plugin, or the path of one once it is begun."""
    return Found([], Files()) if cursor.text[:1] in (".", "/", "~") else _installed(cursor)


def _bin_dirs(cursor: Cursor) -> list[Path] | None:
    given = cursor.given("bin_dir")
    return bin_dirs([str(live.path_of(text)) for text in given] if given else None)


def _types(cursor: Cursor) -> list[Word]:
    """The types of plugins that have a schema, and of those that are installed."""
    from cnictl.schema import SCHEMA_DIR

    helps = index.kinds()
    known = [Word(name, helps.get(name, "")) for name in own_types([str(SCHEMA_DIR / "plugins")])]
    return _once([*known, *live.plugins(_bin_dirs(cursor))])


def _type_or_file(cursor: Cursor) -> Found:
    """The first argument of ``chain add``, ``remove`` and ``move``, which is either."""
    return _or_files(_types(cursor), SOURCES, cursor.text)


def _file_or_type(cursor: Cursor) -> Found:
    """The second one: what the first is not."""
    if not _is_source(cursor.given("first")):
        return Found([], SOURCES)
    return Found(_types(cursor) if cursor.path == "chain add" else _plugins_of(cursor.given("first")))


def _neighbours(cursor: Cursor) -> Found:
    """The plugins beside which another can stand: those of the file that stands in the line."""
    file = next((text for text in _chain_arguments(cursor) if _is_source(text)), None)
    return Found(_plugins_of(file) if file else _types(cursor))


def _is_source(text: str | None) -> bool:
    return text is not None and ("/" in text or text.rpartition(".")[2] in SOURCES.suffixes)


def _chain_arguments(cursor: Cursor) -> list[str]:
    given = (cursor.given(name) for name in ("first", "second", "file"))
    return [text for text in given if text]


def _plugins_of(file: str) -> list[Word]:
    plugins = [plugin.get("type") for config in _configs_in(file) for plugin in live.plugins_of(config.content)]
    return _once(Word(plugin, f"in {file}") for plugin in plugins if isinstance(plugin, str))


def _networks_in_file(cursor: Cursor) -> Found:
    """What the configs of a file are called."""
    configs = [config for file in _chain_arguments(cursor) if _is_source(file) for config in _configs_in(file)]
    return Found(_once(Word(name, config.within) for config in configs for name in config.names))


class _Config(NamedTuple):
    """A config in a file: its content, what it can be called, and the object of a manifest that it stands in."""

    content: dict[str, Any]
    names: Sequence[str]
    within: str = ""


def _configs_in(file: str) -> list[_Config]:
    path = live.path_of(file)
    content = live.read_config(path)
    if "plugins" in content or "type" in content:
        return [_Config(content, [name] if isinstance(name := content.get("name"), str) else [])]
    from cnictl.authoring.configs import configs_in  # which loads what reads YAML
    from cnictl.text.source import read_source

    found = configs_in(read_source(str(path)))
    return [_Config(config.network.node.value, config.names, config.within or "") for config in found]


def _codes(commands: tuple[str, ...], cursor: Cursor) -> Found:
    """Codes, and names once one is begun."""
    known = {code: each for code, each in index.codes().items() if each.command in commands}
    begun = cursor.text.rpartition(",")[2][:1].islower()
    names = [Word(each.name, f"{code}: {each.help}") for code, each in known.items()] if begun else []
    return Found([*names, *(Word(code, each.help) for code, each in known.items())])


_REPORTERS = ("validate", "doctor", "try", "conformance")
"""The commands that report codes."""


def _list_of_codes(cursor: Cursor) -> Found:
    """The same, joined by commas; ``doctor`` knows categories too."""
    own = (cursor.path,) if cursor.path in ("validate", "doctor", "conformance") else _REPORTERS
    words = _codes(own, cursor).words
    if cursor.path == "doctor":
        words = [*(Word(name, "category") for name in index.words("categories")), *words]
    return Found(_joined(words, cursor.text))


def _joined(words: list[Word], text: str) -> list[Word]:
    """Words as the next one of a list with commas."""
    head, comma, _ = text.rpartition(",")
    typed = head.upper().split(",")
    return [Word(f"{head}{comma}{word.text}", word.help) for word in words if word.text.upper() not in typed]


def _versions(_: Cursor) -> Found:
    from cnictl.model.version import SpecVersion

    return Found([Word(str(version)) for version in SpecVersion])


def _capabilities(cursor: Cursor) -> Found:
    """Capabilities: those that the network's plugins declare, or all that are known."""
    config = live.config_of(str(cursor.given("network_name") or ""), _conf_dir(cursor))
    declared = [each.get("capabilities") for each in live.plugins_of(config)]
    names = {name for each in declared if isinstance(each, dict) for name, wanted in each.items() if wanted is True}
    return Found([Word(f"{name}=") for name in sorted(names) or index.words("capabilities")])


def _limits(cursor: Cursor) -> Found:
    """The parts of ``--bandwidth``."""
    parts = ("ingress=", "egress=", "ingress-burst=", "egress-burst=")
    begun = cursor.text.rpartition(",")[2]
    return NOTHING if "=" in begun else Found(_joined([Word(part) for part in parts], cursor.text))


_ARGS = {
    "IgnoreUnknown=": "1: a plugin passes over what it does not know",
    "K8S_POD_NAMESPACE=": "the pod's namespace",
    "K8S_POD_NAME=": "the pod's name",
    "K8S_POD_INFRA_CONTAINER_ID=": "the sandbox's ID",
    "K8S_POD_UID=": "the pod's UID",
    "IP=": "an address, for host-local and static",
    "MAC=": "a hardware address",
}


def _args(_: Cursor) -> Found:
    return Found([Word(*pair) for pair in _ARGS.items()])


def _keys(plugin_at: Callable[[Cursor], str], cursor: Cursor) -> Found:
    """The keys of a plugin, from its schema."""
    from cnictl.schema import plugin_keys

    return Found([Word(f"{key.name}=", key.description) for key in plugin_keys(plugin_at(cursor))])


def _type_of_chain(cursor: Cursor) -> str:
    return next((text for text in _chain_arguments(cursor) if not _is_source(text)), "")


def _schemas(_: Cursor) -> Found:
    from cnictl.schema.standalone import schema_names

    return Found([Word(name) for name in schema_names()])


def _interfaces(_: Cursor) -> Found:
    return Found([Word(name, "interface") for name in live.interfaces()])


_INTERFACES = frozenset({"--bridge", "--device", "--devices", "--eni-name", "--interfaces", "--master"})
"""Options of kinds whose value is an interface of the node."""


def _key_of(parameter: index.Parameter) -> Callable[[Cursor], Found] | None:
    """The completer of an option that is a key of the plugin."""
    return _interfaces if _INTERFACES & set(parameter.names) and parameter.metavar == "TEXT" else None


_BY_METAVAR: dict[str, Callable[[Cursor], Found]] = {
    "CHECK": _list_of_codes,
    "CODE": _list_of_codes,
    "DIR": partial(_files, Files(directories=True)),
    "FILE": partial(_files, Files()),
    "FILE|NETWORK": _networks,
    "ID": partial(_of_attachments, lambda entry: entry.container_id),
    "ID:IFNAME": partial(_of_attachments, lambda entry: f"{entry.container_id}:{entry.ifname}"),
    "LIMITS": _limits,
    "NAME=JSON": _capabilities,
    "NETNS": _namespaces,
    "NETWORK": _networks,
    "PATH": partial(_files, SOURCES),
    "PLUGIN": _plugin_or_path,
    "POD.yaml": partial(_files, MANIFESTS),
    "REPORT": partial(_files, Files(("json",))),
    "TYPE": _installed,
    "V": _versions,
    "VERSION": _versions,
}

_BY_NAME: dict[tuple[str, str], Callable[[Cursor], Found]] = {
    ("CODE", "code"): partial(_codes, _REPORTERS),
    ("FILE", "baseline"): partial(_files, Files(("json",))),
    ("FILE", "config"): partial(_files, Files(("toml",))),
    ("FILE", "file"): partial(_files, SOURCES),
    ("FILE", "from_dump"): partial(_files, Files(("json",))),
    ("FILE", "network"): partial(_files, CONFIGS),
    ("FILE", "pod"): partial(_files, MANIFESTS),
    ("FILE", "second"): _file_or_type,
    ("KEY=VALUE", "args"): _args,
    ("KEY=VALUE", "ipam_set"): partial(_keys, lambda cursor: cursor.given("ipam") or "host-local"),
    ("KEY=VALUE", "set"): partial(_keys, _type_of_chain),
    ("KEY=VALUE", "tuning"): partial(_keys, lambda _: "tuning"),
    ("NAME", "capability"): partial(_words, "capabilities"),
    ("NAME", "ifname"): partial(_of_attachments, lambda entry: entry.ifname),
    ("NAME", "network"): _networks_in_file,
    ("PATH", "cri_socket"): partial(_files, Files()),
    ("TYPE", "after"): _neighbours,
    ("TYPE", "before"): _neighbours,
    ("TYPE", "first"): _type_or_file,
    ("TYPE", "ipam"): partial(_words, "ipam"),
}
