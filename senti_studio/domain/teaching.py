"""Teaching: a training follows what an earlier model says of comments, beside the labels of people."""

from __future__ import annotations

from dataclasses import dataclass

from senti_studio.domain.transfer import EarlierModel

TAUGHT = "taught.jsonl"
"""In ``data/``: comments without a label that the teacher was asked about; written by the worker, once."""
SHARES = "taught.npy"
"""In ``data/``: the teacher's probabilities, (rows, classes), of the training part and then of `TAUGHT`."""

TEACHING_RANGES: dict[str, tuple[float, float]] = {
    "temperature": (1.0, 10.0),
    "hard_share": (0.0, 0.9),
    "most": (0, 100_000),
}
"""Smallest and largest accepted value, both included."""


@dataclass(frozen=True, slots=True)
class Teaching:
    """``model`` is the teacher, of any architecture with the same labels.

    ``temperature``: what its probabilities are softened with; ``hard_share``: how much of the loss of a
    labelled comment is that of its label, the rest is the distance from the teacher; ``most``: so many
    comments without a label join, of which only the teacher's opinion counts.
    """

    model: EarlierModel
    temperature: float = 2.0
    hard_share: float = 0.5
    most: int = 10_000

    def problems(self) -> list[str]:
        """Everything that is wrong, as ``name=value (low…high)``."""
        return [
            f"teacher_{name}={getattr(self, name)} ({low:g}…{high:g})"
            for name, (low, high) in TEACHING_RANGES.items()
            if not isinstance(getattr(self, name), (int, float)) or not low <= getattr(self, name) <= high
        ]


@dataclass(frozen=True, slots=True)
class TeachingRequest:
    """What the user wants of `Teaching`; ``model`` as `operations.models.find_model` takes it."""

    model: str
    temperature: float = 2.0
    hard_share: float = 0.5
    most: int = 10_000

    def problems(self) -> list[str]:
        """As `Teaching.problems`."""
        return Teaching(EarlierModel("", ""), self.temperature, self.hard_share, self.most).problems()
