"""The manual is true: what its pages show is run, parsed or judged, and whatever is not says why."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.command import run_here
from tests.support.node import obstacle
from tests.support.pages import PROJECT, Block, Page, hand_written, read_page
from tests.support.walk import Step, complaints, steps_of

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [read_page(path) for path in hand_written()]
RUN = [page for page in PAGES if any(block.kind in ("walk", "setup") for block in page.blocks)]
IN_NODE = [page for page in RUN if page.needs_node]
HERE = [page for page in RUN if not page.needs_node or obstacle()]
"""What can be walked without a node; where none can be made, the rest of the other pages too."""

LANGUAGES = {"console", "python", "json", "yaml", "toml", "text", "ini"}
RUNNABLE = {"console", "python", "sh"}
CHECKERS = {
    r"(?:.*/)?\.github/workflows/[^/]+\.ya?ml": ["check_jsonschema", "--builtin-schema", "vendor.github-workflows"],
    r"(?:.*/)?\.gitlab-ci\.ya?ml": [
        "check_jsonschema",
        "--builtin-schema",
        "vendor.gitlab-ci",
        "--data-transform",
        "gitlab-ci",
    ],
    r"\.pre-commit-config\.yaml": ["pre_commit", "validate-config"],
}
"""Modules that know what a file of this name may hold."""


def by_name(page: Page) -> str:
    return page.name.removeprefix("docs/").removesuffix(".md")


def blocks(*languages: str) -> list[object]:
    """The blocks in these languages, as parameters of a test."""
    return [
        pytest.param(block, id=f"{by_name(page)}:{block.line}")
        for page in PAGES
        for block in page.blocks
        if block.language in languages and block.kind != "not walked"
    ]


@pytest.mark.parametrize("page", HERE, ids=by_name)
def test_what_a_page_shows_is_what_happens(page):
    assert "\n".join(complaints(page, with_node=False)) == ""


@pytest.mark.netns
@pytest.mark.parametrize("page", IN_NODE, ids=by_name)
def test_what_a_page_shows_is_what_happens_in_a_node(page):
    assert "\n".join(complaints(page, with_node=True)) == ""


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_command_is_walked_or_says_why_not(page):
    assert [f"{page.name}:{block.line}" for block in page.blocks if not is_settled(block)] == []


def is_settled(block: Block) -> bool:
    if block.kind == "not walked":
        return len(block.words) > 1
    return block.language not in RUNNABLE or block.kind == "file" or bool(steps_of(block)) or runs_as_python(block)


def runs_as_python(block: Block) -> bool:
    return block.kind == "walk" and block.language == "python"


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_block_says_what_it_is(page):
    languages = {block.language for block in page.blocks if not block.language.startswith("{")}
    assert languages - LANGUAGES - {"sh", "setup"} == set()


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_no_command_hides_in_an_indented_block(page):
    text = re.sub(r"^```.*?^```$", "", page.path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"^[ \t]+(?:[$#] .*|cnictl .*|```.*)$", text, re.MULTILINE) == []


@pytest.mark.parametrize("block", blocks("json"))
def test_json_is_json_and_its_networks_are_good(block, capsys, tmp_path):
    if not block.bad:
        json.loads(block.text)
    if block.bad or is_network(json.loads(block.text)):
        assert errors_of(block, tmp_path, capsys) == block.bad


def is_network(value: object) -> bool:
    return isinstance(value, dict) and "cniVersion" in value and bool({"plugins", "type"} & value.keys())


def errors_of(block: Block, directory: Path, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """The codes of the errors that `cnictl validate` finds in a block."""
    is_list = '"plugins"' in block.text
    name = block.file or {"yaml": "x.yaml"}.get(block.language, "x.conflist" if is_list else "x.conf")
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.text)
    (report,) = run_here(capsys, "validate", "--no-config", "-f", "json", path).data["files"] or [{"findings": []}]
    return {finding["code"] for finding in report["findings"] if finding["severity"] == "error"}


@pytest.mark.parametrize("block", blocks("yaml"))
def test_yaml_is_yaml_and_its_networks_are_good(block, capsys, tmp_path):
    assert list(yaml.safe_load_all(block.text))
    assert errors_of(block, tmp_path, capsys) == block.bad


@pytest.mark.parametrize("block", blocks("yaml"))
def test_files_of_other_programs_are_what_these_read(block, tmp_path):
    for pattern, command in CHECKERS.items():
        if block.file and re.fullmatch(pattern, block.file):
            path = tmp_path / block.file.rpartition("/")[2]
            path.write_text(block.text)
            done = subprocess.run(
                [sys.executable, "-m", *command, str(path)], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr


def test_each_of_these_files_is_in_the_manual():
    files = [block.file for page in PAGES for block in page.blocks if block.file]
    for pattern in CHECKERS:
        assert any(re.fullmatch(pattern, file) for file in files), pattern


@pytest.mark.parametrize("block", blocks("toml"))
def test_toml_is_toml(block):
    assert tomllib.loads(block.text)


def test_most_of_the_manual_is_walked():
    runnable = [block for page in PAGES for block in page.blocks if block.language in RUNNABLE]
    walked = [block for block in runnable if block.kind != "not walked"]
    assert len(walked) > 0.6 * len(runnable)


@pytest.mark.parametrize(
    ("expected", "output", "is_match"),
    [
        ("a\n", "a\n", True),
        ("a\n", "a", True),
        ("a\n", "b\n", False),
        ("a ... c\n", "a b c\n", True),
        ("a ... c\n", "a b\nc\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nd\n", True),
        ("a\n...\n", "b\n", False),
        ("", "", True),
        ("", "more\n", False),
    ],
)
def test_dots_stand_for_anything(expected, output, is_match):
    assert Step("", "", expected, in_node=False, exit="0").matches(output) is is_match


PAGE = """\
# Title
<!-- environment: NETCONFPATH=$PWD/net.d A=b -->
<!-- setup: node
mkdir net.d
-->

