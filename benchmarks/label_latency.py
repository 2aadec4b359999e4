"""How long a label takes: from the key press to the next comment painted, which comes after the commit.

Peer: a bare Qt window whose key press commits one row (WAL, synchronous=FULL, a file of the same size) and
paints a label. Both are measured in turn, in one process, while a real training run uses all cores and the
assistant is on: it learns anew after every twenty labels, and its suggestion is shown. For the first half of
the presses, the look for near-copies that follows an import is at work as well.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bench
import window_bench
from big_project import text
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QVBoxLayout, QWidget
from window_bench import SIZE, pause, percentile, wait_for

from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.launch import launch_run
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.storage.project import Project
from senti_studio.ui.app import open_window, set_up
from senti_studio.ui.assistant import Standing
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.label.view import LabelPage

GOAL = 2.0
OWN_GOAL_MS = 16.0
WARM_UP = 40
"""Presses before the measurement; the assistant learns from what they labelled."""
AT_WORK = (Standing.READY, Standing.SLOW)
KEYS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)


class Painted(QObject):
    """Notes when a window has painted (and shown) what `is_due` for the first time after `at` was emptied."""

    def __init__(self, window: QWidget, is_due: Callable[[], bool] = lambda: True) -> None:
        super().__init__(window)
        self._window = window
        self._is_due = is_due
        self.at: float | None = None
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.UpdateRequest:
            self._window.event(event)  # paints everything that is due, here and now
            if self.at is None and self._is_due():
                self.at = time.perf_counter()
            return True
        return False


class PeerWindow(QWidget):
    """The least that could be called labelling: one key, one commit, one label painted."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.resize(SIZE)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS given (id INTEGER PRIMARY KEY, label INTEGER, at INTEGER)"
        )
        self._number = 0
        self.label = QLabel(text(0))
        self.label.setWordWrap(True)
        QVBoxLayout(self).addWidget(self.label)
        self.committed_at = 0.0

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._number += 1
        self._connection.execute(
            "INSERT INTO given VALUES (?, ?, ?)", (self._number, event.key() - Qt.Key.Key_0, time.time_ns())
        )
        self.committed_at = time.perf_counter()
        self.label.setText(text(self._number))

    def close_file(self) -> None:
        self._connection.close()


@dataclass(slots=True)
class Times:
    """Milliseconds of each key press (of the peer: ``whole`` is what is compared)."""

    whole: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)
    committed: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    """Without the commit: what the key press itself took, and from the commit to the paint."""

    def add(self, begun: float, painted: float, committed: float, returned: float | None = None) -> None:
        if returned is not None:
            self.own.append(1000 * (min(returned, committed) - begun + max(0.0, painted - committed)))
        self.painted.append(1000 * (painted - begun))
        self.committed.append(1000 * (committed - begun))
        self.whole.append(1000 * (max(painted, committed) - begun))


def press(target: QWidget, key: Qt.Key) -> tuple[float, float]:
    """Sends a real key event; when it was sent, and when the window had taken it."""
    event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, chr(key))
    begun = time.perf_counter()
    QApplication.sendEvent(target, event)
    return begun, time.perf_counter()


class Commits:
    """When each write of the project was committed: noted in the writer's thread, before anybody is told."""

    def __init__(self, project: Project) -> None:
        self.at: float | None = None
        project.annotations.label = self._noting(project.annotations.label)  # type: ignore[method-assign]
        project.second_looks.answer = self._noting(project.second_looks.answer)  # type: ignore[method-assign]

    def _noting(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*arguments: object, **options: object) -> object:
            future = write(*arguments, **options)
            future.add_done_callback(self._note)
            return future

        return noting

    def _note(self, future: object) -> None:
        self.at = time.perf_counter()


def shows_next(page: LabelPage) -> bool:
    """Whether the comment that the keys mean is the one on the screen."""
    comment = page.presenter.comment
    return comment is not None and page.comment.text.toPlainText() == comment.text


def measure_ours(page: LabelPage, painted: Painted, commits: Commits, key: Qt.Key, times: Times) -> None:
    before = page.presenter.comment
    painted.at, commits.at = None, None
    begun, returned = press(page, key)
    wait_for(lambda: painted.at is not None and commits.at is not None, "a label")
    now = page.presenter.comment
    if before is None or now is None or now.id == before.id:
        raise SystemExit("the page did not go on to the next comment")
    if not shows_next(page):
        raise SystemExit("the next comment is not what was painted")
    assert painted.at is not None
    assert commits.at is not None
    times.add(begun, painted.at, commits.at, returned)


def measure_peer(window: PeerWindow, painted: Painted, key: Qt.Key, times: Times) -> None:
    painted.at = None
    begun, _ = press(window, key)
    wait_for(lambda: painted.at is not None, "the peer's label")
    assert painted.at is not None
    times.add(begun, painted.at, window.committed_at)


class Training:
    """A real training run that keeps all cores busy; started anew should it end."""

    def __init__(self, folder: Path) -> None:
        labels = (LabelName("1", "正面"), LabelName("2", "中性"), LabelName("3", "负面"))
        options = TrainingOptions(epochs=1000, patience=1000, hidden_size=256, embedding_size=128)
        spec = TrainingSpec("load", "load", "lstm", labels, options, device="cpu")
        self.run = RunFolder.create(folder, spec)
        for part, count in (("train", 8000), ("valid", 500)):
            rows = ({"id": n, "text": text(n), "label": n % 3} for n in range(count))
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            self.run.data.mkdir(exist_ok=True)
            (self.run.data / f"{part}.jsonl").write_text(lines, "utf-8")

    def start(self) -> None:
        """Returns when the run is really training."""
        launch_run(self.run)
        until = time.monotonic() + 120
        while not any(type(event).__name__ == "Progress" for event in self.run.events()):
            if time.monotonic() > until or self.run.state() is RunState.FAILED:
                raise SystemExit("the training did not start:\n" + self.run.log_tail())
            time.sleep(0.25)

    def is_alive(self) -> bool:
        return self.run.is_alive()

    def stop(self) -> None:
        self.run.send("cancel")
        until = time.monotonic() + 30
        while self.run.is_alive() and time.monotonic() < until:
            time.sleep(0.1)


