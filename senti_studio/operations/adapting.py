"""What one can do about adaptations: look ahead, and freeze the comments that an encoder is to read."""

from __future__ import annotations

import hashlib
import math
import random
import secrets
import shutil
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from senti_studio.domain.adapt_forecast import AdaptForecast, forecast_adapting, remarks_before
from senti_studio.domain.adapting import AdaptOptions, AdaptSpec, problems_of_adapting
from senti_studio.domain.comments import CommentFilter, Part, text_keys
from senti_studio.domain.encoder_size import EncoderSize, Machine
from senti_studio.domain.encoders import is_scratch
from senti_studio.domain.run_states import RunKind
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations.encoders import machine
from senti_studio.operations.frozen_rows import line, write_lines
from senti_studio.operations.future_encoders import future_encoder, future_encoders
from senti_studio.operations.lengths import units_of
from senti_studio.operations.parts import GivenParts, split
from senti_studio.shelf import find, store
from senti_studio.shelf.check import CONFIG, PAPERS, check_folder
from senti_studio.shelf.small_files import read_object
from senti_studio.shelf.speeds import size_for_adapting
from senti_studio.shelf.vocabularies import TOKENIZER_FILES
from senti_studio.storage.errors import disk_error
from senti_studio.storage.project import Project

HELD_OUT = "held_out"
SAME_AS_HELD_OUT = "same_as_held_out"
REPEATED = "repeated"
EXCLUDED = "excluded"

SOURCE = "source"
"""Folder in the data of a run with the small files of the encoder that it begins with."""
FEWEST = 50
"""Fewer different comments are no language to learn."""
MOST_VALID = 2000
"""Comments held back to see whether it gains: more say nothing more, and each evaluation reads them all."""
_PAGE = 1000
_SAMPLE = 1000
_CANNOT_GUESS = frozenset(("xlnet",))
"""Families that transformers knows no guessing head of."""


