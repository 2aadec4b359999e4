"""Starts real workers, and waits for them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from senti_studio.jobs.launch import worker_command, worker_environment
from senti_studio.jobs.run_folder import RunFolder

StartRun = Callable[..., subprocess.Popen[bytes]]
"""The fixture ``start``: of a run folder, ``resume=`` or another command."""

LIMIT_S = 120


def wait_until(is_so: Callable[[], bool], *, limit_s: float = LIMIT_S) -> None:
    """Looks again every few milliseconds; fails the test at the limit."""
    pause = threading.Event()
    for _ in range(int(limit_s / 0.01)):
        if is_so():
            return
        pause.wait(0.01)
    pytest.fail(f"not so after {limit_s} s: {is_so}")


class Talk:
    """One attached helper, as the window talks to it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._last_id = 0

    @classmethod
    def start(cls, kind: str) -> Talk:
        return cls(
            subprocess.Popen(
                worker_command(kind),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=worker_environment() | {"OMP_NUM_THREADS": "1"},
            )
        )

    def send(self, do: str, **params: Any) -> int:
        self._last_id += 1
        self.write({"id": self._last_id, "do": do, **params})
        return self._last_id

    def write(self, values: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(values).encode() + b"\n")
        self.process.stdin.flush()

    def next(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.errors()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def last(self) -> dict[str, Any]:
        """The answer that ends the request at work."""
        while True:
            answer = self.next()
            if answer["type"] != "Progress":
                return answer

    def ask(self, do: str, **params: Any) -> dict[str, Any]:
        number = self.send(do, **params)
        answer = self.last()
        assert answer["id"] == number
        return answer

    def errors(self) -> str:
        assert self.process.stderr is not None
        self.process.kill()
        return self.process.stderr.read().decode("utf-8", "replace")

    def close(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(LIMIT_S)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(LIMIT_S)


def run_worker(folder: RunFolder, *, resume: bool = False, **options: Any) -> subprocess.Popen[bytes]:
    """Starts ``worker classify`` as the program does, but as a child that can be waited for."""
    with folder.log_path.open("ab") as log:
        return subprocess.Popen(
            worker_command("classify", str(folder.path), *(["--resume"] if resume else [])),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**worker_environment(), "OMP_NUM_THREADS": "1"},
            **options,
        )


def has_no_leftovers(folder: Path) -> bool:
    """Whether no temporary file lies in ``folder``."""
    return not [name for name in os.listdir(folder) if name.endswith((".part", ".tmp"))]  # noqa: PTH208


_WORDS = (("很好", "喜欢", "满意", "不错"), ("很差", "讨厌", "失望", "难吃"))


def labelled_rows(count: int, start: int) -> str:
    """Lines of a part of a run's data: short reviews, by turns good (0) and bad (1)."""
    lines = []
    for number in range(start, start + count):
        label = number % 2
        text = f"第{number}次来，{_WORDS[label][number // 2 % 4]}，" + "位置在市中心" * (number % 5)
        lines.append(json.dumps({"id": number, "text": text, "label": label}, ensure_ascii=False))
    return "\n".join(lines) + "\n"
