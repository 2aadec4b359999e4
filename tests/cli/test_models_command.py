"""``senti-studio models``: what leaves the program of a model, and that programs hear the same from it."""

from __future__ import annotations

import csv
import json
import os
import pickle
import re
import shutil
from pathlib import Path

import pytest

import senti_studio

SMALL = ("--epochs", "2", "--hidden-size", "8", "--embedding-size", "12", "--name", "评论 一号")


_made: list[Path] = []


@pytest.fixture
def project(program, comments: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # type: ignore[no-untyped-def]
    """A copy of a project with one tiny model, trained once."""
    if not _made:
        folder = tmp_path_factory.mktemp("项目") / "门店.senti"
        assert program("new", folder).status == 0
        columns = ("--text-column", "评论内容", "--label-column", "情感", "--split-column", "用途")
        assert program("import", folder, comments, *columns).status == 0
        assert program("train", folder, *SMALL).status == 0
        _made.append(folder)
    return Path(shutil.copytree(_made[0], tmp_path / "门店.senti"))


def test_card_copy_load_export_keep(program, project: Path, comments: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (listed,) = program("models", project).values["models"]
    assert listed["name"] == "评论 一号"
    assert listed["is_kept"] is False
    shown = program("models", project, "last", "--card", as_json=False).out
    assert shown.startswith("# 评论 一号\n")
    assert f"{comments.name} (90)" in shown
    assert "## 局限" in shown
    assert "## Limits" not in shown
    assert "`batch_size = 32`" in shown
    assert "每步实际学习 8 条评论" in shown, "54 comments are learnt in smaller batches"
    sure = program("evaluate", project).values["intervals"]
    for low, high in (sure["accuracy"], sure["macro_f1"]):
        assert f"{low:.4f} – {high:.4f}" in shown, "card and evaluation say the same of a figure"
    of_classes = re.findall(r" ([\d.]+) \(([\d.]+) – ([\d.]+)\) \|", shown.partition("### 验证集")[0])
    for told, (low, high) in zip(of_classes, sure["f1"].values(), strict=True):
        assert [float(end) for end in told[1:]] == pytest.approx([low, high], abs=6e-4)

    card = tmp_path / "模型卡.md"
    wanted = ("models", project, "last", "--card", "-o", card)
    assert program(*wanted).status == 0
    assert card.read_text(encoding="utf-8") == shown
    assert program(*wanted).values["error"]["code"] == "OUTPUT_EXISTS"
    assert program("--language", "en", *wanted, "--overwrite").status == 0
    assert "## Limits" in card.read_text(encoding="utf-8")

    copy = tmp_path / "拷走的 模型"
    assert program("models", project, "last", "--copy", "-o", copy).status == 0
    again = program("models", project, "last", "--copy", "-o", copy)
    assert again.values["error"]["code"] == "FOLDER_NOT_EMPTY"
    _same_as_the_command(program, project, copy, comments, tmp_path)

    packed = tmp_path / "拷走的 模型.zip"
    wanted = ("models", project, "last", "--copy", "-o", packed)
    assert program(*wanted).values == {"model": listed["id"], "path": str(packed)}
    texts = ["味道不错", "太慢了"]
    assert senti_studio.load(packed)(texts) == senti_studio.load(copy)(texts)
    assert program(*wanted).values["error"]["code"] == "OUTPUT_EXISTS"
    assert program(*wanted, "--overwrite").status == 0
    assert sorted(each.name for each in tmp_path.iterdir() if each.name.startswith(".")) == []

    exported = program("models", project, "last", "--onnx", "-o", tmp_path / "导出").values
    assert exported["rows"] >= 80
    assert exported["difference"] <= 1e-4
    assert (tmp_path / "导出" / "README.md").read_text(encoding="utf-8").startswith("# 评论 一号 · ONNX")

    kept = program("models", project, "last", "--keep").values
    assert program("runs", project, "last", "--discard").status == 0
    (left,) = program("models", project).values["models"]
    assert (left["id"], left["is_kept"]) == (kept["model"], True)
    assert program("models", project, left["id"], "--card").status == 0
    assert "评论 一号" in program("models", project, as_json=False).out


def _same_as_the_command(program, project: Path, model: Path, comments: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """The CSV of `classify` and `senti_studio.load` say the same of each comment."""
    done = program("classify", project, comments, "-o", tmp_path / "分类.csv", "--text-column", "评论内容")
    assert done.status == 0
    with (tmp_path / "分类.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    loaded = senti_studio.load(model)
    results = loaded([row["评论内容"] for row in rows])
    assert len(rows) == 90
    assert len({result.label for result in results}) > 1
    for row, result in zip(rows, results, strict=True):
        assert row["senti_label"] in (result.label, result.key)
        assert float(row["senti_conf"]) == pytest.approx(result.probability, abs=6e-5)


def test_what_is_asked_wrongly(program, project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert program("models", project, "last", "--onnx", as_json=False).status == 2
    assert program("models", project, "--card", as_json=False).status == 2
    as_zip = program("models", project, "last", "--onnx", "-o", tmp_path / "导出.zip", as_json=False)
    assert (as_zip.status, "--copy" in as_zip.said) == (2, True)
    assert not (tmp_path / "导出.zip").exists()
    assert program("models", project, "last", "--card", "--keep", as_json=False).status == 2
    assert program("models", project, "没有", "--card").values["error"]["code"] == "MODEL_NOT_FOUND"
    card = next((project / "runs").glob("*/model/card.json"))
    answer = program("models", project, "last", "--card", "-o", card, "--overwrite")
    assert answer.values["error"]["code"] == "OUTPUT_IS_SOURCE"
    card.write_text("[]", encoding="utf-8")
    assert program("models", project, "last", "--card").values["error"]["code"] == "MODEL_DAMAGED"
    assert json.loads(card.read_bytes()) == []


def test_a_folder_from_a_stranger_is_refused_and_nothing_runs(program, project: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """The whole way of `classify --model FOLDER`, through the real worker."""

    class Payload:
        def __reduce__(self):  # type: ignore[no-untyped-def]
            return os.mkdir, (str(tmp_path / "ran"),)

    model = tmp_path / "收到的"
    assert program("models", project, "last", "--copy", "-o", model).status == 0
    (model / "pytorch_model.bin").write_bytes(pickle.dumps(Payload()))
    (tmp_path / "七月.csv").write_text("评论\n味道不错\n", encoding="utf-8")
    done = program("classify", project, tmp_path / "七月.csv", "--model", model, as_json=False)
    assert done.status == 3
    assert "pytorch_model.bin" in done.said
    assert "没有打开这个模型" in done.said
    (model / "pytorch_model.bin").unlink()
    (model / "weights.safetensors").write_bytes(pickle.dumps(Payload()))
    done = program("classify", project, tmp_path / "七月.csv", "--model", model, as_json=False)
    assert done.status == 3
    assert "已损坏" in done.said
    os.truncate(model / "labels.json", 10 * 2**30)
    assert program("classify", project, tmp_path / "七月.csv", "--model", model).status == 3
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "七月_已分类.csv").exists()
