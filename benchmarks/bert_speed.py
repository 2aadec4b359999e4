"""How fast an encoder is fine-tuned and classifies, beside transformers' Trainer and pipeline as tutorials
use them; and whether it learns as well.

Both learn the same random encoder (layers × width over the vocabulary of Google's Chinese BERT) on first rows
of a set, 32 comments a step, at most 128 units a comment, in turn in one call; medians of the pairs. Only
steps count: comments learnt between the first tenth and the end of an epoch by the seconds between;
``classify``: comments that a loaded model judges in a second. The peer is ``hf_trainer.py`` beside the data,
which pads to 128 as the tutorials do. ``loss``: validation loss after the same epochs over the same rows at
the same rate, with three seeds each, beside a Trainer that begins with the same weights (padded to the
longest of a batch: only here, where no time is taken).

Some 25 minutes on two cores that nobody else uses. ``--dataset``, ``--layers`` and ``--width`` choose one
setting of all. A table of the goals comes last, to stderr.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import accuracy
import bench

BATCH, LENGTH = 32, 128
SEEDS = (1, 2, 3)
OTHER_ROWS = 200
"""Of the validation and test parts: only their steps are timed, and they cost the time of everybody."""


@dataclass(frozen=True, slots=True)
class Setting:
    """``steps``: of ours and of the peer, which needs several times as long for one; ``goal``: times its
    rate; ``judged``: comments that both classify."""

    dataset: str
    layers: int
    width: int
    steps: tuple[int, int]
    goal: float
    judged: int

    @property
    def name(self) -> str:
        return f"bert_speed.{self.layers}x{self.width}.{self.dataset}"


SETTINGS = (
    Setting("smp2020_virus_3class", 4, 256, (40, 10), 3.0, 200),
    Setting("waimai_10k", 4, 256, (40, 10), 3.0, 200),
    Setting("chnsenticorp", 4, 256, (20, 10), 1.0, 200),
    Setting("smp2020_virus_3class", 12, 768, (4, 3), 2.0, 32),
)
"""Short posts, short reviews, long reviews (never slower), and the size of most published encoders."""

JUDGE = """
import json, sys, time
import senti_studio
given = json.loads(sys.stdin.read())
model = senti_studio.load(given["model"])
model.probabilities(given["texts"][:32])
start = time.perf_counter()
model.probabilities(given["texts"])
print(json.dumps({"rows_per_s": len(given["texts"]) / (time.perf_counter() - start)}))
"""

LEARN = """
import json, sys, tempfile
import torch
import transformers
from transformers import (
    AutoModelForSequenceClassification, BertTokenizerFast, DataCollatorWithPadding, Trainer, TrainingArguments
)
transformers.logging.set_verbosity_error()
given = json.loads(sys.stdin.read())
transformers.set_seed(given["seed"])
tokenizer = BertTokenizerFast.from_pretrained(given["encoder"])
model = AutoModelForSequenceClassification.from_pretrained(given["encoder"], num_labels=given["classes"])
def rows(part):
    texts, labels = zip(*part)
    read = tokenizer(list(texts), truncation=True, max_length=given["length"])
    return [{**{key: read[key][n] for key in read}, "labels": label} for n, label in enumerate(labels)]
with tempfile.TemporaryDirectory() as place:
    arguments = TrainingArguments(
        output_dir=place, per_device_train_batch_size=32, num_train_epochs=given["epochs"], use_cpu=True,
        learning_rate=given["rate"], save_strategy="no", report_to=[], disable_tqdm=True, seed=given["seed"],
    )
    trainer = Trainer(
        model=model, args=arguments, train_dataset=rows(given["train"]), eval_dataset=rows(given["valid"]),
        data_collator=DataCollatorWithPadding(tokenizer),
    )
    trainer.train()
    print(json.dumps({"loss": trainer.evaluate()["eval_loss"]}))
