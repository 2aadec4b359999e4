"""The whole way from the command line: real import, real worker processes, tiny but real training."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from senti_studio.storage.project import Project

TINY = ["--epochs", "2", "--embedding-size", "8", "--hidden-size", "8", "--patience", "5"]


def _import(program, folder: Path, comments: Path, *more: str):  # type: ignore[no-untyped-def]
    program("new", folder)
    return program("import", folder, comments, "--text-column", "评论内容", "--label-column", "情感", *more)


def test_from_csv_to_classified_csv(program, tmp_path: Path, comments: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "我的 项目.senti"
    brought = _import(program, folder, comments)
    assert brought.status == 0
    report = brought.values["files"][0]
    assert (report["rows"], report["labelled"]) == (90, 90)

    trained = program("train", folder, *TINY, "--seed", "3")
    assert trained.status == 0, trained.said
    run = trained.values["run"]
    assert run["state"] == "finished"
    assert run["epoch"] == 2
    assert 0 < run["best_macro_f1"] <= 1
    assert sum(run["data_rows"].values()) == 90

    again = program("train", folder, *TINY, "--seed", "3")
    assert again.values["run"]["best_loss"] == run["best_loss"], "same seed, same result"
    assert again.values["run"]["data_rows"] == run["data_rows"]

    judged = program("evaluate", folder, "--run", run["id"], "--errors", tmp_path / "错例.csv")
    assert judged.values["rows"] == run["data_rows"]["test"]
    assert judged.values["accuracy"] == pytest.approx(run["test_accuracy"], abs=1e-4)
    assert sum(map(sum, judged.values["confusion"])) == judged.values["rows"]
    with (tmp_path / "错例.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == judged.values["rows"]

    scored = program("evaluate", folder, "--source", "门店 评论.csv")
    assert scored.values["rows"] == 90
    assert scored.values["learnt_from"] == run["data_rows"]["train"] + run["data_rows"]["valid"]

    classified = program("classify", folder, comments, "--model", run["id"])
    assert classified.status == 0, classified.said
    output = tmp_path / "门店 评论_已分类.csv"
    assert output.read_bytes().startswith(b"\xef\xbb\xbf")
    with comments.open(encoding="gb18030", newline="") as file:
        before = list(csv.reader(file))
    with output.open(encoding="utf-8-sig", newline="") as file:
        after = list(csv.reader(file))
    assert after[0] == [*before[0], "senti_label", "senti_conf", "p_正面", "p_中性", "p_负面"]
    assert [row[:4] for row in after] == before
    assert {row[4] for row in after[1:]} <= {"正面", "中性", "负面"}
    for row in after[1:]:
        assert sum(map(float, row[6:])) == pytest.approx(1, abs=2e-4)
        assert float(row[5]) == pytest.approx(max(map(float, row[6:])), abs=1e-4)

    for place, code in ((output, "OUTPUT_EXISTS"), (tmp_path / "没有" / "出.csv", "OUTPUT_FOLDER_MISSING")):
        refused = program("classify", folder, comments, "-o", place)
        assert (refused.status, refused.values["error"]["code"]) == (3, code)
    assert len(list((folder / "batches").iterdir())) == 1, "not a row was classified"

    exported = program("export", folder, "-o", tmp_path / "标注.jsonl")
    assert exported.values["rows"] == 90
    lines = [json.loads(line) for line in (tmp_path / "标注.jsonl").read_text("utf-8").splitlines()]
    assert [line["senti_label"] for line in lines] == [row[2] for row in before[1:]]

    repeated = program(
        "export", folder, "-o", tmp_path / "再来.csv", "--batch", "last", "--encoding", "gb18030"
    )
    assert repeated.status == 0
    with (tmp_path / "再来.csv").open(encoding="gb18030", newline="") as file:
        assert list(csv.reader(file)) == after

    twice = program("classify", folder, output, as_json=False)
    assert twice.status == 0, twice.said
    assert "已有这些列：senti_label、senti_conf、p_正面、p_中性、p_负面。" in twice.said
    assert "senti_label_2、senti_conf_2、p_正面_2、p_中性_2、p_负面_2" in twice.said
    (tmp_path / "门店 评论_已分类_已分类.csv").unlink()

    over = program("classify", folder, "--resume", "last")
    assert over.values["error"]["code"] == "RUN_IS_OVER"
    assert len(list(tmp_path.glob("*已分类*"))) == 1

    listed = program("runs", folder)
    assert [one["number"] for one in listed.values["runs"]] == [2, 1]


def test_given_splits_are_kept(program, tmp_path: Path, comments: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "切分.senti"
    _import(program, folder, comments)
    trained = program("train", folder, *TINY, "--split-column", "用途")
    assert trained.values["run"]["data_rows"] == {"train": 54, "valid": 18, "test": 18}

    other = tmp_path / "切分二.senti"
    _import(program, other, comments, "--split-column", "用途")
    trained = program("train", other, *TINY, "-a", "gru")
    assert trained.values["run"]["data_rows"] == {"train": 54, "valid": 18, "test": 18}

    third = tmp_path / "切分三.senti"
    _import(program, third, comments)
    copy = comments.with_name("测试 部分.csv")
    copy.write_bytes(comments.read_bytes())
    program("import", third, copy, "--text-column", "评论内容", "--label-column", "情感", "--again")
    words = program("train", third, *TINY, "--test-source", "测试 部分.csv", as_json=False)
    assert words.status == 0
    # 9 of the 90 texts went to validation.
    assert "81 行文本也在训练部分中" in words.said, "leaks of a given split are counted"


def test_ctrl_c_stops_training_and_keeps_the_best(tmp_path: Path, comments: Path, program) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "停止.senti"
    _import(program, folder, comments)
    process = subprocess.Popen(
        [sys.executable, "-m", "senti_studio", "train", str(folder), *TINY[2:], "--epochs", "900"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env={**os.environ, "LC_ALL": "zh_CN.UTF-8"},
        preexec_fn=_heed_ctrl_c,
    )
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            if "目前最佳" in line:
                process.send_signal(signal.SIGINT)
                break
        rest = process.stdout.read()
        assert process.wait(60) == 130, rest
    assert "已停止" in rest
    run = program("runs", folder).values["runs"][0]
    assert run["state"] == "stopped"
    weights = folder / "runs" / run["id"] / "model" / "weights.safetensors"
    learnt = weights.read_bytes()
    over = program("runs", folder, "last", "--resume")
    assert over.values["error"]["code"] == "RUN_HAS_MODEL"
    assert "--start-from 1" in over.said
    assert weights.read_bytes() == learnt, "its model is not trained anew"
    assert program("evaluate", folder, "--split", "valid").status == 0


def test_ctrl_c_before_the_first_evaluation_keeps_nothing(tmp_path: Path, comments: Path, program) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "太早.senti"
    _import(program, folder, comments)
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "senti_studio",
            "train",
            str(folder),
            "--epochs",
            "9",
            "--hidden-size",
            "512",
            "--layers",
            "3",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env={**os.environ, "LC_ALL": "zh_CN.UTF-8"},
        preexec_fn=_heed_ctrl_c,
    )
    with process:
        _wait(
            lambda: any("Preparing" in path.read_text("utf-8") for path in folder.glob("runs/*/events.jsonl"))
        )
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        rest = process.stdout.read()
        assert process.wait(60) == 130, rest
    assert "已放弃" in rest
    assert program("runs", folder).values["runs"][0]["state"] == "cancelled"
    assert program("evaluate", folder).values["error"]["code"] == "NO_MODEL_YET"
    over = program("runs", folder, "last", "--resume")
    assert over.values["error"]["code"] == "RUN_IS_OVER"


def test_a_killed_run_is_interrupted_and_goes_on(program, tmp_path: Path, comments: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "中断.senti"
    _import(program, folder, comments)
    started = program("train", folder, "--detach", *TINY[2:], "--epochs", "60")
    events = Path(started.values["folder"]) / "events.jsonl"
    _wait(lambda: events.exists() and events.read_text("utf-8").count("CheckpointSaved") > 2)
    pid = next(
        json.loads(line)["pid"] for line in events.read_text("utf-8").splitlines() if "Started" in line
    )
    os.kill(pid, signal.SIGKILL)
    _wait(lambda: program("runs", folder).values["runs"][0]["state"] == "interrupted")
    both = program("runs", folder, "last", "--stop", "--discard")
    assert both.status == 2
    assert "--stop" in both.said
    resumed = program("runs", folder, "last", "--resume", "--watch")
    assert resumed.status == 0, resumed.said
    assert resumed.values["run"]["state"] == "finished"
    seen = [json.loads(line) for line in events.read_text("utf-8").splitlines()]
    steps = [one["step"] for one in seen if one["type"] == "Evaluated" and one["split"] == "valid"]
    assert steps[-1] == max(steps)
    assert next(one for one in reversed(seen) if one["type"] == "Started")["resumed_from_step"] > 0


def _heed_ctrl_c() -> None:
    """What a shell starts in the background is deaf to Ctrl-C, and so are its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _wait(condition, seconds: float = 60) -> None:  # type: ignore[no-untyped-def]
    import threading
    import time

    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        threading.Event().wait(0.05)


def test_the_project_of_another_day_still_opens(program, tmp_path: Path, comments: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "移动前.senti"
    _import(program, folder, comments)
    run = program("train", folder, *TINY).values["run"]["id"]
    moved = tmp_path / "移动 后.senti"
    folder.rename(moved)
    assert program("evaluate", moved, "--run", run).status == 0
    project = Project.open(moved)
    try:
        assert project.comments.counts().labelled == 90
    finally:
        project.close()
