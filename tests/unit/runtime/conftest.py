from __future__ import annotations

import pytest

from cnictl.runtime.cni import CNI
from cnictl.testing import FakeExecutor
from tests.support.plugins import write_plugin


@pytest.fixture
def bin_dir(tmp_path):
    for name in "abc":
        write_plugin(tmp_path / "bin", "exit 99", name=name)
    return tmp_path / "bin"


@pytest.fixture
def executor():
    return FakeExecutor()


@pytest.fixture
def cni(bin_dir, tmp_path, executor):
    return CNI([bin_dir], cache_dir=tmp_path / "cni", executor=executor, lock_timeout=0.05)