<!-- walk: node exit=1 -->
```console
# first \\
  goes on
$ second
out
```

<!-- file: a/b.json bad=CNI305,CNI401 -->
```json
{}
```

## Next
```console
# title?
```
<!-- not walked: needs a cluster -->

```console
$ too far away from the mark
```
"""


def test_a_page_is_read(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    page = read_page(path)
    assert page.environment == {"NETCONFPATH": "$PWD/net.d", "A": "b"}
    assert [(block.language, block.kind, block.line) for block in page.blocks] == [
        ("setup", "setup", 3),
        ("console", "walk", 8),
        ("json", "file", 16),
        ("console", "", 21),
        ("console", "", 26),
    ]
    setup, walked, file, plain, _ = page.blocks
    assert (setup.text, setup.in_node, page.needs_node) == ("mkdir net.d", True, True)
    assert [(step.command, step.exit, step.expected) for step in steps_of(walked)] == [
        ("first \\\n  goes on", "0", ""),
        ("second", "1", "out\n"),
    ]
    assert (file.file, file.bad) == ("a/b.json", {"CNI305", "CNI401"})
    assert (plain.title, is_settled(plain), is_settled(walked)) == ("Next", False, True)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("<!-- walk -->\n```console\n$ echo a\na\n```\n", None),
        ("<!-- walk -->\n```console\n$ echo a\nb\n```\n", "the page says exit 0\nb"),
        ("<!-- walk -->\n```console\n$ false\n```\n", "exit 1"),
        ("<!-- walk: exit=1 -->\n```console\n$ true\n```\n", "exit 0"),
        ("<!-- walk -->\n```python\nassert 1 == 2\n```\n", "AssertionError"),
        ("<!-- setup:\nfalse\ntrue\n-->\n", "exit 1"),
        (
            (
                "<!-- file: a -->\n```text\n1\n```\n<!-- file: a more -->\n```text\n2\n```\n"
                "<!-- walk -->\n```console\n$ cat a\n1\n2\n```\n"
            ),
            None,
        ),
        ("<!-- environment: A=$PWD/b -->\n<!-- walk -->\n```console\n$ test $A = $PWD/b\n```\n", None),
    ],
)
def test_what_is_not_true_is_found(text, complaint, tmp_path):
    path = PROJECT / "docs" / "page.md"
    page = read_page(write(tmp_path, text))
    page.path = path
    found = "\n".join(complaints(page, with_node=False))
    assert complaint in found if complaint else found == ""


def write(directory: Path, text: str) -> Path:
    path = directory / "page.md"
    path.write_text(text)
    return path
