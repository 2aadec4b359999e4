"""Where the encoder of a BERT comes from, and how large those are that start from nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EncoderSize:
    """``layers`` of ``width`` numbers a unit with ``heads`` of attention; ``inner``: numbers between."""

    layers: int
    width: int
    heads: int
    inner: int


SCRATCH: dict[str, EncoderSize] = {
    "scratch-tiny": EncoderSize(2, 128, 2, 512),
    "scratch-mini": EncoderSize(4, 256, 4, 1024),
    "scratch-small": EncoderSize(6, 384, 6, 1536),
}
"""Encoders that are built anew for a training, with a vocabulary of its comments."""


IN_THE_BOX = "senti-mini"
"""The encoder that comes with the program (``training/encoder.py``)."""


def is_scratch(encoder: str) -> bool:
    """Whether the encoder has learnt nothing before."""
    return encoder in SCRATCH


def has_own_defaults(encoder: str) -> bool:
    """Whether its name alone tells which options suit it."""
    return is_scratch(encoder) or encoder == IN_THE_BOX


def encoder_label(encoder: str) -> str:
    """What people call the encoder that a training names: of a path its last part, of a hub id the name."""
    return re.split(r"[\\/]", encoder.rstrip("\\/"))[-1].partition("@")[0] or encoder
