"""Runs as lists show them: from the folder, remembered when ended, thrown away into the trash."""

from __future__ import annotations

from dataclasses import replace

import pytest
from desks import Desk, pretend_finished

from senti_studio.cli.hints import hint
from senti_studio.domain.architectures import default_options, preset_options
from senti_studio.domain.repetition import Repetition
from senti_studio.domain.run_states import RunState
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.file_lock import FileLock
from senti_studio.jobs.protocol import Cancelled, Failed, Progress, Started, Stopped, Warned
from senti_studio.operations import models, training
from senti_studio.operations.training import TrainingRequest


def test_a_finished_run_shows_its_figures(desk: Desk) -> None:
    desk.take_many(120)
    folder = training.create_run(desk.project, TrainingRequest())
    pretend_finished(folder)
    run = training.refresh(desk.project, folder.id)
    assert (run.state, run.number, run.name, run.architecture) == (RunState.FINISHED, 1, "LSTM #1", "lstm")
    assert (run.epoch, run.epochs, run.duration, run.peak_memory) == (2.0, 8, 4.0, 200)
    assert (run.best_epoch, run.best_macro_f1, run.best_accuracy, run.best_loss) == (1.0, 0.7, 0.8, 0.5)
    assert (run.test_macro_f1, run.test_accuracy) == (0.65, 0.75)
    assert run.data_rows == {"train": 93, "valid": 9, "test": 18}
    assert training.list_runs(desk.project) == [run]


def test_what_is_remembered_is_what_the_folder_says_and_is_read_anew_when_it_grows(desk: Desk) -> None:
    desk.take_many(60)
    folder = training.create_run(desk.project, TrainingRequest(name="我的模型"))
    pretend_finished(folder)
    first = training.list_runs(desk.project)
    assert desk.project.runs.get(folder.id).details["summary"]["state"] == "finished"
    assert training.list_runs(desk.project) == first
    folder.append_event(Started(run_id=folder.id, resumed_from_step=3))
    folder.append_event(Warned(code="TOO_FEW_COMMENTS"))
    folder.append_event(Failed(code="OUT_OF_MEMORY", params={"device": "cpu"}))
    (run,) = training.list_runs(desk.project)
    assert (run.state, run.error_code, run.error_params) == (
        RunState.FAILED,
        "OUT_OF_MEMORY",
        {"device": "cpu"},
    )
    assert (run.name, run.warnings) == ("我的模型", ("TOO_FEW_COMMENTS",))


def test_states_of_runs_that_have_not_ended(desk: Desk) -> None:
    desk.take_many(60)
    folder = training.create_run(desk.project, TrainingRequest())
    assert training.refresh(desk.project, folder.id).state is RunState.QUEUED
    lock = FileLock(folder.lock_path)
    assert lock.acquire()
    folder.append_event(Started(run_id=folder.id))
    folder.append_event(Progress(step=1, epoch=0.1))
    assert training.refresh(desk.project, folder.id).state is RunState.RUNNING
    for act in (training.discard, training.start):
        with pytest.raises(UserError, match="RUN_IS_RUNNING"):
            act(desk.project, folder.id)
    lock.release()
    assert training.refresh(desk.project, folder.id).state is RunState.INTERRUPTED
    training.stop(desk.project, folder.id)
    assert folder.commands_path.read_bytes().count(b"stop") == 1


def test_a_discarded_run_lies_in_the_trash_and_its_number_is_not_given_again(desk: Desk) -> None:
    desk.take_many(60)
    folder = training.create_run(desk.project, TrainingRequest())
    pretend_finished(folder)
    training.discard(desk.project, folder.id)
    assert training.list_runs(desk.project) == []
    assert (desk.project.trash_folder / folder.id / "spec.json").exists()
    with pytest.raises(UserError, match="RECORD_NOT_FOUND"):
        training.refresh(desk.project, folder.id)
    other = training.create_run(desk.project, TrainingRequest("gru"))
    assert other.spec().name == "GRU #2"


