"""A BERT in eight bits says nearly the same, whatever stands beside a row; what that costs is counted."""

from __future__ import annotations

import dataclasses
import os
import platform
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from invented_comments import sentences
from tiny_encoders import make_encoder
from torch import nn

from senti_studio import paths
from senti_studio.domain.architectures import default_options
from senti_studio.domain.eight_bits import Comparison
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Preparing
from senti_studio.learning import bits_compared
from senti_studio.learning.bert import eight_bits
from senti_studio.learning.bert.eight_bits import EightBitLinear
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.predict import Predictor

ROWS = sentences(240, seed=21)
SEEN = sentences(64, seed=5).texts


def trained(spec: TrainingSpec, data: TrainingData, out: Path, encoder: object, **options: Any) -> Path:
    small = {"epochs": 3, "least_steps": 1, "batch_size": 16, "learning_rate": 2e-3, "max_length": 20}
    chosen = dataclasses.replace(default_options("bert", str(encoder)), **{**small, **options})
    list(fit(dataclasses.replace(spec, architecture="bert", options=chosen), data, out))
    return out / "model"


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from invented_comments import LABELS

    spec = TrainingSpec("run-1", "小", "bert", LABELS, device="cpu")
    data = TrainingData(sentences(120, seed=1), sentences(40, seed=2, first_id=1000))
    return trained(spec, data, tmp_path_factory.mktemp("八位") / "运行", "scratch-tiny")


def finished(steps: Generator[Any, None, Comparison]) -> tuple[list[Any], Comparison]:
    said = []
    while True:
        try:
            said.append(next(steps))
        except StopIteration as end:
            return said, end.value


def test_a_layer_multiplies_integers_and_rounds_to_the_nearest() -> None:
    torch.manual_seed(3)
    for bias in (True, False):
        whole = nn.Linear(40, 24, bias=bias).requires_grad_(False)
        given = torch.randn(5, 7, 40) * torch.logspace(-1, 1, 40)
        columns = given.abs().flatten(0, 1).amax(0)
        smaller = (columns / whole.weight.abs().amax(0)).sqrt()
        step = float((columns / smaller).max()) / 127
        weight = whole.weight * smaller
        of_weight = weight.abs().amax(1) / 127
        with torch.inference_mode():
            found = EightBitLinear(whole, columns)(given)
            rounded = torch.floor(given / smaller / step + 0.5).clamp(-128, 127).long()
            weights = torch.round(weight / of_weight.unsqueeze(1)).long()
            expected = (rounded @ weights.T).float() * step * of_weight
            expected = expected if whole.bias is None else expected + whole.bias
            assert float((found - expected).abs().max()) < 2 * step * float(of_weight.max()) * 127
            assert float(((found - expected).abs() > 1e-3).float().mean()) < 0.05, "one rounded otherwise"
            # Columns of very different size are no trouble.
            error = (found - whole(given)).norm() / whole(given).norm()
            assert 0 < float(error) < 0.02
            # Sums of integers are exact; some processors then multiply and add in one rounding, some in two,
            # and which of both can depend on how many rows there are.
            alone = EightBitLinear(whole, columns)(given[2:3])
            assert torch.allclose(alone, found[2:3], rtol=1e-6, atol=1e-6)
            far = EightBitLinear(whole, columns)(100 * given)
            assert torch.isfinite(far).all(), "what is larger than anything before is cut"
            assert torch.isfinite(EightBitLinear(whole, torch.zeros(40))(given)).all()


