"""Comments, and the questions that views ask about them."""

from __future__ import annotations

import enum
import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

_FULL_WIDTH = tuple((full, unicodedata.normalize("NFKC", full)) for full in "，！？：；（）～…")


def text_key(text: str) -> int:
    """A signed 64-bit hash by which identical texts are told: NFKC, lower case, white space removed.

    Texts with one key never stand on both sides of a split.
    """
    # What is left without them is mostly normal already, which normalize() sees three times faster than it
    # converts.
    for full, plain in _FULL_WIDTH:
        text = text.replace(full, plain)
    key = "".join(unicodedata.normalize("NFKC", text).lower().split())
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


_TEXTS_AT_ONCE = 64


def text_keys(texts: Sequence[str]) -> list[int]:
    """`text_key` of many texts, several times as fast: most of it is done to many of them as one string."""
    keys: list[int] = []
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        some = texts[start : start + _TEXTS_AT_ONCE]
        joined = "\0".join(some)
        if joined.count("\0") != len(some) - 1:
            keys += map(text_key, some)
            continue
        for full, plain in _FULL_WIDTH:
            joined = joined.replace(full, plain)
        if not unicodedata.is_normalized("NFKC", joined):
            # One odd character must not make all of them slow.
            joined = "\0".join([unicodedata.normalize("NFKC", text) for text in joined.split("\0")])
        # A NUL is no letter, no blank and combines with nothing: what stands beside it does not matter.
        joined = "".join(joined.lower().split())
        for key in joined.encode("utf-8", "surrogatepass").split(b"\0"):
            digest = hashlib.blake2b(key, digest_size=8).digest()
            keys.append(int.from_bytes(digest, "big", signed=True))
    return keys


class Part(enum.StrEnum):
    """The side of a split that a file or a user gives a comment."""

    TRAIN = "train"
    VALID = "valid"
    TEST = "test"


class Order(enum.StrEnum):
    """Order of a view."""

    FILE = "file"
    NEWEST_LABEL = "newest_label"
    LENGTH = "length"
    RANDOM = "random"


class SortKey(enum.StrEnum):
    """What a table of comments can be sorted by."""

    ROW = "row"
    TEXT = "text"
    LABEL = "label"
    SOURCE = "source"
    LENGTH = "length"
    TIME = "time"
    DUPLICATES = "duplicates"
    PREDICTION = "prediction"
    CONFIDENCE = "confidence"
    """How sure the newest prediction is, whatever it says."""
    COLUMN = "column"


@dataclass(frozen=True, slots=True)
class Sorting:
    """An order by one column of the table; ``column`` names the original column for `SortKey.COLUMN`.

    Cells without a value come last in both directions, equal ones in file order; a cell that is a number
    sorts by its value, numbers inside a text likewise (第 2 集 before 第 10 集).
    """

    key: SortKey
    column: str = ""
    descending: bool = False


class SearchMode(enum.StrEnum):
    """How the words of a search are meant."""

    TEXT = "text"
    """As they stand."""
    WORDS = "words"
    """Separated by blanks; all must occur."""
    REGEX = "regex"
    """A regular expression of the ``regex`` package."""


class Duplicates(enum.StrEnum):
    """How a comment stands to the others."""

    UNIQUE = "unique"
    EXACT = "exact"
    """Another visible comment has the same text (see `text_key`)."""
    NEAR = "near"
    """Another one says nearly the same."""


class Predictions(enum.StrEnum):
    """How a comment stands to the newest prediction of it."""

    SOME = "some"
    NONE = "none"
    DISAGREES = "disagrees"
    """The model says something else than the label."""


class Match(enum.StrEnum):
    """How a cell is compared."""

    CONTAINS = "contains"
    EQUALS = "equals"


@dataclass(frozen=True, slots=True)
class CellCondition:
    """What a cell of the original column ``column`` must hold; sources without that column do not match."""

    column: str
    match: Match
    value: str


