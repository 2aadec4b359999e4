"""A training run in its real process: events, commands, kill and resume, errors."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
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
from senti_studio.jobs.lock import FileLock
from senti_studio.jobs.protocol import (
    Evaluated,
    Event,
    Failed,
    Finished,
    Paused,
    Progress,
    Started,
    Stopped,
)
from senti_studio.jobs.run_folder import EventTail, RunFolder

LABELS = (LabelName("1", "正面"), LabelName("0", "负面"))


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[..., RunFolder]:
    def made(
        *, epochs: int, name: str = "训练 一", rows: int = 200, architecture: str = "lstm", **options: object
    ) -> RunFolder:
        values = {
            "batch_size": 16,
            "embedding_size": 12,
            "hidden_size": 8,
            "patience": 1000,
            "seed": 3,
            **options,
        }
        spec = TrainingSpec(
            name,
            name,
            architecture,
            LABELS,
            TrainingOptions(epochs=epochs, **values),  # type: ignore[arg-type]
            "cpu",
            DataSummary({"train": rows}, "0" * 64),
        )
        folder = RunFolder.create(tmp_path / name, spec)
        for part, count, start in (("train", rows, 0), ("valid", 40, 1000), ("test", 40, 2000)):
            (folder.data / f"{part}.jsonl").write_text(labelled_rows(count, start), encoding="utf-8")
        return folder

    return made


def _wait_for(
    folder: RunFolder,
    process: subprocess.Popen[bytes],
    wanted: Callable[[Event], bool],
    *,
    seconds: float = 90,
) -> Event:
    tail = EventTail(folder.events_path)
    pause = threading.Event()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ended = process.poll() is not None
        for event in tail.read():
            if wanted(event):
                return event
        assert not ended, f"the worker ended early: {folder.log_tail()}"
        pause.wait(0.02)
    raise AssertionError(f"not seen in {seconds} s; log: {folder.log_tail()}")


def _events(folder: RunFolder) -> list[Event]:
    return list(folder.events())


def test_a_run_from_start_to_model(make_folder: Callable[..., RunFolder], start: StartRun) -> None:
    folder = make_folder(epochs=3)
    process = start(folder)
    _wait_for(folder, process, lambda event: isinstance(event, Started))
    assert psutil.Process().nice() < psutil.Process(process.pid).nice(), "the window goes first"
    assert process.wait(120) == 0, folder.log_tail()
    events = _events(folder)
    assert isinstance(events[0], Started)
    assert events[0].pid == process.pid
    assert [event.terminal for event in events].count(True) == 1
    end = events[-1]
    assert isinstance(end, Finished)
    assert (folder.path / end.output["model"] / "weights.safetensors").exists()
    assert not folder.checkpoints.exists()
    assert folder.state() is RunState.FINISHED
    progress = [event.at for event in events if isinstance(event, Progress)]
    assert len(progress) <= 11 * max(1.0, progress[-1] - progress[0])


def test_killed_and_resumed_equals_never_killed(
    make_folder: Callable[..., RunFolder], start: StartRun
) -> None:
    whole = make_folder(epochs=6, name="一次")
    assert start(whole).wait(120) == 0, whole.log_tail()
    folder = make_folder(epochs=6, name="两次")
    process = start(folder)
    _wait_for(folder, process, lambda event: isinstance(event, Evaluated) and event.epoch >= 2)
    process.kill()
    process.wait()
    os.utime(folder.log_path, (1, 1))
    assert folder.state() is RunState.INTERRUPTED
    assert start(folder, resume=True).wait(120) == 0, folder.log_tail()
    starts = [event for event in _events(folder) if isinstance(event, Started)]
    assert len(starts) == 2
    assert starts[1].resumed_from_step > 0
    assert folder.state() is RunState.FINISHED
    for name in ("weights.safetensors", "vocabulary.json"):
        assert (folder.model / name).read_bytes() == (whole.model / name).read_bytes()
    assert (folder.path / "predictions" / "test.jsonl").read_bytes() == (
        whole.path / "predictions" / "test.jsonl"
    ).read_bytes()


def test_a_mix_killed_after_an_evaluation_equals_one_never_killed(
    make_folder: Callable[..., RunFolder], start: StartRun
) -> None:
    """The best of each member and what it said lie in the checkpoint; the pupil is chosen at the end."""
    options = {"epochs": 4, "mix": "distilled", "units": "both", "learning_rate": 0.02, "averaging": 0.5}
    whole, folder = make_folder(name="一次", **options), make_folder(name="两次", **options)
    assert start(whole).wait(250) == 0, whole.log_tail()
    process = start(folder)
    _wait_for(folder, process, lambda event: isinstance(event, Evaluated) and event.epoch >= 2, seconds=250)
    process.kill()
    process.wait()
    assert start(folder, resume=True).wait(250) == 0, folder.log_tail()
    starts = [event.resumed_from_step for event in _events(folder) if isinstance(event, Started)]
    assert len(starts) == 2
    assert starts[1] > 0
    for name in ("model/weights.safetensors", "predictions/valid.jsonl", "predictions/test.jsonl"):
        assert (folder.path / name).read_bytes() == (whole.path / name).read_bytes()
    cards = [json.loads((each.model / "card.json").read_bytes()) for each in (whole, folder)]
    assert cards[0]["history"] == cards[1]["history"]
    assert cards[0]["reading"] == cards[1]["reading"]
    assert [told["reads"] for told in cards[0]["reading"]["members"]] == ["words", "words", "characters"]
    assert cards[0]["reading"]["distilled"]["kept"] in ("mix", "pupil")


def test_pause_and_resume(make_folder: Callable[..., RunFolder], start: StartRun) -> None:
    folder = make_folder(epochs=400)
    process = start(folder)
    _wait_for(folder, process, lambda event: isinstance(event, Progress))
    folder.send("pause")
    assert process.wait(60) == 0, folder.log_tail()
    end = _events(folder)[-1]
    assert isinstance(end, Paused)
    assert end.step > 0
    assert folder.state() is RunState.PAUSED
    assert not folder.model.exists()
    process = start(folder, resume=True)
    _wait_for(folder, process, lambda event: isinstance(event, Progress) and event.step > end.step)
    folder.send("stop")
    assert process.wait(60) == 0, folder.log_tail()
    assert isinstance(_events(folder)[-1], Stopped)


def test_stop_keeps_the_best(make_folder: Callable[..., RunFolder], start: StartRun) -> None:
    folder = make_folder(epochs=400)
    process = start(folder)
    _wait_for(folder, process, lambda event: isinstance(event, Evaluated))
    folder.send("stop")
    assert process.wait(60) == 0, folder.log_tail()
    end = _events(folder)[-1]
    assert isinstance(end, Stopped)
    assert end.metrics["test_macro_f1"] >= 0
    assert (folder.model / "card.json").exists()
    assert (folder.path / "predictions" / "valid.jsonl").exists()


def test_cancel_leaves_no_model(make_folder: Callable[..., RunFolder], start: StartRun) -> None:
    folder = make_folder(epochs=400)
    process = start(folder)
    _wait_for(folder, process, lambda event: isinstance(event, Evaluated))
    folder.send("cancel")
    assert process.wait(60) == 0, folder.log_tail()
    assert folder.state() is RunState.CANCELLED
    for path in (folder.model, folder.checkpoints, folder.path / "predictions"):
        assert not path.exists()


def test_a_command_from_before_the_worker_was_ready_counts(
    make_folder: Callable[..., RunFolder], start: StartRun
) -> None:
    folder = make_folder(epochs=400)
    folder.send("cancel")
    assert start(folder).wait(120) == 0, folder.log_tail()
    assert folder.state() is RunState.CANCELLED


def test_the_baseline_obeys_and_goes_on_like_every_training(
    make_folder: Callable[..., RunFolder], start: StartRun
) -> None:
    folder = make_folder(epochs=30, architecture="baseline")
    folder.send("pause")
    assert start(folder).wait(120) == 0, folder.log_tail()
    assert folder.state() is RunState.PAUSED
    assert not folder.model.exists()
    assert start(folder, resume=True).wait(120) == 0, folder.log_tail()
    end = _events(folder)[-1]
    assert isinstance(end, Finished)
    assert end.metrics["test_accuracy"] == end.metrics["baseline_accuracy"] > end.metrics["majority_accuracy"]
    assert folder.state() is RunState.FINISHED
    assert not folder.checkpoints.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM for console programs")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_the_end_of_the_session_pauses(
    sign: signal.Signals,
    make_folder: Callable[..., RunFolder],
    start: StartRun,
) -> None:
    folder = make_folder(epochs=400)
    process = start(folder)
    _wait_for(folder, process, lambda event: isinstance(event, Progress))
    process.send_signal(sign)
    assert process.wait(60) == 0, folder.log_tail()
    assert folder.state() is RunState.PAUSED


def test_one_label_only_fails_with_its_code(make_folder: Callable[..., RunFolder], start: StartRun) -> None:
    folder = make_folder(epochs=2)
    rows = [json.loads(line) for line in (folder.data / "train.jsonl").read_bytes().splitlines()]
    lines = [json.dumps({**row, "label": 0}, ensure_ascii=False) for row in rows]
    (folder.data / "train.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert start(folder).wait(120) == 1
    end = _events(folder)[-1]
    assert isinstance(end, Failed)
    assert (end.code, end.params, end.traceback) == ("ONE_LABEL_ONLY", {"label": "正面"}, "")


def test_a_second_worker_keeps_out(make_folder: Callable[..., RunFolder], start: StartRun) -> None:
    folder = make_folder(epochs=2)
    lock = FileLock(folder.lock_path)
    assert lock.acquire()
    try:
        assert start(folder).wait(60) == 3
    finally:
        lock.release()
    assert _events(folder) == []
