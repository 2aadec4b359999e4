"""The baseline from the command line: trained, evaluated, used for a file; what it is compared with."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def project(program: Any, comments: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "门店.senti"
    assert program("new", folder).status == 0
    columns = ("--text-column", "评论内容", "--label-column", "情感")
    done = program("import", folder, comments, *columns)
    assert done.status == 0, done.said
    return folder


def test_a_baseline_from_training_to_a_classified_file(program: Any, project: Path, tmp_path: Path) -> None:
    said = program("train", project, "-a", "baseline", "--layers", "2", as_json=False)
    assert said.status == 0, said.said
    assert "TF-IDF 用不到 --layers" in said.said
    assert "TF-IDF #1 已完成" in said.out
    assert "第 2.0 轮：验证损失" in said.said
    assert "目前最佳" not in said.said, "the last figures count, be they the highest or not"
    assert "对照（准确率 / 宏 F1）：TF-IDF 基线" in said.out
    assert "总猜“" in said.out
    assert "还不如基线" not in said.out, "it is the baseline itself"
    assert "最佳验证宏 F1" not in said.out, "the last one need not be the highest"
    assert "验证宏 F1" in said.out
    found = program("evaluate", project)
    assert found.status == 0
    assert found.values["name"] == "TF-IDF #1"
    assert found.values["compared"]["baseline_accuracy"] == found.values["accuracy"]
    assert found.values["compared"]["baseline_macro_f1"] == found.values["macro_f1"]
    assert 0.2 < found.values["compared"]["majority_accuracy"] < 0.6
    assert found.values["compared"]["majority"] in ("正面", "中性", "负面")
    new = tmp_path / "新的 评论.csv"
    with new.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([["评论"], ["味道很好，下次还来"], ["太难吃了，再也不来"]])
    assert program("classify", project, new, "-o", tmp_path / "好了.csv").status == 0
    with (tmp_path / "好了.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 3
    assert {"正面", "负面", "中性"} & set(rows[1])

    (card,) = project.glob("runs/*/model/card.json")
    values = json.loads(card.read_bytes())
    values["metrics"] |= {"test_baseline_macro_f1": 0.999, "valid_baseline_macro_f1": 0.999}
    card.write_text(json.dumps(values), "utf-8")
    for words in (("evaluate", project), ("runs", project, "last", "--watch")):
        told = program(*words, as_json=False).out
        assert "0.999" in told
        assert "还不如基线" not in told, "a baseline of another linear model is no net below the baseline"


def test_a_net_below_the_baseline_is_told_to_be_so_where_that_is_no_chance(
    program: Any, project: Path
) -> None:
    small = ("--epochs", "1", "--hidden-size", "4", "--embedding-size", "4", "--no-ngrams", "--seed", "1")
    said = program("train", project, "-a", "textcnn", *small, "--learning-rate", "0.000001", as_json=False)
    assert said.status == 0, said.said
    assert "TextCNN #1 已完成" in said.out
    assert "分不出高下" in said.out, "of twelve rows"
    assert "还不如基线" not in said.out
    (card,) = project.glob("runs/*/model/card.json")
    values = json.loads(card.read_bytes())
    values["metrics"]["test_baseline_macro_f1"] = 0.999
    card.write_text(json.dumps(values), "utf-8")
    for words in (("evaluate", project), ("runs", project, "last", "--watch")):
        assert "还不如基线" in program(*words, as_json=False).out


@pytest.mark.parametrize("several", ["--seeds", "--folds", "--sizes"])
def test_several_trainings_are_told_to_be_below_the_baseline(
    program: Any, project: Path, several: str
) -> None:
    small = ("--epochs", "1", "--hidden-size", "4", "--embedding-size", "4", "--no-ngrams", "--seed", "1")
    idle = ("-a", "textcnn", *small, "--learning-rate", "0.000001", several, "2")
    said = program("train", project, *idle, as_json=False)
    assert said.status == 0, said.said
    assert "还不如基线" in said.out
