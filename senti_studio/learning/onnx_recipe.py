"""The README of an exported ONNX model: its inputs, and how a text becomes them, step by step."""

from __future__ import annotations

import importlib.metadata
import string

import senti_studio
from senti_studio.errors import UserError
from senti_studio.learning.model_folder import Model
from senti_studio.resources import resource
from senti_studio.text.encoding import TextEncoder

PROGRAM = "classify.py"


def program() -> bytes:
    """What classifies with an exported model, without torch."""
    return resource("onnx", PROGRAM).read_bytes()


def recipe(model: Model, *, rows: int, difference: float, language: str) -> str:
    """``README.md`` of an export, in ``zh`` or ``en``."""
    zh = language.startswith("zh")
    encoder = model.encoder
    if not isinstance(encoder, TextEncoder):
        raise UserError("ONNX_CANNOT", architecture=model.architecture.key.upper(), reason="encoder")
    how = encoder.normalisation.to_json()
    there = {*encoder.views, *(name for name, value in how.items() if value)}
    there |= {"units"} if encoder.views else set()
    there |= {name for name in ("ngrams", "own_words") if getattr(encoder, name)}
    page = resource("onnx", f"README.{'zh' if zh else 'en'}.md").read_text("utf-8")
    length = encoder.max_length
    tail = {"head": 0, "tail": length}.get(encoder.truncation, length // 4)
    return string.Template("".join(_kept(page, there))).substitute(
        name=model.card.get("name", model.architecture.key),
        rows=f"{rows:,}",
        difference=f"{difference:.1g}",
        classes=len(model.labels),
        labels=("、" if zh else ", ").join(label.name for label in model.labels),
        segmenter=encoder.segmenter,
        longest=length,
        head=length - tail,
        tail=tail,
        repeats=encoder.normalisation.repeats,
        most=encoder.ngrams.most_characters if encoder.ngrams is not None else 0,
        versions=_versions(),
    )


def _kept(page: str, there: set[str]) -> list[str]:
    """Lines that begin with ``?name `` are about one kind of input, and left out where it does not occur."""
    lines = []
    for line in page.splitlines(keepends=True):
        kind, _, rest = line.removeprefix("?").partition(" ")
        if not line.startswith("?"):
            lines.append(line)
        elif kind in there:
            lines.append(rest)
    return lines


def _versions() -> str:
    names = ("torch", "onnx", "onnxruntime")
    made = [f"{name} {importlib.metadata.version(name)}" for name in names]
    return ", ".join([f"Senti Studio {senti_studio.__version__}", *made])