@dataclass(frozen=True, slots=True)
class CommentFilter:
    """Rows that match any value inside one field and all fields together; the empty filter matches
    everything.

    ``shortest`` and ``longest`` are lengths in characters, both included; ``group_of``: only duplicates and
    near-duplicates of this comment, itself included; all of ``cells`` must hold. ``not_by``: comments to
    which this annotator has given no label; ``disputed``: people disagree, and nobody has decided;
    ``test_set``: only the comments of the project's test set, or all but these.
    """

    label_ids: frozenset[int] = frozenset()
    unlabelled: bool = False
    source_ids: frozenset[int] = frozenset()
    search: str = ""
    flagged: bool | None = None
    skipped: bool | None = None
    excluded: bool | None = None
    mode: SearchMode = SearchMode.TEXT
    annotators: frozenset[str] = frozenset()
    shortest: int | None = None
    longest: int | None = None
    duplicates: frozenset[Duplicates] = frozenset()
    group_of: int | None = None
    predictions: frozenset[Predictions] = frozenset()
    cells: tuple[CellCondition, ...] = ()
    share_ids: frozenset[int] = frozenset()
    not_by: str = ""
    disputed: bool | None = None
    test_set: bool | None = None

    @property
    def is_empty(self) -> bool:
        return self == CommentFilter()


@dataclass(frozen=True, slots=True)
class Source:
    """One imported file. ``columns`` are its header names in order; ``text_column`` is an index into them."""

    id: int
    name: str
    path: str
    sha256: str
    encoding: str
    delimiter: str
    quote: str
    has_header: bool
    columns: tuple[str, ...]
    text_column: int
    label_column: int | None
    row_count: int
    imported_at: datetime
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """What is known of a file before its first row is imported; fields as in `Source`."""

    name: str
    path: str
    columns: tuple[str, ...]
    text_column: int
    label_column: int | None = None
    sha256: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    has_header: bool = True
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class NewAnnotation:
    """What somebody said of a comment to import: ``at`` in milliseconds since the epoch (None: now),
    ``label_id`` None = an imported label was taken away, ``imported``: no person of this project gave it."""

    label_id: int | None
    annotator: str = ""
    at: int | None = None
    seconds: float | None = None
    imported: bool = False
    adjudicated: bool = False


@dataclass(frozen=True, slots=True)
class NewComment:
    """One row to import: ``row`` counts data rows from 1, ``values`` are all its cells in column order (a
    ragged row has fewer or more), ``label_id`` is the label that the file gives it, or ``annotations`` where
    the file says more of them."""

    row: int
    text: str
    values: tuple[str, ...] = ()
    label_id: int | None = None
    part: Part | None = None
    annotations: tuple[NewAnnotation, ...] = ()
    skipped: bool = False
    flagged: bool = False
    note: str = ""
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class LabelledComment:
    """A comment that training may use, with its training label; ``part`` is what the file or the user gave
    it."""

    id: int
    source_id: int
    part: Part | None
    text_key: int
    label_key: str


@dataclass(frozen=True, slots=True)
class CommentRow:
    """What a list shows of a comment; ``text`` may be cut to 300 characters, ``row`` counts data rows from
    1.

    ``cells`` are those of the columns that were asked for, in that order, cut likewise (None: the source has
    no such column); ``copies`` counts the comments of its group of duplicates (0: not known), ``same`` those
    of just this text.
    """

    id: int
    source_id: int
    row: int
    text: str
    length: int
    label_id: int | None
    labelled_at: datetime | None
    skipped: bool
    flagged: bool
    excluded: bool = False
    cells: tuple[str | None, ...] = ()
    copies: int = 0
    predicted: PredictedLabel | None = None
    same: int = 0


@dataclass(frozen=True, slots=True)
class PredictedLabel:
    """What a model says of a comment: a label of the project and its probability."""

    label_id: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Annotation:
    """One label given to one comment by one annotator."""

    comment_id: int
    label_id: int
    annotator: str
    at: datetime
    imported: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """A whole comment: full text, its original columns (name, value), state."""

    id: int
    source_id: int
    source_name: str
    row: int
    text: str
    columns: tuple[tuple[str, str], ...]
    part: Part | None
    label_id: int | None
    skipped: bool
    flagged: bool
    note: str = ""
    annotations: tuple[Annotation, ...] = field(default=())
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class CommentCounts:
    """Counts over the visible comments of a project; ``disputed`` ones are among the labelled, though nobody
    has decided yet what their label is."""

    total: int
    labelled: int
    by_label: dict[int, int]
    skipped: int
    flagged: int
    excluded: int = 0
    disputed: int = 0

    @property
    def unlabelled(self) -> int:
        return self.total - self.labelled
