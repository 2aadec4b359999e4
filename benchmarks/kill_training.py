"""A training killed at random moments and gone on with each time, beside the same training left alone.

The real worker process gets SIGKILL, mostly in the middle of steps, sometimes while it starts, evaluates or
writes the model. In the end the weights, the losses of every evaluation and all predictions must be those of
the undisturbed run, bit by bit. Rows of chnsenticorp, on the CPU.
"""

from __future__ import annotations

import csv
import dataclasses
import itertools
import json
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bench

from senti_studio.domain.architectures import default_options, preset_options
from senti_studio.domain.specs import DataSummary, LabelName, TrainingSpec
from senti_studio.jobs.launch import worker_command, worker_environment
from senti_studio.jobs.protocol import CheckpointSaved, Evaluated, Event, Finished, Progress, Started
from senti_studio.jobs.run_folder import EventTail, RunFolder

LABELS = (LabelName("1", "正面"), LabelName("0", "负面"))
LIMIT_S = 900.0
FILES = ("weights.safetensors", "vocabulary.json", "labels.json", "config.json")


WAYS = ("balanced", "best", "distilled")
"""One net; those of the preset *best*; these and one that learns from them."""


def make_run(data: Path, target: Path, architecture: str, *, quick: bool, way: str = "balanced") -> RunFolder:
    """A run folder with frozen rows, as the program makes it."""
    rows, epochs = (1280, 3) if quick else (3200, 6)
    options = dataclasses.replace(
        default_options(architecture), epochs=epochs, patience=1000, embedding_size=64, hidden_size=48, seed=4
    )
    if way != "balanced":
        options = preset_options(options, "best")
    if way == "distilled":
        options = dataclasses.replace(options, mix="distilled")
    spec = TrainingSpec(
        target.name, target.name, architecture, LABELS, options, "cpu", DataSummary({"train": rows}, "0" * 64)
    )
    folder = RunFolder.create(target, spec)
    for part, file, count in (
        ("train", "train.tsv", rows),
        ("valid", "dev.tsv", 300),
        ("test", "test.tsv", 300),
    ):
        with (data / "chnsenticorp" / file).open(encoding="utf-8-sig", newline="") as source:
            read = csv.DictReader(source, delimiter="\t", quoting=csv.QUOTE_NONE)
            lines = [
                json.dumps({"id": number, "text": row["text_a"], "label": 1 - int(row["label"])})
                for number, row in enumerate(itertools.islice(read, count))
            ]
        (folder.data / f"{part}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def start(folder: RunFolder, *, resume: bool) -> subprocess.Popen[bytes]:
    """The worker as the program starts it, but as a child that can be waited for; two threads on every
    machine, so that a batch is learnt in two parts."""
    with folder.log_path.open("ab") as log:
        return subprocess.Popen(
            worker_command("train", str(folder.path), *(["--resume"] if resume else [])),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**worker_environment(), "OMP_NUM_THREADS": "2"},
        )  # fmt: skip


def kill_at(
    folder: RunFolder, process: subprocess.Popen[bytes], is_moment: Callable[[Event], bool], later_s: float
) -> bool:
    """Kills the worker ``later_s`` after the event that is the moment; False when it was over before."""
    tail = EventTail(
        folder.events_path, folder.events_path.stat().st_size if folder.events_path.exists() else 0
    )
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        if any(is_moment(event) for event in tail.read()):
            time.sleep(later_s)
            break
        if process.poll() is not None:
            return False
        time.sleep(0.005)
    alive = process.poll() is None
    process.kill()
    process.wait()
    return alive


def moments(generator: random.Random, kills: int, steps: int) -> Iterator[tuple[str, int, float]]:
    """What to wait for, a step, and how long after it: four of five among the steps, in their order."""
    elsewhere = ["starting", "evaluated", "saved", "ending"]
    kinds = ["step"] * (kills - len(elsewhere)) + elsewhere[:-1]
    generator.shuffle(kinds)
    at = sorted(generator.randrange(1, steps) for _ in kinds)
    for kind, step in zip([*kinds], at, strict=True):
        yield kind, step, generator.uniform(0.0, 0.15)
    yield "ending", steps, generator.uniform(0.0, 0.1)


