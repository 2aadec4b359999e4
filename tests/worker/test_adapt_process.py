"""An adaptation in its real process: killed and gone on with, paused, stopped, cancelled, shelved."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

from real_workers import StartRun, wait_until

from senti_studio.domain.adapting import AdaptOptions, AdaptSpec
from senti_studio.domain.run_states import RunState
from senti_studio.file_lock import FileLock
from senti_studio.jobs.protocol import (
    CheckpointSaved,
    Filled,
    Finished,
    Paused,
    Preparing,
    Progress,
    Started,
    Stopped,
)
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.paths import runtime_folder
from senti_studio.shelf import store
from senti_studio.worker.adapt import put_on_shelf

ON_A_CARD = """
import sys
from senti_studio.learning import devices
devices.card_of = lambda key: "显卡 2"
from senti_studio.worker.main import main
sys.exit(main(["adapt", sys.argv[1]]))
"""
LIMIT_S = 600
"""Seconds: much, for a machine on which everything else runs, too."""
_WORDS = ("很好", "喜欢", "满意", "不错", "很差", "讨厌", "失望", "难吃")


def _lines(count: int, first: int) -> str:
    texts = [
        f"第{n}次来，{_WORDS[n % 8]}，" + "位置在市中心" * (n % 3) + _WORDS[n // 8 % 8] for n in range(count)
    ]
    rows = [{"id": first + n, "text": text} for n, text in enumerate(texts)]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _folder(tmp_path: Path, name: str, *, target: str = "小店 编码器", **options: object) -> RunFolder:
    values = {"encoder": "scratch-tiny", "batch_tokens": 64, "min_frequency": 1, "seed": 3, **options}
    chosen = AdaptOptions(**values)  # type: ignore[arg-type]
    spec = AdaptSpec(name, name, target, chosen, "cpu", {"train": 60, "valid": 12}, {"held_out": 7})
    folder = RunFolder.create(tmp_path / name, spec)
    (folder.data / "train.jsonl").write_text(_lines(60, 1), "utf-8")
    (folder.data / "valid.jsonl").write_text(_lines(12, 1000), "utf-8")
    return folder


def _has(folder: RunFolder, kind: type, least_step: int = 0) -> bool:
    return any(
        isinstance(event, kind) and getattr(event, "step", 0) >= least_step for event in folder.events()
    )


def test_killed_equals_never_killed_and_lies_on_the_shelf(tmp_path: Path, start: StartRun) -> None:
    whole, folder = _folder(tmp_path, "一次", epochs=2), _folder(tmp_path, "两次", epochs=2)
    assert start(whole).wait(LIMIT_S) == 0, whole.log_tail()
    process = start(folder)
    # An epoch has some twenty steps and ends with a checkpoint; what comes behind it is learnt twice.
    wait_until(lambda: _has(folder, CheckpointSaved, 1), limit_s=LIMIT_S)
    process.kill()
    process.wait()
    assert folder.state() is RunState.INTERRUPTED
    assert start(folder, resume=True).wait(LIMIT_S) == 0, folder.log_tail()
    assert folder.state() is RunState.FINISHED

    first, second = (next(e for e in store.listed() if e.adapted["run"] == name) for name in ("一次", "两次"))
    assert (first.name, second.name) == ("小店 编码器", "小店 编码器 2")
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes(), name
    filled = [[e.loss for e in run.events() if isinstance(e, Filled)] for run in (whole, folder)]
    assert filled[0] == filled[1]
    assert store.changed_files(second) == []
    assert (second.source.kind, second.source.place) == ("adapted", "scratch-tiny")
    assert second.adapted["comments"] == {"train": 60, "valid": 12}
    assert second.adapted["left_out"] == {"held_out": 7}
    assert second.adapted["valid_loss"] < second.adapted["start_loss"]
    note = (second.folder / "encoder.json").read_text("utf-8")
    assert not [word for word in _WORDS if word in note], "counts, no texts"
    end = list(folder.events())[-1]
    assert end.output == {"encoder": second.name, "folder": str(second.folder)}  # type: ignore[attr-defined]
    assert not folder.checkpoints.exists()
    assert not (folder.path / "encoder").exists()


def test_pause_go_on_stop_and_cancel(tmp_path: Path, start: StartRun) -> None:
    folder = _folder(tmp_path, "读很久", epochs=400, patience=1000)
    process = start(folder)
    wait_until(lambda: _has(folder, Progress), limit_s=LIMIT_S)
    process.send_signal(signal.SIGTERM)
    assert process.wait(LIMIT_S) == 0, folder.log_tail()
    paused = list(folder.events())[-1]
    assert isinstance(paused, Paused)
    assert paused.step > 0
    process = start(folder, resume=True)
    wait_until(lambda: _has(folder, Progress, paused.step + 1), limit_s=LIMIT_S)
    folder.send("stop")
    assert process.wait(LIMIT_S) == 0, folder.log_tail()
    end = list(folder.events())[-1]
    assert isinstance(end, Stopped)
    assert [entry.name for entry in store.listed()] == [end.output["encoder"]]

    given_up = _folder(tmp_path, "算了", epochs=400, patience=1000)
    process = start(given_up)
    wait_until(lambda: _has(given_up, Progress), limit_s=LIMIT_S)
    given_up.send("cancel")
    assert process.wait(LIMIT_S) == 0, given_up.log_tail()
    assert given_up.state() is RunState.CANCELLED
    assert len(store.listed()) == 1
    assert not given_up.checkpoints.exists()


def test_it_waits_for_a_card_that_another_run_has(tmp_path: Path, start: StartRun) -> None:
    folder = _folder(tmp_path, "等显卡", epochs=1)
    held = FileLock(runtime_folder() / "card-显卡-2.lock")
    assert held.acquire()
    process = start(folder, [sys.executable, "-c", ON_A_CARD, str(folder.path)])
    wait_until(lambda: _has(folder, Preparing), limit_s=LIMIT_S)
    assert folder.state() is RunState.QUEUED
    assert [type(event) for event in folder.events()] == [Started, Preparing], "it has not begun"
    held.release()
    assert process.wait(LIMIT_S) == 0, folder.log_tail()
    assert isinstance(list(folder.events())[-1], Finished)


def test_no_room_on_the_shelf_is_a_pause(tmp_path: Path, home: Path) -> None:
    folder = _folder(tmp_path, "没有地方")
    spec = folder.spec()
    assert isinstance(spec, AdaptSpec)
    (home / "encoders").write_bytes(b"")  # a file where the shelf should be
    paused = put_on_shelf(folder, spec, Finished(metrics={"steps": 44}))
    assert isinstance(paused, Paused)
    assert (paused.step, paused.code) == (44, "CANNOT_READ")
