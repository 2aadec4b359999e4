"""``--preset``: the options of a preset, under those that are typed; told where an architecture has none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def folder(program, tmp_path: Path, comments: Path) -> Path:  # type: ignore[no-untyped-def]
    made = tmp_path / "我的 项目.senti"
    program("new", made)
    program("import", made, comments, "--text-column", "评论内容", "--label-column", "情感")
    return made


def test_the_best_preset_trains_a_mix(program, folder: Path) -> None:  # type: ignore[no-untyped-def]
    small = ["--epochs", "1", "--hidden-size", "8", "--allow-few"]
    done = program("train", folder, *small, "--preset", "best", "--mix", "distilled")
    assert done.status == 0, done.said
    run = Path(done.values["folder"])
    options = json.loads((run / "spec.json").read_bytes())["options"]
    assert (options["mix"], options["units"], options["vectors"]) == ("distilled", "both", "general")
    card = json.loads((run / "model" / "card.json").read_bytes())
    assert card["reading"]["distilled"]["kept"] in ("pupil", "mix")
    assert card["reading"]["vectors"]["source"] == "general"
    page = (run / "model" / "card.md").read_text("utf-8")
    assert "随软件附带" in page
    assert "蒸馏" in page
    assert "distilled" in page

    again = program("train", folder, "--options-of", "last", "--preset", "balanced", "--allow-few")
    assert again.status == 0, again.said
    options = json.loads((Path(again.values["folder"]) / "spec.json").read_bytes())["options"]
    assert (options["mix"], options["units"], options["vectors"]) == ("none", "words", "general")
    assert options["hidden_size"] == 8, "the rest is that of the run that was named"


def test_an_architecture_without_presets_says_so(program, folder: Path) -> None:  # type: ignore[no-untyped-def]
    done = program("train", folder, "-a", "baseline", "--preset", "best", "--allow-few")
    assert done.status == 0, done.said
    assert "--preset" in done.said


def test_what_contradicts_itself_is_refused(program, folder: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for words in (
        ("--preset", "best", "--mix", "none"),
        ("--preset", "balanced", "--mix", "views"),
        ("--vectors", "project", "--vectors-file", tmp_path / "词向量.txt"),
    ):
        refused = program("train", folder, *words, as_json=False)
        assert refused.status == 2
        assert words[2] in refused.said
    assert program("runs", folder).values["runs"] == []


def test_a_file_of_vectors_is_used_without_another_word(program, folder: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    missing = program("train", folder, "--vectors-file", tmp_path / "没有.txt", "--allow-few")
    assert missing.values["error"]["code"] == "VECTORS_NOT_FOUND"
