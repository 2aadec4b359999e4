"""Checkpoints that a disk has spoilt: a training goes on from the newest whole one, and says so."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from senti_studio.domain.repetition import Repetition
from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import CheckpointSaved, Event, Finished, Progress, Trial, Warned
from senti_studio.learning.checkpoint import Checkpoint, Checkpoints, TrainingState
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.repeat import repeat
from senti_studio.learning.resumption import resumption

Specs = Callable[..., TrainingSpec]
FILES = ("weights.safetensors", "training.pt", "state.json")


def interrupted(
    spec: TrainingSpec, data: TrainingData, out: Path, is_last: Callable[[Event], bool]
) -> Checkpoints:
    """A training that is closed after the first event that ``is_last``."""
    events = fit(spec, data, out)
    for event in events:
        if is_last(event):
            break
    events.close()
    return Checkpoints(out / "checkpoints")


def spoil(checkpoint: Checkpoint, name: str) -> None:
    whole = (checkpoint.path / name).read_bytes()
    (checkpoint.path / name).write_bytes(whole[: len(whole) // 2])


def gone_on(spec: TrainingSpec, data: TrainingData, out: Path) -> list[Event]:
    found = resumption(Checkpoints(out / "checkpoints"))
    return list(fit(spec, data, out, resume=found.checkpoint, remarks=found.remarks))


def warned(events: list[Any]) -> list[tuple[str, int]]:
    return [(event.code, event.params["step"]) for event in events if isinstance(event, Warned)]


def weights(out: Path) -> dict[str, torch.Tensor]:
    return load_file(out / "model" / "weights.safetensors")


def same(one: Path, other: Path) -> bool:
    first, second = weights(one), weights(other)
    return all(torch.equal(value, second[name]) for name, value in first.items())


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("senti_studio.learning.pace.EVENT_INTERVAL_S", 0.0)


def at(step: int) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, Progress) and event.step == step


def test_from_the_best_where_the_newest_is_spoilt(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path, every_step: None
) -> None:
    list(fit(spec, data, tmp_path / "一次"))
    out = tmp_path / "两次"
    kept = interrupted(spec, data, out, at(11))
    last, best = kept.last(), kept.best()
    assert last is not None
    assert best is not None
    assert (last.path.name, best.path.name) == ("step-11", "step-8")
    for name in FILES:
        copy = tmp_path / name
        shutil.copytree(kept.folder, copy)
        spoil(Checkpoint(copy / last.path.name), name)
        found = resumption(Checkpoints(copy))
        assert found.checkpoint == Checkpoint(copy / "step-8")
        assert Checkpoints(copy).last() == Checkpoints(copy).best() == found.checkpoint
        assert [remark.code for remark in found.remarks] == ["CHECKPOINT_OLDER"]
    (kept.folder / "last.json").write_text("谁知道", "utf-8")
    shutil.rmtree(last.path)
    assert resumption(kept).checkpoint == best, "and no word: what is gone was never seen"
    (last.path).mkdir()
    events = gone_on(spec, data, out)
    assert warned(events) == [("CHECKPOINT_OLDER", 8)]
    assert events[0].resumed_from_step == 8  # type: ignore[attr-defined]
    assert same(tmp_path / "一次", out), "to the last bit as if nothing had happened"


@pytest.mark.parametrize("name", FILES)
def test_one_bit_that_is_another_is_noticed(name: str, tmp_path: Path) -> None:
    """No reader of these files would: one weight, or one loss, would be another."""
    kept = Checkpoints(tmp_path / "检查点")
    net, state = torch.nn.Linear(5, 5), TrainingState(step=8, train_rows=128, elapsed=12.5)
    for state.step in (8, 9):
        newest = kept.save(net.state_dict(), {"net": net.state_dict()}, state)
    assert resumption(kept).checkpoint == newest
    content = bytearray((newest.path / name).read_bytes())
    what = b"2.5" if name == "state.json" else net.weight[0, 2].numpy(force=True).tobytes()
    place = content.index(what)
    content[place] ^= 1
    (newest.path / name).write_bytes(content)
    found = resumption(kept)
    assert found.checkpoint == Checkpoint(kept.folder / "step-8")
    assert [remark.code for remark in found.remarks] == ["CHECKPOINT_OLDER"]
    assert "other" in found.remarks[0].params["reason"]


def test_from_the_one_before_where_the_newest_was_the_best(
    with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    spec = with_options(stop_on="loss", epochs=4)
    whole, killed = tmp_path / "一次", tmp_path / "断电"
    for event in fit(spec, data, whole):
        if isinstance(event, CheckpointSaved) and event.step == 24:
            assert event.is_best
            shutil.copytree(whole, killed)  # as a kill at this moment would leave it
    kept = Checkpoints(killed / "checkpoints")
    newest, before = kept.newest_first()
    assert (newest.path.name, before.path.name) == ("step-24", "step-16")
    assert kept.last() == kept.best() == newest
    spoil(newest, "state.json")
    assert warned(gone_on(spec, data, killed)) == [("CHECKPOINT_OLDER", 16)]
    assert same(whole, killed)


@pytest.mark.parametrize("name", ["weights.safetensors", "state.json"])
def test_without_the_best_the_next_one_is_the_best(
    name: str, spec: TrainingSpec, data: TrainingData, tmp_path: Path, every_step: None
) -> None:
    kept = interrupted(spec, data, tmp_path, at(11))
    best = kept.best()
    assert best is not None
    spoil(best, name)
    events = gone_on(spec, data, tmp_path)
    assert warned(events) == [("BEST_LOST", 8)]
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.metrics["best_step"] in (16, 24)
    assert weights(tmp_path)


def test_at_the_very_end_what_was_judged_last_is_the_best(
    with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    """The last epoch is worse than the best one, of which nothing is left, and no more are to come."""
    spec = with_options(epochs=3, learning_rate=0.02, stop_on="loss")
    wrong = TrainingData(data.train, _contrary(data.valid), data.test)
    kept = interrupted(
        spec, wrong, tmp_path, lambda event: isinstance(event, CheckpointSaved) and event.step == 24
    )
    last, best = kept.last(), kept.best()
    assert last is not None
    assert best is not None
    assert (last.state().step, best.state().step) == (24, 8)
    shutil.rmtree(best.path)
    events = gone_on(spec, wrong, tmp_path)
    assert warned(events) == [("BEST_LOST", 8)]
    assert events[-1].metrics["best_step"] == 24  # type: ignore[attr-defined]


def _contrary(rows: Any) -> Any:
    return type(rows)(rows.ids, rows.texts, tuple(1 - label for label in rows.labels))


def test_each_checkpoint_of_a_mix_holds_the_best_of_each_member(
    with_options: Specs, data: TrainingData, tmp_path: Path, every_step: None
) -> None:
    spec = with_options(epochs=2, units="both", mix="views")
    list(fit(spec, data, tmp_path / "一次"))
    out = tmp_path / "两次"
    kept = interrupted(spec, data, out, at(11))
    best = kept.best()
    assert best is not None
    shutil.rmtree(best.path)
    assert warned(gone_on(spec, data, out)) == []
    assert same(tmp_path / "一次", out)


def test_without_any_whole_one_it_is_told_what_is_wrong(
    spec: TrainingSpec, data: TrainingData, tmp_path: Path, every_step: None
) -> None:
    kept = interrupted(spec, data, tmp_path, at(11))
    for each in kept.newest_first():
        spoil(each, "training.pt")
    with pytest.raises(UserError, match="CHECKPOINT_DAMAGED") as caught:
        resumption(kept)
    assert caught.value.params["path"].endswith("step-11"), "the newest"
    assert len(kept.newest_first()) == 2, "nothing has been deleted"


def test_a_spoilt_trial_begins_anew_and_the_others_stay(
    with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    spec = dataclasses.replace(with_options(epochs=1), repetition=Repetition("seeds", 2), kind="search")
    whole = [each for each in repeat(spec, data, tmp_path / "一次") if isinstance(each, Trial)]
    out = tmp_path / "两次"
    events = repeat(spec, data, out)
    told = [next(event for event in events if isinstance(event, Trial))]
    next(event for event in events if isinstance(event, CheckpointSaved))
    events.close()
    for each in Checkpoints(out / "trials" / "0002" / "checkpoints").newest_first():
        spoil(each, "training.pt")
    again = list(repeat(spec, data, out, told=told))
    codes = [event.code for event in again if isinstance(event, Warned)]
    assert codes == ["TRIAL_ANEW"]
    trials = [event for event in again if isinstance(event, Trial)]
    assert [(each.number, each.metrics["valid_loss"]) for each in (*told, *trials)] == [
        (each.number, each.metrics["valid_loss"]) for each in whole
    ]
