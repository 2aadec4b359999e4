"""Small labelled texts and small nets: a training takes a second."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from senti_studio.domain.specs import DataSummary, LabelName, TrainingOptions, TrainingSpec
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.learning.data import LabelledTexts, TrainingData

LABELS = (LabelName("1", "正面"), LabelName("0", "负面"))

_GOOD = ("房间很大", "早餐不错", "服务热情", "性价比高", "下次还来", "味道很好", "物流很快", "拍照清晰")
_BAD = ("房间太小", "早餐难吃", "态度恶劣", "价格太贵", "再也不来", "味道一般", "物流很慢", "屏幕坏了")
_FILL = ("今天", "和朋友一起", "说实话", "买了两次", "位置在市中心", "老板", "说一句", "总之", "怎么说呢")


def sentences(count: int, *, seed: int, first_id: int = 1) -> LabelledTexts:
    """Invented comments of very different lengths, whose class a small net can learn."""
    generator = random.Random(seed)
    texts, labels = [], []
    for number in range(count):
        label = number % len(LABELS)
        told = [generator.choice((_GOOD, _BAD)[label]) for _ in range(generator.randint(1, 4))]
        told += generator.choices(_FILL, k=generator.randint(0, 9))
        generator.shuffle(told)
        texts.append("，".join(told))
        labels.append(label)
    return LabelledTexts(tuple(range(first_id, first_id + count)), tuple(texts), tuple(labels))


@pytest.fixture
def data() -> TrainingData:
    return TrainingData(
        sentences(120, seed=1), sentences(40, seed=2, first_id=1000), sentences(30, seed=3, first_id=2000)
    )


@pytest.fixture
def spec() -> TrainingSpec:
    options = TrainingOptions(
        epochs=3,
        least_steps=1,
        batch_size=16,
        embedding_size=12,
        hidden_size=8,
        seed=7,
        patience=3,
        learning_rate=0.01,
    )
    return TrainingSpec(
        "run-1", "小小试验", "lstm", LABELS, options, "cpu", DataSummary({"train": 120}, "a" * 64)
    )


@pytest.fixture
def with_options(spec: TrainingSpec) -> Callable[..., TrainingSpec]:
    def made(*, architecture: str = "lstm", **options: Any) -> TrainingSpec:
        return dataclasses.replace(
            spec, architecture=architecture, options=dataclasses.replace(spec.options, **options)
        )

    return made


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., RunFolder]:
    def made(spec: TrainingSpec, data: TrainingData, name: str = "运行 一") -> RunFolder:
        folder = RunFolder.create(tmp_path / name, spec)
        for part in ("train", "valid", "test"):
            rows: LabelledTexts = getattr(data, part)
            lines = [
                json.dumps({"id": id_, "text": text, "label": label}, ensure_ascii=False) + "\n"
                for id_, text, label in zip(rows.ids, rows.texts, rows.labels, strict=True)
            ]
            (folder.data / f"{part}.jsonl").write_bytes("".join(lines).encode())
        return folder

    return made
