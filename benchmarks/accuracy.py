"""LSTM and GRU with default options, through the command line alone, beside TF-IDF + logistic regression;
with ``--preset best`` in place of the defaults, judged against goals of its own and never below TF-IDF.
``--architecture bert``: BERT with default options beside the LSTM with default options: a point above TF-IDF
and no worse than the LSTM (of chnsenticorp only test_clean counts); ``--encoder``: another one.

chnsenticorp as it is split (test accuracy; read without quoting; and of its test texts that neither train nor
dev holds, each once: test_clean); smp2020_virus_3class, train -> test_clean (macro F1; dev for validation);
waimai_10k by ``split_seed42.csv`` (accuracy; validation drawn from the training part). The goals are for the
mean of three seeds.
"""

from __future__ import annotations

import csv
import itertools
import json
import random
import statistics
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bench

QUICK_ROWS = 2000
GAIN_OF_BERT = 0.01
"""By which it has to beat TF-IDF."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set: its files (train, validation or empty, test), how to import them, the figure that counts;
    ``clean``: a file with the part of the test texts that is judged once more, and its goal; ``best``: the
    goals of the preset, of all test texts and of the clean ones."""

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
    clean: str = ""
    clean_goal: float = 0.0
    best: tuple[float, float] = (0.0, 0.0)


SETS = (
    DataSet(
        "chnsenticorp",
        "chnsenticorp",
        "1=正面,0=负面",
        ("text_a", "label"),
        "1=正面,0=负面",
        ("train.tsv", "dev.tsv", "test.tsv"),
        "accuracy",
        0.925,
        "chnsenticorp",
        "test_accuracy",
        ("--quote", "none"),
        "test_clean.csv",
        0.918,
        (0.935, 0.930),
    ),
    DataSet(
        "smp2020_virus_3class",
        "smp2020_virus_3class",
        "1=正面,2=中性,3=负面",
        ("text", "label"),
        "positive=正面,neutral=中性,negative=负面",
        ("train.csv", "dev.csv", "test_clean.csv"),
        "macro_f1",
        0.765,
        "smp3",
        "clean_macro_f1",
        best=(0.785, 0.0),
    ),
    DataSet(
        "waimai_10k",
        "waimai_10k",
        "1=正面,0=负面",
        ("review", "label"),
        "1=正面,0=负面",
        ("train.csv", "", "test.csv"),
        "accuracy",
        0.905,
        "waimai",
        "test_accuracy",
        best=(0.915, 0.0),
    ),
)


def prepare(data: Path, place: Path, found: DataSet, *, quick: bool) -> Path:
    """A project with the three files of a data set; ``quick``: with the first rows of the training file."""
    project = place / f"{found.name}.senti"
    bench.senti("new", str(project), "--labels", found.labels)
    if found.name == "waimai_10k":
        split_waimai(data / found.folder, place)
    for name in filter(None, found.files):
        file = data / found.folder / name
        if not file.exists():
            file = place / name
        if quick and name == found.files[0]:
            file = first_rows(file, place / f"first_{name}", QUICK_ROWS, quoted=not found.reading)
        bench.senti(
            "import", str(project), str(file),
            "--text-column", found.columns[0], "--label-column", found.columns[1],
            "--map", found.label_map, *found.reading,
        )  # fmt: skip
    return project


