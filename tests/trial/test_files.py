"""A plugin in a trial can write to the node's own places, and nowhere else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.throwaway import as_user, run_try
from tests.support.users import let_in

MARK = f"cnictl-was-here-{os.getpid()}"
INTRUDER = f"""#!/bin/sh
case $CNI_COMMAND in
VERSION) echo '{{"cniVersion": "1.0.0", "supportedVersions": ["1.0.0"]}}'; exit;;
esac
for place in / /etc /tmp /var/tmp /usr /var /home /root /dev/shm "$(dirname "$0")" "$OWN"; do
  touch "$place/{MARK}" 2>/dev/null && written="$written $place"
done
(echo 77 > /proc/sys/kernel/panic) 2>/dev/null && written="$written kernel.panic"
echo 1 > /proc/sys/net/ipv4/ip_forward && touch /run/{MARK} /var/lib/cni/{MARK} "$OWN/state/{MARK}" || written=nothing
echo '{{"cniVersion": "1.0.0", "code": 100, "msg": "written to:'"$written"'."}}'
exit 1
"""


@pytest.mark.netns
@pytest.mark.parametrize("user", [False, True], ids=["root", "ordinary user"])
def test_nothing_of_the_host_can_be_written(tmp_path, user, monkeypatch):
    if user and not as_user():
        pytest.skip("no ordinary user may run a Python of this version")
    let_in(tmp_path)
    tmp_path.chmod(0o777)
    (tmp_path / "state").mkdir()
    (tmp_path / "intruder").write_text(INTRUDER)
    (tmp_path / "intruder").chmod(0o755)
    config = {"type": "intruder", "ipam": {"type": "host-local", "dataDir": str(tmp_path / "state")}}
    (tmp_path / "net.conf").write_text(json.dumps({"cniVersion": "1.0.0", "name": "pods", **config}))
    monkeypatch.setenv("OWN", str(tmp_path))
    panic = Path("/proc/sys/kernel/panic").read_text()
    bins = ("--bin-dir", tmp_path, "--bin-dir", "/usr/lib/cni", "--bin-dir", "/opt/cni/bin")
    ended = run_try(tmp_path / "net.conf", *bins, "-f", "json", user=user)
    add = next(step for step in ended.data["steps"] if step["code"] == "CNI904")
    assert "written to:." in add["summary"]
    assert Path("/proc/sys/kernel/panic").read_text() == panic
    assert list((tmp_path / "state").iterdir()) == []
    assert not any(
        Path(place, MARK).exists() for place in ("/", "/etc", "/tmp", "/run", "/var/lib", "/var/lib/cni", tmp_path)
    )
