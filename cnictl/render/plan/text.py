"""What would be run, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.trace.text import show_question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.invoke.invocation import Invocation
    from cnictl.render.paper import Paper
    from cnictl.runtime.cache import CacheEntry
    from cnictl.runtime.garbage import Plan


def render(verb: str, network: str, asked: Sequence[Invocation], paper: Paper, *, garbage: Plan | None = None) -> None:
    """Writes what each plugin would be asked.

    Args:
        verb: The command.
        network: The network's name.
        asked: What each plugin would be asked, in order.
        paper: Where to write.
        garbage: What GC would remove first.
    """
    if garbage is not None:
        _garbage(garbage, paper)
    if not asked:
        paper.line(f'{verb} would ask no plugin of the network "{network}"')
    for place, invocation in enumerate(asked):
        paper.line((f"{invocation.plugin} {verb}", "bold"), "  would be run")
        show_question(invocation, paper)
        earlier = result_of_whom(asked, place)
        if earlier:
            paper.paragraph(("        ", "dim"), f'and "prevResult", with what {earlier} answers', indent=2)
        paper.blank()


def result_of_whom(asked: Sequence[Invocation], place: int) -> str | None:
    """The plugin whose answer a plugin would be given, which nobody can know; ``None`` when there is none."""
    invocation = asked[place]
    before = asked[place - 1] if place else None
    chained = invocation.verb == "ADD" and before is not None and before.cni_environment == invocation.cni_environment
    return before.plugin if before is not None and chained else None


def _garbage(garbage: Plan, paper: Paper) -> None:
    for intent in garbage.interrupted:
        paper.line(f"would finish, by DEL, the {intent.verb} of {_name(intent)} that was cut short")
    for entry in garbage.stale:
        paper.line(f"would delete {_name(entry)}")
    for entry in garbage.kept:
        paper.line(f"would keep {_name(entry)}")
    paper.blank()


def _name(entry: CacheEntry) -> str:
    return f"{entry.container_id} {entry.ifname}" + (f" ({entry.netns})" if entry.netns else "")
