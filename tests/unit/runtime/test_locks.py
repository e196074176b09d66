from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cnictl.errors import Busy, CacheError
from cnictl.runtime.locks import Locks


@pytest.fixture
def locks(tmp_path):
    return Locks(tmp_path, patience=0.05)


def test_a_container_is_worked_on_by_one_at_a_time(locks):
    with locks.attachment("net", "c1"):
        with pytest.raises(Busy) as caught, locks.attachment("net", "c1"):
            pass
        with locks.attachment("net", "c2"), locks.attachment("other", "c3"):
            pass
    with locks.attachment("net", "c1"):
        pass
    assert caught.value.what == "the container c1"


def test_a_container_is_one_whatever_the_network(locks):
    with locks.attachment("net", "c1"), pytest.raises(Busy), locks.attachment("other", "c1"):
        pass


def test_the_error_names_the_process_that_holds_the_lock(locks):
    with locks.attachment("net", "c1"), pytest.raises(Busy) as caught, locks.attachment("net", "c1"):
        pass
    assert str(caught.value).startswith(f"the container c1 is in use by process {os.getpid()} (")
    assert str(caught.value).endswith("and was not given up within 0.05 s")
    assert len(caught.value.holders) == 1


def test_gc_has_the_network_for_itself_and_the_others_share_it(locks):
    with locks.attachment("net", "c1"):
        with pytest.raises(Busy, match=r'^the network "net" is in use'), locks.network("net"):
            pass
        with locks.network("other"):
            pass
    with locks.network("net"):
        with pytest.raises(Busy, match=r'^the network "net" is in use'), locks.attachment("net", "c1"):
            pass
        with locks.container("c1"):
            pass


def test_who_waits_goes_on_as_soon_as_the_other_has_ended(tmp_path):
    locks = Locks(tmp_path, patience=10)
    began = threading.Event()
    held: list[str] = []

    def first() -> None:
        with locks.attachment("net", "c1"):
            began.set()
            time.sleep(0.1)
            held.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    began.wait(5)
    with locks.attachment("net", "c1"):
        held.append("second")
    thread.join()
    assert held == ["first", "second"]


def test_a_lock_ends_with_its_process_however_that_ends(tmp_path):
    script = (
        "import os, sys, pathlib; from cnictl.runtime.locks import Locks\n"
        "with Locks(pathlib.Path(sys.argv[1])).attachment('net', 'c1'):\n"
        "    print('held', flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, timeout=20, check=False)
    assert (done.returncode, done.stdout) == (-9, b"held\n")
    with Locks(tmp_path, patience=0.05).attachment("net", "c1"):
        pass


def names(locks: Locks) -> set[str]:
    return {path.name for path in locks.directory.iterdir()}


def test_no_file_of_a_container_is_left_behind(locks):
    with locks.attachment("net", "c1"):
        assert names(locks) == {"container-c1", "network-net"}
    assert names(locks) == {"network-net"}


def test_hundreds_who_take_and_remove_the_same_file_never_hold_it_together(tmp_path):
    locks = Locks(tmp_path, patience=30)
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        with locks.attachment("net", "c1"):
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.0005)
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(200)))
    assert max(most) == 1


def test_without_a_place_for_lock_files_only_those_fail_who_need_one(tmp_path):
    (tmp_path / "file").write_text("")
    locks = Locks(tmp_path / "file")
    with pytest.raises(CacheError, match=r"^no lock file can be written: "), locks.attachment("net", "c1"):
        pass
    entered = []
    with locks.attachment("net", "c1", needed=False):
        entered.append(True)
    assert entered
