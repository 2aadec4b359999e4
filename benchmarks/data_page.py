"""The data page on a million comments: scrolling, searching and labelling many rows, in the real window.

Figures: how long each paint of the table at any place takes, how long a search for a two-character word takes
from the last key to the last row, the longest gap of the event loop meanwhile. Peer of the search: one plain
``SELECT … instr()`` over the same texts in a bare ``sqlite3`` connection.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import bench
import window_bench
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView
from window_bench import SIZE, Numbers, Pulse, pause, percentile, wait_for

from senti_studio.domain.comments import CommentFilter, Sorting, SortKey
from senti_studio.storage.bulk import Watch
from senti_studio.storage.project import Project
from senti_studio.ui.app import open_window, set_up
from senti_studio.ui.pages.data.view import DataPage

PAINT_MS = 50.0
GAP_MS = 50.0
SEARCH_S = 1.5
WAIT_MS = 50.0
WORDS = ("隔音", "馄饨", "早餐", "客服")
"""Two of them are in every eighth comment or so, one is in none."""


def paints(table: QTableView, jumps: int, all_there: Callable[[], bool]) -> tuple[list[float], list[float]]:
    """Milliseconds to draw the table at each of ``jumps`` places, and until its rows were read and drawn."""
    chance, bar = random.Random(11), table.verticalScrollBar()
    drawn, complete = [], []
    for _ in range(jumps):
        begun = time.perf_counter()
        bar.setValue(chance.randint(0, bar.maximum()))
        table.viewport().repaint()
        drawn.append(1000 * (time.perf_counter() - begun))
        wait_for(all_there, "the rows")
        again = time.perf_counter()
        table.viewport().repaint()
        now = time.perf_counter()
        drawn.append(1000 * (now - again))
        complete.append(1000 * (now - begun))
        pause(5)
    return drawn, complete


def wheel(view: QTableView) -> None:
    """One notch of a mouse wheel over the table, downwards."""
    middle = QPointF(view.viewport().rect().center())
    event = QWheelEvent(
        middle, view.viewport().mapToGlobal(middle), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def strokes_gap(view: QTableView, strokes: int) -> float:
    """Longest gap of the event loop (ms) while a wheel turns and PageDown is held."""
    pulse = Pulse()
    view.setFocus()
    pulse.start()
    for _ in range(strokes):
        wheel(view)
        pause(8)
    for _ in range(strokes):
        QTest.keyClick(view, Qt.Key.Key_PageDown)
        pause(16)
    return pulse.stop()


def rows_there(page: DataPage) -> bool:
    """Every row in view has been read."""
    table = page.table
    first, last = table.rowAt(0), table.rowAt(table.viewport().height() - 1)
    last = table.table.rowCount() - 1 if last < 0 else last
    return first >= 0 and all(table.table.comment_at(row) is not None for row in range(first, last + 1))


def bare_table(like: QTableView, rows: int) -> QTableView:
    """The peer: Qt's own table over numbers that are all in memory, of the same size."""
    made = QTableView()
    made.setModel(Numbers(rows))
    made.resize(like.size())
    made.show()
    return made


def quiet_gap() -> float:
    """Longest gap of the event loop in a second in which this process has nothing to do."""
    pulse = Pulse()
    pulse.start()
    pause(1000)
    return pulse.stop()


def search(page: DataPage, word: str) -> tuple[float, float, float, float, int]:
    """(seconds to the first row, to the last, processor seconds, longest gap in ms, hits) of one search; the
    250 ms of patience after the last key are not counted."""
    pulse, presenter = Pulse(), page.presenter
    page.search.setText(word)
    pulse.start()
    begun, used = time.perf_counter(), time.process_time()
    page.search.send()
    wait_for(lambda: not presenter.is_filling, f"the search for {word}")
    seconds = time.perf_counter() - begun
    used = time.process_time() - used
    pause(20)
    gap = pulse.stop()
    filled = presenter.last_fill
    assert filled is not None
    return filled.first_seconds, seconds, used, gap, presenter.model.rowCount()


