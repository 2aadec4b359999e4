"""What a net has read is kept for the next training of the same texts: the same model, nothing read twice."""

from __future__ import annotations

import dataclasses
import os
import time
import zipfile
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import Event, Preparing, Warned
from senti_studio.learning import kept_readings
from senti_studio.learning.architectures import architecture
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.kept_readings import (
    LEARNT_ONLY,
    KeptReadings,
    key_of_training,
    texts_from,
    to_arrays,
)
from senti_studio.learning.reading import Reading, read_in
from senti_studio.text.encoding import TextEncoder

Specs = Callable[..., TrainingSpec]


@pytest.fixture
def kept(data: TrainingData, tmp_path: Path) -> TrainingData:
    (tmp_path / "项目").mkdir()
    return dataclasses.replace(
        data, cache=tmp_path / "项目" / "cache" / "readings", unlabelled=("住过几次",) * 3
    )


def _read(spec: TrainingSpec, data: TrainingData, place: Path) -> tuple[Reading, list[Event]]:
    events: list[Event] = []
    going = read_in(architecture(spec.architecture), spec, data, Checkpoints(place))
    while True:
        try:
            events.append(next(going))
        except StopIteration as end:
            return end.value, events


def _has_read(events: list[Event]) -> bool:
    return any(isinstance(event, Preparing) and event.stage in ("segmenting", "vectors") for event in events)


def _same(one: Reading, other: Reading) -> bool:
    assert isinstance(one.encoder, TextEncoder)
    assert isinstance(other.encoder, TextEncoder)
    ours, theirs = to_arrays(one.train), to_arrays(other.train)
    return (
        one.encoder.to_json() == other.encoder.to_json()
        and one.facts == other.facts
        and ours.keys() == theirs.keys()
        and all(np.array_equal(ours[name], theirs[name]) for name in ours)
        and len(one.tables) == len(other.tables)
        and all(np.array_equal(*pair) for pair in zip(one.tables, other.tables, strict=True))
    )


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"units": "both", "vectors": "project", "embedding_size": 8},
        {"units": "characters", "ngrams": False, "simplified": True},
    ],
)
def test_what_was_read_before_is_the_same_to_the_bit(
    with_options: Specs, kept: TrainingData, tmp_path: Path, options: dict[str, Any]
) -> None:
    spec = with_options(**options)
    first, events = _read(spec, kept, tmp_path / "一")
    assert _has_read(events)
    again, later = _read(with_options(**options, learning_rate=0.5, hidden_size=32), kept, tmp_path / "二")
    assert not _has_read(later)
    assert _same(first, again)
    told = [dataclasses.replace(event, at=0.0) for event in events if isinstance(event, Warned)]
    assert told == [dataclasses.replace(event, at=0.0) for event in later]
    plain, _ = _read(spec, dataclasses.replace(kept, cache=None), tmp_path / "三")
    assert _same(first, plain)


def test_a_training_of_the_same_texts_makes_the_same_model_without_reading_them(
    with_options: Specs, kept: TrainingData, tmp_path: Path
) -> None:
    spec = with_options(epochs=1)
    events = [list(fit(spec, kept, tmp_path / name)) for name in ("一", "二")]
    assert [_has_read(each) for each in events] == [True, False]
    first, second = (
        (tmp_path / name / "model" / "weights.safetensors").read_bytes() for name in ("一", "二")
    )
    assert first == second


