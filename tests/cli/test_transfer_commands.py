"""What a training takes over from an earlier one, from the command line, with real workers."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from senti_studio.resources import resource

TINY = ["--epochs", "1", "--embedding-size", "8", "--hidden-size", "8", "--no-ngrams", "--allow-few"]


@pytest.fixture
def folder(program, tmp_path: Path, comments: Path) -> Path:  # type: ignore[no-untyped-def]
    made = tmp_path / "我的 项目.senti"
    program("new", made)
    program("import", made, comments, "--text-column", "评论内容", "--label-column", "情感")
    return made


def test_a_training_starts_from_the_last_one(program, folder: Path) -> None:  # type: ignore[no-untyped-def]
    first = program("train", folder, *TINY, "-a", "gru", "--name", "第一次")
    assert first.status == 0, first.said
    refused = program("train", folder, "--start-from", "last", "--hidden-size", "16", "--allow-few")
    assert refused.values["error"]["code"] == "START_DOES_NOT_FIT"
    assert "hidden_size: 8 → 16" in refused.said + json.dumps(refused.values, ensure_ascii=False)

    asked = ("--start-from", "last", "--epochs", "1", "--allow-few")
    second = program("train", folder, *asked, as_json=False)
    assert second.status == 0, second.said
    (run,) = (each for each in (folder / "runs").iterdir() if each.name != first.values["run"]["id"])
    spec = json.loads((run / "spec.json").read_bytes())
    assert (spec["architecture"], spec["options"]["hidden_size"], spec["options"]["ngrams"]) == (
        "gru",
        8,
        False,
    )
    assert spec["start"]["name"] == "第一次"
    assert (run / "data" / "start" / "weights.safetensors").exists()
    card = (run / "model" / "card.md").read_text("utf-8")
    assert "从模型“第一次”的权重开始" in card
    warned = [json.loads(line) for line in (run / "events.jsonl").read_bytes().splitlines()]
    codes = [event["code"] for event in warned if event["type"] == "Warned"]
    assert "START_HAS_SEEN" in codes, "the validation part is the same"
    assert second.said.count("“第一次”见过") == 1, "the plan and the run say the same"
    assert "* 词表：词 " in card


def test_comments_without_a_label_join(program, folder: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with resource("samples", "sample_comments.csv").open(encoding="utf-8-sig", newline="") as file:
        free = [row["评论内容"] for row in csv.DictReader(file) if not row["人工标注"]][:60]
    path = tmp_path / "没有标签.csv"
    path.write_text("评论内容\n" + "\n".join(f'"{text}"' for text in free), "utf-8")
    assert program("import", folder, path, "--text-column", "评论内容").status == 0
    first = program("train", folder, "-a", "baseline", "--allow-few")
    assert first.status == 0, first.said
    counts = program("project", folder).values
    second = program(
        "train", folder, "-a", "baseline", "--allow-few", "--pseudo-labels-of", "last",
        "--pseudo-threshold", "0.5", "--pseudo-most", "5", "--pseudo-weight", "0.5", "--no-pseudo-balanced",
    )  # fmt: skip
    assert second.status == 0, second.said
    run = Path(second.values["folder"])
    joined = [json.loads(line) for line in (run / "data" / "pseudo.jsonl").read_bytes().splitlines()]
    assert joined
    assert max(Counter(row["label"] for row in joined).values()) <= 5
    assert {row["text"] for row in joined} <= set(free)
    spec = json.loads((run / "spec.json").read_bytes())
    assert (spec["pseudo"]["threshold"], spec["pseudo"]["most"], spec["pseudo"]["weight"]) == (0.5, 5, 0.5)
    assert program("project", folder).values == counts, "nothing of it is an annotation"
    warned = second.values["run"]["warnings"]
    assert "TEACHER_KNOWS_VALIDATION" in warned, "the parts are the same"
    assert "TEACHER_HAS_SEEN" not in warned, "nothing of the test part"
    pseudo = second.values["pseudo"]
    counted = Counter(row["label"] for row in joined)
    assert pseudo["joined"] == {spec["labels"][number]["key"]: n for number, n in counted.items()}
    assert pseudo["without"]["run"] == first.values["run"]["id"], "the same training without them"
    assert {"accuracy", "macro_f1"} <= set(pseudo["without"]["change"])
    card = (run / "model" / "card.md").read_text("utf-8")
    assert re.search(r"作为老师的模型学过验证集的 [1-9]\d* 条评论", card), "and nothing of the test set"
    refused = program("train", folder, "--folds", "2", "--allow-few", "--pseudo-labels-of", "last")
    assert refused.values["error"]["code"] == "PSEUDO_NO_FOLDS"


def test_a_net_learns_from_a_teacher(program, folder: Path) -> None:  # type: ignore[no-untyped-def]
    refused = program("train", folder, "--allow-few", "--teacher", "没有的")
    assert refused.status != 0
    first = program("train", folder, "-a", "baseline", "--allow-few", "--name", "老师")
    assert first.status == 0, first.said
    for wrong, code in (
        (("-a", "baseline", "--teacher", "last"), "TEACHER_NO_BASELINE"),
        (("--folds", "2", "--teacher", "last"), "TEACHER_NO_FOLDS"),
        (("--teacher", "last", "--pseudo-labels-of", "last"), "TEACHER_OR_PSEUDO"),
        (("--teacher", "last", "--teacher-temperature", "0.1"), "BAD_SPEC"),
    ):
        refused = program("train", folder, "--allow-few", *wrong)
        assert refused.values["error"]["code"] == code
    second = program(
        "train", folder, *TINY, "--teacher", "last", "--teacher-temperature", "3",
        "--teacher-hard-share", "0.2", "--teacher-most", "7",
    )  # fmt: skip
    assert second.status == 0, second.said
    run = Path(second.values["folder"])
    spec = json.loads((run / "spec.json").read_bytes())
    assert spec["teaching"]["model"]["name"] == "老师"
    assert (spec["teaching"]["temperature"], spec["teaching"]["most"]) == (3.0, 7)
    said = second.values["teaching"]
    assert said["model"] == "老师"
    assert said["teacher_rows_per_s"] > 0
    assert said["pupil_rows_per_s"] > 0
    assert 0 <= said["teacher_macro_f1"] <= 1
    assert "跟“老师”学" in (run / "model" / "card.md").read_text("utf-8")
