"""A run that begins with a model and asks it for pseudo-labels, killed and gone on with: equal bit by bit."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import LABELS
from real_workers import StartRun

from senti_studio.domain.specs import DataSummary, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.domain.transfer import EarlierModel, PseudoLabels
from senti_studio.jobs.protocol import Evaluated, Event, Preparing, Warned
from senti_studio.jobs.run_folder import EventTail, RunFolder

_WORDS = (("房间很大", "早餐不错", "服务热情", "掌柜好"), ("房间太小", "早餐难吃", "态度恶劣", "掌柜坏"))


def _rows(count: int, start: int) -> str:
    lines = []
    for number in range(start, start + count):
        label = number % 2
        text = f"第{number}次来，{_WORDS[label][number // 2 % 4]}，{_WORDS[label][number // 8 % 4]}"
        lines.append(json.dumps({"id": number, "text": text, "label": label}, ensure_ascii=False))
    return "\n".join(lines) + "\n"


@pytest.fixture
def make_folder(tmp_path: Path, model_folder: Path) -> Callable[[str], RunFolder]:
    def made(name: str) -> RunFolder:
        earlier = EarlierModel("run-1", "小模型")
        spec = TrainingSpec(
            name,
            name,
            "gru",
            LABELS,
            TrainingOptions(epochs=6, batch_size=8, embedding_size=8, hidden_size=6, patience=1000, seed=3),
            "cpu",
            DataSummary({"train": 80}, "0" * 64),
            start=earlier,
            pseudo=PseudoLabels(earlier, threshold=0.5, most=40, weight=0.5),
        )
        folder = RunFolder.create(tmp_path / name, spec)
        for part, count, start in (("train", 80, 0), ("valid", 40, 1000), ("test", 40, 2000)):
            (folder.data / f"{part}.jsonl").write_text(_rows(count, start), encoding="utf-8")
        (folder.data / "candidates.jsonl").write_text(_rows(200, 3000), encoding="utf-8")
        for copy in ("start", "teacher"):
            shutil.copytree(model_folder, folder.data / copy)
        return folder

    return made


def _kill_when(folder: RunFolder, process: subprocess.Popen[bytes], wanted: Callable[[Event], bool]) -> None:
    tail, pause, end = EventTail(folder.events_path), threading.Event(), time.monotonic() + 90
    while time.monotonic() < end:
        ended = process.poll() is not None
        if any(wanted(event) for event in tail.read()):
            process.kill()
            process.wait()
            return
        assert not ended, f"the worker ended early: {folder.log_tail()}"
        pause.wait(0.02)
    raise AssertionError(f"not seen; log: {folder.log_tail()}")


def test_killed_while_it_asks_and_while_it_learns(
    make_folder: Callable[[str], RunFolder], start: StartRun, tmp_path: Path
) -> None:
    whole = make_folder("一次")
    assert start(whole).wait(120) == 0, whole.log_tail()
    folder = make_folder("三次")
    _kill_when(folder, start(folder), lambda event: isinstance(event, Preparing) and event.stage == "asking")
    _kill_when(
        folder, start(folder, resume=True), lambda event: isinstance(event, Evaluated) and event.epoch >= 2
    )
    # Moved to another place: the run needs nothing but its folder.
    moved = RunFolder(folder.path.rename(tmp_path / "别处 运行"))
    assert start(moved, resume=True).wait(120) == 0, moved.log_tail()
    for name in ("weights.safetensors", "vocabulary.json"):
        assert (moved.model / name).read_bytes() == (whole.model / name).read_bytes()
    assert (moved.data / "pseudo.jsonl").read_bytes() == (whole.data / "pseudo.jsonl").read_bytes()
    told = [event for event in whole.events() if isinstance(event, Warned) and event.code == "PSEUDO_JOINED"]
    assert len(told) == 1
    card = json.loads((whole.model / "card.json").read_bytes())
    assert card["reading"]["start"]["new_units"] > 0
    assert card["metrics"]["pseudo_rows"] == sum(card["pseudo"]["joined"].values()) > 0
