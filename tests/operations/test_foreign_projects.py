"""Projects that were moved, copied, or prepared by somebody else: each works on its own files only."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from desks import Desk, pretend_finished

from senti_studio.domain.importing import require_place_for_text
from senti_studio.domain.specs import ClassificationSpec
from senti_studio.errors import UserError
from senti_studio.operations import classifying, training
from senti_studio.operations.classifying import ClassificationRequest
from senti_studio.operations.training import TrainingRequest
from senti_studio.storage.project import Project


@pytest.fixture
def ready(desk: Desk) -> Desk:
    """A project with one run that looks finished."""
    desk.take_many(60)
    pretend_finished(training.create_run(desk.project, TrainingRequest()))
    return desk


@pytest.mark.parametrize("way", ["source", "file"])
def test_a_copy_works_on_its_own_files(ready: Desk, tmp_path: Path, way: str) -> None:
    file = tmp_path / "八月.csv"
    file.write_text("评论\n很好\n", "utf-8")
    source = ready.project.sources.list()[0].id
    wanted = (None, source) if way == "source" else (file, None)
    request = ClassificationRequest("last", *wanted)
    batch_id = classifying.create_batch(ready.project, request).id
    copied = tmp_path / "另存 一份.senti"
    shutil.copytree(ready.project.folder, copied)
    with Project.open(copied) as copy:
        spec = classifying.batch_run_folder(copy, batch_id).spec()
    assert isinstance(spec, ClassificationSpec)
    assert Path(spec.batch_folder) == copied / "batches" / batch_id
    assert Path(spec.model_folder).is_relative_to(copied / "runs")
    assert Path(spec.model_folder).is_dir()
    assert Path(spec.file.path) == (
        copied / "runs" / batch_id / "data" / "input.csv" if way == "source" else file
    )


def test_a_model_from_elsewhere_keeps_its_place(ready: Desk, tmp_path: Path) -> None:
    file = tmp_path / "八月.csv"
    file.write_text("评论\n很好\n", "utf-8")
    elsewhere = tmp_path / "别处的模型"
    shutil.copytree(
        training.folder_of(ready.project, training.list_runs(ready.project)[0].id).model, elsewhere
    )
    spec = classifying.create_batch(ready.project, ClassificationRequest(elsewhere, file)).spec()
    assert isinstance(spec, ClassificationSpec)
    assert Path(spec.model_folder) == elsewhere


@pytest.mark.parametrize("folder", ["{victim}", "../../{name}", "..", "."])
def test_a_record_reaches_no_folder_outside(ready: Desk, tmp_path: Path, folder: str) -> None:
    victim = tmp_path / "不相干的文件夹"
    victim.mkdir()
    (victim / "重要.txt").write_text("重要", "utf-8")
    (run,) = training.list_runs(ready.project)
    with closing(sqlite3.connect(ready.project.database_path)) as connection:
        wanted = folder.format(victim=victim, name=victim.name)
        connection.execute("UPDATE runs SET folder = ?", (wanted,))
        connection.commit()
    training.discard(ready.project, run.id)
    assert (victim / "重要.txt").read_text("utf-8") == "重要"
    assert ready.project.runs_folder.is_dir()
    assert ready.project.database_path.is_file()


def test_a_batch_that_would_write_elsewhere_is_not_started(ready: Desk, tmp_path: Path) -> None:
    file = tmp_path / "八月.csv"
    file.write_text("评论\n很好\n", "utf-8")
    batch = classifying.create_batch(ready.project, ClassificationRequest("last", file))
    values = json.loads(batch.spec_path.read_bytes())
    values["batch_folder"] = str(tmp_path / "别处")
    batch.spec_path.write_text(json.dumps(values), "utf-8")
    with pytest.raises(UserError, match="RUN_DAMAGED"):
        classifying.start(ready.project, batch.id)
    assert not (tmp_path / "别处").exists()


@pytest.mark.parametrize("place", ["project.db", "project.db-wal", "runs/结果.csv", "backups/结果.csv"])
def test_nothing_is_written_over_a_project(ready: Desk, place: str) -> None:
    with pytest.raises(UserError, match="OUTPUT_IN_PROJECT"):
        require_place_for_text(ready.project.folder / place)
    require_place_for_text(ready.project.folder / "结果.csv")


def test_a_name_that_is_too_long_is_refused_before_the_work(ready: Desk, tmp_path: Path) -> None:
    file = tmp_path / "八月.csv"
    file.write_text("评论\n很好\n", "utf-8")
    output = tmp_path / ("很长" * 60 + ".csv")
    with pytest.raises(UserError, match="OUTPUT_NAME_TOO_LONG"):
        classifying.create_batch(ready.project, ClassificationRequest("last", file, output=output))
