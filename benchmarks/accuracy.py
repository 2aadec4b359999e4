"""LSTM and GRU with default options, through the command line alone, beside TF-IDF + logistic regression.

chnsenticorp as it is split (test accuracy; read without quoting); smp2020_virus_3class, train -> test_clean
(macro F1; dev for validation). The goals are for the mean of three seeds.
"""

from __future__ import annotations

import csv
import itertools
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bench

QUICK_ROWS = 2000


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set: its files, how to import them, and the figure that counts."""

    name: str
    folder: str
    labels: str
    columns: tuple[str, str]
    label_map: str
    files: tuple[str, str, str]
    figure: str
    goal: float
    peer_name: str
    peer_figure: str
    reading: tuple[str, ...] = ()


SETS = (
    DataSet(
        "chnsenticorp",
        "chnsenticorp",
        "1=正面,0=负面",
        ("text_a", "label"),
        "1=正面,0=负面",
        ("train.tsv", "dev.tsv", "test.tsv"),
        "accuracy",
        0.915,
        "chnsenticorp",
        "test_accuracy",
        ("--quote", "none"),
    ),
    DataSet(
        "smp2020_virus_3class",
        "smp2020_virus_3class",
        "1=正面,2=中性,3=负面",
        ("text", "label"),
        "positive=正面,neutral=中性,negative=负面",
        ("train.csv", "dev.csv", "test_clean.csv"),
        "macro_f1",
        0.75,
        "smp3",
        "clean_macro_f1",
    ),
)


def prepare(data: Path, place: Path, found: DataSet, *, quick: bool) -> Path:
    """A project with the three files of a data set; ``quick``: with the first rows of the training file."""
    project = place / f"{found.name}.senti"
    bench.senti("new", str(project), "--labels", found.labels)
    for name in found.files:
        file = data / found.folder / name
        if quick and name == found.files[0]:
            file = first_rows(file, place / name, QUICK_ROWS)
        bench.senti(
            "import", str(project), str(file),
            "--text-column", found.columns[0], "--label-column", found.columns[1],
            "--map", found.label_map, *found.reading,
        )  # fmt: skip
    return project


def first_rows(file: Path, target: Path, rows: int) -> Path:
    """A copy of the first rows of a CSV file."""
    with (
        file.open(encoding="utf-8-sig", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        csv.writer(out).writerows(itertools.islice(csv.reader(source), rows + 1))
    return target


def train(
    project: Path, found: DataSet, architecture: str, seed: int, extra: tuple[str, ...]
) -> dict[str, Any]:
    """One training with default options; its test figures and its seconds."""
    run = bench.senti(
        "train", str(project), "--architecture", architecture, "--seed", str(seed),
        "--valid-source", found.files[1], "--test-source", found.files[2], *extra,
    )["run"]  # fmt: skip
    test = bench.senti("evaluate", str(project), "--run", str(run["id"]), "--split", "test")
    return {"value": float(test[found.figure]), "seconds": run["seconds"], "epochs": run["epoch"]}


def peer(data: Path, found: DataSet) -> dict[str, Any] | None:
    """TF-IDF of characters 1-3 + logistic regression on the same files; None where it is not there."""
    script = data.parent / "bench" / "tfidf_peer.py"
    if not script.exists():
        print(f"no peer: {script} is not there", file=sys.stderr)
        return None
    done = subprocess.run(
        [sys.executable, str(script), "--data", str(data), "--dataset", found.peer_name],
        capture_output=True, encoding="utf-8", check=False, cwd=script.parent,
    )  # fmt: skip
    if done.returncode:
        print(f"the peer failed:\n{done.stderr}", file=sys.stderr)
        return None
    values = bench.last_object(done.stdout.splitlines())
    return {
        "name": "TF-IDF + logistic regression",
        "value": values[found.peer_figure],
        "seconds": values["train_s"],
    }


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument("--dataset", choices=[found.name for found in SETS], help="only this one")
    parser.add_argument("--architecture", choices=["lstm", "gru"], help="only this one")
    parser.add_argument("--seeds", type=int, default=3, help="how many (default 3)")
    given = parser.parse_args()
    data = bench.require_data(given.data)
    report = bench.Report(quick=given.quick)
    sets = [found for found in SETS if given.dataset in (None, found.name)]
    architectures = [given.architecture] if given.architecture else ["lstm", "gru"]
    seeds = list(range(1, given.seeds + 1))
    extra: tuple[str, ...] = ()
    if given.quick:
        sets, architectures, seeds, extra = sets[-1:], architectures[:1], seeds[:1], ("--epochs", "2")
    with bench.own_home() as place:
        for found in sets:
            project = prepare(data, place, found, quick=given.quick)
            # In a hurry the peer would have to learn from the same few rows, which its script cannot do.
            beside = None if given.quick else peer(data, found)
            for architecture in architectures:
                measure(report, project, found, architecture, seeds, beside, extra)
    return report.status()


def measure(
    report: bench.Report,
    project: Path,
    found: DataSet,
    architecture: str,
    seeds: list[int],
    beside: dict[str, Any] | None,
    extra: tuple[str, ...],
) -> None:
    """All seeds of one architecture on one data set: a line each, and their mean against the goal."""
    metric = f"{found.name}.{architecture}.test_{found.figure}"
    values = []
    for seed in seeds:
        got = train(project, found, architecture, seed, extra)
        values.append(got["value"])
        report.figure(
            f"{metric}.seed{seed}", got["value"], found.figure, seconds=got["seconds"], epochs=got["epochs"]
        )
    report.figure(
        metric, statistics.mean(values), found.figure, at_least=found.goal, peer=beside,
        seeds=seeds, spread=round(max(values) - min(values), 4),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
