"""How fast the machine multiplies matrices, and where the time of a training goes.

``step_profile.py RUN_FOLDER``: prints the billions of operations a second of large products on all cores, and
the mean number of units of a row, as JSON; with ``--table`` learns an epoch of the run again on one thread
under torch's profiler, and prints the operations that took longest (to stderr).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from torch.profiler import ProfilerActivity, profile

from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.learning.architectures import architecture
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.text.normalise import Normalisation, normalise

SIDE = 1024
SECONDS = 2.0


def matrix_rate() -> float:
    """Billions of multiplications and additions a second, the best of many products."""
    one, other = torch.randn(SIDE, SIDE), torch.randn(SIDE, SIDE)
    into = torch.empty(SIDE, SIDE)
    best, end = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        torch.mm(one, other, out=into)
        best = min(best, time.perf_counter() - start)
    return 2 * SIDE**3 / best / 1e9


def units_a_row(spec: TrainingSpec, data: TrainingData) -> float:
    """What a net of the run reads of a training row, on average."""
    how = Normalisation.of(spec.options)
    texts = [normalise(text, how) for text in data.train.texts]
    _, encoded = architecture(spec.architecture).learn_encoder(texts, spec.options)
    return float(encoded.lengths.mean())


def table(spec: TrainingSpec, data: TrainingData) -> str:
    """The operations of an epoch by the time that they took themselves."""
    torch.set_num_threads(1)
    once = dataclasses.replace(spec, options=dataclasses.replace(spec.options, epochs=1))
    with tempfile.TemporaryDirectory() as place, profile(activities=[ProfilerActivity.CPU]) as seen:
        for _ in fit(once, data, Path(place)):
            pass
    return str(seen.key_averages().table(sort_by="self_cpu_time_total", row_limit=20))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    folder = RunFolder(given.run)
    spec = folder.spec()
    if not isinstance(spec, TrainingSpec):
        raise SystemExit(f"{given.run} is no training")
    data = TrainingData.read(folder.data, classes=len(spec.labels))
    found = {"gflops": matrix_rate(), "units_a_row": units_a_row(spec, data)}
    if given.table:
        print(table(spec, data), file=sys.stderr)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
