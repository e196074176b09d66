"""What the manual names is there: pages, headings, files, commands with their options, and codes."""

from __future__ import annotations

import re
import shlex
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from cnictl.cli.catalogue import all_explanations
from cnictl.cli.entry import PROGRAM
from cnictl.cli.lazy import load_command
from cnictl.errors import CNIError
from tests.support.manual import Page, is_made, pages, read_page
from tests.support.pages import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGES = pages()
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)

FOREIGN_OPTIONS = frozenset(
    {"--cni-bin-dir", "--cni-cache-dir", "--cni-conf-dir", "--network-plugin", "--network-plugin-mtu"}
)
"""Options that the manual names by themselves and that are other programs': the kubelet's."""


def broken(page: Page, target: str) -> str | None:
    """Why a link of a page leads nowhere; ``None`` when it leads somewhere, or out of the project."""
    place, _, anchor = target.partition("#")
    if ":" in place:
        return None
    root = PROJECT / "docs" if place.startswith("/") else page.path.parent
    path = (root / place.lstrip("/")).resolve() if place else page.path
    if is_made(path):
        return None  # Sphinx looks into these when it has made them
    if not path.exists():
        return f"{target}: there is no {path}"
    if anchor and anchor not in read_page(path).headings:
        return f"{target}: {path} has no such heading, only {', '.join(sorted(read_page(path).headings))}"
    return None


@each_page
def test_links_lead_somewhere(page):
    assert [reason for target in page.links if (reason := broken(page, target))] == []


_PATH = re.compile(r"[\w.][\w.*<>-]*(?:/[\w.*<>-]+)+/?")
_NO_PATHS = frozenset({"cnictl/ignore", "cnictl/schemas", "cnictl/schemas/"})
"""What looks like a path of the project: a key, and where the schemas lie in an installed package."""


def project_paths(page: Page) -> Iterator[str]:
    """The paths of the project that a page names in code quotes; in ``cnictl`` they may begin at the package."""
    tops = {path.name for path in (*PROJECT.iterdir(), *(PROJECT / "cnictl").iterdir())}
    for quote in page.quotes:
        first = quote.partition("/")[0]
        # What begins with a dot, such as a workflow, is a path of the reader's own project.
        if _PATH.fullmatch(quote) and first in tops and not first.startswith(".") and quote not in _NO_PATHS:
            yield quote


def is_there(name: str) -> bool:
    """Whether the project has a path, in which ``<NAME>`` stands for anything."""
    pattern = re.sub(r"<[^>]*>", "*", name.rstrip("/"))
    return is_made(PROJECT / name) or any(
        next(root.glob(pattern), None) is not None for root in (PROJECT, PROJECT / "cnictl")
    )


@each_page
def test_files_that_are_named_are_there(page):
    assert [name for name in project_paths(page) if not is_there(name)] == []


@each_page
def test_codes_that_are_named_are_there(page):
    known = {explanation.code for explanation in all_explanations()}
    named = set(re.findall(r"\bCNI\d{3}\b", page.prose))
    # The changelog may name a code that is no more; a code keeps its meaning for ever, so it still must not be new.
    assert named - known == set()


class Level(NamedTuple):
    """A command of the command line, and how it is called.

    Attributes:
        command: It, of typer's private click.
        context: What click wants besides.
        options: Its options, and those of the commands above it.
    """

    command: Any
    context: Any
    options: frozenset[str]

    @classmethod
    def of(cls, command: Any, name: str, parent: Any = None, above: frozenset[str] = frozenset()) -> Level:
        context = command.make_context(name, [], resilient_parsing=True, parent=parent)
        own = {text for each in command.params for text in (*each.opts, *each.secondary_opts)}
        return cls(command, context, above | own | {"-h", "--help"})

    def below(self, name: str) -> Level | None:
        """The command of a name below this one; ``None`` when there is none."""
        if not hasattr(self.command, "commands"):
            return None
        try:
            _, found, _ = self.command.resolve_command(self.context, [name])
        except CNIError:  # no kind of `generate`
            return None
        return Level.of(found, name, self.context, self.options) if found else None

    def has(self, word: str) -> bool:
        """Whether an option is one, also when its value or other letters stand behind it."""
        name = word.partition("=")[0]
        return name in self.options or (not name.startswith("--") and name[:2] in self.options)

    @property
    def wants_command(self) -> bool:
        """Whether a command must follow."""
        return hasattr(self.command, "commands") and not self.command.invoke_without_command


@cache
def top() -> Level:
    return Level.of(load_command("cnictl.cli.root", PROGRAM), PROGRAM)


