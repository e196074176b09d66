"""A case of interop: the files that there are, the commands that are run, and what can be seen of each of them."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

NETNS = "/proc/self/ns/net"
"""A network namespace that is always there under the same name, so the container ID is always the same."""

PLACE = "{dir}"
"""Stands for the case's directory in everything that is written down."""

_OWN_ID = "cnitool-{id}"
"""Stands for the container ID that is made of the path of the case's own ``netns``."""

_PLUGIN = Path(__file__).with_name("plugin.sh")
_ASKED = ("CAP_ARGS", "NETCONFPATH")
_VERSIONS = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]


class Step(NamedTuple):
    """One command.

    Attributes:
        verb: ``add``, ``check`` or ``del``.
        network: The network's name.
        netns: The namespace, as it is typed.
        environment: Variables to set, or with ``None`` to take away.
        write: Files to write before, by their path in the case's directory; ``None`` removes one.
    """

    verb: str
    network: str = "net"
    netns: str = NETNS
    environment: Mapping[str, str | None] = {}
    write: Mapping[str, str | None] = {}


@dataclass(frozen=True)
class Case:
    """Commands that are run one after the other.

    Attributes:
        name: Its name, which is that of its recording.
        about: What it shows, in one line.
        steps: The commands.
        write: Files that are there from the start.
        plugins: The plugins that are installed in ``bin``.
    """

    name: str
    about: str
    steps: tuple[Step, ...]
    write: Mapping[str, str] = field(default_factory=dict)
    plugins: tuple[str, ...] = ("first", "second")

    @property
    def data(self) -> dict[str, Any]:
        """The case as JSON data, as it lies in its recording."""
        steps = [{key: value for key, value in step._asdict().items() if value != {}} for step in self.steps]
        return {"about": self.about, "plugins": list(self.plugins), "write": dict(self.write), "steps": steps}


class Run(NamedTuple):
    """What one plugin was given.

    Attributes:
        plugin: Its type.
        environment: The variables of the protocol, and those that cnitool reads.
        stdin: The text that it read.
    """

    plugin: str
    environment: Mapping[str, str]
    stdin: str


class Seen(NamedTuple):
    """What can be seen of one command.

    Attributes:
        status: Its exit status.
        stdout: What it printed.
        stderr: What it logged.
        runs: The plugins that it ran, in order.
        cache: The files in the result cache afterwards, by their names.
    """

    status: int
    stdout: str
    stderr: str
    runs: tuple[Run, ...]
    cache: Mapping[str, str]


class Moment(NamedTuple):
    """When something is done.

    Attributes:
        case: The case.
        step: The command.
        before: The cache before it.
    """

    case: Case
    step: Step
    before: Mapping[str, str]

    @property
    def chain(self) -> list[dict[str, Any]]:
        """The plugins of the network that all cases but a few use."""
        plugins: list[dict[str, Any]] = json.loads(self.case.write["conf/10-net.conflist"])["plugins"]
        return plugins


class Scene:
    """The directory in which a case takes place.

    Args:
        case: The case.
        directory: An empty directory.
    """

    def __init__(self, case: Case, directory: Path) -> None:
        self.case = case
        self.directory = directory
        self.results = directory / "cache" / "results"
        self._own_id = container_id(f"{directory}/netns")
        for name in ("conf", "bin", "log", "cache/results"):
            (directory / name).mkdir(parents=True)
        for plugin in case.plugins:
            Path(shutil.copy(_PLUGIN, directory / "bin" / plugin)).chmod(0o755)
        (directory / "netns").symlink_to(NETNS)
        self._write({"answers/any/VERSION/stdout": _version_answer()} | dict(case.write))

    def prepare(self, step: Step) -> None:
        """Makes all as it is to be before a step, and forgets what was seen before."""
        shutil.rmtree(self.directory / "log")
        (self.directory / "log").mkdir()
        self._write(step.write)

    def environment(self, step: Step) -> dict[str, str | None]:
        """The variables that a step sets, or takes away where it says ``None``."""
        basic: dict[str, str | None] = {"CNI_PATH": f"{PLACE}/bin", "NETCONFPATH": f"{PLACE}/conf"}
        wanted = basic | dict(step.environment)
        return {name: value and self._here(value) for name, value in wanted.items()}

    def arguments(self, step: Step) -> list[str]:
        """What is typed."""
        return [step.verb, step.network, self._here(step.netns)]

    def seen(self, status: int, stdout: str, stderr: str) -> Seen:
        """What can be seen after a step that came to this."""
        cache = {self._there(path.name): self._there(path.read_text()) for path in sorted(self.results.iterdir())}
        runs = tuple(self._run(path) for path in sorted((self.directory / "log").iterdir()))
        return Seen(status, self._there(stdout), self._there(stderr), runs, cache)

    def _run(self, path: Path) -> Run:
        pairs = (self._there(pair).partition("=") for pair in (path / "environment").read_text().split("\0"))
        environment = {name: value for name, _, value in pairs if name.startswith("CNI_") or name in _ASKED}
        environment.pop("CNI_CACHE_DIR", None)  # cnitool has no such thing
        stdin = self._there((path / "stdin").read_text())
        return Run((path / "plugin").read_text().strip(), dict(sorted(environment.items())), stdin)

    def _write(self, files: Mapping[str, str | None]) -> None:
        for name, text in files.items():
            path = self.directory / name
            if text is None:
                path.unlink(missing_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._here(text))

    def _here(self, text: str) -> str:
        return text.replace(PLACE, str(self.directory))

    def _there(self, text: str) -> str:
        return text.replace(str(self.directory), PLACE).replace(self._own_id, _OWN_ID)


def container_id(netns: str) -> str:
    """The ID that cnitool makes of a namespace's path."""
    return f"cnitool-{hashlib.sha512(netns.encode()).hexdigest()[:20]}"


def _version_answer() -> str:
    return json.dumps({"cniVersion": "1.1.0", "supportedVersions": _VERSIONS})
