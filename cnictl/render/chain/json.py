"""The chain of plugins as JSON: ``cnictl.chain/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.render.shape import write_json

if TYPE_CHECKING:
    from cnictl.render.chain import Chain, ChainAnswer
    from cnictl.render.paper import Paper


def render(answer: ChainAnswer, paper: Paper) -> None:
    """Writes the answer as one JSON document (``schemas/output/chain.schema.json``)."""
    document = {
        "schema": "cnictl.chain/1",
        "file": answer.file,
        "changed": answer.changed,
        "message": answer.message,
        "configs": list(map(_chain, answer.chains)),
        "findings": [{"code": code, "message": message} for code, message in answer.findings],
    }
    write_json(document, paper.stream)


def _chain(chain: Chain) -> dict[str, Any]:
    plugins = [
        {"type": link.type, "capabilities": list(link.capabilities), "ipam": link.ipam} for link in chain.plugins
    ]
    return {"network": chain.network, "within": chain.within, "plugins": plugins}
