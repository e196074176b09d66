"""What a project wants of cnictl: ``[tool.cnictl]`` of a ``pyproject.toml``, or a ``.cnictl.toml``.

The other documents of this package are pydantic models. This one is looked for by every ``validate``, and to load
pydantic takes longer than to judge a directory, so its few keys are read by hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnictl.errors import SourceError
from cnictl.text.source import Source, read_regular
from cnictl.text.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

OWN_FILE: Final = ".cnictl.toml"
SHARED_FILE: Final = "pyproject.toml"
_TABLE: Final = "tool.cnictl"


class PerFileIgnore(NamedTuple):
    """What is not to be reported for the files that a glob matches."""

    glob: str
    codes: tuple[str, ...]
    line: int | None = None
    """Where it stands in the settings file, if that is certain."""


@dataclass(frozen=True)
class Settings:
    """What a settings file says; what it does not say is empty.

    Attributes:
        path: The file; ``None`` when there is none.
        select: Beginnings of codes, or whole names, to report.
        ignore: Beginnings of codes, or whole names, not to report.
        strict: Whether warnings make the answer "no".
        per_file_ignores: What is not to be reported for some files. Globs begin at the file's directory.
        schema_dirs: Directories of schemas for plugins of one's own.
        baseline: The file with known findings.
    """

    path: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False
    per_file_ignores: tuple[PerFileIgnore, ...] = ()
    schema_dirs: tuple[Path, ...] = ()
    baseline: Path | None = None


def find_settings(start: Path) -> Path | None:
    """The settings file of the nearest directory that has one, from a directory upwards.

    Args:
        start: Where to begin; ``Path()`` is the current directory.
    """
    try:
        start = start.absolute()
    except OSError:  # the current directory is no longer there
        return None
    for directory in (start, *start.parents):
        own, shared = directory / OWN_FILE, directory / SHARED_FILE
        if _is_there(own):
            return own
        if _is_there(shared) and _has_table(shared):
            return shared
    return None


def read_settings(path: Path) -> Settings:
    """Reads a settings file.

    Args:
        path: A ``pyproject.toml`` with a table ``tool.cnictl``, or any other file with its keys at the top level.

    Raises:
        SourceNotFound: There is no such file.
        SourceError: It cannot be read, or a key in it is unknown or has a wrong value.
    """
    source = Source(str(path), read_regular(path))
    if source.bad_bytes:
        line = source.position(source.bad_bytes.offset).line
        raise SourceError(source.name, f"line {line}: {source.bad_bytes.reason}", hint="save it as UTF-8")
    file = _File(source, path.absolute().parent)
    keys = _keys_of(file, path.name == SHARED_FILE)
    for key in keys:
        if key not in _READERS:
            raise _unknown(file, key)
    return Settings(str(path), **{name.replace("-", "_"): _READERS[name](file, name, keys[name]) for name in keys})


def _is_there(path: Path) -> bool:
    # A pipe or a device counts too, so that reading it says what is wrong with it.
    try:
        return path.exists() and not path.is_dir()
    except OSError:
        return False


def _has_table(path: Path) -> bool:
    try:
        data = read_regular(path)
    except SourceError:
        return False
    if b"cnictl" not in data:
        return False
    import tomllib

    try:
        tools = tomllib.loads(_text(data.decode())).get("tool")
    except (ValueError, RecursionError):
        # It cannot be told for certain. If it looks as if, say what is wrong with the file rather than pass it over.
        return _TABLE.encode() in data
    return isinstance(tools, dict) and "cnictl" in tools


def _text(text: str) -> str:
    """The text as ``tomllib`` wants it: without the mark that some editors put first."""
    return text.removeprefix("\ufeff")


@dataclass(frozen=True)
class _File:
    """A settings file, for those who have to say what is wrong with it."""

    source: Source
    directory: Path

    def line(self, key: str) -> int | None:
        """The line of a key, unless it could be several."""
        start = max(self.source.text.find(_TABLE), 0)
        spelt = rf"""(?:"{re.escape(key)}"|'{re.escape(key)}'|(?<![\w"'.-]){re.escape(key)})[ \t]*="""
        found = list(re.compile(spelt).finditer(self.source.text, start))
        return self.source.position(found[0].start()).line if len(found) == 1 else None

    def wrong(self, key: str, reason: str, hint: str) -> SourceError:
        """The error for a key."""
        line = self.line(key)
        place = "" if line is None else f"line {line}: "
        return SourceError(self.source.name, f"{place}{reason}", hint=hint)


def _keys_of(file: _File, shared: bool) -> Mapping[str, Any]:
    document = _parse(file.source)
    if not shared:
        return document
    tools = document.get("tool")
    table = tools.get("cnictl") if isinstance(tools, dict) else None
    if not isinstance(table, dict):
        reason = f"has no table [{_TABLE}]"
        raise SourceError(file.source.name, reason, hint=f"write [{_TABLE}] above the keys for cnictl")
    return table


def _parse(source: Source) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(_text(source.text))
    except tomllib.TOMLDecodeError as error:
        reason = f"{str(error)[:1].lower()}{str(error)[1:]}"
    except (ValueError, RecursionError):  # a date that is none, an endless number or row of brackets
        reason = "it holds a value that cannot be read"
    raise SourceError(source.name, f"no valid TOML: {reason}", hint="texts stand in quotes, lists in [ ]")


def _unknown(file: _File, key: str) -> SourceError:
    if key == "tool":
        hint = f"outside {SHARED_FILE} the keys stand at the top level, without [{_TABLE}]"
        return file.wrong(key, 'there is no key "tool"', hint)
    near = closest(key, _READERS)
    guess = f'; did you mean "{near}"?' if near else ""
    return file.wrong(key, f'there is no key "{key}"{guess}', f"the keys there are: {', '.join(_READERS)}")


def _codes(file: _File, key: str, value: object) -> tuple[str, ...]:
    codes = tuple(code.strip() for code in _texts(file, key, value, "CNI3"))
    if not all(codes):
        raise file.wrong(key, f'"{key}" holds an empty text, which every code begins with', "take it out")
    return codes


def _texts(file: _File, key: str, value: object, example: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    shown = value if isinstance(value, str) and value.isprintable() and '"' not in value else example
    raise file.wrong(key, f'"{key}" must be a list of texts', f'write {_spelt(key)} = ["{shown}"]')


def _spelt(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else f'"{key}"'


def _flag(file: _File, key: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise file.wrong(key, f'"{key}" must be true or false', f"write {key} = true, without quotes")


def _ignores(file: _File, key: str, value: object) -> tuple[PerFileIgnore, ...]:
    if not isinstance(value, dict):
        raise file.wrong(key, f'"{key}" must be a table of globs', f'write {key} = {{"old/*.conf" = ["CNI3"]}}')
    if "" in value:
        raise file.wrong(key, f'"{key}" holds an empty glob, which matches no file', "name files, as in old/*.conf")
    return tuple(PerFileIgnore(glob, _codes(file, glob, codes), file.line(glob)) for glob, codes in value.items())


def _places(file: _File, key: str, value: object) -> tuple[Path, ...]:
    return tuple(_place(file, key, text) for text in _texts(file, key, value, "schemas"))


def _place(file: _File, key: str, value: object) -> Path:
    if isinstance(value, str) and value and "\0" not in value:
        return file.directory / value
    raise file.wrong(key, f'"{key}" must be a path', "write it as seen from the settings file's directory")


_READERS: Final[Mapping[str, Callable[[_File, str, object], Any]]] = {
    "select": _codes,
    "ignore": _codes,
    "strict": _flag,
    "per-file-ignores": _ignores,
    "schema-dirs": _places,
    "baseline": _place,
}
