"""What the user decided about one file so far, and what follows from it. Plain values, no Qt."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from senti_studio.domain.comments import Part
from senti_studio.domain.importing import (
    CheckReport,
    ImportRequest,
    Preview,
    ReadOptions,
    SniffReport,
    part_of,
    suggest_label_map,
)
from senti_studio.domain.labels import Label, labels_from_names
from senti_studio.ui.pages.importing.foreseen import foreseen

_DIGITS = "123456789"
MOST_LABEL_VALUES = 50
"""A column with more different values is no label column."""


class Use(enum.StrEnum):
    """What a column is used for; every column is kept, whatever its use."""

    TEXT = "text"
    LABEL = "label"
    PART = "part"
    ANNOTATOR = "annotator"
    TIME = "time"
    SECONDS = "seconds"
    TASK = "task"
    KEEP = "keep"


class TargetKind(enum.StrEnum):
    """What becomes of a value of the label column."""

    OPEN = "open"
    LABEL = "label"
    NEW = "new"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Target:
    """``value``: the key of the label, or the name of the new one."""

    kind: TargetKind
    value: str = ""


OPEN = Target(TargetKind.OPEN)
IGNORE = Target(TargetKind.IGNORE)


class Obstacle(enum.StrEnum):
    """Why the next step cannot be taken yet."""

    NO_TEXT_COLUMN = "no_text_column"
    NOT_CHECKED = "not_checked"
    NO_ROWS = "no_rows"
    TOO_MANY_LABEL_VALUES = "too_many_label_values"
    OPEN_LABEL_VALUES = "open_label_values"
    BAD_STOPS = "bad_stops"
    ENCODING_IN_DOUBT = "encoding_in_doubt"


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """One file: how it is read, what its columns are used for, where its label values go.

    ``boilerplate``: one of `boilerplate.CHOICES`; ``boilerplate_texts``: the list of the project that is to
    be made, None: the usual one, or that of the project. ``twin``: the name of a source of the project with
    the very same content, or empty.
    """

    path: Path
    sniff: SniffReport
    preview: Preview
    uses: tuple[Use, ...]
    check: CheckReport | None = None
    targets: Mapping[str, Target] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    encoding_is_chosen: bool = False
    skip_blank: bool = False
    skip_bad: bool = False
    boilerplate: str = "keep"
    boilerplate_texts: tuple[str, ...] | None = None
    twin: str = ""

    @classmethod
    def from_sniff(cls, path: Path, sniff: SniffReport) -> ImportPlan:
        """The guesses of the helper as first decisions."""
        return cls(path, sniff, sniff.preview, guessed_uses(sniff.preview))

    @property
    def options(self) -> ReadOptions:
        """How the file is read at the moment."""
        return self.preview.options

    def column(self, use: Use) -> int | None:
        """The column with this use, if one has it."""
        return self.uses.index(use) if use in self.uses else None

    @property
    def asks_for_encoding(self) -> bool:
        """Whether two encodings are so close that the user has to say which one reads right."""
        return self.sniff.is_close and not self.encoding_is_chosen

    @property
    def has_labels(self) -> bool:
        """Whether the file gives labels: in a column, or beside its columns (`Preview.annotations`)."""
        return self.column(Use.LABEL) is not None or bool(self.preview.annotations)

    @property
    def leaves_bad_out(self) -> bool:
        """Whether rows that do not fit, or hold damaged bytes, stay out."""
        return self.skip_bad or self.options.on_bad == "skip-row"

    def with_preview(self, preview: Preview) -> ImportPlan:
        """The same file read with other options; decisions stay where the columns stay the same."""
        kept = preview.columns == self.preview.columns
        uses = self.uses if kept else guessed_uses(preview)
        return replace(self, preview=preview, uses=uses, check=None)

    def with_use(self, column: int, use: Use) -> ImportPlan:
        """Text, label and part stand at one column each; the former one becomes a kept column."""
        uses = [Use.KEEP if old is use and use is not Use.KEEP else old for old in self.uses]
        uses[column] = use
        return replace(self, uses=tuple(uses), check=None)

    def with_check(self, check: CheckReport, labels: Sequence[Label]) -> ImportPlan:
        """Takes the report; values that have no target yet get the suggested one."""
        # One order on all steps, the order in which new labels get their keys.
        check = replace(check, label_values=tuple(sorted(check.label_values, key=lambda row: _size(row[0]))))
        values = [value for value, _ in check.label_values]
        # A stray word among numbers must not hide what the numbers usually mean.
        numbers = [value for value in values if _is_number(value)]
        suggested = {**suggest_label_map(numbers, labels), **suggest_label_map(values, labels)}
        targets = {}
        for value in values:
            key = suggested.get(value)
            proposal = Target(TargetKind.LABEL, key) if key else IGNORE if not value else OPEN
            targets[value] = self.targets.get(value, proposal)
        parts = {value: self.parts.get(value, str(part_of(value) or "")) for value, _ in check.part_values}
        return replace(self, check=check, targets=targets, parts=parts)

    def with_labels(self, labels: Sequence[Label]) -> ImportPlan:
        """The label set became another one: targets follow it where they can."""
        keys = {label.key for label in labels}
        by_name = {label.name: label.key for label in labels}
        kept = {}
        for value, target in self.targets.items():
            if target.kind is TargetKind.NEW and target.value in by_name:
                kept[value] = Target(TargetKind.LABEL, by_name[target.value])
            elif target.kind is TargetKind.NEW or target == IGNORE or target.value in keys:
                kept[value] = target
        plan = replace(self, targets=kept)
        return plan if self.check is None else plan.with_check(self.check, labels)

    def with_target(self, value: str, target: Target) -> ImportPlan:
        """One value of the label column goes elsewhere."""
        return replace(self, targets={**self.targets, value: target})

    def with_all_new(self) -> ImportPlan:
        """Every value that stands open becomes a new label of its own name."""
        targets = {
            value: Target(TargetKind.NEW, value) if target.kind is TargetKind.OPEN and value else target
            for value, target in self.targets.items()
        }
        return replace(self, targets=targets)

    def with_rest_ignored(self) -> ImportPlan:
        """Every value that stands open is ignored."""
        targets = {
            value: IGNORE if target.kind is TargetKind.OPEN else target
            for value, target in self.targets.items()
        }
        return replace(self, targets=targets)

    @property
    def open_values(self) -> tuple[str, ...]:
        """Label values that nobody decided on."""
        if not self.has_labels:
            return ()
        return tuple(value for value, target in self.targets.items() if target.kind is TargetKind.OPEN)

    @property
    def has_too_many_label_values(self) -> bool:
        return self.check is not None and self.check.label_value_count > MOST_LABEL_VALUES

    def obstacle(self) -> Obstacle | None:
        """What has to be done before the next step; None when nothing is missing."""
        if self.asks_for_encoding:
            return Obstacle.ENCODING_IN_DOUBT
        if self.column(Use.TEXT) is None:
            return Obstacle.NO_TEXT_COLUMN
        if self.check is None:
            return Obstacle.NOT_CHECKED
        if self.check.rows == 0 or self.rows_to_import == 0:
            return Obstacle.NO_ROWS
        if self.options.on_bad == "stop" and (self.check.bad_row_count or self.check.bad_byte_count):
            return Obstacle.BAD_STOPS
        if self.has_labels:
            if self.has_too_many_label_values:
                return Obstacle.TOO_MANY_LABEL_VALUES
            if self.open_values:
                return Obstacle.OPEN_LABEL_VALUES
        return None

    @property
    def rows_to_import(self) -> int:
        """Rows that will be written under the present decisions."""
        if self.check is None:
            return 0
        skipped = self.check.empty_texts if self.skip_blank else 0
        bad = self.check.bad_row_count if self.leaves_bad_out else self.check.unreadable_rows
        return self.check.rows - skipped - bad - self.boilerplate_left_out - self.check.joined

    @property
    def boilerplate_left_out(self) -> int:
        """Rows that stay out because the platform wrote them."""
        return self.check.boilerplate if self.check is not None and self.boilerplate == "skip" else 0

    @property
    def label_rows(self) -> dict[Target, int]:
        """Rows per target, for the report; ignored and open values are left out."""
        found: dict[Target, int] = {}
        if self.check is None or not self.has_labels:
            return found
        if self.check.patterns:
            return dict(foreseen(self).labels)
        gone = dict(self.check.boilerplate_labels) if self.boilerplate_left_out else {}
        for value, count in self.check.label_values:
            target = self.targets.get(value, OPEN)
            if target.kind in (TargetKind.LABEL, TargetKind.NEW):
                found[target] = found.get(target, 0) + count - gone.get(value, 0)
        return found

    @property
    def part_rows(self) -> dict[str, int]:
        """Rows per part (``train`` …, empty for rows without one)."""
        found: dict[str, int] = {}
        if self.check is None or self.column(Use.PART) is None:
            return found
        for value, count in self.check.part_values:
            part = self.parts.get(value, "")
            found[part] = found.get(part, 0) + count
        return found

    @property
    def new_names(self) -> tuple[str, ...]:
        """Names of the labels that this import makes: numbers by size, then words as they come.

        The order gives them their keys, so that the label ``1`` is not the eighth.
        """
        used = self.targets.values() if self.has_labels else ()
        names = dict.fromkeys(target.value for target in used if target.kind is TargetKind.NEW)
        return tuple(sorted(names, key=_size))

    @property
    def uses_old_labels(self) -> bool:
        """Whether a value goes to a label that exists already."""
        return any(target.kind is TargetKind.LABEL for target in self.targets.values())

    def request(self, labels: Sequence[Label]) -> ImportRequest:
        """The order for the import helper; ``labels`` must hold the new ones already."""
        keys = {label.name: label.key for label in labels}
        label_column = self.column(Use.LABEL)
        label_map = {
            value: keys[target.value] if target.kind is TargetKind.NEW else target.value
            for value, target in self.targets.items()
            if target.kind in (TargetKind.LABEL, TargetKind.NEW)
        }
        text_column = self.column(Use.TEXT)
        if text_column is None:
            raise ValueError("no text column")
        return ImportRequest(
            path=str(self.path),
            text_column=text_column,
            options=self.options,
            label_column=label_column,
            label_map=label_map if self.has_labels else None,
            ignore_unmapped=True,
            part_column=self.column(Use.PART),
            part_map=dict(self.parts) if self.column(Use.PART) is not None else None,
            skip_blank_texts=self.skip_blank,
            skip_bad_rows=self.skip_bad,
            name=self.path.name,
            annotator_column=self.column(Use.ANNOTATOR),
            time_column=self.column(Use.TIME),
            seconds_column=self.column(Use.SECONDS),
            task_column=self.column(Use.TASK),
            boilerplate=self.boilerplate,
            boilerplate_texts=self.boilerplate_texts,
        )


def guessed_uses(preview: Preview) -> tuple[Use, ...]:
    """The guesses of the helper, one use per column."""
    guess = {
        preview.task_column: Use.TASK,
        preview.seconds_column: Use.SECONDS,
        preview.time_column: Use.TIME,
        preview.annotator_column: Use.ANNOTATOR,
        preview.part_column: Use.PART,
        preview.label_column: Use.LABEL,
        preview.text_column: Use.TEXT,
    }
    return tuple(guess.get(column, Use.KEEP) for column in range(len(preview.columns)))


def labels_with_new(labels: Sequence[Label], names: Sequence[str], *, replace_all: bool) -> tuple[Label, ...]:
    """The label set after the import: ``names`` appended, or, with ``replace_all``, alone.

    A name that exists already is not made twice.
    """
    if replace_all:
        return labels_from_names([(str(place), name) for place, name in enumerate(_at_own_keys(names), 1)])
    known = {label.name for label in labels}
    fresh = [name for name in names if name not in known]
    taken = {label.key for label in labels}
    made: list[Label] = []
    for name in fresh:
        number = 1
        while str(number) in taken:
            number += 1
        taken.add(str(number))
        made.append(Label(str(number), name))
    looks = labels_from_names([(label.key, label.name) for label in (*labels, *made)])
    used = {label.appearance for label in labels}
    free = [look.appearance for look in looks if look.appearance not in used]
    shortcuts = {label.shortcut for label in labels}
    finished = []
    for position, label in enumerate(made):
        look = free[position] if position < len(free) else "outline-up"
        shortcut = label.key if len(label.key) == 1 and label.key not in shortcuts else ""
        finished.append(replace(label, appearance=look, shortcut=shortcut))
    return (*labels, *finished)


def _at_own_keys(names: Sequence[str]) -> list[str]:
    """The keys 1 … 9 are the places of the labels: one that is called ``5`` stands fifth, if it can."""
    own = {int(name) - 1: name for name in names if len(name) == 1 and name in _DIGITS[: len(names)]}
    others = iter([name for name in names if name not in own.values()])
    return [own[place] if place in own else next(others) for place in range(len(names))]


def _size(value: str) -> float:
    """Sorts numbers by size, before words, which stay as they come."""
    return float(value) if _is_number(value) else math.inf


def _is_number(value: str) -> bool:
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False


PARTS = ("", Part.TRAIN.value, Part.VALID.value, Part.TEST.value)
