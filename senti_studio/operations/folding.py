"""What a k-fold training needs of the project: which comments come together, and whether they suffice."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from senti_studio.domain.comments import LabelledComment, Part
from senti_studio.domain.labels import Label
from senti_studio.domain.repetition import Repetition
from senti_studio.operations.parts import Split


def too_few_for_folds(
    repetition: Repetition, used: Sequence[Label], parts: Split
) -> tuple[str, Mapping[str, object]] | None:
    """A class that cannot be in every fold: what comes together counts once."""
    if repetition.mode != "folds":
        return None
    groups: dict[str, set[int]] = {label.key: set() for label in used}
    for comment in _folded(parts):
        groups[comment.label_key].add(parts.key_of[comment.text_key])
    counts = {label.name: len(groups[label.key]) for label in used}
    small = [f"{name} {count}" for name, count in counts.items() if count < repetition.count]
    return ("TOO_FEW_FOR_FOLDS", {"labels": small, "folds": repetition.count}) if small else None


def write_groups(data: Path, parts: Split) -> None:
    """Freezes ``groups.json``: comment id -> group, of all comments that folds are drawn from."""
    groups = {comment.id: parts.key_of[comment.text_key] for comment in _folded(parts)}
    with (data / "groups.json").open("wb") as file:
        file.write(json.dumps(groups).encode())
        file.flush()
        os.fsync(file.fileno())


def _folded(parts: Split) -> list[LabelledComment]:
    return [*parts.rows[Part.TRAIN], *parts.rows[Part.VALID]]
