"""What a training would learn from: worked out before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from senti_studio.domain.architectures import ARCHITECTURES, options_of, problems_with
from senti_studio.domain.comments import LabelledComment, Part
from senti_studio.domain.labels import Label
from senti_studio.domain.memory_forecast import TextSizes
from senti_studio.domain.repetition import ONCE, Repetition, problems_of_repetition
from senti_studio.domain.teaching import TeachingRequest
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.domain.transfer import PseudoRequest
from senti_studio.errors import UserError
from senti_studio.operations.folding import too_few_for_folds
from senti_studio.operations.future_encoders import encoder_problem, made_from, remarks_on_waiting
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
from senti_studio.operations.split_remarks import one_group, stand_in, unmeasured
from senti_studio.operations.transfer import NOTHING, TakenOver, look_at
from senti_studio.storage.project import Project

FEW = 5
"""A class with fewer training comments brings a warning."""
FEWEST = 8
"""Fewer training comments than this in all are refused."""

Problem = tuple[str, Mapping[str, object]]
"""A code of the message catalogue with its parameters."""


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
    warnings: tuple[Problem, ...] = ()
    problem: Problem | None = None
    cut_share: float = 0.0
    texts: TextSizes = field(default_factory=TextSizes)
    taken: TakenOver = NOTHING
    made_from: str = ""


def survey(project: Project, request: TrainingRequest) -> TrainingPlan:
    """As `plan`, but what stands in the way is the plan's ``problem`` instead of an exception."""
    return prepare(project, request)[0]


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


def prepare(project: Project, request: TrainingRequest) -> tuple[TrainingPlan, Split | None]:
    """The plan, and the parts that it counts; None where it does not come so far."""
    labels, options = project.labels.list(), request.options
    refused = _refused(request)
    if refused is not None:
        return TrainingPlan(0, {}, labels, {}, problem=refused), None
    labelled = list(project.comments.labelled())
    parts = _parts(project, request, labelled)
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
        options=options,
        repetition=request.repetition,
        used=used,
    )
    warnings = (
        *_warnings(used, training),
        *unmeasured(used, parts),
        *stand_in(project, request.group_column, parts),
        *one_group(request.group_column, parts),
        *taken.remarks(),
        *has_read(project, parts, request.architecture, options),
        *remarks_on_waiting(project, request),
    )
    problem = (
        _problem(used, training, parts)
        or (None if request.allow_few else _small_class(used, by_label))
        or too_few_for_folds(request.repetition, used, parts)
        or taken.problem
        or encoder_problem(project, request)
    )
    made = TrainingPlan(
        labelled=len(labelled),
        rows=parts.counts(),
        labels=used,
        by_label={label.key: by_label[label.key] for label in labels},
        left_out=_left_out(project, parts),
        leaked=parts.leaked,
        avoided=parts.avoided,
        near_copies=_near_copies(project),
        draws_test_set=parts.new_test is not None,
        warnings=warnings,
        problem=problem,
        cut_share=cut_share(project, learnt_from, request.architecture, options),
        texts=text_sizes(project, learnt_from),
        taken=taken,
        made_from=made_from(project, request),
    )
    return made, parts


def _refused(request: TrainingRequest) -> Problem | None:
    """What is wrong with the request whatever the project holds."""
    options = request.options
    reads = options_of(request.architecture)
    if "vectors" in reads and options.vectors == "file" and not Path(options.vectors_file).is_file():
        return "VECTORS_NOT_FOUND", {"path": options.vectors_file or "…"}
    problems = problems_with(request.architecture, options) + problems_of_repetition(request.repetition)
    if request.architecture not in ARCHITECTURES:
        problems.append(f"architecture={request.architecture} ({' | '.join(ARCHITECTURES)})")
    return ("BAD_SPEC", {"problems": problems}) if problems else None


def _parts(project: Project, request: TrainingRequest, labelled: Sequence[LabelledComment]) -> Split:
    given = GivenParts(
        _source_id(project, request.valid_source),
        _source_id(project, request.test_source),
        request.use_parts,
        parts_in_column(project, request.split_column) if request.split_column else None,
    )
    return split(
        labelled,
        given,
        project.test_sets.visible(),
        valid_share=request.options.valid_share,
        seed=request.options.seed,
        near=project.near_groups.of_labelled(),
        alike=_alike(project, request.group_column, labelled),
    )


def _left_out(project: Project, parts: Split) -> dict[str, int]:
    """Reason -> comments, where there are any."""
    out = {DISAGREEMENT: project.comments.disputed_count(), EXCLUDED: project.comments.excluded_count()}
    return {**parts.left_out, **{reason: count for reason, count in out.items() if count}}


def _problem(used: Sequence[Label], training: Mapping[str, int], parts: Split) -> Problem | None:
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


def _small_class(used: Sequence[Label], by_label: Mapping[str, int]) -> Problem | None:
    """A class that nobody can learn: the user decides whether that matters."""
    small = [f"{label.name} {by_label[label.key]}" for label in used if by_label[label.key] < FEW]
    return ("CLASS_TOO_SMALL", {"labels": small, "least": FEW}) if small else None


def _warnings(used: Sequence[Label], training: Mapping[str, int]) -> Iterator[Problem]:
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


def _near_copies(project: Project) -> str:
    found = project.near_groups.summary()
    return "unknown" if found is None else "known" if found.is_current else "outdated"


def _source_id(project: Project, wanted: int | str | None) -> int | None:
    if wanted is None or wanted == "":
        return None
    return project.sources.get(wanted).id if isinstance(wanted, int) else project.sources.find(wanted).id