def test_a_damaged_run_does_not_spoil_the_list(desk: Desk) -> None:
    desk.take_many(60)
    broken = training.create_run(desk.project, TrainingRequest())
    good = training.create_run(desk.project, TrainingRequest())
    broken.spec_path.write_text("{", "utf-8")
    runs = training.list_runs(desk.project)
    assert [run.id for run in runs] == [good.id, broken.id]
    assert (runs[1].state, runs[1].error_code) == (RunState.FAILED, "RUN_DAMAGED")


def test_a_run_whose_events_cannot_be_read_does_not_spoil_the_list(desk: Desk) -> None:
    desk.take_many(60)
    folder = training.create_run(desk.project, TrainingRequest())
    pretend_finished(training.create_run(desk.project, TrainingRequest("gru")))
    folder.events_path.unlink(missing_ok=True)
    folder.events_path.mkdir()
    other, damaged = training.list_runs(desk.project)
    assert (other.state, damaged.state) == (RunState.FINISHED, RunState.FAILED)
    assert damaged.error_code == "RUN_DAMAGED"
    assert str(folder.path) == damaged.error_params["path"]


def test_the_events_of_runs_that_ended_are_read_once(desk: Desk) -> None:
    """Two hundred runs are listed without opening two hundred files."""
    desk.take_many(30)
    first = training.create_run(desk.project, TrainingRequest())
    pretend_finished(first, epochs=40)
    for number in range(2, 51):
        run_id = f"lauf-{number:03d}"
        place = desk.project.runs_folder / run_id
        place.mkdir()
        for name in ("spec.json", "events.jsonl"):
            (place / name).write_bytes((first.path / name).read_bytes())
        desk.project.runs.add(run_id, number=number, kind="train", name=f"LSTM #{number}", folder=run_id)
    before = training.list_runs(desk.project)
    assert len(before) == 50
    for folder in desk.project.runs_folder.iterdir():
        events = folder / "events.jsonl"
        size = events.stat().st_size
        events.write_bytes(b" " * size)  # whoever reads it again finds nothing
    assert training.list_runs(desk.project) == before


def test_what_was_never_measured_is_missing_and_not_zero(desk: Desk) -> None:
    desk.take_many(60)
    folder = training.create_run(desk.project, TrainingRequest())
    with folder.events_path.open("ab") as file:
        file.write(b'{"type":"Evaluated"}\n{"type":"Evaluated","split":"test","macro_f1":0.9}\n')
    run = training.refresh(desk.project, folder.id)
    assert (run.best_epoch, run.best_macro_f1, run.best_accuracy, run.best_loss) == (None,) * 4
    assert (run.test_macro_f1, run.test_accuracy) == (None, None)


def test_a_training_that_was_cut_off_is_told_where_a_model_is_wanted(desk: Desk) -> None:
    desk.take_many(60)
    with pytest.raises(UserError, match="NO_MODEL_YET"):
        models.find_model(desk.project, "last")
    folder = training.create_run(desk.project, TrainingRequest())
    folder.append_event(Started(run_id=folder.id))
    folder.append_event(Progress(step=1, at=1000.0))
    for wanted in ("last", "1", "LSTM #1", folder.id):
        with pytest.raises(UserError, match="MODEL_UNFINISHED") as caught:
            models.find_model(desk.project, wanted)
        assert "runs PROJECT 1 --resume" in hint(caught.value.code, caught.value.params, "en")


def test_models_come_from_runs_and_stay_when_kept(desk: Desk) -> None:
    desk.take_many(120)
    folder = training.create_run(desk.project, TrainingRequest())
    assert models.list_models(desk.project) == []
    pretend_finished(folder)
    (model,) = models.list_models(desk.project)
    assert (model.id, model.name, model.macro_f1, model.test_accuracy) == (folder.id, "LSTM #1", 0.7, 0.75)
    assert [label.name for label in model.labels] == ["正面", "中性", "负面"]
    for wanted in (folder.id, "LSTM #1", "1", "last", folder.path, folder.model):
        assert models.find_model(desk.project, wanted).folder == folder.model
    kept = models.keep_model(desk.project, "1", name="最好的")
    training.discard(desk.project, folder.id)
    (left,) = models.list_models(desk.project)
    assert (left.id, left.name, left.is_kept, left.macro_f1) == (kept.id, "最好的", True, 0.7)
    assert (left.folder / "weights.safetensors").exists()


