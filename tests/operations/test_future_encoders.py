"""What adaptations of a project have yet to make, and what that means for a training on it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from desks import Desk

from senti_studio.domain.adapting import default_adapt_options
from senti_studio.domain.architectures import default_options
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import AwaitedEncoder, TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Cancelled, Paused, Started
from senti_studio.operations import adapting, training
from senti_studio.operations.adapting import AdaptRequest
from senti_studio.operations.encoders import going_on
from senti_studio.operations.future_encoders import ADAPT, QUEUE, FutureEncoder, future_encoders
from senti_studio.operations.training import TrainingRequest

REQUEST = AdaptRequest(default_adapt_options("scratch-tiny"), target="读过的")


def on(encoder: str, *, has_waited: bool = False) -> TrainingRequest:
    options = replace(default_options("bert"), encoder=encoder)
    return TrainingRequest("bert", options, has_waited=has_waited)


def awaited(desk: Desk, request: TrainingRequest) -> AwaitedEncoder | None:
    spec = training.create_run(desk.project, request).spec()
    assert isinstance(spec, TrainingSpec)
    return spec.awaits


def codes(plan: training.TrainingPlan) -> list[str]:
    return [code for code, _ in plan.warnings if code.startswith("ENCODER")]


def test_a_training_may_wait_for_what_an_adaptation_makes(desk: Desk) -> None:
    project = desk.project
    desk.take_many(120)
    assert training.survey(project, on("读过的")).problem is not None
    folder = adapting.create_run(project, REQUEST)
    assert future_encoders(project) == [FutureEncoder("读过的", "scratch-tiny", folder.id, RunState.QUEUED)]
    plan = training.plan(project, on("读过的"))
    assert (codes(plan), plan.made_from) == (["ENCODER_COMES_LATER"], "scratch-tiny")
    assert awaited(desk, on("读过的")) == AwaitedEncoder("读过的", folder.id)
    folder.append_event(Started())
    folder.append_event(Paused(step=2))
    assert codes(training.plan(project, on("读过的"))) == ["ENCODER_HELD"]
    folder.append_event(Cancelled())
    assert future_encoders(project) == []
    with pytest.raises(UserError, match="ENCODER_NOT_FOUND"):
        training.plan(project, on("读过的"))
    late = on("读过的", has_waited=True)
    assert awaited(desk, late) == AwaitedEncoder("读过的", folder.id), "as a run it says what became of it"
    assert awaited(desk, on("没有过的", has_waited=True)) is None
    assert awaited(desk, on("scratch-tiny", has_waited=True)) is None


def test_what_waits_in_a_queue_counts_and_has_its_name(desk: Desk) -> None:
    project = desk.project
    desk.take_many(120)
    options = {"encoder": "scratch-mini"}
    queue = [
        {"kind": ADAPT, "target": "排队的", "options": options},
        {"kind": ADAPT, "target": "", "options": options},
        {"kind": ADAPT, "target": "坏的"},
        {"architecture": "bert", "options": options},
        "?",
    ]
    project.settings.set(QUEUE, queue).result()
    assert future_encoders(project) == [FutureEncoder("排队的", "scratch-mini")]
    assert awaited(desk, on("排队的")) == AwaitedEncoder("排队的")
    taken = adapting.survey(project, replace(REQUEST, target="排队的"))
    assert taken.problem == ("ENCODER_NAME_COMING", {"name": "排队的"})
    free = adapting.survey(project, replace(REQUEST, target="")).target
    queue[0] = {"kind": ADAPT, "target": free.upper(), "options": options}
    project.settings.set(QUEUE, queue).result()
    assert adapting.survey(project, replace(REQUEST, target="")).target == f"{free} 2"
    project.settings.set(QUEUE, {"又": "坏"}).result()
    assert future_encoders(project) == []


def test_who_begins_with_a_model_has_the_rates_of_its_encoder() -> None:
    new = replace(default_options("bert"), seed=7)
    assert (new.encoder, new.epochs, new.learning_rate) == ("scratch-mini", 8, 3e-4)
    then = going_on(new, "bert", {"encoder": "不在架上的", "full_width": False})
    assert (then.encoder, then.epochs, then.learning_rate) == ("不在架上的", 3, 3e-5)
    assert (then.full_width, then.seed) == (False, 7)
    chosen = going_on(replace(new, learning_rate=1e-3), "bert", {"encoder": "不在架上的"})
    assert chosen.learning_rate == 1e-3, "what somebody has chosen stays"
