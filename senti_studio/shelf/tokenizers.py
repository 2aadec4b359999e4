"""Which tokenizer an encoder's files name, and whether the vocabulary beside is one that it reads.

A tokenizer that finds no file of its own makes do with its five special units, and every text becomes
unknown: `transformers` says nothing of it, so it must be found out here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from senti_studio.shelf.families import BYTES, ONE_FILE, PIECES, WORD_PIECES, Family
from senti_studio.shelf.findings import Finding
from senti_studio.shelf.small_files import read_object

_KINDS = {
    WORD_PIECES: (
        "Bert", "Electra", "DistilBert", "MPNet", "RoFormer", "ConvBert", "MobileBert", "SqueezeBert",
        "Ernie", "RetriBert", "LayoutLM", "Funnel",
    ),
    BYTES: ("Roberta", "Deberta", "Longformer", "GPT2", "LED", "Bart"),
    PIECES: ("XLMRoberta", "Camembert", "Albert", "XLNet", "DebertaV2", "BigBird", "RemBert", "T5", "Llama"),
}  # fmt: skip
_CLASSES = {f"{name}Tokenizer": kind for kind, names in _KINDS.items() for name in names}
_FILES = {
    WORD_PIECES: ("vocab.txt",),
    BYTES: ("vocab.json",),
    PIECES: ("spiece.model", "sentencepiece.bpe.model", "spm.model"),
    ONE_FILE: (),
}
_MODELS = {WORD_PIECES: ("WordPiece",), BYTES: ("BPE",), PIECES: ("Unigram", "BPE")}


def tokenizer_kind(folder: Path, family: Family, config: Mapping[str, Any]) -> str:
    """What the files name, else what the family has. Raises ValueError and OSError."""
    file = folder / "tokenizer_config.json"
    stated = read_object(file).get("tokenizer_class") if file.is_file() else None
    name = stated or config.get("tokenizer_class")
    if not isinstance(name, str) or not name:
        return family.tokenizer
    return _CLASSES.get(name.removesuffix("Fast"), ONE_FILE)


def readable_files(kind: str) -> tuple[str, ...]:
    """The vocabularies that a tokenizer of that kind reads, the best first."""
    return ("tokenizer.json", *_FILES[kind])


def form_trouble(folder: Path, kind: str, file: str) -> Finding | None:
    """What is wrong with a vocabulary that is there and whole: it may be for a tokenizer of another kind."""
    if file == "tokenizer.json":
        model = json.loads((folder / file).read_bytes())["model"].get("type", "")
        if kind == ONE_FILE or not model or model in _MODELS[kind]:
            return None
        params = {"path": str(folder), "file": f"{file} ({model})", "kind": kind}
        return Finding("ENCODER_TOKENIZER_OTHER", params)
    return None


def other_vocabulary(folder: Path, kind: str) -> Finding:
    """Why there is no vocabulary for a tokenizer: none at all, or one of another kind only."""
    files = [name for names in _FILES.values() for name in names if (folder / name).is_file()]
    path = str(folder)
    if kind == BYTES and files == ["vocab.json"]:
        return Finding("ENCODER_NO_VOCABULARY", {"path": path, "files": ["merges.txt"]})
    if files:
        return Finding("ENCODER_TOKENIZER_OTHER", {"path": path, "file": files[0], "kind": kind})
    wanted = ["vocab.json + merges.txt" if name == "vocab.json" else name for name in readable_files(kind)]
    return Finding("ENCODER_NO_VOCABULARY", {"path": path, "files": wanted})
