"""The mark before formulas in a CSV goes again when the file comes back, and only the mark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from senti_studio.domain.comments import CommentFilter, NewComment, Order, SourceDraft
from senti_studio.domain.exporting import AnnotationsExport
from senti_studio.domain.importing import ImportReport, ImportRequest
from senti_studio.exchange.formulas import looks_like_formula, neutralise, without_marks
from senti_studio.exchange.sniff import sniff
from senti_studio.storage.project import Project
from senti_studio.worker.exporting import export_annotations
from senti_studio.worker.importing import import_file

COLUMNS = ("=编号", "评论", "'@备注", "普通")
CELLS = (
    *("=1+1", "'=1", "''=1", "'", "''", "+86 138", "'+86 138", "-5", "'-5", "-好", "@店家", "'@店家"),
    *("\t缩进", "'\t缩进", "\n换行", "'\n换行", "＝1", "'＝1", "'好'", "", "'a=1", "'''-好", "=", "'="),
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "来源.senti") as made:
        source = made.sources.begin(SourceDraft("表.csv", "/数据/表.csv", COLUMNS, 1))
        rows = [
            (cell, f"{cell} 第 {n} 条评论，写得不算短", CELLS[-n - 1], "甲") for n, cell in enumerate(CELLS)
        ]
        made.sources.append(source, [NewComment(n, row[1], row) for n, row in enumerate(rows, 1)])
        made.sources.finish(source)
        first = next(each for part in made.comments.ids() for each in part)
        made.annotations.label([first], made.labels.list()[0].id, annotator="=李雷").result()
        made.annotations.note(first, "'=再看", annotator="李雷").result()
        yield made


def bring_back(path: Path, folder: Path) -> tuple[list[list[str]], tuple[str, ...], ImportReport]:
    seen = sniff(path).preview
    assert seen.text_column is not None
    with Project.create(folder) as project:
        report = import_file(project, ImportRequest(str(path), seen.text_column, seen.options))
        (source,) = project.sources.list()
        return cells_of(project), source.columns, report


def cells_of(project: Project) -> list[list[str]]:
    return [
        [*cells, page.notes.get(comment_id, "")]
        for page in project.whole_comments.pages(CommentFilter(), Order.FILE)
        for comment_id, cells in zip(page.ids, page.cells, strict=True)
    ]


def remarks(report: ImportReport) -> dict[str, int]:
    return {one.code: one.count for one in report.remarks}


@pytest.mark.parametrize("cell", CELLS)
def test_the_mark_is_exact(cell: str) -> None:
    rows = [[cell]]
    neutralise(rows)
    assert not looks_like_formula(rows[0][0])
    assert without_marks(rows[0])[0] == [cell]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("with_manifest", [True, False])
def test_marks_go_when_the_file_comes_back(
    project: Project, tmp_path: Path, encoding: str, with_manifest: bool
) -> None:
    path = tmp_path / "出.csv"
    export_annotations(project, AnnotationsExport(str(path), encoding=encoding, manifest=with_manifest))
    assert "'=编号" in path.read_text(encoding)
    cells, columns, report = bring_back(path, tmp_path / "再来.senti")
    assert columns == COLUMNS
    assert cells == cells_of(project)
    assert remarks(report)["MARKS_TAKEN_OFF"] > 20
    assert dict(report.annotators) == {"=李雷": 1}


@pytest.mark.parametrize("with_manifest", [True, False])
def test_nothing_goes_where_nothing_was_marked(project: Project, tmp_path: Path, with_manifest: bool) -> None:
    path = tmp_path / "出.csv"
    export_annotations(project, AnnotationsExport(str(path), neutralise=False, manifest=with_manifest))
    cells, columns, report = bring_back(path, tmp_path / "再来.senti")
    assert (cells, columns) == (cells_of(project), COLUMNS)
    assert remarks(report).keys() == (set() if with_manifest else {"MARKS_STAY"})


def test_the_manifest_settles_what_the_cells_leave_open(tmp_path: Path) -> None:
    """Every formula has a quote before it, and all of them are the source's own."""
    source = tmp_path / "只有引号.csv"
    source.write_text("评论,备注\n很好吃的一家店,'=1\n太慢了不想再来,'@x\n", "utf-8")
    with Project.create(tmp_path / "甲.senti") as project:
        import_file(project, ImportRequest(str(source), 0, sniff(source).options))
        export_annotations(project, AnnotationsExport(str(tmp_path / "出.csv"), neutralise=False))
        cells, _, report = bring_back(tmp_path / "出.csv", tmp_path / "乙.senti")
        assert cells == cells_of(project)
        assert report.remarks == ()


def test_a_file_that_somebody_changed_is_read_as_it_is_and_says_so(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "出.csv"
    export_annotations(project, AnnotationsExport(str(path)))
    path.write_text(path.read_text("utf-8-sig").replace(",甲,", ",=SUM(A1),", 1), "utf-8-sig")
    _, columns, report = bring_back(path, tmp_path / "再来.senti")
    assert columns[0] == "'=编号"
    assert remarks(report)["MARKS_STAY"] > 20


def test_files_of_others_are_never_touched(tmp_path: Path) -> None:
    source = tmp_path / "别人的.csv"
    source.write_text("评论,备注\n很好吃的一家店,'=1\n太慢了不想再来,好\n", "utf-8")
    cells, _, report = bring_back(source, tmp_path / "丙.senti")
    assert [row[1] for row in cells] == ["'=1", "好"]
    assert report.remarks == ()
