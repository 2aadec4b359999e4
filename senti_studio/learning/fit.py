"""Training, from top to bottom: seed, data, model, optimiser, schedule, loop, evaluate, save."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import torch

from senti_studio.domain.architectures import options_of
from senti_studio.domain.several import ALL_CARDS
from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.protocol import (
    Cancelled,
    Event,
    Finished,
    Preparing,
    Read,
    Started,
    Stopped,
    Warned,
)
from senti_studio.learning.architectures import architecture, plan_of
from senti_studio.learning.checkpoint import Checkpoint, Checkpoints, TrainingState
from senti_studio.learning.conclude import Conclusion, conclude, versions
from senti_studio.learning.contract import Classifier, Encoder, Judges, Lesson
from senti_studio.learning.data import TrainingData, check
from senti_studio.learning.devices import choose_device, device_name, place_name, places_of
from senti_studio.learning.earlier_model import read_start
from senti_studio.learning.memory import require_room
from senti_studio.learning.model_files import shapes_of
from senti_studio.learning.plan import Plan
from senti_studio.learning.pseudo_labels import row_weights, with_pseudo_labels
from senti_studio.learning.reading import encoded, read_again, read_encoder, read_in, with_size
from senti_studio.learning.teaching import soft_targets, with_teacher
from senti_studio.learning.trouble import user_errors
from senti_studio.text.encoding import EncodedTexts


def fit(
    spec: TrainingSpec,
    data: TrainingData,
    out: Path,
    *,
    resume: Checkpoint | None = None,
    remarks: Sequence[Warned] = (),
) -> Generator[Event, None, None]:
    """Trains the net of ``spec``; leaves ``predictions/`` and ``model/`` in ``out``; ends with `Finished`.

    The consumer drives: to stop, close the iterator; a checkpoint is then saved, from which `fit` goes on
    step for step (``resume``, with the ``remarks`` of `resumption`) and `finish_stopped` makes a model. The
    same spec and data on the same CPU give the same weights, bit by bit. Raises UserError when data, device
    or numbers do not allow a model.
    """
    torch.manual_seed(spec.options.seed)
    kind = architecture(spec.architecture)

    found = places_of(spec.device)
    places = found or (torch.device("cpu"),)
    device = places[0]
    plan = plan_of(spec, len(data.learnt))
    checkpoints = Checkpoints(out / "checkpoints")
    state = resume.state() if resume else TrainingState()
    yield _started(spec, plan, places, state)
    yield from remarks
    yield from _about_devices(spec.device, found)
    yield from check(spec, data)
    if spec.pseudo is not None or spec.teaching is not None:
        data = yield from with_pseudo_labels(spec, data)
        data = yield from with_teacher(spec, data)
        plan = plan_of(spec, len(data.learnt))
        yield _started(spec, plan, places, state)
    start = read_start(kind, spec, data)

    if resume:
        reading = yield from read_again(kind, data, checkpoints, state.reading)
    else:
        reading = yield from read_in(kind, spec, data, checkpoints, start)
    encoder, state.reading = reading.encoder, dict(reading.facts)
    yield from _read(spec, state)
    spec = with_size(spec, state.reading)
    valid = yield from encoded(encoder, list(map(encoder.normalise, data.valid.texts)), cache=data.cache)

    yield Preparing(stage="building")
    with user_errors(device):
        lesson = Lesson(
            spec, plan, encoder, reading.train, data.learnt.labels, valid, data.valid.labels, state, device,
            checkpoints, resume, reading.tables, start, row_weights(spec, data), soft_targets(spec, data),
            places[1:],
        )  # fmt: skip
        config = kind.config(spec.options)
        require_room(shapes_of(lambda: kind.rebuild(config, encoder, len(spec.labels))).values(), device)
        net, reason = yield from kind.train(lesson)
        ended = yield from _concluded(spec, data, out, net, encoder, valid, state, device)
    yield Finished(reason=reason, metrics=ended.metrics, output=ended.output)
    checkpoints.clear()


def finish_stopped(spec: TrainingSpec, data: TrainingData, out: Path) -> Iterator[Event]:
    """Makes a model of the best checkpoint of a training that the user stopped; the last event is `Stopped`.

    A training that was stopped before its first step leaves nothing: the last event is then `Cancelled`.
    """
    checkpoints = Checkpoints(out / "checkpoints")
    last = checkpoints.last()
    if last is None:
        yield Cancelled()
        return
    data = yield from with_pseudo_labels(spec, data)
    data = yield from with_teacher(spec, data)
    best = checkpoints.best() or last
    device = choose_device(spec.device) or torch.device("cpu")
    kind = architecture(spec.architecture)
    encoder = read_encoder(kind, checkpoints)
    state = last.state()
    spec = with_size(spec, state.reading)
    normal = list(map(encoder.normalise, data.valid.texts))
    valid = yield from encoded(encoder, normal, ["evaluating"], cache=data.cache)
    with user_errors(device):
        net = kind.rebuild(kind.config(spec.options), encoder, len(spec.labels)).to(device)
        net.load_state_dict(best.weights())
        ended = yield from _concluded(spec, data, out, net, encoder, valid, state, device)
    yield Stopped(metrics=ended.metrics, output=ended.output)
    checkpoints.clear()


def _concluded(
    spec: TrainingSpec,
    data: TrainingData,
    out: Path,
    net: Classifier,
    encoder: Encoder,
    valid: EncodedTexts,
    state: TrainingState,
    device: torch.device,
) -> Generator[Event, None, Conclusion]:
    """Makes the model of a net that has its best weights. ``valid``: as ``encoder`` gives them."""
    judges = Judges(valid, data.valid.labels, device)
    net, kept = yield from architecture(spec.architecture).chosen(net, encoder, judges, state)
    known = valid if kept is encoder else None
    return (
        yield from conclude(spec, data, out, net=net, encoder=kept, device=device, state=state, valid=known)
    )


def _about_devices(wanted: str, found: Sequence[torch.device]) -> Iterator[Warned]:
    if not found:
        yield Warned(code="DEVICE_NOT_THERE", params={"device": wanted})
    elif wanted == ALL_CARDS and len(found) == 1:
        yield Warned(code="ONE_CARD_ONLY", params={"device": device_name(found[0])})


def _read(spec: TrainingSpec, state: TrainingState) -> Iterator[Read]:
    """What reading has found out; a checkpoint of an earlier version may not know it."""
    facts = state.reading
    if "max_length" in options_of(spec.architecture) and {"max_length", "cut_share"} <= facts.keys():
        yield Read(max_length=facts["max_length"], cut_share=facts["cut_share"])


def _started(spec: TrainingSpec, plan: Plan, places: Sequence[torch.device], state: TrainingState) -> Started:
    return Started(
        run_id=spec.run_id,
        pid=os.getpid(),
        device=spec.device if len(places) > 1 else str(places[0]),
        device_name=place_name(places),
        total_steps=plan.total_steps,
        steps_per_epoch=plan.per_epoch,
        epochs=plan.epochs,
        total_rows=plan.rows,
        resumed_from_step=state.step,
        versions=versions(),
    )
