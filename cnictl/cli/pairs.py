"""Options of the form ``KEY=VALUE``."""

from __future__ import annotations

from cnictl.errors import UsageError


def pairs(option: str, given: list[str] | None) -> dict[str, str]:
    """The pairs ``KEY=VALUE`` of a repeatable option.

    Args:
        option: The option, for messages.
        given: What was given.

    Raises:
        UsageError: One is no pair.
    """
    found: dict[str, str] = {}
    for text in given or ():
        key, equals, value = text.partition("=")
        if not key or not equals:
            message = f'{option} "{text}" is not of the form KEY=VALUE'
            raise UsageError(message)
        found[key] = value
    return found
