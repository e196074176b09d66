"""Repairs: each is noted before it is done, done once, and undone to the byte."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path

import pytest

from cnictl.doctor.repair import files, journal, steps
from cnictl.doctor.repair.journal import Entry, Journal
from cnictl.doctor.repair.plan import Mender, plan
from cnictl.errors import CacheError, RepairFailed
from cnictl.invoke.tools import Shown
from cnictl.report.action import ChangeMode, DeleteFile, Detach, LoadModule, SetSysctl, WriteFile
from cnictl.report.finding import Applicable, Finding, Fix, Location, Severity
from cnictl.report.repair import Repair, RepairStatus


def finding(code, *actions, applicable=Applicable.SAFE, severity=Severity.ERROR):
    fix = Fix("mend it", applicable, actions=actions)
    return Finding(code, "name", severity, f"{code} is wrong", Location("/etc/x"), "why", fix)


@pytest.fixture
def detached():
    return []


@pytest.fixture
def mender(tmp_path, detached):
    return Mender(tmp_path / "cni", detached.append)


def repair(*actions):
    return Repair("CNI899", "it is wrong", actions)


def outcomes(repairs):
    return [(each.status, each.trouble) for each in repairs]


DONE, UNDONE = (RepairStatus.DONE, ""), (RepairStatus.UNDONE, "")


def test_only_safe_fixes_with_actions_are_planned_and_each_action_once():
    sysctl, file = SetSysctl("net.ipv4.ip_forward", "1"), WriteFile("/etc/sysctl.d/99-x.conf", "x")
    planned = plan(
        [
            finding("CNI810", sysctl, file, sysctl),
            finding("CNI811", DeleteFile("/x"), applicable=Applicable.UNSAFE),
            finding("CNI812"),
            finding("CNI812", DeleteFile("/z"), severity=Severity.NOTE),
            finding("CNI813", sysctl),
            finding("CNI814", sysctl, DeleteFile("/y")),
        ]
    )
    assert [(each.code, each.actions, each.status) for each in planned] == [
        ("CNI810", (sysctl, file), RepairStatus.PLANNED),
        ("CNI814", (DeleteFile("/y"),), RepairStatus.PLANNED),
    ]


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (WriteFile("/etc/x", "a"), "write /etc/x"),
        (DeleteFile("/etc/x"), "rm /etc/x"),
        (ChangeMode("/etc/x", 0o755), "chmod 755 /etc/x"),
        (SetSysctl("net.ipv4.ip_forward", "1"), "sysctl -w net.ipv4.ip_forward=1"),
        (LoadModule("br_netfilter"), "modprobe br_netfilter"),
        (Detach("pods", "c1", "eth0"), "run DEL of pods for eth0 of c1, as the cache has it"),
    ],
)
def test_an_action_is_worded_as_one_would_type_it(action, words):
    assert action.words == words


def test_a_new_file_is_written_with_its_directory_and_taken_away_again(mender, tmp_path):
    path = tmp_path / "etc" / "sysctl.d" / "99-x.conf"
    assert outcomes(mender.mend([repair(WriteFile(str(path), "a = 1\n", 0o600))])) == [DONE]
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("a = 1\n", 0o600)
    assert outcomes(mender.undo()) == [UNDONE]
    assert not path.exists()


def test_an_old_file_keeps_its_mode_and_gets_its_bytes_back(mender, tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"\xff old")
    path.chmod(0o640)
    assert outcomes(mender.mend([repair(WriteFile(str(path), "new"))])) == [DONE]
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o640)
    assert outcomes(mender.undo()) == [UNDONE]
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"\xff old", 0o640)


def test_a_file_that_somebody_changed_since_stays(mender, tmp_path):
    path = tmp_path / "x"
    list(mender.mend([repair(WriteFile(str(path), "new"))]))
    path.write_text("mine")
    assert outcomes(mender.undo()) == [(RepairStatus.STAYS, f"{path} has been changed since")]
    assert path.read_text() == "mine"


def test_files_and_empty_directories_are_deleted_and_come_back(mender, tmp_path):
    path, folder, never = tmp_path / "lease", tmp_path / "folder", tmp_path / "never"
    path.write_bytes(b"c1\r\neth0")
    path.chmod(0o600)
    folder.mkdir(mode=0o711)
    actions = [DeleteFile(str(each)) for each in (path, folder, never)]
    assert outcomes(mender.mend([repair(*actions)])) == [DONE]
    assert not path.exists()
    assert not folder.exists()
    assert outcomes(mender.undo()) == [UNDONE] * 3
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"c1\r\neth0", 0o600)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o711
    assert not never.exists()


def test_a_file_that_holds_something_else_by_now_is_not_deleted(mender, tmp_path):
    path = tmp_path / "lease"
    path.write_text("c2")
    assert outcomes(mender.mend([repair(DeleteFile(str(path), "c1"))])) == [
        (RepairStatus.FAILED, f"{path} holds something else by now")
    ]
    assert path.read_text() == "c2"


def test_a_file_that_is_there_again_is_not_overwritten(mender, tmp_path):
    path = tmp_path / "lease"
    path.write_text("c1")
    list(mender.mend([repair(DeleteFile(str(path)))]))
    path.write_text("c2")
    assert outcomes(mender.undo()) == [(RepairStatus.STAYS, f"{path} is there again")]


def test_modes_are_changed_and_changed_back(mender, tmp_path):
    path = tmp_path / "bridge"
    path.touch(0o644)
    list(mender.mend([repair(ChangeMode(str(path), 0o755))]))
    assert stat.S_IMODE(path.stat().st_mode) == 0o755
    assert outcomes(mender.undo()) == [UNDONE]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("net.ipv4.ip_forward", "net/ipv4/ip_forward"),
        ("net.ipv4.conf.eth0/100.forwarding", "net/ipv4/conf/eth0.100/forwarding"),
        ("net/ipv4/conf/eth0.100/forwarding", "net/ipv4/conf/eth0.100/forwarding"),
    ],
)
def test_a_setting_is_found_by_the_names_that_sysctl_takes(name, path):
    assert steps._sysctl(name) == Path("/proc/sys") / path


def test_no_name_of_a_setting_leads_elsewhere(mender):
    [failed] = mender.mend([repair(SetSysctl("net.ipv4.conf.//////tmp.x", "1"), SetSysctl("net/../../x", "1"))])
    assert failed.status is RepairStatus.FAILED
    assert outcomes(mender.mend([repair(SetSysctl("net/../../x", "1"))])) == [
        (RepairStatus.FAILED, "net/../../x is no setting of the kernel")
    ]


def test_settings_are_set_and_set_back(mender, tmp_path, monkeypatch):
    monkeypatch.setattr(steps, "_sysctl", lambda name: tmp_path / name)
    setting = tmp_path / "a.b"
    setting.write_text("0\n")
    list(mender.mend([repair(SetSysctl("a.b", "1"))]))
    assert setting.read_text() == "1"
    assert outcomes(mender.undo()) == [UNDONE]
    assert setting.read_text() == "0"


def test_a_setting_that_is_not_there_fails_and_what_follows_is_not_tried(mender, tmp_path):
    path = tmp_path / "x"
    [failed, done] = mender.mend(
        [repair(SetSysctl("no.such", "1"), WriteFile(str(path), "x")), repair(DeleteFile("/no/such/file"))]
    )
    assert (failed.status, failed.trouble) == (RepairStatus.FAILED, "/proc/sys/no/such: no such file or directory")
    assert done.status is RepairStatus.DONE
    assert not path.exists()


def test_del_is_run_for_an_attachment_and_cannot_be_undone(mender, detached):
    action = Detach("pods", "c1", "eth0")
    assert outcomes(mender.mend([repair(action)])) == [DONE]
    assert detached == [action]
    assert outcomes(mender.undo()) == [(RepairStatus.STAYS, "c1 stays detached from pods: its container is gone")]


def test_a_del_that_fails_is_told(tmp_path):
    def fail(_action):
        message = "the cache is gone"
        raise CacheError(message)

    mender = Mender(tmp_path, fail)
    assert outcomes(mender.mend([repair(Detach("pods", "c1", "eth0"))])) == [(RepairStatus.FAILED, "the cache is gone")]


def test_without_a_journal_nothing_is_done(tmp_path):
    (tmp_path / "cni").write_text("no directory")
    path = tmp_path / "x"
    with pytest.raises(RepairFailed, match="the journal of repairs cannot be written"):
        list(Mender(tmp_path / "cni", print).mend([repair(WriteFile(str(path), "x"))]))
    assert not path.exists()


def test_runs_are_undone_one_by_one_the_newest_first(mender, tmp_path):
    path = tmp_path / "x"
    for content in ("one", "two"):
        list(mender.mend([repair(WriteFile(str(path), content))]))
    list(mender.undo())
    assert path.read_text() == "one"
    list(mender.undo())
    assert not path.exists()
    with pytest.raises(RepairFailed, match="there is no repair to undo"):
        list(mender.undo())


def test_what_was_noted_and_never_done_is_undone_without_harm(mender, tmp_path):
    path = tmp_path / "x"
    path.write_text("old")

    class Killed(BaseException):
        pass

    def kill(_action):
        raise Killed

    mender.detach = kill
    with pytest.raises(Killed):
        list(mender.mend([repair(WriteFile(str(path), "new"), Detach("pods", "c1", "eth0"))]))
    run = Journal(tmp_path / "cni").newest()
    assert run is not None
    assert [entry.action for entry in run.entries] == [WriteFile(str(path), "new"), Detach("pods", "c1", "eth0")]
    path.write_text("old")
    assert outcomes(mender.undo())[1] == UNDONE
    assert path.read_text() == "old"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"entries": [{}]}', '{"entries": [{"action": "os"}]}'])
def test_a_journal_that_is_no_journal_is_told(mender, tmp_path, content):
    directory = tmp_path / "cni" / "cnictl" / "repairs"
    directory.mkdir(parents=True)
    (directory / "1.json").write_text(content)
    with pytest.raises(RepairFailed, match="the journal of repairs cannot be read"):
        list(mender.undo())


def test_the_journal_is_for_its_owner_alone(mender, tmp_path):
    list(mender.mend([repair(DeleteFile("/no/such/file"))]))
    directory = tmp_path / "cni" / "cnictl" / "repairs"
    modes = [stat.S_IMODE(os.stat(path).st_mode) for path in (directory, *directory.iterdir())]  # noqa: PTH116
    assert modes == [0o700, 0o600]


def test_a_lease_is_compared_word_by_word_whatever_ends_its_lines(mender, tmp_path):
    path = tmp_path / "10.1.0.2"
    path.write_bytes(b"c1\r\neth0")
    assert outcomes(mender.mend([repair(DeleteFile(str(path), "c1\neth0"))])) == [DONE]
    assert not path.exists()


def test_a_lease_stays_while_host_local_is_at_work(mender, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_PATIENCE", 0.1)
    path, lock = tmp_path / "10.1.0.2", tmp_path / "lock"
    path.write_text("c1")
    lock.touch()
    action = DeleteFile(str(path), "c1", str(lock))
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert outcomes(mender.mend([repair(action)])) == [
            (RepairStatus.FAILED, f"another process keeps {lock} locked")
        ]
    assert path.exists()
    assert outcomes(mender.mend([repair(action)])) == [DONE]
    assert outcomes(mender.undo()) == [UNDONE]
    assert path.read_text() == "c1"


def test_a_file_that_was_written_anew_is_not_overwritten(mender, tmp_path):
    path = tmp_path / "flags.env"
    path.write_text("newer")
    assert outcomes(mender.mend([repair(WriteFile(str(path), "old, mended", replacing="old"))])) == [
        (RepairStatus.FAILED, f"{path} holds something else by now")
    ]
    assert path.read_text() == "newer"


@pytest.mark.parametrize("target", ["/dev/null", "no-such-file"])
def test_nothing_is_written_through_a_link_that_masks_a_file(mender, tmp_path, target):
    path = tmp_path / "99-x.conf"
    path.symlink_to(target)
    assert outcomes(mender.mend([repair(WriteFile(str(path), "x"))])) == [
        (
            RepairStatus.FAILED,
            f"{path} is a link to {target}, which is no file, so somebody wants nothing to be there",
        )
    ]
    assert str(path.readlink()) == target
    assert not (tmp_path / "no-such-file").exists()


def test_a_link_to_a_file_stays_a_link_when_that_is_written_and_given_back(mender, tmp_path):
    real, path = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    path.symlink_to(real)
    assert outcomes(mender.mend([repair(WriteFile(str(path), "new"))])) == [DONE]
    assert (path.is_symlink(), real.read_text()) == (True, "new")
    assert outcomes(mender.undo()) == [UNDONE]
    assert (path.is_symlink(), real.read_text()) == (True, "old")


def test_a_link_is_not_taken_for_a_lease(mender, tmp_path):
    real, path = tmp_path / "shadow", tmp_path / "10.1.0.2"
    real.touch()
    path.symlink_to(real)
    [failed] = mender.mend([repair(DeleteFile(str(path), ""))])
    assert failed.trouble == f"{path} is a link, and none was expected"
    assert path.is_symlink()


def test_a_directory_is_not_written(mender, tmp_path):
    [failed] = mender.mend([repair(WriteFile(str(tmp_path), "x"))])
    assert failed.trouble == f"{tmp_path} is no file"


def test_what_failed_is_as_it_was_and_undone_without_complaint(mender, tmp_path, monkeypatch):
    monkeypatch.setattr(steps, "_sysctl", lambda name: tmp_path / name)
    monkeypatch.setattr(steps, "show", lambda *_: Shown(None, "no such module"))
    (tmp_path / "a.b").write_text("1024\t65535\n")
    mode = tmp_path / "bridge"
    mode.touch(0o644)
    run = Journal(tmp_path / "cni").begin()
    for action in (SetSysctl("a.b", "1 2"), ChangeMode(str(mode), 0o755), LoadModule("no-such-module")):
        run.note(Entry("CNI899", action, steps.look(action)))
    assert outcomes(mender.undo()) == [UNDONE] * 3


def test_a_setting_of_several_numbers_is_known_again_when_the_kernel_writes_tabs(mender, tmp_path, monkeypatch):
    monkeypatch.setattr(steps, "_sysctl", lambda name: tmp_path / name)
    setting = tmp_path / "a.b"
    setting.write_text("1\t2\n")
    list(mender.mend([repair(SetSysctl("a.b", "3 4"))]))
    setting.write_text("3\t4\n")
    assert outcomes(mender.undo()) == [UNDONE]
    assert setting.read_text() == "1\t2"


def test_a_journal_that_can_be_written_no_more_ends_nothing_but_its_repair(mender, tmp_path, monkeypatch):
    def full(*_arguments, **_named):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/var")

    path = tmp_path / "x"
    monkeypatch.setattr(journal, "write_durably", full)
    assert outcomes(mender.mend([repair(WriteFile(str(path), "x"))])) == [
        (RepairStatus.FAILED, "the journal of repairs cannot be written: /var: no space left on device")
    ]
    assert not path.exists()


def test_an_undo_that_cannot_be_noted_is_told(mender, tmp_path, monkeypatch):
    def denied(*_arguments, **_named):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/var")

    list(mender.mend([repair(WriteFile(str(tmp_path / "x"), "x"))]))
    monkeypatch.setattr(journal, "write_durably", denied)
    with pytest.raises(RepairFailed, match="the journal of repairs cannot be written: /var: permission denied"):
        list(mender.undo())
