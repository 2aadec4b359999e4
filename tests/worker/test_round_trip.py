"""Exporting and importing again gives the same comments, columns, labels, annotators and times."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from senti_studio.domain.comments import CommentFilter, NewComment, Order, Part, SourceDraft
from senti_studio.domain.exporting import AnnotationsExport
from senti_studio.domain.importing import ImportReport, ImportRequest
from senti_studio.exchange.sniff import sniff
from senti_studio.storage.project import Project
from senti_studio.worker.exporting import export_annotations
from senti_studio.worker.importing import import_file

COLUMNS = ("编号", "评论", "备 注")
ROWS = (
    ("000123", "好吃，下次还来，味道真的很不错", "3.0"),
    ("000124", '他说"还行"，\n但是,真的太慢了', "=SUM(A1:A9)"),
    ("20260822000000000019", "@店家 差评😋𠮷 再也不来了", "-5"),
    ("4", "一般般吧，没有说的那么好", "true"),
    ("5", "  前后有空格的评论，也要一样  ", "1e5"),
    ("6", "两个人意见不同的一条评论", "2026-08-22"),
    ("7", "后来被拿掉标签的一条评论", "null"),
    ("8", "还没有人看过的一条评论，很长很长", "#REF!"),
    *((str(100 + n), f"第 {n} 条没有人看过的评论，写得不短", "") for n in range(20)),
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "来源.senti") as made:
        positive, neutral, negative = (label.id for label in made.labels.list())
        source = made.sources.begin(SourceDraft("外卖.csv", "/数据/外卖.csv", COLUMNS, 1))
        came = {4: neutral, 7: negative}
        made.sources.append(
            source,
            [
                NewComment(n, row[1], row, came.get(n), Part.TEST if n == 5 else None)
                for n, row in enumerate(ROWS, 1)
            ],
        )
        made.sources.finish(source)
        ids = [each for part in made.comments.ids() for each in part]
        first, _, third, _, fifth, sixth, seventh, *_ = ids
        say = made.annotations
        say.label([first], positive, annotator="李雷", seconds=2.5).result()
        say.label([fifth], negative, annotator="韩 梅梅").result()
        say.label([sixth], positive, annotator="李雷").result()
        say.label([sixth], negative, annotator="韩 梅梅").result()
        say.label([seventh], None, annotator="李雷").result()
        say.skip([third], annotator="李雷").result()
        say.flag([fifth], annotator="李雷").result()
        say.exclude([seventh], annotator="李雷").result()
        say.note(first, "再看一遍，\n第二行", annotator="李雷").result()
        yield made


def bring_back(path: Path, folder: Path) -> tuple[Project, ImportReport]:
    """As the wizard does when all of its guesses are taken."""
    seen = sniff(path).preview
    assert seen.text_column is not None
    project = Project.create(folder)
    request = ImportRequest(
        path=str(path),
        text_column=seen.text_column,
        options=seen.options,
        label_column=seen.label_column,
        part_column=seen.part_column,
        annotator_column=seen.annotator_column,
        time_column=seen.time_column,
        seconds_column=seen.seconds_column,
        task_column=seen.task_column,
    )
    return project, import_file(project, request)


def content(project: Project, *, with_state: bool = True) -> list[dict[str, Any]]:
    """All that a project holds of its comments, without the ids of this project."""
    labels = {label.id: label.name for label in project.labels.list()}
    (source,) = project.sources.list()
    found = []
    for page in project.whole_comments.pages(CommentFilter(), Order.FILE):
        for place, comment_id in enumerate(page.ids):
            state = page.states.get(comment_id)
            given = page.given.get(comment_id, [])
            values: dict[str, Any] = {
                "text": page.texts[place],
                "columns": dict(zip(source.columns, page.cells[place], strict=True)),
                "label": labels.get(state.label_id) if state and state.label_id else None,
                "given": {
                    (each.annotator, labels.get(each.label_id or 0), each.at, bool(each.imported))
                    for each in given
                },
                "skipped": bool(state and state.skipped),
            }
            if with_state:
                values["flagged"] = bool(state and state.flagged)
                values["excluded"] = bool(state and state.excluded)
                values["note"] = page.notes.get(comment_id, "")
                values["part"] = page.parts.get(comment_id)
            found.append(values)
    return found


TABLES = [
    ("csv", "出.csv", {"encoding": "utf-8-sig"}),
    ("csv", "出.csv", {"encoding": "utf-8"}),
    ("csv", "出.csv", {"encoding": "gb18030"}),
    ("csv", "出.csv", {"neutralise": False}),
    ("xlsx", "出.xlsx", {}),
    ("jsonl", "出.jsonl", {}),
    ("parquet", "出.parquet", {}),
]


@pytest.mark.parametrize(("format_", "name", "more"), TABLES)
def test_tables_come_back_whole(
    project: Project, tmp_path: Path, format_: str, name: str, more: dict[str, Any]
) -> None:
    request = AnnotationsExport(str(tmp_path / name), format_, **more)
    export_annotations(project, request)
    again, report = bring_back(tmp_path / name, tmp_path / "再来.senti")
    with again:
        (source,) = again.sources.list()
        assert source.columns == COLUMNS
        assert source.columns[source.text_column] == "评论"
        assert (report.rows, report.bad_row_count, report.bad_byte_count) == (len(ROWS), 0, 0)
        assert content(again) == content(project)
        second = tmp_path / f"又{name}"
        export_annotations(again, AnnotationsExport(str(second), format_, **more))
        third, _ = bring_back(second, tmp_path / "三.senti")
        with third:
            assert content(third) == content(project)


def test_label_studio_comes_back(project: Project, tmp_path: Path) -> None:
    """But for one thing: that somebody took an imported label away cannot be said there."""
    export_annotations(project, AnnotationsExport(str(tmp_path / "任务.json"), "label-studio"))
    again, _ = bring_back(tmp_path / "任务.json", tmp_path / "再来.senti")
    with again:
        (source,) = again.sources.list()
        assert source.columns == COLUMNS
        for before, after in zip(content(project), content(again), strict=True):
            if before["columns"]["编号"] == "7":
                before["given"] = after["given"] = before["label"] = after["label"] = None
            assert after == before


def test_predictions_of_others_come_back(tmp_path: Path) -> None:
    """As columns here, as predictions there, and the same columns again; our own do not become columns."""
    items = [
        {
            "data": {"text": text, "店": "一号店"},
            "annotations": [],
            "predictions": [
                {
                    "model_version": "别家-7f3a",
                    "score": score,
                    "result": [{"value": {"choices": [label]}, "from_name": "s", "type": "choices"}],
                }
            ]
            if label
            else [],
        }
        for text, label, score in (("汤洒了一半", "负面", 0.9731), ("味道不错", "正面", 0.5), ("一般", "", 0))
    ]
    (tmp_path / "来.json").write_text(json.dumps(items, ensure_ascii=False), "utf-8")
    first, report = bring_back(tmp_path / "来.json", tmp_path / "一.senti")
    assert [(one.code, one.count) for one in report.remarks] == [("PREDICTIONS_AS_COLUMNS", 2)]
    with first:
        before = content(first)
        assert before[0]["columns"]["prediction_model"] == "别家-7f3a"
        assert all(one["label"] is None for one in before)
        for name, format_ in (("去.json", "label-studio"), ("去.csv", "csv"), ("去.jsonl", "jsonl")):
            export_annotations(first, AnnotationsExport(str(tmp_path / name), format_))
            again, report = bring_back(tmp_path / name, tmp_path / f"{name}.senti")
            with again:
                assert content(again) == before, name
                assert report.remarks == ()
    tasks = json.loads((tmp_path / "去.json").read_text("utf-8"))
    assert [len(task["predictions"]) for task in tasks] == [1, 1, 0]
    (given,) = tasks[0]["predictions"]
    assert (given["model_version"], given["score"]) == ("别家-7f3a", 0.9731)
    assert given["result"][0]["value"] == {"choices": ["负面"]}


def test_doccano_comes_back(project: Project, tmp_path: Path) -> None:
    export_annotations(project, AnnotationsExport(str(tmp_path / "豆.jsonl"), "doccano"))
    again, report = bring_back(tmp_path / "豆.jsonl", tmp_path / "再来.senti")
    with again:
        (source,) = again.sources.list()
        assert source.columns == COLUMNS
        assert source.columns[source.text_column] == "评论"
        assert content(again) == content(project)
        assert dict(report.annotators) == {"李雷": 3, "韩 梅梅": 2}


def test_what_was_changed_in_doccano_counts(project: Project, tmp_path: Path) -> None:
    """The annotator and the time of before say nothing about a label that somebody changed there."""
    path = tmp_path / "豆.jsonl"
    export_annotations(project, AnnotationsExport(str(path), "doccano"))
    items = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    items[0]["label"], items[4]["label"], items[7]["label"] = ["负面"], [], ["中性"]
    # As doccano writes it: a number in front, its own keys at the end.
    items = [{"id": n, **item, "Comments": []} for n, item in enumerate(items, 1)]
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), "utf-8")
    again, _ = bring_back(path, tmp_path / "再来.senti")
    with again:
        found = content(again)
        assert [found[n]["label"] for n in (0, 1, 3, 4, 7)] == ["负面", None, "中性", None, "中性"]
        assert {each[:2] + each[3:] for each in found[0]["given"]} == {("import", "负面", True)}
        assert found[4]["given"] == set()
        assert found[3]["given"] == content(project)[3]["given"]


TAKEN = ("senti_label", "text", "label", "label (2)", "senti_conf", "=col", "评论", "senti_note_2")


@pytest.mark.parametrize(
    ("format_", "name", "more"), [*TABLES, ("label-studio", "任务.json", {}), ("doccano", "豆.jsonl", {})]
)
def test_columns_that_are_called_like_ours_stay(
    tmp_path: Path, format_: str, name: str, more: dict[str, Any]
) -> None:
    """Ours get a suffix then; coming back they are ours again, and those of the source are its own."""
    with Project.create(tmp_path / "撞名.senti") as first:
        positive, _, negative = (label.id for label in first.labels.list())
        source = first.sources.begin(SourceDraft("旧结果.csv", "/数据/旧结果.csv", TAKEN, 6))
        rows = [
            (f"旧{n % 3}", f"文{n}", "好坏"[n % 2], "丙", f"0.{n}", f"={n}+1", f"第 {n} 条很长的评论", "")
            for n in range(6)
        ]
        first.sources.append(source, [NewComment(n, row[6], row) for n, row in enumerate(rows, 1)])
        first.sources.finish(source)
        ids = [each for part in first.comments.ids() for each in part]
        first.annotations.label(ids[:3], positive, annotator="李雷").result()
        first.annotations.label([ids[3]], negative, annotator="韩 梅梅").result()
        first.annotations.note(ids[1], "备注", annotator="李雷").result()
        export_annotations(first, AnnotationsExport(str(tmp_path / name), format_, **more))
        again, report = bring_back(tmp_path / name, tmp_path / "再来.senti")
        with again:
            (back,) = again.sources.list()
            assert report.labelled == 4
            assert back.columns == TAKEN
            assert content(again) == content(first)


@pytest.mark.data
def test_a_real_gb18030_file_comes_out_as_it_came_in(tmp_path: Path, data_folder: Path) -> None:
    """18,581 rows with user-defined characters and repeats; every cell is as in the source."""
    import csv

    path = data_folder / "weibo_gb18030" / "unlabeled_2.17.csv"
    seen = sniff(path).preview
    with Project.create(tmp_path / "微博.senti") as project:
        report = import_file(project, ImportRequest(str(path), seen.text_column or 0, seen.options))
        assert (report.rows, report.bad_byte_count) == (18_581, 0)
        target = tmp_path / "出.csv"
        request = AnnotationsExport(str(target), encoding="gb18030", columns=seen.columns, neutralise=False)
        written = export_annotations(project, request)
        assert (written.rows, written.replaced_count) == (18_581, 0)
    with path.open(encoding="gb18030", newline="") as one, target.open(encoding="gb18030", newline="") as two:
        assert list(csv.reader(one)) == list(csv.reader(two))
