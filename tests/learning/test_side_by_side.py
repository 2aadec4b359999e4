"""Parts of a batch learnt at the same time: the same gradients, always the same bits; and what is by hand for
the sake of speed is the same mathematics as torch's."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from senti_studio.domain.specs import TrainingSpec
from senti_studio.learning.architectures import architecture
from senti_studio.learning.batches import Rows
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.gru_sequence import can_take, gru_states
from senti_studio.learning.noise import dropout, lost, new_seeds, numbers_of
from senti_studio.learning.reading_nets import NetConfig, recurrent_view
from senti_studio.learning.side_by_side import each, parts_of
from senti_studio.learning.steps import Stepper
from senti_studio.learning.text_net import TextNet
from senti_studio.learning.views import Hiding
from senti_studio.text.encoding import EncodedTexts, TextEncoder

CPU = torch.device("cpu")
Specs = Callable[..., TrainingSpec]


@pytest.fixture
def cores() -> Iterator[Callable[[int], None]]:
    """Sets how many cores torch is to think there are."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def test_parts_are_large_enough_and_hold_every_row_once(cores: Callable[[int], None]) -> None:
    cores(4)
    for count, parts in ((64, 4), (63, 3), (32, 2), (31, 1), (1, 1)):
        dealt = parts_of(np.arange(count), CPU, 16)
        assert len(dealt) == parts
        assert sorted(np.concatenate(dealt).tolist()) == list(range(count))
        assert min(map(len, dealt)) >= min(count, 16)
    assert len(parts_of(np.arange(64), torch.device("cuda"), 16)) == 1


def test_each_part_has_its_share_of_the_cores(cores: Callable[[int], None]) -> None:
    cores(4)
    assert each(lambda _: torch.get_num_threads(), range(2)) == [2, 2]
    # Work makes torch look again: the share must outlast it.
    assert each(lambda _: float(torch.ones(100_000).sum()), range(2)) == [100_000.0] * 2
    assert each(lambda _: torch.get_num_threads(), range(2)) == [2, 2]
    assert torch.get_num_threads() == 4


def test_what_a_part_raises_comes_out_when_all_are_over() -> None:
    done = []

    def work(number: int) -> None:
        if number == 0:
            raise MemoryError
        done.append(number)

    with pytest.raises(MemoryError):
        each(work, range(3))
    assert sorted(done) == [1, 2]


_LATER = """
import atexit, os, sys
import torch
from senti_studio.learning.side_by_side import each

torch.set_num_threads(2)
assert each(abs, [-1, -2]) == [1, 2]
if hasattr(os, "fork"):
    child = os.fork()
    if not child:
        os._exit(0 if each(abs, [-1, -2]) == [1, 2] else 1)
    assert os.waitpid(child, 0)[1] == 0
atexit.register(lambda: print(each(abs, [-1, -2])))
"""