def plain_search(path: Path, word: str) -> float:
    """Seconds of the peer: one statement, nothing else."""
    connection = sqlite3.connect(f"file:{path.as_posix()}?mode=ro", uri=True)
    try:
        begun = time.perf_counter()
        connection.execute("SELECT id FROM texts WHERE instr(text, ?) > 0", (word,)).fetchall()
        return time.perf_counter() - begun
    finally:
        connection.close()


def measure_searches(page: DataPage, project: Project, found: bench.Report, rounds: int) -> None:
    lasts, firsts, useds, gaps, peers = [], [], [], [], []
    for number in range(rounds):
        word = WORDS[number % len(WORDS)]
        first, seconds, used, gap, hits = search(page, word)
        peers.append(plain_search(project.database_path, word))
        if hits != project.comments.count(CommentFilter(search=word)):
            raise SystemExit(f"the table does not hold what the project has for {word}")
        firsts.append(first)
        lasts.append(seconds)
        useds.append(used)
        gaps.append(gap)
    facts = {"comments": project.comments.counts().total, "searches": rounds}
    peer = {"one SELECT … instr()": round(percentile(peers, 0.5), 3)}
    found.figure("search_all_rows_p50", percentile(lasts, 0.5), "s", at_most=SEARCH_S, peer=peer, **facts)
    found.figure("search_first_row_p50", percentile(firsts, 0.5), "s", **facts)
    found.figure("search_processor_p50", percentile(useds, 0.5), "s", **facts)
    found.figure("search_gap_p50", percentile(gaps, 0.5), "ms", **facts)
    idle = {"idle window": round(quiet_gap(), 2)}
    found.figure("search_gap_worst", max(gaps), "ms", at_most=GAP_MS, peer=idle, **facts)
    page.search.setText("")
    page.search.send()
    wait_for(lambda: not page.presenter.is_filling, "all rows")


def typing_on(page: DataPage, found: bench.Report) -> None:
    """A search is superseded by the next: the last one is answered as if it had been the only one."""
    pulse = Pulse()
    pulse.start()
    for words in ("隔", "隔音", "隔音太", "隔音太差"):
        page.search.setText(words)
        page.search.send()
        pause(60)
    begun = time.perf_counter()
    wait_for(lambda: not page.presenter.is_filling, "the last search")
    found.figure("typing_on_last_answer", time.perf_counter() - begun, "s")
    found.figure("typing_on_gap", pulse.stop(), "ms")
    page.search.setText("")
    page.search.send()
    wait_for(lambda: not page.presenter.is_filling, "all rows")


def sorting(page: DataPage, found: bench.Report) -> None:
    for name, order in (
        ("length", Sorting(SortKey.LENGTH)),
        ("original column, first time", Sorting(SortKey.COLUMN, "编号", True)),
        ("original column, again", Sorting(SortKey.COLUMN, "编号", True)),
    ):
        page.presenter.set_order(Sorting(SortKey.ROW))
        wait_for(lambda: not page.presenter.is_filling, "file order")
        pulse = Pulse()
        pulse.start()
        begun = time.perf_counter()
        page.presenter.set_order(order)
        wait_for(lambda: not page.presenter.is_filling, f"the order by {name}", patience_s=900)
        seconds = time.perf_counter() - begun
        found.figure("sort", seconds, "s", by=name)
        found.figure("sort_gap", pulse.stop(), "ms", by=name)
    page.presenter.set_order(Sorting(SortKey.ROW))
    wait_for(lambda: not page.presenter.is_filling, "file order")


