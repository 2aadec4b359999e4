"""An encoder that reads without labels learns parts of a batch at the same time, in half precision where that
pays: the same gradients, bit by bit the same whatever thread is first."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from invented_comments import sentences
from torch.nn import functional

from senti_studio.domain.adapting import AdaptOptions
from senti_studio.domain.architectures import default_options
from senti_studio.learning.adapting.loop import AdaptLoop, Course
from senti_studio.learning.adapting.net import empty_net, new_net
from senti_studio.learning.adapting.pieces import Pieces, cut
from senti_studio.learning.bert.hiding import attention
from senti_studio.learning.bert.scratch import scratch_encoder
from senti_studio.learning.bert.token_encoder import TokenEncoder
from senti_studio.learning.checkpoint import Checkpoint, Checkpoints, TrainingState
from senti_studio.learning.precision import best_for_products
from senti_studio.text.normalise import normalise


@pytest.fixture(autouse=True)
def two_cores() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def encoder() -> TokenEncoder:
    options = dataclasses.replace(
        default_options("bert", "scratch-tiny"), encoder="scratch-tiny", max_length=40, min_frequency=1
    )
    return scratch_encoder([normalise(text) for text in sentences(200, seed=1).texts], options)


@pytest.fixture(scope="module")
def pieces(encoder: TokenEncoder) -> Pieces:
    return cut(encoder, [encoder.normalise(text) for text in sentences(300, seed=4).texts])


def _loop(
    encoder: TokenEncoder, pieces: Pieces, folder: Path, *, dropout: float, last: Checkpoint | None = None,
    precision: torch.dtype = torch.float32,
) -> AdaptLoop:  # fmt: skip
    options = AdaptOptions(batch_tokens=2048, learning_rate=1e-3, dropout=dropout, seed=3, epochs=4)
    torch.manual_seed(3)
    if last is None:
        net = new_net(encoder, source=None, dropout=dropout, vectors="none")
    else:
        net = empty_net(encoder, last.weights(), dropout=dropout)
    course = Course.of(options, pieces, encoder.marks.count)
    state = last.state() if last else TrainingState()
    loop = AdaptLoop(
        options, course, net, encoder, pieces, state, torch.device("cpu"), Checkpoints(folder), precision
    )
    if last is not None:
        loop.restore(last)
    return loop


def _gradients(loop: AdaptLoop, rows_at_once: int = 0) -> list[torch.Tensor]:
    loop.state.rows_at_once = rows_at_once
    loop.step()
    found = [weight.grad for weight in loop.net.parameters()]
    return [gradient for gradient in found if gradient is not None]


def test_parts_have_the_gradients_of_the_whole(encoder: TokenEncoder, pieces: Pieces, tmp_path: Path) -> None:
    parted = _gradients(_loop(encoder, pieces, tmp_path, dropout=0.0))
    in_turn = _gradients(_loop(encoder, pieces, tmp_path, dropout=0.0), rows_at_once=7)
    torch.set_num_threads(1)
    whole = _gradients(_loop(encoder, pieces, tmp_path, dropout=0.0))
    for given, turned, wanted in zip(parted, in_turn, whole, strict=True):
        torch.testing.assert_close(given, wanted, rtol=1e-3, atol=1e-6)
        torch.testing.assert_close(turned, wanted, rtol=1e-3, atol=1e-6)


def test_the_loss_that_is_told_is_that_of_hidden_words(
    encoder: TokenEncoder, pieces: Pieces, tmp_path: Path
) -> None:
    loop = _loop(encoder, pieces, tmp_path, dropout=0.0)
    masked = loop._masked(pieces, loop._rows(0), 0)
    with torch.no_grad():
        logits, truth = loop._logits(masked)
    loop.step()
    assert loop.collect() == pytest.approx(float(functional.cross_entropy(logits, truth)), rel=1e-4)


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_they_go_on_bit_by_bit(
    precision: torch.dtype, encoder: TokenEncoder, pieces: Pieces, tmp_path: Path
) -> None:
    loop = _loop(encoder, pieces, tmp_path / "一", dropout=0.1, precision=precision)
    for _ in range(3):
        loop.step()
    loop.save()
    last = Checkpoints(tmp_path / "一").last()
    assert last is not None
    for _ in range(3):
        loop.step()
    other = _loop(encoder, pieces, tmp_path / "二", dropout=0.1, last=last, precision=precision)
    for _ in range(3):
        other.step()
    wanted = dict(loop.net.named_parameters())
    for name, weight in other.net.named_parameters():
        assert torch.equal(weight, wanted[name]), name


def test_attention_that_is_written_out_is_that_of_the_kernel() -> None:
    torch.manual_seed(1)
    query, key, value = (torch.randn(3, 2, 9, 16).bfloat16().requires_grad_() for _ in range(3))
    sees = torch.ones(3, 1, 9, 9, dtype=torch.bool)
    sees[1, :, :, 6:] = False
    found, _ = attention(torch.nn.Module(), query, key, value, sees)
    whole = [each.detach().float().requires_grad_() for each in (query, key, value)]
    wanted = functional.scaled_dot_product_attention(*whole, attn_mask=sees).transpose(1, 2)
    torch.testing.assert_close(found.float(), wanted, rtol=0.05, atol=0.02)
    towards = torch.randn_like(wanted)
    gradients = torch.autograd.grad(found, (query, key, value), towards.bfloat16())
    for given, known in zip(gradients, torch.autograd.grad(wanted, whole, towards), strict=True):
        torch.testing.assert_close(given.float(), known, rtol=0.05, atol=0.05)


@pytest.mark.parametrize(
    ("width", "able", "wanted"),
    [(256, {"avx512_bf16": True}, "bf16"), (128, {"avx512_bf16": True}, "auto"), (768, {}, "auto")],
)
def test_halves_where_processor_and_width_gain(
    width: int, able: dict[str, bool], wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert best_for_products(torch.device("cpu"), SimpleNamespace(hidden_size=width)) == wanted
