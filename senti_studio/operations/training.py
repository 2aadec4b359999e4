"""What one can do about training: look ahead, freeze the data, start, stop, list, throw away."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from senti_studio.domain.architectures import ARCHITECTURES, options_of, training_name
from senti_studio.domain.comments import CommentFilter, LabelledComment, Part
from senti_studio.domain.encoders import encoder_label
from senti_studio.domain.labels import Label
from senti_studio.domain.memory_forecast import TextSizes
from senti_studio.domain.repetition import ONCE, Repetition, capped, problems_of_repetition
from senti_studio.domain.run_states import RunKind
from senti_studio.domain.specs import DataSummary, LabelName, TrainingSpec
from senti_studio.domain.teaching import TeachingRequest
from senti_studio.domain.training_options import TrainingOptions, problems_of
from senti_studio.domain.transfer import PseudoRequest
from senti_studio.errors import UserError
from senti_studio.jobs.launch import launch_run
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations.folding import too_few_for_folds, write_groups
from senti_studio.operations.frozen_rows import data_rows, line, rows_by_source, write_lines
from senti_studio.operations.future_encoders import (
    awaited_encoder,
    encoder_problem,
    made_from,
    remarks_on_waiting,
)
from senti_studio.operations.lengths import cut_share, text_sizes
from senti_studio.operations.parts import (
    DISAGREEMENT,
    EXCLUDED,
    GivenParts,
    Split,
    parts_in_column,
    split,
)
from senti_studio.operations.read_before import has_read
from senti_studio.operations.run_list import (
    RunSummary,
    folder_of,
    list_runs,
    refresh,
    refuse_when_at_work,
    refuse_when_over,
)
from senti_studio.operations.split_remarks import one_group, stand_in, unmeasured
from senti_studio.operations.transfer import NOTHING, TakenOver, look_at
from senti_studio.operations.unlabelled import other_comments
from senti_studio.storage.errors import disk_error
from senti_studio.storage.project import Project

__all__ = [
    "RunSummary",
    "TrainingPlan",
    "TrainingRequest",
    "cancel",
    "create_run",
    "discard",
    "folder_of",
    "list_runs",
    "pause",
    "plan",
    "refresh",
    "start",
    "stop",
    "survey",
]

FEW = 5
"""A class with fewer training comments brings a warning."""
FEWEST = 8
"""Fewer training comments than this in all are refused."""
_LONGEST_ENCODER = 40
"""Characters of the name of an encoder in the name of a run."""


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What the user wants. ``valid_source`` and ``test_source`` are ids or names of sources; ``use_parts``:
    the parts that came with the files count; ``split_column``: an original column that names the part of
    each comment instead; ``group_column``: one whose value (a user, a product) keeps comments on one side, as
    a copy does. ``name`` is made up when empty, in ``language``. ``allow_few``: train although a class has
    fewer than 5 labelled comments. ``repetition``: once, several seeds, folds, or a search. ``start_from``:
    the model to begin with, as `find_model` takes it; ``pseudo``: comments without a label that are to join;
    ``teaching``: a model to learn from; ``has_waited``: it was queued for an encoder that was not there yet,
    and tells as a run what became of that."""

    architecture: str = "lstm"
    options: TrainingOptions = field(default_factory=TrainingOptions)
    device: str = "auto"
    name: str = ""
    language: str = "en"
    valid_source: int | str | None = None
    test_source: int | str | None = None
    use_parts: bool = True
    split_column: str = ""
    group_column: str = ""
    allow_few: bool = False
    repetition: Repetition = ONCE
    start_from: str = ""
    pseudo: PseudoRequest | None = None
    teaching: TeachingRequest | None = None
    has_waited: bool = False


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What a training would learn from; nothing has been written.

    ``rows``: part -> rows; ``by_label``: label key -> labelled comments of all parts; ``left_out``: reason
    (``disagreement`` | ``excluded`` | ``same_as_test`` | ``same_group_as_test`` | ``set_aside``) -> comments;
    ``leaked``: rows of given validation and test parts whose text is in training too; ``avoided``: rows that
    would have stood on both sides had the parts been drawn row by row; ``near_copies``: ``known`` |
    ``outdated`` (files came since) | ``unknown`` (only identical texts are kept together); ``cut_share``:
    about which share of the training part is longer than ``max_length`` units. ``warnings`` and ``problem``
    are codes of the message catalogue with their parameters; with a ``problem`` nothing can start.
    ``texts``: how large the training part is, for `domain.memory_forecast`; ``taken``: earlier
    models that it begins with or asks; ``made_from``: of an encoder that is not there yet the one that it is
    made from, "" of all others.
    """

    labelled: int
    rows: Mapping[str, int]
    labels: tuple[Label, ...]
    by_label: Mapping[str, int]
    left_out: Mapping[str, int] = field(default_factory=dict)
    leaked: int = 0
    avoided: int = 0
    near_copies: str = "known"
    draws_test_set: bool = False
    warnings: tuple[tuple[str, Mapping[str, object]], ...] = ()
    problem: tuple[str, Mapping[str, object]] | None = None
    cut_share: float = 0.0
    texts: TextSizes = field(default_factory=TextSizes)
    taken: TakenOver = NOTHING
    made_from: str = ""


def survey(project: Project, request: TrainingRequest) -> TrainingPlan:
    """As `plan`, but what stands in the way is the plan's ``problem`` instead of an exception."""
    return _prepare(project, request)[0]