"""


def make_encoder(folder: Path, data: Path, *, layers: int, width: int) -> Path:
    """An encoder with random weights, as its authors would publish it."""
    import transformers

    transformers.logging.disable_progress_bar()
    folder.mkdir()
    vocabulary = (data / "vocab" / "google_zh_vocab.txt").read_text("utf-8")
    (folder / "vocab.txt").write_text(vocabulary, "utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True}), "utf-8")
    config = transformers.BertConfig(
        vocab_size=len(vocabulary.splitlines()),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        intermediate_size=4 * width,
    )
    transformers.BertModel(config).save_pretrained(folder)
    return folder


def set_of(name: str) -> accuracy.DataSet:
    return next(each for each in accuracy.SETS if each.name == name)


def first_files(data: Path, place: Path, found: accuracy.DataSet, rows: int) -> dict[str, Path]:
    """The first rows of the training, validation and test files, by their names."""
    place.mkdir()
    if found.name == "waimai_10k":
        accuracy.split_waimai(data / found.folder, place)
    files = {}
    for number, name in enumerate(found.files):
        if not name:
            continue
        whole = data / found.folder / name
        source = whole if whole.exists() else place / name
        count = OTHER_ROWS if number else rows
        files[name] = accuracy.first_rows(source, place / f"first_{name}", count, quoted=not found.reading)
    return files


def project_of(place: Path, found: accuracy.DataSet, files: dict[str, Path]) -> Path:
    """A project with these files."""
    project = place / f"{found.name}.senti"
    bench.senti("new", str(project), "--labels", found.labels)
    for file in files.values():
        bench.senti(
            "import", str(project), str(file), "--text-column", found.columns[0],
            "--label-column", found.columns[1], "--map", found.label_map, *found.reading,
        )  # fmt: skip
    return project


def train(
    project: Path, found: accuracy.DataSet, files: dict[str, Path], encoder: Path, *options: str
) -> Path:
    """The folder of a training with the encoder."""
    valid = ("--valid-source", files[found.files[1]].name) if found.files[1] else ()
    run = bench.senti(
        "train", str(project), "--architecture", "bert", "--encoder", str(encoder),
        "--batch-size", str(BATCH), "--least-steps", "1", "--max-length", str(LENGTH), *options, *valid,
        "--test-source", files[found.files[2]].name,
    )["run"]  # fmt: skip
    return project / "runs" / str(run["id"])


def events(run: Path, kind: str) -> list[dict[str, Any]]:
    with (run / "events.jsonl").open(encoding="utf-8") as lines:
        return [said for said in map(json.loads, lines) if said["type"] == kind]


def rate(run: Path) -> float:
    """Comments learnt in a second of the steps."""
    steps = events(run, "Progress")
    first = next(each for each in steps if each["step"] >= steps[-1]["step"] / 10)
    rows = BATCH * (steps[-1]["step"] - first["step"])
    return float(rows / (steps[-1]["elapsed"] - first["elapsed"]))


def told(command: Sequence[str], given: object = None, cwd: Path | None = None) -> dict[str, Any]:
    """The last object that a program printed which was given one."""
    said = None if given is None else json.dumps(given)
    done = subprocess.run(command, input=said, capture_output=True, encoding="utf-8", check=False, cwd=cwd)
    if done.returncode:
        raise SystemExit(f"a program failed:\n{done.stderr[-3000:]}")
    return bench.last_object(done.stdout.splitlines())


def pair(
    setting: Setting, data: Path, project: Path, files: dict[str, Path], encoder: Path
) -> dict[str, tuple[float, float]]:
    """Ours and the peer's rates of learning and classifying."""
    found = set_of(setting.dataset)
    run = train(project, found, files, encoder, "--seed", "1", "--epochs", "1")
    texts = [text for text, _ in labelled(files[found.files[2]], found)][: setting.judged]
    ours = told([sys.executable, "-c", JUDGE], {"model": str(run / "model"), "texts": texts})
    script = data.parent / "bench" / "hf_trainer.py"
    theirs = told(
        [
            sys.executable, str(script), "--data", str(data), "--dataset", found.peer_name,
            "--layers", str(setting.layers), "--hidden", str(setting.width),
            "--heads", str(setting.width // 64), "--steps", str(setting.steps[1]),
            "--rows", str(len(texts)), "--length", str(LENGTH),
        ],
        cwd=script.parent,
    )  # fmt: skip
    return {
        "learn": (rate(run), float(theirs["train_rows_per_s"])),
        "classify": (float(ours["rows_per_s"]), float(theirs["predict_rows_per_s"])),
    }


def measure(report: bench.Report, setting: Setting, data: Path, place: Path, rounds: int) -> list[list[str]]:
    """Prints the figures of a setting; the lines of the table."""
    place.mkdir()
    found = set_of(setting.dataset)
    encoder = make_encoder(place / "encoder", data, layers=setting.layers, width=setting.width)
    files = first_files(data, place / "files", found, BATCH * setting.steps[0])
    project = project_of(place, found, files)
    pairs = [pair(setting, data, project, files, encoder) for _ in range(rounds)]
    lines = []
    for what, goal in (("learn", setting.goal), ("classify", 1.0)):
        ours, theirs = ([each[what][side] for each in pairs] for side in (0, 1))
        ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
        medians = statistics.median(ours), statistics.median(theirs)
        peer = {"name": "hf_trainer.py", "value": medians[1], "rounds": [round(each, 1) for each in theirs]}
        name = f"{setting.name}.{what}"
        report.figure(name, medians[0], "rows/s", peer=peer, rounds=[round(each, 1) for each in ours])
        report.figure(f"{name}.ratio", ratio, "x", at_least=goal, peer=peer)
        verdict = "met" if ratio >= goal else "MISSED"
        lines.append(
            [name, f"{medians[0]:.1f}", f"{medians[1]:.1f}", f"{ratio:.2f} x", f"{goal:g} x", verdict]
        )
    return lines


def labelled(file: Path, found: accuracy.DataSet) -> list[tuple[str, int]]:
    """Texts and the numbers of their labels."""
    keys = [one.partition("=")[0] for one in found.label_map.split(",")]
    with file.open(encoding="utf-8-sig", newline="") as lines:
        if found.reading:
            read = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        else:
            read = csv.DictReader(lines)
        return [(row[found.columns[0]], keys.index(row[found.columns[1]])) for row in read]


def losses(report: bench.Report, data: Path, place: Path, *, rows: int, epochs: int) -> list[str]:
    """The loss on validation texts after the same epochs, here and there; the line of the table."""
    place.mkdir()
    found = set_of("smp2020_virus_3class")
    encoder = make_encoder(place / "encoder", data, layers=4, width=256)
    files = first_files(data, place / "files", found, rows)
    project = project_of(place, found, files)
    same = (
        "--epochs", str(epochs), "--patience", str(epochs), "--learning-rate", "3e-4", "--schedule", "linear",
        "--warmup-share", "0", "--weight-decay", "0", "--averaging", "0", "--label-smoothing", "0",
    )  # fmt: skip
    given = {
        "encoder": str(encoder), "classes": 3, "length": LENGTH, "epochs": epochs, "rate": 3e-4,
        "train": labelled(files[found.files[0]], found), "valid": labelled(files[found.files[1]], found),
    }  # fmt: skip
    ours, theirs = [], []
    for seed in SEEDS:
        run = train(project, found, files, encoder, "--seed", str(seed), *same)
        ours.append(
            float([each for each in events(run, "Evaluated") if each["split"] == "valid"][-1]["loss"])
        )
        theirs.append(float(told([sys.executable, "-c", LEARN], {**given, "seed": seed})["loss"]))
    mine, other = statistics.mean(ours), statistics.mean(theirs)
    noise = max(0.03, max(ours) - min(ours), max(theirs) - min(theirs))
    peer = {"name": "transformers Trainer", "value": other, "rounds": [round(each, 4) for each in theirs]}
    report.figure(
        "bert_speed.loss", mine, "nats", at_most=round(other + noise, 4), peer=peer,
        rounds=[round(each, 4) for each in ours],
    )  # fmt: skip
    verdict = "met" if mine <= other + noise else "MISSED"
    return ["bert_speed.loss", f"{mine:.3f}", f"{other:.3f}", "", f"+ {noise:.3f}", verdict]


def chosen(given: argparse.Namespace) -> list[Setting]:
    """The settings that the arguments name; in the short form few steps of the small ones."""
    settings = [
        each
        for each in SETTINGS
        if given.dataset in ("", each.dataset)
        and given.layers in (0, each.layers)
        and given.width in (0, each.width)
    ]
    if not given.quick:
        return settings
    small = [each for each in settings if each.width < 768][:1]
    return [Setting(each.dataset, each.layers, each.width, (8, 3), each.goal, 32) for each in small]


def table(lines: Sequence[Sequence[str]], *, quick: bool) -> str:
    """The figures and goals in columns."""
    head = ["figure", "ours", "peer", "ratio", "goal", "not judged" if quick else "verdict"]
    rows = [head, *([*line[:-1], "" if quick else line[-1]] for line in lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument(
        "--dataset", default="", choices=["", *dict.fromkeys(each.dataset for each in SETTINGS)]
    )
    parser.add_argument("--layers", type=int, default=0)
    parser.add_argument("--width", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only-loss", action="store_true", help="no speed")
    parser.add_argument("--no-loss", action="store_true", help="speed only")
    given = parser.parse_args()
    data = bench.require_data(given.data)
    report = bench.Report(quick=given.quick)
    lines = []
    with bench.own_home() as place:
        for number, setting in enumerate([] if given.only_loss else chosen(given)):
            rounds = 1 if given.quick else given.rounds
            lines += measure(report, setting, data, place / str(number), rounds)
        if not given.no_loss and not given.quick:
            lines.append(losses(report, data, place / "loss", rows=2000, epochs=3))
    print(table(lines, quick=given.quick), file=sys.stderr)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
