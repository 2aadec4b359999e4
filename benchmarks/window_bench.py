"""What the benchmarks of the window share: waiting as the program waits, watching the loop, a big project.

Nothing here calls `QTest.qWait`: it keeps Python's lock while it sleeps, so that every other thread of the
window would stand still meanwhile.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bench
from big_project import make_project

from senti_studio.storage.project import Project

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QAbstractTableModel, QEventLoop, QModelIndex, QObject, QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication

SIZE = QSize(1440, 900)
PATIENCE_S = 20.0


def percentile(values: list[float], share: float) -> float:
    """The smallest value that ``share`` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def wait_for(condition: Callable[[], bool], what: str, *, patience_s: float = PATIENCE_S) -> None:
    """Runs the event loop until the condition holds; ends the script when it does not in time."""
    until = time.monotonic() + patience_s
    wake = QTimer()
    wake.start(100)
    while not condition():
        if time.monotonic() > until:
            raise SystemExit(f"waited {patience_s:.0f} s for {what}")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def pause(milliseconds: int) -> None:
    """Runs the event loop for some time."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class Pulse(QObject):
    """Notes the longest time between two ticks that are due every 4 ms."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.gaps: list[float] = []
        self._last = 0.0

    def start(self) -> None:
        self.gaps, self._last = [], time.perf_counter()
        self._timer.start(4)

    def stop(self) -> float:
        """The longest gap in milliseconds."""
        self._timer.stop()
        self._tick()
        return max(self.gaps)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append(1000 * (now - self._last))
        self._last = now


class Numbers(QAbstractTableModel):
    """The least model of a million rows."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return self._count

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 7

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        return f"{index.row()} {index.column()}" if role == Qt.ItemDataRole.DisplayRole else None


def parser(description: str) -> argparse.ArgumentParser:
    """As `bench.parser`, with the options of `prepare`."""
    found = bench.parser(description)
    found.add_argument("--comments", type=int, default=0, help="size of the project (default 1,000,000)")
    found.add_argument("--project", type=Path, help="a project made before; it is copied, not changed")
    return found


def prepare(options: argparse.Namespace, folder: Path, *, when_quick: int) -> Path:
    """The folder of the big project, closed: a copy of ``--project``, or made anew."""
    place = folder / "大项目.senti"
    if options.project:
        shutil.copytree(options.project, place)
    else:
        make_project(place, options.comments or (when_quick if options.quick else 1_000_000)).close()
    return place


def open_prepared(options: argparse.Namespace, folder: Path, *, when_quick: int) -> Project:
    """As `prepare`, opened."""
    return Project.open(prepare(options, folder, when_quick=when_quick))
