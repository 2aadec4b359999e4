"""What word vectors add: LSTM with default options on waimai_10k by ``split_seed42.csv``, without vectors,
with those learnt on all comments at hand (``project``), and with the Tencent character vectors (``file``).

The comments without labels are reviews of other sets (corpus/reviews_other); none equals a test text.
Accuracy on the test part, the mean over seeds, with ``--labels`` labelled comments or all of them.
"""

from __future__ import annotations

import csv
import itertools
import lzma
import random
import statistics
import tempfile
import time
from pathlib import Path

import bench
import torch

from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import Finished
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.fit import fit

LABELS = (LabelName("0", "负面"), LabelName("1", "正面"))


def rows_of(data: Path) -> dict[str, list[tuple[str, int]]]:
    """Part of the split -> (text, class); the training part in an order of its own."""
    with (data / "waimai_10k" / "waimai_10k.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["review"], int(row["label"])) for row in csv.DictReader(file)]
    with (data / "waimai_10k" / "split_seed42.csv").open(encoding="utf-8-sig", newline="") as file:
        part_of = {int(row["row"]): row["part"] for row in csv.DictReader(file)}
    found: dict[str, list[tuple[str, int]]] = {"train": [], "test": [], "repeat": []}
    for number, row in enumerate(rows, 1):
        found[part_of[number]].append(row)
    random.Random(0).shuffle(found["train"])
    return found


def labelled(rows: list[tuple[str, int]]) -> LabelledTexts:
    return LabelledTexts(
        tuple(range(len(rows))), tuple(row[0] for row in rows), tuple(row[1] for row in rows)
    )


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument("--labels", type=int, default=500)
    parser.add_argument("--unlabelled", type=int, default=30_000)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    data = bench.require_data(given.data)
    torch.set_num_threads(1)
    report = bench.Report(quick=given.quick)
    seeds, count = (1, 3000) if given.quick else (given.seeds, given.unlabelled)
    with lzma.open(data / "corpus" / "reviews_other.txt.xz", "rt", encoding="utf-8", newline="\n") as file:
        others = tuple(line.rstrip("\n") for line in itertools.islice(file, count))
    rows = rows_of(data)
    valid = rows["train"][::10][: max(100, given.labels // 9)]
    train = [row for number, row in enumerate(rows["train"]) if number % 10][: given.labels]
    tencent = str(data / "embeddings" / "tencent_char_200d_f32.npz")
    plain = 0.0
    for vectors, path in (("none", ""), ("project", ""), ("file", tencent)):
        reached, seconds, covered = [], [], 0.0
        for seed in range(seeds):
            options = TrainingOptions(seed=seed, vectors=vectors, vectors_file=path)
            known = TrainingData(labelled(train), labelled(valid), labelled(rows["test"]), others)
            spec = TrainingSpec("run", vectors, "lstm", LABELS, options, "cpu")
            began = time.process_time()
            with tempfile.TemporaryDirectory() as folder:
                end = list(fit(spec, known, Path(folder)))[-1]
            assert isinstance(end, Finished)
            seconds.append(time.process_time() - began)
            reached.append(end.metrics["test_accuracy"])
            covered = end.metrics.get("vectors_running", 0.0)
        mean = statistics.mean(reached)
        plain = plain or mean
        report.figure(
            f"accuracy with {len(train)} labels, vectors: {vectors}", mean, "share",
            at_least=plain if vectors != "none" else None,
            per_seed=[round(each, 4) for each in reached], cpu_seconds=round(statistics.mean(seconds), 1),
            vectors_running=round(covered, 4), unlabelled=count if vectors != "none" else 0,
        )  # fmt: skip
    return report.status()


if __name__ == "__main__":
    raise SystemExit(main())
