"""The README of an exported ONNX model: its inputs, and how a text becomes them, step by step."""

from __future__ import annotations

import importlib.metadata
import string
from collections.abc import Collection

import senti_studio
from senti_studio.learning.model_folder import Model
from senti_studio.resources import resource
from senti_studio.text.encoding import TextEncoder


def program(name: str) -> bytes:
    """What classifies with an exported model, without torch."""
    return resource("onnx", name).read_bytes()


def recipe(model: Model, encoder: TextEncoder, *, rows: int, difference: float, language: str) -> str:
    """``README.md`` of an export that reads words, characters or n-grams, in ``zh`` or ``en``."""
    how = encoder.normalisation.to_json()
    there = {*encoder.views, *(name for name, value in how.items() if value)}
    there |= {"units"} if encoder.views else set()
    there |= {name for name in ("ngrams", "own_words") if getattr(encoder, name)}
    return page(
        "README",
        model,
        there,
        rows=rows,
        difference=difference,
        language=language,
        truncation=encoder.truncation,
        longest=encoder.max_length,
        segmenter=encoder.segmenter,
        repeats=encoder.normalisation.repeats,
        most=encoder.ngrams.most_characters if encoder.ngrams is not None else 0,
    )


def page(
    name: str,
    model: Model,
    there: Collection[str],
    *,
    rows: int,
    difference: float,
    language: str,
    truncation: str,
    longest: int,
    **more: object,
) -> str:
    """The page ``name`` of ``resources/onnx``; ``there``: kinds of inputs and of steps that occur."""
    zh = language.startswith("zh")
    text = resource("onnx", f"{name}.{'zh' if zh else 'en'}.md").read_text("utf-8")
    tail = shares(truncation, longest)[1]
    return string.Template("".join(_kept(text, there))).substitute(
        name=model.card.get("name", model.architecture.key),
        rows=f"{rows:,}",
        difference=f"{difference:.1g}",
        classes=len(model.labels),
        labels=("、" if zh else ", ").join(label.name for label in model.labels),
        longest=longest,
        head=longest - tail,
        tail=tail,
        versions=_versions(),
        **more,
    )


def shares(truncation: str, room: int) -> tuple[int, int]:
    """How much of the beginning and of the end stays of a text of more than ``room`` units."""
    tail = {"head": 0, "tail": room}.get(truncation, room // 4)
    return room - tail, tail


def _kept(page: str, there: Collection[str]) -> list[str]:
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