def unknown_words(words: list[str]) -> list[str]:
    """The words of a command line that are no command or option of it."""
    level, wrong = top(), []
    for word in words:
        if word.startswith("-") and word != "-":
            wrong += [] if level.has(word) else [word]
        elif found := level.below(word):
            level = found
        elif level.wants_command and not word.isupper():  # COMMAND stands for any
            return [*wrong, word]
    return wrong


_PROMPT = re.compile(r"^[$#] ((?:.*(?:\\|\||&&)\n)*.*)$", re.MULTILINE)
_PARTS = re.compile(r"\|\|?|&&|;|<|>+|\n|\$\(|\)")


def command_lines(page: Page) -> Iterator[str]:
    """The calls of cnictl on a page: after a prompt, on a line of a recipe, and in code quotes."""
    for language, text in page.blocks:
        shown = "\n".join(_PROMPT.findall(text)) if language == "console" else text
        if language in ("console", "sh", "yaml", ""):
            for part in _PARTS.split(shown.replace("\\\n", " ")):
                found = re.search(r"(?:^|\s)cnictl (?!doctor\.)(.*)", part)
                if found and (language == "console" or re.match(r"\s*(?:[$#] |- run: |script: )?cnictl ", part)):
                    yield found[1]
    for quote in page.quotes:
        if quote.startswith("cnictl ") and not _PARTS.search(quote):
            yield quote.removeprefix("cnictl ")


def split(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:  # a quote that goes on in the next line
        return line.split()


@each_page
def test_commands_and_options_that_are_named_are_there(page):
    wrong = {line: words for line in command_lines(page) if (words := unknown_words(split(line)))}
    assert wrong == {}


@cache
def all_options() -> frozenset[str]:
    return frozenset(_options_below(top()))


def _options_below(level: Level) -> Iterator[str]:
    yield from level.options
    for name in getattr(level.command, "commands", {}):
        below = level.below(name)
        assert below is not None
        yield from _options_below(below)


@each_page
def test_options_that_are_named_alone_are_there(page):
    named = {quote.split()[0].partition("=")[0] for quote in page.quotes if re.match(r"--[a-z]", quote)}
    assert named - all_options() - FOREIGN_OPTIONS == set()


class TestTheseTests:
    """They find what they are to find."""

    @pytest.fixture
    def page(self, tmp_path):
        def write(text: str) -> Page:
            path = tmp_path / "page.md"
            path.write_text(text)
            return read_page.__wrapped__(path)

        return write

    def test_a_link_that_leads_nowhere(self, page):
        made = page("# One `two`\n[a](#one-two) [b](#three) [c](four.md) [d](https://example.org/x)\n")
        assert [bool(broken(made, target)) for target in made.links] == [False, True, True, False]

    def test_a_path_that_is_not_there(self, page):
        names = list(project_paths(page("`docs/no-such.md` `cnictl/errors.py` `host/api.py` `/etc/cni` `a/b`")))
        assert names == ["docs/no-such.md", "cnictl/errors.py", "host/api.py"]
        assert [is_there(name) for name in names] == [False, True, True]
        assert is_there("tests/rules/<CODE>/")

    @pytest.mark.parametrize(
        ("line", "wrong"),
        [
            ("validate --strict -f json net.d", []),
            ("validate --no-such net.d", ["--no-such"]),
            ("no-such-command", ["no-such-command"]),
            ("exec add pods web-0 --port 8080:80", []),
            ("exec add pods web-0 --prot 8080:80", ["--prot"]),
            ("generate bridge --name pods", []),
            ("doctor merge reports/ -fhtml", []),
            ("doctor --symptom=x", []),
        ],
    )
    def test_a_word_that_is_no_option(self, line, wrong):
        assert unknown_words(line.split()) == wrong

    def test_every_way_to_name_a_command(self, page):
        text = "`cnictl a`\n```console\n$ x | cnictl b\n# cnictl c \\\n    --d\ncnictl is not this\n```\n"
        assert [split(line) for line in command_lines(page(text))] == [["b"], ["c", "--d"], ["a"]]


def test_all_pages_are_looked_at():
    names = {page.name for page in PAGES}
    assert {"README.md", "docs/index.md", "docs/tutorial/first-network.md", "docs/explanation/security.md"} <= names
    assert sum(len(page.links) for page in PAGES) > 20
    assert sum(len(list(command_lines(page))) for page in PAGES) > 100


def _in_manual(path: Path) -> bool:
    return path.is_relative_to(PROJECT / "docs")


def test_every_page_of_the_manual_is_in_the_index():
    index = next(page for page in PAGES if page.name == "docs/index.md")
    listed = {line for language, text in index.blocks if "toctree" in language for line in text.split()}
    written = {
        str(page.path.relative_to(PROJECT / "docs")).removesuffix(".md") for page in PAGES if _in_manual(page.path)
    }
    assert written - listed == {"index"}
