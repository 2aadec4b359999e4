"""A run of two processes, one of which is killed: nothing is left behind, and it goes on bit by bit."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from real_workers import StartRun, labelled_rows

from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import DataSummary, LabelName, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import (
    Cancelled,
    Evaluated,
    Event,
    Failed,
    Finished,
    Paused,
    Progress,
    Started,
)
from senti_studio.jobs.run_folder import EventTail, RunFolder
from senti_studio.messages import message

LABELS = (LabelName("1", "正面"), LabelName("0", "负面"))
Make = Callable[..., RunFolder]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(name: str, *, epochs: int) -> RunFolder:
        options = TrainingOptions(
            epochs=epochs, batch_size=16, embedding_size=12, hidden_size=8, patience=1000, seed=3
        )
        data = DataSummary({"train": 120}, "0" * 64)
        folder = RunFolder.create(
            tmp_path / name, TrainingSpec(name, name, "lstm", LABELS, options, "cpu:2", data)
        )
        for part, count, start in (("train", 120, 0), ("valid", 40, 1000), ("test", 40, 2000)):
            (folder.data / f"{part}.jsonl").write_text(labelled_rows(count, start), encoding="utf-8")
        return folder

    return made


def _wait_for(
    folder: RunFolder, process: subprocess.Popen[bytes], wanted: Callable[[Event], bool], *, after: int = 0
) -> None:
    """Until an event of the ``after``-th start is wanted."""
    tail, pause, starts = EventTail(folder.events_path), threading.Event(), 0
    end = time.monotonic() + 250
    while time.monotonic() < end:
        is_over = process.poll() is not None
        for event in tail.read():
            starts += isinstance(event, Started)
            if starts > after and wanted(event):
                return
        assert not is_over, f"the worker ended early: {folder.log_tail()}"
        pause.wait(0.02)
    raise AssertionError(f"not seen; log: {folder.log_tail()}")


def _learner_of(process: subprocess.Popen[bytes]) -> psutil.Process:
    (found,) = _learners_of(process)
    return found


def _learners_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    found = []
    for each in psutil.Process(process.pid).children():
        with contextlib.suppress(psutil.Error):  # it has ended meanwhile
            if "learner" in each.cmdline():
                found.append(each)
    return found


def _is_gone(process: psutil.Process) -> bool:
    _, left = psutil.wait_procs([process], timeout=10)
    return not left


def _end_of(folder: RunFolder) -> Event:
    return list(folder.events())[-1]


def _past(epoch: float) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, Evaluated) and event.epoch >= epoch


@pytest.mark.alone
def test_killed_ranks_leave_nothing_behind_and_the_run_goes_on_bit_by_bit(
    make: Make, start: StartRun
) -> None:
    whole, folder = make("一次", epochs=14), make("几次", epochs=14)
    process = start(folder)
    _wait_for(folder, process, _past(2))
    learner = _learner_of(process)
    process.kill()  # the one that writes
    process.wait()
    assert _is_gone(learner), "it ends with the one that started it"
    assert _end_of(folder).terminal is False

    process = start(folder, resume=True)
    _wait_for(folder, process, _past(4), after=1)
    _learner_of(process).kill()  # the one beside
    assert process.wait(150) == 0, folder.log_tail()
    paused = _end_of(folder)
    assert isinstance(paused, Paused)
    assert (paused.code, paused.params) == ("LEARNER_LOST", {"process": 2, "of": 2, "status": -9})
    assert paused.step > 30, "saved where it stood"
    assert "第 2 个" in message(paused.code, paused.params).what
    assert folder.state() is RunState.PAUSED

    assert start(folder, resume=True).wait(250) == 0, folder.log_tail()
    assert start(whole).wait(250) == 0, whole.log_tail()
    assert isinstance(_end_of(folder), Finished)
    resumed = [event.resumed_from_step for event in folder.events() if isinstance(event, Started)]
    assert resumed[0] == 0 < resumed[1] < resumed[2] == paused.step
    for name in ("model/weights.safetensors", "predictions/test.jsonl"):
        assert (folder.path / name).read_bytes() == (whole.path / name).read_bytes()


@pytest.mark.alone
def test_a_run_of_two_processes_obeys(make: Make, start: StartRun) -> None:
    folder = make("听话", epochs=1000)
    process = start(folder)
    _wait_for(folder, process, lambda event: isinstance(event, Progress))
    learner = _learner_of(process)
    folder.send("pause")
    assert process.wait(150) == 0, folder.log_tail()
    assert _is_gone(learner)
    assert isinstance(_end_of(folder), Paused)
    process = start(folder, resume=True)
    _wait_for(folder, process, lambda event: isinstance(event, Progress), after=1)
    learner = _learner_of(process)
    learner.terminate()  # as a computer that shuts down does with all
    folder.send("cancel")
    assert process.wait(150) == 0, folder.log_tail()
    assert _is_gone(learner)
    assert isinstance(_end_of(folder), Cancelled)
    assert not folder.checkpoints.exists()


@pytest.mark.alone
def test_a_process_lost_before_anything_was_kept_ends_the_run_with_a_sentence(
    make: Make, start: StartRun
) -> None:
    folder = make("太早", epochs=1000)
    process = start(folder)
    end = time.monotonic() + 150
    pause = threading.Event()
    while time.monotonic() < end and process.poll() is None:
        found = _learners_of(process)
        if found:
            found[0].kill()
            break
        pause.wait(0.005)
    assert process.wait(150) == 1, folder.log_tail()
    failed = _end_of(folder)
    assert isinstance(failed, Failed)
    assert failed.code == "LEARNER_LOST"
