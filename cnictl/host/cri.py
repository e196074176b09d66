"""What a container runtime answers, as JSON values: so that a node's answers can be kept, and given again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.cri.inspect import crio_config
from cnictl.cri.runtime import Runtime
from cnictl.errors import CriError, CriFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnictl.cri.answers import Sandbox

_TIMEOUT = 3.0
"""Seconds for each question: a runtime that is alive needs milliseconds."""

_TOLD = ("kubernetes.io/ingress-bandwidth", "kubernetes.io/egress-bandwidth", "k8s.v1.cni.cncf.io/networks")
"""The annotations of pods that are about their network; others may hold anything, secrets too."""

_QUESTIONS: dict[str, Callable[[str, str], Any]] = {
    "version": lambda socket, _: _runtime(socket).version().as_dict(),
    "status": lambda socket, _: _runtime(socket).status().as_dict(),
    "sandboxes": lambda socket, _: [_told(each) for each in _runtime(socket).sandboxes()],
    "sandbox": lambda socket, sandbox_id: _told(_runtime(socket).sandbox(sandbox_id)),
    "containers": lambda socket, _: [each.as_dict() for each in _runtime(socket).containers()],
    "crio-config": lambda socket, _: crio_config(socket, timeout=_TIMEOUT).as_dict(),
}


def ask(socket: str, question: str, argument: str) -> Any:  # noqa: ANN401  # a JSON value
    """Asks a container runtime.

    Args:
        socket: The path of its socket.
        question: One of `cnictl.host.api.CRI_QUESTIONS`.
        argument: The ID of a sandbox, for ``sandbox``.

    Returns:
        The answer as `cnictl.cri.answers` has it, as JSON values; ``{"error": …, "kind": …}`` when there is none, with
        the name of the error's class, and gRPC's ``code`` when the runtime refused.
    """
    try:
        return _QUESTIONS[question](socket, argument)
    except CriError as error:
        code = {"code": error.code} if isinstance(error, CriFailed) else {}
        return {"error": error.reason, "kind": type(error).__name__} | code


def _told(sandbox: Sandbox) -> dict[str, Any]:
    """A sandbox without what is nobody's business here."""
    annotations = {name: text for name, text in sandbox.annotations.items() if name in _TOLD}
    return sandbox.as_dict() | {"annotations": annotations}


def _runtime(socket: str) -> Runtime:
    return Runtime(socket, timeout=_TIMEOUT)
