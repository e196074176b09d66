"""``cnictl schema``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import Saying, format_option, takes
from cnictl.errors import ExitCode, SourceError, UsageError
from cnictl.render import renderer
from cnictl.render.paper import plural
from cnictl.schema.standalone import CATALOGUE, for_editors, listed_schemas, schema_names, standalone
from cnictl.text.edit import write_atomically
from cnictl.text.source import source_error
from cnictl.text.suggest import closest

app = new_app()


@dataclass(kw_only=True, repr=False, eq=False)
class SchemaOptions(Saying):
    """The options of ``cnictl schema``."""

    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A schema, such as conflist. [default: list them all]")
    ] = None
    format: Annotated[str, format_option("schemas")] = "text"
    write: Annotated[
        str | None,
        typer.Option(metavar="DIR", help=f"Write those that editors need into a directory, and {CATALOGUE}."),
    ] = None


@app.command(
    cls=Command,
    epilog="""\b
Examples:
  cnictl schema                     lists them
  cnictl schema conflist            prints the one of *.conflist
  cnictl schema plugins/bridge      and that of a plugin
  cnictl schema --write schemas/    what an editor is pointed at""",
)
@takes(SchemaOptions)
def schema(options: SchemaOptions) -> int:
    """Print a JSON Schema for editors and other tools. What is printed needs no other file, wherever it is put."""
    if options.write is not None:
        return _write(options.write, options)
    if options.name is None:
        renderer("schemas", options.format)(listed_schemas(), options.out)
    else:
        options.out.stream.write(_text(standalone(_known(options.name))))
    return ExitCode.OK


def _known(name: str) -> str:
    names = schema_names()
    if name in names:
        return name
    words = {known.rpartition("/")[2]: known for known in names} | {known: known for known in names}
    meant = closest(name, words)
    message = f'there is no schema "{name}"'
    raise UsageError(message, hint=f"did you mean {words[meant]}?" if meant else "`cnictl schema` lists them")


def _write(path: str, options: SchemaOptions) -> int:
    if options.name is not None:
        message = "--write takes no NAME"
        raise UsageError(message, hint=f"`cnictl schema {options.name}` prints that one")
    if not path:  # an unset variable of a shell does not mean the current directory
        message = "--write takes a directory"
        raise UsageError(message, hint="for this one, give it a dot")
    directory = _made(Path(path))
    files = for_editors(directory)
    for file, content in files.items():
        write_atomically(file, _text(content))
    options.say(f"{directory} has {plural(len(files) - 1, 'schema')} and {CATALOGUE}")
    return ExitCode.OK


def _made(directory: Path) -> Path:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise SourceError(str(directory), "is not a directory", hint="--write takes a directory") from error
    except OSError as error:
        raise source_error(str(directory), error) from error
    return directory


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
