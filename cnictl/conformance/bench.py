"""What cases work with: the node, the plugin and its network, containers, and what the plugin is asked."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnictl.conformance.container import Container, State, prev_result
from cnictl.errors import CNIError
from cnictl.invoke.decode import failure_of
from cnictl.invoke.executor import ProcessExecutor
from cnictl.invoke.find import find_plugin
from cnictl.invoke.invocation import Exchange, Invocation, plugin_environment
from cnictl.model.attachment import DEFAULT_IFNAME, Attachment
from cnictl.netns.handle import RUN_DIR, create_netns, remove_netns
from cnictl.report.finding import Location
from cnictl.runtime.chain import GC_KEYS, compact_json, plugin_stdin
from cnictl.throwaway.look import changes_since, remember
from cnictl.throwaway.mounts import STATE
from cnictl.throwaway.node import mend_uplinks
from cnictl.throwaway.samples import samples
from cnictl.throwaway.served import ipam_type
from cnictl.throwaway.step import Flaw
from cnictl.throwaway.whole import state_dirs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from cnictl.conformance.request import Place, Request
    from cnictl.model.network import PluginConfig
    from cnictl.model.version import SpecVersion
    from cnictl.throwaway.node import Node

LOOPBACK = "lo"


class Bench:
    """What cases work with.

    Args:
        request: What is to be tested.
        node: The throwaway node.
        version: The spec version that is spoken.
        spoken: The versions that the plugin says it speaks.
    """

    def __init__(self, request: Request, node: Node, version: SpecVersion, spoken: Sequence[str]) -> None:
        self.request = request
        self.node = node
        self.version = version
        self.spoken = spoken
        self.network = replace(request.network, version=version)
        self.place_in_list: Place = request.place
        self.path = find_plugin(request.type, request.bin_dirs)
        self.search_path = list(request.bin_dirs)
        self._executor = ProcessExecutor(request.timeout)
        self._made = 0

    @property
    def role(self) -> str:
        """What the plugin is: one of `cnictl.conformance.registry.ROLES`."""
        return self.place_in_list.role

    @property
    def config(self) -> PluginConfig:
        """The object that the plugin reads; for an IPAM plugin the one that names it."""
        return self.network.plugins[self.place_in_list.index]

    @cached_property
    def ifname(self) -> str:
        """The name of the interface: loopback sets up the one that is there."""
        return LOOPBACK if self.request.type == "loopback" else DEFAULT_IFNAME

    @property
    def makes_interface(self) -> bool:
        """Whether the plugin is to make the interface."""
        return self.role == "interface" and self.ifname != LOOPBACK

    @property
    def ipam(self) -> str | None:
        """The type of the plugin that the tested one asks for addresses."""
        return None if self.role == "ipam" else ipam_type(self.config.data.get("ipam"))

    def container(self, *, netns: Path | None = None, ifname: str = "") -> Container:
        """A container that is not attached yet.

        Args:
            netns: The namespace that it has already, or shall seem to have; a new one when ``None``.
            ifname: The name of its interface, when it is not the usual one.

        Raises:
            NamespaceError: The namespace cannot be made.
        """
        self._made += 1
        mend_uplinks(self.node)
        name = f"container-{self._made}"
        if netns is None:
            netns = RUN_DIR / name
            create_netns(netns)
        declared = {name for plugin in self.network.plugins for name in plugin.capabilities}
        attachment = Attachment(name, str(netns), ifname or self.ifname, (), samples(declared, self._made))
        return Container(attachment)

    @contextmanager
    def attached(self) -> Iterator[Container]:
        """A container that is attached, and detached at the end.

        Raises:
            CNIError: A plugin failed.
        """
        container = self.container()
        try:
            self.add(container)
            yield container
        finally:
            self.finish(container)

    @cached_property
    def warm(self) -> bool:
        """Whether a container has come and gone, so that what all containers share is there: a bridge, a chain.

        Raises:
            CNIError: A plugin failed.
        """
        with self.attached():
            return True

    def cool(self) -> None:
        """Says that what all containers share may be gone."""
        self.__dict__.pop("warm", None)

    def prepare(self, container: Container) -> None:
        """Has the plugins in front of the tested one do what they do.

        Raises:
            CNIError: One failed.
        """
        for plugin in self._in_front():
            answer = self._run(plugin, "ADD", container)
            container.before = _object(answer)

    def add(self, container: Container) -> None:
        """Attaches a container.

        Raises:
            CNIError: A plugin failed.
        """
        self.prepare(container)
        self.add_alone(container)

    def add_alone(self, container: Container) -> None:
        """Runs the tested plugin's ADD, what is in front of it having been run.

        Raises:
            CNIError: It failed.
        """
        container.answer = self.ask("ADD", container)
        container.result = _object(container.answer)

    def finish(self, container: Container) -> None:
        """Removes a container and all that is its, whatever has become of it."""
        with suppress(CNIError):
            self.ask("DEL", container)
        self._withdraw(container)

    def _withdraw(self, container: Container) -> None:
        """Removes a container, and what the plugins in front of the tested one have made for it."""
        for plugin in reversed(self._in_front()):
            with suppress(CNIError):
                self._run(plugin, "DEL", container)
        with suppress(CNIError):
            remove_netns(container.netns)

    def ask(  # each is one of the ways in which a question may differ
        self,
        verb: str,
        container: Container | None = None,
        *,
        variables: Mapping[str, str | None] | None = None,
        keys: Mapping[str, Any] | None = None,
        stdin: bytes | None = None,
        timeout: float | None = None,
    ) -> Exchange:
        """Asks the tested plugin.

        Args:
            verb: The command.
            container: Whom it is about; ``None`` for GC, STATUS and VERSION.
            variables: Variables that are other than usual; ``None`` for one that is not there.
            keys: Keys of the config that are other than usual; ``None`` for one that is not there.
            stdin: What it reads, when it is no config.
            timeout: Seconds after which it is ended.

        Raises:
            PluginNotFound: It cannot be started.
        """
        base = {"PATH": os.environ["PATH"]}
        attachment = container.attachment if container else None
        environment: dict[str, str | None] = {**plugin_environment(verb, self.search_path, attachment, base)}
        environment |= variables or {}
        given = {name: value for name, value in environment.items() if value is not None}
        text = self.stdin(verb, container, keys or {}) if stdin is None else stdin
        return self._executor.run(Invocation(self.request.type, self.path, verb, given, text), timeout)

    def stdin(self, verb: str, container: Container | None, keys: Mapping[str, Any]) -> bytes:
        """The config that the plugin reads.

        Args:
            verb: The command.
            container: Whom it is about.
            keys: Keys that are other than usual; ``None`` for one that is not there.
        """
        return self._stdin(self.config, verb, container, keys)

    def _stdin(self, plugin: PluginConfig, verb: str, container: Container | None, keys: Mapping[str, Any]) -> bytes:
        attachment = container.attachment if container else None
        before = prev_result(verb, container) if self.version.has_result_list else None
        data = json.loads(plugin_stdin(self.network, plugin, attachment, before)) | dict(keys)
        return compact_json({key: value for key, value in data.items() if value is not None})

    def _run(self, plugin: PluginConfig, verb: str, container: Container) -> Exchange:
        """Runs a plugin in front of the tested one."""
        path = find_plugin(plugin.type, self.request.bin_dirs)
        environment = plugin_environment(verb, self.request.bin_dirs, container.attachment)
        text = self._stdin(plugin, verb, container, {})
        return self._executor.run(Invocation(plugin.type, path, verb, environment, text))

    def _in_front(self) -> Sequence[PluginConfig]:
        return self.network.plugins[: self.place_in_list.index] if self.role == "chained" else ()

    def collect(self, valid: Sequence[Container]) -> Exchange:
        """Asks for GC.

        Args:
            valid: The containers that are still there.
        """
        kept = [{"containerID": each.attachment.container_id, "ifname": each.ifname} for each in valid]
        return self.ask("GC", keys=dict.fromkeys(GC_KEYS, kept))

    def state(self) -> State:
        """All that there is on the node."""
        return State(remember(), frozenset(self.kept()))

    def kept(self) -> list[Path]:
        """The files in which plugins keep what they know."""
        places = {STATE, *map(Path, state_dirs({"plugins": [plugin.data for plugin in self.network.plugins]}))}
        return sorted({path for place in places for path in place.rglob("*") if path.is_file()})

    def differences(self, before: State) -> list[str]:
        """What is different on the node from what it was, once the kernel has cleaned up what it can.

        Args:
            before: What it was.
        """
        return _settled(lambda: self._differences(before))

    def left(self, before: State, container: Container) -> list[str]:
        """What the tested plugin has made and not removed, when the container and all else of it is gone.

        What goes with an interface that another plugin removes, such as a queue, need not be removed by itself.

        Args:
            before: What there was before its ADD.
            container: The container, after its DEL.
        """
        self._withdraw(container)
        return _settled(lambda: [text for text in self._differences(before) if text.endswith(_LEFT)])

    def _differences(self, before: State) -> list[str]:
        changes = [change for change in changes_since(before.snapshot) if change.kind not in _PASSING]
        found = [f"the {change.kind} {change.what} {_fate(change.before, change.after)}" for change in changes]
        files = set(self.kept())
        found += [f"the file {path} is left" for path in sorted(files - before.files)]
        return found + [f"the file {path} is gone" for path in sorted(before.files - files)]

    def place(self, flaw: Flaw) -> Location:
        """The plugin: whatever is wrong is wrong with it."""
        del flaw
        return Location(str(self.path))

    def failure(self, error: CNIError) -> Flaw:
        """The flaw that an error is that no case has expected."""
        return Flaw(str(error), error.hint or "`cnictl exec --trace` shows every plugin run")


_PASSING = frozenset({"neighbour", "sysctl"})
"""What comes and goes by itself."""
_CLEANING = 1.0
"""Seconds in which the kernel has removed a namespace that nobody holds any more, with all that was in it."""
_LOOK = 0.05


_LEFT = " is left"


def _settled(look_for: Callable[[], list[str]]) -> list[str]:
    deadline = time.monotonic() + _CLEANING
    while found := look_for():
        if time.monotonic() > deadline:
            break
        time.sleep(_LOOK)
    return found


def _fate(before: object, after: object) -> str:
    return "is left" if before is None else "is gone" if after is None else "has changed"


def _object(exchange: Exchange) -> dict[str, Any]:
    """The object that a successful ADD has printed; an empty one when it has printed something else.

    Raises:
        CNIError: It failed.
    """
    if not exchange.ok:
        raise failure_of(exchange)
    with suppress(ValueError):
        data = json.loads(exchange.stdout)
        if isinstance(data, dict):
            return data
    return {}
