"""Following a run through its folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.jobs.lock import FileLock
from senti_studio.jobs.protocol import Event, Finished, Progress, Started
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.ui import run_watcher
from senti_studio.ui.run_watcher import RunWatcher


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    spec = TrainingSpec("r1", "LSTM #1", "lstm", (LabelName("1", "正面"), LabelName("2", "负面")))
    return RunFolder.create(tmp_path / "运行 1", spec)


@pytest.fixture
def lock(folder: RunFolder) -> Iterator[FileLock]:
    """The worker lives as long as this is held."""
    held = FileLock(folder.lock_path)
    assert held.acquire()
    yield held
    held.release()


def watch(folder: RunFolder) -> tuple[RunWatcher, list[Event], list[RunState]]:
    watcher = RunWatcher(folder)
    events: list[Event] = []
    states: list[RunState] = []
    watcher.events.connect(events.extend)
    watcher.state_changed.connect(states.append)
    return watcher, events, states


def test_events_arrive_in_order_and_once(folder: RunFolder, lock: FileLock, qtbot: QtBot) -> None:
    folder.append_event(Started(run_id="r1", total_steps=10))
    watcher, events, states = watch(folder)
    qtbot.waitUntil(lambda: len(events) == 1)
    for step in range(1, 6):
        folder.append_event(Progress(step=step))
    qtbot.waitUntil(lambda: len(events) == 6)
    folder.append_event(Finished(reason="epochs"))
    qtbot.waitUntil(lambda: states[-1:] == [RunState.FINISHED])
    assert [e.step for e in events if isinstance(e, Progress)] == [1, 2, 3, 4, 5]
    assert states == [RunState.PREPARING, RunState.RUNNING, RunState.FINISHED]
    watcher.stop()


def test_half_a_line_waits_for_its_end(folder: RunFolder, lock: FileLock, qtbot: QtBot) -> None:
    watcher, events, _ = watch(folder)
    with folder.events_path.open("ab") as file:
        file.write(b'{"type":"Progress","step":')
        file.flush()
        qtbot.wait(250)
        assert events == []
        file.write(b"7}\n")
    qtbot.waitUntil(lambda: len(events) == 1)
    watcher.stop()


def test_a_dead_worker_without_a_last_word_is_interrupted(
    folder: RunFolder, lock: FileLock, qtbot: QtBot
) -> None:
    folder.append_event(Started(run_id="r1"))
    folder.append_event(Progress(step=3))
    watcher, _, states = watch(folder)
    qtbot.waitUntil(lambda: states[-1:] == [RunState.RUNNING])
    lock.release()
    qtbot.waitUntil(lambda: states[-1:] == [RunState.INTERRUPTED])
    watcher.stop()


def test_a_long_history_is_read_off_the_gui_thread(
    folder: RunFolder, lock: FileLock, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_watcher, "OFF_THREAD_BYTES", 1000)
    for step in range(1, 201):
        folder.append_event(Progress(step=step))
    watcher, events, _ = watch(folder)
    qtbot.waitUntil(lambda: len(events) == 200)
    folder.append_event(Progress(step=201))
    qtbot.waitUntil(lambda: len(events) == 201)
    assert [e.step for e in events if isinstance(e, Progress)] == list(range(1, 202))
    watcher.stop()


def test_watching_stops_at_the_end_and_goes_on_after_a_resume(
    folder: RunFolder, lock: FileLock, qtbot: QtBot
) -> None:
    folder.append_event(Started(run_id="r1"))
    folder.append_event(Finished())
    watcher, events, states = watch(folder)
    qtbot.waitUntil(lambda: not watcher.is_watching, timeout=5000)
    folder.append_event(Started(run_id="r1", resumed_from_step=5))
    watcher.restart()
    qtbot.waitUntil(lambda: len(events) == 3)
    assert states[-1] is RunState.PREPARING
    watcher.stop()
