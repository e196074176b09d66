"""Remembers which network namespaces cnictl made, so that it removes these and no others."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from cnictl.errors import CacheError
from cnictl.netns.handle import create_netns, identity, remove_netns

if TYPE_CHECKING:
    from pathlib import Path


class CreatedNamespaces:
    """The namespaces that were made with the help of one cache directory.

    Args:
        cache_dir: Base directory of the result cache.
    """

    def __init__(self, cache_dir: Path) -> None:
        self.directory = cache_dir / "cnictl" / "netns"

    def _mark(self, path: Path) -> Path:
        return self.directory / quote(os.fsencode(path), safe="")

    def create(self, path: Path) -> None:
        """Makes a namespace and remembers having done so.

        Raises:
            NamespaceError: It cannot be made.
            CacheError: It cannot be remembered; then it is not made either.
        """
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._mark(path).touch()  # what it holds stays, if there is one: the namespace may exist already
            create_netns(path)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            self._mark(path).write_text(identity(path) or "")
        except OSError as error:
            remove_netns(path)
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> CacheError:
        message = f"{error.filename or self.directory} cannot be written: {(error.strerror or '').lower()}"
        return CacheError(message, hint="run as root, or choose another --cache-dir")

    def remove(self, path: Path) -> bool:
        """Removes a namespace that was made here; one that has merely taken over the name stays.

        Returns:
            Whether it was removed.

        Raises:
            NamespaceError: It cannot be removed.
        """
        mark = self._mark(path)
        try:
            made = mark.read_text()
        except OSError:
            return False
        ours = bool(made) and made == identity(path)
        if ours:
            remove_netns(path)
        with suppress(OSError):  # a mark that stays names a namespace that is gone, and does no harm
            mark.unlink(missing_ok=True)
        return ours
