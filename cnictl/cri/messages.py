"""The messages of CRI, as far as anything here looks at them.

The numbers are those of ``runtime.v1``'s ``api.proto`` in the repository kubernetes/cri-api. Those of
``runtime.v1alpha2`` are the same for these messages.
"""

from __future__ import annotations

from typing import NamedTuple

from cnictl.cri.wire import Field, Kind, Table

SERVICES = ("runtime.v1", "runtime.v1alpha2")
"""The versions of CRI, the one that is asked for first in front. The older one went with containerd 2.0."""


class Method(NamedTuple):
    """A method of CRI's RuntimeService.

    Attributes:
        name: Its name.
        request: The fields of the question.
        response: The fields of the answer.
    """

    name: str
    request: Table
    response: Table

    def path(self, service: str) -> str:
        """What it is called by, in one of `SERVICES`."""
        return f"/{service}.RuntimeService/{self.name}"


_ID_AND_VERBOSE: Table = {"id": Field(1, Kind.TEXT), "verbose": Field(2, Kind.FLAG)}

VERSION = Method(
    "Version",
    {"version": Field(1, Kind.TEXT)},
    {
        "version": Field(1, Kind.TEXT),
        "runtime_name": Field(2, Kind.TEXT),
        "runtime_version": Field(3, Kind.TEXT),
        "runtime_api_version": Field(4, Kind.TEXT),
    },
)

_CONDITION: Table = {
    "type": Field(1, Kind.TEXT),
    "status": Field(2, Kind.FLAG),
    "reason": Field(3, Kind.TEXT),
    "message": Field(4, Kind.TEXT),
}

STATUS = Method(
    "Status",
    {"verbose": Field(1, Kind.FLAG)},
    {
        "status": Field(1, {"conditions": Field(1, _CONDITION, many=True)}),
        "info": Field(2, Kind.TEXTS),
        "runtime_handlers": Field(3, {"name": Field(1, Kind.TEXT)}, many=True),
    },
)

_SANDBOX_METADATA: Table = {
    "name": Field(1, Kind.TEXT),
    "uid": Field(2, Kind.TEXT),
    "namespace": Field(3, Kind.TEXT),
    "attempt": Field(4, Kind.NUMBER),
}

_SANDBOX: Table = {
    "id": Field(1, Kind.TEXT),
    "metadata": Field(2, _SANDBOX_METADATA),
    "state": Field(3, Kind.NUMBER),
    "created_at": Field(4, Kind.NUMBER),
    "annotations": Field(6, Kind.TEXTS),
    "runtime_handler": Field(7, Kind.TEXT),
}

LIST_SANDBOXES = Method("ListPodSandbox", {}, {"items": Field(1, _SANDBOX, many=True)})

_NAMESPACES: Table = {"options": Field(2, {"network": Field(1, Kind.NUMBER)})}

_SANDBOX_STATUS: Table = {
    "id": Field(1, Kind.TEXT),
    "metadata": Field(2, _SANDBOX_METADATA),
    "state": Field(3, Kind.NUMBER),
    "created_at": Field(4, Kind.NUMBER),
    "network": Field(
        5, {"ip": Field(1, Kind.TEXT), "additional_ips": Field(2, {"ip": Field(1, Kind.TEXT)}, many=True)}
    ),
    "linux": Field(6, {"namespaces": Field(1, _NAMESPACES)}),
    "annotations": Field(8, Kind.TEXTS),
    "runtime_handler": Field(9, Kind.TEXT),
}

SANDBOX_STATUS = Method(
    "PodSandboxStatus", _ID_AND_VERBOSE, {"status": Field(1, _SANDBOX_STATUS), "info": Field(2, Kind.TEXTS)}
)

_CONTAINER: Table = {
    "id": Field(1, Kind.TEXT),
    "sandbox_id": Field(2, Kind.TEXT),
    "metadata": Field(3, {"name": Field(1, Kind.TEXT), "attempt": Field(2, Kind.NUMBER)}),
    "image": Field(4, {"image": Field(1, Kind.TEXT)}),
    "image_ref": Field(5, Kind.TEXT),
    "state": Field(6, Kind.NUMBER),
    "created_at": Field(7, Kind.NUMBER),
}

LIST_CONTAINERS = Method("ListContainers", {}, {"containers": Field(1, _CONTAINER, many=True)})
