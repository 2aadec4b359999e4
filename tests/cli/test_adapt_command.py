"""``senti-studio adapt``: an encoder reads, lies on the shelf, and is trained on."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from senti_studio.domain.encoder_size import PastRun
from senti_studio.shelf import speeds

SMALL = ("--epochs", "1", "--batch-tokens", "512", "--min-frequency", "1")


def _project(program: Callable[..., Any], comments: Path, tmp_path: Path) -> Path:
    project = tmp_path / "门店.senti"
    program("new", project)
    columns = ("--text-column", "评论内容", "--label-column", "情感", "--split-column", "用途")
    brought = program("import", project, comments, *columns)
    assert brought.status == 0, brought.said
    more = tmp_path / "没有标签.csv"
    with more.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["评论内容"], *([f"这是第{n}条没有标签的评论，味道不错"] for n in range(40))]
        )
    assert program("import", project, more, "--text-column", "评论内容").status == 0
    return project


def test_read_then_train(program: Callable[..., Any], comments: Path, tmp_path: Path) -> None:
    project = _project(program, comments, tmp_path)
    read = program("adapt", project, "--encoder", "scratch-tiny", *SMALL, "--as", "读过的", as_json=False)
    assert read.status == 0, read.said
    assert "条不读：测试集和默认训练的验证部分" in read.said
    assert "从零开始的编码器这次一共只读约" in read.said
    assert "词元/秒" in read.said or "填空损失" in read.said
    assert "新编码器“读过的”在编码器架上" in read.out

    told = program("runs", project).values["runs"][0]
    assert (told["kind"], told["state"], told["made_encoder"]) == ("adapt", "finished", "读过的")
    assert told["start_loss"] > told["best_loss"]
    assert "best_accuracy" in told
    cells = program("runs", project, as_json=False).out
    assert f"{told['best_loss']:.3f}" in cells
    assert f"{told['best_accuracy']:.3f}" not in cells, "guessed words are no accuracy"
    listed = program("encoders", "list").values
    entry = next(each for each in listed["encoders"] if each["name"] == "读过的")
    assert entry["adapted"]["from"] == "scratch-tiny"
    assert entry["adapted"]["left_out"]["held_out"] == 36, "the parts that came with the file"
    assert "由 scratch-tiny 适应" in program("encoders", "list", as_json=False).out

    trained = program("train", project, "-a", "bert", "--encoder", "读过的", "--epochs", "1")
    assert trained.status == 0, trained.said
    spec = json.loads((Path(trained.values["folder"]) / "spec.json").read_bytes())
    assert spec["options"]["learning_rate"] == 3e-4, "as small as it was when it began from nothing"
    assert program("evaluate", project).status == 0, "an adaptation is no model"
    answer = program("train", project, "--options-of", str(told["number"]), as_json=False)
    assert answer.status == 3
    assert "没有可以沿用的训练选项" in answer.said
    assert program("runs", project, str(told["number"]), "--resume").status == 3
    path = project / "runs" / told["id"] / "spec.json"
    spec = json.loads(path.read_bytes())
    spec["options"]["tokens"] = 5000
    path.write_text(json.dumps(spec), "utf-8")
    with path.with_name("events.jsonl").open("ab") as file:
        file.write(b"\n")  # it is read anew
    assert f"{told['tokens']:,}/5,000 词元" in program("runs", project, as_json=False).out


@pytest.mark.long
def test_so_many_tokens_and_words_of_the_help(
    program: Callable[..., Any], comments: Path, tmp_path: Path
) -> None:
    project = _project(program, comments, tmp_path)
    speeds.keep(PastRun("adapt", "cpu", 2, 128, 512, 20.0, 4e7))
    read = program("adapt", project, "--encoder", "scratch-tiny", *SMALL, "--tokens", "0.1万", "--detach")
    assert read.status == 0, read.said
    plan = read.values["plan"]
    assert (plan["tokens_seen"], plan["earlier_runs"]) == (1000, 1)
    assert plan["seconds"] == pytest.approx(1000 / plan["tokens_per_s"], rel=0.2)
    told = [each["code"] for each in plan["warnings"]]
    assert told[:2] == ["ADAPT_TOO_LITTLE", "ADAPT_TOO_SLOW_HERE"], "a computer too slow for it is told"
    number = read.values["run"]["number"]
    taken = program("adapt", project, "--encoder", "scratch-tiny", *SMALL, "--as", "tiny-门店")
    assert (taken.status, "“tiny-门店”" in taken.said) == (3, True), "the name is given away"
    trained = program("train", project, "-a", "bert", "--encoder", "tiny-门店", "--epochs", "1")
    assert trained.status == 0, trained.said
    spec = json.loads((Path(trained.values["folder"]) / "spec.json").read_bytes())
    assert (spec["options"]["encoder"], spec["awaits"]) == ("tiny-门店", None)
    assert spec["options"]["learning_rate"] == 3e-4, "as small as what it is made from"
    watched = program("runs", project, str(number), "--watch")
    assert watched.status == 0, watched.said
    assert watched.values["encoder"]["encoder"] == "tiny-门店"
    assert watched.values["metrics"]["tokens"] > 500
    assert program("adapt", project, "--tokens", "很多", as_json=False).status == 2
    shown = program("adapt", "--help", as_json=False).out
    assert "让编码器用填空的方式读" in shown
    assert "  --mask-share FLOAT" in shown
