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

import pytest

from senti_studio.domain.memory_forecast import PROCESS, TextSizes, fits, forecast
from senti_studio.domain.training_options import OPTIMISERS, TrainingOptions

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
        ("bert", 120, {"encoder": "scratch-mini", "epochs": 1, "batch_size": 120, "least_steps": 1}),
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
