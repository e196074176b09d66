"""Every format of a checkup and of a fleet, kept in files; ``UPDATE_GOLDEN=1`` writes them anew."""

from __future__ import annotations

import json

import pytest

from cnictl.cli.entry import run
from cnictl.render import formats
from tests.golden.test_golden import HERE, compare, require_documented
from tests.support.checkups import rendered, report, sick, well

ENDINGS = {"text": "txt", "json": "json", "junit": "xml", "prometheus": "prom", "npd": "npd", "html": "html"}


@pytest.fixture(autouse=True)
def any_version(monkeypatch):
    for module in ("checkup.html", "checkup.prometheus", "fleet.html"):
        monkeypatch.setattr(f"cnictl.render.{module}.__version__", "0.0.0")


def test_there_is_a_file_for_every_format():
    assert set(ENDINGS) == set(formats("checkup")) >= set(formats("fleet"))


@pytest.mark.parametrize("name", ENDINGS)
def test_a_sick_node(name):
    text = rendered(name, sick()).encode(errors="backslashreplace").decode()
    compare(f"checkup.{ENDINGS[name]}", text)


@pytest.mark.parametrize("verbose", [False, True])
def test_on_a_terminal(verbose):
    text = rendered("text", sick(), width=80, verbose=verbose)
    assert max(map(len, text.splitlines())) <= 80
    compare(f"checkup{'.verbose' if verbose else ''}.80.txt", text)


def test_a_node_on_which_nothing_is_wrong():
    compare("well.80.txt", rendered("text", well(), width=80))
    compare("well.npd", rendered("npd", well()))


@pytest.fixture
def reports(tmp_path):
    """Five nodes: one is sick, one has an older containerd, and two files are no reports."""
    for number in range(1, 5):
        version = "1.6.20" if number == 3 else "1.7.2"
        document = report(sick() if number == 1 else well(), f"worker-{number}", versions={"containerd": version})
        (tmp_path / f"{number}.json").write_text(json.dumps(document))
    (tmp_path / "nameless.json").write_text(json.dumps(report(well(), None)))
    (tmp_path / "broken.json").write_text('{"schema": "cnictl.doctor/1", "no')
    (tmp_path / "foreign.json").write_text('{"kind": "List"}')
    return tmp_path


@pytest.mark.parametrize("name", ["text", "json", "html"])
def test_a_fleet(capsys, monkeypatch, reports, name):
    monkeypatch.chdir(reports)
    assert run(["doctor", "merge", ".", "-f", name]) == 1
    compare(f"fleet.{ENDINGS[name]}", capsys.readouterr().out.encode(errors="backslashreplace").decode())


@pytest.mark.parametrize(("name", "file"), [("doctor", "checkup.json"), ("fleet", "fleet.json")])
def test_documents_are_as_their_schemas_say(name, file):
    document = json.loads((HERE / file).read_text())
    assert document["schema"] == f"cnictl.{name}/1"
    require_documented(name, document)
