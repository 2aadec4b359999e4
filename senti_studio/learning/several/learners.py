"""The processes beside a training: started, told of every step, ended. All else is done by the training."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from senti_studio.jobs.launch import RUN_ENVIRONMENT, worker_command, worker_environment
from senti_studio.jobs.protocol import Preparing
from senti_studio.learning.batches import Rows
from senti_studio.learning.several.notes import Step, packed
from senti_studio.learning.several.sharing import Share, join
from senti_studio.learning.steps import Stepper
from senti_studio.learning.trouble import LearnerLostError

_LOOK_S = 0.1
_END_S = 5.0
"""A process that has not ended so long after it was told to is killed."""
_STORE = "meeting"
_SEEDS = 2**31


class _Learner:
    """One process: told through its stdin, whose end is its own end."""

    def __init__(self, *contents: memoryview) -> None:
        self._process = subprocess.Popen(
            worker_command("learner"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**RUN_ENVIRONMENT, **worker_environment()},
            bufsize=0,
        )
        self.is_ready = False
        self._threads = [
            threading.Thread(target=self._deliver, args=contents, daemon=True),
            threading.Thread(target=self._listen, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _deliver(self, *contents: memoryview) -> None:
        with contextlib.suppress(OSError):  # it is gone: whoever waits for it sees that
            for content in contents:
                self._write(content)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        self.is_ready = bool(self._process.stdout.readline())
        self._process.wait()

    @property
    def status(self) -> int | None:
        """The exit status of a process that has ended."""
        return self._process.poll()

    def tell(self, content: bytes) -> None:
        """Raises OSError when it is gone."""
        self._write(content)

    def _write(self, content: bytes | memoryview) -> None:
        assert self._process.stdin is not None
        left = memoryview(content)
        while left:
            left = left[self._process.stdin.write(left) :]

    def end(self) -> None:
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()

    def wait(self) -> None:
        """After `end`: until it has ended, by force where that takes too long."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_S)
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()
        if self._process.stdout is not None:
            self._process.stdout.close()


class Learners:
    """A context in which every step of ``stepper`` is taken by this process and one more on each of
    ``beside``."""

    def __init__(self, stepper: Stepper, beside: Sequence[torch.device]) -> None:
        self._stepper, self._beside = stepper, beside
        self.size = 1 + len(beside)
        self._learners: list[_Learner] = []
        self._share: Share | None = None
        self._group: Any = None
        self._folder = tempfile.TemporaryDirectory(prefix="senti-studio-")
        self._threads = torch.get_num_threads()

    def __enter__(self) -> Learners:
        return self

    def start(self) -> Iterator[Preparing]:
        """Starts the processes and waits for them. Raises LearnerLostError."""
        device, store = self._stepper.device, Path(self._folder.name) / _STORE
        if device.type == "cpu":
            torch.set_num_threads(max(1, self._threads // self.size))
        with self._stepper.net.portable():
            stepper = packed(self._stepper.to_share())  # once for all of them
        for place, other in enumerate(self._beside, start=1):
            self._learners.append(_Learner(packed(self._place(place, other, store)), stepper))
        told = 0.0
        while not all(learner.is_ready for learner in self._learners):
            self._require_all()
            if time.monotonic() - told > 1:
                told = time.monotonic()
                yield Preparing(stage="building")
            time.sleep(_LOOK_S)
        try:
            self._group = join(store, place=0, size=self.size, device=device)
            self._share = Share(self._stepper, place=0, size=self.size, group=self._group)
        except RuntimeError as error:
            self._require_all(error)
            raise

    def _place(self, place: int, device: torch.device, store: Path) -> dict[str, Any]:
        return {
            "place": place,
            "size": self.size,
            "device": str(device),
            "store": str(store),
            "threads": torch.get_num_threads(),
        }

    def gather(self, rows: Rows, rows_at_once: int) -> list[tuple[Tensor, int]]:
        """As `Stepper.gather`, by all processes. Raises LearnerLostError when one of them is gone."""
        assert self._share is not None
        seed = int(torch.randint(_SEEDS, ()))
        rates = tuple(float(group["lr"]) for group in self._stepper.optimiser.param_groups)
        told = Step(rows, rows_at_once, seed, rates).to_bytes()
        try:
            for learner in self._learners:
                learner.tell(told)
            return self._share.gather(rows, rows_at_once)
        except torch.OutOfMemoryError:
            raise
        except (OSError, RuntimeError) as error:
            self._require_all(error)
            raise

    def _require_all(self, error: Exception | None = None) -> None:
        """Raises LearnerLostError for one that has ended; ``error`` came of that, so that one must have."""
        end = time.monotonic() + (_END_S if error is not None else 0)
        while True:
            for place, learner in enumerate(self._learners, start=2):
                if learner.status is not None:
                    raise LearnerLostError(process=place, of=self.size, status=learner.status) from error
            if time.monotonic() >= end:
                return
            time.sleep(_LOOK_S)

    def __exit__(self, *_: object) -> None:
        if self._group is not None and self._stepper.device.type == "cuda":
            # Cards that wait for one that is gone would wait for ever.
            self._group.abort()
        for learner in self._learners:
            learner.end()
        for learner in self._learners:
            learner.wait()
        self._share = self._group = None
        if dist.is_initialized():
            dist.destroy_process_group()
        if self._stepper.device.type == "cpu":
            torch.set_num_threads(self._threads)
        self._folder.cleanup()
