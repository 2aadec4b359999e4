"""What the home page knows: recent projects and what each of them looks like on the disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.domain.run_states import RunKind, RunState
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import RunFolder, RunStatus
from senti_studio.ui import formats
from senti_studio.ui.i18n import tr
from senti_studio.ui.operations import Operation, run_operation

if TYPE_CHECKING:
    from senti_studio.operations.recent import RecentProject

LOOKED_AT = 5
"""Newest run folders that are looked at for the latest training; classifications lie between them."""


@dataclass(frozen=True, slots=True)
class RecentRow:
    """One project; ``place`` is its folder in few words. Sentences are made when it is shown.

    ``score`` is the macro F1 of the latest training, ``epoch`` where it was interrupted (counted from 1).
    """

    folder: Path
    name: str
    place: str
    opened_at: datetime | None
    comments: int | None = None
    labelled: int | None = None
    run: str = ""
    score: float | None = None
    epoch: int | None = None
    is_training: bool = False
    is_missing: bool = False

    @property
    def is_interrupted(self) -> bool:
        return self.epoch is not None and not self.is_missing

    @property
    def figure(self) -> str:
        """How good the latest training is, or that it is still at work."""
        if self.is_training:
            return tr("training")
        return "" if self.score is None else tr("macro F1 {value}").format(value=formats.score(self.score))

    @property
    def latest(self) -> str:
        """The latest training in few words."""
        return " · ".join(part for part in (self.run, self.figure) if part)

    @property
    def warning(self) -> str:
        """Why it cannot simply be opened or gone on with."""
        if self.is_missing:
            return tr("not found, or drive not plugged in")
        if self.epoch is not None:
            return tr("interrupted in epoch {n}, can go on").format(n=self.epoch)
        return ""


class HomePresenter(QObject):
    """`rows_changed` with the rows, newest first; reading them happens off the GUI thread."""

    rows_changed = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[RecentRow] = []
        self._reading: Operation[list[RecentRow]] | None = None

    @Slot()
    def refresh(self) -> None:
        """Reads the list again; a reading under way is superseded."""
        if self._reading is not None:
            self._reading.drop()
        self._reading = run_operation(self, read_recent, on_success=self._show)

    def forget(self, row: RecentRow) -> None:
        """Takes a project off the list; its files stay."""

        def work() -> list[RecentRow]:
            from senti_studio.operations.projects import forget

            forget(row.folder)
            return read_recent()

        self._change(work)

    def _change(self, work: Callable[[], list[RecentRow]]) -> None:
        run_operation(self, work, on_success=self._show)

    def _show(self, rows: list[RecentRow]) -> None:
        self._reading = None
        self.rows = rows
        self.rows_changed.emit(rows)


def read_recent() -> list[RecentRow]:
    """The recent projects with their facts; slow disks are waited for, so never on the GUI thread."""
    from senti_studio.operations.projects import recent_projects

    return [_row(project) for project in recent_projects()]


def _row(project: RecentProject) -> RecentRow:
    row = RecentRow(
        folder=project.folder,
        name=project.name,
        place=place_of(project.folder),
        opened_at=project.opened_at,
        comments=project.comments,
        labelled=project.labelled,
        is_missing=not project.is_there,
    )
    return _with_latest_run(row) if project.is_there else row


def _with_latest_run(row: RecentRow) -> RecentRow:
    """Adds the newest training, from its run folder alone: the project itself is not opened."""
    specs = sorted(row.folder.glob("runs/*/spec.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in specs[:LOOKED_AT]:
        run = RunFolder(path.parent)
        try:
            spec = run.spec()
        except UserError:
            continue
        if not RunKind(spec.kind).trains:
            continue
        status = RunStatus.read(run)
        is_over = not status.state.is_active and status.state is not RunState.INTERRUPTED
        if is_over and not RunKind(spec.kind).leaves_model:
            continue  # it has made an encoder, not a model
        if status.state is RunState.INTERRUPTED:
            return replace(row, run=spec.name, epoch=int(status.progress.epoch) + 1 if status.progress else 1)
        score = getattr(status.terminal, "metrics", {}).get("macro_f1")
        return replace(row, run=spec.name, score=score, is_training=status.state.is_active)
    return row


def place_of(folder: Path) -> str:
    """``文档 › 评论分析``: the last two folders above the project."""
    parents = [part for part in folder.parent.parts if part not in ("/", "\\")]
    return " › ".join(parents[-2:]) if parents else str(folder.parent)
