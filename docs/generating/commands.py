"""The pages of commands, which are the man pages too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docs.generating.environment import variables_of
from docs.generating.exits import meanings
from docs.generating.prose import cell, definitions, fenced, joined, marked, prose, table
from docs.generating.related import details_of, files_of, pages_about, related_to
from docs.generating.tree import all_commands, vendor_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docs.generating.tree import CommandInfo, Parameter

VENDORS = "cnictl-generate-vendors"
"""The page of the vendors' plugins that `generate` knows: as pages of their own they would be most of the manual."""
_KIND = "cnictl-generate-"
_VENDORS_TEXT = """\
## Synopsis

**cnictl generate** *VENDOR* **--name** *NAME* \\[*OPTIONS*\\]

## Description

These plugins are not among the reference plugins. Most belong to the network of a vendor, and need more than a config:
an agent on each node. Each is a *KIND* of [cnictl generate](cnictl-generate.md). Beside the options below they have
those of [cnictl generate bridge](cnictl-generate-bridge.md) that do not belong to bridge alone: up to `--sbr`, and from
`--cni-version` on.

## Kinds"""
_VENDORS_SUMMARY = "Write a network config for a plugin of a vendor."


def command_pages() -> dict[str, CommandInfo]:
    """The commands by the names of their pages."""
    return {command.page: command for command in all_commands()}


def pages() -> dict[str, str]:
    """The pages by their names."""
    written = {name: _page(command) for name, command in command_pages().items()}
    return {"index": _index(), **written, VENDORS: _vendors_page()}


def summaries() -> dict[str, str]:
    """One line about each page, by its name: what ``whatis`` shows."""
    lines = {name: _lower(command.summary) for name, command in command_pages().items()}
    about_kinds = {
        name: f"write a config of the plugin that {line}" for name, line in lines.items() if name.startswith(_KIND)
    }
    return lines | about_kinds | {VENDORS: _lower(_VENDORS_SUMMARY)}


def _lower(sentence: str) -> str:
    return (sentence[:1].lower() + sentence[1:]).removesuffix(".").replace("`", "")


def _index() -> str:
    rows = [(_link(command.path), cell(command.summary)) for command in command_pages().values()]
    rows.append((f"[cnictl generate *VENDOR*]({VENDORS}.md)", cell(_VENDORS_SUMMARY)))
    names = "\n".join((*command_pages(), VENDORS))
    return joined(
        (
            "# Commands",
            "Each page is a man page too: `man cnictl-exec-add`. `cnictl COMMAND --help` shows the options alone.",
            table(("Command", "What it does"), rows),
            fenced(f":hidden:\n:titlesonly:\n\n{names}", "{toctree}"),
        )
    )


def _page(command: CommandInfo) -> str:
    """The page of a command. Its name and summary are in the head of the man page, so only the HTML shows them."""
    return joined(
        (
            f"# {command.path}",
            only_html(prose(command.summary)),
            _section("Synopsis", _synopsis(command)),
            _section("Description", joined(map(marked, details_of(command) or (command.summary,))).rstrip()),
            _section("Arguments", definitions((_named(each), _meaning(each)) for each in command.arguments)),
            _section("Options", options_of(command.path, command.options)),
            _section("Commands", _children(command)),
            _section("Examples", command.examples and fenced(command.examples, "text")),
            _section("Exit status", _exit_status(command)),
            _section("Environment", definitions((f"**{each.name}**", each.meaning) for each in variables_of(command))),
            _section("Files", definitions((f"*{prose(each.path)}*", each.meaning) for each in files_of(command))),
            _section("See also", _see_also(command)),
            _further(command),
        )
    )


def only_html(text: str) -> str:
    """What man pages do not show."""
    return fenced(text, "{only} html")


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n{text}" if text else ""


def _synopsis(command: CommandInfo) -> str:
    """How it is called: what is typed as it stands in bold, what stands for something in italics."""
    rest = prose(command.usage.removeprefix(command.path).strip())
    return f"**{command.path}** " + re.sub(r"[A-Z](?:[\w-]|\.(?=\w)|\\\|)*", r"*\g<0>*", rest)


def _named(argument: Parameter) -> str:
    return f"*{prose(argument.names[0])}*"


