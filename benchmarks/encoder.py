"""Which objective teaches a small encoder most for the compute: ``training/encoder.py`` with each of them on
the same texts and the same number of units, then fine-tuned with our defaults for BERT.

Units/s, the share of hidden units that are guessed (single ones are easier than whole words; those of
``electra`` are guessed by its smaller net), and accuracy (waimai_10k) or macro F1 (smp2020_virus_3class) of
the test part, the mean over seeds, after ``--labels`` labelled comments, beside an encoder that has read
nothing and TF-IDF + logistic regression of the same comments. With ``--keep DIR`` all that was done stays
there, and the next call goes on with it, also in the middle of a reading. ``--encoder DIR`` measures a
finished encoder instead of new ones.
"""

from __future__ import annotations

import itertools
import json
import lzma
import os
import shutil
import statistics
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import accuracy
import bench
from adapt import CORPUS

from senti_studio.shelf import store
from senti_studio.shelf.entries import Source, read_note

SCRIPT = bench.ROOT / "training" / "encoder.py"
VARIANTS: dict[str, tuple[str, ...]] = {
    "mlm": ("--objective", "mlm"),
    "wwm": ("--objective", "wwm"),
    "electra": ("--objective", "electra"),
    "wwm-bag": ("--objective", "wwm-bag"),
    "wwm-bag-characters": ("--objective", "wwm-bag", "--start", "characters"),
    "wwm-bag-random": ("--objective", "wwm-bag", "--start", "random"),
    "wwm-all-lengths": ("--objective", "wwm", "--short-share", "0"),
}
NOTHING = "nothing"
REVIEWS = "reviews_other.txt"
SETS = ("waimai_10k", "smp2020_virus_3class")


def write_corpus(data: Path, place: Path, lines: int) -> Path:
    """The first lines of each part of the corpus."""
    target = place / "corpus"
    if not target.exists():
        part = place / "corpus.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        for name in CORPUS:
            with (
                lzma.open(data / "corpus" / name, "rt", encoding="utf-8", newline="\n") as source,
                (part / name.removesuffix(".xz")).open("w", encoding="utf-8", newline="\n") as out,
            ):
                out.writelines(itertools.islice(source, lines))
        part.rename(target)
    return target


