"""A worker without learning: a real process that keeps the contract of the run folder, and breaks it
on request.

``python scripted_worker.py train FOLDER [--resume]`` takes the lock, writes events, obeys commands.
What it does is
read from ``$SENTI_TEST_SCRIPT`` (JSON, fields of `Script`), so that a test can put it in the place of
``senti-studio worker`` by replacing `senti_studio.jobs.launch.worker_command`.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import signal
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from senti_studio.jobs.lock import FileLock
from senti_studio.jobs.protocol import (
    Cancelled,
    CheckpointSaved,
    Evaluated,
    Event,
    Failed,
    Finished,
    Paused,
    Preparing,
    Progress,
    Started,
    Stopped,
)
from senti_studio.jobs.run_folder import CommandTail, RunFolder

VARIABLE = "SENTI_TEST_SCRIPT"


@dataclass
class Script:
    """``*_at`` name the step at which something happens (0 = never); ``pace`` is seconds a step."""

    steps: int = 40
    steps_per_epoch: int = 10
    pace: float = 0.01
    prepare: float = 0.0
    crash_at: int = 0
    crash_by: str = "SIGKILL"
    hang_at: int = 0
    fail_at: int = 0
    fail_code: str = "OUT_OF_MEMORY"
    babble: bool = False
    version: int = 1
    log: str = ""
    labels: int = 3

    def environment(self) -> dict[str, str]:
        return {VARIABLE: json.dumps(asdict(self))}


class ScriptedWorker:
    """One start of the scripted run."""

    def __init__(self, folder: RunFolder, script: Script) -> None:
        self.folder = folder
        self.script = script
        self.commands = CommandTail(folder)

    def run(self, *, resume: bool) -> int:
        if not resume:
            self.commands.offset = 0  # as the real worker: what was said before it was ready counts
        lock = FileLock(self.folder.lock_path)
        if not lock.acquire():
            return 3
        if self.script.log:
            sys.stderr.write(self.script.log + "\n")
        first = self._last_checkpoint() if resume else 0
        self._start(first)
        for step in range(first + 1, self.script.steps + 1):
            time.sleep(self.script.pace)
            self._misbehave(step)
            self._train(step)
            ending = self._obey(step)
            if ending is not None:
                self._write(ending)
                return 0
        self._evaluate("test", self.script.steps)
        self._write(Finished(reason="epochs", metrics=self._metrics(), output={"model": "model"}))
        return 0

    def _start(self, first: int) -> None:
        script = self.script
        self._write(
            Started(
                v=script.version,
                run_id=self.folder.id,
                pid=os.getpid(),
                device="cpu",
                device_name="测试处理器",
                total_steps=script.steps,
                steps_per_epoch=script.steps_per_epoch,
                epochs=math.ceil(script.steps / script.steps_per_epoch),
                total_rows=script.steps * 32,
                resumed_from_step=first,
            )
        )
        self._write(Preparing(stage="segmenting", done=0, total=100))
        time.sleep(script.prepare)

    def _train(self, step: int) -> None:
        script = self.script
        self._write(
            Progress(
                step=step,
                epoch=step / script.steps_per_epoch,
                loss=0.3 + 0.8 * math.exp(-step / 15) + 0.05 * math.sin(step * 7.0),
                lr=2e-3,
                rows_per_s=96.0,
                eta=(script.steps - step) * script.pace,
                memory=300_000_000 + step,
                elapsed=step * script.pace,
            )
        )
        if step % script.steps_per_epoch == 0:
            self._evaluate("valid", step)
            self._write(CheckpointSaved(epoch=step / script.steps_per_epoch, step=step, is_best=True))
            self.folder.checkpoints.mkdir(exist_ok=True)
            (self.folder.checkpoints / "last.json").write_text(json.dumps({"step": step}), "utf-8")

    def _evaluate(self, split: str, step: int) -> None:
        size = self.script.labels
        hits = min(90, 40 + step)
        confusion = tuple(
            tuple(hits if i == j else (100 - hits) // max(1, size - 1) for j in range(size))
            for i in range(size)
        )
        share = hits / 100
        per_label = tuple(
            {"precision": share, "recall": share, "f1": share, "support": 100} for _ in range(size)
        )
        self._write(
            Evaluated(
                epoch=step / self.script.steps_per_epoch,
                step=step,
                split=split,
                loss=0.35 + math.exp(-step / 20),
                accuracy=share,
                macro_f1=share - 0.02,
                per_label=per_label,
                confusion=confusion,
                is_best=split == "valid",
                patience_left=3,
            )
        )

    def _metrics(self) -> dict[str, float]:
        return {"macro_f1": 0.88, "accuracy": 0.9, "loss": 0.35}

    def _obey(self, step: int) -> Event | None:
        for command in self.commands.commands():
            if command == "pause":
                return Paused(step=step)
            if command == "stop":
                self._evaluate("test", step)
                return Stopped(metrics=self._metrics(), output={"model": "model"})
            if command == "cancel":
                return Cancelled()
        return None

    def _misbehave(self, step: int) -> None:
        script = self.script
        if script.babble:
            self._babble(step)
        if step == script.crash_at:
            if script.crash_by == "SIGSEGV":
                ctypes.string_at(0)
            os.kill(os.getpid(), getattr(signal, script.crash_by))
        if step == script.hang_at:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                time.sleep(3600)
        if step == script.fail_at:
            self._write(Failed(code=script.fail_code, params={"detail": "脚本"}, traceback="Traceback …"))
            sys.exit(1)

    def _babble(self, step: int) -> None:
        """Garbage between whole events: noise, unknown kinds, wrong JSON, a huge line, half a line."""
        rubbish = (
            b"Loading model from cache ...\n",
            b'{"type": "Teleported", "where": "\xe7\x81\xab\xe6\x98\x9f"}\n',
            b"[1, 2, 3]\nnull\n\n",
            b'{"type": "Progress", "step": \n',
            b"\xff\xfe\x00\x01\n",
            b'{"type": "Warned", "code": "' + b"x" * 2_000_000 + b'"\n',
        )
        with self.folder.events_path.open("ab") as file:
            file.write(rubbish[step % len(rubbish)])

    def _last_checkpoint(self) -> int:
        pointer = self.folder.checkpoints / "last.json"
        return int(json.loads(pointer.read_text("utf-8"))["step"]) if pointer.exists() else 0

    def _write(self, event: Event) -> None:
        self.folder.append_event(event)


def main() -> int:
    """The script comes from the environment, the folder from the command line."""
    arguments = sys.argv[1:]
    script = Script(**json.loads(os.environ.get(VARIABLE, "{}")))
    return ScriptedWorker(RunFolder(Path(arguments[1])), script).run(resume="--resume" in arguments)


if __name__ == "__main__":
    sys.exit(main())
