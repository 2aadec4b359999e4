"""What a training takes over from an earlier one, from the command line, with real workers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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

    second = program("train", folder, "--start-from", "last", "--epochs", "1", "--allow-few")
    assert second.status == 0, second.said
    run = Path(second.values["folder"])
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
