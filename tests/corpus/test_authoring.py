"""Configs of other projects: their chains are shown, and they go to every spec version and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cnictl.authoring.chain import types_of
from cnictl.authoring.configs import configs_in
from cnictl.authoring.upgrade import upgrade
from cnictl.errors import InputError, UsageError
from cnictl.model.version import DEFAULT, SpecVersion
from cnictl.report.finding import Severity
from cnictl.text.source import Source
from cnictl.validate.engine import judge

if TYPE_CHECKING:
    from cnictl.authoring.configs import Config
    from cnictl.authoring.upgrade import Upgrade

ROOT = Path(__file__).parent
FILES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("*/*") if path.parent.name != "__pycache__")
VALID = [name for name in FILES if name.startswith("valid/")]


def config(name: str) -> Config:
    [found] = configs_in(Source(name, (ROOT / name).read_bytes()))
    return found


def written(done: Upgrade) -> Config:
    [found] = configs_in(Source(done.path, done.text.encode()))
    return found


def meaning(found: Config) -> dict[str, Any]:
    """What a runtime makes of a config, the version left out."""
    network = found.network
    top = network.node.value if network.is_list else {}
    own = [
        {key: value for key, value in plugin.node.value.items() if key.casefold() not in ("name", "cniversion")}
        for plugin in network.plugins
    ]
    kept = {key: value for key, value in top.items() if key not in ("cniVersion", "name", "plugins")}
    return {"name": network.name, "plugins": own, **kept}


def errors(found: Config) -> set[str]:
    return {each.code for each in judge(found.source).findings if each.severity is Severity.ERROR}


@pytest.mark.parametrize("name", VALID)
def test_the_chain_of_what_works_is_shown(name):
    found = config(name)
    assert len(types_of(found)) == len(found.network.plugins) > 0
    assert "?" not in types_of(found)


@pytest.mark.parametrize("version", SpecVersion, ids=str)
@pytest.mark.parametrize("name", VALID)
def test_what_works_goes_to_every_version_and_back(name, version):
    before = config(name)
    there = upgrade(before, version)
    after = written(there)
    assert after.network.version == version
    if there.losses:
        assert all(note.message for note in there.losses)
        return
    assert errors(after) <= errors(before)
    assert meaning(after) == meaning(before)
    back = upgrade(after, before.network.version or DEFAULT)
    if back.losses:
        return
    assert meaning(written(back)) == meaning(before)
    assert written(back).network.version == before.network.version


def test_nearly_all_of_them_come_back_from_the_newest_version():
    returned = 0
    for name in VALID:
        there = upgrade(config(name), SpecVersion.V1_1_0)
        back = upgrade(written(there), config(name).network.version or DEFAULT)
        returned += meaning(written(back)) == meaning(config(name)) and not back.losses
    assert returned >= len(VALID) - len(_LOST_ON_THE_WAY_BACK)


_LOST_ON_THE_WAY_BACK = ("valid/microk8s-flannel-nocniversion.conflist",)
"""A list without a version, which counts as one from before lists: it works, and nobody would write it so again."""


def test_most_of_them_lose_nothing_on_the_way_to_the_version_that_kubernetes_recommends():
    lost = [name for name in VALID if upgrade(config(name), SpecVersion.V1_0_0).losses]
    assert len(lost) < len(VALID) / 10, lost


@pytest.mark.parametrize("name", [name for name in FILES if name not in VALID])
def test_what_is_broken_or_a_template_is_refused_with_a_reason_or_edited(name):
    try:
        done = upgrade(config(name), SpecVersion.V1_0_0)
    except (InputError, UsageError) as error:
        reason = str(error)
    else:
        reason = written(done).network.declared or ""
    assert reason
