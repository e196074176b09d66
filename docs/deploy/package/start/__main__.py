"""Starts cnictl from one file.

Extension modules cannot be loaded out of an archive, so the first start unpacks what this interpreter needs, and later
ones find it. Python 3.6 must be able to read this module, to say in one line that it is too old.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def say(message: str, hint: str) -> "NoReturn":
    """Says in cnictl's own manner why it cannot start, and ends."""
    sys.stderr.write(f"cnictl: {message}\n  hint: {hint}\n")
    sys.exit(2)


if sys.version_info < (3, 11):
    say(
        "needs Python 3.11 or newer, and {} is {}.{}".format(sys.executable, *sys.version_info),
        f"where there is a newer one, give it the file: python3.11 {sys.argv[0]}",
    )

import _imp
import os

BUILD = "@BUILD@"
"""The version and a hash of the content; put here when the file is made."""


def abi() -> str:
    """What stands in the names of this interpreter's extension modules: ``cpython-312-x86_64-linux-gnu``."""
    return _imp.extension_suffixes()[0][1:].replace(".so", "")


def places() -> list[tuple[str, bool]]:
    """Where to unpack: directories, the best one first, and whether something cleans them up from time to time."""
    found = []
    cache = os.environ.get("XDG_CACHE_HOME") or os.environ.get("HOME", "") + "/.cache"
    if os.path.isabs(cache) and cache != "/.cache":
        found.append((cache + "/cnictl", False))
    if os.geteuid() == 0:
        found.append(("/var/cache/cnictl", False))
    found.append((f"{os.environ.get('TMPDIR') or '/tmp'}/cnictl-{os.geteuid()}", True))
    return found


def is_safe(path: str) -> bool:
    """Whether nobody but this user and root can change what lies there, by whatever directory above it."""
    path, above = os.path.realpath(path), False
    while True:
        state = os.stat(path)
        # A group with the number of its user is that user's own. Where the sticky bit is set, nobody can take away
        # what others have put there.
        strangers = 0o002 if state.st_gid == state.st_uid else 0o022
        if state.st_uid not in (0, os.geteuid()):
            return False
        if state.st_mode & strangers and not (above and state.st_mode & 0o1000):
            return False
        if path == "/":
            return True
        path, above = os.path.dirname(path), True


def find() -> str | None:
    """The tree that an earlier start has unpacked; ``None`` when it is not there or may have holes."""
    for place, cleaned in places():
        tree = f"{place}/{BUILD}-{abi()}"
        if not cleaned and os.path.isdir(tree) and is_safe(tree):
            return tree
    return None


def unpacked() -> str:
    """Unpacks, and returns the tree."""
    from unpack import Refused, unpack  # type: ignore[import-not-found]  # it lies beside this in the archive

    try:
        tree: str = unpack(sys.path[0], f"{BUILD}-{abi()}", abi(), [place for place, _ in places()], is_safe)
    except Refused as refused:
        say(refused.message, refused.hint)
    except KeyboardInterrupt:
        sys.exit(130)
    return tree


def start() -> None:
    """Runs cnictl. It and what it needs are imported from the tree alone, whatever else is installed."""
    tree = find() or unpacked()
    others = [path for path in sys.path[1:] if not path.endswith(("site-packages", "dist-packages"))]
    sys.path[:] = [tree, *others]
    sys.dont_write_bytecode = False  # the tree is there to make the next start a quick one
    from cnictl.cli.entry import main

    main()


if __name__ == "__main__":
    start()