def plan(project: Project, request: TrainingRequest) -> TrainingPlan:
    """Counts per part, what is left out, warnings; writes nothing.

    Raises UserError ``NO_LABELLED_COMMENTS``, ``ONE_LABEL_ONLY``, ``TOO_FEW_TO_TRAIN``, ``NO_VALID_ROWS``,
    ``BAD_SPEC`` or ``SOURCE_NOT_FOUND``. A class of fewer than 5 comments brings the warning
    ``TOO_FEW_COMMENTS``.
    """
    made = survey(project, request)
    if made.problem is not None:
        code, params = made.problem
        raise UserError(code, **params)
    return made


def create_run(project: Project, request: TrainingRequest) -> RunFolder:
    """Makes the run folder with its frozen data and records it; draws the project's test set if it has none.

    Raises what `plan` raises, and ``DISK_FULL`` or ``NO_PERMISSION``; nothing is left behind then.
    """
    made, parts = _prepare(project, request)
    if made.problem is not None or parts is None:
        code, params = made.problem or ("NO_LABELLED_COMMENTS", {})
        raise UserError(code, **params)
    if parts.new_test:
        project.test_sets.draw(parts.new_test)
    number = project.runs.reserve_number()
    run_id = f"{datetime.now():%Y%m%d-%H%M%S}-{request.architecture}-{secrets.token_hex(2)}"
    name = request.name.strip() or _name(request, number)
    place = project.runs_folder / run_id
    making = project.runs_folder / f".{run_id}.new"
    try:
        data = making / "data"
        data.mkdir(parents=True)
        classes = {label.key: position for position, label in enumerate(made.labels)}
        digest = hashlib.sha256()
        for part in Part:
            rows = data_rows(project, parts.rows[part], classes)
            write_lines(data / f"{part.value}.jsonl", rows, digest)
        if request.repetition.mode == "folds":
            write_groups(data, parts)
        made.taken.freeze(project, parts, _alike_of_all(project, request), data)
        kind = RunKind.SEARCH if request.repetition.is_repeated else RunKind.TRAIN
        if request.options.vectors != "none" and "vectors" in options_of(request.architecture):
            lines = (line(id=each, text=text) for each, text in other_comments(project, parts))
            # Not in the digest: runs are compared when they have the same labelled comments.
            write_lines(data / "unlabelled.jsonl", lines, hashlib.sha256())
        spec = TrainingSpec(
            run_id=run_id,
            name=name,
            architecture=request.architecture,
            labels=tuple(LabelName(label.key, label.name) for label in made.labels),
            options=request.options,
            device=request.device,
            data=DataSummary(
                parts.counts(),
                digest.hexdigest(),
                parts.leaked,
                dict(made.left_out),
                rows_by_source(project, parts),
                request.group_column,
                parts.avoided,
            ),
            kind=kind.value,
            repetition=capped(request.repetition, options_of(request.architecture)),
            start=made.taken.start_in_spec(),
            pseudo=made.taken.pseudo_in_spec(),
            teaching=made.taken.teaching_in_spec(),
            awaits=awaited_encoder(project, request),
        )
        RunFolder.create(making, spec)
        making.rename(place)
    except OSError as error:
        raise disk_error(error, place) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    project.runs.add(run_id, number=number, kind=kind, name=name, folder=run_id)
    return RunFolder(place)


