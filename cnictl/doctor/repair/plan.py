"""Plans repairs from what was found, does them, and undoes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cnictl.doctor.repair.journal import Entry, Journal
from cnictl.doctor.repair.steps import do, look, reason, undo
from cnictl.errors import CNIError, RepairFailed
from cnictl.report.finding import Applicable, Severity
from cnictl.report.repair import Repair, RepairStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from cnictl.doctor.repair.journal import Run
    from cnictl.report.action import Action, Detach
    from cnictl.report.finding import Finding


def plan(findings: Iterable[Finding]) -> list[Repair]:
    """What can be done about findings without asking anybody, each thing once.

    Args:
        findings: What was found, in the order in which it is to be mended.
    """
    repairs: list[Repair] = []
    known: set[Action] = set()
    for finding in findings:
        fix = finding.fix
        if fix is None or fix.applicable is not Applicable.SAFE or finding.severity is Severity.NOTE:
            continue
        actions = tuple(action for action in dict.fromkeys(fix.actions) if action not in known)
        if actions:
            known.update(actions)
            repairs.append(Repair(finding.code, finding.message, actions))
    return repairs


@dataclass
class Mender:
    """Does repairs and undoes them.

    Attributes:
        cache_dir: Base directory of the result cache, where the journal lies.
        detach: Runs DEL for an attachment.
    """

    cache_dir: Path
    detach: Callable[[Detach], None]

    def mend(self, repairs: Iterable[Repair]) -> Iterator[Repair]:
        """Does repairs one after the other; each is given back with what became of it as soon as it is done.

        Within a repair the first action that fails ends it: those after it may depend on it.

        Raises:
            RepairFailed: Nothing can be noted, so nothing may be done.
        """
        run = Journal(self.cache_dir).begin()
        for repair in repairs:
            yield self._mended(run, repair)

    def _mended(self, run: Run, repair: Repair) -> Repair:
        for action in repair.actions:
            try:
                run.note(Entry(repair.code, action, look(action)))
                do(action, self.detach)
            except (CNIError, OSError) as error:
                return replace(repair, status=RepairStatus.FAILED, trouble=reason(error))
        return replace(repair, status=RepairStatus.DONE)

    def undo(self) -> Iterator[Repair]:
        """Undoes the newest run that was not undone, its last action first.

        What somebody has changed since stays as it is.

        Raises:
            RepairFailed: There is none, or it cannot be read, or its journal cannot be written.
        """
        run = Journal(self.cache_dir).newest()
        if run is None:
            message = "there is no repair to undo"
            raise RepairFailed(message, hint=f"the journal is in {Journal(self.cache_dir).directory}")
        left: list[Entry] = []
        for entry in reversed(run.entries):
            repair = Repair(entry.code, "", (entry.action,), RepairStatus.UNDONE)
            try:
                stays = undo(entry.action, entry.before)
            except (CNIError, OSError) as error:
                stays = reason(error)
            if stays is not None:
                left.insert(0, entry)
                repair = replace(repair, status=RepairStatus.STAYS, trouble=stays)
            yield repair
        run.close(left)
