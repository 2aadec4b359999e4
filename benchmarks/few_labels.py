"""BERT on a handful of labels: with default options through the command line alone, beside TF-IDF + logistic
regression (characters 1 to 3, C = 10) that learns from the very same comments.

waimai_10k (training part of ``split_seed42.csv``, tested on the test part) and chnsenticorp (``train.tsv``,
tested on the texts of dev and test that it does not hold): ``--labels`` comments, drawn ``--draws`` times.
``--encoder``: another one than the usual one; what stands behind ``--`` goes to the training.
"""

from __future__ import annotations

import csv
import os
import statistics
import sys
from pathlib import Path
from typing import Any

import bench
import numpy as np
from label_efficiency import DataSet, chnsenticorp, waimai
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

GAIN = 0.04
"""By which TF-IDF is to be beaten."""
NAMES = {1: "正面", 0: "负面"}
TESTED = 2000


def write(file: Path, texts: list[str], classes: list[int]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(
            [["评论", "标签"], *([text, NAMES[each]] for text, each in zip(texts, classes, strict=True))]
        )
    return file


def floor(found: DataSet, drawn: list[int], tested: list[int]) -> float:
    """Test accuracy of TF-IDF and logistic regression."""
    words = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    rows = words.fit_transform([found.pool[number] for number in drawn])
    model = LogisticRegression(C=10, max_iter=1000).fit(rows, found.classes[drawn])
    said = model.predict(words.transform([found.test[number] for number in tested]))
    return float((said == found.truth[tested]).mean())


def learn(
    place: Path, found: DataSet, drawn: list[int], tested: list[int], more: list[str]
) -> dict[str, Any]:
    """The figures of one training from the command line."""
    project = place / "少.senti"
    bench.senti("new", str(project), "--labels", "1=正面,0=负面")
    parts = (
        ("学.csv", [found.pool[each] for each in drawn], found.classes[drawn].tolist()),
        ("测.csv", [found.test[each] for each in tested], found.truth[tested].tolist()),
    )
    for name, texts, classes in parts:
        file = write(place / name, texts, classes)
        bench.senti("import", str(project), str(file), "--text-column", "评论", "--label-column", "标签")
    found_run: dict[str, Any] = bench.senti(
        "train", str(project), "--architecture", "bert", "--seed", "1", "--test-source", "测.csv", *more
    )["run"]
    return found_run


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument("--labels", type=int, nargs="+", default=[100])
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--encoder", help="a folder, or a name on the shelf")
    parser.add_argument("--dataset", choices=["waimai_10k", "chnsenticorp"], help="only this one")
    parser.add_argument("more", nargs="*", help="for the training, behind --")
    given = parser.parse_args()
    data = bench.require_data(given.data)
    report = bench.Report(quick=given.quick)
    more = [*given.more, *(("--encoder", str(Path(given.encoder).absolute())) if given.encoder else ())]
    sets, draws = [waimai(data), chnsenticorp(data)], given.draws
    if given.quick:
        sets, draws, more = sets[:1], 1, [*more, "--epochs", "1"]
    for found in sets:
        if given.dataset in (None, found.name):
            for labels in given.labels:
                measure(report, found, labels, draws, more)
    return report.status()


def measure(report: bench.Report, found: DataSet, labels: int, draws: int, more: list[str]) -> None:
    """All draws of one set: a line each, and the mean against that of TF-IDF."""
    tested = np.random.default_rng(0).permutation(len(found.test))[:TESTED].tolist()
    ours, theirs, seconds = [], [], []
    for draw in range(draws):
        drawn = np.random.default_rng(draw).permutation(len(found.pool))[:labels].tolist()
        with bench.own_home() as place:
            run = learn(place, found, drawn, tested, more)
        ours.append(run["test_accuracy"])
        theirs.append(floor(found, drawn, tested))
        seconds.append(run["seconds"])
    peer = {"name": "TF-IDF + logistic regression", "value": round(statistics.mean(theirs), 4)}
    report.figure(
        f"few_labels.{found.name}.{labels}", statistics.mean(ours), "accuracy",
        at_least=statistics.mean(theirs) + GAIN, peer=peer, draws=[round(each, 4) for each in ours],
        of_peer=[round(each, 4) for each in theirs], seconds=round(statistics.mean(seconds), 1),
        options=" ".join(more), tested=len(tested),
    )  # fmt: skip


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUTF8", "1")
    sys.exit(main())
