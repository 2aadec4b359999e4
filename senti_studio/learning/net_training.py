"""Training of a net by steps on batches: steps, evaluations and checkpoints to the end."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator, Sequence

import torch

from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Event, Progress, Warned
from senti_studio.learning.contract import Classifier, Lesson
from senti_studio.learning.devices import memory_used
from senti_studio.learning.evaluate import Evaluation, evaluate
from senti_studio.learning.loop import Loop
from senti_studio.learning.pace import Clock
from senti_studio.learning.precision import chosen
from senti_studio.learning.reading import units_to_learn
from senti_studio.learning.trouble import LearnerLostError
from senti_studio.learning.unit_table import part_tables
from senti_studio.learning.warm_start import take_over
from senti_studio.text.encoding import EncodedTexts


def train_net(net: Classifier, lesson: Lesson) -> Generator[Event, None, tuple[Classifier, str]]:
    """Trains ``net``; returns the running mean of its weights at their best, and the reason of the end."""
    wanted = lesson.spec.options.precision
    precision = chosen(wanted, lesson.device)
    if not lesson.resume:
        take_over(net, lesson)
        part_tables(net, units_to_learn(net, lesson.train))
    if precision is None:
        params = {"precision": wanted, "device": str(lesson.device)}
        yield Warned(code="PRECISION_NOT_THERE", params=params)
    loop = Loop(
        lesson.spec,
        lesson.plan,
        net,
        lesson.train,
        lesson.train_labels,
        lesson.state,
        lesson.device,
        lesson.checkpoints,
        precision or torch.float32,
        lesson.weights,
        lesson.soft,
    )
    if lesson.resume:
        loop.restore(lesson.resume, len(lesson.valid_labels))
    with contextlib.ExitStack() as stack:
        if lesson.beside:
            yield from stack.enter_context(loop.share(lesson.beside)).start()
        reason = yield from _run(loop, lesson.valid, lesson.valid_labels)
    best = loop.checkpoints.best()
    if best is None:
        raise UserError("CHECKPOINT_DAMAGED", path=str(lesson.checkpoints.folder), reason="best.json")
    part_tables(loop.average, ())
    return loop.average.settled(best.weights()), reason


def _run(loop: Loop, valid: EncodedTexts, labels: Sequence[int]) -> Generator[Event, None, str]:
    """Steps and evaluations to the end; returns the reason of the end: ``epochs`` or ``patience``."""
    state, plan = loop.state, loop.plan
    clock = Clock(state.elapsed)
    try:
        while True:
            if plan.is_evaluated_after(state.step) and state.evaluated_step < state.step:
                yield from _evaluated(loop, clock, valid, labels)
            if loop.patience_left <= 0:
                return "patience"
            if state.step >= plan.total_steps:
                return "epochs"
            loop.step()
            while loop.news:
                yield loop.news.pop(0)
            if clock.is_event_due or state.step == plan.total_steps:
                state.elapsed = clock.elapsed
                yield _progress(loop, clock)
            if clock.is_checkpoint_due:
                yield clock.save(loop)
    except (GeneratorExit, LearnerLostError):
        state.elapsed = clock.elapsed
        if state.step > 0:
            loop.save()
        raise


def _evaluated(loop: Loop, clock: Clock, valid: EncodedTexts, labels: Sequence[int]) -> Iterator[Event]:
    """An evaluation, with a checkpoint at its end, and on the way when it takes long."""
    for event in _judged(loop, valid, labels):
        yield event
        if clock.is_checkpoint_due:
            yield clock.save(loop)
    yield clock.save(loop)


def _judged(loop: Loop, valid: EncodedTexts, labels: Sequence[int]) -> Iterator[Event]:
    members, texts = loop.members, (valid, labels, loop.device)
    for found in members.judge(*texts) if members is not None else evaluate(loop.average, *texts):
        if isinstance(found, Evaluation):
            yield _event(loop, found, is_best=loop.judge(found))
        elif isinstance(found, list):
            together, is_best = loop.judge_members(found, labels)
            yield _event(loop, together, is_best=is_best)
        else:
            yield found


def _event(loop: Loop, found: Evaluation, *, is_best: bool) -> Event:
    step, left = loop.state.step, max(0, loop.patience_left)
    return found.event("valid", epoch=loop.plan.epoch(step), step=step, is_best=is_best, patience_left=left)


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
