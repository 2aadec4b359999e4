"""What every benchmark script shares: its arguments and the JSON lines that it prints."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

_PACKAGES = ("senti-studio", "torch", "PySide6-Essentials", "pyqtgraph", "numpy", "rjieba", "scikit-learn")


def parser(description: str) -> argparse.ArgumentParser:
    """``--data`` and ``--quick``; scripts may add options of their own."""
    found = argparse.ArgumentParser(description=description)
    default = os.environ.get("SENTI_DATA") or str(ROOT.parent / "shared" / "data")
    found.add_argument(
        "--data", type=Path, default=Path(default), help=f"development data (default: {default})"
    )
    found.add_argument(
        "--quick", action="store_true", help="below a minute; goals that this cannot decide are not judged"
    )
    return found


def require_data(folder: Path) -> Path:
    """Ends the script with status 2 when the development data is not there."""
    if not (folder / "README.md").exists():
        print(f"development data not found at {folder}; give --data or set SENTI_DATA", file=sys.stderr)
        raise SystemExit(2)
    return folder.resolve()


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {"system": platform.system(), "processor": platform.machine(), "cores": cores, "load": load}


def versions() -> dict[str, str]:
    """Installed versions of what matters to the figures."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


class Report:
    """Prints one JSON object for each figure and remembers whether a goal was missed."""

    def __init__(self, *, quick: bool) -> None:
        self._quick = quick
        self._versions = versions()
        self.missed: list[str] = []

    def figure(
        self,
        metric: str,
        value: float,
        unit: str,
        *,
        at_least: float | None = None,
        at_most: float | None = None,
        peer: Mapping[str, Any] | None = None,
        judged_when_quick: bool = False,
        **more: Any,
    ) -> None:
        """One line. With a goal, ``ok`` tells whether it is met; null when it is not judged."""
        goal = None
        ok = None
        if at_least is not None:
            goal, ok = f">= {at_least:g}", value >= at_least
        elif at_most is not None:
            goal, ok = f"<= {at_most:g}", value <= at_most
        if self._quick and not judged_when_quick:
            ok = None
        if ok is False:
            self.missed.append(metric)
        line = {
            "metric": metric, "value": round(value, 4), "unit": unit, "goal": goal, "ok": ok,
            "peer": dict(peer) if peer else None, "quick": self._quick, **more,
            "versions": self._versions, "machine": machine(),
        }  # fmt: skip
        print(json.dumps(line, ensure_ascii=False), flush=True)

    def status(self) -> int:
        """1 when a judged goal was missed."""
        if self.missed:
            print("goals missed: " + ", ".join(self.missed), file=sys.stderr)
        return 1 if self.missed else 0


@contextmanager
def own_home() -> Iterator[Path]:
    """A temporary folder; settings and recent projects of the program go there too."""
    with tempfile.TemporaryDirectory(prefix="senti-bench-") as folder:
        os.environ["SENTI_STUDIO_HOME"] = str(Path(folder) / "home")
        yield Path(folder)


def senti(*arguments: str, cwd: Path | None = None) -> dict[str, Any]:
    """Runs one command of the program with ``--json`` and gives its result.

    Raises SystemExit with what the command said when it fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", "senti_studio", *arguments, "--json"],
        capture_output=True, encoding="utf-8", cwd=cwd, check=False, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(
            f"senti-studio {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}{done.stdout}"
        )
    return last_object(done.stdout.splitlines())


def last_object(lines: Sequence[str]) -> dict[str, Any]:
    """The last JSON object among lines of output."""
    for line in reversed(lines):
        if line.startswith("{"):
            values: dict[str, Any] = json.loads(line)
            return values
    raise SystemExit("no JSON in the output:\n" + "\n".join(lines))
