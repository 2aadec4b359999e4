"""The word vectors in the box: of any size, for the language they know, read in once."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import CheckpointSaved, Event, Finished, Warned
from senti_studio.learning.architectures import architecture
from senti_studio.learning.checkpoint import Checkpoint, Checkpoints
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.general_vectors import general_vectors
from senti_studio.learning.model_folder import load_model
from senti_studio.learning.reading import Reading, read_in
from senti_studio.text.encoding import TextEncoder

Specs = Callable[..., TrainingSpec]


def _texts(pairs: tuple[str, str], count: int) -> LabelledTexts:
    """Every second one is the other of the two, with the number of the visit behind."""
    said = tuple(f"{pairs[number % 2]} {2000 + number}" for number in range(count))
    return LabelledTexts(tuple(range(count)), said, tuple(number % 2 for number in range(count)))


CHINESE = TrainingData(_texts(("这家的饭很好吃", "这家的饭很难吃"), 40), _texts(("饭好吃", "饭难吃"), 12))
ENGLISH = TrainingData(_texts(("silent room", "listen to noise"), 40), _texts(("silent", "listen"), 12))


def _read(spec: TrainingSpec, data: TrainingData, folder: Path) -> tuple[list[Event], Reading]:
    events: list[Event] = []

    def steps() -> Generator[Event, None, Reading]:
        return (yield from read_in(architecture("lstm"), spec, data, Checkpoints(folder)))

    read = steps()
    while True:
        try:
            events.append(next(read))
        except StopIteration as ended:
            return events, ended.value


@pytest.mark.parametrize("size", [16, 100])
def test_fewer_numbers_tell_the_same_words_apart(size: int) -> None:
    file = general_vectors("words", size)
    assert file.size == size

    def alike(one: str, other: str) -> float:
        a, b = file.vectors[one], file.vectors[other]
        assert a.shape == (size,)
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    assert alike("好吃", "美味") > alike("好吃", "口罩") + 0.1
    assert alike("酒店", "宾馆") > alike("酒店", "疫情") + 0.1


def test_more_numbers_begin_as_zeros() -> None:
    own, wide = general_vectors("characters"), general_vectors("characters", 160)
    assert wide.size == 160
    assert list(own.vectors) == list(wide.vectors)
    assert np.array_equal(wide.vectors["好"][:128], own.vectors["好"])
    assert not wide.vectors["好"][128:].any()


def test_a_net_has_the_size_that_was_asked_for(with_options: Specs, tmp_path: Path) -> None:
    spec = with_options(vectors="general", embedding_size=24, epochs=1)
    events = list(fit(spec, CHINESE, tmp_path))
    assert isinstance(events[-1], Finished)
    model = load_model(tmp_path / "model")
    assert isinstance(model.encoder, TextEncoder)
    weights = model.net.state_dict()["views.0.embedding.weight"]
    assert weights.shape[1] == 24
    assert weights.shape[0] > 30_000
    assert model.card["reading"]["vectors"]["size"] == 24


def test_a_project_in_another_language_does_not_carry_them(with_options: Specs, tmp_path: Path) -> None:
    """And nobody is warned of what nobody has asked for; letters do not make a word mean something."""
    events, reading = _read(with_options(vectors="general", min_frequency=1), ENGLISH, tmp_path)
    assert not [event for event in events if isinstance(event, Warned)]
    assert isinstance(reading.encoder, TextEncoder)
    (vocabulary,) = reading.encoder.vocabularies
    assert {"silent", "listen"} <= set(vocabulary.units)
    assert "美味" not in vocabulary.units
    assert reading.facts["vectors"]["views"]["words"]["composed"] == 0
    (table,) = reading.tables
    silent, listen = (table[vocabulary.ids([word])[0]] for word in ("silent", "listen"))
    assert not np.allclose(silent, listen), "the same letters"


def test_texts_are_what_the_extended_vocabulary_reads(with_options: Specs, tmp_path: Path) -> None:
    """N-grams are weighed once; words that only the box knows have their ids."""
    spec = with_options(vectors="general", min_frequency=5)
    _, reading = _read(spec, CHINESE, tmp_path)
    assert isinstance(reading.encoder, TextEncoder)
    again = reading.encoder.encode(list(map(reading.encoder.normalise, CHINESE.learnt.texts)))
    assert np.array_equal(reading.train.views[0].ids, again.views[0].ids)
    assert reading.train.ngrams is not None
    assert again.ngrams is not None
    assert np.array_equal(reading.train.ngrams.ids, again.ngrams.ids)
    assert np.array_equal(reading.train.ngrams.weights, again.ngrams.weights)


def test_comments_without_a_label_are_not_read(with_options: Specs, tmp_path: Path) -> None:
    """By the hundred thousand they would cost minutes, and bring what is in the box."""
    more = TrainingData(CHINESE.train, CHINESE.valid, unlabelled=("房间里的吊灯" * 50, "吊灯晃眼"))
    _, reading = _read(with_options(vectors="general", min_frequency=1), more, tmp_path / "有")
    _, without = _read(with_options(vectors="general", min_frequency=1), CHINESE, tmp_path / "无")
    assert isinstance(reading.encoder, TextEncoder)
    assert isinstance(without.encoder, TextEncoder)
    assert reading.encoder.to_json() == without.encoder.to_json()


def _begun(spec: TrainingSpec, data: TrainingData, out: Path) -> Checkpoint:
    """The checkpoint of a training that is closed after its first evaluation."""
    events = fit(spec, data, out)
    for event in events:
        if isinstance(event, CheckpointSaved):
            break
    events.close()
    last = Checkpoints(out / "checkpoints").last()
    assert last is not None
    return last


def _write(kept: Checkpoint, training: dict[str, Any]) -> None:
    """As by an earlier version, which noted no sums, or by hand."""
    (kept.path / "sums.json").unlink()
    torch.save(training, kept.path / "training.pt")


def test_only_words_of_the_texts_are_carried_along(with_options: Specs, tmp_path: Path) -> None:
    spec = with_options(vectors="general", epochs=2, batch_size=8)
    kept = _begun(spec, CHINESE, tmp_path)
    training = kept.training()
    rows = {len(state["exp_avg"]) for state in training["optimiser"]["state"].values()}
    (learnt,) = training["learnt"]
    assert len(learnt) in rows
    assert len(learnt) < 100
    assert len(training["net"]["views.0.embedding.weight"]) == len(learnt)
    assert len(kept.weights()["views.0.embedding.weight"]) > 20_000
    assert max(rows) < 20_000

    events = list(fit(spec, CHINESE, tmp_path, resume=kept))
    assert isinstance(events[-1], Finished)
    first = general_vectors("words", spec.options.embedding_size)
    model = load_model(tmp_path / "model")
    assert isinstance(model.encoder, TextEncoder)
    number = model.encoder.vocabularies[0].ids(["大象"])[0]
    weights = model.net.state_dict()["views.0.embedding.weight"][number].numpy()
    given = first.vectors["大象"]
    assert np.allclose(weights / np.linalg.norm(weights), given / np.linalg.norm(given), atol=1e-5)


def test_an_earlier_checkpoint_that_carries_all_words_goes_on(with_options: Specs, tmp_path: Path) -> None:
    spec = with_options(vectors="general", epochs=2, batch_size=8)
    kept = _begun(spec, CHINESE, tmp_path)
    training = kept.training()
    (learnt,) = training.pop("learnt")
    words = kept.weights()["views.0.embedding.weight"].clone()
    count = len(words)
    words[learnt] = training["net"]["views.0.embedding.weight"]
    training["net"]["views.0.embedding.weight"] = words
    for state in training["optimiser"]["state"].values():
        if len(state["exp_avg"]) == len(learnt):
            for name in ("exp_avg", "exp_avg_sq"):
                whole = torch.zeros(count, state[name].shape[1])
                whole[learnt] = state[name]
                state[name] = whole
    _write(kept, training)
    assert isinstance(list(fit(spec, CHINESE, tmp_path, resume=kept))[-1], Finished)


@pytest.mark.parametrize(
    "learnt", [[], [None, None], [torch.tensor([0, 10**6])], [torch.tensor([0.5])], 7, "词"]
)
def test_a_checkpoint_of_other_words_is_called_damaged(
    learnt: object, with_options: Specs, tmp_path: Path
) -> None:
    spec = with_options(vectors="general", epochs=2, batch_size=8)
    kept = _begun(spec, CHINESE, tmp_path)
    _write(kept, {**kept.training(), "learnt": learnt})
    with pytest.raises(UserError) as told:
        list(fit(spec, CHINESE, tmp_path, resume=kept))
    assert told.value.code == "CHECKPOINT_DAMAGED"


@pytest.mark.parametrize("part", ["optimiser", "schedule", "net", "numbers"])
def test_a_checkpoint_that_is_not_of_its_step_is_called_damaged(
    part: str, with_options: Specs, tmp_path: Path
) -> None:
    """What learns otherwise from there on, or ends the process, must not go on as if it were the same."""
    spec = with_options(vectors="general", epochs=2, batch_size=8)
    kept = _begun(spec, CHINESE, tmp_path)
    training = kept.training()
    if part == "optimiser":
        notes = training["optimiser"]["state"][0]
        notes["exp_avg"] = torch.zeros(1).expand(notes["exp_avg"].shape)
    elif part == "schedule":
        training["schedule"]["last_epoch"] = -50
    elif part == "net":
        del training["net"]["out.bias"]
    else:
        training["net"]["out.bias"][0] = float("nan")
    _write(kept, training)
    with pytest.raises(UserError) as told:
        list(fit(spec, CHINESE, tmp_path, resume=kept))
    assert told.value.code == "CHECKPOINT_DAMAGED"
