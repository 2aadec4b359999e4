"""Rows that are taken in as whole lists are the same as rows that are taken in one by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senti_studio.domain.comments import (
    CommentFilter,
    NewComment,
    Order,
    Part,
    SourceDraft,
    text_key,
    text_keys,
)
from senti_studio.storage.plain_rows import PlainRows
from senti_studio.storage.project import Project

WRITABLE = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)
ODD = (
    "",
    "Σ",
    "ΑΣ",
    "Σ x",
    "\u0301a",
    " \x1c\x1d ",
    "ﷺ",
    "㎡",
    "ＡＢＣ１２３",
    "e\u0301",
    "\u1100\u1161",
    "…！",
)


@pytest.mark.alone
@given(st.lists(st.one_of(WRITABLE, st.sampled_from(ODD), st.text()), max_size=150))
def test_keys_of_many_are_the_keys_of_each(texts: list[str]) -> None:
    assert text_keys(texts) == [text_key(text) for text in texts]


def test_both_ways_store_the_same(tmp_path: Path) -> None:
    texts = ['他说"好"\\', "=1+1", "𠮷\u2028😋", "", "\ue000\x1e\t\r\n", "好吃"] * 700
    cells = [(f"{n:06d}", text, text if n % 3 else "\\u0041") for n, text in enumerate(texts)]
    with Project.create(tmp_path / "甲.senti") as project:
        label = project.labels.list()[0].id
        labels = [label if n % 5 == 0 else None for n in range(len(texts))]
        parts = [Part.TEST if n % 7 == 0 else None for n in range(len(texts))]
        for name in ("一.csv", "二.csv"):
            source = project.sources.begin(SourceDraft(name, f"/数据/{name}", ("号", "评论", "又"), 1))
            numbers = range(1, len(texts) + 1)
            if name == "一.csv":
                project.sources.append(source, list(map(NewComment, numbers, texts, cells, labels, parts)))
            else:
                rows = PlainRows(numbers, texts, [list(row) for row in cells], 1, labels, parts)
                project.sources.append_plain(source, rows)
            project.sources.finish(source)
        one, other = (
            list(project.whole_comments.pages(CommentFilter(source_ids=frozenset({source.id})), Order.FILE))
            for source in project.sources.list()
        )
        assert [(list(page.rows), list(page.texts), page.cells) for page in one] == [
            (list(page.rows), list(page.texts), page.cells) for page in other
        ]
        for page, twin in zip(one, other, strict=True):
            assert list(page.parts.values()) == list(twin.parts.values())
            assert [each.label_id for each in page.states.values()] == [
                each.label_id for each in twin.states.values()
            ]
            assert [[each[:2] for each in given] for given in page.given.values()] == [
                [each[:2] for each in given] for given in twin.given.values()
            ]
        keys = [each.text_key for each in project.comments.labelled()]
        assert keys[: len(keys) // 2] == keys[len(keys) // 2 :]
        lengths = [row.length for row in project.comments.rows([1, 2, 3, len(texts) + 1, len(texts) + 2])]
        assert lengths == [6, 4, 3, 6, 4]
