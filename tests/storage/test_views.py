"""Views against a plain filter over everything; paging; search; table rows."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from senti_studio.domain.comments import Comment, CommentFilter, NewComment, Order, Part, SourceDraft
from senti_studio.errors import UserError
from senti_studio.storage import views
from senti_studio.storage.project import Project

Take = Callable[..., int]
WORDS = ["好吃", "Good", "good", "100%", "a_b", "a\\b", "服务", "😀", "一", "'引号'", '"', "馄饨", "\n", " "]


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Four sources of 97 comments each, one of them removed; labels, skips and flags at random."""
    chance = random.Random(7)
    with Project.create(tmp_path_factory.mktemp("视图") / "视图.senti") as project:
        for number in range(4):
            texts = ["".join(chance.choices(WORDS, k=chance.randint(0, 6))) for _ in range(97)]
            given_labels = [chance.choice([None, None, 1, 2]) for _ in texts]
            source_id = project.sources.begin(SourceDraft(f"{number}.csv", f"/{number}.csv", ("评论",), 0))
            rows = zip(texts, given_labels, strict=True)
            project.sources.append(
                source_id,
                [NewComment(row, text, (text,), label) for row, (text, label) in enumerate(rows, 1)],
            )
            project.sources.finish(source_id)
        for comment_id in chance.sample(range(1, 389), 60):
            project.annotations.label([comment_id], chance.choice([1, 2, 3, None]), annotator="我")
        project.annotations.skip(chance.sample(range(1, 389), 40), annotator="我")
        project.annotations.flag(chance.sample(range(1, 389), 40), annotator="我").result()
        project.sources.remove(2).result()
        yield project


@pytest.fixture(scope="module")
def everything(big: Project) -> list[Comment]:
    """Each visible comment, read one by one."""
    found = []
    for comment_id in range(1, 389):
        try:
            found.append(big.comments.get(comment_id))
        except UserError:
            continue
    return found


def ascii_lower(text: str) -> str:
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def matches(comment: Comment, wanted: CommentFilter) -> bool:
    if wanted.label_ids or wanted.unlabelled:
        hit = comment.label_id in wanted.label_ids or (wanted.unlabelled and comment.label_id is None)
        if not hit:
            return False
    if wanted.source_ids and comment.source_id not in wanted.source_ids:
        return False
    if wanted.flagged is not None and comment.flagged != wanted.flagged:
        return False
    if wanted.skipped is not None and comment.skipped != wanted.skipped:
        return False
    return ascii_lower(wanted.search) in ascii_lower(comment.text)


FILTERS = st.builds(
    CommentFilter,
    label_ids=st.frozensets(st.integers(1, 3), max_size=2),
    unlabelled=st.booleans(),
    source_ids=st.frozensets(st.integers(1, 4), max_size=2),
    search=st.one_of(st.just(""), st.sampled_from(WORDS), st.text(alphabet="好吃goGO%_\\1服", max_size=3)),
    flagged=st.sampled_from([None, True, False]),
    skipped=st.sampled_from([None, True, False]),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=FILTERS, order=st.sampled_from(Order), chunk=st.integers(1, 200))
def test_views_hold_what_a_plain_filter_finds(
    big: Project, everything: list[Comment], wanted: CommentFilter, order: Order, chunk: int
) -> None:
    expected = [comment for comment in everything if matches(comment, wanted)]
    parts = list(big.comments.ids(wanted, order, chunk=chunk))
    assert all(0 < len(part) <= chunk for part in parts)
    ids = [comment_id for part in parts for comment_id in part]
    if order is Order.FILE:
        assert ids == [comment.id for comment in expected]
    elif order is Order.LENGTH:
        assert ids == [comment.id for comment in sorted(expected, key=lambda c: (len(c.text), c.id))]
    elif order is Order.NEWEST_LABEL:
        times = {row.id: row.labelled_at for row in big.comments.rows(ids)}
        labelled = [i for i in ids if times[i] is not None]
        assert ids[: len(labelled)] == labelled
        stamps = [times[i] or datetime.max for i in labelled]
        assert stamps == sorted(stamps, reverse=True)
        assert ids[len(labelled) :] == [c.id for c in expected if times[c.id] is None]
    assert sorted(ids) == [comment.id for comment in expected]


