"""How often a training part is read where the options leave that open, and how it is learnt then."""

from __future__ import annotations

import dataclasses

import pytest

from senti_studio.domain.architectures import default_options, epochs_of, problems_with, with_other_defaults
from senti_studio.domain.encoder_forecast import seconds_to_train
from senti_studio.domain.encoder_size import EncoderSize, Machine
from senti_studio.domain.specs import DataSummary, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions, push_of

IN_THE_BOX = default_options("bert", "senti-mini")


@pytest.mark.parametrize(
    ("rows", "often"), [(0, 12), (90, 12), (450, 6), (900, 5), (2000, 3), (8000, 2), (1_000_000, 2)]
)
def test_few_comments_are_read_more_often(rows: int, often: int) -> None:
    assert IN_THE_BOX.epochs == 0
    assert epochs_of("bert", IN_THE_BOX, rows) == often


def test_a_head_alone_reads_them_five_times_as_often() -> None:
    assert epochs_of("bert", dataclasses.replace(IN_THE_BOX, freeze="body"), 900) == 25


def test_a_number_is_a_number() -> None:
    assert epochs_of("bert", dataclasses.replace(IN_THE_BOX, epochs=7), 90) == 7


@pytest.mark.parametrize(("key", "often"), [("lstm", 8), ("baseline", 30)])
def test_without_an_encoder_there_is_a_usual_number_only(key: str, often: int) -> None:
    assert "epochs=0 (1…1000)" in problems_with(key, TrainingOptions(epochs=0))
    assert not problems_with("bert", IN_THE_BOX)
    typed = dataclasses.replace(default_options("bert", "hfl/rbt3"), epochs=0)
    assert with_other_defaults(typed, "bert", key).epochs == often
    of_adapted = dataclasses.replace(IN_THE_BOX, encoder="mini-店")
    moved = with_other_defaults(of_adapted, "bert", key, like="senti-mini")
    assert (moved.epochs, moved.learning_rate) == (often, default_options(key).learning_rate)


@pytest.mark.parametrize(("rows", "push"), [(0, 0.0), (4999, 0.0), (5000, 1.0), (50_000, 1.0)])
def test_few_comments_are_learnt_without_an_adversarial_push(rows: int, push: float) -> None:
    assert push_of(IN_THE_BOX, rows) == push
    assert push_of(dataclasses.replace(IN_THE_BOX, adversarial=0.5), rows) == 0.5
    assert push_of(default_options("lstm"), rows) == 0


def test_a_forecast_knows_of_the_second_pass() -> None:
    size, machine = EncoderSize(4, 256, 4, 1024, 6_000_000, 10_000), Machine(1 << 30, 1e10)
    seconds = {
        rows: seconds_to_train(size, machine, IN_THE_BOX, rows=rows, judged=0, length=30).seconds
        for rows in (4999, 5000)
    }
    assert epochs_of("bert", IN_THE_BOX, 4999) == epochs_of("bert", IN_THE_BOX, 5000)
    assert seconds[5000] == pytest.approx(2 * seconds[4999], rel=0.01)


def test_a_run_reads_as_often_as_its_comments_ask_for() -> None:
    data = DataSummary(rows={"train": 450, "valid": 50})
    assert TrainingSpec("run-1", "小", "bert", (), IN_THE_BOX, data=data).epochs == 6
