"""Near-copies among a million comments: time and memory of the ``index`` helper's search, and what it finds.

The comments are drawn from the unlabelled corpus; three in ten are exact copies, the others differ from
their original in 1 to 20 % of their characters, so that most of them have near-copies at every distance. The
finder runs in a process of its own on one thread. ``recall``: of all pairs of 5,000 texts with a Jaccard
index of 0.8 or more (counted exactly, all against all), the share whose texts are in one group.
"""

from __future__ import annotations

import json
import lzma
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from bench import Report, parser, require_data

from senti_studio.text.near_duplicates import SIMILARITY, NearDuplicates, sequences_of

COUNT, QUICK = 1_000_000, 50_000
SAMPLE = 5_000
GOAL_S = 300
GOAL_BYTES = 600 << 20
_PAGE = 4000
_CHANGES = "的了好不是我很吃在有"


def corpus(data: Path) -> list[str]:
    """Every line of the unlabelled corpus."""
    lines: list[str] = []
    for path in sorted((data / "corpus").glob("*.xz")):
        with lzma.open(path, "rt", encoding="utf-8", newline="\n") as file:
            lines += [line for line in file.read().split("\n") if line]
    return lines


def comments(lines: list[str], count: int, *, seed: int) -> Iterator[str]:
    """``count`` comments, the same every time."""
    chance = random.Random(seed)
    for _ in range(count):
        text = chance.choice(lines)
        if chance.random() < 0.3:
            yield text
            continue
        letters = list(text)
        for _ in range(max(1, int(len(letters) * chance.choice((0.01, 0.02, 0.05, 0.1, 0.2))))):
            letters[chance.randrange(len(letters))] = chance.choice(_CHANGES)
        yield "".join(letters)


def find(texts: Iterator[str]) -> tuple[list[int], dict[str, float]]:
    """The groups, and what finding them cost; making the texts does not count."""
    seconds = cpu = 0.0
    with tempfile.TemporaryDirectory() as folder, NearDuplicates(Path(folder)) as finder:
        page: list[str] = []
        for text in texts:
            page.append(text)
            if len(page) == _PAGE:
                began, busy = time.perf_counter(), time.process_time()
                finder.add(page)
                seconds += time.perf_counter() - began
                cpu += time.process_time() - busy
                page = []
        began, busy = time.perf_counter(), time.process_time()
        finder.add(page)
        found = finder.groups()
        seconds += time.perf_counter() - began
        cpu += time.process_time() - busy
    assert found is not None
    sizes = np.bincount(found, minlength=len(found))
    facts = {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "groups": int((sizes > 1).sum()),
        "members": int((sizes[found] > 1).sum()),
        "largest": int(sizes.max()),
    }
    return found.tolist(), facts


def own_memory() -> int:
    """Memory of this process that is its own now: pages of the scratch files can be dropped at any time."""
    status = Path("/proc/self/status")
    if not status.exists():
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(fields["RssAnon"].split()[0]) * 1024


def recall(lines: list[str], *, seed: int) -> tuple[float, int]:
    """Share of the near pairs of 5,000 texts that are in one group, and how many near pairs there are."""
    # From few originals, so that there are many pairs.
    texts = list(comments(random.Random(seed).sample(lines, SAMPLE // 4), SAMPLE, seed=seed))
    found, _ = find(iter(texts))
    groups = np.array(found)
    hashes, sizes = sequences_of(texts)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    sets = [frozenset(hashes[a:b].tolist()) for a, b in pairwise(starts)]
    near = together = 0
    for a, one in enumerate(sets):
        for b in range(a + 1, len(sets)):
            other = sets[b]
            small, large = sorted((len(one), len(other)))
            if small < SIMILARITY * large:
                continue
            common = len(one & other)
            if common >= SIMILARITY * (small + large - common):
                near += 1
                together += bool(groups[a] == groups[b])
    return together / max(near, 1), near


def child(data: Path, count: int) -> None:
    """Runs in a process of its own: prints what it cost as JSON."""
    lines = corpus(data)
    peak = 0

    def watched() -> Iterator[str]:
        nonlocal peak
        for number, text in enumerate(comments(lines, count, seed=1)):
            if number % 50_000 == 0:
                peak = max(peak, own_memory())
            yield text

    before = own_memory()
    over = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not over.wait(0.05):
            peak = max(peak, own_memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, facts = find(watched())
    over.set()
    watcher.join()
    print(json.dumps({**facts, "bytes": peak - before}))


def main() -> int:
    options = parser(__doc__.split("\n")[0])
    options.add_argument("--count", type=int, default=0, help=f"comments (default: {COUNT:,})")
    options.add_argument("--child", type=int, default=0, help="for this script itself")
    given = options.parse_args()
    data = require_data(given.data)
    if given.child:
        child(data, given.child)
        return 0
    report = Report(quick=given.quick)
    count = given.count or (QUICK if given.quick else COUNT)
    for number in (count, 2 * count) if given.quick else (count,):
        facts = measured(data, number)
        goal = GOAL_S if number >= COUNT else None
        more = {key: facts[key] for key in ("cpu_seconds", "groups", "members", "largest")}
        report.figure("near_duplicates_seconds", facts["seconds"], "s", at_most=goal, comments=number, **more)
        report.figure(
            "near_duplicates_memory", facts["bytes"] / (1 << 20), "MiB", at_most=GOAL_BYTES / (1 << 20),
            comments=number,
        )  # fmt: skip
    share, pairs = recall(corpus(data), seed=2)
    report.figure(
        "near_duplicates_recall", share, "share of near pairs", at_least=0.95, pairs=pairs, sample=SAMPLE,
        peer={"name": "all pairs, exact Jaccard index"}, judged_when_quick=True,
    )  # fmt: skip
    return report.status()


def measured(data: Path, count: int) -> dict[str, float]:
    """The figures of one run in a fresh process on one thread."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--data", str(data), "--child", str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    facts: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return facts


if __name__ == "__main__":
    raise SystemExit(main())
