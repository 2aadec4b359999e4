"""What the page asks of the project; everything here but `run_path` and `labels_of` runs off the GUI
thread."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path

from senti_studio.domain.architectures import smaller_step
from senti_studio.domain.labels import Label, labels_from_names
from senti_studio.domain.run_states import RunKind, RunState
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.operations import adapting, earlier_models, training
from senti_studio.operations.adapting import AdaptRequest
from senti_studio.operations.lengths import length_kind
from senti_studio.operations.models import find_model, list_models
from senti_studio.operations.training import RunSummary, TrainingRequest
from senti_studio.storage.project import Project
from senti_studio.ui.i18n import current_language
from senti_studio.ui.models.run_table import RunRow
from senti_studio.ui.operations import Failure
from senti_studio.ui.pages.train.model_choice import ModelChoice
from senti_studio.ui.pages.train.plan_view import PlanView
from senti_studio.ui.pages.train.rows import action_of
from senti_studio.ui.pages.train.run_words import state_chip
from senti_studio.ui.pages.train.waiting import Waiting, Wish

END_WITHIN_S = 10.0
_OWN_WORDS = "own_words"
_AT_WORK = (RunState.QUEUED, RunState.PREPARING, RunState.RUNNING)


def plan(project: Project, wish: Wish) -> PlanView:
    """What a training would learn from."""
    made = training.survey(project, _request(wish))
    return PlanView(
        labelled=made.labelled,
        rows=made.rows,
        labels=project.labels.list(),
        by_label=made.by_label,
        left_out=made.left_out,
        leaked=made.leaked,
        avoided=made.avoided,
        near_copies=made.near_copies,
        columns=tuple(project.original_cells.columns()),
        warnings=made.warnings,
        problem=made.problem,
        cut_share=made.cut_share,
        max_length=wish.options.max_length,
        length=length_kind(wish.architecture, wish.options),
        texts=made.texts,
        models=tuple(ModelChoice(each.id, each.name, each.architecture) for each in list_models(project)),
        step_rows=smaller_step(wish.architecture, wish.options, made.rows["train"]) if made.rows else 0,
        asked=wish.options.batch_size,
    )


def problem_of(error: Failure) -> tuple[str, Mapping[str, object]]:
    """A failed count as the reason why nothing can start."""
    if isinstance(error, UserError):
        return error.code, error.params
    return "INTERNAL", {"detail": f"{type(error).__name__}: {error}"}


def create_and_start(project: Project, waiting: Waiting, *, after: Future[None] | None = None) -> str:
    """Freezes the comments, starts the worker; the id of the run. ``after``: the queue is as it is now, where
    what is started would find its own name taken."""
    if after is not None:
        after.result()
    if isinstance(waiting, AdaptRequest):
        folder = adapting.create_run(project, waiting)
        training.start(project, folder.id)
        return folder.id
    wish = waiting
    folder = training.create_run(project, _request(wish))
    training.start(project, folder.id)
    if wish.options.own_words != own_words(project):
        project.settings.set(_OWN_WORDS, wish.options.own_words).result()
    return folder.id


def options_to_go_on(project: Project, model_id: str) -> Mapping[str, object]:
    """The options that a training has to have that begins with this model."""
    return earlier_models.options_to_go_on(find_model(project, model_id))[1]


def own_words(project: Project) -> str:
    """The own words of the training that was started last; the next one begins with them."""
    return str(project.settings.get(_OWN_WORDS, ""))


def resume(project: Project, run_id: str) -> None:
    """Starts the worker of a paused or interrupted run again."""
    _wait_for_end(project, run_id)
    training.start(project, run_id, resume=True)


def discard(project: Project, run_id: str) -> None:
    """Moves a run into the bin of the project."""
    _wait_for_end(project, run_id)
    training.discard(project, run_id)


def _wait_for_end(project: Project, run_id: str) -> None:
    """Between a worker's last word and the end of its process it still holds the lock for a moment."""
    folder = training.folder_of(project, run_id)
    until = time.monotonic() + END_WITHIN_S
    while folder.is_alive() and folder.state() not in _AT_WORK and time.monotonic() < until:
        time.sleep(0.05)


def run_rows(project: Project) -> list[RunRow]:
    """All trainings, newest first."""
    return [_row(summary) for summary in training.list_runs(project)]


def run_path(project: Project, run_id: str) -> Path:
    """The folder of a run; it bears the run's id."""
    return project.runs_folder / run_id


def labels_of(spec: TrainingSpec | None, project: Project | None) -> tuple[Label, ...]:
    """The classes of a run with the looks that the project gives them; labels gone since get a look of
    their own."""
    if spec is None:
        return ()
    known = {label.key: label for label in project.labels.list()} if project is not None else {}
    made = labels_from_names([(name.key, name.name) for name in spec.labels])
    return tuple(known.get(label.key, label) for label in made)


def _request(wish: Wish) -> TrainingRequest:
    return TrainingRequest(
        architecture=wish.architecture,
        options=wish.options,
        device=wish.device,
        language=current_language(),
        allow_few=wish.allow_few,
        repetition=wish.repetition,
        group_column=wish.group_column,
        start_from=wish.start_from,
        pseudo=wish.pseudo,
        teaching=wish.teaching,
        has_waited=wish.awaits_encoder,
    )


def _row(summary: RunSummary) -> RunRow:
    return RunRow(
        id=summary.id,
        name=summary.name,
        state=summary.state,
        chip=state_chip(summary.state, code=summary.error_code),
        started_at=summary.started_at or summary.created_at,
        epochs=(int(summary.epoch + 1e-6), max(1, summary.epochs)),
        macro_f1=summary.best_macro_f1,
        accuracy=None if summary.kind is RunKind.ADAPT else summary.best_accuracy,
        loss=summary.best_loss,
        seconds=summary.duration or None,
        memory=summary.peak_memory,
        action=action_of(summary.state, adapts=summary.kind is RunKind.ADAPT),
        architecture=summary.architecture,
        preset=summary.preset,
        adapts=summary.kind is RunKind.ADAPT,
        made_encoder=summary.made_encoder,
        source=summary.encoder,
        target=summary.target,
        trials=(summary.trials_over, summary.trials) if summary.trials else None,
        tokens=(summary.tokens, summary.most_tokens) if summary.most_tokens else None,
    )