def test_a_copy_of_the_process_and_a_process_that_ends_can_work_too() -> None:
    done = subprocess.run([sys.executable, "-c", _LATER], capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("[1, 2]", "")


def test_threads_that_call_at_once_leave_each_other_their_cores(cores: Callable[[int], None]) -> None:
    cores(4)

    def work(_: int) -> int:
        time.sleep(0.002)
        return torch.get_num_threads()

    def call(_: int) -> list[int]:
        found = []
        for count in (2, 4, 2):
            parts = parts_of(np.arange(count), CPU, 1)
            found += [len(parts), *each(work, range(count)), torch.get_num_threads()]
        return found

    with ThreadPoolExecutor(6) as pool:
        every = list(pool.map(call, range(6)))
        assert every == [[2, 2, 2, 4, 4, 1, 1, 1, 1, 4, 2, 2, 2, 4]] * 6
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(torch.get_num_threads).result() == 4


def _gradients(spec: TrainingSpec, data: TrainingData, seed: int) -> dict[str, Tensor]:
    """Of one step on 64 rows."""
    options = spec.options
    kind = architecture(spec.architecture)
    encoder, texts = kind.learn_encoder(data.train.texts, options)
    assert isinstance(encoder, TextEncoder)
    assert isinstance(texts, EncodedTexts)
    torch.manual_seed(seed)
    cell: type[nn.LSTM] | type[nn.GRU] = nn.LSTM if spec.architecture == "lstm" else nn.GRU
    view = recurrent_view(cell)
    views = [view(NetConfig.of(options), len(words), Hiding.of(options)) for words in encoder.vocabularies]
    grams = len(encoder.ngrams) if encoder.ngrams is not None else 0
    net = TextNet(views, ngrams=grams, classes=len(spec.labels), dropout=options.dropout)
    stepper = Stepper(
        net,
        options,
        texts=texts,
        labels=np.array(data.train.labels),
        classes=len(spec.labels),
        device=CPU,
        precision=torch.float32,
    )
    rows: Rows = np.arange(64)
    torch.manual_seed(seed)
    stepper.gather(rows, 64)
    return {name: weight.grad for name, weight in net.named_parameters() if weight.grad is not None}


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_parts_have_the_gradients_of_the_whole(
    kind: str, with_options: Specs, data: TrainingData, cores: Callable[[int], None]
) -> None:
    nothing_hidden = {"dropout": 0.0, "embedding_dropout": 0.0, "word_dropout": 0.0}
    spec = with_options(architecture=kind, class_weights="auto", **nothing_hidden)
    cores(1)
    whole = _gradients(spec, data, 5)
    cores(4)
    parts = _gradients(spec, data, 5)
    assert set(whole) == set(parts)
    assert any("ngrams" in name for name in whole)
    for name, values in whole.items():
        assert torch.allclose(values, parts[name], rtol=1e-4, atol=1e-6), name


@pytest.mark.parametrize("more", [{}, {"r_drop": 0.5}, {"adversarial": 0.3}])
def test_the_same_seed_hides_the_same_whoever_is_first(
    more: dict[str, float], with_options: Specs, data: TrainingData, cores: Callable[[int], None]
) -> None:
    cores(4)
    spec = with_options(architecture="gru", **more)
    first = _gradients(spec, data, 5)
    for _ in range(5):
        again = _gradients(spec, data, 5)
        assert all(torch.equal(values, again[name]) for name, values in first.items())
    other = _gradients(spec, data, 6)
    assert not all(torch.equal(values, other[name]) for name, values in first.items())


def test_a_training_in_parts_goes_on_bit_by_bit(
    with_options: Specs, data: TrainingData, tmp_path: Path, cores: Callable[[int], None]
) -> None:
    cores(2)
    spec = with_options(architecture="gru", epochs=2, batch_size=40)
    list(fit(spec, data, tmp_path / "一次"))
    events = fit(spec, data, tmp_path / "两次")
    next(event for event in events if event.type == "CheckpointSaved")
    events.close()  # type: ignore[attr-defined]
    list(fit(spec, data, tmp_path / "两次", resume=Checkpoints(tmp_path / "两次" / "checkpoints").last()))
    one, two = ((tmp_path / name / "model" / "weights.safetensors").read_bytes() for name in ("一次", "两次"))
    assert one == two


def test_dropout_keeps_the_mean_and_the_share() -> None:
    x = torch.full((400, 500), 3.0)
    with numbers_of(11):
        found = dropout(x, 0.3)
    assert float((found == 0).float().mean()) == pytest.approx(0.3, abs=0.005)
    assert float(found.mean()) == pytest.approx(3.0, abs=0.02)
    assert np.unique(found.numpy()).tolist() == pytest.approx([0.0, 3 / 0.7], abs=1e-3)
    with numbers_of(11):
        assert torch.equal(dropout(x, 0.3), found)
        assert not torch.equal(dropout(x, 0.3), found), "the next numbers are others"
    with numbers_of(11):
        assert torch.equal(dropout(x, 0.0), x)
        assert float(lost((400, 500), 0.05, CPU).float().mean()) == pytest.approx(0.05, abs=0.003)


def test_the_seeds_follow_torch() -> None:
    torch.manual_seed(4)
    first = new_seeds(3)
    state = torch.get_rng_state()
    second = new_seeds(3)
    torch.set_rng_state(state)
    assert new_seeds(3) == second
    assert len({*first, *second}) == 6


@pytest.mark.parametrize(
    ("rows", "longest", "size", "hidden"), [(3, 7, 5, 6), (2, 1, 4, 3), (20, 30, 16, 24)]
)
def test_the_gru_by_hand_is_that_of_torch(rows: int, longest: int, size: int, hidden: int) -> None:
    torch.manual_seed(2)
    cell = nn.GRU(size, hidden, batch_first=True)
    x = (3 * torch.randn(rows, longest, size)).requires_grad_()
    wanted = torch.randn(rows, longest, hidden)
    assert can_take(x)
    states, peer = gru_states(cell, x), cell(x)[0]
    assert torch.allclose(states, peer, atol=1e-6)
    weights = [x, *cell.parameters()]
    ours = torch.autograd.grad((states * wanted).sum(), weights)
    theirs = torch.autograd.grad((peer * wanted).sum(), weights)
    for one, other in zip(ours, theirs, strict=True):
        assert one.shape == other.shape
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-5 * float(other.abs().max()))


def test_half_precision_and_judging_are_left_to_torch() -> None:
    x = torch.zeros(1, 1, 1)
    assert not can_take(x.half())
    with torch.autocast("cpu", torch.bfloat16):
        assert not can_take(x)
    with torch.no_grad():
        assert not can_take(x)
