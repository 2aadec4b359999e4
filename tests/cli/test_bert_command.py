"""BERT from the command line: a new encoder is trained, classifies a file, and leaves as a plain folder."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_the_whole_way_with_a_new_encoder(
    program: Callable[..., Any], comments: Path, tmp_path: Path
) -> None:
    project = tmp_path / "门店.senti"
    assert program("new", project).status == 0
    assert (
        program("import", project, comments, "--text-column", "评论内容", "--label-column", "情感").status
        == 0
    )
    trained = program(
        "train",
        project,
        "--architecture",
        "bert",
        "--encoder",
        "scratch-tiny",
        "--epochs",
        "1",
        "--ignore-parts",
        as_json=False,
    )
    assert trained.status == 0, trained.said
    assert "编码器：scratch-tiny，新建的，还什么都没学过\n" in trained.said
    assert program("runs", project, "last").values["runs"][0]["architecture"] == "bert"
    on = ("--epochs", "1", "--ignore-parts", "--start-from", "last")
    again = program("train", project, *on, as_json=False)
    assert again.status == 0, again.said
    assert "· scratch-tiny 已完成" in again.out, "the encoder of the model that it began with"
    assert "还什么都没学过" not in again.said
    target = tmp_path / "分类.csv"
    assert program("classify", project, comments, "-o", target).status == 0
    with target.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 90
    eight = program(
        "classify", project, comments, "-o", tmp_path / "八位.csv", "--precision", "int8", "--insist"
    )
    assert eight.status == 0, eight.said
    numbers = eight.values["output"]["numbers"]
    assert (numbers["precision"], numbers["rows"]) == ("int8", 90)
    assert numbers["same"] > 90
    assert program("classify", project, comments, "--insist").status == 2
    plain = program("models", project, "last", "--transformers", "-o", tmp_path / "普通")
    assert plain.status == 0, plain.said
    assert plain.values["rows"] > 50
    assert (tmp_path / "普通" / "model.safetensors").is_file()
    onnx = program("models", project, "last", "--onnx", "-o", tmp_path / "通用")
    assert onnx.status == 0, onnx.said
    assert onnx.values["rows"] > 50
    assert onnx.values["difference"] <= 1e-5
    assert (tmp_path / "通用" / "tokenizer.json").is_file()


def test_an_encoder_that_is_nowhere(program: Callable[..., Any], comments: Path, tmp_path: Path) -> None:
    project = tmp_path / "店.senti"
    program("new", project)
    program("import", project, comments, "--text-column", "评论内容", "--label-column", "情感")
    answer = program("train", project, "-a", "bert", "--encoder", "没有的", as_json=False)
    assert answer.status != 0
    assert "没有叫“没有的”的编码器" in answer.said


def test_encoders_that_are_none_are_told_in_a_sentence(
    program: Callable[..., Any], comments: Path, tmp_path: Path
) -> None:
    project = tmp_path / "店.senti"
    program("new", project)
    program("import", project, comments, "--text-column", "评论内容", "--label-column", "情感")
    gpt, own = tmp_path / "写作 模型", tmp_path / "自带程序"
    for folder, config in (
        (gpt, {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}),
        (own, {"model_type": "bert", "auto_map": {"AutoModel": "own.Own"}}),
    ):
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (own / "own.py").write_text(f"open({str(tmp_path / '运行过')!r}, 'w')", encoding="utf-8")
    for folder, said in ((gpt, "续写文字的模型（GPT2LMHeadModel"), (own, "自带的程序（own.Own）")):
        answer = program("train", project, "-a", "bert", "--encoder", folder, as_json=False)
        assert answer.status != 0
        assert said in answer.said
        assert "Traceback" not in answer.said
    assert not (tmp_path / "运行过").exists()
