"""What ``torch.compile`` would bring to a training: steps of the same batches without and with it.

Each net with its default options, nothing hidden, on comments of waimai_10k: milliseconds of a step
(medians), seconds that the compiled ones lose before they are quick, and how often they were compiled
meanwhile. One thread, or a card where there is one. ``worth_it_after``: seconds of training from which it
pays, null where it never does.
"""

from __future__ import annotations

import csv
import os
import random
import statistics
import sys
import time
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import bench
import numpy as np
import torch
from torch._dynamo.utils import counters

from senti_studio.domain.architectures import default_options
from senti_studio.learning.architectures import architecture
from senti_studio.learning.batches import Rows, epoch_order
from senti_studio.learning.contract import Classifier
from senti_studio.learning.precision import chosen
from senti_studio.learning.steps import Stepper
from senti_studio.text.normalise import Normalisation, normalise

ARCHITECTURES = ("lstm", "gru", "textcnn", "bert")
ROWS, BATCHES = 2000, 24
PASSES = 6
"""Over the batches: what is compiled is compiled in the first of them."""


def step_ms(stepper: Stepper, batches: list[Rows], passes: int) -> list[list[float]]:
    """Milliseconds of each step, for each pass over the batches."""
    found = []
    for _ in range(passes):
        times = []
        for rows in batches:
            start = time.perf_counter()
            stepper.gather(rows, len(rows))
            stepper.apply()
            if stepper.device.type == "cuda":
                torch.cuda.synchronize()
            times.append(1000 * (time.perf_counter() - start))
        found.append(times)
    return found


def measure(report: bench.Report, name: str, texts: list[str], *, quick: bool) -> None:
    """One architecture, first as it is, then the same net compiled."""
    options = default_options(name)
    kind = architecture(name)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    encoder, known = kind.learn_encoder(
        [normalise(text, Normalisation.of(options)) for text in texts], options
    )
    labels = np.arange(len(texts)) % 2
    order = epoch_order(known.lengths, batch_size=kind.plan(options, len(texts)).batch_size, seed=1, epoch=0)
    batches = order[: 8 if quick else BATCHES]

    def stepper(net: Classifier) -> Stepper:
        return Stepper(
            net, options, texts=known, labels=labels, classes=2, device=device,
            precision=chosen(options.precision, device) or torch.float32,
        )  # fmt: skip

    def net() -> Classifier:
        torch.manual_seed(1)
        return kind.rebuild(kind.config(options), encoder, 2).to(device)

    plain = statistics.median(step_ms(stepper(net()), batches, 3)[-1])
    torch._dynamo.reset()
    counters.clear()
    compiled_net: Any = net()
    compiled_net.compile(dynamic=True)
    start = time.perf_counter()
    passes = step_ms(stepper(compiled_net), batches, 3 if quick else PASSES)
    whole = time.perf_counter() - start
    compiled = statistics.median(passes[-1])
    lost = max(0.0, whole - len(passes) * len(batches) * compiled / 1000)
    gain = plain - compiled
    report.figure(
        f"compile.{name}", plain / compiled, "x", plain_ms=round(plain, 1), compiled_ms=round(compiled, 1),
        compiling_s=round(lost, 1), graphs=counters["stats"]["unique_graphs"],
        breaks=sum(counters["graph_break"].values()), device=str(device),
        worth_it_after=round(lost / gain * plain) if gain > 0 else None,
    )  # fmt: skip


def main() -> int:
    given = bench.parser(__doc__ or "")
    given.add_argument("--architectures", nargs="+", default=ARCHITECTURES, choices=ARCHITECTURES)
    asked = given.parse_args()
    data = bench.require_data(asked.data)
    torch.set_num_threads(1)
    report = bench.Report(quick=asked.quick)
    with (data / "waimai_10k" / "waimai_10k.csv").open(encoding="utf-8-sig", newline="") as file:
        texts = [row["review"] for row in csv.DictReader(file)]
    random.Random(1).shuffle(texts)
    with bench.own_home():
        for name in asked.architectures:
            measure(report, name, texts[:ROWS], quick=asked.quick)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
