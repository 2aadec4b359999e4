"""The journal of a project: what was done to comments, by whom, and what an undo gives back."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class Verb(enum.StrEnum):
    """What an action did."""

    LABEL = "label"
    CLEAR = "clear"
    SKIP = "skip"
    UNSKIP = "unskip"
    FLAG = "flag"
    UNFLAG = "unflag"
    EXCLUDE = "exclude"
    RESTORE = "restore"
    NOTE = "note"
    KEEP = "keep"
    UNDO = "undo"
    REDO = "redo"
    ADD_LABEL = "add_label"
    CHANGE_LABEL = "change_label"
    MOVE_LABEL = "move_label"
    REMOVE_LABEL = "remove_label"
    RESTORE_LABEL = "restore_label"
    MERGE_LABEL = "merge_label"
    ADJUDICATE = "adjudicate"
    MERGE_PROJECT = "merge_project"


LABEL_SET_VERBS = frozenset(
    {
        Verb.ADD_LABEL,
        Verb.CHANGE_LABEL,
        Verb.MOVE_LABEL,
        Verb.REMOVE_LABEL,
        Verb.RESTORE_LABEL,
        Verb.MERGE_LABEL,
    }
)
"""Changes of the label set: ``count`` is the number of annotations that they moved, hid or showed, and
``comment_ids`` is empty."""

OF_THEIR_OWN = LABEL_SET_VERBS | {Verb.MERGE_PROJECT}
"""Actions that may have changed the label set: each is undone by itself, see `bulk.begin_reverse`."""


@dataclass(frozen=True, slots=True)
class Action:
    """One committed action of a user.

    ``count`` comments were changed; ``comment_ids`` holds the first 1,000 of them. ``left_out`` comments
    were not, because they were changed in between. ``label_id`` is the label
    that was given. For an undo or redo ``of`` is the verb of the action that was taken back or done again.
    ``stopped``: the user ended it before all comments were reached.
    """

    id: int
    verb: Verb
    annotator: str
    at: datetime
    count: int
    comment_ids: tuple[int, ...]
    label_id: int | None = None
    left_out: int = 0
    of: Verb | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One card of the history strip: the first comment of an action, its beginning, and the label it was
    given."""

    action_id: int
    verb: Verb
    at: datetime
    count: int
    comment_id: int
    text: str
    label_id: int | None


class Standing(enum.IntEnum):
    """What became of an action: it stands, it was undone (and can be redone), it was undone and another one
    was made since, or it is itself an undo or redo."""

    DONE = 0
    UNDONE = 1
    DROPPED = 2
    MARK = 3


@dataclass(frozen=True, slots=True)
class JournalItem:
    """One line of the whole journal. ``comment_id`` is its first comment (0: none, or it is gone), ``text``
    how that begins; ``of`` is the verb that an undo or redo took back or made again."""

    action_id: int
    verb: Verb
    annotator: str
    at: datetime
    count: int
    comment_id: int
    text: str
    label_id: int | None
    standing: Standing
    of: Verb | None = None


@dataclass(frozen=True, slots=True)
class JournalPage:
    """Lines newest first; ``older`` is where the next page begins (None: this was the last one)."""

    items: tuple[JournalItem, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class Way:
    """What lies between now and a moment: so many ``actions`` on ``comments`` are taken back, or made again
    (``forward``)."""

    actions: int
    comments: int
    forward: bool


@dataclass(frozen=True, slots=True)
class Travel:
    """What was taken back or made again on the way to a moment. ``newest`` is the newest action that stood
    before: travelling to it leads back. ``comment_id``: the comment of the last step (0: none)."""

    actions: int
    left_out: int
    forward: bool
    newest: int
    comment_id: int
    stopped: bool = False
