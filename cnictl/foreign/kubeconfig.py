"""Kubeconfigs, as far as it can be seen in them whether they still work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from cnictl.foreign.web_token import decoded, token_expiry
from cnictl.foreign.x509 import expiry_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.text.source import Source


class Credential(NamedTuple):
    """What a kubeconfig shows to the API server, or points to.

    Attributes:
        kind: ``token`` or ``certificate``.
        expires: When it ends, in seconds since 1970; ``None`` when it does not say.
        file: The file that holds it; empty when it is in the kubeconfig itself.
    """

    kind: str
    expires: float | None = None
    file: str = ""


class Kubeconfig(NamedTuple):
    """A kubeconfig.

    Attributes:
        server: The API server's address; empty when there is none.
        credentials: What its users have.
        trouble: Why it cannot be read; empty when it can.
    """

    server: str = ""
    credentials: tuple[Credential, ...] = ()
    trouble: str = ""


def read_kubeconfig(source: Source) -> Kubeconfig:
    """Reads a kubeconfig.

    Args:
        source: The file.
    """
    try:
        data: Any = yaml.load(source.text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return Kubeconfig(trouble=f"it is no YAML: {str(error).splitlines()[0]}")
    if not isinstance(data, dict):
        return Kubeconfig(trouble="it is no kubeconfig")
    servers = [str(cluster.get("server") or "") for cluster in _named(data, "clusters", "cluster")]
    credentials = [each for user in _named(data, "users", "user") for each in _credentials(user)]
    return Kubeconfig(next(iter(servers), ""), tuple(credentials))


def _named(data: dict[str, Any], many: str, one: str) -> Iterator[dict[str, Any]]:
    items = data.get(many)
    for item in items if isinstance(items, list) else ():
        value = item.get(one) if isinstance(item, dict) else None
        if isinstance(value, dict):
            yield value


def _credentials(user: dict[str, Any]) -> Iterator[Credential]:
    token, certificate = user.get("token"), user.get("client-certificate-data")
    if isinstance(token, str):
        yield Credential("token", token_expiry(token))
    if isinstance(certificate, str):
        yield Credential("certificate", expiry_of(decoded(certificate)))
    for key, kind in (("tokenFile", "token"), ("client-certificate", "certificate"), ("client-key", "key")):
        if isinstance(user.get(key), str):
            yield Credential(kind, file=user[key])


def date_of(seconds: float) -> str:
    """A time for people, in UTC."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, ValueError, OSError):
        return "a time that no calendar has"
