"""Scrolling a table of a million comments: the longest gap of the event loop, how soon the rows are there.

Peer: a bare QTableView over a model of a million numbers that are all in memory, same size, same strokes.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bench
from big_project import make_project
from label_latency import SIZE, percentile, wait_for

from senti_studio.storage.project import Project

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView

from senti_studio.ui.app import open_window, set_up
from senti_studio.ui.pages.data.view import DataPage

GAP_MS = 100.0
ROWS_MS = 200.0


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


def wheel(view: QTableView, notches: int) -> None:
    """One turn of a mouse wheel over the table, downwards for positive ``notches``."""
    middle = QPointF(view.viewport().rect().center())
    event = QWheelEvent(
        middle, view.viewport().mapToGlobal(middle), QPoint(), QPoint(0, -120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def scroll(
    view: QTableView, strokes: int, all_there: Callable[[], bool]
) -> tuple[dict[str, float], list[float]]:
    """Longest gap (ms) of each way of moving, and the milliseconds from each jump to the last of its rows."""
    gaps, waits, pulse, chance = {}, [], Pulse(), random.Random(7)
    view.setFocus()
    pulse.start()
    for _ in range(strokes):
        wheel(view, 1)
        QTest.qWait(8)
    gaps["wheel"] = pulse.stop()
    pulse.start()
    for _ in range(strokes // 2):
        QTest.keyClick(view, Qt.Key.Key_PageDown)
        QTest.qWait(16)
    gaps["page"] = pulse.stop()
    pulse.start()
    bar = view.verticalScrollBar()
    for _ in range(strokes // 2):
        bar.setValue(chance.randint(0, bar.maximum()))
        begun = time.perf_counter()
        QTest.qWait(0)
        wait_for(all_there, "the rows")
        waits.append(1000 * (time.perf_counter() - begun))
        QTest.qWait(10)
    gaps["jump"] = pulse.stop()
    return gaps, waits


def rows_there(page: DataPage) -> bool:
    """Every row in view has been read."""
    table = page.table
    first, last = table.rowAt(0), table.rowAt(table.viewport().height() - 1)
    last = table.table.rowCount() - 1 if last < 0 else last
    return first >= 0 and all(table.table.comment_at(row) is not None for row in range(first, last + 1))


def measure(project: Project, strokes: int, found: bench.Report) -> None:
    app = QApplication(sys.argv[:1])
    window = open_window(set_up(app))
    window.resize(SIZE)
    window.context.session.use(project)
    QTest.qWait(500)
    pulse = Pulse()
    pulse.start()
    begun = time.perf_counter()
    window.go_to("data")
    page = window.pages["data"]
    assert isinstance(page, DataPage)
    wait_for(lambda: page.presenter.model.rowCount() > 0 and rows_there(page), "the first rows")
    first = 1000 * (time.perf_counter() - begun)
    wait_for(lambda: not page.presenter.is_filling, "the whole view")
    whole = 1000 * (time.perf_counter() - begun)
    filling_gap = pulse.stop()
    count = page.presenter.model.rowCount()
    facts = {"comments": count, "strokes": strokes}
    gaps, waits = scroll(page.table, strokes, lambda: rows_there(page))
    peer = QTableView()
    peer.setModel(Numbers(count))
    peer.resize(page.table.size())
    peer.show()
    peer_gaps, _ = scroll(peer, strokes, lambda: True)
    found.figure("table_first_rows", first, "ms", **facts)
    found.figure("table_whole_view", whole, "ms", **facts)
    found.figure("table_filling_gap", filling_gap, "ms", **facts)
    for name, gap in gaps.items():
        bare = {"bare table": round(peer_gaps[name], 2)}
        found.figure(
            f"table_{name}_gap", gap, "ms", at_most=max(GAP_MS, 2 * peer_gaps[name]), peer=bare, **facts
        )
    found.figure("table_rows_p50", percentile(waits, 0.5), "ms", **facts)
    found.figure(
        "table_rows_p99", percentile(waits, 0.99), "ms", at_most=max(ROWS_MS, 2 * peer_gaps["jump"]), **facts
    )
    window.lifecycle.allow_close()
    window.close()
    peer.close()


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument("--comments", type=int, default=0, help="size of the project (default 1,000,000)")
    parser.add_argument("--project", type=Path, help="a project made before; it is copied, not changed")
    options = parser.parse_args()
    found = bench.Report(quick=options.quick)
    with bench.own_home() as folder:
        place = folder / "大项目.senti"
        if options.project:
            shutil.copytree(options.project, place)
            project = Project.open(place)
        else:
            project = make_project(place, options.comments or (50_000 if options.quick else 1_000_000))
        measure(project, 60 if options.quick else 400, found)
    return found.status()


if __name__ == "__main__":
    raise SystemExit(main())
