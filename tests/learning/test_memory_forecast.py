"""What is said about memory before the start, beside what real trainings take."""

from __future__ import annotations

import csv
import dataclasses
import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from senti_studio.domain.architectures import default_options
from senti_studio.domain.encoder_forecast import forecast_encoder
from senti_studio.domain.encoder_memory import MARKS, windows_of
from senti_studio.domain.encoder_size import EncoderSize, Machine
from senti_studio.domain.memory_forecast import PROCESS, MemoryForecast, TextSizes, fits, forecast
from senti_studio.domain.training_options import OPTIMISERS, TrainingOptions
from senti_studio.learning.batches import by_length
from senti_studio.learning.bert import windows
from senti_studio.ui.pages.train.encoders.rows import EncoderRow, Kind, expected

MEASURED = """
import json, sys
from pathlib import Path
from senti_studio.domain.specs import DataSummary, LabelName, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit

given = json.loads(sys.stdin.read())
def part(texts, first):
    numbers = range(len(texts))
    return LabelledTexts(tuple(first + n for n in numbers), tuple(texts), tuple(n % 2 for n in numbers))
texts = given["texts"]
data = TrainingData(part(texts[40:], 0), part(texts[:40], 100000))
labels = (LabelName("1", "正面"), LabelName("0", "负面"))
options = TrainingOptions(**given["options"])
spec = TrainingSpec("r", "r", given["architecture"], labels, options, "cpu", DataSummary({}, "a" * 64))
for _ in fit(spec, data, Path(sys.argv[1])):
    pass
# Not what getrusage says: that begins with the most that the starting process ever had.
status = Path("/proc/self/status").read_text()
print(int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))) * 1024)
"""


WINDOWS: dict[str, Any] = {"windows": True, "max_length": 64, "batch_size": 64, "least_steps": 1}


def measured(architecture: str, options: dict[str, Any], texts: list[str], out: Path) -> int:
    """The most memory that a process of its own had while it trained, in bytes."""
    given = {"architecture": architecture, "options": options, "texts": texts}
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(out)],
        input=json.dumps(given), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout.splitlines()[-1])


@pytest.mark.data
@pytest.mark.skipif(sys.platform != "linux", reason="the most memory of a process is counted as Linux does")
@pytest.mark.parametrize(
    ("architecture", "rows", "options"),
    [
        ("lstm", 60, {"epochs": 1, "embedding_size": 8, "hidden_size": 8}),
        ("lstm", 400, {"epochs": 1, "batch_size": 200, "least_steps": 1, "max_length": 160}),
        ("gru", 400, {"epochs": 1, "batch_size": 200, "least_steps": 1, "hidden_size": 192}),
        pytest.param(
            "bert",
            120,
            {"encoder": "scratch-mini", "epochs": 1, "batch_size": 120, "least_steps": 1},
            marks=pytest.mark.long,
        ),
        ("bert", 64, WINDOWS | {"encoder": "scratch-mini", "epochs": 1, "precision": "fp32"}),
    ],
)
def test_the_forecast_is_near_what_a_training_takes(
    architecture: str, rows: int, options: dict[str, Any], data_folder: Path, tmp_path: Path
) -> None:
    with (data_folder / "chnsenticorp" / "train.tsv").open(encoding="utf-8-sig", newline="") as file:
        read = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        texts = [row["text_a"] for row in itertools.islice(read, rows + 40)]
    sizes = TextSizes(rows, sum(map(len, texts[40:])), max(map(len, texts[40:])))
    told = forecast(architecture, TrainingOptions(**options), sizes).host
    took = measured(architecture, options, texts, tmp_path)
    assert told / 1.5 < took < told * 1.5, (told >> 20, took >> 20)
    if rows > 100:
        # Without what every process of this program takes, which is easy to tell.
        assert (told - PROCESS) / 1.8 < took - PROCESS < (told - PROCESS) * 1.8, (told >> 20, took >> 20)


def test_what_costs_memory_makes_the_forecast_larger() -> None:
    texts = TextSizes(50_000, 500_000, 900)
    usual = TrainingOptions(batch_size=128)

    def host(architecture: str = "lstm", **changes: Any) -> int:
        return forecast(architecture, dataclasses.replace(usual, **changes), texts).host

    for changes in (
        {"batch_size": 256}, {"hidden_size": 256}, {"embedding_size": 512}, {"layers": 2},
        {"max_length": 512}, {"r_drop": 1.0}, {"units": "both"},
    ):  # fmt: skip
        assert host(**changes) > host(), changes
    for changes in ({"bidirectional": False}, {"ngrams": False}, {"optimiser": "adagrad"}):
        assert host(**changes) < host(), changes
    assert host("baseline") < host("gru") < host()
    assert forecast("lstm", usual, TextSizes(50_000, 5_000_000, 900)).host > host()
    gathered = {"batch_size": 32, "accumulation": 4}
    assert host(**gathered) < host(), "gathering batches is how to learn with less"


