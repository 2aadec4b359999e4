"""Batches: made from files and sources, classified by a real model in a real process, listed, thrown away."""

from __future__ import annotations

import csv
import os
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from desks import Desk, pretend_finished

from senti_studio.arriving import require_can_arrive
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import ClassificationSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.jobs.launch import reap_children, worker_command
from senti_studio.operations import classifying, training
from senti_studio.operations.classifying import ClassificationRequest
from senti_studio.operations.models import evaluation, find_model
from senti_studio.operations.training import TrainingRequest


@pytest.fixture
def ready(desk: Desk) -> Desk:
    """A project with one run that looks finished."""
    desk.take_many(60)
    pretend_finished(training.create_run(desk.project, TrainingRequest()))
    return desk


def test_a_batch_of_a_file(ready: Desk, tmp_path: Path) -> None:
    file = tmp_path / "八月 评论.csv"
    file.write_text("评论\n很好\n", "utf-8")
    output = tmp_path / "结果.csv"
    request = ClassificationRequest("last", file, text_column="评论", encoding="gb18030", output=output)
    folder = classifying.create_batch(ready.project, request)
    spec = folder.spec()
    assert isinstance(spec, ClassificationSpec)
    assert (spec.file.path, spec.file.text_column, spec.file.encoding) == (str(file), "评论", "gb18030")
    assert (spec.output.path, spec.output.encoding, spec.output.overwrite) == (
        str(output),
        "utf-8-sig",
        False,
    )
    assert Path(spec.batch_folder) == ready.project.batches_folder / folder.id
    (batch,) = classifying.list_batches(ready.project)
    assert (batch.source, batch.model, batch.output, batch.run.state) == (
        "八月 评论.csv", "LSTM #1", str(output), RunState.QUEUED,
    )  # fmt: skip
    assert [run.id for run in training.list_runs(ready.project)] != [folder.id]
    classifying.discard(ready.project, folder.id)
    assert classifying.list_batches(ready.project) == []
    assert not Path(spec.batch_folder).exists()
    assert (ready.project.trash_folder / folder.id).exists()


def test_a_source_is_frozen_with_all_its_cells(ready: Desk) -> None:
    source = ready.take([('他说"好"，\n真的', None), ("", None), ("a,b\r\nc", None)], name="特别.csv")
    folder = classifying.create_batch(ready.project, ClassificationRequest("1", source_id=source))
    spec = folder.spec()
    assert isinstance(spec, ClassificationSpec)
    assert (spec.file.text_column, spec.file.encoding, spec.file.delimiter) == ("#2", "utf-8", ",")
    assert Path(spec.file.path) == folder.data / "input.csv"
    with (folder.data / "input.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["编号", "评论内容"],
            ["000001", '他说"好"，\n真的'],
            ["000002", ""],
            ["000003", "a,b\r\nc"],
        ]


def test_what_stands_in_the_way(ready: Desk, tmp_path: Path) -> None:
    file = tmp_path / "评论.csv"
    file.write_text("评论\n很好\n", "utf-8")
    taken = tmp_path / "有了.csv"
    taken.write_text("", "utf-8")
    wrong = [
        (ClassificationRequest("没有", file), "MODEL_NOT_FOUND"),
        (ClassificationRequest("last", tmp_path / "没有.csv"), "FILE_NOT_FOUND"),
        (ClassificationRequest("last"), "FILE_NOT_FOUND"),
        (ClassificationRequest("last", source_id=99), "SOURCE_NOT_FOUND"),
        (ClassificationRequest("last", file, output=taken), "OUTPUT_EXISTS"),
        (ClassificationRequest("last", file, output=file, overwrite=True), "OUTPUT_IS_SOURCE"),
        (ClassificationRequest("last", file, output=tmp_path / "无" / "出.csv"), "OUTPUT_FOLDER_MISSING"),
    ]
    before = sorted(ready.project.runs_folder.iterdir())
    for request, code in wrong:
        with pytest.raises(UserError) as caught:
            classifying.create_batch(ready.project, request)
        assert caught.value.code == code
    assert sorted(ready.project.runs_folder.iterdir()) == before
    assert classifying.list_batches(ready.project) == []


def test_a_folder_or_device_is_no_place_for_a_result(ready: Desk, tmp_path: Path) -> None:
    file = tmp_path / "评论.csv"
    file.write_text("评论\n很好\n", "utf-8")
    for place in (tmp_path, Path(os.devnull)):
        request = ClassificationRequest("last", file, output=place, overwrite=True)
        with pytest.raises(UserError, match="OUTPUT_NOT_A_FILE"):
            classifying.create_batch(ready.project, request)


REFUSES = Path(f"/proc/{os.getpid()}/task")
"""A folder that takes no files, whoever asks."""


