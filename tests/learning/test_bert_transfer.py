"""What of an encoder learns: each option of transfer does to the weights, or to memory, what it says."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from killed_training import interrupted_and_resumed
from safetensors.torch import load_file
from tiny_encoders import FAMILIES, make_encoder

from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.protocol import Finished
from senti_studio.learning.architectures import REGISTRY
from senti_studio.learning.batches import make_batch
from senti_studio.learning.bert.architecture import read_encoder
from senti_studio.learning.bert.held import hold
from senti_studio.learning.bert.net import EncoderNet, new_net
from senti_studio.learning.bert.token_encoder import TokenEncoder
from senti_studio.learning.bert.transfer import add_low_rank, draw_anew, freeze, layers_of, work_out_again
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.optimise import build_optimiser
from senti_studio.text.encoding import EncodedTexts

CPU = torch.device("cpu")
Specs = Callable[..., TrainingSpec]
QUERY = "encoder.layer.{}.attention.self.query.weight"
OUTPUT = "encoder.layer.{}.output.dense.weight"
TABLE = "embeddings.word_embeddings.weight"


@pytest.fixture
def of_encoder(spec: TrainingSpec) -> Specs:
    def made(encoder: object, **options: Any) -> TrainingSpec:
        usual = default_options("bert", str(encoder))
        small = {"epochs": 1, "least_steps": 1, "batch_size": 16, "learning_rate": 3e-3, "averaging": 0.0}
        chosen = dataclasses.replace(usual, **{**small, **options})
        return dataclasses.replace(spec, architecture="bert", options=chosen)

    return made


def built(family: str, folder: Path, spec: TrainingSpec, texts: list[str]) -> tuple[EncoderNet, EncodedTexts]:
    encoder, encoded = REGISTRY["bert"].learn_encoder(texts, spec.options)
    assert isinstance(encoder, TokenEncoder)
    torch.manual_seed(5)
    return new_net(encoder, 2, spec.options, source=str(folder)), encoded


@pytest.mark.parametrize(
    ("options", "moved"),
    [
        ({}, (True, True, True)),
        ({"freeze": "embeddings"}, (False, True, True)),
        ({"freeze": "layers", "frozen_layers": 1}, (False, False, True)),
        ({"freeze": "body"}, (False, False, False)),
        ({"lora_rank": 2}, (False, True, True)),
    ],
)
def test_what_is_frozen_does_not_move(
    options: dict[str, Any],
    moved: tuple[bool, ...],
    of_encoder: Specs,
    data: TrainingData,
    tmp_path: Path,
) -> None:
    folder = make_encoder("bert", tmp_path / "编码器")
    there = load_file(folder / "model.safetensors")
    list(fit(of_encoder(folder, **options), data, tmp_path / "运行"))
    found = load_file(tmp_path / "运行" / "model" / "weights.safetensors")
    assert not [name for name in found if "lora" in name or "base_layer" in name]
    names = (TABLE, QUERY.format(0), QUERY.format(1))
    assert tuple(not torch.equal(found[f"model.bert.{name}"], there[name]) for name in names) == moved
    if "lora_rank" in options:
        change = found[f"model.bert.{names[1]}"] - there[names[1]]
        assert int(torch.linalg.matrix_rank(change, atol=1e-6)) <= 2


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_what_is_held_of_a_text_gives_the_same_logits(
    family: str, of_encoder: Specs, data: TrainingData, tmp_path: Path
) -> None:
    folder = make_encoder(family, tmp_path / "编码器")
    net, texts = built(family, folder, of_encoder(folder), list(data.test.texts))
    rows = np.arange(len(texts))
    net.eval()
    with torch.inference_mode():
        wanted = net(make_batch(texts, rows, CPU))
    events = hold(net, (texts,), CPU)
    while True:
        try:
            next(events)
        except StopIteration as stop:
            net.held, (numbers,) = stop.value
            break
    with torch.inference_mode():
        found = net(make_batch(numbers, rows, CPU))
    assert torch.allclose(found, wanted, atol=1e-5)
    net.held = None
    with torch.inference_mode():
        assert torch.equal(net(make_batch(texts, rows, CPU)), wanted)


@pytest.mark.parametrize("options", [{"freeze": "body"}, {"lora_rank": 4}, {"freeze": "layers"}])
def test_what_learns_in_part_goes_on_bit_by_bit(
    options: dict[str, Any],
    of_encoder: Specs,
    data: TrainingData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("senti_studio.learning.pace.EVENT_INTERVAL_S", 0.0)
    spec = of_encoder(make_encoder("bert", tmp_path / "编码器"), epochs=2, averaging=0.9, **options)
    assert isinstance(list(fit(spec, data, tmp_path / "一次"))[-1], Finished)
    out = tmp_path / "两次"
    interrupted_and_resumed(spec, data, out, step=10)
    one, other = (load_file(path / "model" / "weights.safetensors") for path in (tmp_path / "一次", out))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert read_encoder(out / "model").marks.count == 2


def test_lower_layers_learn_more_slowly(of_encoder: Specs, data: TrainingData, tmp_path: Path) -> None:
    folder = make_encoder("bert", tmp_path / "编码器")
    spec = of_encoder(folder, layer_decay=0.5, learning_rate=0.08)
    net, _ = built("bert", folder, spec, list(data.test.texts))
    names = {id(value): name for name, value in net.named_parameters()}
    rates = {}
    pulled = {}
    for group in build_optimiser(net, spec.options).param_groups:
        for value in group["params"]:
            rates[names[id(value)]] = group["lr"]
            pulled[names[id(value)]] = group["weight_decay"] > 0
    assert rates["model.classifier.weight"] == pytest.approx(0.08)
    assert rates["model.bert." + QUERY.format(1)] == pytest.approx(0.04)
    assert rates["model.bert." + QUERY.format(0)] == pytest.approx(0.02)
    assert rates["model.bert." + TABLE] == pytest.approx(0.01)
    assert pulled["model.classifier.weight"]
    assert not pulled["model.classifier.bias"]
    assert not pulled["model.bert.encoder.layer.0.output.LayerNorm.weight"]


@pytest.mark.parametrize("family", ["bert", "xlnet", "distilbert", "modernbert"])
def test_the_highest_layer_forgets(
    family: str, of_encoder: Specs, data: TrainingData, tmp_path: Path
) -> None:
    folder = make_encoder(family, tmp_path / "编码器")
    net, _ = built(family, folder, of_encoder(folder), list(data.test.texts))
    low, high = layers_of(net.model)
    before = [{name: value.clone() for name, value in layer.named_parameters()} for layer in (low, high)]
    draw_anew(net.model, 1)
    assert all(torch.equal(value, before[0][name]) for name, value in low.named_parameters())
    tables = [name for name, value in high.named_parameters() if value.dim() > 1]
    assert tables
    now = dict(high.named_parameters())
    assert not any(torch.equal(now[name], before[1][name]) for name in tables)
    assert all(value.std() < 0.05 for name, value in now.items() if name in tables)


def test_low_rank_weights_need_less_memory(of_encoder: Specs, data: TrainingData, tmp_path: Path) -> None:
    folder = make_encoder("bert", tmp_path / "编码器")
    spec = of_encoder(folder)
    counts = []
    for rank in (0, 2):
        net, texts = built("bert", folder, spec, list(data.test.texts))
        if rank:
            add_low_rank(net.model, rank)
        optimiser = build_optimiser(net, spec.options)
        net(make_batch(texts, np.arange(8), CPU)).sum().backward()
        optimiser.step()
        states = [value for state in optimiser.state.values() for value in state.values()]
        counts.append(sum(value.numel() for value in states))
    assert counts[1] < counts[0] / 3


@pytest.mark.parametrize("family", ["bert", "albert", "xlnet"])
def test_layers_that_are_worked_out_again_keep_less_and_say_the_same(
    family: str, of_encoder: Specs, data: TrainingData, tmp_path: Path
) -> None:
    folder = make_encoder(family, tmp_path / "编码器")
    kept, gradients = [], []
    for again in (False, True):
        net, texts = built(family, folder, of_encoder(folder), list(data.test.texts))
        net.train()
        if again:
            work_out_again(net.model)
            net = copy.deepcopy(net)  # as the mean of all steps is one
        sizes: list[int] = []

        def note(value: torch.Tensor, sizes: list[int] = sizes) -> torch.Tensor:
            sizes.append(value.numel())
            return value

        torch.manual_seed(9)
        with torch.autograd.graph.saved_tensors_hooks(note, lambda value: value):
            loss = net(make_batch(texts, np.arange(16), CPU)).square().sum()
            kept.append(sum(sizes))
        loss.backward()
        gradients.append(net.model.get_input_embeddings().weight.grad)
    assert kept[1] < kept[0] / 2
    assert torch.allclose(gradients[0], gradients[1], atol=1e-6)


def test_freezing_more_layers_than_there_are_leaves_the_head(
    of_encoder: Specs, data: TrainingData, tmp_path: Path
) -> None:
    folder = make_encoder("albert", tmp_path / "编码器")
    spec = of_encoder(folder, freeze="layers", frozen_layers=50)
    net, _ = built("albert", folder, spec, list(data.test.texts))
    freeze(net.model, spec.options)
    learning = {name for name, value in net.named_parameters() if value.requires_grad}
    assert {"model.classifier.weight", "model.classifier.bias"} <= learning
    assert not [name for name in learning if "albert_layer" in name or "embeddings" in name]


def test_lower_layers_move_less(of_encoder: Specs, data: TrainingData, tmp_path: Path) -> None:
    """By steps of SGD, which are as long as the rate says: each layer moves half as far, beside without."""
    folder = make_encoder("bert", tmp_path / "编码器")
    there = load_file(folder / "model.safetensors")
    moved = []
    for decay in (1.0, 0.5):
        spec = of_encoder(folder, layer_decay=decay, optimiser="sgd", momentum=0.0, learning_rate=1e-3)
        list(fit(spec, data, tmp_path / f"运行 {decay}"))
        found = load_file(tmp_path / f"运行 {decay}" / "model" / "weights.safetensors")
        names = (TABLE, OUTPUT.format(0), OUTPUT.format(1))
        moved.append([float((found[f"model.bert.{name}"] - there[name]).norm()) for name in names])
    without, slower = moved
    assert all(distance > 0 for distance in (*without, *slower))
    for each, share in zip(range(3), (0.125, 0.25, 0.5), strict=True):
        assert slower[each] / without[each] == pytest.approx(share, rel=0.1)


@pytest.mark.parametrize("options", [{"freeze": "embeddings"}, {"freeze": "layers"}, {"freeze": "body"}])
def test_what_is_frozen_needs_no_memory_to_learn(
    options: dict[str, Any], of_encoder: Specs, data: TrainingData, tmp_path: Path
) -> None:
    folder = make_encoder("bert", tmp_path / "编码器")
    counts = []
    for chosen in ({}, options):
        spec = of_encoder(folder, **{"frozen_layers": 1, **chosen})
        net, texts = built("bert", folder, spec, list(data.test.texts))
        freeze(net.model, spec.options)
        optimiser = build_optimiser(net, spec.options)
        net(make_batch(texts, np.arange(8), CPU)).sum().backward()
        optimiser.step()
        gradients = sum(value.grad.numel() for value in net.parameters() if value.grad is not None)
        states = [value for state in optimiser.state.values() for value in state.values()]
        counts.append((gradients, sum(value.numel() for value in states)))
    assert counts[1][0] < 0.6 * counts[0][0]
    assert counts[1][1] < 0.6 * counts[0][1]
