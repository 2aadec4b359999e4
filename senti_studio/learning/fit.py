"""Training, from top to bottom: seed, data, model, optimiser, schedule, loop, evaluate, save."""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import torch

from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import (
    Cancelled,
    Event,
    Finished,
    Preparing,
    Progress,
    Started,
    Stopped,
    Warned,
)
from senti_studio.jobs.run_folder import write_atomically
from senti_studio.learning.checkpoint import Checkpoint, Checkpoints, TrainingState
from senti_studio.learning.conclude import Conclusion, conclude, versions
from senti_studio.learning.data import TrainingData, check
from senti_studio.learning.devices import choose_device, device_name, memory_used
from senti_studio.learning.evaluate import Evaluation, evaluate
from senti_studio.learning.loop import Loop, Plan
from senti_studio.learning.model_folder import NetConfig
from senti_studio.learning.pace import Clock
from senti_studio.learning.trouble import user_errors
from senti_studio.text.encoding import EncodedTexts, TextEncoder, build_encoder
from senti_studio.text.normalise import normalise


def fit(
    spec: TrainingSpec, data: TrainingData, out: Path, *, resume: Checkpoint | None = None
) -> Iterator[Event]:
    """Trains the net of ``spec``; leaves ``predictions/`` and ``model/`` in ``out``; ends with `Finished`.

    The consumer drives: to stop, close the iterator; a checkpoint is then saved, from which `fit` goes on
    step for step (``resume``) and `finish_stopped` makes a model. The same spec and data on the same CPU give
    the same weights, bit by bit. Raises UserError when data, device or numbers do not allow a model.
    """
    options = spec.options
    torch.manual_seed(options.seed)

    device = choose_device(spec.device)
    missing, device = device is None, device or torch.device("cpu")
    plan = Plan.of(spec, len(data.train))
    state = resume.state() if resume else TrainingState()
    yield _started(spec, plan, device, state)
    if missing:
        yield Warned(code="DEVICE_NOT_THERE", params={"device": spec.device})
    yield from check(spec, data)

    yield Preparing(stage="segmenting", total=len(data.train))
    encoder, train = _encoder(spec, data.train.texts, out, resume)
    valid = encoder.encode([normalise(text) for text in data.valid.texts])

    yield Preparing(stage="building")
    with user_errors(device):
        net = NetConfig.of(spec.architecture, options).build(encoder, len(spec.labels), options)
        loop = Loop(
            spec, plan, net, train, data.train.labels, state, device, Checkpoints(out / "checkpoints")
        )
        if resume:
            loop.restore(resume)
        reason = yield from _run(loop, valid, data.valid.labels)
        best = loop.checkpoints.best()
        if best is None:
            raise UserError("CHECKPOINT_DAMAGED", path=str(out), reason="best.json")
        loop.average.load_state_dict(best.weights())
        ended = yield from conclude(
            spec, data, out, net=loop.average, encoder=encoder, device=device, state=state
        )
    yield Finished(reason=reason, metrics=ended.metrics, output=ended.output)
    loop.checkpoints.clear()


def finish_stopped(spec: TrainingSpec, data: TrainingData, out: Path) -> Iterator[Event]:
    """Makes a model of the best checkpoint of a training that the user stopped; the last event is `Stopped`.

    A training that was stopped before its first step leaves nothing: the last event is then `Cancelled`.
    """
    checkpoints = Checkpoints(out / "checkpoints")
    last = checkpoints.last()
    if last is None:
        yield Cancelled()
        return
    best = checkpoints.best() or last
    device = choose_device(spec.device) or torch.device("cpu")
    encoder = _read_encoder(out)
    with user_errors(device):
        net = NetConfig.of(spec.architecture, spec.options).build(encoder, len(spec.labels)).to(device)
        net.load_state_dict(best.weights())
        ended: Conclusion = yield from conclude(
            spec, data, out, net=net, encoder=encoder, device=device, state=last.state()
        )
    yield Stopped(metrics=ended.metrics, output=ended.output)
    checkpoints.clear()


def _started(spec: TrainingSpec, plan: Plan, device: torch.device, state: TrainingState) -> Started:
    return Started(
        run_id=spec.run_id,
        pid=os.getpid(),
        device=str(device),
        device_name=device_name(device),
        total_steps=plan.total_steps,
        steps_per_epoch=plan.per_epoch,
        epochs=spec.options.epochs,
        total_rows=plan.rows,
        resumed_from_step=state.step,
        versions=versions(),
    )


def _encoder(
    spec: TrainingSpec, texts: Sequence[str], out: Path, resume: Checkpoint | None
) -> tuple[TextEncoder, EncodedTexts]:
    """Learns the vocabulary, or takes that of the interrupted start: jieba may be another one by now."""
    plain = [normalise(text) for text in texts]
    if resume:
        encoder = _read_encoder(out)
        return encoder, encoder.encode(plain)
    encoder, encoded = build_encoder(
        plain,
        units=spec.options.units,
        ngrams=spec.options.ngrams,
        min_frequency=spec.options.min_frequency,
        max_length=spec.options.max_length,
    )
    folder = out / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "vocabulary.json", json.dumps(encoder.to_json(), ensure_ascii=False).encode())
    return encoder, encoded


def _read_encoder(out: Path) -> TextEncoder:
    path = out / "checkpoints" / "vocabulary.json"
    try:
        return TextEncoder.from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError("CHECKPOINT_DAMAGED", path=str(path), reason=str(error)) from error


def _run(loop: Loop, valid: EncodedTexts, labels: Sequence[int]) -> Generator[Event, None, str]:
    """Steps and evaluations to the end; returns the reason of the end: ``epochs`` or ``patience``."""
    state, plan = loop.state, loop.plan
    clock = Clock(state.elapsed)
    try:
        while True:
            if plan.is_evaluated_after(state.step) and state.evaluated_step < state.step:
                yield from _evaluated(loop, valid, labels)
                state.elapsed = clock.elapsed
                yield loop.save()
                clock.saved()
            if loop.patience_left <= 0:
                return "patience"
            if state.step >= plan.total_steps:
                return "epochs"
            loop.step()
            if clock.is_event_due or state.step == plan.total_steps:
                state.elapsed = clock.elapsed
                yield _progress(loop, clock)
            if clock.is_checkpoint_due:
                yield loop.save()
                clock.saved()
    except GeneratorExit:
        state.elapsed = clock.elapsed
        if state.step > 0:
            loop.save()
        raise


def _evaluated(loop: Loop, valid: EncodedTexts, labels: Sequence[int]) -> Iterator[Event]:
    for found in evaluate(loop.average, valid, labels, loop.device):
        if isinstance(found, Evaluation):
            is_best = loop.judge(found)
            step = loop.state.step
            yield found.event(
                "valid",
                epoch=loop.plan.epoch(step),
                step=step,
                is_best=is_best,
                patience_left=max(0, loop.patience_left),
            )
        else:
            yield found


def _progress(loop: Loop, clock: Clock) -> Progress:
    loss, rows = loop.collect()
    clock.count(rows)
    state, plan = loop.state, loop.plan
    rows_left = (plan.total_steps - state.step) * plan.rows / max(1, plan.per_epoch)
    return Progress(
        step=state.step,
        epoch=plan.epoch(state.step),
        loss=loss,
        lr=loop.rate,
        rows_per_s=clock.rows_per_s,
        eta=rows_left / clock.rows_per_s if clock.rows_per_s else -1.0,
        memory=memory_used(loop.device),
        elapsed=clock.elapsed,
    )
