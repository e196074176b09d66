"""What a program can do to a machine to mend it.

Actions are data: shown before they are done, noted in a journal, and undone from it. Paths are those of the machine.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class WriteFile(NamedTuple):
    """Gives a file a content; one that is not there is made, with its directory.

    Attributes:
        path: The file.
        content: Its whole content.
        mode: Its permissions when it is new; an old one keeps its own, and its owner.
        replacing: What it held when this was decided: one that holds something else by now stays. ``None`` when it does
            not matter.
    """

    path: str
    content: str
    mode: int = 0o644
    replacing: str | None = None

    @property
    def words(self) -> str:
        """What is done, as one would type it."""
        return f"write {self.path}"


class DeleteFile(NamedTuple):
    """Deletes a file, or an empty directory.

    Attributes:
        path: The file.
        holding: What it held when this was decided, word for word: one that holds something else by now stays. ``None``
            when it does not matter.
        lock: The file that others lock (``flock``) while they write such files; ``None`` when there is none.
    """

    path: str
    holding: str | None = None
    lock: str | None = None

    @property
    def words(self) -> str:
        """What is done, as one would type it."""
        return f"rm {self.path}"


class ChangeMode(NamedTuple):
    """Gives a file other permissions.

    Attributes:
        path: The file.
        mode: Its permissions, such as ``0o755``.
    """

    path: str
    mode: int

    @property
    def words(self) -> str:
        """What is done, as one would type it."""
        return f"chmod {self.mode:o} {self.path}"


class SetSysctl(NamedTuple):
    """Gives a setting of the kernel a value until the next boot.

    Attributes:
        name: Such as ``net.ipv4.ip_forward``.
        value: Its value.
    """

    name: str
    value: str

    @property
    def words(self) -> str:
        """What is done, as one would type it."""
        return f"sysctl -w {self.name}={self.value}"


class LoadModule(NamedTuple):
    """Loads a module of the kernel.

    Attributes:
        name: Such as ``br_netfilter``.
    """

    name: str

    @property
    def words(self) -> str:
        """What is done, as one would type it."""
        return f"modprobe {self.name}"


class Detach(NamedTuple):
    """Runs DEL for an attachment whose container is gone, as it stands in the cache.

    Attributes:
        network: The network's name.
        container_id: The container.
        ifname: Its interface.
    """

    network: str
    container_id: str
    ifname: str

    @property
    def words(self) -> str:
        """What is done, as one would type it."""
        return f"run DEL of {self.network} for {self.ifname} of {self.container_id}, as the cache has it"


Action: TypeAlias = WriteFile | DeleteFile | ChangeMode | SetSysctl | LoadModule | Detach