def test_blocks_smaller_than_the_project(big: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {order: [list(part) for part in big.comments.ids(order=order, chunk=50)] for order in Order}
    monkeypatch.setattr(views, "_BLOCK", 7)
    for order in (Order.LENGTH, Order.NEWEST_LABEL, Order.RANDOM):
        assert [list(part) for part in big.comments.ids(order=order, chunk=50)] == whole[order]


def test_random_is_mixed_the_same_every_time_and_moves_nobody(big: Project) -> None:
    first = [i for part in big.comments.ids(order=Order.RANDOM) for i in part]
    assert first == [i for part in big.comments.ids(order=Order.RANDOM) for i in part]
    assert first != sorted(first)
    fewer = [i for part in big.comments.ids(CommentFilter(unlabelled=True), Order.RANDOM) for i in part]
    assert fewer == [i for i in first if i in set(fewer)]


def test_two_character_words_and_wildcards_are_found_as_written(project: Project, take: Take) -> None:
    texts = ["吃了馄饨", "100%满意", "100分", "under_score", "underXscore", "反\\斜", "GOOD 服务", "ＧＯＯＤ"]
    take(project, texts)

    def found(search: str) -> list[int]:
        return [i for part in project.comments.ids(CommentFilter(search=search)) for i in part]

    assert found("馄饨") == [1]
    assert found("100%") == [2]
    assert found("r_s") == [4]
    assert found("反\\斜") == [6]
    assert found("good") == [7]
    assert found("Good 服") == [7]
    assert found("面条") == []


def test_rows_keep_the_order_and_cut_long_texts(project: Project, take: Take) -> None:
    take(project, ["短", "长" * 1000, "中" * 300])
    rows = project.comments.rows([3, 1, 99, 2])
    assert [row.id for row in rows] == [3, 1, 2]
    assert [len(row.text) for row in rows] == [300, 1, 300]
    assert [row.length for row in rows] == [300, 1, 1000]
    assert project.comments.get(2).text == "长" * 1000
    assert project.comments.rows([]) == []


def test_the_next_one_without_label_or_skip(project: Project, take: Take) -> None:
    take(project, ["好"] * 6000, labels=[1] * 5000)
    project.annotations.skip([5001], annotator="我").result()
    ids = list(range(1, 6001))
    find = project.comments.next_unlabelled
    assert find(ids, 0, 1) == 5001
    assert find(ids, 5001, 1) == 5001
    assert find(ids, 5000, -1) is None
    assert find(ids, 5999, -1) == 5999
    assert find(ids, 6000, 1) is None
    assert find(ids, -1, -1) is None
    assert find([], 0, 1) is None
    assert find(ids[::-1], 0, 1) == 0


def test_labelled_comments_carry_part_and_text_key(project: Project, take: Take) -> None:
    take(project, ["很好", " 很 好 ", "差"], labels=[1, 1, None])
    take(project, ["很好"], labels=[3], part=Part.TEST)
    found = list(project.comments.labelled())
    assert [(c.id, c.part, c.label_key) for c in found] == [
        (1, None, "1"),
        (2, None, "1"),
        (4, Part.TEST, "3"),
    ]
    assert len({comment.text_key for comment in found}) == 1
    assert list(project.comments.texts([4, 1])) == [(4, "很好"), (1, "很好")]


def test_many_threads_read_while_one_writes(project: Project, take: Take) -> None:
    take(project, [f"第 {i} 条" for i in range(2000)])
    stop = threading.Event()

    def read() -> int:
        rounds = 0
        while not stop.is_set() or not rounds:
            ids = [i for part in project.comments.ids(CommentFilter(search="9")) for i in part]
            assert len(project.comments.rows(ids[:50])) == 50
            rounds += 1
        return rounds

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        for comment_id in range(1, 101):
            project.annotations.label([comment_id], 1, annotator="我").result()
        stop.set()
        assert all(reader.result() > 0 for reader in readers)
    assert project.comments.counts().labelled == 100


def test_a_view_that_is_being_filled_ends_when_the_project_is_closed(project: Project, take: Take) -> None:
    take(project, ["好"] * 100)
    parts = project.comments.ids(CommentFilter(search="好"), chunk=10)
    next(parts)
    project.close()
    with pytest.raises(UserError, match="PROJECT_CLOSED"):
        list(parts)


def test_a_row_of_a_file_is_found_in_every_source_that_has_it(
    big: Project, everything: list[Comment]
) -> None:
    for row in (1, 42, 97, 98):
        assert big.comments.at_row(row) == [each.id for each in everything if each.row == row]


def test_rows_that_were_left_out_are_not_found(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Project.create(tmp_path_factory.mktemp("行") / "行.senti") as project:
        source = project.sources.begin(SourceDraft("甲.csv", "/甲.csv", ("评论",), 0))
        project.sources.append(source, [NewComment(row, f"第 {row} 行", ("",)) for row in (2, 3, 7, 50)])
        project.sources.finish(source)
        found = {row: project.comments.at_row(row) for row in (1, 2, 7, 8, 50, 51)}
        assert [[project.comments.get(each).row for each in ids] for ids in found.values()] == [
            [], [2], [7], [], [50], [],
        ]  # fmt: skip