@pytest.mark.skipif(not REFUSES.is_dir(), reason="Linux has such a folder")
def test_a_folder_that_takes_no_files_is_told_before_anything_is_classified(
    ready: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "评论.csv"
    file.write_text("评论\n很好\n", "utf-8")
    link = tmp_path / "通向那里.csv"
    link.symlink_to(REFUSES / "结果.csv")
    for output in (REFUSES / "结果.csv", link):
        with pytest.raises(UserError) as caught:
            classifying.create_batch(ready.project, ClassificationRequest("last", file, output=output))
        assert (caught.value.code, caught.value.params) == ("OUTPUT_FOLDER_REFUSES", {"path": str(REFUSES)})
    assert classifying.list_batches(ready.project) == []
    folder = classifying.create_batch(
        ready.project, ClassificationRequest("last", file, output=tmp_path / "出.csv")
    )
    with pytest.raises(UserError, match="OUTPUT_FOLDER_REFUSES"):
        classifying.write_elsewhere(ready.project, folder.id, REFUSES / "结果.csv")
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == ["评论.csv", "通向那里.csv"]


def test_a_folder_that_went_away_is_told_before_the_worker_starts(ready: Desk, tmp_path: Path) -> None:
    file = tmp_path / "评论.csv"
    file.write_text("评论\n很好\n", "utf-8")
    stick = tmp_path / "U 盘"
    stick.mkdir()
    folder = classifying.create_batch(
        ready.project, ClassificationRequest("last", file, output=stick / "出.csv")
    )
    assert list(stick.iterdir()) == [], "what was tried out is gone"
    stick.rmdir()
    with pytest.raises(UserError) as caught:
        classifying.start(ready.project, folder.id)
    assert (caught.value.code, caught.value.params) == ("OUTPUT_FOLDER_MISSING", {"path": str(stick)})
    assert not folder.log_path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_is_told_before_the_work_begins(tmp_path: Path) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, limits[1]))
    try:
        with pytest.raises(UserError, match="DISK_FULL"):
            require_can_arrive(tmp_path / "出.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


def test_files_of_a_model_that_are_gone_are_named(ready: Desk) -> None:
    model = find_model(ready.project, "last")
    (model.folder / "weights.safetensors").rename(ready.project.folder / "weights.safetensors")
    for wanted in ("last", "1", model.name):
        with pytest.raises(UserError, match="MODEL_FILES_MISSING") as caught:
            find_model(ready.project, wanted)
        assert caught.value.params["files"] == ["weights.safetensors"]


def test_an_unfinished_batch_can_be_written_elsewhere(ready: Desk, tmp_path: Path) -> None:
    file = tmp_path / "评论.csv"
    file.write_text("评论\n很好\n", "utf-8")
    request = ClassificationRequest("last", file, output=tmp_path / "满了的盘.csv")
    folder = classifying.create_batch(ready.project, request)
    before = folder.stored_spec()
    with pytest.raises(UserError, match="OUTPUT_IS_SOURCE"):
        classifying.write_elsewhere(ready.project, folder.id, file, overwrite=True)
    classifying.write_elsewhere(ready.project, folder.id, tmp_path / "另一个盘.csv")
    after = folder.stored_spec()
    assert isinstance(before, ClassificationSpec)
    assert after == replace(before, output=replace(before.output, path=str(tmp_path / "另一个盘.csv")))
    (batch,) = classifying.list_batches(ready.project)
    assert batch.output == str(tmp_path / "另一个盘.csv")


def test_from_labelled_comments_to_a_classified_file_with_real_workers(desk: Desk, tmp_path: Path) -> None:
    words = {1: "房间干净早餐好吃", 2: "一般般还可以", 3: "态度差又脏又吵"}
    source = desk.take([(f"{words[1 + i % 3]} {i}", 1 + i % 3) for i in range(120)])
    options = TrainingOptions(epochs=2, embedding_size=8, hidden_size=8, learning_rate=0.02)
    folder = training.create_run(desk.project, TrainingRequest("gru", options, device="cpu"))
    assert worker_command("train")[-2:] == ["worker", "train"]
    psutil.Process(training.start(desk.project, folder.id)).wait(120)
    (run,) = training.list_runs(desk.project)
    assert run.state is RunState.FINISHED, folder.log_tail()
    assert run.best_macro_f1 is not None
    assert evaluation(desk.project, folder.id, "test").figures.accuracy == pytest.approx(run.test_accuracy)
    output = tmp_path / "分类 结果.csv"
    request = ClassificationRequest(folder.id, source_id=source, output=output)
    batch = classifying.create_batch(desk.project, request)
    psutil.Process(classifying.start(desk.project, batch.id)).wait(120)
    reap_children()
    assert classifying.list_batches(desk.project)[0].run.state is RunState.FINISHED, batch.log_tail()
    with output.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    assert header[:3] == ["编号", "评论内容", "senti_label"]
    assert [row[:2] for row in rows] == [
        list(cells) for _, _, cells in desk.project.comments.originals(source)
    ]
