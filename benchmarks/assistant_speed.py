"""What the labelling assistant costs on one thread: learning from 5,000 labels, judging 20,000 comments,
hashing 1,000,000 comments (time and memory), beside scikit-learn's own way of doing it.

The comments are lines of the unlabelled corpus with one to twenty per cent of their characters changed, so
that each is another one; the labels are those of chnsenticorp. A child process does it, with the thread
settings of the ``assist`` helper. The peer of learning is scikit-learn's LogisticRegression on the same
matrix, that of hashing its HashingVectorizer (character 1- to 3-grams).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import bench
import numpy as np
from near_duplicates import comments, corpus, own_memory

COUNT, QUICK = 1_000_000, 20_000
_PAGE = 1_000
GOAL_S = 2.0
GOAL_BYTES = 600 << 20


def hashing(data: Path, count: int, folder: Path) -> tuple[Any, dict[str, float]]:
    """The pool of so many comments, and what hashing them cost (making them does not count)."""
    from sklearn.feature_extraction.text import HashingVectorizer

    from senti_studio.learning.assistant.cache import FeatureCache
    from senti_studio.learning.assistant.features import BITS, LONGEST, hash_texts
    from senti_studio.learning.assistant.pool import Pool

    lines = corpus(data)
    peer = HashingVectorizer(analyzer="char", ngram_range=(1, LONGEST), n_features=1 << BITS, binary=True)
    before = peak = own_memory()
    cache = FeatureCache(folder, "bench")
    ours = theirs = 0.0
    compared = 0
    page: list[str] = []
    number = 0
    for text in comments(lines, count, seed=1):
        page.append(text)
        if len(page) < _PAGE:
            continue
        began = time.process_time()
        cache.add(1, number + 1, range(number, number + _PAGE), 1, hash_texts(page))
        number += _PAGE
        if cache.waiting >= 20_000:
            cache.write()
        spent = time.process_time() - began
        ours += spent
        if number <= 20_000:
            began = time.process_time()
            peer.transform(page)
            theirs += time.process_time() - began
            compared += _PAGE
            mine = ours
        peak = max(peak, own_memory())
        page = []
    began = time.process_time()
    cache.write()
    pool = Pool(cache)
    ours += time.process_time() - began
    peak = max(peak, own_memory())
    size = sum(path.stat().st_size for path in folder.iterdir())
    facts = {
        "hash_seconds": ours, "hash_peer_ratio": mine / theirs, "hash_bytes": peak - before, "disk": size
    }  # fmt: skip
    return pool, facts


def child(data: Path, count: int) -> None:
    """Runs in a process of its own: prints what it cost as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        pool, facts = hashing(data, count, Path(folder))
        facts |= learning(data, pool)
    print(json.dumps(facts))


def learning(data: Path, pool: Any) -> dict[str, float]:
    """Seconds of processor time: finding the topic space, learning, judging; and of the peer."""
    from label_efficiency import chnsenticorp
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    from senti_studio.learning.assistant.classifier import STRENGTH, learn
    from senti_studio.worker.assistant_judges import OwnJudge

    began = time.process_time()
    steps = []
    while pool.wants_space:
        step = time.process_time()
        pool.find_space()
        steps.append(time.process_time() - step)
    space = time.process_time() - began
    pool.renew()
    found = chnsenticorp(data)
    rows = pool.looked_at(found.pool[:5_000])
    classes = found.classes[:5_000]
    ours, theirs, judged = [], [], []
    rng = np.random.default_rng(1)
    for _ in range(3):
        began = time.process_time()
        classifier = learn(rows, classes, 2)
        ours.append(time.process_time() - began)
        columns = np.unique(rows.grams.indices)
        together = sparse.hstack([rows.grams[:, columns], sparse.csr_matrix(rows.places)]).tocsr()
        began = time.process_time()
        LogisticRegression(C=2 * STRENGTH, class_weight="balanced", tol=1e-3).fit(together, classes)
        theirs.append(time.process_time() - began)
        sample = rng.permutation(pool.rows)[:20_000]
        began = time.process_time()
        through = pool.through(classifier)
        for start in range(0, len(sample), OwnJudge.at_once):
            pool.judged(classifier, through, sample[start : start + OwnJudge.at_once])
        judged.append(time.process_time() - began)
    return {
        "space_seconds": space,
        "longest_step": float(np.quantile(steps, 0.99)),
        "learn_seconds": float(np.median(ours)),
        "learn_peer_seconds": float(np.median(theirs)),
        "judge_seconds": float(np.median(judged)),
    }


def main() -> int:
    options = bench.parser((__doc__ or "").split("\n", 1)[0])
    options.add_argument("--count", type=int, default=0, help=f"comments (default: {COUNT:,})")
    options.add_argument("--child", type=int, default=0, help="for this script itself")
    given = options.parse_args()
    data = bench.require_data(given.data)
    if given.child:
        child(data, given.child)
        return 0
    count = given.count or (QUICK if given.quick else COUNT)
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | dict.fromkeys(names, "1")
    command = [sys.executable, __file__, "--data", str(data), "--child", str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    facts: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    report = bench.Report(quick=given.quick)
    report.figure(
        "learn_5000_labels", facts["learn_seconds"], "s of processor time", at_most=GOAL_S,
        peer={"name": "scikit-learn LogisticRegression", "seconds": round(facts["learn_peer_seconds"], 3)},
    )  # fmt: skip
    report.figure("judge_20000_comments", facts["judge_seconds"], "s of processor time", at_most=GOAL_S)
    report.figure(
        "find_topic_space", facts["space_seconds"], "s of processor time", step_p99=facts["longest_step"]
    )
    report.figure(
        "hash_comments", facts["hash_seconds"], "s of processor time", comments=count,
        peer={"name": "scikit-learn HashingVectorizer", "ratio": round(facts["hash_peer_ratio"], 3)},
    )  # fmt: skip
    goal = GOAL_BYTES / (1 << 20)
    report.figure("hash_memory", facts["hash_bytes"] / (1 << 20), "MiB", at_most=goal, comments=count)
    report.figure("hash_disk", facts["disk"] / (1 << 20), "MiB", comments=count)
    return report.status()


if __name__ == "__main__":
    raise SystemExit(main())
