"""What a teacher adds: a net trained on ``--labels`` comments of waimai_10k (``split_seed42.csv``) alone, and
with what a teacher, trained on the same labels, says of these and of ``--unlabelled`` other comments.

Accuracy and macro F1 of teacher, net alone and pupil on the test part, means over seeds (each seed draws its
labelled comments anew), and rows a second of teacher and pupil from text to probabilities, here.
"""

from __future__ import annotations

import dataclasses
import json
import random
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

import bench
import torch
from word_vectors import LABELS, labelled, rows_of

from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.teaching import Teaching
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.domain.transfer import EarlierModel
from senti_studio.jobs.protocol import Finished
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit

KINDS: dict[str, tuple[str, TrainingOptions]] = {
    "baseline": ("baseline", default_options("baseline")),
    "lstm": ("lstm", default_options("lstm")),
    "lstm-small": (
        "lstm",
        dataclasses.replace(default_options("lstm"), embedding_size=32, hidden_size=32, ngrams=False),
    ),
    "textcnn": ("textcnn", default_options("textcnn")),
    "bert-mini": ("bert", default_options("bert", "scratch-mini")),
    "bert-tiny": ("bert", default_options("bert", "scratch-tiny")),
}


def trained(
    kind: str, seed: int, data: TrainingData, out: Path, teaching: Teaching | None = None
) -> dict[str, Any]:
    """The figures of a training."""
    architecture, options = KINDS[kind]
    options = dataclasses.replace(options, seed=seed)
    spec = TrainingSpec("run", kind, architecture, LABELS, options, "cpu", teaching=teaching)
    end = list(fit(spec, data, out))[-1]
    assert isinstance(end, Finished)
    return dict(end.metrics)


def triple(
    teacher: str,
    pupil: str,
    seed: int,
    wanted: Teaching,
    known: TrainingData,
    free: list[str],
    folder: Path,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Figures of the teacher, of the net alone, and of the pupil."""
    of_teacher = trained(teacher, seed, known, folder / "teacher")
    alone = trained(pupil, seed, known, folder / "alone")
    frozen = folder / "data"
    frozen.mkdir()
    shutil.copytree(folder / "teacher" / "model", frozen / "teacher")
    lines = [json.dumps({"id": n, "text": text}, ensure_ascii=False) for n, text in enumerate(free)]
    (frozen / "candidates.jsonl").write_text("\n".join(lines), "utf-8")
    taught = dataclasses.replace(known, folder=frozen)
    return of_teacher, alone, trained(pupil, seed, taught, folder / "taught", wanted)


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument("--labels", type=int, default=300)
    parser.add_argument("--unlabelled", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--temperature", type=float, default=2.0)
    parser.add_argument("--hard-share", type=float, default=0.5)
    parser.add_argument("--pairs", nargs="+", default=["baseline:lstm-small", "bert-mini:lstm-small"])
    given = parser.parse_args()
    data = bench.require_data(given.data)
    torch.set_num_threads(1)
    report = bench.Report(quick=given.quick)
    rows = rows_of(data)
    wanted = Teaching(EarlierModel("run", "teacher"), given.temperature, given.hard_share)
    for pair in given.pairs[:1] if given.quick else given.pairs:
        teacher, pupil = pair.split(":")
        found = []
        for seed in range(1 if given.quick else given.seeds):
            drawn = list(rows["train"])
            random.Random(seed).shuffle(drawn)
            at = given.labels * 8 // 10
            known = TrainingData(
                labelled(drawn[:at]), labelled(drawn[at : given.labels]), labelled(rows["test"])
            )
            free = [text for text, _ in drawn[given.labels : given.labels + given.unlabelled]]
            with tempfile.TemporaryDirectory() as folder, bench.own_home():
                found.append(triple(teacher, pupil, seed, wanted, known, free, Path(folder)))
        for figure in ("accuracy", "macro_f1"):
            of_teacher, alone, taught = (
                [each[place][f"test_{figure}"] for each in found] for place in (0, 1, 2)
            )
            report.figure(
                f"{pupil} taught by {teacher}: {figure}", statistics.mean(taught), "share",
                peer={"alone": round(statistics.mean(alone), 4)},
                teacher=round(statistics.mean(of_teacher), 4),
                change=[round(one - other, 4) for one, other in zip(taught, alone, strict=True)],
                rows_per_s={
                    who: round(statistics.median(each[2][f"{who}_rows_per_s"] for each in found))
                    for who in ("teacher", "pupil")
                },
            )  # fmt: skip
    return report.status()


if __name__ == "__main__":
    raise SystemExit(main())
