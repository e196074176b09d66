from __future__ import annotations

import pytest

from cnictl.testing import ScriptedPlugin


@pytest.fixture
def bridge(tmp_path):
    return ScriptedPlugin(tmp_path, "bridge")