def split_waimai(folder: Path, place: Path) -> None:
    """Writes the training and the test part as files of their own."""
    with (folder / "split_seed42.csv").open(encoding="utf-8-sig", newline="") as file:
        part = {row["row"]: row["part"] for row in csv.DictReader(file)}
    with (folder / "waimai_10k.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    for name in ("train", "test"):
        with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            chosen = [row for number, row in enumerate(rows, 1) if part[str(number)] == name]
            random.Random(0).shuffle(chosen)  # the file has all good reviews first
            csv.writer(out).writerows([head, *chosen])


def first_rows(file: Path, target: Path, rows: int, *, quoted: bool) -> Path:
    """A copy of the first rows of a CSV or plain TSV file."""
    with (
        file.open(encoding="utf-8-sig", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        if quoted:
            csv.writer(out).writerows(itertools.islice(csv.reader(source), rows + 1))
        else:
            out.writelines(itertools.islice(source, rows + 1))
    return target


def train(
    data: Path, project: Path, found: DataSet, architecture: str, seed: int, extra: tuple[str, ...]
) -> dict[str, Any]:
    """One training with default options; its test figures and its seconds."""
    valid = ("--valid-source", found.files[1]) if found.files[1] else ()
    run = bench.senti(
        "train", str(project), "--architecture", architecture, "--seed", str(seed),
        *valid, "--test-source", found.files[2], *extra,
    )["run"]  # fmt: skip
    test = bench.senti("evaluate", str(project), "--run", str(run["id"]), "--split", "test")
    return {
        "value": float(test[found.figure]),
        "clean": clean_accuracy(project / "runs" / str(run["id"]), data / found.folder / found.clean)
        if found.clean
        else 0.0,
        "seconds": run["seconds"],
        "epochs": run["epoch"],
    }


def clean_accuracy(run: Path, file: Path) -> float:
    """Accuracy on the texts of ``file`` alone, each once, from what the run says of its test part."""
    with file.open(encoding="utf-8-sig", newline="") as source:
        texts = {row["text"].strip() for row in csv.DictReader(source)}
    said = {}
    with (run / "predictions" / "test.jsonl").open(encoding="utf-8") as lines:
        for each in map(json.loads, lines):
            said[each["id"]] = each
    right: dict[str, bool] = {}
    with (run / "data" / "test.jsonl").open(encoding="utf-8") as lines:
        for each in map(json.loads, lines):
            text = each["text"].strip()
            if text in texts and text not in right:
                right[text] = said[each["id"]]["predicted"] == each["label"]
    if len(right) != len(texts):
        raise SystemExit(f"{file.name}: {len(texts)} texts, {len(right)} of them in the test part")
    return statistics.mean(right.values())


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
        "clean": values.get("clean_accuracy", 0.0),
        "seconds": values["train_s"],
    }


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument("--dataset", choices=[found.name for found in SETS], help="only this one")
    parser.add_argument("--architecture", choices=["lstm", "gru", "bert"], help="only this one")
    parser.add_argument("--preset", choices=["balanced", "best"], default="balanced")
    parser.add_argument("--encoder", help="of --architecture bert: a folder, or a name on the shelf")
    parser.add_argument("--seeds", type=int, default=3, help="how many (default 3)")
    given = parser.parse_args()
    data = bench.require_data(given.data)
    report = bench.Report(quick=given.quick)
    sets = [found for found in SETS if given.dataset in (None, found.name)]
    architectures = [given.architecture] if given.architecture else ["lstm", "gru"]
    seeds = list(range(1, given.seeds + 1))
    extra: tuple[str, ...] = ()
    if given.preset == "best":
        extra = ("--preset", "best")
        sets = [replace(found, goal=found.best[0], clean_goal=found.best[1]) for found in sets]
        architectures = [given.architecture or "lstm"]
    if given.architecture == "bert":
        architectures = ["lstm", "bert"]
    if given.quick:
        sets, architectures, seeds = sets[1:2] or sets, architectures[:1], seeds[:1]
        extra = (*extra, "--epochs", "2")
    with bench.own_home() as place:
        for found in sets:
            project = prepare(data, place, found, quick=given.quick)
            # In a hurry the peer would have to learn from the same few rows, which its script cannot do.
            beside = None if given.quick else peer(data, found)
            goals = Goals.of(found, beside, is_best="best" in extra)
            for architecture in architectures:
                if architecture == "bert":
                    more = (*extra, *(("--encoder", given.encoder) if given.encoder else ()))
                    goals = goals.of_bert(found, beside)
                else:
                    more = extra
                goals = measure(report, data, project, found, architecture, seeds, beside, more, goals)
    return report.status()


@dataclass(frozen=True, slots=True)
class Goals:
    """What is to be reached on the test part, and on the part of it that is judged once more; what the last
    architecture has reached."""

    whole: float
    clean: float
    reached: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def of(cls, found: DataSet, beside: dict[str, Any] | None, *, is_best: bool) -> Goals:
        floor = beside["value"] if beside and is_best else 0.0
        return cls(max(found.goal, floor), found.clean_goal)

    def of_bert(self, found: DataSet, beside: dict[str, Any] | None) -> Goals:
        """A point above TF-IDF, and no less than the LSTM."""
        whole, clean = self.reached
        if beside:
            whole, clean = (
                max(whole, beside["value"] + GAIN_OF_BERT),
                max(clean, beside["clean"] + GAIN_OF_BERT),
            )
        return replace(self, whole=0.0 if found.clean else whole, clean=clean)


def measure(
    report: bench.Report,
    data: Path,
    project: Path,
    found: DataSet,
    architecture: str,
    seeds: list[int],
    beside: dict[str, Any] | None,
    extra: tuple[str, ...],
    goals: Goals,
) -> Goals:
    """All seeds of one architecture on one data set: a line each, and their mean against the goal."""
    name = f"{found.name}.{architecture}{'.best' if 'best' in extra else ''}"
    metric = f"{name}.test_{found.figure}"
    values, clean = [], []
    for seed in seeds:
        got = train(data, project, found, architecture, seed, extra)
        values.append(got["value"])
        clean.append(got["clean"])
        report.figure(
            f"{metric}.seed{seed}", got["value"], found.figure, seconds=got["seconds"], epochs=got["epochs"],
            **({"clean": round(got["clean"], 4)} if found.clean else {}),
        )  # fmt: skip
    report.figure(
        metric, statistics.mean(values), found.figure, at_least=goals.whole, peer=beside,
        seeds=seeds, spread=round(max(values) - min(values), 4),
    )  # fmt: skip
    if found.clean:
        report.figure(
            f"{name}.test_clean_{found.figure}", statistics.mean(clean), found.figure,
            at_least=goals.clean, seeds=seeds, spread=round(max(clean) - min(clean), 4),
        )  # fmt: skip
    return replace(goals, reached=(statistics.mean(values), statistics.mean(clean)))


if __name__ == "__main__":
    sys.exit(main())
