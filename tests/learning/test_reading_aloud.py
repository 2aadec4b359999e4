"""While texts are read, minutes of them, a run says how far it is and can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.protocol import Event, Preparing
from senti_studio.learning.architectures import architecture
from senti_studio.learning.beside import Watch, WatchedTexts, beside
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.reading import read_in

Specs = Callable[..., TrainingSpec]
MANY = 30_000


@pytest.fixture
def much(data: TrainingData) -> TrainingData:
    texts = tuple(f"{data.train.texts[number % len(data.train)]}第{number}单" for number in range(MANY))
    return TrainingData(LabelledTexts(tuple(range(MANY)), texts, (0, 1) * (MANY // 2)), data.valid, data.test)


@pytest.mark.parametrize("key", ["lstm", "baseline"])
def test_word_comes_while_texts_are_read(
    key: str, with_options: Specs, much: TrainingData, tmp_path: Path
) -> None:
    spec = with_options(architecture=key)
    events = list(read_in(architecture(key), spec, much, Checkpoints(tmp_path / "断点")))
    said = [event for event in events if isinstance(event, Preparing)]
    assert said[0] == said[0].__class__(stage="segmenting", total=MANY, at=said[0].at)
    assert any(event.done > 1 for event in said)
    assert said[-1].stage == "vocabulary"
    begins = [event.stage for event in said if not event.done]
    assert len(begins) == len(set(begins)), "the log has one line for each"


def test_who_is_stopped_while_texts_are_read_leaves_nothing(
    with_options: Specs, much: TrainingData, tmp_path: Path
) -> None:
    checkpoints = Checkpoints(tmp_path / "断点")
    events = read_in(architecture("lstm"), with_options(), much, checkpoints)
    for _ in range(2):
        next(events)
    events.close()
    assert not checkpoints.folder.exists()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("beside")]


def test_passes_have_names(tmp_path: Path) -> None:
    """Both passes go on when they have been seen."""
    seen, texts = threading.Event(), ["好"] * 600

    def work(watch: Watch) -> int:
        for _ in range(3):
            for number, _ in enumerate(WatchedTexts(texts, watch)):
                if number == 300:
                    assert seen.wait(30)
                    seen.clear()
        return 7

    found: list[tuple[str, int]] = []

    def drive() -> int:
        events = beside(["切词", "词表"], 600, work)
        while True:
            try:
                event: Event = next(events)
            except StopIteration as end:
                return int(end.value)
            assert isinstance(event, Preparing)
            found.append((event.stage, event.done))
            if event.done == 256:
                seen.set()

    assert drive() == 7
    assert [each for each in dict.fromkeys(found) if each[1] in (0, 256)] == [
        ("切词", 0), ("切词", 256), ("词表", 0), ("词表", 256),
    ]  # fmt: skip


def test_what_goes_wrong_beside_is_raised() -> None:
    def work(watch: Watch) -> None:
        raise ValueError("坏了")

    with pytest.raises(ValueError, match="坏了"):
        list(beside(["切词"], 1, work))
