"""A repeated training in its real process: killed and gone on with, paused, stopped, cancelled."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from real_workers import StartRun, labelled_rows

from senti_studio.domain.repetition import Repetition
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import DataSummary, LabelName, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import (
    CheckpointSaved,
    Evaluated,
    Event,
    Failed,
    Paused,
    Progress,
    Started,
    Stopped,
    Trial,
)
from senti_studio.jobs.run_folder import EventTail, RunFolder

LABELS = (LabelName("1", "正面"), LabelName("0", "负面"))


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[..., RunFolder]:
    def made(mode: str, count: int, *, name: str = "搜索 一", **options: object) -> RunFolder:
        values = {
            "epochs": 3,
            "batch_size": 16,
            "embedding_size": 8,
            "hidden_size": 6,
            "least_steps": 1,
            **options,
        }
        spec = TrainingSpec(
            name, name, "gru", LABELS, TrainingOptions(**values),  # type: ignore[arg-type]
            "cpu", DataSummary({"train": 100}, "0" * 64), kind="search", repetition=Repetition(mode, count),
        )  # fmt: skip
        folder = RunFolder.create(tmp_path / name, spec)
        for part, rows, start in (("train", 100, 0), ("valid", 30, 1000), ("test", 30, 2000)):
            (folder.data / f"{part}.jsonl").write_text(labelled_rows(rows, start), encoding="utf-8")
        return folder

    return made


def _wait_for(
    folder: RunFolder,
    process: subprocess.Popen[bytes],
    wanted: Callable[[Event], bool],
    *,
    seconds: float = 90,
) -> Event:
    tail, pause, end = EventTail(folder.events_path), threading.Event(), time.monotonic() + seconds
    while time.monotonic() < end:
        ended = process.poll() is not None
        for event in tail.read():
            if wanted(event):
                return event
        assert not ended, f"the worker ended early: {folder.log_tail()}"
        pause.wait(0.01)
    raise AssertionError(f"not seen in {seconds} s; log: {folder.log_tail()}")


def _trials(folder: RunFolder) -> list[Trial]:
    return [replace(event, at=0.0, seconds=0.0) for event in folder.events() if isinstance(event, Trial)]


def test_killed_search_equals_one_that_never_was(
    make_folder: Callable[..., RunFolder], start: StartRun
) -> None:
    whole = make_folder("search", 3, name="一次")
    assert start(whole).wait(120) == 0, whole.log_tail()
    folder = make_folder("search", 3, name="两次")
    process = start(folder)
    _wait_for(
        folder,
        process,
        lambda event: isinstance(event, CheckpointSaved) and event.trial == 2 and event.epoch >= 1,
    )
    process.kill()
    process.wait()
    assert start(folder, resume=True).wait(120) == 0, folder.log_tail()
    assert folder.state() is RunState.FINISHED
    assert _trials(folder) == _trials(whole)
    assert len(_trials(folder)) == 3
    for name in ("model/weights.safetensors", "predictions/test.jsonl"):
        assert (folder.path / name).read_bytes() == (whole.path / name).read_bytes()
    assert not list((folder.path / "trials").rglob("*.safetensors"))
    assert "optuna" not in folder.log_tail(200).lower(), "its chatter says nothing to anybody"


def test_pause_go_on_stop(make_folder: Callable[..., RunFolder], start: StartRun) -> None:
    folder = make_folder("seeds", 40, epochs=12, patience=1000)
    process = start(folder)
    _wait_for(folder, process, lambda event: isinstance(event, Progress))
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0, folder.log_tail()
    end = list(folder.events())[-1]
    assert isinstance(end, Paused)
    assert end.step > 0
    process = start(folder, resume=True)
    _wait_for(folder, process, lambda event: isinstance(event, Progress) and event.trial == 2)
    folder.send("stop")
    assert process.wait(60) == 0, folder.log_tail()
    end = list(folder.events())[-1]
    assert isinstance(end, Stopped)
    assert end.metrics["done"] == len(_trials(folder)) >= 1
    assert (folder.model / "weights.safetensors").exists()
    assert [event.terminal for event in folder.events()].count(True) == 2


def test_a_stopped_run_goes_on_where_it_was_and_giving_that_up_leaves_its_model(
    make_folder: Callable[..., RunFolder], start: StartRun
) -> None:
    folder = make_folder("seeds", 40, epochs=400, patience=1000)
    process = start(folder)
    _wait_for(folder, process, lambda event: isinstance(event, Evaluated) and event.epoch >= 2)
    folder.send("stop")
    assert process.wait(60) == 0, folder.log_tail()
    first = list(folder.events())[-1]
    assert isinstance(first, Stopped)
    process = start(folder, resume=True)
    _wait_for(folder, process, lambda event: isinstance(event, Started) and event.resumed_from_step > 0)
    folder.send("cancel")
    assert process.wait(60) == 0, folder.log_tail()
    assert folder.state() is RunState.STOPPED
    end = list(folder.events())[-1]
    assert isinstance(end, Stopped)
    assert end.metrics["valid_macro_f1"] >= first.metrics["valid_macro_f1"]
    for name in ("model/weights.safetensors", "predictions/valid.jsonl"):
        assert (folder.path / name).exists()


def test_cancel_leaves_nothing(make_folder: Callable[..., RunFolder], start: StartRun) -> None:
    folder = make_folder("folds", 3, epochs=400, patience=1000)
    process = start(folder)
    _wait_for(folder, process, lambda event: isinstance(event, Progress))
    folder.send("cancel")
    assert process.wait(60) == 0, folder.log_tail()
    assert folder.state() is RunState.CANCELLED
    assert not any((folder.path / name).exists() for name in ("trials", "model", "predictions"))


def test_an_error_of_the_disk_ends_the_run_which_goes_on_later(
    make_folder: Callable[..., RunFolder], start: StartRun
) -> None:
    """A file stands where the second trial wants its folder."""
    folder = make_folder("seeds", 2, epochs=1)
    process = start(folder)
    _wait_for(folder, process, lambda event: isinstance(event, Progress))
    obstacle = folder.path / "trials" / "0002"
    obstacle.write_text("满", "utf-8")
    assert process.wait(60) == 1
    assert isinstance(list(folder.events())[-1], Failed)
    assert len(_trials(folder)) == 1
    obstacle.unlink()
    assert start(folder, resume=True).wait(60) == 0, folder.log_tail()
    assert [trial.number for trial in _trials(folder)] == [1, 2]


def test_options_of_a_newer_version_are_refused(
    make_folder: Callable[..., RunFolder], start: StartRun
) -> None:
    folder = make_folder("seeds", 2, epochs=1)
    begun = folder.path / "trials" / "0001" / "options.json"
    begun.parent.mkdir(parents=True)
    begun.write_text('{"epochs": 1, "attention_heads": 3}', "utf-8")
    assert start(folder, resume=True).wait(60) == 1
    end = list(folder.events())[-1]
    assert isinstance(end, Failed)
    assert (end.code, end.traceback) == ("BAD_SPEC", "")
    assert "attention_heads" in end.params["problems"][0]