@pytest.mark.parametrize("architecture", ["lstm", "gru", "rnn", "textcnn", "baseline"])
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_there_is_a_forecast_for_everything(architecture: str, optimiser: str) -> None:
    found = forecast(architecture, TrainingOptions(optimiser=optimiser, max_length=0), TextSizes())
    assert found.host >= PROCESS
    assert found.of("cpu") == found.of("auto") == found.host
    assert found.of("cuda:1") == found.card


def test_an_unknown_memory_is_taken_to_be_enough() -> None:
    assert fits(1 << 40, 0)
    assert fits(8 << 30, 24 << 30)
    assert not fits(23 << 30, 24 << 30)


SMALL = EncoderSize(4, 256, 4, 1024, 8_766_210, 21128)
USUAL = EncoderSize(12, 768, 12, 3072, 102_267_648, 21128)


def of_encoder(texts: TextSizes, size: EncoderSize = SMALL, **changes: Any) -> MemoryForecast:
    options = dataclasses.replace(default_options("bert", ""), least_steps=1, **changes)
    return forecast("bert", options, texts, encoder=size)


def test_a_large_batch_of_an_encoder_is_learnt_in_pieces_on_the_processor_alone() -> None:
    texts = TextSizes(5000, 2_000_000, 600)
    some, many = of_encoder(texts, batch_size=32), of_encoder(texts, batch_size=512)
    assert many.host == some.host, "both are a token budget and more"
    assert many.card > 5 * some.card
    assert of_encoder(texts, batch_size=2).host < some.host / 3


def test_layers_that_are_worked_out_again_are_not_kept() -> None:
    texts = TextSizes(5000, 2_000_000, 600)
    usual, again = of_encoder(texts, USUAL), of_encoder(texts, USUAL, gradient_checkpointing=True)
    assert again.card < usual.card / 2
    assert again.host < usual.host


def test_each_window_of_a_long_text_is_a_row() -> None:
    texts = TextSizes(500, 2_000_000, 9000)
    longer = TextSizes(500, 20_000_000, 90_000)
    given: dict[str, Any] = {"batch_size": 2, "max_length": 128}
    for device in ("cpu", "cuda"):
        cut = of_encoder(texts, **given).of(device)
        read = of_encoder(texts, **given, windows=True).of(device)
        assert read > 1.05 * cut
        assert of_encoder(longer, **given, windows=True).of(device) == read, "half a pass at a time"
    short = TextSizes(500, 20_000, 100)
    assert of_encoder(short, max_length=128, windows=True) == of_encoder(short, max_length=128)


@pytest.mark.parametrize("units", [3, 63, 64, 65, 110, 111, 200, 5000])
def test_windows_are_counted_as_they_are_made(units: int) -> None:
    options = TrainingOptions(encoder="", max_length=64, windows=True, window_overlap=0.25)
    made = windows.windows_of(np.arange(units - MARKS, dtype=np.int32), 64 - MARKS, 0.25)
    assert windows_of(units, options) == (min(64, units), len(made))


def test_check_card_and_page_say_the_same() -> None:
    usual = default_options("bert", "某个")
    options = dataclasses.replace(usual, batch_size=16, max_length=128, least_steps=1)
    texts = TextSizes(1000, 126_000, 126)
    machine = Machine(64 << 30, 1e11)
    row = EncoderRow(Kind.SHELF, "某个", "某个", size=USUAL, longest=512)
    shown = expected(row, options, texts, machine, judged=100)
    assert shown is not None
    checked = forecast_encoder(USUAL, machine, batch=16, length=128)
    assert shown.memory == checked.training == of_encoder(texts, USUAL, batch_size=16, max_length=128).host
    assert checked.classifying < checked.training / 4


def test_no_more_is_forecast_than_an_encoder_can_read() -> None:
    size = dataclasses.replace(SMALL, longest=128)
    options = default_options("bert", "某个")
    texts = TextSizes(1000, 126_000, 900)
    row = EncoderRow(Kind.SHELF, "某个", "某个", size=size, longest=128)
    shown = expected(row, options, texts, Machine(64 << 30, 1e11), judged=100)
    assert shown is not None
    assert shown.memory == forecast("bert", options, texts, encoder=size).host
    assert shown.memory < forecast("bert", options, texts, encoder=SMALL).host


def test_what_is_judged_keeps_the_budget_too() -> None:
    lengths = np.array([500] * 300 + [20] * 300, dtype=np.int64)
    found = by_length(lengths, batch_size=256, units=16_384)
    assert sorted(np.concatenate(found).tolist()) == list(range(600))
    assert max(len(rows) * int(lengths[rows].max()) for rows in found) <= 16_384
    assert [len(rows) for rows in by_length(lengths, batch_size=256)] == [256, 256, 88]
