"""Training: what it yields, what it leaves, how it repeats, how it goes on after an interruption."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from safetensors.torch import save_file

from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import (
    Cancelled,
    CheckpointSaved,
    Evaluated,
    Event,
    Finished,
    Preparing,
    Progress,
    Started,
    Stopped,
    Warned,
)
from senti_studio.learning.checkpoint import Checkpoints, TrainingState
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import finish_stopped, fit
from senti_studio.learning.loop import Loop
from senti_studio.learning.model_folder import load_model
from senti_studio.learning.predict import Predictor

Specs = Callable[..., TrainingSpec]


def _weights(out: Path) -> dict[str, torch.Tensor]:
    return load_model(out / "model").net.state_dict()


def _same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def _history(out: Path) -> list[dict[str, float]]:
    history: list[dict[str, float]] = json.loads((out / "model" / "card.json").read_bytes())["history"]
    return history


def test_events_come_in_order_and_end_with_one_terminal(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    events = list(fit(spec, data, tmp_path))
    assert isinstance(events[0], Started)
    assert (events[0].total_steps, events[0].steps_per_epoch, events[0].epochs) == (24, 8, 3)
    assert [event.terminal for event in events] == [False] * (len(events) - 1) + [True]
    valid = [event for event in events if isinstance(event, Evaluated) and event.split == "valid"]
    assert [event.epoch for event in valid] == [1.0, 2.0, 3.0]
    test = [event for event in events if isinstance(event, Evaluated) and event.split == "test"]
    assert len(test) == 1
    assert sum(map(sum, test[0].confusion)) == len(data.test)
    progress = [event for event in events if isinstance(event, Progress)]
    assert progress
    assert progress[-1].step == 24
    saved = [event for event in events if isinstance(event, CheckpointSaved)]
    assert [event.step for event in saved] == [8, 16, 24]
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.reason == "epochs"
    assert end.metrics["test_accuracy"] == test[0].accuracy
    assert end.metrics["best_step"] in (8, 16, 24)
    assert not (tmp_path / "checkpoints").exists()


@pytest.mark.parametrize("architecture", ["lstm", "gru", "rnn", "textcnn"])
def test_learns_what_can_be_learnt(
    architecture: str, with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    end = list(fit(with_options(architecture=architecture, epochs=8), data, tmp_path))[-1]
    assert isinstance(end, Finished)
    assert end.metrics["test_accuracy"] >= 0.9
    losses = [entry["train_loss"] for entry in _history(tmp_path)]
    assert losses[-1] < 0.6 * losses[0]


def test_predictions_hold_every_row_in_order_and_agree_with_the_figures(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    end = list(fit(spec, data, tmp_path))[-1]
    assert isinstance(end, Finished)
    for part, rows in (("valid", data.valid), ("test", data.test)):
        written = (tmp_path / "predictions" / f"{part}.jsonl").read_bytes()
        lines = [json.loads(line) for line in written.splitlines()]
        assert [line["id"] for line in lines] == list(rows.ids)
        assert [line["label"] for line in lines] == list(rows.labels)
        assert all(sum(line["p"]) == pytest.approx(1, abs=1e-5) for line in lines)
        right = sum(line["label"] == line["predicted"] for line in lines) / len(lines)
        assert right == pytest.approx(end.metrics[f"{part}_accuracy"])


@pytest.mark.parametrize("architecture", ["lstm", "gru"])
def test_the_same_seed_gives_the_same_weights_bit_by_bit(
    architecture: str, with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    spec = with_options(architecture=architecture, units="both", epochs=2)
    for name in ("甲", "乙"):
        list(fit(spec, data, tmp_path / name))
    assert _same(_weights(tmp_path / "甲"), _weights(tmp_path / "乙"))
    assert _history(tmp_path / "甲") == _history(tmp_path / "乙")
    list(fit(with_options(architecture=architecture, units="both", epochs=2, seed=8), data, tmp_path / "丙"))
    assert not _same(_weights(tmp_path / "甲"), _weights(tmp_path / "丙"))


def _fit_until(
    spec: TrainingSpec, data: TrainingData, out: Path, until: Callable[[Event], bool]
) -> list[Event]:
    resume = Checkpoints(out / "checkpoints").last()
    events = fit(spec, data, out, resume=resume)
    seen = []
    for event in events:
        seen.append(event)
        if until(event):
            events.close()  # type: ignore[attr-defined]
            break
    return seen


@pytest.mark.parametrize(
    ("architecture", "stops"),
    [("lstm", (3, 8, 13)), ("gru", (1, 2, 23)), ("rnn", (9,)), ("textcnn", (12,))],
)
def test_an_interrupted_training_goes_on_step_for_step(
    architecture: str,
    stops: tuple[int, ...],
    with_options: Specs,
    data: TrainingData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("senti_studio.learning.pace.EVENT_INTERVAL_S", 0.0)
    spec = with_options(architecture=architecture)
    list(fit(spec, data, tmp_path / "一次"))
    out = tmp_path / "几次"
    for stop in stops:
        seen = _fit_until(spec, data, out, lambda event: isinstance(event, Progress) and event.step == stop)  # noqa: B023
        assert not seen[-1].terminal
    events = list(fit(spec, data, out, resume=Checkpoints(out / "checkpoints").last()))
    assert isinstance(events[0], Started)
    assert events[0].resumed_from_step == stops[-1]
    assert isinstance(events[-1], Finished)
    assert _same(_weights(tmp_path / "一次"), _weights(out))
    assert _history(tmp_path / "一次") == _history(out)


def test_stopping_during_an_evaluation_repeats_it(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(fit(spec, data, tmp_path / "一次"))
    monkeypatch.setattr("senti_studio.learning.evaluate.EVENT_INTERVAL_S", 0.0)
    monkeypatch.setattr("senti_studio.learning.evaluate.BATCH_SIZE", 16)
    out = tmp_path / "几次"
    _fit_until(spec, data, out, lambda event: isinstance(event, Preparing) and event.stage == "evaluating")
    state = Checkpoints(out / "checkpoints").last()
    assert state is not None
    assert (state.state().step, state.state().evaluated_step) == (8, 0)
    list(fit(spec, data, out, resume=state))
    assert _same(_weights(tmp_path / "一次"), _weights(out))
    assert _history(tmp_path / "一次") == _history(out)


def test_stopping_keeps_the_best(spec: TrainingSpec, data: TrainingData, tmp_path: Path) -> None:
    seen = _fit_until(
        spec, data, tmp_path, lambda event: isinstance(event, CheckpointSaved) and event.step == 16
    )
    assert not (tmp_path / "model").exists()
    best = max((event for event in seen if isinstance(event, Evaluated)), key=lambda event: event.macro_f1)
    events = list(finish_stopped(spec, data, tmp_path))
    end = events[-1]
    assert isinstance(end, Stopped)
    assert end.metrics["valid_macro_f1"] == pytest.approx(best.macro_f1)
    assert load_model(tmp_path / "model").labels == spec.labels
    assert (tmp_path / "predictions" / "test.jsonl").exists()
    assert not (tmp_path / "checkpoints").exists()


def test_stopping_before_the_first_evaluation_keeps_what_there_is(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    _fit_until(spec, data, tmp_path, lambda event: isinstance(event, Progress))
    events = list(finish_stopped(spec, data, tmp_path))
    end = events[-1]
    assert isinstance(end, Stopped)
    assert end.metrics["best_step"] == end.metrics["steps"] >= 1
    (valid,) = [event for event in events if isinstance(event, Evaluated) and event.split == "valid"]
    assert valid.is_best, "no model is kept without a figure"
    assert valid.macro_f1 == end.metrics["valid_macro_f1"]


def test_stopping_before_the_first_step_leaves_nothing(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    _fit_until(spec, data, tmp_path, lambda event: isinstance(event, Preparing))
    assert [type(event) for event in finish_stopped(spec, data, tmp_path)] == [Cancelled]
    assert not (tmp_path / "model").exists()


def test_patience_ends_the_training_early(with_options: Specs, data: TrainingData, tmp_path: Path) -> None:
    """With the labels of validation turned round, every epoch of learning makes things worse."""
    turned = dataclasses.replace(
        data, valid=dataclasses.replace(data.valid, labels=tuple(1 - label for label in data.valid.labels))
    )
    end = list(fit(with_options(epochs=12, patience=2), turned, tmp_path))[-1]
    assert isinstance(end, Finished)
    assert end.reason == "patience"
    assert end.metrics["steps"] == end.metrics["best_step"] + 2 * 8
    assert end.metrics["steps"] < 12 * 8


def test_expected_losses_of_a_fixed_seed(with_options: Specs, data: TrainingData, tmp_path: Path) -> None:
    """Guards against a silent change of the arithmetic; the tolerance covers other processors."""
    list(fit(with_options(dropout=0.0, embedding_dropout=0.0, word_dropout=0.0), data, tmp_path))
    assert [round(entry["train_loss"], 4) for entry in _history(tmp_path)] == pytest.approx(
        EXPECTED, abs=5e-3
    )


EXPECTED = [0.3730, 0.1437, 0.1452]


def test_thirty_comments_and_three_to_validate_are_enough(tmp_path: Path, data: TrainingData) -> None:
    small = TrainingData(_first(data.train, 27), _first(data.valid, 3))
    spec = TrainingSpec("r", "三十条", "gru", _labels(), TrainingOptions(epochs=2, batch_size=512), "cpu")
    events = list(fit(spec, small, tmp_path))
    assert isinstance(events[-1], Finished)
    assert [event.step for event in events if isinstance(event, Evaluated)] == [4, 8]
    assert any(isinstance(event, Progress) for event in events)
    assert not (tmp_path / "predictions" / "test.jsonl").exists()
    assert "test_accuracy" not in events[-1].metrics


def _first(rows: LabelledTexts, count: int) -> LabelledTexts:
    return LabelledTexts(rows.ids[:count], rows.texts[:count], rows.labels[:count])


def _labels() -> tuple[LabelName, ...]:
    return (LabelName("1", "正面"), LabelName("2", "中性"), LabelName("0", "负面"))


def test_a_class_with_few_comments_brings_a_warning(data: TrainingData, tmp_path: Path) -> None:
    spec = TrainingSpec("r", "三类", "lstm", _labels(), TrainingOptions(epochs=1, hidden_size=4), "cpu")
    events = list(fit(spec, data, tmp_path))
    warned = [event for event in events if isinstance(event, Warned)]
    assert [(event.code, event.params["label"], event.params["count"]) for event in warned] == [
        ("TOO_FEW_COMMENTS", "负面", 0)
    ]
    assert isinstance(events[-1], Finished)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"train": LabelledTexts((1,) * 20, ("好",) * 20, (0,) * 20)}, "ONE_LABEL_ONLY"),
        ({"train": LabelledTexts((1, 2), ("好", "坏"), (0, 1))}, "TOO_FEW_TO_TRAIN"),
        ({"train": LabelledTexts()}, "TOO_FEW_TO_TRAIN"),
        ({"valid": LabelledTexts()}, "NO_VALID_ROWS"),
    ],
)
def test_data_that_cannot_be_learnt_from_is_refused(
    change: dict[str, LabelledTexts], code: str, spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    with pytest.raises(UserError) as caught:
        list(fit(spec, dataclasses.replace(data, **change), tmp_path))
    assert caught.value.code == code
    assert not (tmp_path / "model").exists()


def test_a_device_that_is_not_there_is_replaced_and_told(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    events = list(fit(dataclasses.replace(spec, device="cuda:77"), data, tmp_path))
    assert [event.code for event in events if isinstance(event, Warned)] == ["DEVICE_NOT_THERE"]
    assert isinstance(events[-1], Finished)


def test_numbers_that_are_none_fail_and_leave_the_good_checkpoint(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Loop.step

    def spoil(loop: Loop) -> None:
        if loop.state.step == 10:
            with torch.no_grad():
                loop.net.out.weight.fill_(float("nan"))
        step(loop)

    monkeypatch.setattr(Loop, "step", spoil)
    with pytest.raises(UserError) as caught:
        list(fit(spec, data, tmp_path))
    assert caught.value.code == "NAN_LOSS"
    last = Checkpoints(tmp_path / "checkpoints").last()
    assert last is not None
    assert last.state().step == 8


@pytest.mark.parametrize("name", ["weights.safetensors", "training.pt", "state.json"])
def test_a_damaged_checkpoint_is_told(
    name: str, spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    _fit_until(spec, data, tmp_path, lambda event: isinstance(event, Progress))
    last = Checkpoints(tmp_path / "checkpoints").last()
    assert last is not None
    (last.path / name).write_bytes(b"nonsense")
    with pytest.raises(UserError) as caught:
        list(fit(spec, data, tmp_path, resume=last))
    assert caught.value.code == "CHECKPOINT_DAMAGED"


class Payload:
    """What runs as soon as somebody unpickles it."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("content", ["list", "number", "payload", "bare payload", "numbers that are none"])
