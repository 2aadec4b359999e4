"""``senti-studio evaluate``: intervals, two runs, values of a column, changed labels; ``--group-column``."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from senti_studio.domain.architectures import default_options
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import Evaluated, Finished, Started
from senti_studio.operations import training
from senti_studio.operations.training import TrainingRequest
from senti_studio.storage.project import Project

NAMES = ("正面", "中性", "负面")


@pytest.fixture
def folder(program: Any, tmp_path: Path) -> Path:
    """600 labelled comments of four shops and sixty users."""
    path = tmp_path / "门店.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["评论", "情感", "门店", "用户"])
        for n in range(600):
            writer.writerow([f"第 {n} 次来这里吃饭", NAMES[n % 3], f"{n % 4} 号店", f"用户{n % 60}"])
    project = tmp_path / "门店.senti"
    program("new", project)
    program("import", project, path, "--text-column", "评论", "--label-column", "情感")
    return project


def finished_run(folder: Path, *, wrong_each: int) -> str:
    """A run whose test predictions are wrong on every so-manieth row, and always in shop 3."""
    with Project.open(folder) as project:
        run = training.create_run(project, TrainingRequest(options=TrainingOptions(seed=1)))
        run.append_event(Started(epochs=1))
        run.append_event(Evaluated(split="valid", epoch=1.0, accuracy=0.8, macro_f1=0.8, is_best=True))
        (run.path / "predictions").mkdir()
        rows = [json.loads(line) for line in (run.data / "test.jsonl").read_text("utf-8").splitlines()]
        shops = project.original_cells.of([row["id"] for row in rows], "门店")
        lines = []
        for place, row in enumerate(rows):
            is_wrong = place % wrong_each == 0 or shops[row["id"]] == "3 号店"
            said = (row["label"] + is_wrong) % 3
            shares = [0.05, 0.05, 0.05]
            shares[said] = 0.9
            lines.append(json.dumps({"id": row["id"], "label": row["label"], "predicted": said, "p": shares}))
        (run.path / "predictions" / "test.jsonl").write_text("\n".join(lines), "utf-8")
        run.model.mkdir()
        for name in ("weights.safetensors", "config.json", "labels.json"):
            (run.model / name).write_text("{}", "utf-8")
        run.append_event(Finished(reason="epochs", output={"model": "model"}))
    return run.id


def test_two_runs_and_the_values_of_a_column(program: Any, folder: Path) -> None:
    first = finished_run(folder, wrong_each=9)
    second = finished_run(folder, wrong_each=2)
    found = program("evaluate", folder, "--run", first, "--against", second, "--by", "门店").values
    low, high = found["intervals"]["accuracy"]
    assert low < found["accuracy"] < high
    assert set(found["intervals"]["f1"]) == set(NAMES)
    assert found["calibration"]["lean"] == pytest.approx(0.9 - found["accuracy"], abs=1e-3)
    against = found["against"]
    assert against["is_same_set"]
    assert against["mcnemar_p"] < 0.01
    assert against["difference"]["accuracy_interval"][0] > 0
    worst = found["by"]["values"][0]
    assert (worst["value"], worst["accuracy"], worst["is_worse"]) == ("3 号店", 0.0, True)
    assert sum(each["rows"] for each in found["by"]["values"]) == found["rows"]

    said = program("evaluate", folder, "--run", "1", "--against", "2", "--by", "门店", as_json=False).out
    assert "LSTM #1 多对" in said
    assert "不像是巧合" in said
    assert "明显更差" in said
    said = program("evaluate", folder, "--run", "2", "--against", "1", as_json=False).out
    assert "LSTM #1 多对" in said, "the better one is named whichever way round"
    same = program("evaluate", folder, "--run", "1", "--against", "1", as_json=False).out
    assert "两者对的评论一样多" in same


def test_a_run_tells_the_options_that_are_not_the_defaults(program: Any, folder: Path) -> None:
    finished_run(folder, wrong_each=9)
    with Project.open(folder) as project:
        training.create_run(project, TrainingRequest(options=replace(default_options("lstm"), epochs=3)))
    assert program("runs", folder, "last").values["options"] == {"epochs": 3}
    assert "与默认不同的选项：epochs=3\n" in program("runs", folder, "2", as_json=False).out
    assert "options" not in program("runs", folder).values


def test_the_learning_curve(program: Any, folder: Path) -> None:
    finished_run(folder, wrong_each=9)
    curve = program("evaluate", folder, "--curve").values["curve"]
    assert [point["labels"] for point in curve["points"]] == sorted(
        point["labels"] for point in curve["points"]
    )
    assert len(curve["points"]) == 5
    assert all(point["low"] <= point["score"] <= point["high"] for point in curve["points"])


def test_what_changed_since_and_what_cannot_be_compared(program: Any, folder: Path) -> None:
    run = finished_run(folder, wrong_each=9)
    with Project.open(folder) as project:
        ids = sorted(project.test_sets.current())
        project.annotations.label(ids[:4], None, annotator="小王").result()
        project.test_sets.draw(range(1, 60))
    said = program("evaluate", folder, "--run", run, as_json=False).out
    assert "4 条现在没有标签" in said
    other = finished_run(folder, wrong_each=9)
    refused = program("evaluate", folder, "--run", run, "--against", other)
    assert refused.values["error"]["code"] == "OTHER_TEST_SET"
    assert program("evaluate", folder, "--by", "没有").values["error"]["code"] == "NO_SUCH_COLUMN"


def test_a_user_stays_on_one_side(program: Any, folder: Path) -> None:
    tiny = ["--epochs", "1", "--embedding-size", "4", "--hidden-size", "4", "--group-column", "用户"]
    answer = program("train", folder, *tiny, as_json=False)
    assert answer.status == 0, answer.said
    assert "同一“用户”都在同一边" in answer.said
    assert "senti-studio index" in answer.said
    with Project.open(folder) as project:
        run = training.list_runs(project)[0]
        data = training.folder_of(project, run.id).data
        users = []
        for part in ("train", "valid", "test"):
            ids = [
                json.loads(line)["id"] for line in (data / f"{part}.jsonl").read_text("utf-8").splitlines()
            ]
            users.append(set(project.original_cells.of(ids, "用户").values()))
    assert all(users)
    assert sum(map(len, users)) == 60
    assert program("train", folder, "--group-column", "手机号").values["error"]["code"] == "NO_SUCH_COLUMN"
