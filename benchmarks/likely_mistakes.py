"""How many labels that were turned round stand first in *likely mistakes*: 5 % of chnsenticorp train, the
first 480 comments that the assistant's helper lists.

A real project and a real helper process, as the window uses it. Peer, in the same run and on the same labels:
plain confident learning (Northcutt et al. 2021) over TF-IDF + logistic regression in five folds.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bench

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.labels import labels_from_names
from senti_studio.storage.project import Project

SEEDS = (11, 12, 13)
SHARE = 0.05
GOAL = 0.7
QUICK_ROWS = 1500


def read(data: Path) -> tuple[list[str], list[int]]:
    """Texts and labels (0 | 1); read without quoting, as the data wants it."""
    lines = (data / "chnsenticorp" / "train.tsv").read_text("utf-8").split("\n")[1:]
    rows = [line.split("\t", 1) for line in lines if line]
    return [text for _, text in rows], [int(label) for label, _ in rows]


def turned(labels: Sequence[int], seed: int) -> tuple[list[int], set[int]]:
    """The labels with a share of them turned round, and which rows these are."""
    wrong = set(random.Random(seed).sample(range(len(labels)), round(SHARE * len(labels))))
    return [1 - label if row in wrong else label for row, label in enumerate(labels)], wrong


def make_project(folder: Path, texts: Sequence[str], labels: Sequence[int]) -> list[int]:
    """A project with these labels; returns the id of the comment of each row."""
    with Project.create(folder, labels=labels_from_names((("0", "负面"), ("1", "正面")))) as project:
        source = project.sources.begin(SourceDraft("train.tsv", "/train.tsv", ("text_a",), 0))
        project.sources.append(
            source, [NewComment(row, text, (text,)) for row, text in enumerate(texts, start=1)]
        )
        project.sources.finish(source)
        ids = [each for part in project.comments.ids() for each in part]
        for place, label in enumerate(project.labels.list()):
            chosen = [each for each, given in zip(ids, labels, strict=True) if given == place]
            project.annotations.label(chosen, label.id, annotator="benchmark").result(120)
        return ids


def likely_mistakes(folder: Path, count: int) -> tuple[list[int], float]:
    """The comments that the helper lists, and how many seconds the look took."""
    process = subprocess.Popen(
        [sys.executable, "-m", "senti_studio", "worker", "assist"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        ask(process, 1, "open", project=str(folder))
        began = time.perf_counter()
        answer = ask(process, 2, "suspects", n=count)
        seconds = time.perf_counter() - began
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)
    return [suspect["id"] for suspect in answer["suspects"]], seconds


def ask(process: subprocess.Popen[bytes], number: int, do: str, **params: Any) -> dict[str, Any]:
    """Sends a request and waits for its result."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"id": number, "do": do, **params}).encode() + b"\n")
    process.stdin.flush()
    for line in process.stdout:
        answer: dict[str, Any] = json.loads(line)
        if answer["type"] == "Result":
            return answer
        if answer["type"] == "Failed":
            raise SystemExit(f"{do} failed: {answer}")
    raise SystemExit(f"{do}: the helper ended")


def peer(texts: Sequence[str], labels: Sequence[int], count: int, seed: int) -> tuple[list[int], float]:
    """Rows by confident learning with nothing else, and its seconds: those off the diagonal of the confident
    joint first, by normalised margin."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    began = time.perf_counter()
    vectors = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 3), min_df=2, max_features=300_000, sublinear_tf=True
    ).fit_transform(texts)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    model = LogisticRegression(C=10, solver="liblinear")
    given = np.array(labels)
    shares = cross_val_predict(model, vectors, given, cv=folds, method="predict_proba")
    own = shares[np.arange(len(given)), given]
    other = shares[np.arange(len(given)), 1 - given]
    least = np.array([shares[given == label, label].mean() for label in (0, 1)])
    confident = (other >= least[1 - given]) & (other > own)
    order = np.lexsort((own - other, ~confident))
    return order[:count].tolist(), time.perf_counter() - began


def main() -> int:
    parser = bench.parser("Labels that were turned round, found again")
    given = parser.parse_args()
    data = bench.require_data(given.data)
    texts, labels = read(data)
    seeds: tuple[int, ...] = SEEDS
    if given.quick:
        texts, labels, seeds = texts[:QUICK_ROWS], labels[:QUICK_ROWS], SEEDS[:1]
    report = bench.Report(quick=given.quick)
    ours, theirs, seconds, peer_seconds = [], [], [], []
    with bench.own_home() as place:
        for seed in seeds:
            noisy, wrong = turned(labels, seed)
            folder = place / f"likely {seed}.senti"
            ids = make_project(folder, texts, noisy)
            row_of = {comment: row for row, comment in enumerate(ids)}
            listed, took = likely_mistakes(folder, len(wrong))
            ours.append(sum(row_of[each] in wrong for each in listed) / len(wrong))
            seconds.append(took)
            rows, took = peer(texts, noisy, len(wrong), seed)
            theirs.append(sum(row in wrong for row in rows) / len(wrong))
            peer_seconds.append(took)
            print(f"seed {seed}: {ours[-1]:.4f}, peer {theirs[-1]:.4f}", file=sys.stderr, flush=True)
    report.figure(
        "likely_mistakes_found",
        statistics.mean(ours),
        "share",
        at_least=GOAL,
        peer={"name": "confident learning, TF-IDF + LR, 5 folds", "value": round(statistics.mean(theirs), 4)},
        by_seed=[round(each, 4) for each in ours],
        peer_by_seed=[round(each, 4) for each in theirs],
        seeds=list(seeds),
        listed=len(wrong),
    )
    report.figure(
        "likely_mistakes_time",
        statistics.median(seconds),
        "s",
        peer={"name": "the same peer", "value": round(statistics.median(peer_seconds), 2)},
    )
    return report.status()


if __name__ == "__main__":
    raise SystemExit(main())
