"""``cnictl generate``."""

from __future__ import annotations

import json
import shlex
import textwrap
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnictl.authoring.generate import generate, kinds, option_of, require_kind, to_text
from cnictl.authoring.place import choose_path
from cnictl.cli.generating import options_of
from cnictl.cli.lazy import CONTEXT_SETTINGS, Command, LazyGroup, new_app, ready_command
from cnictl.cli.options import conf_dir, takes
from cnictl.cli.own_schemas import nearest_settings, own_schemas
from cnictl.errors import ExitCode, SourceError, UsageError
from cnictl.runtime.selection import Runtime
from cnictl.schema import plugin_facts, plugin_hints, plugin_keys, plugin_schema
from cnictl.text.edit import write_atomically
from cnictl.text.suggest import closest

if TYPE_CHECKING:
    from cnictl.cli.generating import KindOptions


_HELP = frozenset(CONTEXT_SETTINGS["help_option_names"])


class GenerateGroup(LazyGroup):
    """``cnictl generate``, whose commands are the plugins that make interfaces: one for each schema."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  # typer's own
        super().__init__(**{**settings, "subcommand_metavar": "KIND [ARGS]..."})
        for kind in kinds():
            self.add_command(Command(kind, callback=None, help=_about(kind)))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401
        """Makes the command of a kind from the schema of its plugin."""
        # Settings that cannot be read must not keep anyone from reading the help.
        with suppress(SourceError) if _HELP & set(args) else nullcontext():
            ctx.with_resource(own_schemas(nearest_settings(), ctx.params.get("schema_dir")))
        require_kind(args[0])
        return args[0], command_of(args[0]), args[1:]


def _about(kind: str) -> str:
    return str((plugin_schema(kind) or {}).get("description", f"A network of the plugin {kind}."))


def _vendors() -> str:
    own = kinds()
    named = ", ".join(kind for kind in kinds(vendors=True) if kind not in own)
    return textwrap.fill(named, 70, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


app = new_app(cls=GenerateGroup)


@app.callback(
    invoke_without_command=True,
    epilog="""\b
Examples:
  cnictl generate bridge --name pods --subnet 10.88.0.0/16 --portmap
  cnictl generate bridge --help       what there is to say about a bridge
  cnictl generate --interactive       asks for what it needs
  cnictl generate calico --name pods --portmap --bandwidth

\b
Plugins of vendors, and those with a schema of your own, are KINDs too:
"""
    + _vendors(),
)
def group(
    ctx: typer.Context,
    *,
    schema_dir: Annotated[
        list[str] | None, typer.Option(metavar="DIR", help="Directory of schemas of your own plugins, repeatable.")
    ] = None,
    interactive: Annotated[bool, typer.Option("--interactive", help="Ask for what is needed, the KIND too.")] = False,
) -> int | None:
    """Write a network config that `cnictl validate --strict` accepts.

    KIND is the plugin that makes the interface. The config goes to stdout, or with -o or --runtime to a file, which is
    written whole or not at all.
    """
    if ctx.invoked_subcommand is not None:
        return None  # for which the group has read the schemas
    if not interactive:
        raise UsageError("missing argument 'KIND'", hint="`cnictl generate -h` lists them")
    from cnictl.cli.questions import ask_kind

    ctx.with_resource(own_schemas(nearest_settings(), schema_dir))
    kind = ask_kind(kinds())
    require_kind(kind)
    return write(options_of(kind)(interactive=True))


def command_of(kind: str) -> Any:  # noqa: ANN401  # a command of typer's private click
    """The command that generates a kind of network.

    Args:
        kind: The type of the plugin that makes the interface.
    """
    kind_app = new_app()
    options = options_of(kind)
    command = takes(options)(write)
    command.__doc__ = f"{_about(kind)}\n\nPrints a network config that `cnictl validate --strict` accepts."
    kind_app.command(cls=Command, epilog=_example(kind))(command)
    return ready_command(kind_app, kind)


def _example(kind: str) -> str:
    facts, hints = plugin_facts(kind), plugin_hints(kind)
    examples = {key.name: key.example for key in plugin_keys(kind)}
    needed = [f"{option_of(key)} {_word(examples[key])}" for key in (*hints.requires, *hints.one_of[:1])]
    addressed = facts is None or (facts.ipam != "none" and not facts.vendor)
    subnet = ["--subnet 10.88.0.0/16"] if addressed else []
    return f"\b\nExample:\n  cnictl generate {kind} \\\n    {' '.join(['--name pods', *subnet, *needed])}"


def _word(value: Any) -> str:  # noqa: ANN401  # any JSON value
    return value if isinstance(value, str) else shlex.quote(json.dumps(value))


def write(options: KindOptions) -> int:
    """Makes the config that was asked for, and writes it where it was wanted.

    Args:
        options: What the user asked for.
    """
    if options.interactive:
        from cnictl.cli.questions import ask

        ask(options)
    text = to_text(generate(options.recipe()))
    path = _path(options)
    if path is None:
        options.out.stream.write(text)
    else:
        write_atomically(path, text)
    if options.runtime is not None:
        options.say(f"wrote {path}, which {Runtime(options.runtime).called} loads")
    return ExitCode.OK


def _path(options: KindOptions) -> Path | None:
    """The file to write to; ``None`` for standard output."""
    if options.runtime is None:
        if options.shadow:
            raise UsageError("--shadow goes with --runtime, which picks the file's name")
        return Path(options.output) if options.output is not None else None
    if options.output is not None:
        raise UsageError("-o names a file, and --runtime picks one", hint="give one of the two")
    if options.runtime not in list(Runtime):
        meant = closest(options.runtime, list(Runtime))
        message = f'"{options.runtime}" is no runtime that is known here'
        raise UsageError(message, hint=f"did you mean {meant}?" if meant else f"there are {', '.join(Runtime)}")
    runtime = Runtime(options.runtime)
    return choose_path(conf_dir(options.conf_dir), options.name or "", runtime, shadow=options.shadow)
