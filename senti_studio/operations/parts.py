"""Which labelled comment goes to training, validation or test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from senti_studio.domain.comments import LabelledComment, Part
from senti_studio.domain.importing import part_of
from senti_studio.domain.splits import count_leaks, draw_part, expected_leaks
from senti_studio.errors import UserError
from senti_studio.storage.project import Project

TEST_SHARE = 0.15
TEST_SEED = 20_261_122
"""The project's own test set does not depend on the seed of a run."""

SAME_AS_TEST = "same_as_test"
SAME_GROUP_AS_TEST = "same_group_as_test"
DISAGREEMENT = "disagreement"
EXCLUDED = "excluded"
SET_ASIDE = "set_aside"
MOST_ENTANGLED = 1 / 3
ENOUGH_TO_TEST = 20
"""So many labelled comments of the test set are a test; of a small one, half of it."""


@dataclass(frozen=True, slots=True)
class GivenParts:
    """What the user decided: sources that are the validation or the test part, and whether the parts that
    came with the files (``part`` of comments) count, or those of ``by_comment`` (comment id -> part)
    instead."""

    valid_source: int | None = None
    test_source: int | None = None
    use_parts: bool = True
    by_comment: Mapping[int, Part] | None = None

    def of(self, comment: LabelledComment) -> Part | None:
        if comment.source_id == self.test_source:
            return Part.TEST
        if comment.source_id == self.valid_source:
            return Part.VALID
        if self.by_comment is not None:
            return self.by_comment.get(comment.id)
        return comment.part if self.use_parts else None


@dataclass(frozen=True, slots=True)
class Split:
    """Labelled comments by part. ``new_test``: ids to be kept as the project's test set, None where there
    is one or the user gave a test part. ``leaked``: rows of given parts whose text is in training too.
    ``avoided``: held-out rows that a draw row by row would have given a relative in training (see
    `expected_leaks`); ``largest``: rows of the largest group of rows that stay together.
    ``key_of``: text key -> key of all that come together with it.
    ``is_entangled``: the test set has comments of too many groups to be
    used. ``is_stand_in``: that, or too few of the test set are labelled, and the test part was drawn for this
    split alone.
    """

    rows: Mapping[Part, Sequence[LabelledComment]]
    new_test: frozenset[int] | None = None
    leaked: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    is_stand_in: bool = False
    is_entangled: bool = False
    avoided: int = 0
    largest: int = 0
    key_of: Mapping[int, int] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        return {part.value: len(self.rows[part]) for part in Part}


def split(
    labelled: Sequence[LabelledComment],
    given: GivenParts,
    test_set: frozenset[int],
    *,
    valid_share: float,
    seed: int,
    near: Mapping[int, int] | None = None,
    alike: Mapping[int, str] | None = None,
) -> Split:
    """Splits labelled comments; ``near``: comment id -> its group of near-copies, as far as these are known;
    ``alike``: comment id -> what else holds comments together (their user, their product; "" nothing).

    Given parts stay as they are. Without a given test part the project's test set is the test, drawn now if
    there is none; all other comments with one of its texts, or nearly one of them, are left out. While too
    few of its comments are labelled, or where it has comments of so many of the ``alike`` groups that more
    than `MOST_ENTANGLED` of the others would go, another part is drawn for this split alone, and it is left
    out. Without a given validation part it is drawn from what is left. Both are drawn in whole groups of
    identical texts, near-copies, and what is ``alike``.
    """
    key_of = keys_together(labelled, near or {}, alike or {})
    text_of = keys_together(labelled, near or {}) if alike else key_of
    rows: dict[Part, list[LabelledComment]] = {part: [] for part in Part}
    free: list[LabelledComment] = []
    for comment in labelled:
        part = given.of(comment)
        (free if part is None or part is Part.TRAIN else rows[part]).append(comment)
    user_gave_test = bool(rows[Part.TEST])
    user_gave_valid = bool(rows[Part.VALID])
    new_test: frozenset[int] | None = None
    is_stand_in = is_entangled = False
    left_out: Counter[str] = Counter()
    gone: list[int] = []
    if not user_gave_test:
        pool = free + rows[Part.VALID]
        present = {comment.id for comment in pool}
        is_stand_in = bool(test_set) and len(test_set & present) < enough_to_test(len(test_set))
        is_entangled = bool(alike) and not is_stand_in and _is_entangled(pool, key_of, text_of, test_set)
        is_stand_in = is_stand_in or is_entangled
        if is_stand_in:
            aside = {text_of[comment.text_key] for comment in pool if comment.id in test_set}
            rows[Part.VALID], _ = _without(rows[Part.VALID], text_of, aside, test_set)
            free, _ = _without(free, text_of, aside, test_set)
            left_out[SET_ASIDE] = len(pool) - len(free) - len(rows[Part.VALID])
            pool = free + rows[Part.VALID]
        if is_stand_in or not test_set:
            drawn = _draw(free, key_of, TEST_SHARE, TEST_SEED)
            test_set = frozenset(free[position].id for position in drawn)
            new_test = None if is_stand_in else test_set
        keys = {key_of[comment.text_key] for comment in pool if comment.id in test_set}
        rows[Part.TEST] = [comment for comment in pool if comment.id in test_set]
        rows[Part.VALID], out = _without(rows[Part.VALID], key_of, keys, test_set)
        free, more = _without(free, key_of, keys, test_set)
        same = {text_of[comment.text_key] for comment in rows[Part.TEST]}
        gone = out + more
        left_out.update(SAME_AS_TEST if text_of[key] in same else SAME_GROUP_AS_TEST for key in gone)
    if not user_gave_valid:
        drawn = _draw(free, key_of, valid_share, seed)
        rows[Part.VALID] = [comment for position, comment in enumerate(free) if position in drawn]
        free = [comment for position, comment in enumerate(free) if position not in drawn]
    rows[Part.TRAIN] = free
    held_out = [comment.text_key for comment in rows[Part.VALID] + rows[Part.TEST]]
    leaked = count_leaks(held_out, (comment.text_key for comment in free))
    drawn_parts = [rows[Part.VALID]] * (not user_gave_valid) + [rows[Part.TEST]] * (not user_gave_test)
    keys_drawn = [key_of[each.text_key] for part in (free, *drawn_parts) for each in part]
    keys_drawn += [key_of[key] for key in gone]
    return Split(
        rows,
        new_test,
        leaked,
        +left_out,
        is_stand_in,
        is_entangled,
        expected_leaks(keys_drawn, sum(map(len, drawn_parts))),
        max(Counter(key_of[comment.text_key] for comment in labelled).values(), default=0),
        key_of,
    )


