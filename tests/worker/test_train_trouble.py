"""What gets in the way of a training in its real process: numbers that are none, a full disk, a busy card."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from real_workers import StartRun, wait_until

from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import DataSummary, LabelName, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs import launch
from senti_studio.jobs.launch import worker_command
from senti_studio.jobs.protocol import Evaluated, Finished, Paused, Preparing, Progress, Started, Stopped
from senti_studio.jobs.run_folder import RunFolder, RunStatus
from senti_studio.messages import message

LABELS = (LabelName("1", "正面"), LabelName("0", "负面"))
_WORDS = (("很好", "喜欢", "满意", "不错"), ("很差", "讨厌", "失望", "难吃"))
MakeRun = Callable[..., RunFolder]


def rows(count: int, start: int) -> str:
    """Comments whose class a small net learns in an epoch or two."""
    lines = []
    for number in range(start, start + count):
        text = f"第{number}次来，{_WORDS[number % 2][number // 2 % 4]}，" + "位置在市中心" * (number % 5)
        lines.append(json.dumps({"id": number, "text": text, "label": number % 2}, ensure_ascii=False))
    return "\n".join(lines) + "\n"


@pytest.fixture
def make(tmp_path: Path) -> MakeRun:
    def made(name: str, **options: Any) -> RunFolder:
        values = {
            "epochs": 6, "batch_size": 16, "embedding_size": 12, "hidden_size": 8, "patience": 1000,
            **options,
        }  # fmt: skip
        summary = DataSummary({"train": 200}, "0" * 64)
        folder = RunFolder.create(
            tmp_path / name,
            TrainingSpec(name, name, "gru", LABELS, TrainingOptions(**values), "cpu", summary),
        )
        for part, count, start in (("train", 200, 0), ("valid", 40, 1000), ("test", 40, 2000)):
            (folder.data / f"{part}.jsonl").write_text(rows(count, start), encoding="utf-8")
        return folder

    return made


def wait_for(folder: RunFolder, kind: type, is_it: Callable[[Any], bool] = lambda event: True) -> None:
    pause = threading.Event()
    for _ in range(6000):
        if any(isinstance(event, kind) and is_it(event) for event in folder.events()):
            return
        pause.wait(0.02)
    pytest.fail(f"no {kind.__name__}: {folder.log_tail()}")


def test_a_training_that_diverges_keeps_its_best(make: MakeRun, start: StartRun) -> None:
    """The pull towards zero goes beyond it once the rate has climbed enough, further with each step."""
    folder = make("发散", epochs=40, learning_rate=0.1, weight_decay=1.0, ngram_rate=100.0, warmup_share=0.9)
    assert start(folder).wait(120) == 0, folder.log_tail()
    events = list(folder.events())
    end = events[-1]
    assert isinstance(end, Stopped)
    assert end.code == "NAN_LOSS_KEPT"
    assert folder.state() is RunState.STOPPED
    assert folder.state().has_model
    best = max(
        (event for event in events if isinstance(event, Evaluated) and event.split == "valid"),
        key=lambda event: (event.macro_f1, -event.loss),
    )
    assert (end.params["best"], end.metrics["best_step"]) == (best.step, best.step)
    assert 0 < best.step < end.params["step"] < 40 * 40
    assert end.metrics["valid_macro_f1"] == pytest.approx(best.macro_f1)
    assert end.metrics["test_accuracy"] > 0.9, "the model from before is a good one"
    assert (folder.model / "weights.safetensors").exists()
    assert not folder.checkpoints.exists()
    for language in ("zh", "en"):
        told = message(end.code, end.params, language).what
        assert str(end.params["step"]) in told
        assert "0.1" in told


FULL = """
set -e
mount -t tmpfs -o size=9m tmpfs "$1"
cp -r "$2" "$1/run"
status=0; {worker} "$1/run" || status=$?
cp -r "$1/run" "$3"
mount -o remount,size=200m "$1"
{worker} "$1/run" --resume
cp -r "$1/run" "$4"
exit $status
"""


@pytest.mark.skipif(
    sys.platform != "linux" or subprocess.run(["unshare", "-rm", "true"], check=False).returncode != 0,
    reason="needs a file system of its own, which this machine does not lend to tests",
)
def test_a_full_disk_pauses_and_loses_nothing(make: MakeRun, start: StartRun, tmp_path: Path) -> None:
    """On a real file system that has room for one checkpoint (6 MB) but not for a second one."""
    big = {"hidden_size": 160, "embedding_size": 160, "epochs": 2, "ngrams": False}
    whole, folder = make("够大", **big), make("太小", **big)
    assert start(whole).wait(120) == 0, whole.log_tail()
    disk = tmp_path / "小盘"
    disk.mkdir()
    worker = " ".join(f"'{word}'" for word in worker_command("train"))
    names = [str(disk), str(folder.path), str(tmp_path / "满"), str(tmp_path / "后来")]
    script = ["unshare", "-rm", "sh", "-c", FULL.format(worker=worker), "sh", *names]
    assert start(folder, script).wait(120) == 0, folder.log_tail()
    full = RunFolder(tmp_path / "满")
    end = list(full.events())[-1]
    assert isinstance(end, Paused), full.log_tail()
    assert (end.code, end.step) == ("DISK_FULL", 25)
    assert end.params["path"].endswith("run")
    assert RunStatus.read(full).state is RunState.PAUSED
    assert [path.name for path in full.checkpoints.iterdir() if path.is_dir()] == [f"step-{end.step}"]
    later = RunFolder(tmp_path / "后来")
    starts = [event for event in later.events() if isinstance(event, Started)]
    assert [event.resumed_from_step for event in starts] == [0, end.step]
    assert isinstance(list(later.events())[-1], Finished)
    name = "weights.safetensors"
    assert (later.model / name).read_bytes() == (whole.model / name).read_bytes()


ON_A_CARD = """
import sys
from senti_studio.learning import devices
devices.card_of = lambda key: "显卡 1"
from senti_studio.worker.main import main
sys.exit(main(["train", sys.argv[1]]))
"""


def test_two_runs_on_one_card_come_one_after_the_other(make: MakeRun, start: StartRun) -> None:
    first, second = make("先", epochs=1000), make("后", epochs=1)
    one = start(first, [sys.executable, "-c", ON_A_CARD, str(first.path)])
    wait_for(first, Progress)
    other = start(second, [sys.executable, "-c", ON_A_CARD, str(second.path)])
    wait_for(second, Preparing, lambda event: event.stage == "waiting")
    assert second.state() is RunState.QUEUED
    assert [type(event) for event in second.events()] == [Started, Preparing], "it has not begun"
    first.send("pause")
    assert one.wait(60) == 0, first.log_tail()
    assert other.wait(60) == 0, second.log_tail()
    events = list(second.events())
    assert isinstance(events[-1], Finished)
    assert len([event for event in events if isinstance(event, Preparing) and event.stage == "waiting"]) == 1
    assert min(event.at for event in events[2:]) >= list(first.events())[-1].at


def test_a_run_that_waits_for_the_card_obeys(make: MakeRun, start: StartRun) -> None:
    first, second = make("先", epochs=1000), make("后", epochs=1)
    start(first, [sys.executable, "-c", ON_A_CARD, str(first.path)])
    wait_for(first, Progress)
    other = start(second, [sys.executable, "-c", ON_A_CARD, str(second.path)])
    wait_for(second, Preparing)
    second.send("cancel")
    assert other.wait(60) == 0, second.log_tail()
    assert second.state() is RunState.CANCELLED
    assert first.state() is RunState.RUNNING


def test_nothing_that_lies_in_a_run_folder_is_run(make: MakeRun, tmp_path: Path) -> None:
    """A project may come from anybody; the worker and the processes beside it work within its folder."""
    folder, mark = make("来历不明", epochs=1), tmp_path / "跑了"
    spec = folder.spec()
    assert isinstance(spec, TrainingSpec)
    folder.write_spec(dataclasses.replace(spec, device="cpu:2"))
    for name in ("senti_studio", "torch", "numpy", "json"):
        (folder.path / name).mkdir()
        (folder.path / name / "__init__.py").write_text(f"open({str(mark)!r}, 'w').close()\n", "utf-8")
    launch.launch_run(folder)
    wait_for(folder, Finished)
    wait_until(has_left_no_process)
    assert not mark.exists()


def has_left_no_process() -> bool:
    launch.reap_children()
    return not launch._children
