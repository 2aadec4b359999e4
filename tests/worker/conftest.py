"""A real (tiny) model and real helpers for the tests of the worker processes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from real_workers import StartRun, Talk

from senti_studio.domain.specs import (
    ClassificationSpec,
    ClassifiedOutput,
    DataSummary,
    FileToClassify,
    LabelName,
    TrainingSpec,
)
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.launch import worker_command, worker_environment
from senti_studio.jobs.run_folder import RunFolder

LABELS = (LabelName("1", "正面"), LabelName("3", "负面"))
_GOOD = ("房间很大", "早餐不错", "服务热情", "性价比高", "味道很好")
_BAD = ("房间太小", "早餐难吃", "态度恶劣", "价格太贵", "味道一般")


@pytest.fixture
def talk() -> Iterator[Callable[..., Talk]]:
    """Starts helpers; none of them outlives the test."""
    started: list[Talk] = []

    def start(kind: str) -> Talk:
        started.append(Talk.start(kind))
        return started[-1]

    yield start
    for helper in started:
        if helper.process.poll() is None:
            helper.kill()
        for stream in (helper.process.stdin, helper.process.stdout, helper.process.stderr):
            if stream is not None:
                stream.close()


def _kind_of(folder: RunFolder) -> str:
    """From the letters: some tests start runs whose spec cannot be read."""
    text = (folder.path / "spec.json").read_text("utf-8")
    return next((kind for kind in ("search", "adapt") if f'"kind": "{kind}"' in text), "train")


@pytest.fixture
def start() -> Iterator[StartRun]:
    """Starts the worker of a run; none outlives the test."""
    started: list[subprocess.Popen[bytes]] = []

    def go(
        folder: RunFolder, command: Sequence[str] | None = None, *, resume: bool = False
    ) -> subprocess.Popen[bytes]:
        usual = worker_command(_kind_of(folder), str(folder.path), *(["--resume"] if resume else []))
        with folder.log_path.open("ab") as log:
            process = subprocess.Popen(
                command or usual,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**worker_environment(), "OMP_NUM_THREADS": "1"},
            )
        started.append(process)
        return process

    yield go
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that a real training of a second has made."""
    from senti_studio.learning.data import LabelledTexts, TrainingData
    from senti_studio.learning.fit import fit

    def made(count: int, first: int) -> LabelledTexts:
        texts = tuple(
            f"{(_GOOD, _BAD)[n % 2][n // 2 % 5]}，{(_GOOD, _BAD)[n % 2][n // 10 % 5]}" for n in range(count)
        )
        return LabelledTexts(tuple(range(first, first + count)), texts, tuple(n % 2 for n in range(count)))

    options = TrainingOptions(epochs=2, batch_size=8, embedding_size=8, hidden_size=6, learning_rate=0.02)
    spec = TrainingSpec(
        "run-1", "小模型", "gru", LABELS, options, "cpu", DataSummary({"train": 60}, "a" * 64)
    )
    folder = tmp_path_factory.mktemp("模型 库") / "运行"
    folder.mkdir()
    for _ in fit(spec, TrainingData(made(60, 1), made(20, 100), made(20, 200)), folder):
        pass
    return folder / "model"


@pytest.fixture
def make_batch(model_folder: Path, tmp_path: Path) -> Callable[..., RunFolder]:
    """A run folder that classifies ``path`` into ``输出/…``."""

    def made(
        path: Path, output: Path | None = None, *, encoding: str = "utf-8-sig", **file: Any
    ) -> RunFolder:
        number = len(list(tmp_path.glob("批次 *"))) + 1
        spec = ClassificationSpec(
            run_id=f"batch-{number}",
            name="试一试",
            model_folder=str(model_folder),
            batch_folder=str(tmp_path / f"预测 {number}"),
            file=FileToClassify(path=str(path), **file),
            output=ClassifiedOutput(path=str(output) if output else "", encoding=encoding),
            device="cpu",
        )
        return RunFolder.create(tmp_path / f"批次 {number}", spec)

    return made
