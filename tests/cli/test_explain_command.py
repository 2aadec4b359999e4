"""``senti-studio explain``: for people, for scripts, and what it refuses."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import DataSummary, LabelName, TrainingSpec
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit
from senti_studio.storage.project import Project

TEXT = "味道很好，服务也热情，就是太慢"


@pytest.fixture
def folder(program: Any, comments: Path, tmp_path: Path) -> Path:
    project = tmp_path / "门店.senti"
    program("new", project)
    program("import", project, comments, "--text-column", "评论内容", "--label-column", "情感")
    assert program("train", project, "--architecture", "baseline", "--device", "cpu").status == 0
    return project


def test_words_and_characters_add_up_and_what_is_near_is_named(program: Any, folder: Path) -> None:
    found = program("explain", folder, "--text", TEXT, "--nearest", "2").values
    assert found["class"] == max(found["probabilities"], key=found["probabilities"].get)
    difference = found["score"] - found["blank"]
    for weights in (found["characters"], [word["weight"] for word in found["words"]]):
        assert sum(weights) + found["rest"] == pytest.approx(difference, abs=1e-4)
    assert "".join(word["text"] for word in found["words"]) == TEXT
    assert len(found["characters"]) == len(TEXT)
    assert len(found["nearest"]) == 2
    assert found["nearest"][0]["label"] in ("正面", "中性", "负面")
    other = program("explain", folder, "--text", TEXT, "--class", "负面", "--nearest", "0").values
    assert (other["class"], other["nearest"]) == ("负面", [])

    with Project.open(folder) as project:
        comment = project.comments.get(1)
    told = program("explain", folder, "--id", "1").values
    assert told["text"] == comment.text
    assert 1 not in [one["id"] for one in told["nearest"]]

    shown = program("explain", folder, "--text", TEXT, as_json=False)
    assert shown.status == 0
    assert TEXT in shown.out
    assert "支持" in shown.out
    assert "同样长但没有词的文本" in shown.out
    assert "校准之前的 logit" in shown.out
    assert "最相近的训练评论" in shown.out
    shown = program("explain", folder, "--text", TEXT, "--language", "en", as_json=False)
    assert "probability of" in shown.out
    assert "a text of this length without words" in shown.out
    assert "logits before calibration" in shown.out

    assert program("explain", folder).status == 2
    assert program("explain", folder, "--text", "好", "--id", "1").status == 2
    unknown = program("explain", folder, "--text", "好", "--class", "没有")
    assert (unknown.status, "正面" in unknown.said) == (3, True)
    assert program("explain", folder, "--id", "99999").status == 3
    assert program("explain", folder, "--text", "好", "--run", "没有").status == 3
    assert program("explain", folder, "--text", "").values["words"] == []


@pytest.fixture
def encoder_model(tmp_path: Path) -> Path:
    """The model of a small encoder, trained here and now."""
    rows = [(n, f"第{n}次来，{('味道很好', '态度太差')[n % 2]}", n % 2) for n in range(1, 33)]
    part = LabelledTexts(*zip(*rows, strict=True))
    options = dataclasses.replace(default_options("bert", "scratch-tiny"), epochs=1, least_steps=1)
    labels = (LabelName("1", "正面"), LabelName("0", "负面"))
    summary = DataSummary({"train": len(part)}, "a" * 64)
    spec = TrainingSpec("小 编码器", "小编码器", "bert", labels, options, "cpu", summary)
    list(fit(spec, TrainingData(part, part), tmp_path / "运行"))
    return tmp_path / "运行" / "model"


def test_where_the_net_looks(program: Any, folder: Path, encoder_model: Path) -> None:
    refused = program("explain", folder, "--text", TEXT, "--attention")
    assert (refused.status, "没有注意力权重" in refused.said) == (3, True)
    asked = ("explain", folder, "--run", encoder_model, "--text", TEXT)
    found = program(*asked, "--attention").values["attention"]
    assert (found["layer"], found["head"], found["layers"][:3]) == ("rollout", 0, ["rollout", "1", "2"])
    assert sum(found["characters"]) + found["rest"] == pytest.approx(1, abs=1e-4)
    assert "".join(word["text"] for word in found["words"]) == TEXT
    one = (*asked, "--attention", "--layer", "2", "--head", "1")
    found = program(*one).values["attention"]
    assert (found["layer"], found["head"]) == ("2", 1)
    shown = program(*one, as_json=False)
    assert "第 2 层第 1 个头" in shown.out
    assert "不说明什么支持这一类" in shown.out
    shown = program(*asked, "--attention", "--language", "en", as_json=False)
    assert "not what speaks for a class" in shown.out
    unknown = program(*asked, "--attention", "--layer", "99")
    assert (unknown.status, "rollout" in unknown.said) == (3, True)
    assert program(*asked, "--layer", "1").status == 2
    assert program(*asked, "--attention", "--class", "负面").status == 2
