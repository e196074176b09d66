"""Writes down what there is to complete: ``python -m cnictl.cli.completing.survey``, or ``make index``.

Everything comes from the commands themselves, the registries of codes and the schemas of plugins; see
`cnictl.cli.completing.index` for why it is written down.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cnictl.authoring.generate import kinds
from cnictl.cli.completing.index import PATH
from cnictl.cli.entry import PROGRAM
from cnictl.cli.generate import command_of
from cnictl.cli.lazy import load_command
from cnictl.conformance.registry import all_cases
from cnictl.doctor.registry import CATEGORIES, all_checks
from cnictl.schema import known_types, plugin_facts, plugin_keys
from cnictl.trial.registry import all_steps
from cnictl.validate.registry import all_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

_OF_KINDS = "generate"
"""The command whose commands are made from schemas."""


def survey() -> dict[str, Any]:
    """All that ``index.json`` holds."""
    made = {kind: command_of(kind) for kind in kinds(vendors=True)}
    commands = dict(_commands(load_command("cnictl.cli.root", PROGRAM), ""))
    return {
        "commands": commands,
        "groups": {group: [_parameter(each) for each in _common(made[kind])] for group, kind in _GROUPS.items()},
        "kinds": {kind: _kind(kind, command) for kind, command in made.items()},
        "codes": dict(_codes()),
        "words": {"categories": list(CATEGORIES), "capabilities": _capabilities(), "ipam": _ipam()},
    }


def _commands(command: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401  # typer's private click
    """A command and those below it, by the words behind the program's name."""
    below = getattr(command, "commands", {}) if path != _OF_KINDS else {}
    children = {name: child.help for name, child in below.items()}
    shown = [parameter for parameter in command.params if not parameter.hidden]
    record = {"parameters": [_parameter(parameter) for parameter in shown]}
    yield path, record | ({"commands": children} if children else {})
    context = command.make_context(PROGRAM, [], resilient_parsing=True)
    for name in children:
        _, child, _ = command.resolve_command(context, [name])
        yield from _commands(child, f"{path} {name}".strip())


_GROUPS = {"network": "bridge", "plain": "loopback"}
"""Which options kinds have in common, each with a kind that has them: those with addresses, and those without."""


def _kind(kind: str, command: Any) -> dict[str, Any]:  # noqa: ANN401  # a command of typer's private click
    common = _common(command)
    choices = {f"key_{number}": list(key.choices) for number, key in enumerate(plugin_keys(kind))}
    own = [_parameter(each, choices[each.name]) for each in command.params if each not in common]
    addressed = any(parameter.name == "subnet" for parameter in common)
    return {
        "help": _sentence(command.help.partition("\n")[0]),
        "group": "network" if addressed else "plain",
        "parameters": own,
    }


def _common(command: Any) -> list[Any]:  # noqa: ANN401  # a command of typer's private click
    """The parameters that are no keys of the plugin."""
    return [parameter for parameter in command.params if not parameter.name.startswith("key_")]


def _parameter(parameter: Any, choices: list[str] | None = None) -> dict[str, Any]:  # noqa: ANN401  # typer's private
    is_option = parameter.param_type_name == "option"
    is_flag = is_option and parameter.is_flag
    known = {
        "name": parameter.name,
        "names": _names(parameter) if is_option else [],
        "metavar": "" if is_flag else parameter.metavar,
        "help": _sentence(parameter.help),
        "many": parameter.multiple or parameter.nargs != 1,
        "choices": choices or ([] if is_flag else _choices(parameter.metavar)),
    }
    return {key: value for key, value in known.items() if value}


def _names(option: Any) -> list[str]:  # noqa: ANN401  # an option of typer's private click
    """How an option is declared: what says it and what denies it stand together."""
    denied = dict(zip(option.opts, option.secondary_opts, strict=False))
    return [f"{name}/{denied[name]}" if name in denied else name for name in option.opts]


def _choices(metavar: str) -> list[str]:
    """The values that a metavar spells out: they are written as they are typed, other metavars in capitals."""
    return metavar.split("|") if metavar == metavar.lower() else []


def _sentence(text: str) -> str:
    """The first sentence of a text, without its full stop, as lists of completions have it."""
    return text.partition(". ")[0].partition(" [")[0].rstrip(".")


def _codes() -> Iterator[tuple[str, dict[str, str]]]:
    plugins = (("try", all_steps()), ("conformance", all_cases()))
    for command, entries in (("validate", all_rules()), ("doctor", all_checks()), *plugins):
        for entry in entries:
            explanation = entry.explanation
            yield entry.code, {"name": entry.name, "help": _sentence(explanation.summary), "command": command}


def _capabilities() -> list[str]:
    facts = filter(None, map(plugin_facts, known_types()))
    return sorted({capability for each in facts for capability in each.capabilities})


def _ipam() -> list[str]:
    facts = {plugin: plugin_facts(plugin) for plugin in known_types()}
    return [plugin for plugin, known in facts.items() if known is not None and known.role == "ipam"]


def to_text(content: dict[str, Any]) -> str:
    """The content of ``index.json``: a line for each record, so that a change of one is a change of a line.

    Args:
        content: What `survey` gives.
    """
    return _indented(content, "") + "\n"


_DEEP = 4
"""How deep lists and objects are broken into lines."""


def _indented(value: Any, indent: str) -> str:  # noqa: ANN401  # any JSON value
    inner = f"{indent} "
    if not value or len(indent) >= _DEEP or _is_record(value):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        members = [f"{inner}{json.dumps(key)}: {_indented(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(members) + f"\n{indent}}}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(f"{inner}{_indented(item, inner)}" for item in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


def _is_record(value: Any) -> bool:  # noqa: ANN401  # any JSON value
    return isinstance(value, dict) and "name" in value


if __name__ == "__main__":
    PATH.write_text(to_text(survey()), encoding="utf-8")
