"""The parts of a k-fold training: each comment is held out once, with all its copies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from senti_studio.domain.comments import text_key
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.splits import draw_folds, draw_part
from senti_studio.errors import UserError
from senti_studio.learning.data import LabelledTexts, TrainingData, joined

GROUPS = "groups.json"
"""In ``data/``: comment id -> number of the group of identical and nearly identical texts that it is in."""


@dataclass(frozen=True, slots=True)
class Fold:
    """``data`` to train with and the rows ``held_out`` of it, which no part of ``data`` has a copy of."""

    data: TrainingData
    held_out: LabelledTexts


@dataclass(frozen=True, slots=True)
class Folds:
    """``rows``: the training and validation part together; ``of``: the fold of each, from 0."""

    rows: LabelledTexts
    of: tuple[int, ...]
    keys: tuple[int, ...]
    test: LabelledTexts
    valid_share: float
    seed: int
    unlabelled: tuple[str, ...] = ()
    cache: Path | None = None

    @classmethod
    def draw(cls, spec: TrainingSpec, data: TrainingData, groups: Mapping[int, int]) -> Folds:
        """Draws them: the same for the same spec and data. Texts without a known group are their own key."""
        rows = joined(data.train, data.valid)
        keys = tuple(groups.get(id_, text_key(text)) for id_, text in zip(rows.ids, rows.texts, strict=True))
        items = list(zip(keys, rows.labels, strict=True))
        seed = spec.options.seed
        of = tuple(draw_folds(items, spec.repetition.count, seed))
        return cls(rows, of, keys, data.test, spec.options.valid_share, seed, data.unlabelled, data.cache)

    def fold(self, number: int) -> Fold:
        """Of the rows that are not held out some are drawn for validation: early stopping must not look at
        the rows that the figures are about."""
        held = [position for position, fold in enumerate(self.of) if fold == number]
        rest = [position for position, fold in enumerate(self.of) if fold != number]
        items = [(self.keys[position], self.rows.labels[position]) for position in rest]
        drawn = draw_part(items, self.valid_share, self.seed)
        valid = [position for place, position in enumerate(rest) if place in drawn]
        train = [position for place, position in enumerate(rest) if place not in drawn]
        return Fold(
            TrainingData(
                _taken(self.rows, train),
                _taken(self.rows, valid),
                self.test,
                self.unlabelled,
                cache=self.cache,
            ),
            _taken(self.rows, held),
        )


def read_groups(folder: Path) -> dict[int, int]:
    """What ``data/groups.json`` says, nothing where there is none. Raises UserError ``RUN_DAMAGED``."""
    path = folder / GROUPS
    try:
        return {int(id_): int(group) for id_, group in json.loads(path.read_bytes()).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UserError("RUN_DAMAGED", path=str(path), reason=str(error)) from error


def _taken(rows: LabelledTexts, positions: Sequence[int]) -> LabelledTexts:
    return LabelledTexts(
        tuple(rows.ids[position] for position in positions),
        tuple(rows.texts[position] for position in positions),
        tuple(rows.labels[position] for position in positions),
    )