SUMS = """
import torch
from senti_studio.learning.bert.eight_bits import EightBitLinear, largest_weight
torch.manual_seed(0)
whole, given = torch.nn.Linear(256, 256), torch.rand(64, 256) + 1
whole.weight.data.uniform_(-1, 1)
with torch.inference_mode():
    found = EightBitLinear(whole, given.amax(0))(given)
    print(largest_weight(), float((found - whole(given)).norm() / whole(given).norm()))
"""


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="what old x86 processors do")
def test_older_processors_do_not_cut_sums() -> None:
    """oneDNN is told to leave out the products that processors since 2019 have."""
    done = subprocess.run(
        [sys.executable, "-c", SUMS],
        env={**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2"},
        capture_output=True,
        text=True,
        check=True,
    )
    largest, error = done.stdout.split()
    assert int(largest) == 63
    assert float(error) < 0.03


def test_a_model_says_nearly_the_same_and_stays_as_it_was(scratch: Path) -> None:
    whole = Predictor.load(scratch, "cpu")
    before = whole.probabilities(ROWS.texts)
    eight = whole.in_eight_bits(SEEN)
    found = eight.probabilities(ROWS.texts)
    assert np.array_equal(whole.probabilities(ROWS.texts), before)
    assert 0 < np.abs(found - before).max() < 0.1
    assert (found.argmax(1) == before.argmax(1)).mean() >= 0.98
    assert (before.argmax(1) == np.array(ROWS.labels)).mean() > 0.8, "it has learnt"
    one_by_one = np.concatenate([eight.probabilities([text]) for text in ROWS.texts[:20]])
    assert np.abs(one_by_one - found[:20]).max() < 1e-5
    prior = eight.probabilities([""])
    assert np.array_equal(prior, whole.probabilities([""]))


@pytest.mark.parametrize(
    ("family", "options"),
    [("roberta", {"windows": True, "max_length": 12}), ("albert", {}), ("deberta-v2", {})],
)
def test_other_families(
    family: str, options: dict[str, Any], spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    encoder = make_encoder(family, tmp_path / "编码器")
    whole = Predictor.load(trained(spec, data, tmp_path, encoder, epochs=1, **options))
    found = whole.in_eight_bits(SEEN).probabilities(ROWS.texts[:60])
    assert 0 < np.abs(found - whole.probabilities(ROWS.texts[:60])).max() < 0.1


def test_other_architectures_and_computers_are_told(
    spec: TrainingSpec, data: TrainingData, scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(fit(spec, data, tmp_path))
    with pytest.raises(UserError, match="INT8_ONLY_BERT") as caught:
        Predictor.load(tmp_path / "model").in_eight_bits(SEEN)
    assert caught.value.params == {"architecture": "LSTM"}

    def refused(*_: object) -> None:
        raise RuntimeError("onednn::qlinear_prepack: not here")

    monkeypatch.setattr(eight_bits, "_packed", refused)
    eight_bits._multiplies_here.cache_clear()
    with pytest.raises(UserError, match="INT8_CANNOT"):
        Predictor.load(scratch).in_eight_bits(SEEN)
    monkeypatch.undo()
    eight_bits._multiplies_here.cache_clear()
    assert eight_bits._multiplies_here()


def test_both_are_compared_once(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Predictor.load(scratch, "cpu")
    eight = whole.in_eight_bits(SEEN)
    monkeypatch.setattr(bits_compared, "_ROWS_A_PIECE", 100)
    steps = bits_compared.compared(whole, eight, ROWS.texts, ROWS.labels, "a" * 64)
    next(steps)
    steps.close()
    assert not list((paths.cache_folder() / "eight_bits").glob("*"))
    said, found = finished(bits_compared.compared(whole, eight, ROWS.texts, ROWS.labels, "a" * 64))
    assert [(each.stage, each.done, each.total) for each in said if isinstance(each, Preparing)] == [
        ("comparing_bits", at, 240) for at in (0, 100, 200)
    ]
    one, other = (each.probabilities(ROWS.texts).argmax(1) for each in (whole, eight))
    truth = np.array(ROWS.labels)
    assert found.changed == (one != other).sum()
    assert found.lost == (one == truth).sum() - (other == truth).sum()
    assert (found.rows, found.is_labelled) == (240, True)
    assert found.speed > 0
    (kept,) = (paths.cache_folder() / "eight_bits").glob("*")
    kept.write_text(kept.read_text("utf-8").replace(f'"speed": {found.speed}', '"speed": 9.5'), "utf-8")
    said, again = finished(bits_compared.compared(whole, eight, ROWS.texts, ROWS.labels, "a" * 64))
    assert (said, again) == ([], dataclasses.replace(found, speed=9.5)), "it is not worked out again"
    kept.write_text("{", "utf-8")
    said, again = finished(bits_compared.compared(whole, eight, ROWS.texts, ROWS.labels, "a" * 64))
    assert len(said) == 3
    assert again.lost == found.lost
    _, unlabelled = finished(bits_compared.compared(whole, eight, ROWS.texts, (), "a" * 64))
    assert (unlabelled.is_labelled, unlabelled.lost, unlabelled.changed) == (False, 0, found.changed)


@pytest.mark.parametrize(
    ("found", "is_as_good"),
    [
        (Comparison(2000, 20, 6, True, 2.0), True),
        (Comparison(2000, 20, 7, True, 2.0), False),
        (Comparison(2000, 90, -3, True, 2.0), True),
        (Comparison(120, 1, 1, True, 2.0), True),
        (Comparison(120, 2, 2, True, 2.0), False),
        (Comparison(1000, 10, 0, False, 2.0), True),
        (Comparison(1000, 11, 0, False, 2.0), False),
        (Comparison(0, 0, 0, False, 2.0), False),
    ],
)
def test_what_is_as_good(found: Comparison, is_as_good: bool) -> None:
    assert found.is_as_good is is_as_good
    assert found.is_worth_it is is_as_good
    assert not dataclasses.replace(found, speed=0.9).is_worth_it
