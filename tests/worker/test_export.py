"""Exports: annotations as CSV and JSONL, a batch in another encoding; never half a file."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from real_workers import Talk, has_no_leftovers

from senti_studio.domain.exporting import AnnotationsExport, numbered_columns
from senti_studio.domain.importing import ImportRequest, ReadOptions
from senti_studio.domain.specs import LabelName
from senti_studio.errors import UserError
from senti_studio.exchange.predictions import BatchFile, BatchFolder, Part
from senti_studio.exchange.raw_file import sha256_of
from senti_studio.storage.project import Project
from senti_studio.worker.batch_export import export_batch, output_columns
from senti_studio.worker.exporting import export_annotations
from senti_studio.worker.importing import import_file

LABELS = (LabelName("1", "正面"), LabelName("3", "负面"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "评论.senti"
    first, second = tmp_path / "甲.csv", tmp_path / "乙.tsv"
    first.write_bytes('编号,评论,senti_label\n001,好吃,老\n002,"坏,真坏",\n'.encode())
    second.write_bytes("评论\t\t评论\n一般😋\t=1+1\t重名\n".encode("gb18030"))
    with Project.create(folder) as made:
        import_file(made, ImportRequest(str(first), 1, ReadOptions()))
        import_file(made, ImportRequest(str(second), 0, ReadOptions("gb18030", "\t")))
        ids = [row for part in made.comments.ids() for row in part]
        label = made.labels.list()[0].id
        made.annotations.label([ids[0]], label, annotator="李 雷").result()
    return folder


def read_csv(path: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")))


def test_annotations_as_csv(project: Path, tmp_path: Path, talk: Callable[..., Talk]) -> None:
    target = tmp_path / "标注 导出.csv"
    helper = talk("export")
    answer = helper.ask("annotations", project=str(project), path=str(target))
    assert (answer["type"], answer["rows"]) == ("Result", 3)
    assert (answer["formula_cells"], answer["neutralised"]) == (1, 1)
    header, *rows = read_csv(target)
    ours = ["senti_label_2", "senti_annotator_2", "senti_time_2", "senti_source_2", "senti_row_2"]
    assert header == ["编号", "评论", "senti_label", "列 2", "评论 (2)", *ours]
    assert rows[0][:7] == ["001", "好吃", "老", "", "", "正面", "李 雷"]
    assert rows[0][7].startswith("20")
    assert rows[1] == ["002", "坏,真坏", "", "", "", "", "", "", "甲.csv", "2"]
    assert rows[2] == ["", "一般😋", "", "'=1+1", "重名", "", "", "", "乙.tsv", "1"]
    again = helper.ask("annotations", project=str(project), path=str(target))
    assert (again["type"], again["code"]) == ("Failed", "OUTPUT_EXISTS")
    assert helper.close() == 0


def test_annotations_as_jsonl(project: Path, tmp_path: Path) -> None:
    target = tmp_path / "标注.jsonl"
    with Project.open(project) as opened:
        export_annotations(opened, AnnotationsExport(str(target), "jsonl", labelled_only=True))
        lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
        assert len(lines) == 1
        assert lines[0]["senti_time_2"].startswith("20")
        del lines[0]["senti_time_2"]
        assert lines[0] == {
            "编号": "001",
            "评论": "好吃",
            "senti_label": "老",
            "列 2": "",
            "评论 (2)": "",
            "senti_label_2": "正面",
            "senti_annotator_2": "李 雷",
            "senti_source_2": "甲.csv",
            "senti_row_2": "1",
        }
        report = export_annotations(opened, AnnotationsExport(str(target), "jsonl", existing="number"))
        assert report.path.endswith("标注 (2).jsonl")
        assert report.rows == 3


def test_characters_that_gbk_cannot_hold_are_listed(project: Path, tmp_path: Path) -> None:
    with Project.open(project) as opened:
        report = export_annotations(opened, AnnotationsExport(str(tmp_path / "旧.csv"), encoding="gbk"))
    assert report.replaced == (("😋", 1),)
    assert read_csv(tmp_path / "旧.csv", "gbk")[3][1] == "一般?"


def test_a_cancelled_export_leaves_nothing(project: Path, tmp_path: Path) -> None:
    with Project.open(project) as opened, pytest.raises(UserError, match="CANCELLED"):
        export_annotations(opened, AnnotationsExport(str(tmp_path / "无.csv")), should_stop=lambda: True)
    assert not (tmp_path / "无.csv").exists()
    assert has_no_leftovers(tmp_path)


@pytest.fixture
def batch(tmp_path: Path) -> BatchFolder:
    source = tmp_path / "评论.csv"
    source.write_bytes('编号,评论\n1,好吃😋\n2,\n3,"坏,真坏"\n'.encode("gb18030"))
    folder = BatchFolder(tmp_path / "批次")
    folder.write(
        BatchFile(
            "b-1",
            "批次",
            "模型",
            "0" * 64,
            LABELS,
            str(source),
            sha256_of(source),
            ReadOptions("gb18030"),
            1,
            3,
            True,
        )
    )
    values = np.array([[0.75, 0.25], [0, 0], [0.125, 0.875]], np.float32)
    folder.write_part(0, Part(1, np.array([0, -1, 1], np.int16), values))
    return folder


def test_a_batch_is_exported_again_in_another_encoding(
    batch: BatchFolder, tmp_path: Path, talk: Callable[..., Talk]
) -> None:
    helper = talk("export")
    for encoding, first in (("gbk", "好吃?"), ("gb18030", "好吃😋"), ("utf-8", "好吃😋")):
        target = tmp_path / f"{encoding}.csv"
        answer = helper.ask("batch", batch_folder=str(batch.path), path=str(target), encoding=encoding)
        assert answer["type"] == "Result"
        assert answer["replaced_count"] == (encoding == "gbk")
        assert read_csv(target, encoding) == [
            ["编号", "评论", "senti_label", "senti_conf", "p_正面", "p_负面"],
            ["1", first, "正面", "0.7500", "0.7500", "0.2500"],
            ["2", "", "", "", "", ""],
            ["3", "坏,真坏", "负面", "0.8750", "0.1250", "0.8750"],
        ]


def test_the_source_must_be_the_same(batch: BatchFolder, tmp_path: Path) -> None:
    source = Path(batch.read().source_path)
    target = tmp_path / "出.csv"
    with pytest.raises(UserError, match="OUTPUT_IS_SOURCE"):
        export_batch(batch.path, source, existing="overwrite")
    moved = source.rename(tmp_path / "搬走了.csv")
    with pytest.raises(UserError, match="SOURCE_MISSING"):
        export_batch(batch.path, target)
    assert export_batch(batch.path, target, source_path=moved).rows == 3
    moved.write_bytes(moved.read_bytes() + b"4,x\n")
    with pytest.raises(UserError, match="FILE_CHANGED"):
        export_batch(batch.path, target, source_path=moved, existing="overwrite")
    assert len(read_csv(target)) == 4


def test_unfinished_and_damaged_batches(batch: BatchFolder, tmp_path: Path) -> None:
    target = tmp_path / "出.csv"
    whole = batch.read()
    batch.write(dataclasses.replace(whole, is_complete=False))
    with pytest.raises(UserError) as caught:
        export_batch(batch.path, target)
    assert (caught.value.code, caught.value.params["rows"]) == ("BATCH_NOT_FINISHED", 3)
    batch.write(whole)
    batch.write_part(0, Part(1, np.array([0, 1], np.int16), np.ones((2, 2), np.float32)))
    with pytest.raises(UserError, match="BATCH_DAMAGED"):
        export_batch(batch.path, target)
    assert not target.exists()
    assert has_no_leftovers(tmp_path)


def test_columns_of_the_output() -> None:
    twins = (LabelName("a", "好"), LabelName("b", "好"))
    assert output_columns(("x", "x", ""), LABELS, has_header=True)[:3] == ["x", "x", ""]
    assert output_columns(("", ""), LABELS, has_header=False)[:2] == ["列 1", "列 2"]
    assert output_columns(("评论",), twins, has_header=True)[3:] == ["p_a", "p_b"]
    again = output_columns(("评论", "senti_label", "p_正面_2"), LABELS, has_header=True)
    assert again[3:] == ["senti_label_3", "senti_conf_3", "p_正面_3", "p_负面_3"]
    assert numbered_columns(again) == {"taken": ["senti_label", "p_正面_2"], "ours": again[3:]}
    twice = output_columns(output_columns(("评论",), LABELS, has_header=True), LABELS, has_header=True)
    assert numbered_columns(twice) == {"taken": twice[1:5], "ours": twice[5:]}
    assert numbered_columns(twice[:5]) == numbered_columns(("评论", "senti_label_2")) == {}
