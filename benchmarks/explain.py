"""Explanations: do the weights add up, do they mean something, are they fast enough to follow a selection?

Each architecture is trained with its own defaults (``--quick``: on fewer comments, two epochs) and asked
about 500 comments of at least 20 characters that it has not seen. *Adds up*: the sum of the weights of all
characters and of what has no place, against the difference of two scores that are asked of the net in the
ordinary way (the text, and the same with vectors of zeros and n-grams that weigh nothing; of BERT, a new
small one, with padding between its marks). *Means something*: the ten characters that speak most for the
predicted class are deleted, and ten at random; after which does the score of that class fall further? Where
captum is installed, its integrated gradients (64 points) of the same net are held against ours.
"""

from __future__ import annotations

import csv
import importlib.util
import random
import statistics
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from bench import Report, own_home, parser, require_data

from senti_studio.domain.architectures import FACTS, default_options
from senti_studio.domain.explaining import Explanation
from senti_studio.domain.specs import DataSummary, LabelName, TrainingSpec
from senti_studio.learning.batches import make_batch
from senti_studio.learning.bert.token_encoder import TokenEncoder
from senti_studio.learning.contract import Batch
from senti_studio.learning.data import LabelledTexts, TrainingData
from senti_studio.learning.explain.explainer import Explainer
from senti_studio.learning.explain.integration import integrate
from senti_studio.learning.fit import fit
from senti_studio.learning.model_folder import Model, load_model

ASKED, DELETED, SHORTEST, POINTS = 500, 10, 20, 64
SETS = {
    "waimai_10k": ("waimai_10k/waimai_10k.csv", ",", "review"),
    "chnsenticorp": ("chnsenticorp/train.tsv", "\t", "text_a"),
}
ENCODER, BERT_EPOCHS, BERT_ROWS = "scratch-mini", 3, 3000
"""A small encoder that has learnt nothing before needs no file but the comments, and minutes."""
LABELS = (LabelName("0", "负面"), LabelName("1", "正面"))


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--set", choices=list(SETS), default="waimai_10k")
    arguments.add_argument("--only", default=",".join(FACTS), help="architectures, by comma")
    arguments.add_argument("--comments", type=int, default=ASKED, help="how many are asked about")
    arguments.add_argument("--rows", type=int, default=0, help="how many are learnt from, 0: all but 2,500")
    given = arguments.parse_args()
    report = Report(quick=given.quick)
    rows = rows_of(require_data(given.data), given.set)
    count = 1500 if given.quick else given.rows or len(rows) - 2500
    train, valid = rows[:count], rows[count : count + (200 if given.quick else 1000)]
    rest = [text for text, _ in rows[count + len(valid) :] if len(text) >= SHORTEST]
    texts = rest[: min(given.comments, 100) if given.quick else given.comments]
    with own_home() as home:
        for key in given.only.split(","):
            learnt = train[:BERT_ROWS] if key == "bert" else train
            model = trained(key, learnt, valid, home / key, quick=given.quick)
            measure(report, f"{given.set}, {key}", model, texts)
    return report.status()


def rows_of(data: Path, name: str) -> list[tuple[str, int]]:
    """(text, class), shuffled alike each time."""
    path, delimiter, column = SETS[name]
    with (data / path).open(encoding="utf-8-sig", newline="") as file:
        quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
        found = csv.DictReader(file, delimiter=delimiter, quoting=quoting)
        rows = [(row[column], int(row["label"])) for row in found if row[column].strip()]
    random.Random(7).shuffle(rows)
    return rows


def trained(
    key: str, train: list[tuple[str, int]], valid: list[tuple[str, int]], out: Path, *, quick: bool
) -> Model:
    options = default_options(key)
    if key == "bert":
        options = replace(options, encoder=ENCODER, epochs=BERT_EPOCHS)
    if quick and key != "baseline":
        options = replace(options, epochs=2)
    spec = TrainingSpec(key, key, key, LABELS, options, "cpu", DataSummary({"train": len(train)}, "0" * 64))
    out.mkdir(parents=True)
    for _ in fit(spec, TrainingData(part(train, 1), part(valid, 1 + len(train))), out):
        pass
    return load_model(out / "model")


def part(rows: list[tuple[str, int]], first: int) -> LabelledTexts:
    ids = tuple(range(first, first + len(rows)))
    return LabelledTexts(ids, tuple(text for text, _ in rows), tuple(label for _, label in rows))


def measure(report: Report, name: str, model: Model, texts: list[str]) -> None:
    explainer = Explainer(model, torch.device("cpu"))
    explainer.explain(texts[:2])
    started = time.perf_counter()
    told = [each.explanations[0] for each in explainer.explain(texts)]
    together = (time.perf_counter() - started) / len(texts)
    errors = np.array([error_of(model, text, one) for text, one in zip(texts, told, strict=True)])
    report.figure(
        f"{name}: comments whose weights add up within 2 %", float((errors <= 0.02).mean()), "share",
        at_least=1.0, judged_when_quick=True, comments=len(texts),
        largest_error=float(errors.max()), median_error=float(np.median(errors)),
    )  # fmt: skip
    more, margins = deletions(model, texts, told)
    report.figure(
        f"{name}: deleting the ten characters most for it lowers the score more than ten at random",
        float(more), "share", at_least=0.9, comments=len(texts), median_margin=statistics.median(margins),
    )  # fmt: skip
    for words in (50, 100):
        text = long_text(texts, model, words)
        times, worked = [], []
        for _ in range(7):
            started, before = time.perf_counter(), time.process_time()
            explainer.explain([text])
            times.append(time.perf_counter() - started)
            worked.append(time.process_time() - before)
        report.figure(
            f"{name}: one comment of {words} words", 1000 * statistics.median(times), "ms",
            at_most=100.0 if words == 100 else None, each_of_many=1000 * together,
            threads=torch.get_num_threads(), processor_ms=1000 * statistics.median(worked),
        )  # fmt: skip
    if importlib.util.find_spec("captum") and model.architecture.key != "baseline":
        compare(report, name, model, texts[:20])