def test_models_that_are_not_there(desk: Desk) -> None:
    with pytest.raises(UserError, match="MODEL_NOT_FOUND"):
        models.find_model(desk.project, "没有")
    empty = desk.project.models_folder / "空"
    empty.mkdir()
    with pytest.raises(UserError, match="MODEL_FILES_MISSING"):
        models.find_model(desk.project, empty)


def test_an_evaluation_joins_predictions_with_the_present_comments(desk: Desk) -> None:
    source = desk.take_many(120)
    folder = training.create_run(desk.project, TrainingRequest())
    with pytest.raises(UserError, match="NO_PREDICTIONS"):
        models.evaluation(desk.project, folder.id, "test")
    pretend_finished(folder)
    found = models.evaluation(desk.project, folder.id, "test")
    assert found.figures.rows == len(found.rows) == 18
    wrong = [row for row in found.rows if row.label != row.predicted]
    assert found.figures.accuracy == pytest.approx(1 - len(wrong) / 18)
    row = wrong[0]
    assert row.text == desk.project.comments.get(row.comment_id).text
    assert row.confidence == row.probabilities[row.predicted] == 0.8
    desk.project.annotations.label([row.comment_id], row.predicted + 1, annotator="我").result()
    again = models.evaluation(desk.project, folder.id, "test")
    assert again.relabelled == 1
    assert again.figures == found.figures
    desk.project.sources.remove(source).result()
    gone = models.evaluation(desk.project, folder.id, "test")
    assert not any(row.is_there for row in gone.rows)
    assert [row.text for row in gone.rows] == [row.text for row in found.rows]


def test_a_stopped_training_is_not_trained_anew_over_its_model(desk: Desk) -> None:
    desk.take_many(60)
    folder = training.create_run(desk.project, TrainingRequest())
    pretend_finished(folder)
    folder.append_event(Started(run_id=folder.id))
    folder.append_event(Stopped(metrics={"best_step": 10}))
    with pytest.raises(UserError) as caught:
        training.start(desk.project, folder.id, resume=True)
    assert (caught.value.code, caught.value.params["number"]) == ("RUN_HAS_MODEL", 1)
    assert "--start-from 1" in hint("RUN_HAS_MODEL", caught.value.params, "zh")
    assert not folder.launched_at(), "no worker was started"
    assert [model.id for model in models.list_models(desk.project)] == [folder.id]


def test_a_model_stays_while_its_stopped_run_goes_on(desk: Desk) -> None:
    desk.take_many(60)
    folder = training.create_run(desk.project, TrainingRequest(repetition=Repetition("seeds", 3)))
    pretend_finished(folder)
    assert models.find_model(desk.project, "last").run_id == folder.id
    folder.append_event(Started(run_id=folder.id, trial=2, trials=3))
    run = training.refresh(desk.project, folder.id)
    assert (run.state, run.has_model) == (RunState.INTERRUPTED, True)
    assert models.find_model(desk.project, "last").run_id == folder.id
    folder.append_event(Cancelled())
    assert models.list_models(desk.project) == []


def test_runs_of_different_presets_have_different_names(desk: Desk) -> None:
    desk.take_many(60)
    best = preset_options(TrainingOptions(), "best")
    wanted = (
        (TrainingRequest(options=default_options("lstm")), "LSTM #1", "balanced"),
        (TrainingRequest(options=best), "LSTM best #2", "best"),
        (TrainingRequest(options=best, language="zh"), "LSTM 最准 #3", "best"),
        (TrainingRequest(options=replace(best, mix="distilled"), language="zh"), "LSTM 蒸馏 #4", ""),
        (TrainingRequest("baseline", default_options("baseline"), language="zh"), "TF-IDF #5", ""),
        (TrainingRequest(options=best, name="我的"), "我的", "best"),
    )
    for request, name, preset in wanted:
        run = training.refresh(desk.project, training.create_run(desk.project, request).id)
        assert (run.name, run.preset) == (name, preset)
