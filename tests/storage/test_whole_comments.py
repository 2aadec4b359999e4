"""Pages of whole comments: every comment once, in order, and no page that fills the memory."""

from __future__ import annotations

from pathlib import Path

from senti_studio.domain.comments import CommentFilter, NewComment, Order, SourceDraft
from senti_studio.storage.project import Project


def test_pages_shrink_where_comments_are_long_and_hold_what_was_imported(tmp_path: Path) -> None:
    texts = [f"第 {n} 条，" + "房间很大" * (50_000 if 1300 <= n < 1420 else 3) for n in range(2000)]
    with Project.create(tmp_path / "长 评论.senti") as project:
        source = project.sources.begin(
            SourceDraft(name="长.csv", path="/数据/长.csv", columns=("编号", "评论", "备注"), text_column=1)
        )
        rows = [NewComment(n + 1, text, (f"{n:06d}", text, "null")) for n, text in enumerate(texts)]
        project.sources.append(source, rows)
        project.sources.finish(source)

        pages = list(project.whole_comments.pages(CommentFilter(), Order.FILE))

    assert [text for page in pages for text in page.texts] == texts
    assert [cells for page in pages for cells in page.cells] == [list(row.values) for row in rows]
    heavy = [sum(map(len, page.texts)) for page in pages]
    assert max(heavy) <= 1_000_000, "no page is made of more text than that"
    assert max(len(page.ids) for page in pages) > 200, "short ones come in large pages"


def test_one_comment_that_is_longer_than_a_page_comes_alone(tmp_path: Path) -> None:
    with Project.create(tmp_path / "一条.senti") as project:
        source = project.sources.begin(SourceDraft("长.txt", "/数据/长.txt", ("评论",), 0))
        project.sources.append(
            source, [NewComment(n + 1, "很" * (1_500_000 if n == 1 else 5)) for n in range(3)]
        )
        project.sources.finish(source)

        pages = list(project.whole_comments.pages_of([3, 1, 2]))

    assert [len(text) for page in pages for text in page.texts] == [5, 5, 1_500_000]
    assert len(pages) > 1