def logits(model: Model, texts: list[str]) -> np.ndarray[Any, Any]:
    encoded = model.encoder.encode([model.encoder.normalise(text) or " " for text in texts])
    with torch.inference_mode():
        batch = make_batch(encoded, np.arange(len(texts)), torch.device("cpu"))
        return model.net(batch).double().numpy()


def error_of(model: Model, text: str, told: Explanation) -> float:
    """How far the weights miss the difference of the scores, as a share of it or of 0.1."""
    batch = batch_of(model, text)
    score = float(logits(model, [text])[0, told.label])
    difference = score - silent(model, batch, told.label)
    return abs(sum(told.characters) + told.rest - difference) / max(abs(difference), 0.1)


def silent(model: Model, batch: Batch, label: int) -> float:
    """The score of a text of the same length that says nothing, asked of the net in the ordinary way: units
    whose vectors are zeros and n-grams that weigh nothing, of an encoder padding between the marks."""
    net = model.net
    if isinstance(model.encoder, TokenEncoder):
        marks = model.encoder.marks
        ids = batch.units[0].clone()
        ids[:, len(marks.before) : ids.shape[1] - len(marks.behind)] = marks.padding
        with torch.no_grad():
            return float(net(replace(batch, units=(ids,)))[0, label])
    kept = {name: value.clone() for name, value in net.named_parameters() if "embedding" in name}
    with torch.no_grad():
        for name, value in net.named_parameters():
            if name in kept:
                value.zero_()
        if batch.ngram_weights is not None:
            batch = replace(batch, ngram_weights=torch.zeros_like(batch.ngram_weights))
        blank = float(net(batch)[0, label])
        for name, value in net.named_parameters():
            if name in kept:
                value.copy_(kept[name])
    return blank


def batch_of(model: Model, text: str) -> Batch:
    encoded = model.encoder.encode([model.encoder.normalise(text)])
    return make_batch(encoded, np.arange(1), torch.device("cpu"))


def deletions(model: Model, texts: list[str], told: list[Explanation]) -> tuple[float, list[float]]:
    """The share of texts whose score falls further without the characters most for the class, and by how
    much."""
    chance = random.Random(11)
    margins = []
    for text, one in zip(texts, told, strict=True):
        most = sorted(range(len(text)), key=lambda place: -one.characters[place])[:DELETED]
        some = chance.sample(range(len(text)), DELETED)
        found = logits(model, [without(text, most), without(text, some)])[:, one.label]
        margins.append(float(found[1] - found[0]))
    return float(np.mean([margin > 0 for margin in margins])), margins


def without(text: str, places: list[int]) -> str:
    gone = set(places)
    return "".join(letter for place, letter in enumerate(text) if place not in gone)


def long_text(texts: list[str], model: Model, words: int) -> str:
    """Comments one behind the other, cut at so many words."""
    whole = "，".join(texts)[: 4 * words]
    spans = model.encoder.words(model.encoder.normalise(whole))  # type: ignore[attr-defined]
    return model.encoder.normalise(whole)[: spans[min(words, len(spans)) - 1][1]]


def compare(report: Report, name: str, model: Model, texts: list[str]) -> None:
    """How far units' shares are from captum's, how far both miss the difference of the scores, and how long
    both take. Where a net tips over on the way, a fixed number of points may meet the steep place, or miss
    it."""
    from captum.attr import IntegratedGradients

    apart: list[float] = []
    missed: list[tuple[float, float]] = []
    ours = theirs = 0.0
    for text in texts:
        batch = batch_of(model, text)
        label = int(logits(model, [text])[0].argmax())
        with torch.no_grad():
            vectors = model.net.vectors(batch)

        def scored(*x: torch.Tensor, batch: Batch = batch) -> torch.Tensor:
            rows = len(x[0])
            wide = Batch(
                tuple(each.expand(rows, -1) for each in batch.units),
                tuple(each.expand(rows) for each in batch.lengths),
            )
            return model.net.scored(x, wide)

        started = time.perf_counter()
        found = IntegratedGradients(scored).attribute(
            vectors, target=label, n_steps=POINTS, method="gausslegendre"
        )
        theirs += time.perf_counter() - started
        started = time.perf_counter()
        own = integrate(model.net, batch, np.array([[label]]), np.zeros((1, 1)))
        ours += time.perf_counter() - started
        mine = np.concatenate([each[0, 0] for each in own.shares])
        other = np.concatenate([each[0].sum(dim=1).detach().numpy() for each in found])
        difference = float(own.end[0, 0] - own.start[0, 0])
        apart.append(float(np.abs(mine - other).max()))
        least = max(abs(difference), 0.1)
        missed.append((abs(mine.sum() - difference) / least, abs(other.sum() - difference) / least))
    report.figure(
        f"{name}: largest difference of a unit's share to captum's, median of comments",
        statistics.median(apart), "logit",
        peer={
            "name": f"captum IntegratedGradients, {POINTS} points", "seconds": theirs,
            "largest_error": float(max(each for _, each in missed)),
        },
        seconds=ours, largest_error=float(max(each for each, _ in missed)), comments=len(texts),
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
