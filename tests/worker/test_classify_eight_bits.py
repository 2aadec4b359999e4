"""Batches in int8: compared first, told, used or not, and gone on with in the same numbers."""

from __future__ import annotations

import dataclasses
import json
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from senti_studio.domain.architectures import default_options
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import ClassificationSpec, DataSummary, LabelName, TrainingSpec
from senti_studio.exchange import predictions
from senti_studio.exchange.predictions import BatchFolder
from senti_studio.jobs.protocol import Cancelled, Finished, Preparing, Warned
from senti_studio.jobs.run_folder import RunFolder, RunStatus
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.predict import Predictor
from senti_studio.worker import classify, eight_bits

LABELS = (LabelName("1", "正面"), LabelName("3", "负面"))
WORDS = (("房间很大", "早餐不错", "服务热情", "性价比高"), ("房间太小", "早餐难吃", "态度恶劣", "价格太贵"))


def comments(count: int, first: int = 0) -> LabelledTexts:
    numbers = range(first, first + count)
    texts = tuple(f"{WORDS[n % 2][n // 2 % 4]}，{WORDS[n % 2][n // 8 % 4]}{n}" for n in numbers)
    return LabelledTexts(tuple(numbers), texts, tuple(n % 2 for n in numbers))


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = dataclasses.replace(
        default_options("bert", "scratch-tiny"), epochs=2, least_steps=1, batch_size=16, max_length=24
    )
    spec = TrainingSpec("run-1", "小 BERT", "bert", LABELS, options, "cpu", DataSummary({"train": 120}))
    folder = tmp_path_factory.mktemp("模型 八位") / "运行"
    folder.mkdir()
    list(fit(spec, TrainingData(comments(120), comments(40, 200)), folder))
    return folder / "model"


@pytest.fixture
def batch(make_batch: Callable[..., RunFolder], tmp_path: Path, bert: Path) -> Callable[..., RunFolder]:
    """A batch of 300 comments, with 120 known rows unless told otherwise."""
    source = tmp_path / "评论.csv"
    lines = [f"{n},{text}" for n, text in enumerate(comments(300, 5000).texts)]
    source.write_text("编号,评论\n" + "\n".join(lines) + "\n", encoding="utf-8")

    def made(*, known: int = 120, **fields: object) -> RunFolder:
        folder = make_batch(source, text_column="评论")
        rows = comments(known, 9000)
        path = folder.data / "valid.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for id_, text, label in zip(rows.ids, rows.texts, rows.labels, strict=True):
                file.write(json.dumps({"id": id_, "text": text, "label": label}) + "\n")
        spec = folder.spec()
        assert isinstance(spec, ClassificationSpec)
        values = {"model_folder": str(bert), "precision": "int8", "known_rows": str(path), **fields}
        folder.write_spec(dataclasses.replace(spec, **values))  # type: ignore[arg-type]
        return folder

    return made


def done(folder: RunFolder, *, resume: bool = False) -> RunStatus:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        assert classify.run(folder, resume=resume) == 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return RunStatus.read(folder)


def shares(folder: RunFolder) -> np.ndarray:
    spec = folder.spec()
    assert isinstance(spec, ClassificationSpec)
    parts = BatchFolder(Path(spec.batch_folder)).parts()
    return np.concatenate([part.probabilities for part in parts])


def codes(folder: RunFolder) -> list[str]:
    return [event.code for event in folder.events() if isinstance(event, Warned)]


