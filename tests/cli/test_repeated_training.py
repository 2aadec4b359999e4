"""Folds and a search from the command line: real workers, every comment predicted, options taken over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

TINY = ["--epochs", "2", "--embedding-size", "8", "--hidden-size", "8", "--no-ngrams", "--allow-few"]


@pytest.fixture
def folder(program, tmp_path: Path, comments: Path) -> Path:  # type: ignore[no-untyped-def]
    made = tmp_path / "我的 项目.senti"
    program("new", made)
    program("import", made, comments, "--text-column", "评论内容", "--label-column", "情感")
    return made


def test_folds_predict_every_labelled_comment(program, folder: Path) -> None:  # type: ignore[no-untyped-def]
    refused = program("train", folder, *TINY, "--folds", "40")
    assert (refused.status, refused.values["error"]["code"]) == (3, "TOO_FEW_FOR_FOLDS")
    trained = program("train", folder, *TINY, "--folds", "2")
    assert trained.status == 0, trained.said
    assert [trial["number"] for trial in trained.values["trials"]] == [1, 2]
    rows = trained.values["run"]["data_rows"]
    judged = program("evaluate", folder, "--split", "folds")
    assert judged.values["rows"] == rows["train"] + rows["valid"]
    mean = trained.values["spread"]["accuracy"]["mean"]
    assert judged.values["accuracy"] == pytest.approx(mean, abs=0.02), "folds are nearly of one size"
    assert trained.values["run"]["best_accuracy"] == pytest.approx(mean, abs=1e-4)
    assert trained.values["best_trial"] is None, "each fold is held out once, none is chosen"
    assert trained.values["kept_trial"] in (1, 2)
    told = program("runs", folder, "last", "--watch", as_json=False)
    assert "目前最佳" not in told.said
    assert "（最佳）" not in told.out
    assert "（留作模型）" in told.out


def test_a_search_and_a_training_with_what_it_found(program, folder: Path) -> None:  # type: ignore[no-untyped-def]
    found = program("search", folder, *TINY, "--learning-rate", "0.00001", "--trials", "3")
    assert found.status == 0, found.said
    best = found.values["trials"][found.values["best_trial"] - 1]
    listed = program("runs", folder, "last")
    assert listed.values["best_trial"] == best["number"]
    assert listed.values["runs"][0]["repetition"] == {"mode": "search", "count": 3, "over": 3}
    told = program("runs", folder, "last", as_json=False)
    assert "（最佳）" in told.out
    assert "3/3 次" in told.out
    again = program("train", folder, "--options-of", "last", "--epochs", "1")
    assert again.status == 0, again.said
    spec = json.loads((Path(again.values["folder"]) / "spec.json").read_bytes())
    assert {name: spec["options"][name] for name in best["options"]} == best["options"]
    assert spec["options"]["epochs"] == 1, "what is given wins"
    assert spec["repetition"]["mode"] == "once"
    assert program("train", folder, "--seeds", "2", "--folds", "2").status == 2
