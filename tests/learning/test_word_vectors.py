"""Word vectors: learnt on the comments of the project or read from a file, and what they are good for."""

from __future__ import annotations

import csv
import dataclasses
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from senti_studio.domain.model_card import card_text
from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions, problems_of
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import CheckpointSaved, Event, Finished, Preparing, Stopped, Warned
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import finish_stopped, fit
from senti_studio.learning.model_folder import load_model

Specs = Callable[..., TrainingSpec]
CHARACTERS = (
    "，房间很大早餐不错服务热情性价比高下次还来味道好物流快拍照清晰太小难吃态度恶劣今天和朋友一起说实话"
)


@pytest.fixture
def character_file(tmp_path: Path) -> Path:
    """Vectors of single characters, 20 numbers each, as word2vec writes them."""
    generator = np.random.default_rng(5)
    lines = [f"{each} " + " ".join(f"{x:.4f}" for x in generator.normal(0, 5, 20)) for each in CHARACTERS]
    path = tmp_path / "字向量.txt"
    path.write_text(f"{len(lines)} 20\n" + "\n".join(lines) + "\n", "utf-8")
    return path


def _end(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


def _weights(out: Path) -> dict[str, torch.Tensor]:
    return load_model(out / "model").net.state_dict()


def test_a_file_of_characters_gives_vectors_to_words(
    with_options: Specs, data: TrainingData, character_file: Path, tmp_path: Path
) -> None:
    spec = with_options(vectors="file", vectors_file=str(character_file), vectors_frozen=True, epochs=1)
    ended = _end(list(fit(spec, data, tmp_path / "一")))
    model = load_model(tmp_path / "一" / "model")
    assert model.card["spec"]["options"]["embedding_size"] == 20, "the file decides"
    assert 0.3 < ended.metrics["vectors_running"] < 1
    assert str(tmp_path) not in str(model.card), "the path of the file may name its owner"
    said = card_text(model.card, "zh")
    assert "字向量.txt" in said
    assert "20 维" in said
    facts = model.card["reading"]["vectors"]
    assert 0.2 < facts["views"]["words"]["composed"] < ended.metrics["vectors_running"], (
        "the comma has its own"
    )
    words = model.encoder.vocabularies[0]  # type: ignore[attr-defined]
    table = model.net.state_dict()["views.0.embedding.weight"]
    vectors = [line.split()[1:] for line in character_file.read_text("utf-8").splitlines()[1:]]
    known = {each: np.array(row, np.float32) for each, row in zip(CHARACTERS, vectors, strict=True)}
    (id_,) = words.ids(["早餐"])
    expected = (known["早"] + known["餐"]) / 2**0.5
    ratio = table[id_].numpy() / expected
    assert ratio.std() < 1e-3, "frozen: as they were read, but for the scale"
    assert table[2:][table[2:].abs().sum(dim=1) > 0].std().item() == pytest.approx(0.3, abs=0.05)


def test_vectors_are_tuned_unless_they_are_frozen(
    with_options: Specs, data: TrainingData, character_file: Path, tmp_path: Path
) -> None:
    tables = {}
    for name, frozen in (("固定", True), ("调整", False)):
        spec = with_options(vectors="file", vectors_file=str(character_file), vectors_frozen=frozen, epochs=1)
        list(fit(spec, data, tmp_path / name))
        tables[name] = _weights(tmp_path / name)["views.0.embedding.weight"]
    moved = (tables["固定"] - tables["调整"]).abs().amax(dim=1)
    assert (moved[2:] > 1e-4).float().mean() > 0.8


def test_words_of_unlabelled_comments_are_known_to_the_model(
    with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    others = tuple(f"停车场很{each}，早餐不错" for each in ("方便", "拥挤") for _ in range(20))
    data = dataclasses.replace(data, unlabelled=others)
    events = list(fit(with_options(vectors="project", epochs=1), data, tmp_path))
    model = load_model(tmp_path / "model")
    assert {"停车场", "拥挤"} <= set(model.encoder.vocabularies[0].units)  # type: ignore[attr-defined]
    assert _end(events).metrics["vectors_running"] > 0.9
    assert model.card["reading"]["vectors"]["comments"] == 40
    assert {"vectors"} <= {event.stage for event in events if isinstance(event, Preparing)}


def test_a_training_with_vectors_goes_on_bit_by_bit_without_the_file(
    with_options: Specs, data: TrainingData, character_file: Path, tmp_path: Path
) -> None:
    spec = with_options(
        vectors="file", vectors_file=str(character_file), vectors_frozen=True, units="both", epochs=2
    )
    list(fit(spec, data, tmp_path / "一次"))
    out = tmp_path / "两次"
    events = fit(spec, data, out)
    for event in events:
        if isinstance(event, CheckpointSaved):
            break
    events.close()  # type: ignore[attr-defined]
    character_file.unlink()
    last = Checkpoints(out / "checkpoints").last()
    assert isinstance(list(fit(spec, data, out, resume=last))[-1], Finished)
    one, other = _weights(tmp_path / "一次"), _weights(out)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_stopped_training_with_vectors_leaves_a_model(
    with_options: Specs, data: TrainingData, character_file: Path, tmp_path: Path
) -> None:
    spec = with_options(vectors="file", vectors_file=str(character_file))
    events = fit(spec, data, tmp_path / "停")
    for event in events:
        if isinstance(event, CheckpointSaved):
            break
    events.close()  # type: ignore[attr-defined]
    end = list(finish_stopped(spec, data, tmp_path / "停"))[-1]
    assert isinstance(end, Stopped)
    assert end.metrics["vectors_running"] > 0.3
    assert load_model(tmp_path / "停" / "model").card["spec"]["options"]["embedding_size"] == 20


def test_vectors_that_cover_nothing_bring_a_warning(
    with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    path = tmp_path / "english.txt"
    path.write_text("good 1 2 3 4\nbad 4 3 2 1\nodd 1 2\n", "utf-8")
    events = list(
        fit(with_options(vectors="file", vectors_file=str(path), epochs=1), data, tmp_path / "运行")
    )
    assert [event.code for event in events if isinstance(event, Warned)] == [
        "VECTORS_COVER_NOTHING",
        "VECTORS_LINES_LEFT_OUT",
    ]
    assert isinstance(events[-1], Finished)


def test_a_file_that_is_gone_ends_the_training_with_a_sentence(
    with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    with pytest.raises(UserError) as caught:
        list(fit(with_options(vectors="file", vectors_file=str(tmp_path / "没有.bin")), data, tmp_path))
    assert caught.value.code == "VECTORS_NOT_FOUND"
    assert problems_of(TrainingOptions(vectors="file")) == ["vectors_file= (…)"]


@pytest.mark.data
@pytest.mark.parametrize(
    ("seeds", "others"),
    [
        pytest.param(2, 1500, marks=pytest.mark.long),
        pytest.param(4, 4000, marks=[pytest.mark.long, pytest.mark.timeout(1200)]),
    ],
)
def test_unlabelled_comments_make_up_for_few_labels(
    seeds: int, others: int, data_folder: Path, tmp_path: Path
) -> None:
    """Two hundred labelled takeaway reviews, many without labels; the mean over seeds."""
    with (data_folder / "waimai_10k" / "waimai_10k.csv").open(encoding="utf-8", newline="") as file:
        rows = list({row["review"]: int(row["label"]) for row in csv.DictReader(file)}.items())
    reached: dict[str, list[float]] = {"none": [], "project": []}
    for seed in range(seeds):
        random.Random(seed).shuffle(rows)
        parts = [rows[:200], rows[200:300], rows[300:900]]
        data = TrainingData(
            *(
                LabelledTexts(tuple(range(len(part))), tuple(t for t, _ in part), tuple(v for _, v in part))
                for part in parts
            ),
            unlabelled=tuple(text for text, _ in rows[900 : 900 + others]),
        )
        for vectors, figures in reached.items():
            options = TrainingOptions(
                vectors=vectors, seed=seed, ngrams=False, epochs=10, learning_rate=5e-3, averaging=0.98,
                embedding_size=24, hidden_size=16,
            )  # fmt: skip
            labels = (LabelName("0", "差评"), LabelName("1", "好评"))
            spec = TrainingSpec("r", "少量标签", "gru", labels, options, "cpu")
            out = tmp_path / f"{vectors} {seed}"
            figures.append(_end(list(fit(spec, data, out))).metrics["test_accuracy"])
    assert np.mean(reached["project"]) > np.mean(reached["none"]) + 0.01, reached
