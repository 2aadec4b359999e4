"""A training whose encoder an adaptation has yet to make: it takes what comes, or says what did not."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from senti_studio.domain.adapting import AdaptSpec
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import AwaitedEncoder, LabelName, TrainingSpec, spec_from_json, spec_to_json
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Cancelled, Event, Failed, Finished, Paused, Preparing, Started, Stopped
from senti_studio.jobs.run_folder import RunFolder, RunStatus
from senti_studio.worker import encoder_turn
from senti_studio.worker.encoder_turn import with_its_encoder

OWN, MAKER, OLDER = "20260102-120000-bert-b", "20260102-110000-adapt-a", "20260101-110000-adapt-0"
NAME = "读过的"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_turn, "POLL_S", 0.001)


def training(tmp_path: Path, run: str = MAKER) -> tuple[RunFolder, TrainingSpec]:
    labels = (LabelName("a", "好"), LabelName("b", "差"))
    options = TrainingOptions(encoder=NAME)
    spec = TrainingSpec(OWN, "等", "bert", labels, options, awaits=AwaitedEncoder(NAME, run))
    return RunFolder.create(tmp_path / OWN, spec), spec


def adaptation(tmp_path: Path, name: str = MAKER, *events: Event, target: str = NAME) -> RunFolder:
    folder = RunFolder.create(tmp_path / name, AdaptSpec(name, "适应", target))
    for event in events:
        folder.append_event(event)
    return folder


def wait(
    folder: RunFolder, spec: TrainingSpec, acts: Sequence[Callable[[], object]] = ()
) -> TrainingSpec | None:
    """Each time it looks the next thing happens; when nothing more can it is told to end."""
    left = list(acts)

    def is_over() -> bool:
        if left:
            left.pop(0)()
            return False
        return looks.append(0) or len(looks) > 3  # type: ignore[func-returns-value]

    looks: list[int] = []
    return with_its_encoder(folder, spec, is_over)


def test_it_takes_what_has_been_made_whatever_that_is_called(tmp_path: Path) -> None:
    folder, spec = training(tmp_path)
    maker = adaptation(tmp_path, MAKER, Started(), Paused(step=3))
    end = Stopped(metrics={}, output={"encoder": f"{NAME} 2"})
    found = wait(
        folder,
        spec,
        [
            lambda: None,
            lambda: maker.append_event(Started(resumed_from_step=3)),
            lambda: maker.append_event(end),
        ],
    )
    assert found is not None
    assert (found.options.encoder, found.awaits) == (f"{NAME} 2", None)
    assert folder.spec() == found, "who goes on with it need not wait again"
    (told,) = folder.events()
    assert isinstance(told, Preparing)
    assert told.stage == "encoder"
    status = RunStatus(state=RunState.PREPARING)
    status.feed(told)
    assert status.state is RunState.QUEUED
    assert with_its_encoder(folder, found, lambda: True) is found


@pytest.mark.parametrize("end", [Failed(code="OUT_OF_MEMORY"), Cancelled()])
def test_it_says_that_nothing_came_of_it(tmp_path: Path, end: Event) -> None:
    folder, spec = training(tmp_path)
    maker = adaptation(tmp_path, MAKER, Started())
    with pytest.raises(UserError) as caught:
        wait(folder, spec, [lambda: maker.append_event(end)])
    assert (caught.value.code, caught.value.params) == ("ENCODER_NOT_MADE", {"name": NAME})


def test_an_adaptation_that_is_discarded_makes_nothing_either(tmp_path: Path) -> None:
    folder, spec = training(tmp_path)
    maker = adaptation(tmp_path, MAKER, Started())
    with pytest.raises(UserError, match="ENCODER_NOT_MADE"):
        wait(folder, spec, [lambda: None, lambda: shutil.rmtree(maker.path)])


def test_it_ends_when_it_is_told_to(tmp_path: Path) -> None:
    folder, spec = training(tmp_path)
    adaptation(tmp_path, MAKER, Started())
    assert wait(folder, spec) is None
    assert folder.spec() == spec, "it waits again when it is taken up"


@pytest.mark.parametrize("run", [MAKER, ""])
def test_a_project_may_be_moved_while_it_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: str
) -> None:
    before, after = tmp_path / "先", tmp_path / "后"
    before.mkdir()
    folder, spec = training(before, run)
    monkeypatch.chdir(folder.path)  # as a worker does
    name = MAKER if run else OWN.replace("-12", "-13")

    def make() -> None:
        adaptation(after, name, Started(), Finished(metrics={}, output={"encoder": NAME}))

    if run:
        adaptation(before, MAKER, Started())
    acts = [lambda: None, lambda: before.rename(after), make]
    found = wait(RunFolder(Path()), spec, acts)
    assert found is not None
    assert RunFolder(after / OWN).spec() == found


def test_one_that_was_only_queued_is_found_when_it_begins(tmp_path: Path) -> None:
    folder, spec = training(tmp_path, run="")
    adaptation(tmp_path, OLDER, Started(), Failed(code="DISK_FULL"))
    later = OWN.replace("-12", "-13")
    adaptation(tmp_path, later + "x", Finished(metrics={}, output={"encoder": "别的"}), target="别的")
    (tmp_path / "坏的").mkdir()
    end = Finished(metrics={}, output={"encoder": NAME})
    found = wait(folder, spec, [lambda: None, lambda: adaptation(tmp_path, later, Started(), end)])
    assert found is not None
    assert found.options.encoder == NAME


def test_a_spec_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    values = spec_to_json(training(tmp_path)[1])
    assert spec_from_json(values) == training(tmp_path)[1]
    for run in ("../别处", "..", 7, "C:别处"):
        with pytest.raises(UserError, match="BAD_SPEC"):
            spec_from_json({**values, "awaits": {"name": NAME, "run": run}})
    with pytest.raises(UserError, match="BAD_SPEC"):
        spec_from_json({**values, "awaits": {"name": "", "run": MAKER}})
