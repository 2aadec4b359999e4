"""An encoder reads comments without labels: masks, batches, learning, going on, what comes of it."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from invented_comments import sentences
from safetensors.torch import load_file
from tiny_encoders import FAMILIES, make_encoder

from senti_studio.domain.adapting import AdaptOptions, AdaptSpec, default_adapt_options
from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Event, Filled, Finished, Progress, Started, Stopped
from senti_studio.learning.adapting.adapt import adapt, finish_stopped_adapt
from senti_studio.learning.adapting.masking import Units, masked_batch
from senti_studio.learning.adapting.net import GuessingNet, SummingNet, empty_net, new_net
from senti_studio.learning.adapting.pieces import Pieces, cut, token_batches
from senti_studio.learning.bert.scratch import scratch_encoder
from senti_studio.learning.bert.source import load_net
from senti_studio.learning.bert.token_encoder import TokenEncoder
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.shelf.check import check_folder
from senti_studio.text.normalise import normalise
from senti_studio.text.segment import words

SMALL = {"epochs": 2, "batch_tokens": 256, "seed": 5, "learning_rate": 3e-3, "min_frequency": 1}


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """The data of a run: 150 comments to read, 30 to judge by."""
    folder = tmp_path / "数据"
    folder.mkdir()
    for name, count, seed in (("train", 150, 1), ("valid", 30, 2)):
        lines = [
            json.dumps({"id": number, "text": text}, ensure_ascii=False)
            for number, text in enumerate(sentences(count, seed=seed).texts)
        ]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def _spec(encoder: object = "scratch-tiny", **options: Any) -> AdaptSpec:
    chosen = dataclasses.replace(default_adapt_options(str(encoder)), **{**SMALL, **options})
    return AdaptSpec("adapt-1", "试读", "新编码器", chosen, "cpu", {"train": 150, "valid": 30})


def _all(events: Iterator[Event]) -> tuple[list[Filled], Event]:
    told = list(events)
    return [event for event in told if isinstance(event, Filled)], told[-1]


def _weights(out: Path) -> dict[str, torch.Tensor]:
    return load_file(out / "encoder" / "model.safetensors")


def _same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def encoder() -> TokenEncoder:
    options = dataclasses.replace(
        default_options("bert", "scratch-tiny"), encoder="scratch-tiny", max_length=24, min_frequency=1
    )
    return scratch_encoder([normalise(text) for text in sentences(200, seed=1).texts], options)


def _pieces(encoder: TokenEncoder, count: int = 80) -> Pieces:
    return cut(encoder, [encoder.normalise(text) for text in sentences(count, seed=4).texts])


def test_pieces_hold_every_unit_and_know_where_words_begin(encoder: TokenEncoder) -> None:
    texts = [encoder.normalise(text) for text in sentences(80, seed=4).texts]
    pieces = cut(encoder, texts)
    whole = [encoder.tokenizer.encode(text, add_special_tokens=False) for text in texts]
    assert pieces.ids.tolist() == [each for found in whole for each in found.ids]
    assert len(pieces) > pieces.comments == 80, "long comments are read in several pieces"
    assert int(pieces.lengths.max()) <= 24 - encoder.marks.count
    begun = "".join(
        ("|" if starts else "") + encoder.tokenizer.id_to_token(unit)
        for unit, starts in zip(pieces.ids, pieces.starts, strict=True)
    )
    assert begun == "".join("|" + word for text in texts for word in words(text))


def test_whole_words_are_hidden_and_follow_from_seed_and_step(encoder: TokenEncoder) -> None:
    pieces, units = _pieces(encoder), Units.of(encoder)
    rows = np.arange(len(pieces))

    def made(*, seed: int = 3, step: int = 7) -> Any:
        return masked_batch(pieces, rows, encoder, units, share=0.2, seed=seed, step=step)

    found = made()
    assert (found.ids == made().ids).all()
    assert (found.places == made().places).all()
    assert not np.array_equal(found.places, made(step=8).places)
    assert not np.array_equal(found.places, made(seed=4).places)

    width = found.ids.shape[1]
    original = np.full(found.ids.shape, encoder.marks.padding)
    word_at = np.full(found.ids.shape, -1)
    names = np.cumsum(pieces.starts)
    for row in rows:
        start, end = pieces.offsets[row], pieces.offsets[row + 1]
        original[row, 0], original[row, 1 + end - start] = encoder.marks.before[0], encoder.marks.behind[0]
        original[row, 1 : 1 + end - start] = pieces.ids[start:end]
        word_at[row, 1 : 1 + end - start] = names[start:end]
    at = (found.places // width, found.places % width)
    assert (original[at] == found.truth).all()
    changed = found.ids != original
    assert set(zip(*np.nonzero(changed), strict=True)) <= set(zip(*at, strict=True)), "only what is guessed"
    hidden = np.zeros(found.ids.shape, bool)
    hidden[at] = True
    for row in rows:
        assert hidden[row].any(), "every piece has something to guess"
        for name in np.unique(word_at[row][word_at[row] >= 0]):
            assert len(set(hidden[row][word_at[row] == name])) == 1, "a word is hidden whole or not at all"
    share = len(found.places) / pieces.tokens
    assert 0.17 <= share <= 0.3
    fate = found.ids[at]
    masks = (fate == units.mask).mean()
    kept = (fate == found.truth).mean()
    assert 0.7 <= masks <= 0.9
    assert 0.02 <= kept <= 0.2
    assert 0.02 <= 1 - masks - kept <= 0.2


def test_batches_bear_their_padding_and_all_epochs_are_as_long(encoder: TokenEncoder) -> None:
    lengths = _pieces(encoder, 300).lengths + encoder.marks.count
    epochs = [token_batches(lengths, batch_tokens=300, seed=1, epoch=epoch) for epoch in range(3)]
    assert len({len(epoch) for epoch in epochs}) == 1
    for epoch in epochs:
        assert sorted(np.concatenate(epoch).tolist()) == list(range(len(lengths)))
        assert max(len(rows) * int(lengths[rows].max()) for rows in epoch) <= 300
    filled = int(lengths.sum()) / sum(len(rows) * int(lengths[rows].max()) for rows in epochs[0])
    assert filled > 0.9, "hardly any padding"
    assert [rows.tolist() for rows in epochs[0]] != [rows.tolist() for rows in epochs[1]]


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"xlnet"}))
def test_every_family_gains(family: str, texts: Path, tmp_path: Path) -> None:
    source = make_encoder(family, tmp_path / "编码器 一")
    before = load_file(source / "model.safetensors")
    filled, end = _all(adapt(_spec(source, epochs=1), texts, tmp_path))
    assert isinstance(end, Finished)
    assert filled[0].step == 0
    assert end.metrics["valid_loss"] < filled[0].loss - 0.1
    assert end.metrics["start_loss"] == filled[0].loss
    after = _weights(tmp_path)
    moved = [
        name
        for name, value in before.items()
        for found in [next((each for ours, each in after.items() if ours.endswith(name)), None)]
        if found is not None and "pooler" not in name and not torch.equal(found, value)
    ]
    assert len(moved) > 10, "the body has learnt"


def test_a_new_head_begins_with_nothing_that_lay_in_memory(tmp_path: Path) -> None:
    source = make_encoder("longformer", tmp_path / "编码器 一")
    torch.use_deterministic_algorithms(
        True, warn_only=True
    )  # fills memory that nobody has written to with NaN
    try:
        net, new = load_net(source, transformers.AutoConfig.from_pretrained(source), "AutoModelForMaskedLM")
    finally:
        torch.use_deterministic_algorithms(False)
    assert "lm_head.bias" in new
    assert torch.equal(net.lm_head.bias, torch.zeros(400))


@pytest.mark.parametrize("family", ["bert", "albert", "scratch-tiny"])
def test_it_goes_on_bit_by_bit(
    family: str, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("senti_studio.learning.pace.EVENT_INTERVAL_S", 0.0)
    source = family if family not in FAMILIES else make_encoder(family, tmp_path / "编码器 一")
    spec = _spec(source, dropout=0.1)
    once, twice = tmp_path / "一次", tmp_path / "两次"
    once.mkdir()
    twice.mkdir()
    _all(adapt(spec, texts, once))
    events = adapt(spec, texts, twice)
    for event in events:
        if isinstance(event, Progress) and event.step == 11:
            events.close()  # type: ignore[attr-defined]
    if isinstance(source, Path):
        shutil.rmtree(source)  # its weights travel with the run
    _all(adapt(spec, texts, twice, resume=Checkpoints(twice / "checkpoints").last()))
    assert _same(_weights(once), _weights(twice))


def test_a_new_encoder_is_plain_files_that_a_bert_trains_on(
    texts: Path, data: TrainingData, spec: TrainingSpec, tmp_path: Path
) -> None:
    out = tmp_path / "运行"
    out.mkdir()
    filled, end = _all(adapt(_spec(epochs=3), texts, out))
    assert isinstance(end, Finished)
    assert end.metrics["valid_accuracy"] > filled[0].accuracy + 0.1
    folder = out / "encoder"
    checked = check_folder(folder)
    assert checked.is_fit, checked.findings
    assert (checked.facts.layers, checked.facts.width) == (2, 128)
    known = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    net = transformers.AutoModelForMaskedLM.from_pretrained(folder, local_files_only=True).eval()
    assert net.config.hidden_dropout_prob == 0.1, "what dropout hides is the business of each training"
    given = known("Ｔhis 房间很大", return_tensors="pt")
    assert known.unk_token_id not in given["input_ids"][0, -5:].tolist()
    with torch.inference_mode():
        assert net(**given).logits.shape[2] == len(known)
    head, table = net.get_output_embeddings().weight, net.get_input_embeddings().weight
    assert head.data_ptr() == table.data_ptr(), "the head is tied to the embeddings"

    options = dataclasses.replace(
        default_options("bert", str(folder)), epochs=1, least_steps=1, learning_rate=1e-3, averaging=0.0
    )
    trained = dataclasses.replace(spec, architecture="bert", options=options)
    *_, last = fit(trained, data, tmp_path / "训练")
    assert isinstance(last, Finished)
    there = load_file(folder / "model.safetensors")
    learnt = load_file(tmp_path / "训练" / "model" / "weights.safetensors")
    for name in ("bert.encoder.layer.0.attention.self.query.weight", "bert.pooler.dense.weight"):
        moved = (learnt[f"model.{name}"] - there[name]).abs().max()
        assert 0 < moved < 0.05, "training begins where reading ended"
    pooler = there["bert.pooler.dense.weight"]
    assert (pooler - torch.eye(len(pooler))).abs().max() > 0.01, "it has learnt to sum texts up"


def test_a_net_of_before_goes_on_without_summing(encoder: TokenEncoder) -> None:
    before = GuessingNet(new_net(encoder, source=None, dropout=0.0, vectors="none").model)
    before.model.base_model.pooler = None
    again = empty_net(encoder, before.own(), dropout=0.0)
    assert type(again) is GuessingNet
    assert again.model.base_model.pooler is None
    summing = new_net(encoder, source=None, dropout=0.0, vectors="none")
    assert isinstance(empty_net(encoder, summing.own(), dropout=0.0), SummingNet)


def test_what_came_with_an_encoder_stays_with_it(texts: Path, tmp_path: Path) -> None:
    source = make_encoder("bert", tmp_path / "编码器")
    (source / "README.md").write_text("---\nlicense: apache-2.0\n---\n# 说明\n", "utf-8")
    torch.manual_seed(1)
    (texts / "source").mkdir()
    for name in ("config.json", "vocab.txt", "tokenizer_config.json", "README.md"):
        shutil.copyfile(source / name, texts / "source" / name)
    out = tmp_path / "运行"
    out.mkdir()
    _all(adapt(_spec(source, epochs=1), texts, out))
    folder = out / "encoder"
    for name in ("vocab.txt", "tokenizer_config.json", "README.md"):
        assert (folder / name).read_bytes() == (source / name).read_bytes()
    assert check_folder(folder).facts.licence == "apache-2.0"
    pooler = "pooler.dense.weight"
    assert torch.equal(_weights(out)[f"bert.{pooler}"], load_file(source / "model.safetensors")[pooler])


def test_patience_keeps_the_best_and_a_stop_keeps_what_there_is(
    texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "运行"
    out.mkdir()
    filled, end = _all(adapt(_spec(epochs=60, patience=1, learning_rate=0.02), texts, out))
    assert isinstance(end, Finished)
    assert end.reason == "patience"
    best = min(filled, key=lambda each: each.loss)
    assert (end.metrics["best_step"], end.metrics["valid_loss"]) == (best.step, best.loss)

    monkeypatch.setattr("senti_studio.learning.pace.EVENT_INTERVAL_S", 0.0)
    stopped = tmp_path / "停下"
    stopped.mkdir()
    events = adapt(_spec(), texts, stopped)
    for event in events:
        if isinstance(event, Progress) and event.step == 4:
            events.close()  # type: ignore[attr-defined]
    *_, last = finish_stopped_adapt(_spec(), texts, stopped)
    assert isinstance(last, Stopped)
    assert (stopped / "encoder" / "model.safetensors").is_file()


def test_as_many_tokens_as_were_wanted(texts: Path, tmp_path: Path) -> None:
    told = list(adapt(_spec(tokens=1500), texts, tmp_path))
    started = [event for event in told if isinstance(event, Started)]
    end = told[-1]
    assert isinstance(end, Finished)
    assert started[-1].total_steps == end.metrics["steps"] > 0
    assert 1300 <= end.metrics["tokens"] <= 1800


def test_characters_begin_with_the_vectors_in_the_box(encoder: TokenEncoder) -> None:
    torch.manual_seed(0)
    net = new_net(encoder, source=None, dropout=0.0, vectors="general")
    table = net.model.get_input_embeddings().weight.detach()
    at = encoder.tokenizer.get_vocab()

    def like(one: str, other: str) -> float:
        return float(torch.cosine_similarity(table[at[one]], table[at[other]], dim=0))

    assert like("快", "慢") > like("快", "间") + 0.05
    assert float(table[5:].std()) == pytest.approx(0.02, abs=0.006), "no longer than random ones"


@pytest.mark.parametrize(("family", "code"), [("xlnet", "ADAPT_NOT_THIS_FAMILY"), ("bert", "ADAPT_NO_MASK")])
def test_encoders_that_cannot_guess_are_told(family: str, code: str, texts: Path, tmp_path: Path) -> None:
    source = make_encoder(family, tmp_path / "编码器")
    if family == "bert":
        units = (source / "vocab.txt").read_text("utf-8").replace("[MASK]\n", "[没有]\n")
        (source / "vocab.txt").write_text(units, "utf-8")
        (source / "tokenizer_config.json").write_text(json.dumps({"mask_token": None}), "utf-8")
    with pytest.raises(UserError) as caught:
        list(adapt(_spec(source), texts, tmp_path))
    assert caught.value.code == code


def test_options_that_are_none() -> None:
    assert AdaptOptions().encoder == "scratch-mini"
    assert (
        default_adapt_options("scratch-mini").learning_rate > default_adapt_options("macbert").learning_rate
    )