def test_other_contents_of_a_checkpoint_are_refused_in_a_line(content: str, tmp_path: Path) -> None:
    net = torch.nn.Linear(1, 1)
    kept = Checkpoints(tmp_path / "检查点").save(net.state_dict(), {}, TrainingState(step=9))
    (kept.path / "sums.json").unlink()
    file, payload = kept.path / "training.pt", Payload(tmp_path / "跑了")
    if content == "bare payload":
        file.write_bytes(pickle.dumps(payload))
    elif content == "numbers that are none":
        save_file({"weight": torch.tensor([1.0, float("nan")])}, kept.path / "weights.safetensors")
    else:
        torch.save({"list": [1, 2], "number": 3}.get(content, {"net": payload}), file)
    with pytest.raises(UserError) as caught:
        (kept.training(), kept.weights())
    assert caught.value.code == "CHECKPOINT_DAMAGED"
    assert not payload.mark.exists()
    reason = caught.value.params["reason"]
    assert "\n" not in reason
    assert 0 < len(reason) <= 200
    assert "weights_only" not in reason, "advice to run it"


@pytest.mark.parametrize(
    "edit",
    [
        {"step": "7"}, {"step": -5}, {"step": 1.5}, {"step": True}, {"best_f1": None},
        {"elapsed": float("nan")}, {"reading": {"vectors": {"size": -1}}},
        {"reading": {"vectors": {"size": "大"}}},
        {"evaluated_step": 10**9}, {"history": [1]}, {"history": [{}]}, {"reading": []}, {"rows_at_once": -1},
        {"reading": {"vectors": 3}}, {"reading": {"members": [1]}}, {"reading": {"members": 3}},
    ],
    ids=str,
)  # fmt: skip
def test_an_edited_checkpoint_is_refused(edit: dict[str, Any], tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path).save(torch.nn.Linear(1, 1).state_dict(), {}, TrainingState(step=9))
    assert kept.state().step == 9
    content = json.loads((kept.path / "state.json").read_bytes())
    del content["sum"]
    (kept.path / "state.json").write_text(json.dumps({**content, **edit}), "utf-8")
    with pytest.raises(UserError, match="CHECKPOINT_DAMAGED"):
        kept.state()


