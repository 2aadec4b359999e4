"""Trainings in processes of their own, and one that is killed once it has a checkpoint."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.launch import worker_command, worker_environment
from senti_studio.jobs.protocol import CheckpointSaved, Progress
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit


def interrupted_and_resumed(spec: TrainingSpec, data: TrainingData, out: Path, *, step: int) -> None:
    """A training that ends at a step and is gone on with, all in this process; every step is to be told."""
    events = fit(spec, data, out)
    for event in events:
        if isinstance(event, Progress) and event.step == step:
            events.close()  # type: ignore[attr-defined]
    list(fit(spec, data, out, resume=Checkpoints(out / "checkpoints").last()))


def started(folder: RunFolder, *more: str) -> subprocess.Popen[bytes]:
    with folder.log_path.open("ab") as log:
        return subprocess.Popen(
            worker_command("train", str(folder.path), *more),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**worker_environment(), "OMP_NUM_THREADS": "1"},
        )


def kill_after_a_checkpoint(folder: RunFolder) -> None:
    """Starts the training and ends it by SIGKILL; nobody waits for its last sign of life."""
    process = started(folder)
    try:
        pause, end = threading.Event(), time.monotonic() + 90
        while not any(isinstance(event, CheckpointSaved) for event in folder.events()):
            assert process.poll() is None, folder.log_tail()
            assert time.monotonic() < end
            pause.wait(0.01)
    finally:
        process.kill()
        process.wait()
    os.utime(folder.log_path, (1, 1))
