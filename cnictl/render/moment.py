"""Points in time as documents have them."""

from __future__ import annotations

import time


def utc(seconds: float | None) -> str | None:
    """Seconds since 1970 as RFC 3339 has them, in UTC; ``None`` stays ``None``.

    >>> utc(1_700_000_000.5)
    '2023-11-14T22:13:20Z'
    """
    return None if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
