"""Every way to learn: it changes what comes out, and goes on after an interruption bit by bit."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.protocol import CheckpointSaved, Event, Finished, Preparing, Progress, Warned
from senti_studio.learning import precision
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit

Specs = Callable[..., TrainingSpec]

WAYS: dict[str, dict[str, Any]] = {
    "adam": {"optimiser": "adam"},
    "adagrad": {"optimiser": "adagrad"},
    "rmsprop": {"optimiser": "rmsprop"},
    "sgd": {"optimiser": "sgd", "learning_rate": 0.3},
    "sgd without momentum": {"optimiser": "sgd", "learning_rate": 0.3, "momentum": 0.0},
    "linear": {"schedule": "linear"},
    "exponential": {"schedule": "exponential"},
    "constant": {"schedule": "constant"},
    "accumulation": {"accumulation": 3, "batch_size": 6},
    "class weights": {"class_weights": "auto"},
    "rare classes preferred": {"logit_adjustment": 0.5},
    "focal": {"loss": "focal"},
    "focal, stronger": {"loss": "focal", "focal_gamma": 4.0},
    "R-Drop": {"r_drop": 1.0},
    "adversarial": {"adversarial": 0.5},
    "variational": {"variational": True, "layers": 2},
    "no averaging": {"averaging": 0.0},
    "loss stops": {"stop_on": "loss"},
    "accuracy stops": {"stop_on": "accuracy"},
    "bfloat16": {"precision": "bf16"},
    "float16": {"precision": "fp16", "architecture": "gru"},
    "hidden n-grams": {"ngram_dropout": 0.5},
    "mixed": {"mix": "views", "units": "both", "r_drop": 0.5},
    "distilled": {"mix": "distilled", "units": "both"},
    "words in the box": {"vectors": "general", "adversarial": 0.3},
    "distilled from words in the box": {"mix": "distilled", "units": "both", "vectors": "general"},
    "all at once": {
        "optimiser": "rmsprop",
        "schedule": "linear",
        "accumulation": 2,
        "batch_size": 8,
        "class_weights": "auto",
        "loss": "focal",
        "r_drop": 0.5,
        "adversarial": 0.3,
        "variational": True,
        "layers": 2,
        "stop_on": "loss",
    },
}


@pytest.fixture(autouse=True)
def _halves_on_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scaled gradients of graphics cards, on any machine: GRUs compute them on processors too."""
    known = precision.chosen
    monkeypatch.setattr(
        "senti_studio.learning.net_training.chosen",
        lambda wanted, device: torch.float16 if wanted == "fp16" else known(wanted, device),
    )


def outcome(out: Path) -> tuple[str, bytes]:
    """The weights, bit by bit, and what they say of the validation rows."""
    weights = hashlib.sha256((out / "model" / "weights.safetensors").read_bytes()).hexdigest()
    return weights, (out / "predictions" / "valid.jsonl").read_bytes()


def go_on(spec: TrainingSpec, data: TrainingData, out: Path, until: Callable[[Event], bool]) -> list[Event]:
    """From the last checkpoint to the first event that is ``until``, or to the end."""
    events = fit(spec, data, out, resume=Checkpoints(out / "checkpoints").last())
    seen = []
    for event in events:
        seen.append(event)
        if until(event):
            events.close()  # type: ignore[attr-defined]
            break
    return seen