def start(project: Project, run_id: str, *, resume: bool = False) -> int:
    """Starts (or resumes) the worker of a run and returns its process id. Raises UserError
    ``RUN_IS_RUNNING``; of one to resume also ``RUN_IS_OVER`` and ``RUN_HAS_MODEL``."""
    folder = folder_of(project, run_id)
    if resume:
        refuse_when_over(refresh(project, run_id))
    refuse_when_at_work(folder, project.runs.get(run_id).name)
    return launch_run(folder, resume=resume)


def stop(project: Project, run_id: str) -> None:
    """Asks a run to stop and keep its best epoch."""
    folder_of(project, run_id).send("stop")


def pause(project: Project, run_id: str) -> None:
    """Asks a run to write a checkpoint and end; `start` with ``resume`` goes on."""
    folder_of(project, run_id).send("pause")


def cancel(project: Project, run_id: str) -> None:
    """Asks a run to give up; nothing of it is kept."""
    folder_of(project, run_id).send("cancel")


def discard(project: Project, run_id: str) -> None:
    """Moves a run that is not at work into the project's ``trash/``. Raises UserError ``RUN_IS_RUNNING``."""
    record = project.runs.get(run_id)
    folder = folder_of(project, run_id)
    refuse_when_at_work(folder, record.name)
    if folder.path.exists():
        try:
            os.utime(folder.path)  # the trash counts its days from now on
            folder.path.rename(project.trash_folder / folder.path.name)
        except OSError as error:
            raise disk_error(error, folder.path) from error
    project.runs.remove(run_id)


def _name(request: TrainingRequest, number: int) -> str:
    """What a run is called unless somebody gave it a name."""
    name = f"{training_name(request.architecture, request.options, request.language)} #{number}"
    if "encoder" in options_of(request.architecture):
        name += f" · {encoder_label(request.options.encoder)[:_LONGEST_ENCODER]}"
    return name


def _prepare(project: Project, request: TrainingRequest) -> tuple[TrainingPlan, Split | None]:
    labels = project.labels.list()
    problems = problems_of(request.options) + problems_of_repetition(request.repetition)
    if request.architecture not in ARCHITECTURES:
        problems.append(f"architecture={request.architecture} ({' | '.join(ARCHITECTURES)})")
    options = request.options
    reads = options_of(request.architecture)
    if "vectors" in reads and options.vectors == "file" and not Path(options.vectors_file).is_file():
        missing = {"path": options.vectors_file or "…"}
        return TrainingPlan(0, {}, labels, {}, problem=("VECTORS_NOT_FOUND", missing)), None
    if problems:
        return TrainingPlan(0, {}, labels, {}, problem=("BAD_SPEC", {"problems": problems})), None
    given = GivenParts(
        _source_id(project, request.valid_source),
        _source_id(project, request.test_source),
        request.use_parts,
        parts_in_column(project, request.split_column) if request.split_column else None,
    )
    labelled = list(project.comments.labelled())
    parts = split(
        labelled,
        given,
        project.test_sets.visible(),
        valid_share=request.options.valid_share,
        seed=request.options.seed,
        near=project.near_groups.of_labelled(),
        alike=_alike(project, request.group_column, labelled),
    )
    disputed = project.comments.disputed_count()
    out = {DISAGREEMENT: disputed, EXCLUDED: project.comments.excluded_count()}
    left_out = {**parts.left_out, **{reason: count for reason, count in out.items() if count}}
    by_label = Counter(comment.label_key for comment in labelled)
    # Only classes that occur: one that nobody ever used would take a share of every probability.
    used = tuple(label for label in labels if by_label[label.key])
    training = Counter(comment.label_key for comment in parts.rows[Part.TRAIN])
    learnt_from = [comment.id for comment in parts.rows[Part.TRAIN]]
    taken = look_at(
        project,
        parts,
        start_from=request.start_from,
        pseudo=request.pseudo,
        teaching=request.teaching,
        architecture=request.architecture,
        options=request.options,
        repetition=request.repetition,
        used=used,
    )
    return (
        TrainingPlan(
            len(labelled),
            parts.counts(),
            used,
            {label.key: by_label[label.key] for label in labels},
            left_out,
            parts.leaked,
            parts.avoided,
            _near_copies(project),
            parts.new_test is not None,
            (
                *_warnings(used, training),
                *unmeasured(used, parts),
                *stand_in(project, request.group_column, parts),
                *one_group(request.group_column, parts),
                *taken.remarks(),
                *has_read(project, parts, request.architecture, options),
                *remarks_on_waiting(project, request),
            ),
            _problem(used, training, parts)
            or (None if request.allow_few else _small_class(used, by_label))
            or too_few_for_folds(request.repetition, used, parts)
            or taken.problem
            or encoder_problem(project, request),
            cut_share(project, learnt_from, request.architecture, options),
            text_sizes(project, learnt_from),
            taken,
            made_from(project, request),
        ),
        parts,
    )


