"""Comments, and the questions that views ask about them."""

from __future__ import annotations

import enum
import hashlib
import unicodedata
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


@dataclass(frozen=True, slots=True)
class CommentFilter:
    """Rows that match any value inside one field and all fields together; the empty filter matches
    everything."""

    label_ids: frozenset[int] = frozenset()
    unlabelled: bool = False
    source_ids: frozenset[int] = frozenset()
    search: str = ""
    flagged: bool | None = None
    skipped: bool | None = None

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
class NewComment:
    """One row to import: ``row`` counts data rows from 1, ``values`` are all its cells in column order (a
    ragged row has fewer or more), ``label_id`` is the label that the file gives it."""

    row: int
    text: str
    values: tuple[str, ...] = ()
    label_id: int | None = None
    part: Part | None = None


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
    1."""

    id: int
    source_id: int
    row: int
    text: str
    length: int
    label_id: int | None
    labelled_at: datetime | None
    skipped: bool
    flagged: bool


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


@dataclass(frozen=True, slots=True)
class CommentCounts:
    """Counts over the visible comments of a project."""

    total: int
    labelled: int
    by_label: dict[int, int]
    skipped: int
    flagged: int

    @property
    def unlabelled(self) -> int:
        return self.total - self.labelled
