"""What *adapt to my comments* gives: macro F1 of an encoder from nothing by the tokens that it has read.

One of 4 × 256 reads so many tokens of the unlabelled texts in ``corpus/``, then learns
smp2020_virus_3class (train; dev for validation) with our defaults for BERT; macro F1 of test_clean beside the
same encoder that has read nothing (its vocabulary is then that of train.csv), three seeds.

All through the command line, in one project with the corpus and the three files; dev and test_clean are
told to ``adapt`` as sources that are judged later. ``--readings 1``: one encoder reads, and is then taught
with each of the seeds, where an adaptation for each takes too long. With ``--keep DIR`` all that was done
stays there, and the next call goes on with it, also in the middle of an adaptation. 300 million need
``--tokens``, or CUDA.
"""

from __future__ import annotations

import itertools
import json
import lzma
import os
import statistics
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import accuracy
import bench

CORPUS = (
    "weibo_2020_part1.txt.xz", "weibo_2020_part2.txt.xz", "weibo_2020_part3.txt.xz",
    "weibo_2020_part4.txt.xz", "reviews_other.txt.xz", "train_texts.txt.xz",
)  # fmt: skip
TOKENS = (0, 6_000_000, 30_000_000)
WITH_CUDA = 300_000_000
LEAST_GAIN = {WITH_CUDA: 0.04}
ENCODER = "scratch-mini"


def write_corpus(data: Path, target: Path, *, lines: int | None) -> None:
    """The texts of all parts in turn, one a line; ``lines``: the first so many."""
    if target.exists():
        return
    parts = [
        lzma.open(data / "corpus" / name, "rt", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed below
        for name in CORPUS
    ]
    mixed = (line for row in itertools.zip_longest(*parts) for line in row if line)
    part = target.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(itertools.islice(mixed, lines))
    for each in parts:
        each.close()
    part.rename(target)


def project_of(data: Path, place: Path, *, quick: bool) -> Path:
    """The project with the labelled files and the corpus; made once."""
    done = place / "imported"
    found = next(each for each in accuracy.SETS if each.name == "smp2020_virus_3class")
    project = place / f"{found.name}.senti"
    if not done.exists():
        accuracy.prepare(data, place, found, quick=quick)
        texts = place / "corpus.txt"
        write_corpus(data, texts, lines=1500 if quick else None)
        bench.senti("import", str(project), str(texts), "--delimiter", "lines")
        done.touch()
    return project


def read_tokens(project: Path, place: Path, tokens: int, seed: int, *, smallest: bool) -> dict[str, Any]:
    """An encoder that has read so many tokens: from the shelf, or by going on with a run, or anew."""
    name = f"read-{tokens}-{seed}"
    note = place / f"{name}.json"
    if note.exists():
        known: dict[str, Any] = json.loads(note.read_bytes())
        return known
    began = time.monotonic()
    runs = bench.senti("runs", str(project))["runs"]
    begun = [run for run in runs if run["name"] == name and run["state"] in ("paused", "interrupted")]
    if begun:
        said = bench.senti("runs", str(project), str(begun[0]["number"]), "--resume")
    else:
        small = ("--batch-tokens", "512") if smallest else ()
        said = bench.senti(
            "adapt", str(project), "--encoder", "scratch-tiny" if smallest else ENCODER,
            "--tokens", str(tokens), "--seed", str(seed), "--patience", "1000", "--as", name, "--name", name,
            "--valid-source", "dev.csv", "--test-source", "test_clean.csv", *small,
        )  # fmt: skip
    metrics = said["metrics"]
    found = {
        "encoder": said["encoder"]["encoder"], "read": metrics["tokens"],
        "tokens_per_s": round(metrics["tokens"] / max(1e-6, metrics["seconds"]), 1),
        "loss": metrics["valid_loss"], "guessed": metrics["valid_accuracy"],
        "seconds": round(time.monotonic() - began),
    }  # fmt: skip
    note.write_text(json.dumps(found), "utf-8")
    return found


def learn(project: Path, place: Path, encoder: str, tokens: int, seed: int, *, quick: bool) -> float:
    """Macro F1 of test_clean after fine-tuning; kept, too."""
    note = place / f"learnt-{tokens}-{seed}.json"
    if not note.exists():
        short = ("--epochs", "1") if quick else ()
        run = bench.senti(
            "train", str(project), "--architecture", "bert", "--encoder", encoder, "--seed", str(seed),
            "--valid-source", "dev.csv", "--test-source", "test_clean.csv", *short,
        )["run"]  # fmt: skip
        note.write_text(json.dumps(run["test_macro_f1"]), "utf-8")
    return float(json.loads(note.read_bytes()))


def has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument("--tokens", type=int, nargs="+", help="how many each encoder reads; 0 = nothing")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--readings", type=int, default=3, help="encoders that read, at most one a seed")
    parser.add_argument(
        "--keep", type=Path, help="folder for everything that was done; the next call goes on"
    )
    given = parser.parse_args()
    data = bench.require_data(given.data)
    report = bench.Report(quick=given.quick)
    wanted = given.tokens or [*TOKENS, *([WITH_CUDA] if has_cuda() else [])]
    seeds = given.seeds
    if given.quick:
        wanted, seeds = [0, 20_000], [1]
    with bench.own_home() if given.keep is None else nullcontext(given.keep) as place:
        place.mkdir(parents=True, exist_ok=True)
        os.environ["SENTI_STUDIO_HOME"] = str(place.absolute() / "home")
        project = project_of(data, place, quick=given.quick)
        base: list[float] = []
        for tokens in sorted(wanted):
            scores, readings = [], []
            for number, seed in enumerate(seeds):
                encoder = "scratch-tiny" if given.quick else ENCODER
                if tokens:
                    reader = seeds[min(number, max(1, given.readings) - 1)]
                    found = read_tokens(project, place, tokens, reader, smallest=given.quick)
                    readings.append(found)
                    encoder = str(found["encoder"])
                scores.append(learn(project, place, encoder, tokens, seed, quick=given.quick))
            told = {"seeds": [round(score, 4) for score in scores], "read": readings[: given.readings]}
            report.figure(f"adapt.{tokens}.macro_f1", statistics.mean(scores), "macro F1", **told)
            if not tokens:
                base = scores
            elif base:
                gain = statistics.mean(scores) - statistics.mean(base)
                spread = max(base) - min(base)
                least = LEAST_GAIN.get(tokens, spread if tokens >= 30_000_000 else None)
                report.figure(
                    f"adapt.{tokens}.gain", gain, "macro F1", at_least=least, spread=round(spread, 4)
                )
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
