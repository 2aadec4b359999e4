"""The nets: padding never leaks, every architecture learns."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from senti_studio.domain.training_options import POOLINGS, TrainingOptions, rows_of_a_step
from senti_studio.learning.architectures import REGISTRY
from senti_studio.learning.batches import by_length, epoch_order, make_batch
from senti_studio.learning.pooling import pooled
from senti_studio.learning.reading_nets import NetConfig
from senti_studio.learning.text_net import TextNet
from senti_studio.text.encoding import TextEncoder, build_encoder

TEXTS = ["好", "房间很大，早餐也不错，下次还会再来住", "", "味道一般" * 9, "物流很快", "从没见过的生僻词"]
CPU = torch.device("cpu")


def _encoder(units: str) -> TextEncoder:
    return build_encoder(TEXTS * 5, units=units, ngrams=True, min_frequency=1, max_length=40)[0]


def _net(
    architecture: str,
    encoder: TextEncoder,
    *,
    layers: int,
    bidirectional: bool,
    pooling: str = "max+attention",
) -> TextNet:
    torch.manual_seed(3)
    config = NetConfig(10, 9, layers, bidirectional, pooling)
    net = REGISTRY[architecture].rebuild(dataclasses.asdict(config), encoder, 3).eval()
    assert isinstance(net, TextNet)
    assert net.ngrams is not None
    torch.nn.init.normal_(net.ngrams.weights.weight)
    with torch.no_grad():
        net.ngrams.weights.weight[0].zero_()
    return net


@pytest.mark.parametrize("architecture", ["lstm", "gru", "rnn", "textcnn"])
@pytest.mark.parametrize(
    ("layers", "bidirectional", "units"), [(1, True, "words"), (2, True, "both"), (2, False, "characters")]
)
def test_a_row_does_not_depend_on_its_batch(
    architecture: str, layers: int, bidirectional: bool, units: str
) -> None:
    encoder = _encoder(units)
    net = _net(architecture, encoder, layers=layers, bidirectional=bidirectional)
    encoded = encoder.encode(TEXTS)
    with torch.inference_mode():
        together = net(make_batch(encoded, np.arange(len(TEXTS)), CPU)).softmax(1)
        for row in range(len(TEXTS)):
            alone = net(make_batch(encoder.encode([TEXTS[row]]), np.arange(1), CPU)).softmax(1)
            assert torch.allclose(together[row], alone[0], atol=1e-6)
    assert together.std(dim=0).min() > 1e-3, "rows that differ must not all score alike"


def test_the_bidirectional_net_agrees_with_packed_sequences() -> None:
    """The trick with turned rows is the same mathematics as torch's own packed bidirectional LSTM."""
    encoder = _encoder("words")
    net = _net("lstm", encoder, layers=1, bidirectional=True)
    batch = make_batch(encoder.encode(TEXTS), np.arange(len(TEXTS)), CPU)
    layer = net.views[0].layers[0]
    peer = torch.nn.LSTM(10, 9, batch_first=True, bidirectional=True)
    for name, value in layer.forward_cell.named_parameters():
        peer.get_parameter(name).data.copy_(value)
    for name, value in layer.backward_cell.named_parameters():
        peer.get_parameter(f"{name}_reverse").data.copy_(value)
    units, lengths = batch.units[0], batch.lengths[0]
    embedded = net.views[0].embedding(units)
    position = torch.arange(units.shape[1]).unsqueeze(0)
    real = position < lengths.unsqueeze(1)
    ours = layer(embedded, torch.where(real, lengths.unsqueeze(1) - 1 - position, position))
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        embedded, lengths, batch_first=True, enforce_sorted=False
    )
    theirs, _ = torch.nn.utils.rnn.pad_packed_sequence(peer(packed)[0], batch_first=True)
    assert torch.allclose(ours[real], theirs[real], atol=1e-6)


@pytest.mark.parametrize("architecture", ["lstm", "gru", "rnn"])
def test_a_net_that_learns_says_what_it_says_when_it_judges(architecture: str) -> None:
    """Turned and computed in other ways for the sake of speed, with the same outcome and gradients."""
    encoder = _encoder("both")
    net = _net(architecture, encoder, layers=2, bidirectional=True)
    batch = make_batch(encoder.encode(TEXTS), np.arange(len(TEXTS)), CPU)
    wanted = torch.randn(len(TEXTS), 3)
    judged = net(batch)
    learnt = net.train()(batch)
    assert torch.allclose(judged, learnt, atol=1e-6)
    weights = list(net.parameters())
    theirs = torch.autograd.grad((judged * wanted).sum(), weights)
    ours = torch.autograd.grad((learnt * wanted).sum(), weights)
    for one, other in zip(ours, theirs, strict=True):
        assert torch.allclose(one, other, rtol=1e-3, atol=1e-5 * max(1.0, float(other.abs().max())))


