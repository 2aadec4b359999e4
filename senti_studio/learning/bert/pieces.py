"""The tokenizer of an encoder that has a sentencepiece model and no `tokenizer.json`.

`transformers` makes it in the same way, but reads the file by two packages more; here `shelf.pieces` does.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from senti_studio.errors import UserError
from senti_studio.learning.bert.library import transformers
from senti_studio.shelf.pieces import PieceModel, read_pieces

FILES = ("spiece.model", "sentencepiece.bpe.model", "spm.model")
_CLASSES = {
    "albert": "AlbertTokenizer", "xlm-roberta": "XLMRobertaTokenizer", "camembert": "CamembertTokenizer",
    "xlnet": "XLNetTokenizer", "deberta-v2": "DebertaV2Tokenizer", "big_bird": "BigBirdTokenizer",
    "rembert": "RemBertTokenizer",
}  # fmt: skip
_OPTIONS = ("do_lower_case", "keep_accents", "remove_space", "split_by_punct", "add_prefix_space")
_MARKS = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token", "bos_token", "eos_token")


def pieces_of(folder: Path) -> Path | None:
    """The sentencepiece model of an encoder that has no `tokenizer.json`; None for any other."""
    if (folder / "tokenizer.json").is_file():
        return None
    return next((folder / name for name in FILES if (folder / name).is_file()), None)


def piece_tokenizer(folder: Path, file: Path, family: str) -> Any:
    """What `AutoTokenizer` gives where sentencepiece is installed.

    Raises UserError ``ENCODER_NEEDS_TOKENIZER`` for a family that is not known to cut so, and ValueError for
    damaged files.
    """
    given = _settings(folder)
    name = str(given.get("tokenizer_class") or _CLASSES.get(family, "")).removesuffix("Fast")
    if name not in _CLASSES.values():
        raise UserError("ENCODER_NEEDS_TOKENIZER", path=str(folder), file=file.name)
    from transformers.convert_slow_tokenizer import SLOW_TO_FAST_CONVERTERS, SentencePieceExtractor

    kind = getattr(transformers(), name)
    extractor = object.__new__(SentencePieceExtractor)  # it would ask for the packages
    extractor.proto = _as_proto(read_pieces(file))
    options = {key: given[key] for key in _OPTIONS if isinstance(given.get(key), bool)}
    marks = {key: mark for key in _MARKS if (mark := _text_of(given.get(key)))}
    values = extractor.extract(kind.model, **options, **marks)
    converter = SLOW_TO_FAST_CONVERTERS.get(name)
    if hasattr(converter, "convert_from_spm"):
        values = converter.convert_from_spm(**values)
    if hasattr(kind, "convert_from_spm_model"):
        values = kind.convert_from_spm_model(**values)
    return kind(**values)


def _settings(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("special_tokens_map.json", "tokenizer_config.json"):
        if (folder / name).is_file():
            values = json.loads((folder / name).read_bytes())
            found |= values if isinstance(values, dict) else {}
    return found


def _text_of(mark: object) -> str:
    """A mark stands there as a text, or as an object with rules around it."""
    if isinstance(mark, dict):
        mark = mark.get("content")
    return mark if isinstance(mark, str) else ""


def _as_proto(model: PieceModel) -> Any:
    pieces = [SimpleNamespace(piece=each.text, score=each.score, type=each.kind) for each in model.pieces]
    return SimpleNamespace(
        pieces=pieces,
        trainer_spec=SimpleNamespace(unk_id=model.unknown, model_type=model.kind),
        normalizer_spec=SimpleNamespace(precompiled_charsmap=model.characters),
    )