def test_options_that_are_left_out_of_the_key_change_nothing_that_is_read(
    with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    base = with_options(vectors="project", units="both")
    other: dict[str, Any] = {}
    for name in LEARNT_ONLY:
        value = getattr(base.options, name)
        other[name] = (
            not value if isinstance(value, bool) else f"{value}?" if isinstance(value, str) else value + 1
        )
    changed = dataclasses.replace(base, options=dataclasses.replace(base.options, **other))
    assert _same(_read(base, data, tmp_path / "一")[0], _read(changed, data, tmp_path / "二")[0])


@pytest.mark.parametrize(
    "changed",
    [
        {"units": "characters"}, {"ngrams": False}, {"min_frequency": 3}, {"max_length": 20},
        {"truncation": "tail"}, {"full_width": False}, {"simplified": True}, {"links": False},
        {"user_names": False}, {"repeats": 2}, {"own_words": "大堂吧"}, {"vectors": "project"},
        {"mix": "views"},
    ],
)  # fmt: skip
def test_whatever_changes_what_is_read_is_another_reading(changed: dict[str, Any]) -> None:
    texts = ["房间很大", "服务热情"]
    options = TrainingOptions()
    key = key_of_training("lstm", options, texts, ["早餐"])
    assert key_of_training("lstm", dataclasses.replace(options, **changed), texts, ["早餐"]) != key


def test_whatever_other_texts_are_another_reading(tmp_path: Path) -> None:
    options = TrainingOptions(vectors="project")
    own = dataclasses.replace(options, seed=1)
    file = tmp_path / "词向量.txt"
    file.write_text("房间 1 2", "utf-8")
    filed = dataclasses.replace(options, vectors="file", vectors_file=str(file))
    keys = {
        key_of_training("lstm", options, ["房间", "很大"], []),
        key_of_training("lstm", options, ["房间很", "大"], []),
        key_of_training("lstm", options, ["很大", "房间"], []),
        key_of_training("lstm", options, ["房间"], ["很大"]),
        key_of_training("baseline", options, ["房间", "很大"], []),
        key_of_training("lstm", own, ["房间", "很大"], []),
        key_of_training("lstm", filed, ["房间", "很大"], []),
    }
    written = file.stat().st_mtime_ns
    file.write_text("房间 1 2 3", "utf-8")
    keys.add(key_of_training("lstm", filed, ["房间", "很大"], []))
    assert len(keys) == 8
    if os.name == "posix":
        time.sleep(0.02)
        file.write_text("房间 1 2 4", "utf-8")
        os.utime(file, ns=(written, written))
        again = key_of_training("lstm", filed, ["房间", "很大"], [])
        time.sleep(0.02)
        file.write_text("房间 1 2 5", "utf-8")
        os.utime(file, ns=(written, written))
        assert key_of_training("lstm", filed, ["房间", "很大"], []) != again


def test_a_damaged_reading_is_read_again_and_mended(
    with_options: Specs, kept: TrainingData, tmp_path: Path
) -> None:
    assert kept.cache is not None
    first, _ = _read(with_options(), kept, tmp_path / "一")
    (path,) = kept.cache.glob("*.npz")
    whole = path.read_bytes()
    for damaged in (b"", whole[:-100], whole[:2000] + bytes([whole[2000] ^ 1]) + whole[2001:], b"PK" * 50):
        path.write_bytes(damaged)
        again, events = _read(with_options(), kept, tmp_path / "二")
        assert _has_read(events)
        assert _same(first, again)
        assert path.read_bytes() == whole


def test_any_bit_of_the_list_of_arrays_may_flip(tmp_path: Path) -> None:
    key, numbers = "a" * 32, np.arange(3, dtype=np.int32)
    kept = KeptReadings(tmp_path)
    kept.keep(key, {"numbers": numbers})
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for bit in range(8 * whole.index(b"PK\1\2"), 8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        found = kept.find(key)
        assert found is None or np.array_equal(found.get("numbers", numbers), numbers)


def test_what_is_no_file_of_ours_is_not_believed(tmp_path: Path) -> None:
    kept, some = KeptReadings(tmp_path), {"numbers": np.arange(3)}
    one, other = tmp_path / f"{'a' * 32}.npz", tmp_path / f"{'b' * 32}.npz"
    kept.keep(one.stem, some)
    kept.keep(other.stem, some)
    one.replace(other)
    assert kept.find(other.stem) is None  # it was kept under another key
    with other.open("wb") as file:
        np.save(file, np.arange(3))
    assert kept.find(other.stem) is None
    with zipfile.ZipFile(other, "w") as packed:
        packed.writestr("numbers", b"1")
    assert kept.find(other.stem) is None
    other.unlink()
    if hasattr(os, "mkfifo"):
        os.mkfifo(other)
        assert kept.find(other.stem) is None
    kept.keep(other.stem, some)
    assert kept.find(other.stem) is not None


@pytest.mark.parametrize("said", [b"", b"[]", b"{}", b'{"encoder": [], "facts": {}}', b"[" * 100_000])
def test_what_is_no_reading_is_not_believed(
    with_options: Specs, kept: TrainingData, tmp_path: Path, said: bytes
) -> None:
    assert kept.cache is not None
    first, _ = _read(with_options(), kept, tmp_path / "一")
    (path,) = kept.cache.glob("*.npz")
    with np.load(path) as found:
        arrays = dict(found)
    KeptReadings(kept.cache).keep(path.stem, {**arrays, "said": np.frombuffer(said, dtype=np.uint8)})
    again, events = _read(with_options(), kept, tmp_path / "二")
    assert _has_read(events)
    assert _same(first, again)


def test_numbers_that_no_vocabulary_has_are_not_believed(
    with_options: Specs, data: TrainingData, tmp_path: Path
) -> None:
    reading, _ = _read(with_options(), data, tmp_path)
    encoder = reading.encoder
    assert isinstance(encoder, TextEncoder)
    sound = to_arrays(reading.train)
    rows = len(reading.train)
    assert texts_from(sound, encoder, rows) is not None
    assert texts_from(sound, encoder, rows + 1) is None
    for name, wrong in (
        ("ids0", sound["ids0"] + len(encoder.vocabularies[0])),
        ("ids0", sound["ids0"].astype(np.float32)),
        ("ngrams", sound["ngrams"] - 1_000_000),
        ("offsets0", sound["offsets0"][::-1].copy()),
        ("weights", sound["weights"][:-1]),
    ):
        assert texts_from({**sound, name: wrong}, encoder, rows) is None
    assert texts_from({"ids0": sound["ids0"]}, encoder, rows) is None


@pytest.mark.skipif(os.name == "nt", reason="Windows moves no folder in which a process works")
def test_a_run_keeps_its_readings_in_the_project_it_lies_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "酒店.senti"
    run = project / "runs" / "运行 一" / "data"
    run.mkdir(parents=True)
    (run / "train.jsonl").write_text('{"id": 1, "text": "房间", "label": 0}\n', "utf-8")
    assert TrainingData.read(run, classes=2).cache is None
    (project / "project.db").touch()
    found = TrainingData.read(run, classes=2).cache
    assert found is not None
    assert found.resolve() == project / "cache" / "readings"
    monkeypatch.chdir(run.parent)
    from_within = TrainingData.read(Path("data"), classes=2).cache
    moved = project.rename(tmp_path / "搬走.senti")
    for cache in (found, from_within):
        KeptReadings(cache).keep("a", {"numbers": np.zeros(3)})
    assert (moved / "cache" / "readings" / "a.npz").is_file()
    assert not project.exists(), "it does not rise again where it was"


def test_only_so_much_is_kept_and_what_was_used_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_readings, "MOST_BYTES", 10_000)
    kept = KeptReadings(tmp_path)
    some = {"numbers": np.zeros(500)}  # 4 kB and what a zip adds
    half = tmp_path / f"{'e' * 32}.1.tmp"
    half.write_bytes(b"half")
    os.utime(half, (1, 1))
    (tmp_path / "影片.npz").write_bytes(b"x" * 20_000)  # of somebody else
    os.utime(tmp_path / "影片.npz", (1, 1))
    a, b, c, d = (letter * 32 for letter in "abcd")
    for number, key in enumerate((a, b, c)):
        kept.keep(key, some)
        if key != c:
            os.utime(tmp_path / f"{key}.npz", (time.time() - 100 + number,) * 2)
        if key == b:
            assert kept.find(a) is not None  # now it was used later than b
    assert kept.find(b) is None
    assert kept.find(a) is not None
    assert kept.find(c) is not None
    assert not list(tmp_path.glob("*.tmp"))
    kept.keep(d, {"numbers": np.zeros(700)})  # more than half
    assert kept.find(d) is None
    assert (tmp_path / "影片.npz").exists()


def test_a_nearly_full_disk_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(kept_readings.shutil, "disk_usage", lambda _: usage(1, 1, 10_000))
    KeptReadings(tmp_path).keep("a", {"numbers": np.zeros(1000)})
    assert not list(tmp_path.iterdir())


def test_texts_without_units_are_kept_too(with_options: Specs, kept: TrainingData, tmp_path: Path) -> None:
    odd = LabelledTexts(kept.train.ids[:3], ("", "😀", "\ud800"), (0, 1, 0))
    data = dataclasses.replace(kept, train=odd)
    first, _ = _read(with_options(), data, tmp_path / "一")
    again, events = _read(with_options(), data, tmp_path / "二")
    assert not _has_read(events)
    assert _same(first, again)
