"""How long a training takes, as earlier ones on this machine say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from encoder_files import CONFIG, write_encoder

from senti_studio.domain.adapt_forecast import forecast_adapting
from senti_studio.domain.adapting import AdaptOptions, AdaptSpec
from senti_studio.domain.encoder_forecast import forecast_encoder, seconds_to_train
from senti_studio.domain.encoder_memory import scratch_size
from senti_studio.domain.encoder_size import EncoderSize, Machine, PastRun
from senti_studio.domain.encoder_speed import OF_THE_PROCESSOR, speed_of
from senti_studio.domain.specs import DataSummary, LabelName, TrainingSpec
from senti_studio.domain.teaching import Teaching
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.domain.transfer import EarlierModel
from senti_studio.jobs.protocol import Evaluated, Event, Progress, Started
from senti_studio.operations import encoders
from senti_studio.shelf import speeds, store
from senti_studio.worker.speed_note import SpeedNote

MINI = EncoderSize(4, 256, 4, 1024, 4_700_000, 6000)
TEXTS = ["味" * 38] * 500
LABELS = (LabelName("a", "好"), LabelName("b", "差"))


def run(operations: float, *, kind: str = "train", device: str = "cpu", length: float = 40.0) -> PastRun:
    return PastRun(kind, device, MINI.layers, MINI.width, MINI.inner, length, operations)


def spec(**options: object) -> TrainingSpec:
    chosen = replace(TrainingOptions(encoder="scratch-mini", max_length=128, epochs=4), **options)  # type: ignore[arg-type]
    return TrainingSpec("一", "一", "bert", LABELS, chosen, data=DataSummary({"train": 500, "valid": 100}))


def went(note: SpeedNote, *, seconds: float, epochs: float = 4.0, device: str = "cpu") -> None:
    """A training whose first progress is told after a tenth of an epoch."""
    events: list[Event] = [Started(device=device), Progress(step=2, epoch=0.1, elapsed=1.0)]
    for epoch in range(1, round(epochs)):
        step = epoch * 20
        events += [
            Progress(step=step, epoch=epoch, elapsed=1.0 + seconds * epoch / epochs),
            Evaluated(epoch=epoch, step=step),
            Evaluated(epoch=epoch, step=step, split="test"),
        ]
    events.append(Progress(step=round(20 * epochs), epoch=epochs, elapsed=1.0 + seconds))
    for event in events:
        note.take(event)
    note.keep()


def test_the_next_training_takes_as_long_as_the_last_ones_did() -> None:
    size = scratch_size("scratch-mini", 20_000)
    slow = Machine(8 << 30, 1e13)  # a processor of which much is expected
    before = seconds_to_train(size, slow, spec().options, rows=500, judged=100, length=40)
    assert before.runs == 0
    for seconds in (50.0, 60.0, 400.0):  # once something else was at work, too
        went(SpeedNote(spec(), TEXTS), seconds=seconds)
    here = replace(slow, past=speeds.past_runs())
    found = seconds_to_train(size, here, spec().options, rows=500, judged=100, length=40)
    assert found.runs == 3
    assert found.seconds == pytest.approx(60 * 4 / 3.9, rel=0.1), "the median, evaluations and all"
    assert found.seconds > 20 * before.seconds
    longer = seconds_to_train(size, here, spec(epochs=8).options, rows=1000, judged=100, length=40)
    assert 3.5 < longer.seconds / found.seconds < 4.1
    checked = forecast_encoder(size, here, batch=16, length=40)
    assert checked.runs == 3
    assert checked.training_s == pytest.approx(found.seconds / 4 * 2 * 30 / 31, rel=0.1), "1,000 texts"
    assert encoders.machine().past == here.past


def test_only_what_is_alike_counts() -> None:
    past = (
        *(run(1e9 * n, length=400) for n in range(1, 4)),
        *(run(1e10 * n) for n in range(1, 8)),
        run(7.0, kind="adapt"),
        run(8.0, device="cuda"),
        replace(run(9.0), width=128),
    )
    here = Machine(8 << 30, 1e11, past=past)
    assert speed_of(MINI, here, kind="train", length=50).operations == 5e10, "the last five of that length"
    assert speed_of(MINI, here, kind="train", length=300).operations == 2e9
    assert speed_of(MINI, here, kind="train", length=2).operations == 5e10, "better than none"
    assert speed_of(MINI, here, kind="adapt", length=40) == speed_of(MINI, here, kind="adapt", length=9)
    assert speed_of(MINI, replace(here, device="cuda:1"), kind="train", length=40).operations == 8.0
    other = speed_of(replace(MINI, layers=6), here, kind="train", length=40)
    assert (other.operations, other.runs) == (1e11 * OF_THE_PROCESSOR, 0)
    adapting = forecast_adapting(MINI, here, tokens=1000, length=40, mask_share=0.2)
    assert (adapting.runs, adapting.seconds > 1e6) == (1, True)


def test_an_adaptation_is_noted_as_fast_as_it_read(tmp_path: Path) -> None:
    entry = store.add_folder(write_encoder(tmp_path / "小", {**CONFIG, "intermediate_size": 64}))
    told = AdaptSpec("二", "二", "新", AdaptOptions(encoder=entry.name), rows={"train": 100})
    note = SpeedNote(told)
    for event in (
        Started(device="cpu"),
        Progress(step=1, epoch=0.0, tokens=0, elapsed=2.0),
        Progress(step=50, epoch=2.0, tokens=6000, elapsed=32.0),
    ):
        note.take(event)
    note.keep()
    (kept,) = speeds.past_runs()
    assert (kept.kind, kept.layers, kept.width, kept.inner, kept.length) == ("adapt", 2, 16, 64, 30.0)
    size = speeds.size_for_adapting(entry.name)
    here = Machine(8 << 30, 1e12, past=(kept,))
    found = forecast_adapting(size, here, tokens=6000, length=30, mask_share=0.2)
    assert (round(found.rate), round(found.seconds), found.runs) == (200, 30, 1)


def test_what_says_nothing_is_not_noted() -> None:
    model = EarlierModel("旧", "旧")
    taught = replace(spec(), teaching=Teaching(model=model))
    for told in (
        spec(freeze="body"),
        replace(spec(), architecture="lstm"),
        taught,
        replace(spec(), start=model),
    ):
        went(SpeedNote(told, TEXTS), seconds=60)
    went(SpeedNote(spec(), TEXTS), seconds=0.2)
    went(SpeedNote(spec(encoder="没有这个"), TEXTS), seconds=60)
    for device in ("cpu:2", "cuda:all", ""):
        went(SpeedNote(spec(), TEXTS), seconds=60, device=device)
    SpeedNote(spec(), TEXTS).keep()
    assert speeds.past_runs() == ()
    went(SpeedNote(spec(), TEXTS), seconds=60, device="cuda:1")
    assert [each.device for each in speeds.past_runs()] == ["cuda"]


def test_the_notes_stay_few_and_broken_ones_are_left_out(home: Path) -> None:
    file = home / "cache" / speeds.FILE
    for number in range(600):
        speeds.keep(run(1e10 + number))
    assert file.stat().st_size < 80_000
    kept = speeds.past_runs()
    assert len(kept) == 200
    assert kept[-1].operations == 1e10 + 599
    with file.open("ab") as target:
        target.write(b'\xff{"kind"\n[1]\n{"kind": "train", "device": "cpu", "layers": "x"}\n')
        line = (
            '{"kind":"train","device":"cpu","layers":4,"width":256,"inner":1024,"length":4,"operations":%s}\n'
        )
        target.writelines((line % value).encode() for value in ("NaN", "-1", "0", "1e999", "5"))
    assert speeds.past_runs()[-1].operations == 5
    assert len(speeds.past_runs()) == 200 - 8 + 1
    file.unlink()
    file.mkdir()
    assert speeds.past_runs() == ()
    went(SpeedNote(spec(), TEXTS), seconds=60)  # no trouble for the training
    file.rmdir()
    file.parent.rmdir()
    file.parent.write_bytes(b"")
    assert speeds.past_runs() == (), "nor where there can be no cache"
