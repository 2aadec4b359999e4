"""Imports: whole or not at all, by real helpers and by direct calls."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from real_workers import Talk, wait_until

from senti_studio.domain.comments import Part
from senti_studio.domain.importing import (
    ImportProgress,
    ImportReport,
    ImportRequest,
    ReadOptions,
    suggest_label_map,
)
from senti_studio.domain.labels import DEFAULT_LABELS
from senti_studio.domain.reading import Remark
from senti_studio.errors import UserError
from senti_studio.exchange.sniff import sniff
from senti_studio.jobs.helper_protocol import from_json, to_json
from senti_studio.storage.project import Project
from senti_studio.worker.importing import import_file
from senti_studio.worker.preview import check_file


@pytest.fixture
def project(tmp_path: Path) -> Any:
    with Project.create(tmp_path / "门店 评论.senti") as made:
        yield made


def comments_file(
    path: Path, rows: list[list[str]], header: tuple[str, ...] = ("编号", "评论", "标签")
) -> Path:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([header, *rows])
    path.write_bytes(buffer.getvalue().encode("gb18030"))
    return path


def request(path: Path, **options: Any) -> ImportRequest:
    return ImportRequest(str(path), options.pop("text_column", 1), ReadOptions("gb18030"), **options)


def many(path: Path, count: int) -> Path:
    return comments_file(path, [[f"{n:07d}", f"第{n}条评论，味道还可以", str(n % 2)] for n in range(count)])


def is_untouched(project: Project) -> bool:
    return project.comments.counts().total == 0 and project.sources.list() == []


def test_all_columns_stay_text(project: Project, tmp_path: Path) -> None:
    rows = [["000123", "好吃", "NaN"], ["6123456789012345679", " 前后空格 ", "1.0"], ["", "三\n行", "=1+1"]]
    report = import_file(project, request(comments_file(tmp_path / "七月 评论.csv", rows)))
    assert (report.rows, report.labelled, report.name) == (3, 0, "七月 评论.csv")
    source = project.sources.get(report.source_id)
    assert source.columns == ("编号", "评论", "标签")
    assert source.encoding == "gb18030"
    assert [list(cells) for _, _, cells in project.comments.originals(source.id)] == rows
    texts = [
        text for _, text in project.comments.texts([row for ids in project.comments.ids() for row in ids])
    ]
    assert texts == [row[1] for row in rows]


def test_labels_are_mapped_and_counted(project: Project, tmp_path: Path) -> None:
    rows = [["1", "好", "1"], ["2", "坏", " 0"], ["3", "空", ""], ["4", "好好", "1"]]
    path = comments_file(tmp_path / "带标签.csv", rows)
    report = import_file(project, request(path, label_column=2, label_map={"1": "1", "0": "3"}))
    assert (report.rows, report.labelled, report.unmapped) == (4, 3, 0)
    counts = project.comments.counts()
    ids = {label.key: label.id for label in project.labels.list()}
    assert counts.by_label[ids["1"]] == 2
    assert counts.by_label[ids["3"]] == 1


def test_unmapped_values_are_all_told_at_once(project: Project, tmp_path: Path) -> None:
    rows = [["1", "好", "正面"], ["2", "坏", "差"], ["3", "怪", "未知"], ["4", "坏", "差"]]
    path = comments_file(tmp_path / "评论.csv", rows)
    with pytest.raises(UserError) as caught:
        import_file(project, request(path, label_column=2))
    assert caught.value.code == "UNMAPPED_LABELS"
    assert caught.value.params["values"] == ["差", "未知"]
    assert is_untouched(project)
    report = import_file(project, request(path, label_column=2, ignore_unmapped=True))
    assert (report.labelled, report.unmapped, report.label_map) == (1, 3, {"正面": "1"})


def test_numbers_are_not_taken_for_keys_by_chance(project: Project, tmp_path: Path) -> None:
    """``1`` is the key of 正面; in a column of stars it is the opposite."""
    path = comments_file(tmp_path / "星级.csv", [["1", "好", "5"], ["2", "坏", "1"]])
    with pytest.raises(UserError, match="UNMAPPED_LABELS"):
        import_file(project, request(path, label_column=2))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "0"], {"1": "1", "0": "3"}),
        (["-1", "0", "1"], {"1": "1", "0": "2", "-1": "3"}),
        (["1.0", "2.0", "3.0", "4.0", "5.0"], {"5.0": "1", "4.0": "1", "3.0": "2", "2.0": "3", "1.0": "3"}),
        (["1", "2", "3"], {"1": "1", "2": "2", "3": "3"}),
        (["positive", "NEG", "好评", " 中评 "], {"positive": "1", "NEG": "3", "好评": "1", " 中评 ": "2"}),
        (["未知", "7"], {}),
    ],
)
def test_suggested_mappings(values: list[str], expected: dict[str, str]) -> None:
    assert suggest_label_map(values, DEFAULT_LABELS) == expected


def test_times_that_nobody_can_read_are_told(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "时间.csv"
    rows = ["很好,1,2026-08-01 09:30", "一般,1,昨天下午", "太慢,0,", "还行,0,很好"]
    path.write_text("评论,情感,时间\n" + "\n".join(rows) + "\n", encoding="gb18030")
    wanted = request(path, text_column=0, label_column=1, time_column=2, label_map={"1": "1", "0": "3"})
    told = Remark("TIMES_NOT_READ", 2, ("3", "5"))
    assert import_file(project, wanted).remarks == (told,)
    assert check_file(path, wanted.options, text_column=0, label_column=1, time_column=2).remarks == (told,)
    assert check_file(path, wanted.options, text_column=0, time_column=2).remarks == ()


def test_parts_by_column_and_for_a_whole_file(project: Project, tmp_path: Path) -> None:
    rows = [["1", "甲", "train"], ["2", "乙", "Dev"], ["3", "丙", "测试"], ["4", "丁", "别的"]]
    path = comments_file(tmp_path / "切分.csv", rows, ("编号", "评论", "split"))
    report = import_file(project, request(path, part_column=2))
    assert report.parts == {"train": 1, "valid": 1, "test": 1}
    assert report.unknown_parts == 1
    other = comments_file(tmp_path / "验证.csv", [["1", "戊", ""]])
    second = import_file(project, request(other, part="valid"))
    assert second.parts == {"valid": 1}
    assert project.sources.get(second.source_id).part is Part.VALID
    with pytest.raises(UserError, match="UNKNOWN_PART"):
        import_file(project, request(other, part="也许"))


def test_rows_can_be_left_out_and_are_counted(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "乱.csv"
    path.write_bytes("编号,评论,标签\n1,好,\n2,  ,\n3,少\n,,\n\n4,坏,\n".encode("gb18030"))
    kept = import_file(project, request(path))
    assert (kept.rows, kept.bad_row_count) == (4, 1)
    assert kept.bad_rows[0].line == 4
    fewer = import_file(project, request(path, skip_blank_texts=True, skip_bad_rows=True))
    assert (fewer.rows, fewer.skipped_blank, fewer.skipped_bad) == (2, 1, 1)


@pytest.mark.parametrize(("column", "code"), [(9, "NO_SUCH_COLUMN"), (-1, "NO_SUCH_COLUMN")])
def test_wrong_columns(project: Project, tmp_path: Path, column: int, code: str) -> None:
    path = comments_file(tmp_path / "评论.csv", [["1", "好", ""]])
    with pytest.raises(UserError, match=code):
        import_file(project, request(path, text_column=column))
    assert is_untouched(project)


@pytest.mark.parametrize("pieces", [0, 3])
def test_a_cancelled_import_leaves_nothing(project: Project, tmp_path: Path, pieces: int) -> None:
    asked: list[int] = []
    path = many(tmp_path / "多.csv", 12_000)

    def stop() -> bool:
        asked.append(len(asked))
        return len(asked) > pieces

    with pytest.raises(UserError, match="CANCELLED"):
        import_file(project, request(path), should_stop=stop)
    assert is_untouched(project)
    assert import_file(project, request(path)).rows == 12_000


def test_a_file_that_changes_meanwhile_is_refused(project: Project, tmp_path: Path) -> None:
    path = many(tmp_path / "多.csv", 12_000)

    def spoil() -> bool:
        many(path, 12_001)
        return False

    with pytest.raises(UserError, match="FILE_CHANGED_MEANWHILE"):
        import_file(project, request(path), should_stop=spoil)
    assert is_untouched(project)


def test_labels_do_not_wait_for_an_import(project: Project, tmp_path: Path) -> None:
    """While rows pour in by another connection, each label is committed within a fraction of a second."""
    first = import_file(project, request(many(tmp_path / "先.csv", 50)))
    assert first.rows == 50
    ids = [row for part in project.comments.ids() for row in part]
    label = project.labels.list()[0].id
    done = threading.Event()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            with Project.open(project.folder) as other:
                import_file(other, request(many(tmp_path / "后.csv", 15_000)))
        except BaseException as error:  # noqa: BLE001
            failures.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=run)
    thread.start()
    labelled = 0
    while not done.is_set() and labelled < 400:
        waiting: Future[Any] = project.annotations.label([ids[labelled % 50]], label, annotator="李")
        waiting.result(timeout=1.0)
        labelled += 1
    thread.join()
    assert not failures
    assert labelled > 5
    assert project.comments.counts().total == 15_050


def test_the_helper_imports_and_tells_progress(
    project: Project, tmp_path: Path, talk: Callable[..., Talk]
) -> None:
    path = many(tmp_path / "多 条.csv", 20_000)
    helper = talk("import")
    wanted = request(path, label_column=2, label_map={"1": "1", "0": "3"})
    number = helper.send("import", project=str(project.folder), **to_json(wanted))
    steps = []
    while (answer := helper.next())["type"] == "Progress":
        assert answer["id"] == number
        steps.append(from_json(ImportProgress, answer))
    report = from_json(ImportReport, answer)
    assert (report.rows, report.labelled) == (20_000, 20_000)
    assert steps[-1].rows == steps[-1].total == 20_000
    assert {step.stage for step in steps} == {"checking", "writing"}
    assert helper.close() == 0
    assert project.comments.counts().labelled == 20_000


@pytest.mark.parametrize("end", ["SIGKILL", "end of file", "cancel"])
def test_a_broken_import_is_not_seen(
    project: Project, tmp_path: Path, talk: Callable[..., Talk], end: str
) -> None:
    path = many(tmp_path / "多.csv", 60_000)
    helper = talk("import")
    number = helper.send("import", project=str(project.folder), **to_json(request(path)))
    while (answer := helper.next()).get("stage") != "writing":
        assert answer["type"] == "Progress"
    if end == "SIGKILL":
        helper.kill()
    elif end == "end of file":
        assert helper.close() == 0
    else:
        helper.write({"id": number, "do": "cancel"})
        assert helper.last()["code"] == "CANCELLED"
    assert is_untouched(project)
    folder = project.folder
    project.close()
    with Project.open(folder) as again:
        assert is_untouched(again)
        wait_until(lambda: not list(again.cache_folder.glob("import-*.lock")))
        report = import_file(again, request(many(tmp_path / "少.csv", 100)))
        assert report.rows == again.comments.counts().total == 100
        assert sum(1 for _ in again.comments.originals(report.source_id)) == 100


def test_failures_come_as_codes(project: Project, tmp_path: Path, talk: Callable[..., Talk]) -> None:
    helper = talk("import")
    answer = helper.ask("import", project=str(project.folder), path=str(tmp_path / "没有.csv"), text_column=0)
    assert (answer["type"], answer["code"]) == ("Failed", "FILE_NOT_FOUND")
    answer = helper.ask("import", project=str(tmp_path / "无.senti"), path="x", text_column=0)
    assert answer["code"] == "PROJECT_NOT_FOUND"
    answer = helper.ask("import", project=str(project.folder))
    assert answer["code"] == "BAD_REQUEST"
    assert helper.close() == 0


@pytest.mark.data
def test_real_files_come_in_whole(project: Project, data_folder: Path) -> None:
    for name, rows in (("chnsenticorp/train.tsv", 9600), ("weibo_gb18030/unlabeled_2.17.csv", 18_581)):
        path = data_folder / name
        found = sniff(path).preview
        assert found.text_column is not None
        report = import_file(project, ImportRequest(str(path), found.text_column, found.options))
        assert report.rows == rows
        assert json.dumps(to_json(report), ensure_ascii=False)


def test_of_two_imports_of_one_file_at_once_the_second_is_refused(project: Project, tmp_path: Path) -> None:
    path = many(tmp_path / "评论.csv", 5000)
    others: list[int] = []

    def meanwhile(_: ImportProgress) -> None:
        if not others:
            others.append(0)
            others[0] = import_file(project, request(path, only_new=True)).source_id

    with pytest.raises(UserError) as told:
        import_file(project, request(path, only_new=True), emit=meanwhile)
    assert told.value.code == "SOURCE_ALREADY_THERE"
    assert told.value.params["name"] == "评论.csv"
    assert [source.id for source in project.sources.list()] == others
    assert project.comments.counts().total == 5000
    with project._database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM comments").fetchone()[0] == 5000
    again = import_file(project, request(path))
    assert project.comments.counts().total == 10_000
    assert again.rows == 5000
