"""Encoders with a sentencepiece model alone: cut as transformers cuts where it has its packages."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import transformers
from tiny_encoders import FAMILIES, TEXTS, make_encoder
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers.convert_slow_tokenizer import SLOW_TO_FAST_CONVERTERS, SentencePieceExtractor
from transformers.utils import sentencepiece_model_pb2_new as protobuf

from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Finished
from senti_studio.learning.bert.pieces import FILES, piece_tokenizer, pieces_of
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.shelf.check import check_folder
from senti_studio.shelf.pieces import read_pieces

MARKS = {
    "albert": ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"],
    "xlnet": ["<unk>", "<s>", "</s>", "<cls>", "<sep>", "<pad>", "<mask>", "<eod>", "<eop>"],
    "deberta-v2": ["[PAD]", "[CLS]", "[SEP]", "[UNK]"],
    "big_bird": ["<pad>", "</s>", "<s>", "<unk>"],
    "xlm-roberta": ["<unk>", "<s>", "</s>"],
}
FILE = {"deberta-v2": "spm.model", "xlm-roberta": "sentencepiece.bpe.model"}
CLASSES = {
    "albert": "AlbertTokenizer", "xlnet": "XLNetTokenizer", "deberta-v2": "DebertaV2Tokenizer",
    "big_bird": "BigBirdTokenizer", "xlm-roberta": "XLMRobertaTokenizer",
}  # fmt: skip
ODD = ["味道不错 ABC，下次还来！", "", "12,5 元", "é ﷺ 龘", *TEXTS[:10]]


def _model(family: str) -> bytes:
    """As sentencepiece writes it, with pieces learnt from the invented comments."""
    learnt = Tokenizer(models.Unigram())
    learnt.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=180, show_progress=False, unk_token="<unk>", special_tokens=["<unk>"]
    )
    learnt.train_from_iterator(TEXTS, trainer)
    scored = json.loads(learnt.to_str())["model"]["vocab"]
    made = protobuf.ModelProto()
    for mark in MARKS[family]:
        made.pieces.add(piece=mark, score=0.0, type=2 if mark in ("<unk>", "[UNK]") else 3)
    for text, score in scored:
        if text not in MARKS[family]:
            made.pieces.add(piece=text, score=score, type=1)
    made.trainer_spec.unk_id = next(n for n, mark in enumerate(MARKS[family]) if mark in ("<unk>", "[UNK]"))
    made.trainer_spec.model_type = 1
    made.normalizer_spec.precompiled_charsmap = b""
    return bytes(made.SerializeToString())


@pytest.fixture(params=sorted(MARKS))
def encoder(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """A tiny encoder of a family, with a model of sentencepiece in the place of its `tokenizer.json`."""
    family = str(request.param)
    base = family if family in FAMILIES else "roberta"
    content = _model(family)
    size = len(protobuf.ModelProto.FromString(content).pieces) + 8
    folder = make_encoder(base, tmp_path / "编码器", vocab_size=size)
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        (folder / name).unlink(missing_ok=True)
    if base != family:
        config = json.loads((folder / "config.json").read_bytes())
        (folder / "config.json").write_text(json.dumps({**config, "model_type": family}), "utf-8")
    (folder / FILE.get(family, "spiece.model")).write_bytes(content)
    return family, folder


def test_texts_are_cut_as_transformers_cuts_them(encoder: tuple[str, Path]) -> None:
    family, folder = encoder
    file = pieces_of(folder)
    assert file is not None
    assert file.name in FILES
    ours = piece_tokenizer(folder, file, family)
    # With its packages transformers reads the file like this, and goes on as it does here.
    kind: Any = getattr(transformers, CLASSES[family])
    extractor = object.__new__(SentencePieceExtractor)
    extractor.proto = protobuf.ModelProto.FromString(file.read_bytes())
    values = extractor.extract(kind.model)
    converter = SLOW_TO_FAST_CONVERTERS.get(kind.__name__)
    if hasattr(converter, "convert_from_spm"):
        values = converter.convert_from_spm(**values)
    if hasattr(kind, "convert_from_spm_model"):
        values = kind.convert_from_spm_model(**values)
    theirs = kind(**values)
    assert ours.backend_tokenizer.to_str() == theirs.backend_tokenizer.to_str()
    assert ours(ODD)["input_ids"] == theirs(ODD)["input_ids"]
    assert len({tuple(ids) for ids in ours(TEXTS[:10])["input_ids"]}) > 5


def test_such_an_encoder_is_trained(
    encoder: tuple[str, Path], spec: TrainingSpec, data: TrainingData, tmp_path: Path
) -> None:
    family, folder = encoder
    assert not check_folder(folder).refusals
    usual = default_options("bert", str(folder))
    options = dataclasses.replace(usual, epochs=1, least_steps=1, batch_size=32, learning_rate=3e-3)
    wanted = dataclasses.replace(spec, architecture="bert", options=options)
    assert isinstance(list(fit(wanted, data, tmp_path / "运行"))[-1], Finished), family


def test_what_is_no_such_model_is_told(encoder: tuple[str, Path], tmp_path: Path) -> None:
    family, folder = encoder
    file = pieces_of(folder)
    assert file is not None
    whole = file.read_bytes()
    assert read_pieces(file).pieces[-1].kind == 1
    for damaged in (b"", whole[:-3], b"\xff" * 40):
        file.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"."):
            read_pieces(file)
    file.write_bytes(whole)
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "T5Tokenizer"}', "utf-8")
    with pytest.raises(UserError, match="ENCODER_NEEDS_TOKENIZER"):
        piece_tokenizer(folder, file, family)
