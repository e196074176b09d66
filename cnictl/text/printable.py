"""Makes text fit to be shown: nothing in it may be taken for a command by a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""The text with a replacement character for everything that is not printed, line ends included.

    A network's name may hold an escape sequence; shown as it is, it could recolour or rewrite what stands around it.

    >>> printable("eth0\x1b[31m") == "eth0\ufffd[31m"
    True
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
