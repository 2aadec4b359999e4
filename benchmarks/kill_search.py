"""Kills a search at random moments, goes on each time, and compares with one that was never interrupted.

``python benchmarks/kill_search.py [--kills 20] [--seed 1] [--mode search|folds|seeds]``; prints JSON. Same
means: the same trials with the same figures and states, the same final weights and predictions, byte by byte.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import tempfile
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from senti_studio.domain.architectures import default_options
from senti_studio.domain.repetition import Repetition
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import DataSummary, LabelName, TrainingSpec
from senti_studio.jobs.launch import worker_command, worker_environment
from senti_studio.jobs.protocol import Event, Trial
from senti_studio.jobs.run_folder import EventTail, RunFolder

WORDS = (("很好", "喜欢", "满意", "不错", "舒服"), ("很差", "讨厌", "失望", "难吃", "难受"))
COMPARED = (
    "model/weights.safetensors",
    "model/vocabulary.json",
    "predictions/valid.jsonl",
    "predictions/test.jsonl",
)


def make_run(path: Path, mode: str, trials: int) -> RunFolder:
    """A run on 300 invented comments with small nets."""
    options = replace(
        default_options("lstm"),
        epochs=4,
        batch_size=16,
        embedding_size=16,
        hidden_size=16,
        least_steps=1,
        seed=5,
    )
    labels = (LabelName("1", "正面"), LabelName("0", "负面"))
    spec = TrainingSpec(
        "run", "搜索", "lstm", labels, options, "cpu", DataSummary({"train": 300}, "0" * 64),
        kind="search", repetition=Repetition(mode, trials),
    )  # fmt: skip
    folder = RunFolder.create(path, spec)
    draw = random.Random(7)
    for part, rows in (("train", 300), ("valid", 80), ("test", 80)):
        lines = []
        for number in range(rows):
            label = number % 2
            # One word in six speaks for the other class: a set that cannot be learnt to the end.
            said = [draw.choice(WORDS[label if draw.random() > 1 / 6 else 1 - label]) for _ in range(3)]
            lines.append(
                {
                    "id": len(lines) + hash_of(part),
                    "text": f"第{number}次，" + "，".join(said),
                    "label": label,
                }
            )
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder.data / f"{part}.jsonl").write_text(text, "utf-8")
    return folder


def hash_of(part: str) -> int:
    return {"train": 0, "valid": 10_000, "test": 20_000}[part]


def start(folder: RunFolder, *, resume: bool) -> subprocess.Popen[bytes]:
    with folder.log_path.open("ab") as log:
        return subprocess.Popen(
            worker_command("search", str(folder.path), *(["--resume"] if resume else [])),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=worker_environment() | {"OMP_NUM_THREADS": "1"},
        )


def kill_somewhere(folder: RunFolder, draw: random.Random, *, resume: bool) -> str:
    """Starts the worker and kills it a moment after some of its events; what it said last, or ``ended``."""
    tail = EventTail(folder.events_path, folder.events_path.stat().st_size if resume else 0)
    process = start(folder, resume=resume)
    seen: list[Event] = []
    pause = threading.Event()
    wanted = draw.randint(1, 18)
    while process.poll() is None and len(seen) < wanted:
        seen += tail.read()
        pause.wait(0.002)
    if process.poll() is None:
        pause.wait(draw.uniform(0, 0.1))
    if process.poll() is not None:
        return "ended"
    process.kill()
    process.wait()
    seen += tail.read()
    return seen[-1].type


def trials_of(folder: RunFolder) -> list[Trial]:
    return [replace(event, at=0.0, seconds=0.0) for event in folder.events() if isinstance(event, Trial)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mode", choices=("search", "folds", "seeds"), default="search")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="打断 ") as name:
        whole = make_run(Path(name) / "一次", given.mode, given.trials)
        began = time.monotonic()
        assert start(whole, resume=False).wait() == 0, list(whole.events())[-1:]
        seconds = time.monotonic() - began
        folder = make_run(Path(name) / "多次", given.mode, given.trials)
        draw = random.Random(given.seed)
        killed: Counter[str] = Counter()
        over = []
        for number in range(given.kills):
            killed[kill_somewhere(folder, draw, resume=number > 0)] += 1
            over.append(len(trials_of(folder)))
            if folder.state() is not RunState.INTERRUPTED:
                break
        if folder.state() is RunState.INTERRUPTED:
            assert start(folder, resume=True).wait() == 0, folder.log_tail()
        same_files = {
            file: (folder.path / file).read_bytes() == (whole.path / file).read_bytes() for file in COMPARED
        }
        print(
            json.dumps(
                {
                    "benchmark": "kill_search",
                    "mode": given.mode,
                    "kills": sum(killed.values()),
                    "last_said_before_the_kill": dict(killed),
                    "trials_over_at_each_kill": over,
                    "seconds_uninterrupted": round(seconds, 1),
                    "states": Counter(trial.state for trial in trials_of(whole)),
                    "same_trials": trials_of(folder) == trials_of(whole),
                    "same_files": same_files,
                    "is_same": trials_of(folder) == trials_of(whole) and all(same_files.values()),
                },
                ensure_ascii=False,
                indent=1,
            )
        )


if __name__ == "__main__":
    main()
