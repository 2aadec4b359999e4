"""The nets: padding never leaks, every architecture learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from senti_studio.domain.training_options import TrainingOptions
from senti_studio.learning.batches import by_length, epoch_order, make_batch
from senti_studio.learning.plan import batch_size_for
from senti_studio.learning.recurrent import RecurrentClassifier
from senti_studio.text.encoding import TextEncoder, build_encoder

TEXTS = ["好", "房间很大，早餐也不错，下次还会再来住", "", "味道一般" * 9, "物流很快", "从没见过的生僻词"]
CPU = torch.device("cpu")


def _encoder(units: str) -> TextEncoder:
    return build_encoder(TEXTS * 5, units=units, ngrams=True, min_frequency=1, max_length=40)[0]


def _net(architecture: str, encoder: TextEncoder, *, layers: int, bidirectional: bool) -> RecurrentClassifier:
    torch.manual_seed(3)
    assert encoder.ngrams is not None
    net = RecurrentClassifier(
        architecture,
        vocabularies=[len(vocabulary) for vocabulary in encoder.vocabularies],
        ngrams=len(encoder.ngrams),
        classes=3,
        embedding_size=10,
        hidden_size=9,
        layers=layers,
        bidirectional=bidirectional,
        dropout=0.4,
        embedding_dropout=0.3,
        word_dropout=0.1,
    ).eval()
    assert net.ngrams is not None
    torch.nn.init.normal_(net.ngrams.weights.weight)
    with torch.no_grad():
        net.ngrams.weights.weight[0].zero_()
    return net


@pytest.mark.parametrize("architecture", ["lstm", "gru"])
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
    assert batch_size_for(TrainingOptions(batch_size=batch_size), rows) == taken
