"""Several processes learn one net together: as one process would, in what memory there is, any net."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch
from safetensors.torch import load_file
from tiny_encoders import make_encoder

from senti_studio.domain.architectures import default_options
from senti_studio.domain.several import ALL_CARDS, processes_in
from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.protocol import CheckpointSaved, Evaluated, Finished, Started, Warned
from senti_studio.learning import devices
from senti_studio.learning.architectures import REGISTRY
from senti_studio.learning.bert.net import EncoderNet, new_net
from senti_studio.learning.bert.token_encoder import TokenEncoder
from senti_studio.learning.bert.transfer import add_low_rank, work_out_again
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.contract import Classifier
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.several import learners
from senti_studio.learning.several.learner import _made
from senti_studio.learning.several.notes import packed, unpacked
from senti_studio.learning.steps import Stepper

Specs = Callable[..., TrainingSpec]
QUIET = {"dropout": 0.0, "embedding_dropout": 0.0, "word_dropout": 0.0}
STILL = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
PLAIN = {"optimiser": "sgd", "learning_rate": 0.05, "epochs": 2}
"""Steps as long as the gradient: what differs by rounding stays as small."""
LITTLE_MEMORY = """
import sys
from senti_studio.learning.text_net import TextNet
forward = TextNet.forward
def limited(net, batch):
    if len(batch.lengths[0]) > 3:
        raise MemoryError
    return forward(net, batch)
TextNet.forward = limited
from senti_studio.worker.main import main
sys.exit(main(["learner"]))
"""


def _on(device: str, spec: TrainingSpec) -> TrainingSpec:
    return dataclasses.replace(spec, device=device)


def _weights(out: Path) -> dict[str, torch.Tensor]:
    return load_file(out / "model" / "weights.safetensors")


def _alike(one: Path, other: Path) -> bool:
    first, second = _weights(one), _weights(other)
    return all(torch.allclose(value, second[name], rtol=0, atol=1e-5) for name, value in first.items())


@pytest.fixture
def left() -> Callable[[], set[psutil.Process]]:
    """The processes that the test has started and left; an earlier one may have left some that are dead."""
    before = set(psutil.Process().children(recursive=True))
    return lambda: set(psutil.Process().children(recursive=True)) - before


def _judged(events: list[Any]) -> list[float]:
    return [event.loss for event in events if isinstance(event, Evaluated)]


def test_two_processes_learn_what_one_learns(
    with_options: Specs, data: TrainingData, tmp_path: Path, left: Callable[[], set[psutil.Process]]
) -> None:
    """Batches of 17 of 120 rows: of the last one the second process has none."""
    spec = with_options(batch_size=17, **PLAIN, **QUIET)
    alone = list(fit(_on("cpu", spec), data, tmp_path / "一个"))
    threads = torch.get_num_threads()
    events = list(fit(_on("cpu:2", spec), data, tmp_path / "两个"))
    assert isinstance(events[0], Started)
    assert (events[0].device, events[0].device_name[:4]) == ("cpu:2", "2 × ")
    assert _judged(events) == pytest.approx(_judged(alone), abs=1e-5)
    assert _alike(tmp_path / "一个", tmp_path / "两个")
    assert torch.get_num_threads() == threads
    assert not torch.distributed.is_initialized()
    assert not left()


def test_an_encoder_learns_in_two_processes_what_it_learns_in_one(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    usual = default_options("bert", str(make_encoder("bert", tmp_path / "编码器", **STILL)))
    options = dataclasses.replace(usual, least_steps=1, batch_size=16, dropout=0.0, **PLAIN)
    spec = dataclasses.replace(spec, architecture="bert", options=options)
    alone = list(fit(_on("cpu", spec), data, tmp_path / "一个"))
    events = list(fit(_on("cpu:2", spec), data, tmp_path / "两个"))
    assert _judged(events) == pytest.approx(_judged(alone), abs=1e-5)
    assert _alike(tmp_path / "一个", tmp_path / "两个")


def test_a_lack_of_memory_in_one_process_halves_the_batch_of_all_and_goes_on_bit_by_bit(
    with_options: Specs,
    data: TrainingData,
    tmp_path: Path,
    left: Callable[[], set[psutil.Process]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With dropout and AdamW: two starts learn what one does."""
    spec = _on("cpu:2", with_options(epochs=2))
    monkeypatch.setattr(learners, "worker_command", lambda kind: [sys.executable, "-c", LITTLE_MEMORY])
    whole = list(fit(spec, data, tmp_path / "一次"))
    warned = [(event.code, event.params["rows"]) for event in whole if isinstance(event, Warned)]
    assert warned == [("BATCH_HALVED", 4), ("BATCH_HALVED", 2)], "eight rows are the share of each"
    assert isinstance(whole[-1], Finished)
    events = fit(spec, data, tmp_path / "两次")
    next(event for event in events if isinstance(event, CheckpointSaved))
    events.close()  # type: ignore[attr-defined]
    assert not left()
    last = Checkpoints(tmp_path / "两次" / "checkpoints").last()
    again = list(fit(spec, data, tmp_path / "两次", resume=last))
    assert not [event for event in again if isinstance(event, Warned)]
    one, other = _weights(tmp_path / "一次"), _weights(tmp_path / "两次")
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def _net(kind: str, spec: TrainingSpec, data: TrainingData) -> tuple[Classifier, Any]:
    options = spec.options
    if not kind.startswith("bert"):
        made = REGISTRY[kind]
        encoder, texts = made.learn_encoder(data.train.texts, options)
        return made.rebuild(made.config(options), encoder, 2), texts
    encoder, texts = REGISTRY["bert"].learn_encoder(data.train.texts, options)
    assert isinstance(encoder, TokenEncoder)
    net: EncoderNet = new_net(encoder, 2, options, source=options.encoder)
    if "lora" in kind:
        add_low_rank(net.model, 2)
    if "again" in kind:
        work_out_again(net.model)
    else:
        net.learn_in_parts()
    return net, texts