def test_a_net_that_the_computer_can_never_hold_is_refused_before_it_is_made(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system would give the memory, and end this process or another when it is used."""
    memory = psutil.virtual_memory()
    monkeypatch.setattr(
        "senti_studio.learning.memory.psutil.virtual_memory", lambda: memory._replace(total=1_000)
    )
    with pytest.raises(UserError, match="OUT_OF_MEMORY"):
        list(fit(spec, data, tmp_path))
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    "options",
    [
        {"ngrams": False, "bidirectional": False},
        {"layers": 2, "units": "both", "averaging": 0.0},
        {"units": "characters", "batch_size": 1000, "max_length": 4},
    ],
)
def test_every_kind_of_net_trains_resumes_and_classifies(
    options: dict[str, object], with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    spec = with_options(architecture="gru", epochs=2, **options)
    list(fit(spec, data, tmp_path / "一次"))
    out = tmp_path / "两次"
    _fit_until(spec, data, out, lambda event: isinstance(event, CheckpointSaved))
    end = list(fit(spec, data, out, resume=Checkpoints(out / "checkpoints").last()))[-1]
    assert isinstance(end, Finished)
    assert _same(_weights(tmp_path / "一次"), _weights(out))
    found = Predictor.load(out / "model", "cpu").probabilities(data.test.texts)
    guesses = found.argmax(axis=1).tolist()
    right = sum(guess == label for guess, label in zip(guesses, data.test.labels, strict=True))
    assert right / len(guesses) == pytest.approx(end.metrics["test_accuracy"])


def test_long_epochs_are_evaluated_several_times(
    with_options: Specs, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("senti_studio.learning.plan.STEPS_PER_EVALUATION", 3)
    events = list(fit(with_options(epochs=2, patience=2), data, tmp_path))
    valid = [event for event in events if isinstance(event, Evaluated) and event.split == "valid"]
    assert [event.step for event in valid] == [3, 5, 8, 11, 13, 16]
    assert valid[0].is_best
    assert valid[0].patience_left == 6, "patience counts whole epochs"


def test_weights_that_are_no_numbers_are_never_saved(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update can spoil the weights after a loss that was still fine."""
    step = Loop.step

    def spoil(loop: Loop) -> None:
        step(loop)
        if loop.state.step == 16:
            with torch.no_grad():
                loop.average.out.weight.fill_(float("inf"))

    monkeypatch.setattr(Loop, "step", spoil)
    with pytest.raises(UserError) as caught:
        list(fit(spec, data, tmp_path))
    assert caught.value.code == "NAN_LOSS"
    last = Checkpoints(tmp_path / "checkpoints").last()
    assert last is not None
    assert last.state().step == 8


def test_a_run_whose_folder_is_moved_leaves_nothing_where_it_was(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    there, here = tmp_path / "原处", tmp_path / "新处"
    events = fit(spec, data, there)
    for event in events:
        if isinstance(event, CheckpointSaved):
            break
    there.rename(here)
    with pytest.raises(FileNotFoundError):
        list(events)
    assert not there.exists()
    last = Checkpoints(here / "checkpoints").last()
    assert isinstance(list(fit(spec, data, here, resume=last))[-1], Finished)


def test_a_disk_without_room_for_a_pointer_keeps_no_checkpoint_that_nobody_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints, net = Checkpoints(tmp_path / "检查点"), torch.nn.Linear(1, 1)
    first = checkpoints.save(net.state_dict(), {}, TrainingState(step=8, evaluated_step=8, best_step=8))

    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr("senti_studio.learning.checkpoint.write_atomically", full)
    with pytest.raises(OSError, match="No space"):
        checkpoints.save(net.state_dict(), {}, TrainingState(step=9, evaluated_step=8, best_step=8))
    assert [path for path in checkpoints.folder.iterdir() if path.is_dir()] == [first.path]
    assert checkpoints.last() == checkpoints.best() == first


def test_a_full_disk_leaves_the_last_whole_checkpoint(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = fit(spec, data, tmp_path)
    for event in events:
        if isinstance(event, CheckpointSaved):
            break

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        list(events)
    monkeypatch.undo()
    last = Checkpoints(tmp_path / "checkpoints").last()
    assert last is not None
    assert last.state().step == 8
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir() if path.is_dir()) == ["step-8"]
    assert isinstance(list(fit(spec, data, tmp_path, resume=last))[-1], Finished)
