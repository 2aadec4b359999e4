"""An adaptation, from top to bottom: texts, net, loop, evaluate, save."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from senti_studio.domain.adapting import AdaptOptions, AdaptSpec
from senti_studio.domain.encoders import is_scratch
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import (
    Cancelled,
    Event,
    Filled,
    Finished,
    Preparing,
    Progress,
    Started,
    Stopped,
    Warned,
)
from senti_studio.learning.adapting.loop import AdaptLoop, Course, Guesses
from senti_studio.learning.adapting.net import GuessingNet, empty_net, new_net
from senti_studio.learning.adapting.pieces import Pieces, read_texts
from senti_studio.learning.adapting.reading import read_again, read_in
from senti_studio.learning.adapting.writing import ENCODER, write_encoder
from senti_studio.learning.bert.token_encoder import TokenEncoder
from senti_studio.learning.checkpoint import Checkpoint, Checkpoints, TrainingState
from senti_studio.learning.conclude import versions
from senti_studio.learning.devices import choose_device, device_name, memory_used
from senti_studio.learning.evaluate import EVENT_INTERVAL_S
from senti_studio.learning.pace import Clock
from senti_studio.learning.precision import best_for_products, chosen
from senti_studio.learning.trouble import user_errors
from senti_studio.shelf import find


def adapt(
    spec: AdaptSpec,
    data: Path,
    out: Path,
    *,
    resume: Checkpoint | None = None,
    remarks: Sequence[Warned] = (),
) -> Iterator[Event]:
    """Has an encoder guess hidden words of the comments in ``data``; leaves it in ``out/encoder``; ends with
    `Finished`.

    The consumer drives: to stop, close the iterator; a checkpoint is then saved, from which `adapt` goes on
    step for step (``resume``, with the ``remarks`` of `resumption`) and `finish_stopped_adapt` makes an
    encoder. The same spec and data on the same CPU give the same weights, bit by bit. Raises UserError when
    data, encoder, device or numbers do not allow it.
    """
    options = spec.options
    torch.manual_seed(options.seed)
    device = choose_device(spec.device)
    missing, device = device is None, device or torch.device("cpu")
    checkpoints = Checkpoints(out / "checkpoints")
    state = resume.state() if resume else TrainingState()
    yield _started(spec, None, device, state)
    yield from remarks
    if missing:
        yield Warned(code="DEVICE_NOT_THERE", params={"device": spec.device})
    if chosen(options.precision, device) is None:
        params = {"precision": options.precision, "device": str(device)}
        yield Warned(code="PRECISION_NOT_THERE", params=params)

    texts = read_texts(data / "train.jsonl")
    if resume:
        encoder, pieces = yield from read_again(texts, checkpoints)
    else:
        encoder, pieces = yield from read_in(options, texts, data, checkpoints)
    held_out = read_texts(data / "valid.jsonl")
    _, valid = yield from read_again(held_out, checkpoints)
    if not len(pieces) or not len(valid):
        raise UserError("ADAPT_TOO_FEW", count=pieces.comments + valid.comments, least=2)
    course = Course.of(options, pieces, encoder.marks.count)
    yield _started(spec, course, device, state, comments=pieces.comments)

    yield Preparing(stage="building")
    with user_errors(device):
        if resume:
            net = empty_net(encoder, resume.weights(), dropout=options.dropout)
        else:
            source = None if is_scratch(options.encoder) else find(options.encoder)
            net = new_net(encoder, source=source, dropout=options.dropout, vectors=options.vectors)
            net.weigh(pieces, encoder)
        loop = AdaptLoop(
            options, course, net, encoder, pieces, state, device, checkpoints,
            _precision(options.precision, net, device),
        )  # fmt: skip
        if resume:
            loop.restore(resume)
        reason = yield from _run(loop, valid)
        metrics = _finish(data, out, checkpoints, encoder, state, course)
    yield Finished(reason=reason, metrics=metrics, output={"folder": ENCODER})


def finish_stopped_adapt(spec: AdaptSpec, data: Path, out: Path) -> Iterator[Event]:
    """Makes an encoder of the best checkpoint of an adaptation that the user stopped; the last event is
    `Stopped`, or `Cancelled` where it has not learnt anything yet."""
    checkpoints = Checkpoints(out / "checkpoints")
    last = checkpoints.last()
    if last is None or last.state().step == 0:
        yield Cancelled()
        return
    texts = read_texts(data / "train.jsonl")
    encoder, pieces = yield from read_again(texts, checkpoints)
    course = Course.of(spec.options, pieces, encoder.marks.count)
    metrics = _finish(data, out, checkpoints, encoder, last.state(), course)
    yield Stopped(metrics=metrics, output={"folder": ENCODER})


def _finish(
    data: Path,
    out: Path,
    checkpoints: Checkpoints,
    encoder: TokenEncoder,
    state: TrainingState,
    course: Course,
) -> dict[str, Any]:
    best = checkpoints.best() or checkpoints.last()
    if best is None:
        raise UserError("CHECKPOINT_DAMAGED", path=str(checkpoints.folder), reason="best.json")
    write_encoder(encoder, best.weights(), data, out / ENCODER)
    found = best.state()
    return {
        "best_step": found.step,
        "best_epoch": course.epoch(found.step),
        "steps": state.step,
        "seconds": state.elapsed,
        "tokens": int(state.reading.get("tokens", 0)),
        "valid_loss": found.best_loss,
        "valid_accuracy": found.best_accuracy,
        **{name: state.reading[name] for name in ("start_loss", "start_accuracy") if name in state.reading},
    }


def _precision(wanted: str, net: GuessingNet, device: torch.device) -> torch.dtype:
    """As `precision.chosen`, but ``auto`` is what suits an encoder."""
    found = best_for_products(device, net.model.config) if wanted == "auto" else wanted
    return chosen(found, device) or torch.float32


def _run(loop: AdaptLoop, valid: Pieces) -> Generator[Event, None, str]:
    """Steps and evaluations to the end; returns the reason of the end: ``epochs`` or ``patience``."""
    state, course = loop.state, loop.course
    clock = Clock(state.elapsed)
    begun = clock.elapsed
    tokens = 0
    try:
        while True:
            is_new = state.step > state.evaluated_step or "start_loss" not in state.reading
            if is_new and course.is_evaluated_after(state.step):
                yield from _evaluated(loop, clock, valid)
            if loop.patience_left <= 0:
                return "patience"
            if state.step >= course.total_steps:
                return "epochs"
            loop.step()
            while loop.news:
                yield loop.news.pop(0)
            if clock.is_event_due or state.step == course.total_steps:
                state.elapsed = clock.elapsed
                tokens += loop.tokens
                yield _progress(loop, clock, tokens / max(1e-6, clock.elapsed - begun))
            if clock.is_checkpoint_due:
                yield clock.save(loop)
    except GeneratorExit:
        state.elapsed = clock.elapsed
        if state.step > 0:
            loop.save()
        raise


def _evaluated(loop: AdaptLoop, clock: Clock, valid: Pieces) -> Iterator[Event]:
    told = time.monotonic()
    for found in loop.guesses(valid):
        if isinstance(found, Guesses):
            is_best = loop.judge(found)
            step = loop.state.step
            yield Filled(
                epoch=loop.course.epoch(step),
                step=step,
                loss=found.loss,
                accuracy=found.accuracy,
                is_best=is_best,
                patience_left=max(0, loop.patience_left),
            )
        elif time.monotonic() - told >= EVENT_INTERVAL_S:
            told = time.monotonic()
            yield Preparing(stage="evaluating", done=found[0], total=found[1])
    yield clock.save(loop)


def _progress(loop: AdaptLoop, clock: Clock, mean_rate: float) -> Progress:
    loss = loop.collect()
    share = loop.comments / max(1, loop.tokens)
    clock.count(loop.tokens)
    loop.tokens = loop.comments = 0
    state, course = loop.state, loop.course
    left = (course.total_steps - state.step) * course.tokens_per_step
    # Steps are as long as their pieces are: the mean over the whole start is a better guide than the last.
    return Progress(
        step=state.step,
        epoch=course.epoch(state.step),
        loss=loss,
        lr=loop.rate,
        rows_per_s=clock.rows_per_s * share,
        eta=left / mean_rate if mean_rate else -1.0,
        memory=memory_used(loop.device),
        elapsed=clock.elapsed,
        tokens_per_s=clock.rows_per_s,
        tokens=int(state.reading.get("tokens", 0)),
    )


def _started(
    spec: AdaptSpec,
    course: Course | None,
    device: torch.device,
    state: TrainingState,
    *,
    comments: int = 0,
) -> Started:
    """Said again when it is known how many steps there are."""
    per_epoch, total = (course.per_epoch, course.total_steps) if course else (0, 0)
    return Started(
        run_id=spec.run_id,
        pid=os.getpid(),
        device=str(device),
        device_name=device_name(device),
        total_steps=total,
        steps_per_epoch=per_epoch,
        epochs=-(-total // per_epoch) if per_epoch else _epochs(spec.options),
        total_rows=comments or int(spec.rows.get("train", 0)),
        resumed_from_step=state.step,
        versions=versions(),
    )


def _epochs(options: AdaptOptions) -> int:
    return 0 if options.tokens else options.epochs
