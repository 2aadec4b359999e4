"""What is said about the texts that a net reads."""

from __future__ import annotations

from typing import Any

from senti_studio.learning.contract import Encoder
from senti_studio.text.encoding import EncodedTexts, TextEncoder


def facts_of(encoder: Encoder, train: EncodedTexts) -> dict[str, Any]:
    """``max_length``: units of a comment that are read; ``cut_share``: share of the training comments that
    are longer."""
    if not isinstance(encoder, TextEncoder):
        return {}
    return {"max_length": encoder.max_length, "cut_share": train.cut_share}
