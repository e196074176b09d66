"""Real plugins: what Debian's release 1.1.1 of the reference plugins does, found out and written down case by case."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.node import plugin_dir
from tests.support.throwaway import run_in_throwaway_node
from tests.trial.test_verdicts import speaks_as_the_table_has_it

TABLE = (Path(__file__).parent / "VERDICTS.tsv").read_text().splitlines()
ROWS = list(csv.DictReader(TABLE, delimiter="\t", quoting=csv.QUOTE_NONE))
BY_PLUGIN = defaultdict(list)
for row in ROWS:
    BY_PLUGIN[row["plugin"]].append(row)


@pytest.mark.netns
@pytest.mark.parametrize("plugin", BY_PLUGIN)
def test_the_verdict_is_that_of_the_table(plugin):
    if not speaks_as_the_table_has_it():
        pytest.skip("the table holds for release 1.1.1 of the plugins")
    rows = BY_PLUGIN[plugin]
    codes = ",".join(row["code"] for row in rows)
    ended = run_in_throwaway_node("conformance", plugin, "--bin-dir", plugin_dir(), "--select", codes, "-f", "json")
    cases = {case["code"]: case for case in ended.data["cases"]}
    assert {code: case["status"] for code, case in cases.items()} == {row["code"]: row["status"] for row in rows}
    assert [row for row in rows if row["says"] not in cases[row["code"]]["summary"]] == []
    assert ended.status == (1 if "fail" in {row["status"] for row in rows} else 0)