@pytest.mark.parametrize("kind", ["lstm", "gru", "textcnn", "bert", "bert lora", "bert again"])
def test_every_net_is_handed_over_whole(
    kind: str, with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    mixed: dict[str, Any] = {"mix": "distilled"} if kind == "lstm" else {}
    if kind.startswith("bert"):
        mixed = {"encoder": str(make_encoder("bert", tmp_path / "编码器"))}
    spec = with_options(**mixed)
    net, texts = _net(kind, spec, data)
    labels = np.array(data.train.labels)
    own = Stepper(
        net, spec.options, texts=texts, labels=labels, classes=2,
        device=torch.device("cpu"), precision=torch.float32,
    )  # fmt: skip
    rows = np.arange(16)
    own.gather(rows, 16)
    own.apply()  # so that the optimiser has something to hand over
    with net.portable():
        content = packed(own.to_share())
    other = _made(unpacked(bytes(content[8:])), torch.device("cpu"))
    for stepper in (own, other):
        torch.manual_seed(3)
        stepper.gather(rows, 16)
        stepper.apply()
    pairs = zip(own.learnt, other.learnt, strict=True)
    assert all(torch.equal(one, two) for one, two in pairs), "the same step, to the last bit"


def test_a_device_names_its_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [processes_in(name) for name in ("cpu:2", "cpu:8", "cpu", "cpu:1", "cpu:9", "cuda:2")] == [
        2,
        8,
        0,
        0,
        0,
        0,
    ]
    assert devices.places_of("cpu:3") == (torch.device("cpu"),) * 3
    assert devices.cards_of("cpu:3") == [""]
    assert devices.places_of(ALL_CARDS) == (), "no card is here"
    cuda = torch.cuda
    monkeypatch.setattr(cuda, "is_available", lambda: True)
    monkeypatch.setattr(cuda, "device_count", lambda: 2)
    monkeypatch.setattr(cuda, "get_device_name", lambda number: "某卡")
    monkeypatch.setattr(cuda, "mem_get_info", lambda number: (10 - number, 20 + number))
    monkeypatch.setattr(devices, "_can_share", lambda: True)
    monkeypatch.setattr(devices, "card_of", lambda key: {"cuda:0": "b", "cuda:1": "a"}[key])
    assert devices.places_of(ALL_CARDS) == (torch.device("cuda", 0), torch.device("cuda", 1))
    assert devices.choose_device(ALL_CARDS) == torch.device("cuda", 0)
    assert devices.cards_of(ALL_CARDS) == ["a", "b"], "in one order, however they are counted"
    found = devices.available_devices()
    assert [each.key for each in found] == ["cuda", "cuda:1", "cuda:all", "cpu"]
    assert found[2] == devices.DeviceInfo("cuda:all", "2 × 某卡", 20, 9)
    monkeypatch.setattr(devices, "_can_share", lambda: False)
    assert devices.places_of(ALL_CARDS) == (torch.device("cuda", 0),)
    assert "cuda:all" not in [each.key for each in devices.available_devices()]
