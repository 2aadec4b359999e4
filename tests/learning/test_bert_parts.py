"""An encoder learns parts of a batch at the same time, in pieces that memory bears, in half precision."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tiny_encoders import FAMILIES, make_encoder
from torch import Tensor

from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import CheckpointSaved, Evaluated, Finished, Warned
from senti_studio.learning.architectures import REGISTRY
from senti_studio.learning.batches import passes
from senti_studio.learning.bert.hiding import DIVISIBLE, attention
from senti_studio.learning.bert.net import EncoderNet, new_net
from senti_studio.learning.bert.token_encoder import TokenEncoder
from senti_studio.learning.bert.transfer import add_low_rank
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.contract import Batch
from senti_studio.learning.data import TrainingData
from senti_studio.learning.evaluate import Evaluation
from senti_studio.learning.fit import fit
from senti_studio.learning.loop import Loop
from senti_studio.learning.noise import dropout, numbers_of
from senti_studio.learning.steps import Stepper

CPU = torch.device("cpu")
Specs = Callable[..., TrainingSpec]
HERE = sorted(DIVISIBLE & set(FAMILIES))
NOTHING_HIDDEN = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


@pytest.fixture
def of_encoder(spec: TrainingSpec) -> Specs:
    def made(encoder: object, **options: Any) -> TrainingSpec:
        small = {"epochs": 2, "least_steps": 1, "batch_size": 16, "learning_rate": 3e-3, "seed": 7}
        chosen = dataclasses.replace(default_options("bert", str(encoder)), **{**small, **options})
        return dataclasses.replace(spec, architecture="bert", options=chosen)

    return made


@pytest.fixture
def cores() -> Iterator[Callable[[int], None]]:
    """Sets how many cores torch is to think there are."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def _stepper(
    spec: TrainingSpec, data: TrainingData, *, head_dropout: float = 0.1, units: int = 0, rank: int = 0
) -> tuple[Stepper, EncoderNet]:
    encoder, texts = REGISTRY["bert"].learn_encoder(data.train.texts, spec.options)
    assert isinstance(encoder, TokenEncoder)
    torch.manual_seed(5)
    options = dataclasses.replace(spec.options, dropout=head_dropout)
    net = new_net(encoder, 2, options, source=spec.options.encoder)
    if rank:
        add_low_rank(net.model, rank)
    net.learn_in_parts()
    net.units_of_pass = units
    labels = np.array(data.train.labels)
    return Stepper(
        net, spec.options, texts=texts, labels=labels, classes=2, device=CPU, precision=torch.float32
    ), net


def _gradients(spec: TrainingSpec, data: TrainingData, **more: Any) -> dict[str, Tensor]:
    """Of one step on 16 rows."""
    stepper, net = _stepper(spec, data, **more)
    torch.manual_seed(3)
    stepper.gather(np.arange(16), 16)
    return {name: weight.grad for name, weight in net.named_parameters() if weight.grad is not None}


