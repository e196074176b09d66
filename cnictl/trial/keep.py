"""What ``--keep`` leaves standing: pods that are attached, and a shell in the node."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from cnictl.errors import CNIError
from cnictl.invoke.shell import open_shell

if TYPE_CHECKING:
    from cnictl.trial.bench import Bench

NAMES = ("kept-a", "kept-b")


def keep(bench: Bench) -> None:
    """Attaches two pods and opens a shell; with its end everything ends.

    Args:
        bench: Where the steps have been made.
    """
    if hasattr(bench, "network"):
        for name in NAMES:
            _attach(bench, name)
    _say("a shell in the throwaway node; when it ends, the node does. Try:")
    for command in ("ip addr", f"nsenter --net=/run/netns/{NAMES[0]} ip route", "nft list ruleset", "tc -s qdisc"):
        _say(f"  {command}")
    os.chdir("/")
    open_shell("cnictl try")


def _attach(bench: Bench, name: str) -> None:
    pod = bench.new_pod(name, alone=name != NAMES[0])
    try:
        bench.add(pod)
    except CNIError as error:
        _say(f"{name} has no network: {error}")
        return
    _say(f"{name} has {', '.join(ip.address for ip in pod.ips) or 'no address'}, in {pod.netns}")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
