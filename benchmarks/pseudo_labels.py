"""What pseudo-labels add: ``--labels`` comments of waimai_10k (``split_seed42.csv``) alone, and the same
training with its own model's word on ``--unlabelled`` others, where it is sure (0.95, at most 500 a class).

Accuracy and macro F1 on the test part, the mean over seeds; each seed draws its labelled comments anew.
Beside them: how many joined, and how many of these were right (their labels are known here and nowhere used).
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
from senti_studio.domain.transfer import EarlierModel, PseudoLabels
from senti_studio.jobs.protocol import Finished
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit

Row = tuple[str, int]


def trained(spec: TrainingSpec, data: TrainingData, out: Path) -> dict[str, Any]:
    """The figures of a training."""
    end = list(fit(spec, data, out))[-1]
    assert isinstance(end, Finished)
    return dict(end.metrics)


def pair(
    architecture: str, seed: int, wanted: PseudoLabels, known: TrainingData, free: list[Row], folder: Path
) -> tuple[dict[str, Any], dict[str, Any], int, int]:
    """Figures without and with pseudo-labels; how many joined, and how many of them were right."""
    options = dataclasses.replace(default_options(architecture), seed=seed)
    spec = TrainingSpec("run", architecture, architecture, LABELS, options, "cpu")
    without = trained(spec, known, folder / "without")
    frozen = folder / "data"
    frozen.mkdir()
    shutil.copytree(folder / "without" / "model", frozen / "teacher")
    lines = [json.dumps({"id": n, "text": text}, ensure_ascii=False) for n, (text, _) in enumerate(free)]
    (frozen / "candidates.jsonl").write_text("\n".join(lines), "utf-8")
    taught = dataclasses.replace(known, folder=frozen)
    figures = trained(dataclasses.replace(spec, pseudo=wanted), taught, folder / "with")
    joined = [json.loads(line) for line in (frozen / "pseudo.jsonl").read_bytes().splitlines()]
    right = sum(free[int(row["id"])][1] == row["label"] for row in joined)
    return without, figures, len(joined), right


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument("--labels", type=int, default=300)
    parser.add_argument("--unlabelled", type=int, default=5000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threshold", type=float, default=0.95)
    parser.add_argument("--most", type=int, default=500)
    parser.add_argument("--weight", type=float, default=1.0)
    parser.add_argument("--unbalanced", action="store_true", help="classes need not keep their shares")
    parser.add_argument("--architectures", nargs="+", default=["lstm", "textcnn", "baseline"])
    given = parser.parse_args()
    data = bench.require_data(given.data)
    torch.set_num_threads(1)
    report = bench.Report(quick=given.quick)
    rows = rows_of(data)
    wanted = PseudoLabels(
        EarlierModel("run", "teacher"), given.threshold, given.most, given.weight, not given.unbalanced
    )
    for architecture in ["baseline"] if given.quick else given.architectures:
        found = []
        for seed in range(1 if given.quick else given.seeds):
            drawn = list(rows["train"])
            random.Random(seed).shuffle(drawn)
            at = given.labels * 8 // 10
            train, valid = drawn[:at], drawn[at : given.labels]
            free = drawn[given.labels : given.labels + given.unlabelled]
            known = TrainingData(labelled(train), labelled(valid), labelled(rows["test"]))
            with tempfile.TemporaryDirectory() as folder:
                found.append(pair(architecture, seed, wanted, known, free, Path(folder)))
        for figure in ("accuracy", "macro_f1"):
            plain = [without[f"test_{figure}"] for without, *_ in found]
            better = [figures[f"test_{figure}"] for _, figures, *_ in found]
            report.figure(
                f"{architecture}: {figure} with pseudo-labels", statistics.mean(better), "share",
                without=round(statistics.mean(plain), 4),
                change=[round(one - other, 4) for one, other in zip(better, plain, strict=True)],
                joined=[count for *_, count, _ in found],
                right=[round(right / count, 4) if count else None for *_, count, right in found],
                agreement=[round(figures.get("pseudo_agreement", 0.0), 4) for _, figures, *_ in found],
            )  # fmt: skip
    return report.status()


if __name__ == "__main__":
    raise SystemExit(main())
