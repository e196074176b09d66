"""What has been begun and not ended: so that an ADD or DEL that was cut short is always found again.

An intent is written to the disk before the first plugin runs and removed when all is done and kept. What kills cnictl
in between, SIGKILL and power cuts included, leaves the intent; `cnictl.runtime.cni.CNI.gc` and the next ADD of
the same attachment finish it by DEL. libcni has nothing of the kind (containerd issues 5768 and 12130).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnictl.errors import CacheError
from cnictl.runtime.cache import CacheEntry, decode_entry
from cnictl.runtime.durable import write_durably

if TYPE_CHECKING:
    from pathlib import Path

    from cnictl.model.attachment import Attachment
    from cnictl.model.network import NetworkConfigList

KIND = "cnictlIntentV1"


@dataclass(frozen=True)
class Intent(CacheEntry):
    """An operation that was begun.

    Attributes:
        verb: ``ADD`` or ``DEL``.
    """

    verb: str = "ADD"


class Journal:
    """The journal that belongs to one cache directory.

    Args:
        cache_dir: Base directory of the result cache.
    """

    def __init__(self, cache_dir: Path) -> None:
        self.staging = cache_dir / "cnictl"
        self.directory = self.staging / "journal"

    def path(self, network: str, attachment: Attachment) -> Path:
        """The file of an attachment. Unlike a cache file's name, it is no other attachment's too."""
        key = f"{network}\0{attachment.container_id}\0{attachment.ifname}"
        return self.directory / hashlib.sha256(key.encode()).hexdigest()

    def begin(self, verb: str, network: NetworkConfigList, attachment: Attachment) -> None:
        """Writes down what is going to be done; an older intent for the same attachment is replaced.

        Raises:
            CacheError: It cannot be written; then nothing may be done.
        """
        data = Intent.of(network, attachment, verb=verb).encode(KIND, verb=verb)
        path = self.path(network.name, attachment)
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(path, data, staging=self.staging)
        except OSError as error:
            raise _unusable(path, error) from error

    def end(self, network: str, attachment: Attachment) -> None:
        """Forgets an intent, because it has been done or undone; there need not be one.

        Raises:
            CacheError: The file is there and cannot be removed.
        """
        path = self.path(network, attachment)
        try:
            path.unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as error:
            raise _unusable(path, error) from error

    def intent(self, network: str, attachment: Attachment) -> Intent | None:
        """What was begun for an attachment and not ended."""
        return _read(self.path(network, attachment))

    def intents(self, network: str | None = None) -> list[Intent]:
        """All that was begun and not ended, in the order of network, container and interface.

        Args:
            network: Only this network's.

        Raises:
            CacheError: The directory cannot be read. One that is not there is empty.
        """
        try:
            paths = list(self.directory.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unusable(self.directory, error) from error
        found = [intent for path in paths if (intent := _read(path)) and network in (None, intent.network)]
        return sorted(found, key=lambda intent: intent.key)


def _read(path: Path) -> Intent | None:
    """The intent in a file; ``None`` when there is none: it is written whole or not at all."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    entry = decode_entry(content, KIND, str(path)) if isinstance(content, dict) else None
    return Intent(**vars(entry), verb=str(content.get("verb", "ADD"))) if entry else None


def _unusable(path: Path, error: OSError) -> CacheError:
    reason = (error.strerror or str(error)).lower()
    message = f"the journal cannot be used: {error.filename or path}: {reason}"
    return CacheError(message, hint="run as root, or choose another directory with --cache-dir")