_UNKNOWN = AdaptForecast(0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class AdaptRequest:
    """What the user wants. ``target``: name of the new encoder, made up when empty; ``valid_source`` and
    ``test_source``: ids or names of sources that later trainings will be judged on."""

    options: AdaptOptions = field(default_factory=AdaptOptions)
    device: str = "auto"
    name: str = ""
    target: str = ""
    valid_source: int | str | None = None
    test_source: int | str | None = None


@dataclass(frozen=True, slots=True)
class AdaptPlan:
    """What an adaptation would read; nothing has been written. ``rows``: ``train`` and ``valid`` comments;
    ``left_out``: reason (``held_out``: the test set and the parts that trainings with default options are
    judged on | ``same_as_held_out``, also nearly | ``repeated`` | ``excluded``) -> comments; ``tokens``:
    about how many units one pass over the comments has. ``warnings`` and ``problem`` as in
    `TrainingPlan`."""

    rows: Mapping[str, int]
    left_out: Mapping[str, int] = field(default_factory=dict)
    tokens: int = 0
    forecast: AdaptForecast = _UNKNOWN
    target: str = ""
    draws_test_set: bool = False
    warnings: tuple[tuple[str, Mapping[str, object]], ...] = ()
    problem: tuple[str, Mapping[str, object]] | None = None


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Ids of the comments that are read, each text once, and what is drawn on the way."""

    train: Sequence[int]
    valid: Sequence[int]
    left_out: Mapping[str, int]
    new_test: frozenset[int] | None


def survey(project: Project, request: AdaptRequest) -> AdaptPlan:
    """As `plan`, but what stands in the way is the plan's ``problem`` instead of an exception."""
    return _prepare(project, request)[0]


def plan(project: Project, request: AdaptRequest) -> AdaptPlan:
    """Counts, and how long it takes; writes nothing. Raises UserError ``BAD_SPEC``, ``ENCODER_…``,
    ``ADAPT_NOT_THIS_FAMILY``, ``ADAPT_TOO_FEW``, ``SOURCE_NOT_FOUND``."""
    made = survey(project, request)
    if made.problem is not None:
        code, params = made.problem
        raise UserError(code, **params)
    return made


def create_run(project: Project, request: AdaptRequest) -> RunFolder:
    """Makes the run folder with its frozen comments and records it; draws the project's test set if it has
    none, so that no later test has been read. Raises what `plan` raises, and those of the disk."""
    made, chosen = _prepare(project, request)
    if made.problem is not None or chosen is None:
        code, params = made.problem or ("ADAPT_TOO_FEW", {"count": 0, "least": FEWEST})
        raise UserError(code, **params)
    if chosen.new_test:
        project.test_sets.draw(chosen.new_test)
    number = project.runs.reserve_number()
    run_id = f"{datetime.now():%Y%m%d-%H%M%S}-adapt-{secrets.token_hex(2)}"
    name = request.name.strip() or f"{made.target} #{number}"
    place = project.runs_folder / run_id
    making = project.runs_folder / f".{run_id}.new"
    try:
        data = making / "data"
        data.mkdir(parents=True)
        for part, ids in (("train", chosen.train), ("valid", chosen.valid)):
            write_lines(data / f"{part}.jsonl", _lines(project, ids), hashlib.sha256())
        _freeze_source(request.options.encoder, data / SOURCE)
        spec = AdaptSpec(
            run_id=run_id,
            name=name,
            target=made.target,
            options=request.options,
            device=request.device,
            rows=dict(made.rows),
            left_out=dict(made.left_out),
        )
        RunFolder.create(making, spec)
        making.rename(place)
    except OSError as error:
        raise disk_error(error, place) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    project.runs.add(run_id, number=number, kind=RunKind.ADAPT, name=name, folder=run_id)
    return RunFolder(place)


def free_target(project: Project, encoder: str) -> str:
    """A name for the new encoder that no other one on the shelf has, or is to have."""
    base = Path(encoder).name if not is_scratch(encoder) else encoder.removeprefix("scratch-")
    coming = [each.name for each in future_encoders(project)]
    return store.free_name(f"{base}-{project.name}", besides=coming)


def _free_name(project: Project, wanted: str) -> str:
    """As given, unless an encoder has that name, or is to have it."""
    name = store.free_place(wanted).name
    coming = future_encoder(project, name)
    if coming is not None:
        raise UserError("ENCODER_NAME_COMING", name=coming.name)
    return name


def _freeze_source(encoder: str, target: Path) -> None:
    if is_scratch(encoder):
        return
    folder = find(encoder)
    target.mkdir()
    for name in (CONFIG, *TOKENIZER_FILES, *PAPERS):
        if (folder / name).is_file():
            shutil.copyfile(folder / name, target / name)


def _prepare(project: Project, request: AdaptRequest) -> tuple[AdaptPlan, _Chosen | None]:
    options = request.options
    problems = problems_of_adapting(options)
    if problems:
        return AdaptPlan({}, problem=("BAD_SPEC", {"problems": problems})), None
    try:
        size = _size_of(options.encoder)
        target = request.target.strip()
        target = _free_name(project, target) if target else free_target(project, options.encoder)
    except UserError as error:
        return AdaptPlan({}, problem=(error.code, error.params)), None
    chosen = _choose(project, request)
    rows = {"train": len(chosen.train), "valid": len(chosen.valid)}
    tokens, mean = _tokens(project, chosen.train, options.max_length)
    seen = options.tokens or tokens * options.epochs
    foreseen = forecast_adapting(
        size, _machine(request.device), tokens=seen, length=mean, mask_share=options.mask_share
    )
    warnings = [*remarks_before(options.encoder, foreseen)]
    if not chosen.new_test and not project.test_sets.visible() and not _has_given_test(request):
        warnings.append(("ADAPT_BEFORE_TEST_SET", {}))
    count = sum(rows.values())
    problem = ("ADAPT_TOO_FEW", {"count": count, "least": FEWEST}) if count < FEWEST else None
    made = AdaptPlan(
        rows, chosen.left_out, tokens, foreseen, target, bool(chosen.new_test), tuple(warnings), problem
    )
    return made, chosen


def _has_given_test(request: AdaptRequest) -> bool:
    return request.test_source not in (None, "")


def _machine(device: str) -> Machine:
    """The processor, where that is what will work; of a card only what it has done before is known."""
    here = machine()
    return here if device in ("auto", "cpu") else Machine(0, 0.0, device, here.past)


def _size_of(encoder: str) -> EncoderSize:
    """Raises UserError ``ENCODER_NOT_FOUND`` and what a check of it says, ``ADAPT_NOT_THIS_FAMILY``."""
    size = size_for_adapting(encoder)
    if not is_scratch(encoder):
        folder = find(encoder)
        kind = str(read_object(folder / CONFIG).get("model_type"))
        if kind in _CANNOT_GUESS:
            family = check_folder(folder).facts.family_name
            raise UserError("ADAPT_NOT_THIS_FAMILY", family=family or kind)
    return size


def _choose(project: Project, request: AdaptRequest) -> _Chosen:
    """Every comment that may be read, each text once, drawn into what is learnt from and what is held "
    "back."""
    given = GivenParts(_source_id(project, request.valid_source), _source_id(project, request.test_source))
    usual = TrainingOptions()
    parts = split(
        list(project.comments.labelled()),
        given,
        project.test_sets.visible(),
        valid_share=usual.valid_share,
        seed=usual.seed,
        near=project.near_groups.of_labelled(),
    )
    held = {row.id for part in (Part.VALID, Part.TEST) for row in parts.rows[part]}
    held |= project.test_sets.visible() | (parts.new_test or frozenset())
    if sources := _given(given):
        held |= _ids(project, CommentFilter(source_ids=sources, excluded=False))
    near = project.near_groups.beside(sorted(held))
    forbidden = project.overview.text_keys(sorted(held))
    every = array("q")
    for block in project.comments.ids(CommentFilter(excluded=False)):
        every.extend(block)
    free = [each for each in every if each not in held and each not in near]
    seen: set[int] = set()
    same = repeated = 0
    kept = array("q")
    for start in range(0, len(free), _PAGE):
        rows = list(project.comments.texts(free[start : start + _PAGE]))
        for (comment_id, text), key in zip(rows, text_keys([text for _, text in rows]), strict=True):
            if key in forbidden:
                same += 1
            elif key in seen or not text.strip():
                repeated += 1
            else:
                seen.add(key)
                kept.append(comment_id)
    near_only = len(every) - len(free) - sum(each in held for each in every)
    counts = {
        HELD_OUT: sum(each in held for each in every),
        SAME_AS_HELD_OUT: same + near_only,
        REPEATED: repeated,
        EXCLUDED: project.comments.count(CommentFilter(excluded=True)),
    }
    valid = _drawn(len(kept), request.options)
    return _Chosen(
        [each for place, each in enumerate(kept) if place not in valid],
        [each for place, each in enumerate(kept) if place in valid],
        {reason: count for reason, count in counts.items() if count},
        parts.new_test,
    )


def _drawn(count: int, options: AdaptOptions) -> set[int]:
    wanted = min(MOST_VALID, math.ceil(options.valid_share * count))
    return set(random.Random(options.seed).sample(range(count), wanted))


def _given(given: GivenParts) -> frozenset[int]:
    return frozenset(each for each in (given.valid_source, given.test_source) if each is not None)


def _ids(project: Project, wanted: CommentFilter) -> set[int]:
    return {each for block in project.comments.ids(wanted) for each in block}


def _source_id(project: Project, wanted: int | str | None) -> int | None:
    if wanted is None or wanted == "":
        return None
    return project.sources.get(wanted).id if isinstance(wanted, int) else project.sources.find(wanted).id


def _tokens(project: Project, ids: Sequence[int], longest: int) -> tuple[int, float]:
    """About how many units these comments have, from at most a thousand of them, and how long a piece is."""
    if not ids:
        return 0, 0.0
    some = ids[:: max(1, len(ids) // _SAMPLE)]
    counts = [units_of(text) + 2 for _, text in project.comments.texts(some)]
    mean = sum(counts) / len(counts)
    return round(mean * len(ids)), min(mean, float(longest))


def _lines(project: Project, ids: Sequence[int]) -> Iterator[bytes]:
    for start in range(0, len(ids), _PAGE):
        for comment_id, text in project.comments.texts(ids[start : start + _PAGE]):
            yield line(id=comment_id, text=text)
