"""A run whose worker lives but does nothing is told from one that takes long."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from senti_studio.jobs import pulse
from senti_studio.jobs.protocol import Progress, Started
from senti_studio.jobs.pulse import BEAT_EVERY_S, SILENT_AFTER_S, Pulse
from senti_studio.jobs.run_folder import RunFolder


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(pulse, "time", made)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    made = RunFolder(tmp_path / "训练 一")
    made.path.mkdir()
    made.lock_path.touch()
    return made


def wait(clock: Clock, watched: Pulse, seconds: float) -> float:
    """Looks every half second, as the window does."""
    for _ in range(round(seconds * 2)):
        clock.now += 0.5
        found = watched.silent_s()
    return found


def test_beats_and_events_are_signs_of_life(clock: Clock, folder: RunFolder) -> None:
    watched = Pulse(folder)
    assert wait(clock, watched, 5) == pytest.approx(4.5)
    time.sleep(0.01)  # two beats of one moment would be the same
    folder.beat()
    assert wait(clock, watched, 0.5) == 0
    assert wait(clock, watched, 5) == pytest.approx(5)
    folder.append_event(Progress(step=1))
    assert wait(clock, watched, 0.5) == 0
    assert wait(clock, watched, SILENT_AFTER_S + 1) > SILENT_AFTER_S
    assert SILENT_AFTER_S > 5 * BEAT_EVERY_S


def test_who_slept_himself_accuses_nobody(clock: Clock, folder: RunFolder) -> None:
    watched = Pulse(folder)
    wait(clock, watched, 5)
    clock.now += 3600
    assert watched.silent_s() == 0


def test_a_run_without_files_is_no_trouble(clock: Clock, tmp_path: Path) -> None:
    assert wait(clock, Pulse(RunFolder(tmp_path / "没有")), 2) == pytest.approx(1.5)


def test_the_process_that_is_ended_by_force_is_the_one_at_work(folder: RunFolder) -> None:
    """A worker that was launched again has not said its number yet: the one before has gone."""
    assert folder.worker_pid(None) == 0
    folder.note_launch()
    assert folder.worker_pid(None) == 0
    folder.note_worker(4711)
    launched = folder.launched_at()
    assert launched == pytest.approx(time.time(), abs=5)
    assert folder.worker_pid(None) == 4711
    assert folder.worker_pid(Started(pid=12, at=launched - 60)) == 4711
    assert folder.worker_pid(Started(pid=13, at=launched + 3)) == 13
    folder.note_launch()
    assert folder.worker_pid(Started(pid=13, at=launched - 1)) == 0, "not known yet"