def is_moment(kind: str, step: int) -> Callable[[Event], bool]:
    """Whether an event is the one to wait for."""
    known: dict[str, Callable[[Event], bool]] = {
        "step": lambda event: isinstance(event, Progress) and event.step >= step,
        "starting": lambda event: isinstance(event, Started),
        "evaluated": lambda event: isinstance(event, Evaluated) and event.step >= step,
        "saved": lambda event: isinstance(event, CheckpointSaved) and event.step >= step,
        "ending": lambda event: isinstance(event, Progress) and event.step >= step,
    }
    return known[kind]


def losses(folder: RunFolder) -> dict[int, set[tuple[float, float, float]]]:
    """What was measured after each step; one value where every start found the same."""
    found: dict[int, set[tuple[float, float, float]]] = {}
    for event in folder.events():
        if isinstance(event, Evaluated) and event.split == "valid":
            found.setdefault(event.step, set()).add((event.loss, event.accuracy, event.macro_f1))
    return found


def told(folder: RunFolder) -> tuple[Any, Any]:
    """What the card keeps of each evaluation, and of the texts and the members of a mix."""
    card = json.loads((folder.model / "card.json").read_bytes())
    return card["history"], card["reading"]


def same(one: RunFolder, other: RunFolder) -> dict[str, bool]:
    """What is equal, bit by bit, of two finished runs."""
    names = [f"model/{name}" for name in FILES] + [f"predictions/{name}.jsonl" for name in ("valid", "test")]
    return {
        "losses": losses(one) == losses(other) and told(one) == told(other),
        **{name: (one.path / name).read_bytes() == (other.path / name).read_bytes() for name in names},
    }


def measure(
    report: bench.Report, data: Path, place: Path, architecture: str, kills: int, *, quick: bool, way: str
) -> None:
    """One architecture: the run that is left alone, the run that is killed, and how they compare."""
    name = architecture if way == "balanced" else f"{architecture}_{way}"
    whole = make_run(data, place / f"{architecture} 一次", architecture, quick=quick, way=way)
    began = time.monotonic()
    if start(whole, resume=False).wait(LIMIT_S):
        raise SystemExit(f"the undisturbed run failed:\n{whole.log_tail()}")
    alone_s = time.monotonic() - began
    steps = max(event.step for event in whole.events() if isinstance(event, Progress))
    folder = make_run(data, place / f"{architecture} 多次", architecture, quick=quick, way=way)
    generator = random.Random(f"{architecture} {kills}")
    began = time.monotonic()
    done: list[str] = []
    for kind, step, later_s in moments(generator, kills, steps):
        process = start(folder, resume=bool(done))
        if kill_at(folder, process, is_moment(kind, step), later_s):
            done.append(kind)
    # The last kill may come when all is written; a run that is over is not gone on with.
    is_over = isinstance(list(folder.events())[-1], Finished)
    if not is_over and start(folder, resume=True).wait(LIMIT_S):
        raise SystemExit(f"the killed run failed:\n{folder.log_tail()}")
    equal = same(whole, folder)
    end = list(folder.events())[-1]
    starts = [event.resumed_from_step for event in folder.events() if isinstance(event, Started)]
    is_equal = all(equal.values()) and isinstance(end, Finished)
    report.figure(
        f"kill_training_{name}_equal", float(is_equal), "1 = yes", at_least=1.0,
        judged_when_quick=True, equal=equal, steps=steps, evaluations=len(losses(whole)),
    )  # fmt: skip
    report.figure(
        f"kill_training_{name}_kills", float(len(done)), "kills", at_least=float(kills - 1),
        moments={kind: done.count(kind) for kind in sorted(set(done))}, resumed_from_steps=starts,
        seconds=round(time.monotonic() - began, 1), undisturbed_seconds=round(alone_s, 1),
    )  # fmt: skip


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument("--architecture", choices=["lstm", "gru"], help="only this one")
    parser.add_argument("--kills", type=int, default=20, help="how many (default 20, at least 5)")
    parser.add_argument("--way", choices=WAYS, default="balanced", help="one net (default) or several")
    given = parser.parse_args()
    data = bench.require_data(given.data)
    report = bench.Report(quick=given.quick)
    architectures = [given.architecture] if given.architecture else ["lstm", "gru"]
    kills = max(5, given.kills)
    if given.quick:
        architectures, kills = architectures[-1:], 5
    with bench.own_home() as place:
        for architecture in architectures:
            measure(report, data, place, architecture, kills, quick=given.quick, way=given.way)
    return report.status()


if __name__ == "__main__":
    raise SystemExit(main())