def read(data: Path, place: Path, name: str, tokens: int, more: tuple[str, ...]) -> dict[str, Any]:
    """The encoder ``place/NAME``: made, gone on with, or there already; what its script said at last."""
    note = place / f"{name}.json"
    if not note.exists():
        known = sorted(place.glob("*.work/prepared"))
        work = place / f"{name}.work"
        if known and not (work / "prepared").exists():
            # The objectives differ in what they do with the units, not in the units.
            shutil.copytree(known[0], work / "prepared.copy")
            (work / "prepared.copy").rename(work / "prepared")
        shutil.rmtree(place / name, ignore_errors=True)
        done = subprocess.run(
            [
                sys.executable, str(SCRIPT), str(place / "corpus"), "-o", str(place / name),
                "--data", str(data), "--often", f"{REVIEWS}=3", "--tokens", str(tokens), *more,
            ],
            stdout=subprocess.PIPE, encoding="utf-8", check=False, env={**os.environ, "PYTHONUTF8": "1"},
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{SCRIPT.name} {name} ended with {done.returncode}")
        note.write_text(json.dumps(bench.last_object(done.stdout.splitlines())), "utf-8")
    values: dict[str, Any] = json.loads(note.read_bytes())
    return values


def on_shelf(folder: Path) -> str:
    """The name of an encoder on the shelf of this benchmark: its note says from which size it began, and so
    which defaults of a training suit it."""
    known = store.named(folder.name)
    if known is None:
        begun = read_note(folder).adapted
        known = store.add_folder(folder, source=Source("shipped", folder.name), adapted=begun)
    return known.name


def project_of(data: Path, place: Path, found: accuracy.DataSet, labels: int) -> Path:
    """The project of a set with its first training comments; made once."""
    folder = place / f"{found.name}-{labels}"
    done = folder / "imported"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        accuracy.QUICK_ROWS = labels
        accuracy.prepare(data, folder, found, quick=True)
        done.touch()
    return folder / f"{found.name}.senti"


def learn(project: Path, found: accuracy.DataSet, note: Path, seed: int, *what: str) -> dict[str, Any]:
    """The figures of one training; kept."""
    if not note.exists():
        valid = ("--valid-source", found.files[1]) if found.files[1] else ()
        run = bench.senti(
            "train", str(project), "--seed", str(seed), *valid, "--test-source", found.files[2], *what
        )["run"]  # fmt: skip
        kept = {"value": run[f"test_{found.figure}"], "seconds": run["seconds"]}
        note.write_text(json.dumps(kept), "utf-8")
    values: dict[str, Any] = json.loads(note.read_bytes())
    return values


def compare(
    report: bench.Report, place: Path, projects: dict[str, Path], encoders: dict[str, str], seeds: list[int],
    more: tuple[str, ...],
) -> None:  # fmt: skip
    """Trains on each encoder with each set and prints the means."""
    how = "-".join(each.strip("-") for each in more)
    for found in accuracy.SETS:
        if found.name not in projects:
            continue
        project = projects[found.name]
        kept = f"learnt-{project.parent.name}"
        floor = learn(
            project, found, place / f"{kept}-tfidf.json", 1,
            "--architecture", "baseline", "--linear-model", "logistic",
        )["value"]  # fmt: skip
        for name, encoder in encoders.items():
            notes = [place / f"{kept}-{how}-{name}-{seed}.json" for seed in seeds]
            got = [
                learn(project, found, note, seed, "--architecture", "bert", "--encoder", encoder, *more)
                for note, seed in zip(notes, seeds, strict=True)
            ]
            values = [each["value"] for each in got]
            report.figure(
                f"encoder.{found.name}.{name}.test_{found.figure}", statistics.mean(values), found.figure,
                peer={"name": "TF-IDF + logistic regression", "value": round(floor, 4)},
                seeds=[round(value, 4) for value in values],
                seconds=round(statistics.mean(each["seconds"] for each in got), 1),
            )  # fmt: skip


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument("--tokens", type=int, default=6_000_000, help="units that each encoder reads")
    parser.add_argument("--lines", type=int, default=50_000, help="of each part of the corpus, at most")
    parser.add_argument("--labels", type=int, default=2000)
    parser.add_argument("--frozen", action="store_true", help="only the head learns")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--size", default="4x256")
    parser.add_argument("--batch-tokens", type=int, default=2048, help="units of a step")
    parser.add_argument(
        "--variants", nargs="+", choices=list(VARIANTS), default=["mlm", "wwm", "electra", "wwm-bag"]
    )
    parser.add_argument("--encoder", type=Path, help="a finished encoder, instead of new ones")
    parser.add_argument("--keep", type=Path, help="folder for all that was done; the next call goes on")
    given = parser.parse_args()
    data = bench.require_data(given.data)
    report = bench.Report(quick=given.quick)
    reading: tuple[str, ...] = ("--size", given.size, "--batch-tokens", str(given.batch_tokens))
    learning: tuple[str, ...] = ("--freeze", "body") if given.frozen else ()
    sets, scratch = SETS, "scratch-mini"
    if given.quick:
        given.tokens, given.lines, given.labels, given.seeds = 10_000, 100, 200, [1]
        given.variants, sets, scratch = ["wwm", "electra"], SETS[:1], "scratch-tiny"
        reading = ("--size", "1x64", "--least", "2", "--batch-tokens", "1024", "--no-near")
        learning += ("--epochs", "1")
    with bench.own_home() if given.keep is None else nullcontext(given.keep) as place:
        place = place.absolute()
        place.mkdir(parents=True, exist_ok=True)
        os.environ["SENTI_STUDIO_HOME"] = str(place / "home")
        encoders = {NOTHING: scratch}
        if given.encoder:
            encoders[given.encoder.name] = on_shelf(given.encoder.absolute())
        else:
            write_corpus(data, place, given.lines)
            for name in given.variants:
                said = read(data, place, name, given.tokens, (*reading, *VARIANTS[name]))
                encoders[name] = on_shelf(place / name)
                rate = said["tokens"] / max(1e-6, said["seconds"])
                told = {key: said[key] for key in ("tokens", "loss", "detection", "device", "bytes")}
                report.figure(f"encoder.{name}.tokens_per_s", rate, "units/s", **told)
                report.figure(f"encoder.{name}.guessed", said["accuracy"], "share")
        projects = {
            found.name: project_of(data, place, found, given.labels)
            for found in accuracy.SETS
            if found.name in sets
        }
        compare(report, place, projects, encoders, given.seeds, learning)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