def test_every_row_comes_once_an_epoch_in_an_order_of_its_own() -> None:
    lengths = np.random.default_rng(0).integers(1, 50, 103)
    first = epoch_order(lengths, batch_size=8, seed=5, epoch=0)
    assert sorted(np.concatenate(first).tolist()) == list(range(103))
    assert len(first) == 13
    again = epoch_order(lengths, batch_size=8, seed=5, epoch=0)
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    other = epoch_order(lengths, batch_size=8, seed=5, epoch=1)
    assert not all(np.array_equal(one, two) for one, two in zip(first, other, strict=True))


def test_batches_hold_rows_of_like_length() -> None:
    lengths = np.random.default_rng(0).integers(1, 200, 4000)
    batches = epoch_order(lengths, batch_size=32, seed=0, epoch=0)
    cells = sum(int(lengths[rows].max()) * len(rows) for rows in batches)
    assert cells < 1.1 * lengths.sum()
    assert sum(len(rows) for rows in by_length(lengths, batch_size=64)) == 4000


@pytest.mark.parametrize(
    ("rows", "batch_size", "taken"),
    [(10_000, 32, 32), (1280, 32, 32), (450, 32, 11), (100, 32, 8), (27, 512, 8), (100, 4, 4)],
)
def test_small_sets_take_smaller_batches(rows: int, batch_size: int, taken: int) -> None:
    assert rows_of_a_step(TrainingOptions(batch_size=batch_size), rows) == taken


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize(("layers", "bidirectional"), [(1, True), (2, True), (2, False)])
def test_no_pooling_sees_the_padding(pooling: str, layers: int, bidirectional: bool) -> None:
    encoder = _encoder("words")
    net = _net("lstm", encoder, layers=layers, bidirectional=bidirectional, pooling=pooling)
    encoded = encoder.encode(TEXTS)
    with torch.inference_mode():
        together = net(make_batch(encoded, np.arange(len(TEXTS)), CPU))
        for row in range(len(TEXTS)):
            alone = net(make_batch(encoder.encode([TEXTS[row]]), np.arange(1), CPU))
            assert torch.allclose(together[row], alone[0], atol=1e-5)


def test_the_last_state_is_that_of_torch() -> None:
    """Of both directions, each where it ended: ``h_n`` of a packed bidirectional LSTM."""
    lengths = torch.tensor([1, 7, 4])
    x = torch.randn(3, 7, 5)
    peer = torch.nn.LSTM(5, 6, batch_first=True, bidirectional=True)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    states, (last, _) = peer(packed)
    states, _ = torch.nn.utils.rnn.pad_packed_sequence(states, batch_first=True)
    assert torch.allclose(pooled(("last",), states, lengths, 2, None), torch.cat([last[0], last[1]], dim=1))


def test_maximum_and_mean_are_those_of_each_row() -> None:
    x = torch.randn(2, 4, 3)
    lengths = torch.tensor([2, 4])
    found = pooled(("max", "mean"), x, lengths, 1, None)
    assert torch.allclose(found[0], torch.cat([x[0, :2].amax(0), x[0, :2].mean(0)]))
    assert torch.allclose(found[1], torch.cat([x[1].amax(0), x[1].mean(0)]))


def test_few_rows_of_an_encoder_are_hardly_padded() -> None:
    """A long text among short ones must not make all of them as long."""
    lengths = np.array([*range(5, 35), 160, 20, 20, 128])
    batches = by_length(lengths, batch_size=64, units=8192)
    assert sorted(np.concatenate(batches)) == list(range(len(lengths)))
    padded = sum(int(lengths[rows].max()) * len(rows) for rows in batches)
    assert padded <= 1.5 * lengths.sum()
    assert len(batches) <= 6
    alike = by_length(np.full(100, 30), batch_size=64, units=8192)
    assert [len(rows) for rows in alike] == [64, 36]
    assert [len(rows) for rows in by_length(np.full(100, 300), batch_size=64, units=8192)] == [27, 27, 27, 19]