def _is_entangled(
    pool: Sequence[LabelledComment],
    key_of: Mapping[int, int],
    text_of: Mapping[int, int],
    test_set: frozenset[int],
) -> bool:
    """Whether the groups of a test set that was drawn without regard to them are those of nearly all."""
    tested = [comment.text_key for comment in pool if comment.id in test_set]
    groups, texts = {key_of[key] for key in tested}, {text_of[key] for key in tested}
    others = [comment.text_key for comment in pool if text_of[comment.text_key] not in texts]
    return sum(key_of[key] in groups for key in others) > MOST_ENTANGLED * len(others)


def enough_to_test(size: int) -> int:
    """How many comments of a test set of this size have to be labelled before it is used."""
    return min(ENOUGH_TO_TEST, (size + 1) // 2)


def parts_in_column(project: Project, column: str) -> dict[int, Part]:
    """Comment id -> part, from an original column of that name (train / dev / 测试 …); comments whose cell
    says nothing of the kind are left to the draw. Raises UserError ``NO_SUCH_COLUMN`` when no source has
    the column, and ``NO_PARTS_IN_COLUMN`` when none of its cells names a part."""
    sources = project.sources.list()
    found: dict[int, Part] = {}
    for source in sources:
        if column not in source.columns:
            continue
        place = source.columns.index(column)
        for comment_id, _, cells in project.comments.originals(source.id):
            part = part_of(cells[place]) if place < len(cells) else None
            if part is not None:
                found[comment_id] = part
    if not found:
        names = sorted({name for source in sources for name in source.columns})
        if column not in names:
            raise UserError("NO_SUCH_COLUMN", column=column, columns=names)
        raise UserError("NO_PARTS_IN_COLUMN", column=column)
    return found


def keys_together(
    comments: Sequence[LabelledComment], near: Mapping[int, int], alike: Mapping[int, str] | None = None
) -> dict[int, int]:
    """Text key -> the least text key of all that come together with it: equal texts may be members of several
    groups of near-copies, which are one group then.

    So are texts with one value in ``alike``, but for those that comments of several values have: a word of
    praise that everybody writes would make one group of all users. Such texts stay together by themselves.
    """
    leader = {comment.text_key: comment.text_key for comment in comments}

    def find(key: int) -> int:
        while leader[key] != key:
            leader[key] = key = leader[leader[key]]
        return key

    def join(key: int, with_key: int) -> None:
        one, other = find(key), find(with_key)
        leader[max(one, other)] = min(one, other)

    first_of: dict[int, int] = {}
    for comment in comments:
        group = near.get(comment.id)
        if group is not None:
            join(comment.text_key, first_of.setdefault(group, comment.text_key))
    values: dict[int, set[str]] = {}
    for comment in comments if alike else ():
        if value := (alike or {}).get(comment.id):
            values.setdefault(find(comment.text_key), set()).add(value)
    first_with: dict[str, int] = {}
    for key, found in values.items():
        if len(found) == 1:
            join(key, first_with.setdefault(found.pop(), key))
    return {key: find(key) for key in leader}


def _draw(
    comments: Sequence[LabelledComment], key_of: Mapping[int, int], share: float, seed: int
) -> set[int]:
    items = [(key_of[comment.text_key], comment.label_key) for comment in comments]
    return draw_part(items, share, seed)


def _without(
    comments: Sequence[LabelledComment],
    key_of: Mapping[int, int],
    keys: set[int],
    test_set: frozenset[int],
) -> tuple[list[LabelledComment], list[int]]:
    """What is left without these keys, and the text keys of what went and is not of the test set."""
    rest = [comment for comment in comments if key_of[comment.text_key] not in keys]
    gone = [
        comment.text_key
        for comment in comments
        if key_of[comment.text_key] in keys and comment.id not in test_set
    ]
    return rest, gone