def options_of(path: str, options: Iterable[Parameter]) -> str:
    """A list of options, each of which can be linked to.

    Args:
        path: The words that call the command.
        options: Its options.
    """
    parts = [fenced("", f"{{program}} {path}").replace("\n\n", "\n")]
    return joined([*parts, *(_option(option) for option in options)]).rstrip()


def _option(option: Parameter) -> str:
    title = f"{', '.join(option.names)} {option.metavar}".strip()
    return fenced(_meaning(option), f"{{option}} {title}")


def _meaning(parameter: Parameter) -> str:
    default = f"Default{f' {parameter.default_for}' if parameter.default_for else ''}: "
    facts = (
        marked("Show a summary of this and exit." if "--help" in parameter.names else parameter.text),
        "Required." if parameter.required and parameter.names[0].startswith("-") else "",
        f"{marked(default)}{_default(parameter)}." if parameter.default else "",
        f"Environment: {_variable(parameter.variable)}." if parameter.variable else "",
    )
    return " ".join(filter(None, facts))


def _default(parameter: Parameter) -> str:
    """The default as it would be typed, or in words."""
    of_flags = {"true": 0, "false": -1} | dict.fromkeys(name.removeprefix("--") for name in parameter.names)
    if len(parameter.names) > 1 and parameter.metavar == "" and parameter.default in of_flags:
        place = of_flags[parameter.default]
        return f"`{parameter.names[place] if place is not None else f'--{parameter.default}'}`"
    text = parameter.default.removesuffix(".0")
    return f"`{text}`" if re.fullmatch(r"[^\s`]+", text) else marked(text)


def _variable(text: str) -> str:
    name, comma, rest = text.partition(",")
    return f"`{name}`{comma}{rest}"


def _children(command: CommandInfo) -> str:
    pages = command_pages()
    children = [pages[f"{command.page}-{name}"] for name in command.children]
    pairs = [(f"**{_link(child.path)}**", marked(child.summary)) for child in children]
    if command.path == "cnictl generate":
        pairs.append((f"[*VENDOR*]({VENDORS}.md)", "A plugin of a vendor; its page lists them."))
    return definitions(pairs)


def _exit_status(command: CommandInfo) -> str:
    """What a command says of its exit codes, and of the others what is true of every command."""
    if not command.exit_status or command.path == "cnictl":
        own = meanings()
    else:
        said = {code: f"{text[:1].upper()}{text[1:]}." for code, text in command.exit_status.items()}
        own = said | {130: meanings()[130]}
    return definitions((f"**{code}**", marked(text)) for code, text in own.items())


def _link(path: str) -> str:
    return f"[{path}]({path.replace(' ', '-')}.md)"


def _see_also(command: CommandInfo) -> str:
    names = [path.replace(" ", "-") for path in related_to(command)]
    links = [man_link(name, 1, f"{name}.md") for name in names]
    if command.path == "cnictl" or any("--no-config" in option.names for option in command.options):
        links.append(man_link("cnictl.toml", 5, "../settings.md"))
    return ", ".join(links)


def _further(command: CommandInfo) -> str:
    links = ", ".join(f"[](../{page}.md)" for page in pages_about(command))
    return only_html(f"In this manual: {links}") if links else ""


def man_link(name: str, section: int, page: str) -> str:
    """A link to a man page.

    Args:
        name: Its name.
        section: The section of the manual that it is in.
        page: The page of the HTML manual that says the same.
    """
    return f"[**{name}**({section})]({page})"


def _vendors_page() -> str:
    kinds = list(vendor_kinds())
    return joined(
        (
            "# cnictl generate VENDOR",
            only_html(_VENDORS_SUMMARY),
            _VENDORS_TEXT,
            *(f"### {kind.path.rpartition(' ')[2]}\n\n{_vendor(kind)}" for kind in kinds),
            f"## See also\n\n{man_link('cnictl-generate', 1, 'cnictl-generate.md')}",
        )
    )


def _vendor(kind: CommandInfo) -> str:
    own = [option for option in kind.options if option.own]
    text = " ".join((kind.summary, *kind.details[:-1]))
    return joined((marked(text), fenced(kind.examples, "text"), options_of(kind.path, own) if own else "")).rstrip()
