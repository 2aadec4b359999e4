"""Small labelled texts and small nets: a training takes a second."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from invented_comments import LABELS, sentences

from senti_studio.domain.specs import DataSummary, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.learning.data import LabelledTexts, TrainingData


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
