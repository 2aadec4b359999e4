"""How many labels the assistant saves: most useful first against random order, on real labels.

The annotator is replayed: the labels of waimai_10k (``split_seed42.csv``, its training part) and of
chnsenticorp's ``train.tsv`` are given one after the other, in the order in which the assistant asks for them,
and in random order. Both orders use what the ``assist`` helper uses: the same hashed n-grams, the same topic
space (found from the texts of the pool alone), the same classifier, learning anew after every 20 labels (50
from 400 on); the useful order is that of ``rank``. Accuracy is counted on every row of the other parts
whose text is not in the pool, each text once; the assistant never sees these.

Reading the curves: both are looked at after the same numbers of labels; at each the median of the seeds is
taken, then the mean of five neighbouring points (fewer at the ends, as many on either side). A curve reaches
an accuracy where the straight line between two of its points first does. Pure noise would put one curve below
the other half of the time, so "never worse than random" is judged on these curves from 100 labels on.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bench
import numpy as np

from senti_studio.learning.assistant import choosing
from senti_studio.learning.assistant.cache import FeatureCache
from senti_studio.learning.assistant.classifier import Rows, learn
from senti_studio.learning.assistant.features import hash_texts
from senti_studio.learning.assistant.pool import Pool
from senti_studio.worker.assistant import FEWEST_LABELS
from senti_studio.worker.assistant_queues import useful

SEEDS = (1, 2, 3, 4, 5)
SIZES = (*range(20, 400, 20), *range(400, 2001, 50))
QUICK_SIZES = tuple(range(20, 301, 20))
FIRST_JUDGED = 100
_AROUND = 2


@dataclass(frozen=True, slots=True)
class DataSet:
    """Texts and class indices; ``goals``: (labels in random order, most labels for the same accuracy)."""

    name: str
    pool: list[str]
    classes: np.ndarray[Any, np.dtype[np.int64]]
    test: list[str]
    truth: np.ndarray[Any, np.dtype[np.int64]]
    goals: tuple[tuple[int, int], ...]


def waimai(data: Path) -> DataSet:
    """waimai_10k as ``split_seed42.csv`` splits it."""
    rows = _rows(data / "waimai_10k" / "waimai_10k.csv")
    part = {int(row["row"]): row["part"] for row in _rows(data / "waimai_10k" / "split_seed42.csv")}
    pairs = [(row["review"], int(row["label"])) for row in rows]
    return _data_set(
        "waimai_10k",
        [pair for number, pair in enumerate(pairs, 1) if part[number] == "train"],
        [pair for number, pair in enumerate(pairs, 1) if part[number] == "test"],
        ((1000, 550), (2000, 1000)),
    )


def chnsenticorp(data: Path) -> DataSet:
    """chnsenticorp, read without quoting."""

    def read(name: str) -> list[tuple[str, int]]:
        lines = (data / "chnsenticorp" / name).read_text(encoding="utf-8").split("\n")[1:]
        return [(line.split("\t", 1)[1], int(line[0])) for line in lines if line]

    rest = read("dev.tsv") + read("test.tsv")
    return _data_set("chnsenticorp", read("train.tsv"), rest, ((1000, 650), (2000, 1000)))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _data_set(
    name: str,
    pool: Sequence[tuple[str, int]],
    rest: Sequence[tuple[str, int]],
    goals: tuple[tuple[int, int], ...],
) -> DataSet:
    first = {}
    for text, label in pool:
        if text.strip():
            first.setdefault(text, label)
    held = {text: label for text, label in rest if text.strip() and text not in first}
    return DataSet(
        name, list(first), np.array(list(first.values())), list(held), np.array(list(held.values())), goals
    )


class Replay:
    """One data set in a pool of the assistant's."""

    def __init__(self, found: DataSet, folder: Path) -> None:
        self.data = found
        cache = FeatureCache(folder, found.name)
        cache.add(1, len(found.pool) + 1, range(1, len(found.pool) + 1), 1, hash_texts(found.pool))
        cache.write()
        self.pool = Pool(cache)
        while not self.pool.find_space():
            pass
        self.pool.renew()
        # What the classifier learns from is looked up once, not in every round: the rows are the same.
        self.rows = self.pool.looked_up(np.arange(self.pool.rows))
        self.test: Rows = self.pool.looked_at(found.test)

    def curve(self, sizes: Sequence[int], seed: int, *, is_useful: bool) -> list[float]:
        """The accuracy after so many labels, in one order."""
        chance = np.random.default_rng(seed)
        shuffled = chance.permutation(self.pool.rows)
        have: list[int] = []
        found: list[float] = []
        said = None
        for size in sizes:
            if is_useful:
                have += self._useful(said, have, size - len(have), chance)
            else:
                have = shuffled[:size].tolist()
            chosen = np.array(have)
            classifier = learn(self.rows.only(chosen), self.data.classes[chosen], 2)
            found.append(
                float((classifier.probabilities(self.test).argmax(axis=1) == self.data.truth).mean())
            )
            if is_useful and len(have) >= FEWEST_LABELS and classifier.known.all():
                said = classifier.probabilities(self.rows)
        return found

    def _useful(self, said: Any, have: list[int], count: int, chance: np.random.Generator) -> list[int]:
        is_open = np.ones(self.pool.rows, dtype=bool)
        is_open[have] = False
        rows = np.flatnonzero(is_open)
        judged = rows if said is not None else rows[:0]
        doubts = choosing.doubt(said[rows]) if said is not None else np.zeros(0, dtype=np.float32)
        return useful(
            self.pool, judged, doubts, count, labels=len(have), chance=chance, blind_among=rows
        )  # fmt: skip


