"""What all tests share: an isolated home, the development data where it is present, and their turns."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from turns import Turns

MOST_PROCESSES = 4
"""A test may start windows and workers of its own: more at a time only get in each other's way."""

# How long an example takes says how busy the machine is: speed is measured in benchmarks, against a peer.
settings.register_profile("whatever the load", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("whatever the load")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Threads of a matrix library that wait for each other on busy cores take minutes for what takes milliseconds.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, recent projects and samples of each test lie in a folder of its own, with a Chinese name."""
    folder = tmp_path_factory.mktemp("家 目录")
    monkeypatch.setenv("SENTI_STUDIO_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The development data sets; tests that need them skip, visibly, where they are absent."""
    given = os.environ.get("SENTI_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not (folder / "README.md").exists():
        pytest.skip(f"development data not found at {folder} (set SENTI_DATA)")
    return folder


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Whole runs use the cores; single files and chosen tests are sooner ready in one process."""
    named = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
    marked = config.getoption("markexpr") != "not long"  # which pyproject.toml gives
    if named or marked or any(config.getoption(name) for name in ("keyword", "lf", "stepwise")):
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_PROCESSES) if cores > 1 else 0


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Waits for the turn of a test before its time limit begins to count."""
    given = getattr(item.config, "workerinput", None)
    if given is None:
        return (yield)
    # Below the folder for temporary files of the whole run each process has its own.
    turns = Turns(Path(item.config.getoption("basetemp")).parent, given["workerid"])
    with turns.alone() if item.get_closest_marker("alone") else turns.beside_others():
        return (yield)


@pytest.fixture(autouse=True)
def empty_box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As if no encoder came with the program: the folder in which the window looks for some."""
    box = tmp_path / "盒子"
    for module in ("operations.encoders", "shelf.store"):
        monkeypatch.setattr(f"senti_studio.{module}.shipped_folder", lambda: box)
    return box
