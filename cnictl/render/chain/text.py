"""The chain of plugins for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnictl.render.chain import Chain, ChainAnswer, Link
    from cnictl.render.paper import Paper


def render(answer: ChainAnswer, paper: Paper) -> None:
    """Writes what was done, or the plugins with their numbers."""
    if answer.message is not None:
        paper.line(f"{answer.file}: {answer.message}: {' > '.join(link.type for link in answer.chains[0].plugins)}")
        for code, message in answer.findings:
            paper.line("  but ", (code, "warning"), f": {message}")
        return
    for number, chain in enumerate(answer.chains):
        if number:
            paper.blank()
        _write_chain(chain, paper)


def _write_chain(chain: Chain, paper: Paper) -> None:
    where = f" in {chain.within}" if chain.within else ""
    paper.line(("network ", "bold"), f"{chain.network or '(no name)'}{where}")
    width = max((len(link.type) for link in chain.plugins), default=0)
    for number, link in enumerate(chain.plugins, 1):
        paper.paragraph(f"{number}  {link.type:<{width}}  ", _more(link), indent=2)


def _more(link: Link) -> str:
    ipam = [f"addresses from {link.ipam}"] if link.ipam else []
    capabilities = [f"is told {', '.join(link.capabilities)}"] if link.capabilities else []
    return "; ".join([*ipam, *capabilities])