@pytest.mark.parametrize("way", WAYS)
def test_each_way_goes_on_step_for_step(
    way: str, with_options: Specs, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("senti_studio.learning.pace.EVENT_INTERVAL_S", 0.0)
    spec = with_options(epochs=2, **WAYS[way])
    whole = list(fit(spec, data, tmp_path / "一次"))
    assert isinstance(whole[-1], Finished)
    steps = {event.step: event.loss for event in whole if isinstance(event, Progress)}
    out = tmp_path / "几次"
    last = max(steps)
    for stop in (last // 2 - 2, last // 2, last // 2 + 2):
        seen = go_on(spec, data, out, lambda event: isinstance(event, Progress) and event.step >= stop)  # noqa: B023
        for event in seen:
            if isinstance(event, Progress):
                assert event.loss == steps[event.step]
    assert isinstance(go_on(spec, data, out, lambda event: False)[-1], Finished)
    assert outcome(tmp_path / "一次") == outcome(out)


def test_each_way_makes_another_model(with_options: Specs, data: TrainingData, tmp_path: Path) -> None:
    """No two ways give the same weights, and none those of the defaults of its net."""
    kept = [number for number, label in enumerate(data.train.labels) if label == 0 or number % 3]
    rows = LabelledTexts(
        *(tuple(values[number] for number in kept) for values in dataclasses.astuple(data.train))
    )
    unequal = dataclasses.replace(data, train=rows)
    bases: dict[str, dict[str, Any]] = {
        "default": {},
        "two layers": {"layers": 2},
        "both": {"units": "both"},
        "gru": {"architecture": "gru"},
        "6 rows": {"batch_size": 6},
    }
    seen: dict[str, str] = {}
    for name, options in {**bases, **WAYS}.items():
        if "stops" not in name:
            spec = with_options(**{"epochs": 1, **options})
            list(fit(spec, unequal, tmp_path / name))
            weights = outcome(tmp_path / name)[0]
            assert weights not in seen, f"{name} is {seen.get(weights)}"
            seen[weights] = name


def test_a_long_evaluation_saves_on_the_way(
    with_options: Specs, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut in an evaluation of minutes does not cost the steps before it."""
    spec = with_options(epochs=2)
    list(fit(spec, data, tmp_path / "一次"))
    monkeypatch.setattr("senti_studio.learning.evaluate.EVENT_INTERVAL_S", 0.0)
    monkeypatch.setattr("senti_studio.learning.evaluate.BATCH_SIZE", 10)
    monkeypatch.setattr("senti_studio.learning.pace.CHECKPOINT_INTERVAL_S", 0.0)
    out = tmp_path / "两次"
    events = fit(spec, data, out)
    for event in events:
        if isinstance(event, Preparing) and event.stage == "evaluating":
            break
    next(event for event in events if isinstance(event, CheckpointSaved))
    # What lies on the disk now is what a power cut would leave; closing would save once more.
    shutil.copytree(out, tmp_path / "断电")
    events.close()  # type: ignore[attr-defined]
    last = Checkpoints(tmp_path / "断电" / "checkpoints").last()
    assert last is not None
    assert (last.state().step, last.state().evaluated_step) == (8, 0)
    list(fit(spec, data, tmp_path / "断电", resume=last))
    assert outcome(tmp_path / "断电") == outcome(tmp_path / "一次")


def test_the_scale_of_gradients_is_lowered_and_kept() -> None:
    """A gradient that is no number in half precision costs one step, not the training; the scale that it
    taught is part of a checkpoint."""
    net = torch.nn.Linear(2, 1)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    numbers = precision.Precision(torch.device("cpu"), torch.float16)
    before = net.weight.detach().clone()
    scales = []
    for factor in (float("inf"), 1.0):
        optimiser.zero_grad()
        numbers.backward(net(torch.ones(1, 2)).sum() * factor)
        numbers.unscale(optimiser)
        numbers.step(optimiser)
        scales.append(numbers.state_dict()["scale"])
        assert torch.equal(net.weight, before) == (factor != 1.0)
    assert scales[0] == scales[1] == 2.0**15, "half of what torch begins with"
    later = precision.Precision(torch.device("cpu"), torch.float16)
    later.load_state_dict(numbers.state_dict())
    assert later.state_dict() == numbers.state_dict()


@pytest.mark.parametrize(
    ("wanted", "device", "kind"),
    [
        ("auto", "cpu", torch.float32),
        ("fp32", "cpu", torch.float32),
        ("bf16", "cpu", torch.bfloat16),
        ("fp16", "cpu", None),
        ("auto", "mps", torch.float32),
        ("bf16", "mps", None),
        ("fp16", "cuda", torch.float16),
        ("bf16", "cuda", torch.bfloat16),
    ],
)
def test_which_numbers_a_device_computes_in(wanted: str, device: str, kind: torch.dtype | None) -> None:
    assert precision.chosen(wanted, torch.device(device)) is kind


def test_numbers_that_a_device_lacks_are_told(
    with_options: Specs, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("senti_studio.learning.net_training.chosen", precision.chosen)
    events = list(fit(with_options(epochs=1, precision="fp16"), data, tmp_path / "半"))
    assert [event.code for event in events if isinstance(event, Warned)] == ["PRECISION_NOT_THERE"]
    list(fit(with_options(epochs=1), data, tmp_path / "整"))
    assert outcome(tmp_path / "半") == outcome(tmp_path / "整")
