"""What the label-budget curve promises, and what comes true: from 1,000 random labels to 1,200 and to 2,000.

The curve is measured as the window does it (cross-validation, no test set), on labels drawn at random from
the training part of each set. The truth is the macro F1 of the same classifier on all other comments of the
set that share no text with the labels; the peer draws a straight line through the last two measured points.
There is no goal: the error and how often the truth lies in the 95 % interval are reported as they are.
"""

from __future__ import annotations

import csv
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import bench
import numpy as np

from senti_studio.domain.comments import text_keys
from senti_studio.domain.label_budget import BudgetCurve
from senti_studio.domain.metrics import confusion_matrix, figures
from senti_studio.learning.label_budget import Judge, Labels, conclude, measure
from senti_studio.learning.quick_judge import quick_judge

NOW = 1000
LATER = (1200, 2000)
OTHERS = 4000
"""As many unlabelled comments as the window gives it."""
SEEDS, QUICK_SEEDS = 8, 2


@dataclass(frozen=True, slots=True)
class Set:
    """All labelled comments of a set: texts and class indices; copies have one key."""

    name: str
    texts: list[str]
    classes: np.ndarray
    keys: np.ndarray

    @classmethod
    def of(cls, name: str, rows: list[tuple[str, int]]) -> Set:
        texts = [text for text, _ in rows]
        return cls(name, texts, np.array([each for _, each in rows]), np.array(text_keys(texts)))


def waimai(data: Path) -> Set:
    with (data / "waimai_10k" / "waimai_10k.csv").open(encoding="utf-8", newline="") as file:
        return Set.of("waimai_10k", [(row["review"], int(row["label"])) for row in csv.DictReader(file)])


def chnsenticorp(data: Path) -> Set:
    with (data / "chnsenticorp" / "train.tsv").open(encoding="utf-8", newline="\n") as file:
        pairs = [line.rstrip("\n").split("\t", 1) for line in file][1:]
    return Set.of("chnsenticorp", [(text, int(label)) for label, text in pairs])


def smp(data: Path) -> Set:
    place = {"positive": 0, "neutral": 1, "negative": 2}
    path = data / "smp2020_virus_3class" / "train.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["text"], place[row["label"]]) for row in csv.DictReader(file)]
    return Set.of("smp2020_virus_3class", rows)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One seed: what was promised for each later number of labels, what came, and the straight line."""

    curve: BudgetCurve
    real: dict[int, float]
    straight: dict[int, float]
    seconds: float


def macro_f1(judge: Judge, found: Set, learnt: np.ndarray, asked: np.ndarray) -> float:
    said = judge(learnt, asked)
    pairs = zip(found.classes[asked].tolist(), said.tolist(), strict=True)
    return figures(confusion_matrix(pairs, int(found.classes.max()) + 1)).macro_f1


def try_once(found: Set, seed: int) -> Outcome:
    order = np.random.default_rng(seed).permutation(len(found.texts))
    count = int(found.classes.max()) + 1
    mine, later = order[:NOW], order[: LATER[-1]]
    begun = time.perf_counter()
    labels = Labels(found.classes[mine], found.keys[mine], np.zeros(NOW, dtype=bool))
    unlabelled = [found.texts[row] for row in order[LATER[-1] : LATER[-1] + OTHERS]]
    judge = quick_judge([found.texts[row] for row in mine], labels.classes, count, others=unlabelled)
    curve = conclude(labels, measure(labels, judge, seed=seed), range(1, count + 1), seed=seed)
    seconds = time.perf_counter() - begun
    # One judge for all numbers: the classifier before and after differs in its labels only.
    whole = quick_judge(found.texts, found.classes, count)
    free = order[LATER[-1] :]
    asked = free[~np.isin(found.keys[free], found.keys[later])]
    scores = {number: macro_f1(whole, found, order[:number], asked) for number in (NOW, *LATER)}
    before, last = curve.points[-2:]
    slope = (last.score - before.score) / (last.labels - before.labels)
    return Outcome(
        curve,
        {number: scores[number] - scores[NOW] for number in LATER},
        {number: slope * (number - NOW) for number in LATER},
        seconds,
    )


def report_set(report: bench.Report, found: Set, seeds: int) -> None:
    outcomes = [try_once(found, seed) for seed in range(seeds)]
    for number in LATER:
        promised = [next(gain for gain in each.curve.gains if gain.more == number - NOW) for each in outcomes]
        real = [each.real[number] for each in outcomes]
        errors = [100 * (gain.gain - truth) for gain, truth in zip(promised, real, strict=True)]
        straight = [100 * (each.straight[number] - each.real[number]) for each in outcomes]
        inside = [gain.low <= truth <= gain.high for gain, truth in zip(promised, real, strict=True)]
        report.figure(
            f"label_budget_error_{found.name}_{number}",
            statistics.fmean(map(abs, errors)),
            "hundredths of macro F1, mean absolute error",
            peer={"name": "straight line", "value": round(statistics.fmean(map(abs, straight)), 3)},
            mean_error=round(statistics.fmean(errors), 3),
            promised=round(statistics.fmean(100 * gain.gain for gain in promised), 3),
            margin=round(statistics.fmean(100 * gain.margin for gain in promised), 3),
            came_true=round(100 * statistics.fmean(real), 3),
            in_interval=f"{sum(inside)} of {len(inside)}",
            seconds=round(statistics.median(each.seconds for each in outcomes), 1),
        )


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"how many (default {SEEDS})")
    given = parser.parse_args()
    data = bench.require_data(given.data)
    report = bench.Report(quick=given.quick)
    sets = (waimai,) if given.quick else (waimai, chnsenticorp, smp)
    for read in sets:
        report_set(report, read(data), QUICK_SEEDS if given.quick else given.seeds)
    return report.status()


if __name__ == "__main__":
    raise SystemExit(main())