def bulk(page: DataPage, project: Project, count: int, found: bench.Report) -> None:
    """Labels ``count`` rows; meanwhile somebody else labels single comments, and the window goes on."""
    ids = project.comments.ids()
    wanted = [each for part in ids for each in part][:count]
    waits: list[float] = []
    over = threading.Event()

    def label_elsewhere() -> None:
        with Project.open(project.folder) as other:
            number = 0
            while not over.is_set():
                number += 1
                waits.append(timed_label(other, wanted[-number]))
                over.wait(0.05)

    alone = [timed_label(project, each) for each in wanted[-400:-200]]
    begun = time.perf_counter()
    pulse = Pulse()
    pulse.start()
    future = project.annotations.label(wanted, 2, annotator="自己", watch=Watch())
    thread = threading.Thread(target=label_elsewhere)
    thread.start()
    wait_for(future.done, "the labels", patience_s=900)
    over.set()
    thread.join()
    facts = {"rows": count, "labels elsewhere": len(waits)}
    found.figure("bulk_label", time.perf_counter() - begun, "s", **facts)
    found.figure("bulk_window_gap", pulse.stop(), "ms", **facts)
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        theirs = percentile(alone, share)
        goal = WAIT_MS if share > 0.9 else None
        peer = {"nothing else going on": round(theirs, 2)}
        value = percentile(waits, share)
        found.figure(f"bulk_label_elsewhere_{name}", value, "ms", at_most=goal, peer=peer, **facts)


def timed_label(project: Project, comment_id: int) -> float:
    """Milliseconds until one label is on the disk."""
    begun = time.perf_counter()
    project.annotations.label([comment_id], 1, annotator="别人").result()
    return 1000 * (time.perf_counter() - begun)


def measure(project: Project, found: bench.Report, *, quick: bool, bulk_rows: int) -> None:
    app = QApplication(sys.argv[:1])
    window = open_window(set_up(app))
    window.resize(SIZE)
    window.context.near.close()  # the look for near-copies has a benchmark of its own
    window.context.session.use(project)
    pause(500)
    window.go_to("data")
    page = window.pages["data"]
    assert isinstance(page, DataPage)
    wait_for(lambda: page.presenter.model.rowCount() > 0 and rows_there(page), "the first rows")
    wait_for(lambda: not page.presenter.is_filling, "the whole view")
    wait_for(lambda: page.presenter.details is not None, "the numbers of the filter panel")
    facts, jumps = {"comments": page.presenter.model.rowCount()}, 60 if quick else 400
    pulse = Pulse()
    pulse.start()
    drawn, complete = paints(page.table, jumps, lambda: rows_there(page))
    jump_gap = pulse.stop()
    gap = strokes_gap(page.table, jumps // 4)
    bare = bare_table(page.table, facts["comments"])
    bare_drawn, _ = paints(bare, jumps, lambda: True)
    bare_strokes = strokes_gap(bare, jumps // 4)
    bare.close()
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        theirs = percentile(bare_drawn, share)
        goal = PAINT_MS if share > 0.9 else None
        peer = {"bare table": round(theirs, 2)}
        found.figure(f"paint_{name}", percentile(drawn, share), "ms", at_most=goal, peer=peer, **facts)
    found.figure("paint_rows_there_p99", percentile(complete, 0.99), "ms", **facts)
    found.figure("jump_gap", jump_gap, "ms", **facts)
    peer = {"bare table": round(bare_strokes, 2)}
    found.figure("scroll_gap", gap, "ms", at_most=GAP_MS, peer=peer, **facts)
    measure_searches(page, project, found, 4 if quick else 12)
    typing_on(page, found)
    QTest.keyClick(page.table, Qt.Key.Key_Home)
    sorting(page, found)
    bulk(page, project, bulk_rows, found)
    window.lifecycle.allow_close()
    window.close()


def main() -> int:
    parser = window_bench.parser(__doc__ or "")
    parser.add_argument("--bulk", type=int, default=0, help="rows to label at once (default 100,000)")
    options = parser.parse_args()
    found = bench.Report(quick=options.quick)
    with bench.own_home() as folder:
        project = window_bench.open_prepared(options, folder, when_quick=50_000)
        rows = options.bulk or (5_000 if options.quick else 100_000)
        measure(project, found, quick=options.quick, bulk_rows=rows)
    return found.status()


if __name__ == "__main__":
    raise SystemExit(main())