def _problem(
    used: Sequence[Label], training: Mapping[str, int], parts: Split
) -> tuple[str, Mapping[str, object]] | None:
    total = sum(training.values())
    learnt = [label for label in used if training.get(label.key)]
    if not used:
        return "NO_LABELLED_COMMENTS", {}
    if len(learnt) < 2:
        return "ONE_LABEL_ONLY", {"label": (learnt or used)[0].name}
    if total < FEWEST:
        return "TOO_FEW_TO_TRAIN", {"count": total, "least": FEWEST}
    if not parts.rows[Part.VALID]:
        return "NO_VALID_ROWS", {}
    return None


def _small_class(
    used: Sequence[Label], by_label: Mapping[str, int]
) -> tuple[str, Mapping[str, object]] | None:
    """A class that nobody can learn: the user decides whether that matters."""
    small = [f"{label.name} {by_label[label.key]}" for label in used if by_label[label.key] < FEW]
    return ("CLASS_TOO_SMALL", {"labels": small, "least": FEW}) if small else None


def _warnings(
    used: Sequence[Label], training: Mapping[str, int]
) -> Iterator[tuple[str, Mapping[str, object]]]:
    for label in used:
        count = training.get(label.key, 0)
        if count < FEW:
            yield "TOO_FEW_COMMENTS", {"label": label.name, "count": count, "least": FEW}


def _alike(project: Project, column: str, labelled: Sequence[LabelledComment]) -> Mapping[int, str]:
    """Comment id -> its cell of the column. Raises UserError ``NO_SUCH_COLUMN``."""
    if not column:
        return {}
    known = project.original_cells.columns()
    if column not in known:
        raise UserError("NO_SUCH_COLUMN", column=column, columns=known or ["—"])
    return project.original_cells.of([comment.id for comment in labelled], column)


def _alike_of_all(project: Project, request: TrainingRequest) -> Mapping[int, str]:
    """As `_alike`, of comments without a label too; only a teacher is asked about these."""
    if not request.group_column or (request.pseudo is None and request.teaching is None):
        return {}
    ids = [each for block in project.comments.ids(CommentFilter()) for each in block]
    return project.original_cells.of(ids, request.group_column)


def _near_copies(project: Project) -> str:
    found = project.near_groups.summary()
    return "unknown" if found is None else "known" if found.is_current else "outdated"


def _source_id(project: Project, wanted: int | str | None) -> int | None:
    if wanted is None or wanted == "":
        return None
    return project.sources.get(wanted).id if isinstance(wanted, int) else project.sources.find(wanted).id