def smooth(curves: Sequence[Sequence[float]]) -> list[float]:
    """The median of the seeds, then the mean of as many neighbours on either side."""
    middle = np.median(np.array(curves), axis=0)
    found = []
    for place in range(len(middle)):
        around = min(_AROUND, place, len(middle) - 1 - place)
        found.append(float(middle[place - around : place + around + 1].mean()))
    return found


def labels_for(curve: Sequence[float], sizes: Sequence[int], accuracy: float) -> float:
    """How many labels a curve needs for an accuracy; infinite when it never gets there."""
    for place, reached in enumerate(curve):
        if reached >= accuracy:
            if place == 0:
                return float(sizes[0])
            before = curve[place - 1]
            share = (accuracy - before) / max(reached - before, 1e-12)
            return sizes[place - 1] + share * (sizes[place] - sizes[place - 1])
    return float("inf")


def judge(
    report: bench.Report,
    found: DataSet,
    sizes: Sequence[int],
    curves: Mapping[str, Sequence[Sequence[float]]],
) -> None:
    """The figures of one data set."""
    random, best = smooth(curves["random"]), smooth(curves["useful"])
    for labels, most in found.goals:
        if labels not in sizes:
            continue
        accuracy = random[sizes.index(labels)]
        report.figure(
            f"{found.name}_labels_for_{labels}_random", labels_for(best, sizes, accuracy), "labels",
            at_most=most,
            accuracy=round(accuracy, 4), peer={"name": "random order", "labels": labels}, seeds=SEEDS,
        )  # fmt: skip
    judged = [place for place, size in enumerate(sizes) if size >= FIRST_JUDGED]
    worst = min(judged, key=lambda place: best[place] - random[place])
    report.figure(
        f"{found.name}_least_gain", 100 * (best[worst] - random[worst]), "points of accuracy", at_least=0,
        at_labels=sizes[worst], peer={"name": "random order", "accuracy": round(random[worst], 4)},
        useful={size: round(best[place], 4) for place, size in enumerate(sizes) if size in _TOLD},
        random={size: round(random[place], 4) for place, size in enumerate(sizes) if size in _TOLD},
    )  # fmt: skip


_TOLD = (60, 100, 200, 300, 500, 750, 1000, 1500, 2000)


def main() -> int:
    options = bench.parser((__doc__ or "").split("\n", 1)[0])
    options.add_argument("--picture", type=Path, help="draw the curves into this PNG file")
    options.add_argument("--curves", type=Path, help="write the curves of every seed into this JSON file")
    given = options.parse_args()
    data = bench.require_data(given.data)
    report = bench.Report(quick=given.quick)
    seeds, sizes = (SEEDS[:1], QUICK_SIZES) if given.quick else (SEEDS, SIZES)
    drawn = {}
    for found in (waimai(data),) if given.quick else (waimai(data), chnsenticorp(data)):
        with tempfile.TemporaryDirectory() as folder:
            replay = Replay(found, Path(folder))
            curves: dict[str, list[list[float]]] = {"random": [], "useful": []}
            for seed in seeds:
                for name, values in curves.items():
                    began = time.perf_counter()
                    values.append(replay.curve(sizes, seed, is_useful=name == "useful"))
                    print(f"{found.name} {name} {seed}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
            judge(report, found, sizes, curves)
            drawn[found.name] = curves
    if given.curves:
        given.curves.write_text(json.dumps({"sizes": sizes, "curves": drawn}), encoding="utf-8")
    if given.picture:
        from label_efficiency_picture import draw

        draw(given.picture, sizes, drawn)
    return report.status()


if __name__ == "__main__":
    raise SystemExit(main())