def test_eight_bits_are_compared_told_and_used(batch: Callable[..., RunFolder], bert: Path) -> None:
    folder = batch(insists=True)
    status = done(folder)
    assert isinstance(status.terminal, Finished)
    told = status.terminal.output["numbers"]
    assert (told["precision"], told["rows"], told["is_labelled"]) == ("int8", 120, True)
    assert told["same"] >= 98
    assert [event.stage for event in folder.events() if isinstance(event, Preparing)] == ["comparing_bits"]
    texts = comments(300, 5000).texts
    whole = Predictor.load(bert, "cpu")
    assert np.array_equal(shares(folder), whole.in_eight_bits(comments(120, 9000).texts).probabilities(texts))
    assert 0 < np.abs(shares(folder) - whole.probabilities(texts)).max() < 0.1
    spec = folder.spec()
    assert isinstance(spec, ClassificationSpec)
    assert BatchFolder(Path(spec.batch_folder)).read().precision == told


@pytest.mark.parametrize(
    ("lost", "speed", "code"), [(5, 2.0, "INT8_LOSES"), (0, 0.5, "INT8_SLOWER"), (0, 2.0, "")]
)
def test_they_are_used_where_they_are_as_good_and_faster(
    batch: Callable[..., RunFolder],
    bert: Path,
    monkeypatch: pytest.MonkeyPatch,
    lost: int,
    speed: float,
    code: str,
) -> None:
    real = eight_bits._compared

    def found(*given: object) -> object:
        return dataclasses.replace(real(*given), lost=lost, speed=speed)  # type: ignore[arg-type]

    monkeypatch.setattr(eight_bits, "_compared", found)
    folder = batch()
    status = done(folder)
    assert isinstance(status.terminal, Finished)
    told = status.terminal.output["numbers"]
    assert told["precision"] == ("fp32" if code else "int8")
    assert codes(folder) == ([code] if code else [])
    whole = Predictor.load(bert, "cpu")
    used = whole if code else whole.in_eight_bits(comments(120, 9000).texts)
    assert np.array_equal(shares(folder), used.probabilities(comments(300, 5000).texts))
    if lost:
        insisting = batch(insists=True)
        assert isinstance(done(insisting).terminal, Finished)
        assert codes(insisting) == ["INT8_ALL_THE_SAME"]
        assert not np.array_equal(shares(insisting), shares(folder))


def test_without_known_labels_the_file_itself_is_looked_at(batch: Callable[..., RunFolder]) -> None:
    for folder in (batch(known=99, insists=True), batch(known_rows="", insists=True)):
        status = done(folder)
        assert isinstance(status.terminal, Finished)
        told = status.terminal.output["numbers"]
        assert (told["rows"], told["is_labelled"], told["lost"]) == (300, False, 0)


def test_another_architecture_classifies_as_always(
    batch: Callable[..., RunFolder], model_folder: Path
) -> None:
    asked = batch(model_folder=str(model_folder), insists=True)
    plain = batch(model_folder=str(model_folder), precision="fp32")
    assert done(asked).state is done(plain).state is RunState.FINISHED
    assert np.array_equal(shares(asked), shares(plain))
    assert codes(asked) == ["INT8_ONLY_BERT"]
    assert codes(plain) == []


def test_a_batch_goes_on_in_the_numbers_that_it_began_in(
    batch: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (predictions, classify):
        monkeypatch.setattr(module, "PART_ROWS", 100)
    for insists in (True, False):
        folder = batch(insists=insists)
        if not insists:  # as if they had been found to be slower
            monkeypatch.setattr(eight_bits.Comparison, "is_worth_it", False)
        done(folder)
        expected = shares(folder)
        spec = folder.spec()
        assert isinstance(spec, ClassificationSpec)
        place = BatchFolder(Path(spec.batch_folder))
        place.write(dataclasses.replace(place.read(), is_complete=False))
        place.remove_parts(1)
        events = len(list(folder.events()))
        done(folder, resume=True)
        later = list(folder.events())[events:]
        assert not [event for event in later if isinstance(event, (Preparing, Warned))], "not compared again"
        assert np.array_equal(shares(folder), expected)


def test_a_command_is_heard_while_both_are_compared(batch: Callable[..., RunFolder]) -> None:
    folder = batch(insists=True)
    folder.send("cancel")
    assert isinstance(done(folder).terminal, Cancelled)