def _near(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    same = one.keys() == other.keys()
    return same and all(torch.allclose(one[name], other[name], rtol=1e-3, atol=1e-5) for name in one)


def _same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("family", HERE)
def test_parts_and_pieces_have_the_gradients_of_the_whole(
    family: str, of_encoder: Specs, data: TrainingData, tmp_path: Path, cores: Callable[[int], None]
) -> None:
    quiet = {"dropout": 0.0, "attention_dropout": 0.0} if family == "distilbert" else NOTHING_HIDDEN
    folder = make_encoder(family, tmp_path / "编码器", **quiet)
    spec = of_encoder(folder, class_weights="auto")
    cores(1)
    whole = _gradients(spec, data, head_dropout=0.0)
    pieces = _gradients(spec, data, head_dropout=0.0, units=60)
    cores(2)
    parts = _gradients(spec, data, head_dropout=0.0)
    assert whole
    assert _near(whole, parts)
    assert _near(whole, pieces)


@pytest.mark.parametrize("more", [{}, {"r_drop": 0.5}])
def test_the_same_seed_hides_the_same_whoever_is_first(
    more: dict[str, float],
    of_encoder: Specs,
    data: TrainingData,
    tmp_path: Path,
    cores: Callable[[int], None],
) -> None:
    spec = of_encoder(make_encoder("bert", tmp_path / "编码器"), **more)
    cores(2)
    first = _gradients(spec, data, rank=2)
    assert any("lora_" in name for name in first)
    assert all(_same(first, _gradients(spec, data, rank=2)) for _ in range(3))
    assert not _same(first, _gradients(spec, data, rank=2, head_dropout=0.0)), "nothing was hidden"


def test_a_training_in_parts_and_pieces_goes_on_bit_by_bit(
    of_encoder: Specs,
    data: TrainingData,
    tmp_path: Path,
    cores: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("senti_studio.learning.bert.net._units_of_pass", lambda _: 120)
    cores(2)
    spec = of_encoder(make_encoder("bert", tmp_path / "编码器"))
    list(fit(spec, data, tmp_path / "一次"))
    events = fit(spec, data, tmp_path / "两次")
    next(event for event in events if isinstance(event, CheckpointSaved))
    events.close()  # type: ignore[attr-defined]
    list(fit(spec, data, tmp_path / "两次", resume=Checkpoints(tmp_path / "两次" / "checkpoints").last()))
    one, two = (load_file(tmp_path / name / "model" / "weights.safetensors") for name in ("一次", "两次"))
    assert _same(one, two)


def test_pieces_hold_every_row_once_and_no_more_than_they_may() -> None:
    lengths = np.array([9, 2, 30, 5, 5, 2, 8, 3])
    rows = np.arange(8)
    assert [list(each) for each in passes(lengths, rows, rows_at_once=5, units=0)] == [
        [0, 1, 2, 3, 4],
        [5, 6, 7],
    ]
    found = passes(lengths, rows, rows_at_once=3, units=20)
    assert sorted(np.concatenate(found)) == list(rows)
    assert [list(each) for each in found] == [[1, 5, 7], [3, 4], [6, 0], [2]]
    assert len(passes(lengths, rows, rows_at_once=8, units=8 * 30)) == 1


def test_attention_is_that_of_torch_and_hides_its_share() -> None:
    torch.manual_seed(1)
    query, key, value = torch.randn(3, 3, 2, 7, 4)
    real = torch.ones(3, 1, 7, 7, dtype=torch.bool)
    real[1, ..., 5:] = False
    module = torch.nn.Module()
    plain, _ = attention(module, query, key, value, real, is_causal=False)
    with numbers_of(4):
        hidden, _ = attention(module, query, key, value, real, dropout=0.25)
    scores = (query @ key.transpose(2, 3) / 2).masked_fill(~real, -torch.inf).softmax(-1)
    assert torch.allclose(plain, (scores @ value).transpose(1, 2), atol=1e-6)
    with numbers_of(4):
        wanted = dropout(scores, 0.25) @ value
    assert torch.allclose(hidden, wanted.transpose(1, 2), atol=1e-6)
    assert not torch.allclose(hidden, plain, atol=1e-2)


def test_half_precision_learns_and_goes_on(
    of_encoder: Specs, data: TrainingData, tmp_path: Path, cores: Callable[[int], None]
) -> None:
    cores(2)
    folder = make_encoder("bert", tmp_path / "编码器")
    whole = list(fit(of_encoder(folder, precision="fp32"), data, tmp_path / "整"))
    spec = of_encoder(folder, precision="bf16")
    events = list(fit(spec, data, tmp_path / "一次"))
    losses = [next(each.loss for each in some if isinstance(each, Evaluated)) for some in (whole, events)]
    assert losses[0] == pytest.approx(losses[1], abs=0.05)
    begun = fit(spec, data, tmp_path / "两次")
    next(event for event in begun if isinstance(event, CheckpointSaved))
    begun.close()  # type: ignore[attr-defined]
    list(fit(spec, data, tmp_path / "两次", resume=Checkpoints(tmp_path / "两次" / "checkpoints").last()))
    one, two = (load_file(tmp_path / name / "model" / "weights.safetensors") for name in ("一次", "两次"))
    assert _same(one, two)
    assert all(value.dtype is torch.float32 for value in one.values())
    assert not _same(one, load_file(tmp_path / "整" / "model" / "weights.safetensors"))


def test_numbers_that_are_none_end_it_and_the_best_is_kept(
    of_encoder: Specs, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("senti_studio.learning.pace.EVENT_INTERVAL_S", 0.0)
    forward, judge = EncoderNet.forward, Loop.judge
    judged = []

    def breaking(net: EncoderNet, batch: Batch) -> Tensor:
        found = forward(net, batch)
        return found * float("nan") if net.training and judged else found

    def noted(loop: Loop, found: Evaluation) -> bool:
        judged.append(found)
        return judge(loop, found)

    monkeypatch.setattr(EncoderNet, "forward", breaking)
    monkeypatch.setattr(Loop, "judge", noted)
    spec = of_encoder(make_encoder("bert", tmp_path / "编码器"), precision="bf16", epochs=3)
    with pytest.raises(UserError) as caught:
        list(fit(spec, data, tmp_path / "运行"))
    assert caught.value.code == "NAN_LOSS"
    best = Checkpoints(tmp_path / "运行" / "checkpoints").best()
    assert best is not None
    assert all(bool(value.isfinite().all()) for value in best.weights().values())


def test_the_batch_of_an_encoder_is_halved_and_the_step_stays(
    of_encoder: Specs,
    data: TrainingData,
    tmp_path: Path,
    cores: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = make_encoder("bert", tmp_path / "编码器", **NOTHING_HIDDEN)
    spec = of_encoder(folder, dropout=0.0)
    list(fit(spec, data, tmp_path / "够"))
    forward = EncoderNet.forward

    def limited(net: EncoderNet, batch: Batch) -> Tensor:
        if net.training and len(batch.lengths[0]) > 4:
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")
        return forward(net, batch)

    monkeypatch.setattr(EncoderNet, "forward", limited)
    cores(1)
    events = list(fit(spec, data, tmp_path / "不够"))
    halved = [event.params["rows"] for event in events if isinstance(event, Warned)]
    assert halved == [8, 4]
    end = events[-1]
    assert isinstance(end, Finished)
    enough, short = (load_file(tmp_path / name / "model" / "weights.safetensors") for name in ("够", "不够"))
    assert all(torch.allclose(enough[name], short[name], atol=2e-3) for name in enough)


PEAK = """
import sys
from pathlib import Path
import numpy as np, torch
from senti_studio.learning.bert.net import EncoderNet
from senti_studio.learning.bert.token_encoder import Marks
from senti_studio.learning.bert.transfer import work_out_again
from senti_studio.learning.contract import Batch
import transformers
torch.manual_seed(1)
config = transformers.BertConfig(
    vocab_size=300, hidden_size=128, num_hidden_layers=8, num_attention_heads=2, intermediate_size=512
)
net = EncoderNet(
    transformers.BertForSequenceClassification(config), classes=2, marks=Marks((1,), (2,), 0, 3, {})
).train()
if sys.argv[1] == "again":
    work_out_again(net.model)
batch = Batch((torch.randint(5, 300, (32, 128)),), (torch.full((32,), 128),))
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM:"))) * 1024
before = peak()
net(batch).sum().backward()
print(peak() - before)
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="the most memory of a process is counted as Linux does")
def test_layers_that_are_worked_out_again_take_less_memory() -> None:
    """No stand-in: what two processes took at most."""
    took = [
        int(
            subprocess.run(
                [sys.executable, "-c", PEAK, how], capture_output=True, text=True, check=True
            ).stdout.splitlines()[-1]
        )
        for how in ("kept", "again")
    ]
    assert took[1] < 0.7 * took[0], [each >> 20 for each in took]