@dataclass(slots=True)
class Pair:
    """Ours and the peer's under one load."""

    load: str
    ours: Times = field(default_factory=Times)
    theirs: Times = field(default_factory=Times)


def measure(
    project: Project, peer_file: Path, samples: int, pause_ms: tuple[int, int]
) -> tuple[list[Pair], int]:
    """(with the look for near-copies and without it, presses before which the training had ended)."""
    app = QApplication(sys.argv[:1])
    window = open_window(set_up(app))
    window.resize(SIZE)
    window.context.session.use(project)
    window.go_to("label")
    page = window.pages["label"]
    assert isinstance(page, LabelPage)
    wait_for(lambda: page.presenter.comment is not None and not page.presenter.feed.is_filling, "the queue")
    peer = PeerWindow(peer_file)
    peer.show()
    commits = Commits(project)
    # The button flashes first; what counts is the next comment.
    ours_painted = Painted(window, lambda: shows_next(page))
    peer_painted = Painted(peer)
    training = Training(project.runs_folder / "load")
    training.start()
    with_index = Pair("training on all cores, the assistant, and the look for near-copies")
    without = Pair("training on all cores and the assistant")
    chance, idle, near = random.Random(1), 0, window.context.near
    for number in range(-WARM_UP, samples):
        if number == 0:
            wait_for_the_assistant(window.context)
        wants_index = number < samples // 2
        if wants_index and not near.is_running:
            near.start()  # a small project was looked through before the presses were done
        elif not wants_index and near.is_running:
            near.cancel()
            wait_for(lambda: not near.is_running, "the end of the look for near-copies")
        pair = Pair("") if number < 0 else with_index if wants_index else without
        is_at_work = training.is_alive() and window.context.assistant.standing in AT_WORK
        idle += number >= 0 and not is_at_work
        for which in chance.sample((0, 1), 2):
            if which:
                measure_peer(peer, peer_painted, chance.choice(KEYS), pair.theirs)
            else:
                measure_ours(page, ours_painted, commits, chance.choice(KEYS), pair.ours)
            pause(chance.randint(*pause_ms))
    training.stop()
    close(window, peer)
    return [without, with_index], idle


def wait_for_the_assistant(context: UiContext) -> None:
    """Until it has learnt from the first labels."""
    assistant = context.assistant
    wait_for(
        lambda: assistant.state is not None and assistant.state.trained_on > 0,
        "the assistant's first model",
        patience_s=300,
    )


def close(window: QMainWindow, peer: PeerWindow) -> None:
    peer.close_file()
    peer.close()
    window.lifecycle.allow_close()  # type: ignore[attr-defined]
    window.close()


def report(found: bench.Report, pair: Pair, comments: int, suffix: str) -> None:
    ours, theirs = pair.ours, pair.theirs
    facts = {"comments": comments, "samples": len(ours.whole), "load": pair.load}
    for share in (0.5, 0.99):
        name = f"p{round(share * 100)}{suffix}"
        mine, peer = percentile(ours.whole, share), percentile(theirs.whole, share)
        found.figure(f"label_{name}", mine, "ms", peer={"bare window": round(peer, 3)}, **facts)
        found.figure(f"label_committed_{name}", percentile(ours.committed, share), "ms", **facts)
        at_most = OWN_GOAL_MS if share > 0.5 else None
        found.figure(
            f"label_own_{name}",
            percentile(ours.own, share),
            "ms",
            at_most=at_most,
            judged_when_quick=False,
            **facts,
        )
    ratio = percentile(ours.whole, 0.99) / percentile(theirs.whole, 0.99)
    peer_facts = {
        "bare window": 1.0,
        "median ratio": statistics.median(ours.whole) / statistics.median(theirs.whole),
    }
    found.figure(
        f"label_p99_ratio{suffix}",
        ratio,
        "x",
        at_most=GOAL,
        peer=peer_facts,
        judged_when_quick=not suffix,
        **facts,
    )


def main() -> int:
    parser = window_bench.parser(__doc__ or "")
    parser.add_argument(
        "--samples", type=int, default=0, help="key presses of each (default 2,000; quick 200)"
    )
    options = parser.parse_args()
    samples = options.samples or (200 if options.quick else 2000)
    found = bench.Report(quick=options.quick)
    with bench.own_home() as folder:
        place = window_bench.prepare(options, folder, when_quick=20_000)
        # Before the project is open: closing a copied-from file would drop SQLite's POSIX locks on it.
        peer_file = folder / "peer.db"
        shutil.copyfile(place / "project.db", peer_file)
        project = Project.open(place)
        comments = project.comments.counts().total
        pairs, idle = measure(project, peer_file, samples, (20, 60) if options.quick else (30, 120))
        if idle:
            raise SystemExit(f"the training or the assistant had ended before {idle} of {samples} samples")
        for pair, suffix in zip(pairs, ("", "_beside_index"), strict=True):
            report(found, pair, comments, suffix)
    return found.status()


if __name__ == "__main__":
    raise SystemExit(main())
