"""Words in which the cases are told."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from tests.interop.scene import NETNS, Case, Step, container_id

if TYPE_CHECKING:
    from collections.abc import Mapping

Files = dict[str, str]

ADD, CHECK, DEL = Step("add"), Step("check"), Step("del")
ALL = (ADD, CHECK, DEL)
FIRST: dict[str, Any] = {"type": "first", "level": 1}
SECOND: dict[str, Any] = {"type": "second", "ipam": {"type": "pool", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}


def network(*plugins: object, version: str | None = "1.0.0", file: str = "10-net.conflist", **keys: object) -> Files:
    """A list in the config directory."""
    versioned = {} if version is None else {"cniVersion": version}
    return conf(file, versioned | {"name": "net", "plugins": list(plugins or (FIRST, SECOND))} | keys)


def conf(file: str, content: object) -> Files:
    """A file in the config directory: a text as it is, everything else as JSON."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return {f"conf/{file}": text}


def says(plugin: str, verb: str, stdout: object = "", *, status: int | None = None, stderr: str = "") -> Files:
    """What a plugin answers to a verb: a text as it is, everything else as JSON."""
    text = stdout if isinstance(stdout, str) else json.dumps(stdout, ensure_ascii=False)
    place = f"answers/{plugin}/{verb}"
    files = {f"{place}/stdout": text, f"{place}/stderr": stderr}
    return files if status is None else files | {f"{place}/status": str(status)}


def refuses(plugin: str, verb: str, code: int = 7, details: str = "") -> Files:
    """A plugin that answers a verb with an error object."""
    more = {"details": details} if details else {}
    return says(plugin, verb, {"cniVersion": "1.0.0", "code": code, "msg": "this plugin refuses"} | more, status=1)


def result(version: str = "1.0.0", number: int = 5) -> dict[str, Any]:
    """A result in the shape of a version; the number is the address's last."""
    address, gateway = f"10.1.0.{number}/24", "10.1.0.1"
    if version in {"0.1.0", "0.2.0"}:
        routes = [{"dst": "0.0.0.0/0", "gw": gateway}]
        return {"cniVersion": version, "ip4": {"ip": address, "gateway": gateway, "routes": routes}, "dns": {}}
    family = {} if version in {"1.0.0", "1.1.0"} else {"version": "4"}
    return {
        "cniVersion": version,
        "interfaces": [{"name": "eth0", "mac": "0a:58:0a:01:00:05", "sandbox": "/run/netns/blue"}],
        "ips": [family | {"interface": 0, "address": address, "gateway": gateway}],
        "routes": [{"dst": "0.0.0.0/0"}],
        "dns": {"nameservers": ["10.1.0.1"]},
    }


def results(version: str = "1.0.0") -> Files:
    """Both plugins answer ADD, each with an address of its own."""
    return says("first", "ADD", result(version)) | says("second", "ADD", result(version, 6))


def answered(stdout: object) -> Files:
    """A network whose one plugin answers ADD with this."""
    return network(FIRST) | says("first", "ADD", stdout)


def case(name: str, about: str, *steps: Step, write: Mapping[str, str | None] | None = None, **more: Any) -> Case:
    """A case; its files are those of a chain of two plugins that work, but for what is given (``None``: none)."""
    merged = network() | results() | dict(write or {})
    files = {path: text for path, text in merged.items() if text is not None}
    return Case(name, about, steps or ALL, files, **more)


def cached(text: object, ifname: str = "eth0", name: str = "net") -> Files:
    """A file in the result cache."""
    content = text if isinstance(text, str) else json.dumps(text)
    return {f"cache/results/{name}-{CONTAINER_ID}-{ifname}": content}


CONTAINER_ID = container_id(NETNS)
"""What cnitool makes of the path of the namespace that all cases use."""


def entry(**keys: object) -> dict[str, object]:
    """A cache entry as libcni writes it, but for what is given; ``None`` leaves a key out."""
    config = json.dumps({"cniVersion": "1.0.0", "name": "net", "plugins": [FIRST, SECOND]}).encode()
    usual: dict[str, object] = {
        "kind": "cniCacheV1",
        "containerId": CONTAINER_ID,
        "config": base64.b64encode(config).decode(),
        "ifName": "eth0",
        "networkName": "net",
        "netns": NETNS,
        "result": result(),
    }
    return {key: value for key, value in (usual | keys).items() if value is not None}
