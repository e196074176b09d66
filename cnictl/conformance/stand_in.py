"""A plugin in the place of the IPAM plugin that the tested one asks."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from cnictl.invoke.find import find_plugin
from cnictl.netns.handle import RUN_DIR
from cnictl.throwaway.step import Skip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cnictl.conformance.bench import Bench

_ERROR = '{"cniVersion":"%s","code":11,"msg":"the pool is being repaired"}'
_STAND_IN = """#!/bin/sh
cat >"$0.stdin.$CNI_COMMAND"
env | grep ^CNI_ | sort >"$0.env.$CNI_COMMAND"
echo "$CNI_COMMAND" >>"$0.asked"
if [ -e "$0.fail.$CNI_COMMAND" ]; then
  echo '{error}'
  exit 1
fi
exec '{real}' <"$0.stdin.$CNI_COMMAND"
"""


class StandIn:
    """A plugin in the place of the IPAM plugin, which notes what it is asked, and asks the real one.

    Args:
        bench: Where it is asked.
        directory: Where it is to lie.
    """

    def __init__(self, bench: Bench, directory: Path) -> None:
        name = bench.ipam or ""
        real = find_plugin(name, bench.request.bin_dirs)
        directory.mkdir(exist_ok=True)
        self.path = directory / name
        self.path.write_text(_STAND_IN.format(error=_ERROR % bench.version, real=real), encoding="utf-8")
        self.path.chmod(0o755)
        self._part("asked").write_bytes(b"")

    def _part(self, name: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{name}")

    def asked(self) -> list[str]:
        """The commands that it was asked since the last time."""
        lines = self._part("asked").read_text(encoding="utf-8").split()
        self._part("asked").write_bytes(b"")
        return lines

    def environment(self, verb: str) -> list[str]:
        """The variables of the protocol in its environment, sorted, each as ``NAME=VALUE``."""
        return self._part(f"env.{verb}").read_text(encoding="utf-8").splitlines()

    def config(self, verb: str) -> bytes:
        """What it has read."""
        return self._part(f"stdin.{verb}").read_bytes()

    def fails(self, verb: str, *, now: bool = True) -> None:
        """Says whether it fails from now on when it is asked a command."""
        place = self._part(f"fail.{verb}")
        place.touch() if now else place.unlink(missing_ok=True)


@contextmanager
def stand_in(bench: Bench) -> Iterator[StandIn]:
    """Puts a plugin in the place of the IPAM plugin, for as long as it is entered.

    Args:
        bench: Where it is to be asked.

    Raises:
        Skip: The tested plugin asks none.
    """
    if bench.ipam is None:
        message = "it asks no IPAM plugin in this network"
        raise Skip(message)
    place = RUN_DIR.parent / "stand-in"
    other = StandIn(bench, place)
    bench.search_path = [place, *bench.request.bin_dirs]
    try:
        yield other
    finally:
        other.fails("ADD", now=False)
        bench.search_path = list(bench.request.bin_dirs)
